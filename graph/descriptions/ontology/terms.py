"""Terms of the ontology, and subjects of its shapes and alignments, as plain data."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import pyoxigraph as ox

from comity.graph.descriptions.description import TYPE, Description
from comity.graph.descriptions.links import Link
from comity.graph.descriptions.ontology.documents import (
    ANNOTATION_PROPERTY,
    CLASS,
    DATATYPE_PROPERTY,
    OBJECT_PROPERTY,
    document,
    document_names,
)
from comity.graph.rdf.namespaces import COMITY, PREFIXES
from comity.graph.rdf.terms import in_words, local_name, shorten

_OWL, _RDFS, _SH, _SKOS = (PREFIXES[name] for name in ("owl", "rdfs", "sh", "skos"))
_PROPERTIES: Final = (OBJECT_PROPERTY, DATATYPE_PROPERTY, ANNOTATION_PROPERTY)
_CHARACTERISTICS: Final = {
    _OWL + "FunctionalProperty": "functional: one value at most",
    _OWL + "SymmetricProperty": "symmetric",
    _OWL + "TransitiveProperty": "transitive",
}
_RELATIONS: Final = (
    (_RDFS + "subClassOf", "kind of"),
    (_RDFS + "subPropertyOf", "kind of"),
    (_RDFS + "domain", "of"),
    (_RDFS + "range", "value"),
    (_OWL + "inverseOf", "inverse of"),
    (_OWL + "disjointWith", "never also"),
    (PREFIXES["dcterms"] + "source", "borrowed from"),
    (_RDFS + "seeAlso", "see also"),
    (PREFIXES["dcterms"] + "isReplacedBy", "replaced by"),
    (COMITY + "rule", "derived by"),
)


@dataclass(frozen=True, slots=True)
class OntologyTerm:
    """A class, a property or a value of the ontology."""

    anchor: str
    iri: str
    label: str
    definition: str
    examples: Sequence[str]
    traits: Sequence[str]
    relations: Sequence[tuple[str, Sequence[Link]]]


@dataclass(frozen=True, slots=True)
class TermSection:
    """Terms of one kind under one heading."""

    anchor: str
    heading: str
    terms: Sequence[OntologyTerm]


@dataclass(frozen=True, slots=True)
class Shape:
    """A subject of the shapes or of an alignment: its properties, and its message if any."""

    anchor: str
    link: Link
    message: str
    said: Sequence[tuple[Link, Sequence[Link]]]


@cache
def sections() -> tuple[TermSection, ...]:
    """Return the terms of the ontology by kind: classes as a tree, properties, closed lists."""
    described = document()
    terms = _own(described.subjects)
    classes = [term for term in terms if CLASS in described.values(term, TYPE.value)]
    found = [TermSection("classes", "Classes", _as_terms(_in_tree(described, classes)))]
    for kind, anchor, heading in (
        (OBJECT_PROPERTY, "object-properties", "Properties between resources"),
        (DATATYPE_PROPERTY, "datatype-properties", "Properties with values"),
        (ANNOTATION_PROPERTY, "annotation-properties", "Annotations"),
    ):
        of_kind = [term for term in terms if kind in described.values(term, TYPE.value)]
        if of_kind:
            found.append(TermSection(anchor, heading, _as_terms(of_kind)))
    for cls in classes:
        values = [term for term in terms if cls in described.values(term, TYPE.value)]
        if values:
            local = cls.value.removeprefix(COMITY)
            heading = f"Values: {described.label(cls) or local}"
            found.append(TermSection(f"values-{local}", heading, _as_terms(values)))
    if gone := [term for term in terms if described.values(term, _OWL + "deprecated")]:
        found.append(TermSection("renamed", "Deprecated terms", _as_terms(gone)))
    return tuple(found)


def _own(subjects: Iterable[object]) -> list[ox.NamedNode]:
    named = (s for s in subjects if isinstance(s, ox.NamedNode) and s.value.startswith(COMITY))
    return sorted(named, key=lambda term: term.value.casefold())


def _in_tree(described: Description, classes: Sequence[ox.NamedNode]) -> list[ox.NamedNode]:
    """Sort classes so that subclasses follow their superclass."""
    broader = {cls: described.nodes(cls, _RDFS + "subClassOf") for cls in classes}

    def below(cls: ox.NamedNode) -> Iterable[ox.NamedNode]:
        yield cls
        for narrower in classes:
            if cls in broader[narrower][:1]:
                yield from below(narrower)

    tops = [cls for cls in classes if not any(b in broader for b in broader[cls][:1])]
    return [each for top in tops for each in below(top)]


def _as_terms(terms: Iterable[ox.NamedNode]) -> list[OntologyTerm]:
    return [_term(term) for term in terms]


def _term(iri: ox.NamedNode) -> OntologyTerm:
    described = document()
    kinds = described.nodes(iri, TYPE.value)
    relations = [(name, _links(described.values(iri, of))) for of, name in _RELATIONS]
    narrower = [
        other
        for other in _own(described.subjects)
        if iri in described.values(other, _RDFS + "subClassOf")
        or iri in described.values(other, _RDFS + "subPropertyOf")
    ]
    relations.append(("kinds", _links(narrower)))
    if CLASS in kinds:
        for heading, predicate in (("has", "domain"), ("is value of", "range")):
            having = [
                other
                for other in _own(described.subjects)
                if iri in described.values(other, _RDFS + predicate)
            ]
            relations.append((heading, _links(having)))
    elif not set(kinds) & set(_PROPERTIES):
        relations.append(("value of", _links(kinds)))
    relations.append(("matches", _links(_aligned(iri))))
    return OntologyTerm(
        iri.value.removeprefix(COMITY),
        iri.value,
        described.label(iri) or shorten(iri),
        _literal(described, iri, _SKOS + "definition")
        or _literal(described, iri, _RDFS + "comment"),
        [
            value.value
            for value in described.values(iri, _SKOS + "example")
            if isinstance(value, ox.Literal)
        ],
        [text for kind, text in _CHARACTERISTICS.items() if ox.NamedNode(kind) in kinds],
        [(name, links) for name, links in relations if links],
    )


def _aligned(iri: ox.NamedNode) -> list[ox.NamedNode]:
    """Return the terms of other vocabularies to which the alignments map this one."""
    found = (
        value
        for name in document_names()
        if name.startswith("alignments/")
        for property, values in document(name).of(iri).items()
        if property not in (TYPE,)
        for value in values
        if isinstance(value, ox.NamedNode)
    )
    return list(dict.fromkeys(found))


@cache
def shapes(name: str) -> tuple[Shape, ...]:
    """Return the subjects of a document other than the ontology."""
    described = document(name)
    return tuple(
        Shape(
            iri.value.partition("#")[2] if iri.value.startswith(described.iri.value) else "",
            _heading(iri, described),
            _literal(described, iri, _SH + "message"),
            [
                (_property(property), _links(values))
                for property, values in said.items()
                if property.value != _SH + "message"
            ],
        )
        for iri, said in described.subjects.items()
        if isinstance(iri, ox.NamedNode) and iri != described.iri
    )


def _heading(iri: ox.NamedNode, described: Description) -> Link:
    """Return the heading for a subject of a document: its own subjects by local name only."""
    own = iri.value.removeprefix(described.iri.value + "#")
    return Link(own.replace("-", " "), iri.value) if own != iri.value else _link(iri)


def _property(iri: ox.NamedNode) -> Link:
    return Link(in_words(local_name(iri.value)), iri.value)


def title(name: str = "") -> str:
    """Return the title of a document."""
    described = document(name)
    title = _literal(described, described.iri, PREFIXES["dcterms"] + "title")
    return title or described.label(described.iri) or described.iri.value


def about(name: str = "") -> str:
    """Return the description of a document; "" if it has none."""
    described = document(name)
    return _literal(described, described.iri, PREFIXES["dcterms"] + "description")


def _literal(described: Description, iri: ox.NamedNode, name: str) -> str:
    return described.text(iri, name) or ""


def _links(values: Iterable[object]) -> list[Link]:
    return [_link(value) for value in values]


def _link(value: object) -> Link:
    if not isinstance(value, ox.NamedNode):
        return Link(value.value if isinstance(value, ox.Literal) else str(value))
    label = document().label(value) if value.value.startswith(COMITY) else None
    return Link(label or shorten(value), value.value)
