"""Readers of RDF: rdflib, pyoxigraph, pyld."""

import json
import logging
import re
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from math import isclose

import pyld
import pyoxigraph as ox
import rdflib
from outside import Read

from comity.graph.networks.formats.rdf import EDGE, NETWORK, NODE
from comity.graph.networks.identifiers import node_id

RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
XSD = "http://www.w3.org/2001/XMLSchema#"
_BCE = re.compile(r"Failed to convert Literal .*#date", re.DOTALL)

_MOST = sys.float_info.max

Triples = set[ox.Triple]


def turtle(data: bytes) -> Triples:
    """What pyoxigraph reads of Turtle."""
    return {quad.triple for quad in ox.parse(data, ox.RdfFormat.TURTLE)}


def jsonld(data: bytes) -> Triples:
    """What pyoxigraph reads of JSON-LD."""
    quads = list(ox.parse(data, ox.RdfFormat.JSON_LD))
    assert all(isinstance(quad.graph_name, ox.DefaultGraph) for quad in quads)
    return {quad.triple for quad in quads}


def rdflib_turtle(data: bytes) -> Triples:
    """What rdflib reads of Turtle."""
    return _rdflib(data, "turtle")


def rdflib_jsonld(data: bytes) -> Triples:
    """What rdflib reads of JSON-LD."""
    return _rdflib(data, "json-ld")


def pyld_jsonld(data: bytes) -> Triples:
    """What pyld reads of JSON-LD."""
    quads = pyld.jsonld.to_rdf(json.loads(data), {"format": "application/n-quads"})
    return {quad.triple for quad in ox.parse(quads, ox.RdfFormat.N_QUADS)}


def _rdflib(data: bytes, format: str) -> Triples:
    with _no_warning():
        graph = rdflib.Graph()
        graph.parse(data=data, format=format)
        lines = graph.serialize(format="nt", encoding="utf-8")
    return {quad.triple for quad in ox.parse(lines, ox.RdfFormat.N_TRIPLES)}


@contextmanager
def _no_warning() -> Iterator[None]:
    """rdflib writes its warnings to the log. That it knows no year before Christ is its own."""
    said: list[str] = []

    class Listener(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            said.append(record.getMessage())

    logger, listener = logging.getLogger("rdflib"), Listener(logging.WARNING)
    logger.addHandler(listener)
    propagate, logger.propagate = logger.propagate, False
    try:
        yield
    finally:
        logger.removeHandler(listener)
        logger.propagate = propagate
    assert not [line for line in said if not _BCE.match(line)], said


def read(triples: Triples) -> Read:
    """The network in a graph, by the identifiers that it has elsewhere.

    There must be no blank node, and none of the triples that the statements speak of.
    """
    store = ox.Store()
    store.extend(ox.Quad(t.subject, t.predicate, t.object) for t in triples)
    for triple in triples:
        assert not any(isinstance(part, ox.BlankNode) for part in (triple.subject, triple.object))
    nodes = {name(t.object) for t in triples if t.predicate.value == f"{NETWORK}node"}
    edges = []
    for edge in statements(triples):
        subject, object_ = (one(store, edge, end) for end in ("subject", "object"))
        edges.append((name(subject), name(object_)))
        predicates = values(store, edge, "predicate")
        assert predicates
        for predicate in predicates:
            assert isinstance(predicate, ox.NamedNode)
            if isinstance(subject, ox.NamedNode):
                assert ox.Triple(subject, predicate, object_) not in triples
    assert nodes.issuperset(end for pair in edges for end in pair)
    return nodes, edges


def statements(triples: Triples) -> list[ox.NamedNode]:
    type_, statement = ox.NamedNode(RDF + "type"), ox.NamedNode(RDF + "Statement")
    found = [t.subject for t in triples if t.predicate == type_ and t.object == statement]
    assert all(isinstance(each, ox.NamedNode) and each.value.startswith(EDGE) for each in found)
    return [each for each in found if isinstance(each, ox.NamedNode)]


def values(store: ox.Store, edge: ox.NamedNode, name: str) -> list[ox.NamedNode | ox.Literal]:
    found = store.quads_for_pattern(edge, ox.NamedNode(RDF + name), None)
    return [q.object for q in found if isinstance(q.object, ox.NamedNode | ox.Literal)]


def one(store: ox.Store, edge: ox.NamedNode, name: str) -> ox.NamedNode | ox.Literal:
    (found,) = values(store, edge, name)
    return found


def name(term: object) -> str:
    """The identifier of a node in all other formats."""
    if isinstance(term, ox.Literal):
        return node_id("literal", term.value)
    assert isinstance(term, ox.NamedNode)
    return (
        term.value.removeprefix(NODE) if term.value.startswith(NODE) else node_id("uri", term.value)
    )


def same(one: Triples, other: Triples) -> bool:
    """Whether two graphs say the same.

    Each reader writes doubles in its own way, and of those in JSON-LD sixteen digits are kept, and
    no sign of a zero (JSON-LD 1.1 API, 8.6).
    """
    found = [_apart(triples) for triples in (one, other)]
    (texts, numbers), (more, others) = found
    return (
        texts == more
        and numbers.keys() == others.keys()
        and all(isclose(n, others[at], rel_tol=1e-14) for at, n in numbers.items())
    )


def _apart(triples: Triples) -> tuple[set[tuple[str, str, str]], dict[tuple[str, str], float]]:
    """The triples without the doubles, and these by subject and property."""
    texts, numbers = set(), {}
    for t in triples:
        subject, property_ = str(t.subject), str(t.predicate)
        if isinstance(t.object, ox.Literal) and t.object.datatype.value == XSD + "double":
            assert (subject, property_) not in numbers
            # The greatest of all are rounded to infinity.
            numbers[subject, property_] = max(-_MOST, min(float(t.object.value), _MOST))
        else:
            texts.add((subject, property_, str(t.object)))
    return texts, numbers
