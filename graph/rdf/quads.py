"""Quads of a database in the order of their graphs, and the union of graphs."""

from collections.abc import Iterator, Sequence

import pyoxigraph
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Triple

GraphName = NamedNode | BlankNode | DefaultGraph


def graph_names(engine: pyoxigraph.Store) -> list[GraphName]:
    """Return the default graph, then the named graphs sorted by name."""
    return [DefaultGraph(), *sorted(engine.named_graphs(), key=str)]


def quads(engine: pyoxigraph.Store, names: Sequence[GraphName]) -> Iterator[Quad]:
    """Return the quads of the given graphs."""
    for name in names:
        yield from engine.quads_for_pattern(None, None, None, name)


def union(engine: pyoxigraph.Store, names: Sequence[GraphName]) -> Iterator[Triple]:
    """Return the triples of the given graphs, each once."""
    order = {name: place for place, name in enumerate(names)}
    for quad in quads(engine, names):
        if len(names) == 1 or _is_first(engine, quad, order):
            yield quad.triple


def _is_first(engine: pyoxigraph.Store, quad: Quad, order: dict[GraphName, int]) -> bool:
    """True if no earlier graph has the same triple; a set of all triples would take memory."""
    same = engine.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
    return min(order[other.graph_name] for other in same) == order[quad.graph_name]
