"""The ontology as a document to read, and as Turtle, RDF/XML, N-Triples and JSON-LD."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

import pyoxigraph as ox
from fastapi import Request, Response

from comity.graph.descriptions.description import TYPE, Description
from comity.graph.descriptions.ontology import (
    ANNOTATION_PROPERTY,
    CLASS,
    DATATYPE_PROPERTY,
    OBJECT_PROPERTY,
    document,
    document_names,
    version,
)
from comity.graph.descriptions.records.links import Link
from comity.graph.errors import NotAcceptable
from comity.graph.installed import ontology_folder
from comity.graph.rdf.namespaces import COMITY, ONTOLOGY, PREFIXES
from comity.graph.rdf.terms import in_words, local_name, shorten
from comity.graph.store.interface import ResultFormat
from comity.service.http.html import page
from comity.service.http.keepable import keepable
from comity.service.http.media import GRAPH_NAMES, GRAPH_TYPES, HTML, available, choose, negotiate
from comity.service.http.problems import Refusal
from comity.service.linked_data.resources import rdf_answer

SVG: Final = "image/svg+xml"
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
    (COMITY + "rule", "derived by"),
)


@dataclass(frozen=True, slots=True)
class Term:
    """A class, a property or a value of the ontology, as the page shows it."""

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
    terms: Sequence[Term]


@dataclass(frozen=True, slots=True)
class Shape:
    """A subject of the shapes or of an alignment: what is said of it, and the message if any."""

    anchor: str
    link: Link
    message: str
    said: Sequence[tuple[Link, Sequence[Link]]]


async def ontology(request: Request) -> Response:
    """The ontology, or the suffix of a format of it."""
    return _answer(request, "")


async def part(request: Request) -> Response:
    """The shapes, or the release that the version IRI names; maybe with a format's suffix."""
    name = request.path_params["name"]
    return _part(request, "" if name == version() else name)


async def alignment(request: Request) -> Response:
    """An alignment, maybe with the suffix of a format."""
    return _part(request, f"alignments/{request.path_params['name']}")


def _part(request: Request, name: str) -> Response:
    stem, _, suffix = name.rpartition(".")
    if name in document_names():
        return _answer(request, name)
    if stem == version():
        return _answer(request, "", suffix)
    if stem in document_names()[1:]:
        return _answer(request, stem, suffix)
    known = ", ".join(filter(None, document_names()))
    raise Refusal(
        404,
        f"The ontology has no part {name[:60]}",
        hint=f"There are {known}; this release is {version()}",
    )


async def picture(request: Request) -> Response:
    """The ontology in one picture."""
    return Response((ontology_folder() / "comity.svg").read_bytes(), media_type=SVG)


def _answer(request: Request, name: str, suffix: str | None = None) -> Response:
    suffix = request.query_params.get("format") or suffix or request.path_params.get("suffix")
    accept = request.headers.get("accept")
    html = suffix == "html" or (not suffix and negotiate(accept, [*GRAPH_TYPES, HTML]) == HTML)
    keepable(request)
    described = document(name)
    if html:
        response = _page(request, described, name)
        response.headers["Vary"] = "Accept"
        return response
    # .owl is what Protégé looks for
    choice = choose(accept, "rdf" if suffix == "owl" else suffix)
    format = choice.graph_format
    if format is None or choice.graph is None:
        raise NotAcceptable(
            "The ontology can't be written in the format asked for",
            hint=f"There are {available(GRAPH_NAMES)}, owl (RDF/XML) and html",
        )
    return rdf_answer(request, described, ResultFormat(format), choice.graph)


def _page(request: Request, described: Description, name: str) -> Response:
    parts = [(each, _title(document(each))) for each in document_names() if each]
    if name:
        return page(
            request,
            "ontology_part.html",
            name=name,
            title=_title(described),
            description=_literal(described, described.iri, PREFIXES["dcterms"] + "description"),
            shapes=_shapes(name),
        )
    return page(
        request,
        "ontology.html",
        iri=ONTOLOGY,
        release=version(),
        title=_title(described),
        description=_literal(described, described.iri, PREFIXES["dcterms"] + "description"),
        sections=_sections(),
        parts=parts,
    )


@cache
def _sections() -> tuple[TermSection, ...]:
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
    return tuple(found)


def _own(subjects: Iterable[object]) -> list[ox.NamedNode]:
    named = (s for s in subjects if isinstance(s, ox.NamedNode) and s.value.startswith(COMITY))
    return sorted(named, key=lambda term: term.value.casefold())


def _in_tree(described: Description, classes: Sequence[ox.NamedNode]) -> list[ox.NamedNode]:
    """The classes with those below each right after it."""
    broader = {cls: described.nodes(cls, _RDFS + "subClassOf") for cls in classes}

    def below(cls: ox.NamedNode) -> Iterable[ox.NamedNode]:
        yield cls
        for narrower in classes:
            if cls in broader[narrower][:1]:
                yield from below(narrower)

    tops = [cls for cls in classes if not any(b in broader for b in broader[cls][:1])]
    return [each for top in tops for each in below(top)]


def _as_terms(terms: Iterable[ox.NamedNode]) -> list[Term]:
    return [_term(term) for term in terms]


def _term(iri: ox.NamedNode) -> Term:
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
    return Term(
        iri.value.removeprefix(COMITY),
        iri.value,
        described.label(iri) or shorten(iri),
        _literal(described, iri, _SKOS + "definition"),
        [
            value.value
            for value in described.values(iri, _SKOS + "example")
            if isinstance(value, ox.Literal)
        ],
        [text for kind, text in _CHARACTERISTICS.items() if ox.NamedNode(kind) in kinds],
        [(name, links) for name, links in relations if links],
    )


def _aligned(iri: ox.NamedNode) -> list[ox.NamedNode]:
    """The terms of other vocabularies that the alignments bring it together with."""
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
def _shapes(name: str) -> tuple[Shape, ...]:
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
    """A subject of a document: its own by their names alone."""
    own = iri.value.removeprefix(described.iri.value + "#")
    return Link(own.replace("-", " "), iri.value) if own != iri.value else _link(iri)


def _property(iri: ox.NamedNode) -> Link:
    return Link(in_words(local_name(iri.value)), iri.value)


def _title(described: Description) -> str:
    title = _literal(described, described.iri, PREFIXES["dcterms"] + "title")
    return title or described.label(described.iri) or described.iri.value


def _literal(described: Description, iri: ox.NamedNode, name: str) -> str:
    return described.text(iri, name) or ""


def _links(values: Iterable[object]) -> list[Link]:
    return [_link(value) for value in values]


def _link(value: object) -> Link:
    if not isinstance(value, ox.NamedNode):
        return Link(value.value if isinstance(value, ox.Literal) else str(value))
    label = document().label(value) if value.value.startswith(COMITY) else None
    return Link(label or shorten(value), value.value)
