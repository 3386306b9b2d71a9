"""Dump of a store, or of one of its graphs."""

from collections.abc import Iterable
from enum import StrEnum
from typing import BinaryIO

import pyoxigraph
from pyoxigraph import Quad, RdfFormat, Triple

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.oxigraph import graph_name
from comity.graph.rdf.namespaces import PREFIXES
from comity.graph.rdf.quads import GraphName, graph_names, quads, union


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

    `graph` (an IRI) restricts it to that graph. Turtle without `graph` is the union of all graphs,
    each triple once. Within a graph the order is the engine's own, which is the same for the same
    data. Errors of `out.write` pass through; raises QueryError for an invalid IRI, ValueError for
    an unknown DumpFormat.
    """
    format = DumpFormat(format)
    name = None if graph is None else graph_name(graph)
    with store.checkpoint() as engine:
        names: list[GraphName] = [name] if name else graph_names(engine)
        found = union(engine, names) if format is DumpFormat.TURTLE else quads(engine, names)
        write_quads(found, out, format)


def write_quads(
    quads: Iterable[Quad] | Iterable[Triple], out: BinaryIO, format: DumpFormat
) -> None:
    """Write quads as a stream; Turtle leaves out their graphs."""
    if format is DumpFormat.TURTLE:
        quads = (each.triple if isinstance(each, Quad) else each for each in quads)
    prefixes = None if format is DumpFormat.N_QUADS else PREFIXES
    pyoxigraph.serialize(quads, out, _ENGINE[format], prefixes=prefixes)
