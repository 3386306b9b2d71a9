"""RDF of a network: each edge is a rdf:Statement about its two ends.

The triple itself is not stated: a mere hope would become a fact. Nor is the edge a record
(comity:modality and the like would make it one by their domains, and a functional property with the
two modalities of merged edges would equate a hope and a fact): it is derived from one. It is
described in a small vocabulary of networks, whose names are those of the attributes in all formats,
and whose values are terms of the ontology.
"""

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain
from typing import IO, Any, Final
from urllib.parse import quote

import pyoxigraph as ox

from comity.graph.descriptions.ontology.vocabulary import depth
from comity.graph.installed import ontology_folder
from comity.graph.networks.elements import (
    SEPARATOR,
    Edge,
    Header,
    Node,
    Value,
)
from comity.graph.networks.encoding.json import dumped
from comity.graph.networks.encoding.text import day, fit_names
from comity.graph.networks.identifiers import digest
from comity.graph.networks.model import Network
from comity.graph.rdf.namespaces import BASE, COMITY, PREFIXES

NETWORK: Final = BASE + "network#"
EDGE: Final = BASE + "edge/"
# For nodes without a valid IRI of their own.
NODE: Final = BASE + "node/"
# For types of edges that are not in the ontology.
RELATION: Final = BASE + "relation/"

Term = ox.NamedNode | ox.Literal
# Statements about one thing: its IRI, its classes, and values by property name.
Said = tuple[ox.NamedNode, Sequence[ox.NamedNode], Mapping[str, Sequence[Term]]]

_XSD: Final = PREFIXES["xsd"]
_TYPE: Final = ox.NamedNode(PREFIXES["rdf"] + "type")
_STATEMENT: Final = ox.NamedNode(PREFIXES["rdf"] + "Statement")
_DATASET: Final = ox.NamedNode(PREFIXES["void"] + "Dataset")
_DOUBLE: Final = _XSD + "double"

# Properties of other vocabularies; the rest are in the vocabulary of networks.
_BORROWED: Final = {
    "label": PREFIXES["rdfs"] + "label",
    "subject": PREFIXES["rdf"] + "subject",
    "predicate": PREFIXES["rdf"] + "predicate",
    "object": PREFIXES["rdf"] + "object",
    "record": PREFIXES["prov"] + "wasDerivedFrom",
    "citation": COMITY + "citation",
    "isoAlpha3": COMITY + "isoAlpha3",
    "title": PREFIXES["dcterms"] + "title",
    "description": PREFIXES["dcterms"] + "description",
    "licence": PREFIXES["dcterms"] + "license",
    "created": PREFIXES["dcterms"] + "created",
    "creator": PREFIXES["dcterms"] + "creator",
    "data_version": PREFIXES["dcterms"] + "hasVersion",
}
# Properties whose values are IRIs, terms of the ontology, or typed; and those with several.
_IRIS: Final = ("subject", "object", "record", "citation", "licence", "node")
_TERMS: Final = ("predicate", "modality", "stance", "status", "role")
_TYPED: Final = {
    "weight": _XSD + "double",
    "start": _XSD + "date",
    "end": _XSD + "date",
    "created": _XSD + "date",
}
_SEVERAL: Final = frozenset(("record", "citation", "node", "spell", *_TERMS))
_TEXTS: Final = ("statement", "evidence", "sentence")
_OTHER: Final = ("contemplated", "relations", "spell", "iso3", "class", "iri")
_OF_HEADER: Final = ("title", "description", "creator", "data_version", "release", "multi", "query")
_OWN: Final = tuple(
    dict.fromkeys((*_BORROWED, *_IRIS, *_TERMS, *_TYPED, *_TEXTS, *_OTHER, *_OF_HEADER))
)
_CLASSES: Final = {"Statement": _STATEMENT.value, "Dataset": _DATASET.value}

VOCABULARY: Final = tuple(name for name in _OWN if name not in _BORROWED)
"""Names below NETWORK that any network may use, besides a query's own columns."""

# From a node to its network: in JSON-LD the inverse of the property in the graph.
_WITHIN: Final = "network"
_EXACT: Final = 2**53  # JSON readers round greater integers


def write_turtle(network: Network, out: IO[bytes]) -> None:
    """Write the network as Turtle, without blank nodes."""
    prefixes = {**PREFIXES, "net": NETWORK, "edge": EDGE}
    ox.serialize(_triples(network), out, ox.RdfFormat.TURTLE, prefixes=prefixes)


def _triples(network: Network) -> Iterator[ox.Triple]:
    about, term = _network_iri(network.header), _terms_of(network)
    yield from _of(_header(network.header))
    for node in network.nodes():
        yield ox.Triple(about, _property("node"), term(node.id))
    for said in chain(_nodes(network, term), _edges(network, term)):
        yield from _of(said)


def _of(said: Said) -> Iterator[ox.Triple]:
    thing, classes, values = said
    for each in classes:
        yield ox.Triple(thing, _TYPE, each)
    for name, terms in values.items():
        for term in terms:
            yield ox.Triple(thing, _property(name), term)


def write_jsonld(network: Network, out: IO[bytes]) -> None:
    """Write the network as JSON-LD 1.1 with its context; multiple values are arrays."""
    about, term = _network_iri(network.header), _terms_of(network)
    context = _context(network)
    out.write(b'{"@context": ' + dumped(context) + b',\n"@graph": [\n')
    out.write(dumped(_object(_header(network.header), context)))
    for node in network.nodes():
        if not isinstance(found := term(node.id), ox.NamedNode):
            said: Said = (about, (), {"node": [found]})
            out.write(b",\n" + dumped(_object(said, context)))
    for said in _nodes(network, term):
        out.write(b",\n" + dumped(_object(said, context) | {_WITHIN: about.value}))
    for said in _edges(network, term):
        out.write(b",\n" + dumped(_object(said, context)))
    out.write(b"\n]}\n")


def _context(network: Network) -> dict[str, Any]:
    coerced: dict[str, str] = dict.fromkeys(_IRIS, "@id") | dict.fromkeys(_TERMS, "@vocab") | _TYPED
    names = _names(network)
    of_all: dict[str, set[str]] = {}
    for each in (*network.node_attributes, *network.edge_attributes):
        of_all.setdefault(names[each.name], set()).add(each.type)
    coerced |= {name: _DOUBLE for name, types in of_all.items() if types == {"double"}}
    context: dict[str, Any] = {"@version": 1.1, "@vocab": COMITY}
    context |= {name: {"@id": iri} for name, iri in _CLASSES.items()}
    for name in (*_OWN, *names.values()):
        context[name] = {"@id": property_iri(name)}
        if name in coerced:
            context[name]["@type"] = coerced[name]
        if name in _SEVERAL:
            context[name]["@container"] = "@set"
    return {**context, _WITHIN: {"@reverse": property_iri("node"), "@type": "@id"}}


def _object(said: Said, context: Mapping[str, Any]) -> dict[str, object]:
    thing, classes, values = said
    found: dict[str, object] = {"@id": thing.value}
    if classes:
        found["@type"] = [_short(each.value, context) for each in classes]
    for name, terms in values.items():
        if terms:
            written = [_value(term, name, context) for term in terms]
            found[name] = written if name in _SEVERAL else written[0]
    return found


def _value(term: Term, name: str, context: Mapping[str, Any]) -> object:
    type_ = context[name].get("@type")
    if isinstance(term, ox.NamedNode):
        return _short(term.value, context) if type_ == "@vocab" else term.value
    datatype = term.datatype.value.removeprefix(_XSD)
    if datatype == "string":
        return term.value if type_ is None else {"@value": term.value}
    value: object = term.value
    if datatype == "boolean":
        value = term.value == "true"
    elif datatype == "integer" and abs(int(term.value)) <= _EXACT:
        value = int(term.value)
    elif datatype == "double" and math.isfinite(float(term.value)):
        value = float(term.value)
    implied = type_ == term.datatype.value or (type_ is None and isinstance(value, int))
    return value if implied else {"@value": value, "@type": term.datatype.value}


def _short(iri: str, context: Mapping[str, Any]) -> str:
    """Shorten a term of the ontology to its name, unless the context uses that name."""
    local = iri.removeprefix(COMITY)
    if local != iri and local.isidentifier() and local not in context:
        return local
    return next((name for name, full in _CLASSES.items() if full == iri), iri)


@lru_cache(1024)
def _property(name: str) -> ox.NamedNode:
    return ox.NamedNode(property_iri(name))


def property_iri(name: str) -> str:
    """Return the IRI of a property; rdflib can't read a prefixed name that ends with a dot."""
    return _BORROWED.get(name) or NETWORK + quote(name, safe="").replace(".", "%2E")


def _names(network: Network) -> dict[str, str]:
    """Return names for the further attributes, valid in IRIs and as terms of JSON-LD."""
    taken = (*_OWN, *_CLASSES, _WITHIN)
    return fit_names((*network.node_attributes, *network.edge_attributes), taken)


def _network_iri(header: Header) -> ox.NamedNode:
    """Return the IRI of the network: its address."""
    described = f"{header.title}\n{header.description}\n{header.query}"
    return _iri(header.url) or ox.NamedNode(f"{BASE}network/{digest(described)}")


def _iri(text: str) -> ox.NamedNode | None:
    try:
        return ox.NamedNode(text)
    except ValueError:
        return None


def _terms_of(network: Network) -> Callable[[str], Term]:
    """Return a cached lookup of a node's term by its identifier."""

    @lru_cache(100_000)
    def find(id: str) -> Term:
        ((kind, value),) = network.run("SELECT kind, value FROM node WHERE id = ?", (id,))
        if kind == "literal":
            return ox.Literal(value)
        return (_iri(value) if kind == "uri" else None) or ox.NamedNode(NODE + id)

    return find


def _header(header: Header) -> Said:
    said = {name: _texts(getattr(header, name)) for name in _OF_HEADER}
    said["licence"] = [_iri(header.licence) or ox.Literal(header.licence)] if header.licence else []
    said["created"] = _dates(header.created)
    return _network_iri(header), (_DATASET,), said


def _nodes(network: Network, term: Callable[[str], Term]) -> Iterator[Said]:
    names = _names(network)
    for node in network.nodes():
        if isinstance(iri := term(node.id), ox.NamedNode):
            yield iri, _classes(node), _node(node, iri, names)


def _edges(network: Network, term: Callable[[str], Term]) -> Iterator[Said]:
    names = _names(network)
    for edge in network.edges():
        yield ox.NamedNode(EDGE + edge.id), (_STATEMENT,), _edge(edge, term, names)


def _classes(node: Node) -> tuple[ox.NamedNode, ...]:
    return (ox.NamedNode(COMITY + node.cls),) if depth(node.cls) else ()


def _node(node: Node, iri: ox.NamedNode, names: Mapping[str, str]) -> dict[str, Sequence[Term]]:
    return {
        "label": [ox.Literal(node.label)],
        "class": [] if depth(node.cls) else _texts(node.cls),
        # The ontology has codes of states only.
        "isoAlpha3" if node.cls == "State" else "iso3": _texts(node.iso3),
        "iri": _texts(node.iri) if iri.value != node.iri else [],
        **_extra(node.extra, names),
    }


def _edge(
    edge: Edge, term: Callable[[str], Term], names: Mapping[str, str]
) -> dict[str, Sequence[Term]]:
    records = [_iri(part) or ox.Literal(part) for part in _parts(edge.iri)]
    sources = [_iri(part) or ox.Literal(part) for part in _parts(edge.citation)]
    merged = edge.relations > 1
    return {
        "subject": [term(edge.source)],
        "predicate": [_relation(part) for part in _parts(edge.type)],
        "object": [term(edge.target)],
        "label": [ox.Literal(edge.label)],
        "record": records,
        # True also if one of several merged edges is.
        "contemplated": [ox.Literal(edge.contemplated)],
        "modality": [_listed(part) for part in _parts(edge.modality)],
        "stance": [_listed(part) for part in _parts(edge.stance)],
        "status": [_listed(part) for part in _parts(edge.status)],
        "role": [_listed(part) for part in _parts(edge.role)],
        "start": _dates(edge.start),
        "end": _dates(edge.end),
        "spell": [ox.Literal(f"{start or '..'}/{end or '..'}") for start, end in edge.spells],
        "weight": [ox.Literal(edge.weight)],
        "relations": [ox.Literal(edge.relations)] if merged else [],
        "statement": _texts(edge.statement),
        "evidence": _texts(edge.evidence),
        "sentence": _texts(edge.sentence),
        "citation": sources,
        **_extra(edge.extra, names),
    }


def _extra(extra: Mapping[str, Value], names: Mapping[str, str]) -> dict[str, Sequence[Term]]:
    return {names[name]: [ox.Literal(value)] for name, value in extra.items()}


def _texts(text: str | None) -> list[Term]:
    return [ox.Literal(text)] if text else []


def _dates(text: str | None) -> list[Term]:
    if day(text) is None:
        return _texts(text)
    return [ox.Literal(text or "", datatype=ox.NamedNode(_TYPED["start"]))]


def _parts(text: str | None) -> list[str]:
    """Split an attribute of IRIs or names into its values, each once."""
    return list(dict.fromkeys(text.split(SEPARATOR))) if text else []


@lru_cache(1024)
def _listed(name: str) -> Term:
    """Return the term of the ontology with this name, else a literal."""
    return ox.NamedNode(COMITY + name) if name in _ontology() else ox.Literal(name)


@lru_cache(1024)
def _relation(name: str) -> Term:
    """Return the relation that a statement names for a type of edges."""
    if name in _ontology():
        return ox.NamedNode(COMITY + name)
    iri = _iri(name) if name.startswith(("http://", "https://", "urn:")) else None
    return iri or ox.NamedNode(RELATION + quote(name, safe=""))


@cache
def _ontology() -> frozenset[str]:
    """Return the names of all terms of the ontology."""
    found = ox.parse(path=ontology_folder() / "comity.ttl", format=ox.RdfFormat.TURTLE)
    terms = (quad.subject.value for quad in found if isinstance(quad.subject, ox.NamedNode))
    return frozenset(term.removeprefix(COMITY) for term in terms if term.startswith(COMITY))
