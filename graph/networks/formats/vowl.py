"""The ontology in WebVOWL's JSON (github.com/VisualDataWeb/WebVOWL).

The parts follow its src/app/data/template.json, their meaning VOWL 2 (vowl.visualdataweb.org/v2).
WebVOWL fails without a domain and a range for each property: so there is a Thing where the ontology
names no class, one beside each class, and each data property has a datatype of its own. Individuals
are listed with their class; WebVOWL does not draw them.

Of other vocabularies only what the ontology's own terms refer to is drawn, and of OWL what the
ontology uses: classes, properties with at most one domain and range, subclasses, disjoint, inverse
and functional. There are no anonymous classes.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import IO, Any, Final

import pyoxigraph as ox

from comity.graph.networks.elements import Header
from comity.graph.networks.encoding.json import about, dumped
from comity.graph.networks.identifiers import node_id
from comity.graph.rdf.namespaces import COMITY, ONTOLOGY, PREFIXES
from comity.graph.rdf.terms import local_name

_RDF, _RDFS, _OWL = PREFIXES["rdf"], PREFIXES["rdfs"], PREFIXES["owl"]
_SKOS, _DCTERMS = PREFIXES["skos"], PREFIXES["dcterms"]
_OBJECT, _DATATYPE = _OWL + "ObjectProperty", _OWL + "DatatypeProperty"
_CHARACTERISTICS: Final[Mapping[str, str]] = {
    _OWL + "FunctionalProperty": "functional",
    _OWL + "InverseFunctionalProperty": "inverse functional",
    _OWL + "SymmetricProperty": "symmetric",
    _OWL + "AsymmetricProperty": "asymmetric",
    _OWL + "TransitiveProperty": "transitive",
    _OWL + "ReflexiveProperty": "reflexive",
    _OWL + "IrreflexiveProperty": "irreflexive",
}
# WebVOWL's names where there is no language: a name made from the IRI, a text without a language.
_FROM_IRI: Final = "IRI-based"
_NO_LANGUAGE: Final = "undefined"

Texts = dict[str, str]
Entry = dict[str, Any]


def write(triples: Iterable[ox.Triple | ox.Quad], header: Header, out: IO[bytes]) -> None:
    """Write the ontology in the triples; `header` describes the file's origin."""
    ontology = _Ontology()
    for triple in triples:
        ontology.add(triple)
    out.write(dumped(_Drawing(ontology).whole(header)) + b"\n")


@dataclass(slots=True)
class _Ontology:
    """Statements by subject and predicate; terms sorted as text."""

    said: dict[str, dict[str, list[ox.NamedNode | ox.Literal]]] = field(default_factory=dict)

    def add(self, triple: ox.Triple | ox.Quad) -> None:
        subject, value = triple.subject, triple.object
        if isinstance(subject, ox.NamedNode) and isinstance(value, ox.NamedNode | ox.Literal):
            said = self.said.setdefault(subject.value, {})
            said.setdefault(triple.predicate.value, []).append(value)

    def iris(self, subject: str, predicate: str) -> list[str]:
        terms = self.said.get(subject, {}).get(predicate, [])
        return sorted({term.value for term in terms if isinstance(term, ox.NamedNode)})

    def texts(self, subject: str, predicate: str) -> Texts:
        """Return the literals by language."""
        terms = self.said.get(subject, {}).get(predicate, [])
        literals = [term for term in terms if isinstance(term, ox.Literal)]
        return {
            term.language or _NO_LANGUAGE: term.value
            for term in sorted(literals, key=lambda term: (term.language or "", term.value))
        }

    def of_type(self, type: str) -> list[str]:
        return sorted(iri for iri in self.said if type in self.iris(iri, _RDF + "type"))

    def end(self, property: str, predicate: str) -> str | None:
        """Return the class or datatype at an end of a property."""
        return next(iter(self.iris(property, predicate)), None)

    def label(self, iri: str) -> Texts:
        return {_FROM_IRI: local_name(iri), **self.texts(iri, _RDFS + "label")}

    def properties(self, type: str) -> list[str]:
        """Return the ontology's own properties, and those of others that it describes."""
        return [
            iri
            for iri in self.of_type(type)
            if _is_own(iri) or self.end(iri, _RDFS + "domain") or self.end(iri, _RDFS + "range")
        ]


def _is_own(iri: str) -> bool:
    return iri.startswith(COMITY)


def _id(kind: str, iri: str) -> str:
    return f"{kind}_{node_id('uri', iri)}"


@dataclass(slots=True)
class _Drawing:
    """Parts of the file: each thing has an entry with its type and one with its attributes.

    Both share the identifier.
    """

    ontology: _Ontology
    classes: dict[str, tuple[Entry, Entry]] = field(default_factory=dict)
    datatypes: dict[str, tuple[Entry, Entry]] = field(default_factory=dict)
    properties: dict[str, tuple[Entry, Entry]] = field(default_factory=dict)

    def whole(self, header: Header) -> Entry:
        for iri in filter(_is_own, self.ontology.of_type(_OWL + "Class")):
            self._class(iri)
        drawn = {type: self.ontology.properties(type) for type in (_OBJECT, _DATATYPE)}
        for iri in drawn[_OBJECT]:
            self._object_property(iri)
        for iri in drawn[_DATATYPE]:
            self._datatype_property(iri)
        self._relate_properties()
        for iri in filter(_is_own, self.ontology.of_type(_OWL + "Class")):
            self._relate_class(iri)
        return {
            "_comment": f"Created by {header.creator}",
            "header": _header(self.ontology, header),
            "namespace": [],
            "metrics": self._metrics(),
            **_parts("class", self.classes),
            **_parts("datatype", self.datatypes),
            **_parts("property", self.properties),
        }

    # Classes.

    def _class(self, iri: str) -> str:
        """Return the identifier of a class, and draw it."""
        id = _id("class", iri)
        if id not in self.classes:
            individuals = [
                {"iri": each, "labels": self.ontology.label(each), "annotations": {}}
                for each in self.ontology.of_type(iri)
            ]
            type = "owl:Class" if _is_own(iri) else "externalclass"
            attributes = self._attributes(id, iri, {}) | {"instances": len(individuals)}
            if individuals:
                attributes["individuals"] = individuals
            self.classes[id] = {"id": id, "type": type}, attributes
        return id

    def _thing(self, beside: str | None) -> str:
        """Return the identifier of the Thing beside a class, or of the one that stands alone."""
        id = _id("thing", beside) if beside else "thing"
        iri, label = _OWL + "Thing", {_NO_LANGUAGE: "Thing"}
        self.classes[id] = {"id": id, "type": "owl:Thing"}, {"id": id, "iri": iri, "label": label}
        return id

    def _relate_class(self, iri: str) -> None:
        for above in self.ontology.iris(iri, _RDFS + "subClassOf"):
            sub, super = self._class(iri), self._class(above)
            self._link("rdfs:SubClassOf", f"subclass_{sub}_{super}", sub, super, "Subclass of")
        for other in self.ontology.iris(iri, _OWL + "disjointWith"):
            one, two = self._class(iri), self._class(other)
            self._link("owl:disjointWith", f"disjoint_{one}_{two}", one, two, "Disjoint with")

    def _link(self, type: str, id: str, domain: str, range: str, label: str) -> None:
        ends = {"id": id, "domain": domain, "range": range, "label": {_NO_LANGUAGE: label}}
        self.properties[id] = {"id": id, "type": type}, ends | {"attributes": ["anonymous"]}

    # Properties.

    def _object_property(self, iri: str) -> None:
        domain = self.ontology.end(iri, _RDFS + "domain")
        range = self.ontology.end(iri, _RDFS + "range")
        begin = self._class(domain) if domain else self._thing(range)
        end = self._class(range) if range else self._thing(domain)
        self._property(iri, "owl:objectProperty", begin, end)

    def _datatype_property(self, iri: str) -> None:
        domain = self.ontology.end(iri, _RDFS + "domain")
        datatype = self.ontology.end(iri, _RDFS + "range") or _RDFS + "Literal"
        type = "rdfs:Literal" if datatype == _RDFS + "Literal" else "rdfs:Datatype"
        end = _id("datatype", iri)
        label = {_FROM_IRI: local_name(datatype)}
        self.datatypes[end] = (
            {"id": end, "type": type},
            {"id": end, "iri": datatype, "label": label},
        )
        begin = self._class(domain) if domain else self._thing(None)
        self._property(iri, "owl:datatypeProperty", begin, end)

    def _property(self, iri: str, type: str, domain: str, range: str) -> None:
        id = _id("property", iri)
        said = self._attributes(id, iri, _CHARACTERISTICS)
        attributes = said | {"domain": domain, "range": range}
        self.properties[id] = {"id": id, "type": type}, attributes

    def _relate_properties(self) -> None:
        """Add the super-, sub- and inverse properties that are drawn."""
        by_iri = {attributes["iri"]: id for id, (_, attributes) in self.properties.items()}
        for iri, id in by_iri.items():
            for above in self.ontology.iris(iri, _RDFS + "subPropertyOf"):
                if above in by_iri:
                    self.properties[id][1].setdefault("superproperty", []).append(by_iri[above])
                    self.properties[by_iri[above]][1].setdefault("subproperty", []).append(id)
            for inverse in self.ontology.iris(iri, _OWL + "inverseOf"):
                if inverse in by_iri:
                    self.properties[id][1]["inverse"] = by_iri[inverse]
                    self.properties[by_iri[inverse]][1]["inverse"] = id

    def _attributes(self, id: str, iri: str, marked: Mapping[str, str]) -> Entry:
        """Return attributes of a class or property for the side bar; some types are `marked`."""
        marks = [] if _is_own(iri) else ["external"]
        types = self.ontology.iris(iri, _RDF + "type")
        marks += [marked[type] for type in types if type in marked]
        said: Entry = {"id": id, "iri": iri, "label": self.ontology.label(iri)}
        if comment := self.ontology.texts(iri, _SKOS + "definition"):
            said["comment"] = comment
        if examples := self.ontology.texts(iri, _SKOS + "example"):
            said["annotations"] = _annotation("example", examples)
        return said | ({"attributes": marks} if marks else {})

    def _metrics(self) -> dict[str, int]:
        types = [base["type"] for base, _ in self.properties.values()]
        objects, data = types.count("owl:objectProperty"), types.count("owl:datatypeProperty")
        individuals = sum(said.get("instances", 0) for _, said in self.classes.values())
        things = sum(base["type"] == "owl:Thing" for base, _ in self.classes.values())
        return {
            "classCount": len(self.classes) - things,
            "datatypeCount": len(self.datatypes),
            "objectPropertyCount": objects,
            "datatypePropertyCount": data,
            "propertyCount": objects + data,
            "nodeCount": len(self.classes) + len(self.datatypes),
            "individualCount": individuals,
            "totalIndividualCount": individuals,
        }


def _parts(name: str, drawn: dict[str, tuple[Entry, Entry]]) -> Entry:
    return {
        name: [base for base, _ in drawn.values()],
        f"{name}Attribute": [attributes for _, attributes in drawn.values()],
    }


def _header(ontology: _Ontology, header: Header) -> Entry:
    """Return the metadata of the ontology, and of the file."""
    languages = {_FROM_IRI}
    for said in ontology.said.values():
        literals = (t for terms in said.values() for t in terms if isinstance(t, ox.Literal))
        languages |= {literal.language or _NO_LANGUAGE for literal in literals}
    other: Entry = {}
    for iri in ontology.iris(ONTOLOGY, _DCTERMS + "license"):
        other |= _annotation("license", {_NO_LANGUAGE: iri})
    for name, text in about(header).items():
        if name not in ("name", "multi"):
            other |= _annotation(f"file {name}", {_NO_LANGUAGE: str(text)})
    return {
        "languages": sorted(languages),
        "title": ontology.texts(ONTOLOGY, _DCTERMS + "title") or {_NO_LANGUAGE: header.title},
        "iri": ONTOLOGY,
        "version": next(iter(ontology.texts(ONTOLOGY, _OWL + "versionInfo").values()), ""),
        "author": list(ontology.texts(ONTOLOGY, _DCTERMS + "creator").values()),
        "description": ontology.texts(ONTOLOGY, _DCTERMS + "description"),
        "other": other,
    }


def _annotation(name: str, texts: Texts) -> Entry:
    """Return an annotation in WebVOWL's form, under its name."""
    said = [
        {
            "identifier": name,
            "language": language,
            "value": text,
            "type": "iri" if text.startswith(("http://", "https://")) else "label",
        }
        for language, text in texts.items()
    ]
    return {name: said}
