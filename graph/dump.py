"""Write a store out, whole or one graph of it."""

from collections.abc import Iterable, Iterator
from enum import StrEnum
from typing import BinaryIO

import pyoxigraph
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat, Triple

from comity.graph.embedded import EmbeddedStore
from comity.graph.engine import graph_name
from comity.graph.namespaces import PREFIXES

GraphName = NamedNode | BlankNode | DefaultGraph


class DumpFormat(StrEnum):
    """A format for a dump, named by its file extension; Turtle has no graph names."""

    TRIG = "trig"
    N_QUADS = "nq"
    TURTLE = "ttl"

    @property
    def media_type(self) -> str:
        return _ENGINE[self].media_type


_ENGINE = {
    DumpFormat.TRIG: RdfFormat.TRIG,
    DumpFormat.N_QUADS: RdfFormat.N_QUADS,
    DumpFormat.TURTLE: RdfFormat.TURTLE,
}


def dump(
    store: EmbeddedStore, out: BinaryIO, format: DumpFormat | str, graph: str | None = None
) -> None:
    """Write one state of the store to `out` as a stream, graphs in the order of their names.

    `graph` (an IRI) restricts it to that graph. Turtle without it is the union of all graphs,
    each triple once. Within a graph the order is the engine's own, which is the same for the same
    data. An error of `out.write` is passed on; raises QueryError for what is no IRI, ValueError
    for what is no DumpFormat.
    """
    format = DumpFormat(format)
    name = None if graph is None else graph_name(graph)
    with store.checkpoint() as engine:
        names: list[GraphName] = [name] if name else _graph_names(engine)
        quads = _union(engine, names) if format is DumpFormat.TURTLE else _quads(engine, names)
        write_quads(quads, out, format)


def write_quads(
    quads: Iterable[Quad] | Iterable[Triple], out: BinaryIO, format: DumpFormat
) -> None:
    """Write quads as they come; in Turtle their graphs are left out."""
    if format is DumpFormat.TURTLE:
        quads = (each.triple if isinstance(each, Quad) else each for each in quads)
    prefixes = None if format is DumpFormat.N_QUADS else PREFIXES
    pyoxigraph.serialize(quads, out, _ENGINE[format], prefixes=prefixes)


def _graph_names(engine: pyoxigraph.Store) -> list[GraphName]:
    return [DefaultGraph(), *sorted(engine.named_graphs(), key=str)]


def _quads(engine: pyoxigraph.Store, names: list[GraphName]) -> Iterator[Quad]:
    for name in names:
        yield from engine.quads_for_pattern(None, None, None, name)


def _union(engine: pyoxigraph.Store, names: list[GraphName]) -> Iterator[Triple]:
    order = {name: place for place, name in enumerate(names)}
    for quad in _quads(engine, names):
        if len(names) == 1 or _is_first(engine, quad, order):
            yield quad.triple


def _is_first(engine: pyoxigraph.Store, quad: Quad, order: dict[GraphName, int]) -> bool:
    """Tell whether no graph before has the same triple: needs no memory, unlike a set of all."""
    same = engine.quads_for_pattern(quad.subject, quad.predicate, quad.object, None)
    return min(order[other.graph_name] for other in same) == order[quad.graph_name]
