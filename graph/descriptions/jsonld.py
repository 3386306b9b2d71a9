"""Descriptions as JSON-LD 1.1: a tree that is readable without RDF, and its context.

The resource is at the top, its records follow under `records`, each with its quotations, passages
and contents inside; other resources are under `mentioned`. Both names alias `@included`, so a
JSON-LD processor reads the same triples as in the other formats. Every IRI comes with its labels.
"""

import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any, Final

import pyoxigraph as ox

from comity.graph.descriptions.description import ON_RECORD, TYPE, Description, Object
from comity.graph.descriptions.ontology.documents import (
    DATATYPE_PROPERTY,
    OBJECT_PROPERTY,
    document,
)
from comity.graph.rdf.namespaces import COMITY, PREFIXES, SOURCE

Json = dict[str, Any]
LONGEST_IN_PAGE: Final = 50_000  # characters

# Terms of other vocabularies that a document names by a plain word.
_BORROWED: Final = {
    "label": PREFIXES["rdfs"] + "label",
    "comment": PREFIXES["rdfs"] + "comment",
    "isDefinedBy": PREFIXES["rdfs"] + "isDefinedBy",
    "seeAlso": PREFIXES["rdfs"] + "seeAlso",
    "subClassOf": PREFIXES["rdfs"] + "subClassOf",
    "subPropertyOf": PREFIXES["rdfs"] + "subPropertyOf",
    "domain": PREFIXES["rdfs"] + "domain",
    "range": PREFIXES["rdfs"] + "range",
    **{
        name: PREFIXES["skos"] + name
        for name in ("prefLabel", "altLabel", "hiddenLabel", "definition", "scopeNote", "example")
    },
    **{
        name: PREFIXES["skos"] + name
        for name in ("broader", "narrower", "related", "inScheme", "exactMatch", "closeMatch")
    },
    "title": PREFIXES["dcterms"] + "title",
    "description": PREFIXES["dcterms"] + "description",
    "license": PREFIXES["dcterms"] + "license",
    "homepage": PREFIXES["foaf"] + "homepage",
    "page": PREFIXES["foaf"] + "page",
}
_LINKS: Final = (
    *("isDefinedBy", "seeAlso", "subClassOf", "subPropertyOf", "domain", "range"),
    *("broader", "narrower", "related", "inScheme", "exactMatch", "closeMatch"),
    *("license", "homepage", "page"),
)
_TEXTS: Final = (
    *("label", "prefLabel", "altLabel", "hiddenLabel", "title"),
    *("comment", "definition", "scopeNote", "example", "description"),
)
_FORMS: Final[Mapping[str, Json]] = {name: {"@type": "@id"} for name in _LINKS} | {
    name: {"@container": "@language"} for name in _TEXTS
}
# The frame: values of these properties are nested in their subject, whatever its class.
_WITHIN: Final = frozenset(
    ox.NamedNode(COMITY + name)
    for name in (
        *("evidence", "passage", "content", "antecedent", "consequent", "contentObject"),
        "contentProposition",
    )
)
_NOTES: Final = "notes"
_XSD: Final = PREFIXES["xsd"]


@cache
def context() -> Json:
    """Return the JSON-LD context of this release, with a word for each term of the ontology."""
    ontology = document()
    terms: Json = {"@version": 1.1}
    terms |= {name: base for name, base in PREFIXES.items() if base[-1] in "#/"}
    for name, iri in _BORROWED.items():
        terms[name] = {"@id": iri} | _FORMS.get(name, {})
    for subject, said in ontology.subjects.items():
        if not isinstance(subject, ox.NamedNode) or not subject.value.startswith(COMITY):
            continue
        terms[subject.value.removeprefix(COMITY)] = _term(subject.value, said)
    return terms | {
        "records": "@included",
        "mentioned": "@included",
        _NOTES: {"@reverse": ON_RECORD.value},
    }


def _term(iri: str, said: Mapping[ox.NamedNode, Sequence[Object]]) -> Json:
    kinds = said.get(TYPE, ())
    if OBJECT_PROPERTY in kinds:
        return {"@id": iri, "@type": "@id"}
    ranges = said.get(ox.NamedNode(PREFIXES["rdfs"] + "range"), ())
    if DATATYPE_PROPERTY in kinds and len(ranges) == 1 and isinstance(ranges[0], ox.NamedNode):
        datatype = ranges[0].value
        # JSON has native strings, integers and booleans.
        if datatype.startswith(_XSD) and datatype[len(_XSD) :] not in _NATIVE:
            return {"@id": iri, "@type": datatype}
    return {"@id": iri}


_NATIVE: Final = frozenset(("string", "integer", "boolean"))


def framed(described: Description, context_address: str) -> Json:
    """Return the description as a tree, with the address of its context."""
    return _Framing(described).document(context_address)


def written(document: Json) -> bytes:
    """Encode a JSON-LD document as UTF-8."""
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def for_page(document: Json) -> str:
    """Write a JSON-LD document for a script element (HTML §4.12.1.3).

    Returns "" if it is so long that it would outweigh the page, which links to it in any case.
    """
    text = json.dumps(document, ensure_ascii=False, separators=(",", ":"))
    return text.replace("<", "\\u003c") if len(text) <= LONGEST_IN_PAGE else ""


class _Framing:
    def __init__(self, described: Description) -> None:
        self._described = described
        self._names = _names()
        self._whole: set[object] = set()  # subjects written in full
        self._notes: dict[object, list[object]] = {}
        # Subjects whose labels are written beside their IRI wherever it is a value.
        self._named: set[object] = set()
        for subject, said in described.subjects.items():
            for record in said.get(ON_RECORD, ()):
                self._notes.setdefault(record, []).append(subject)
            for name, values in said.items():
                if name != TYPE:
                    self._named.update(values)

    def document(self, context_address: str) -> Json:
        described = self._described
        found: Json = {"@context": context_address} | self._node(described.iri, ())
        records = [r for r in described.records() if r != described.iri]
        if records:
            found["records"] = [self._node(record, ()) for record in records]
        rest = [
            subject
            for subject, said in described.subjects.items()
            if subject not in self._whole
            and not (subject in self._named and all(_are_labels(*each) for each in said.items()))
        ]
        if rest:
            found["mentioned"] = [self._node(subject, ()) for subject in rest]
        return found

    def _node(self, subject: Any, above: tuple[object, ...]) -> Json:
        """Write a subject in full, with its parts nested."""
        self._whole.add(subject)
        found: Json = {"@id": _id(subject)}
        said = self._described.of(subject)
        if types := [_id(value) for value in said.get(TYPE, ())]:
            found["@type"] = [self._names.get(iri, iri) for iri in types]
        below = (*above, subject)
        for name, values in said.items():
            if name != TYPE:
                found |= self._property(name, values, below)
        if notes := [note for note in self._notes.get(subject, ()) if note not in below]:
            found[_NOTES] = [self._node(note, below) for note in notes]
        return found

    def _property(
        self, name: ox.NamedNode, values: Sequence[Object], below: tuple[object, ...]
    ) -> Json:
        word = self._names.get(name.value, name.value)
        term = context().get(word, {})
        if term.get("@container") == "@language":
            texts = [v for v in values if isinstance(v, ox.Literal) and _is_text(v)]
            by_language: dict[str, list[str]] = {}
            for text in texts:
                by_language.setdefault(text.language or "@none", []).append(text.value)
            found: Json = {}
            if texts:
                found[word] = {tag: _one(said) for tag, said in sorted(by_language.items())}
            if rest := [v for v in values if v not in texts]:
                found[name.value] = _one([self._value(v, {}, name, below) for v in rest])
            return found
        return {word: _one([self._value(value, term, name, below) for value in values])}

    def _value(
        self, value: Object, term: Json, name: ox.NamedNode, below: tuple[object, ...]
    ) -> Any:
        if isinstance(value, ox.Literal):
            return _literal(value, term.get("@type"))
        if isinstance(value, ox.Triple):
            raise TypeError("JSON-LD 1.1 has no triple terms")
        if name in _WITHIN and value not in below and self._is_part(value):
            return self._node(value, below)
        labels = {
            key: values
            for key, values in self._described.of(value).items()
            if _are_labels(key, values)
        }
        found: Json = {"@id": _id(value)}
        for key, values in labels.items():
            found |= self._property(key, values, below)
        return found if len(found) > 1 or term.get("@type") != "@id" else _id(value)

    def _is_part(self, node: object) -> bool:
        """True if it belongs to a source; other nodes have descriptions of their own."""
        return (
            isinstance(node, ox.NamedNode) and node.value.startswith(SOURCE) and "#" in node.value
        )


_LABELS: Final = frozenset((PREFIXES["rdfs"] + "label", PREFIXES["skos"] + "prefLabel"))


@cache
def _names() -> Mapping[str, str]:
    """Return the words of the context by the IRIs that they stand for."""
    return {
        term["@id"]: name
        for name, term in context().items()
        if isinstance(term, dict) and "@id" in term
    }


def _id(node: object) -> str:
    return node.value if isinstance(node, ox.NamedNode) else str(node)


def _are_labels(name: ox.NamedNode, values: Sequence[Object]) -> bool:
    return name.value in _LABELS and all(isinstance(value, ox.Literal) for value in values)


def _one(values: Sequence[Any]) -> Any:
    return values[0] if len(values) == 1 else list(values)


def _is_text(literal: ox.Literal) -> bool:
    return bool(literal.language) or literal.datatype.value == _XSD + "string"


def _literal(literal: ox.Literal, coerced: str | None) -> Any:
    datatype = literal.datatype.value
    if literal.language:
        return {"@value": literal.value, "@language": literal.language}
    if datatype == coerced:
        return literal.value
    if datatype == _XSD + "string":
        return literal.value if coerced is None else {"@value": literal.value}
    if coerced is None and datatype == _XSD + "boolean" and literal.value in ("true", "false"):
        return literal.value == "true"
    if coerced is None and datatype == _XSD + "integer" and _is_canonical(literal.value):
        return int(literal.value)
    return {"@value": literal.value, "@type": datatype}


def _is_canonical(integer: str) -> bool:
    return integer.lstrip("-").isdecimal() and len(integer) < 17 and str(int(integer)) == integer
