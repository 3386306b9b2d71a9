"""The quads of a database in the order of their graphs, and the union of these."""

from collections.abc import Iterator, Sequence

import pyoxigraph
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Triple

GraphName = NamedNode | BlankNode | DefaultGraph


def graph_names(engine: pyoxigraph.Store) -> list[GraphName]:
    """The default graph, and the named ones in the order of their names."""
    return [DefaultGraph(), *sorted(engine.named_graphs(), key=str)]


def quads(engine: pyoxigraph.Store, names: Sequence[GraphName]) -> Iterator[Quad]:
    """The quads of some graphs."""
    for name in names:
        yield from engine.quads_for_pattern(None, None, None, name)


def union(engine: pyoxigraph.Store, names: Sequence[GraphName]) -> Iterator[Triple]:
    """The triples of some graphs, each once."""
    order = {name: place for place, name in enumerate(names)}
    for quad in quads(engine, names):
        if len(names) == 1 or _is_first(engine, quad, order):
            yield quad.triple


def _is_first(engine: pyoxigraph.Store, quad: Quad, order: dict[GraphName, int]) -> bool:
    """Tell whether no graph before has the same triple: needs no memory, unlike a set of all."""
    same = engine.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
    return min(order[other.graph_name] for other in same) == order[quad.graph_name]
