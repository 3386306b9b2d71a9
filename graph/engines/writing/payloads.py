"""Payloads of the Graph Store Protocol: read as a stream, and put into their graphs."""

import gzip
import io
import zlib
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any, Final

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat

from comity.graph import errors
from comity.graph.rdf.files import parse_stream
from comity.graph.sparql.updates import DEFAULT_GRAPH, protected_graph

GraphName = NamedNode | BlankNode | DefaultGraph
_PIECE: Final = 64 * 1024
_DEFAULT: Final = DefaultGraph()


def refuse_protected(graph: str | None, method: str, protected: frozenset[str]) -> None:
    """Raise NotAllowed for a write to a protected graph, or to all if some are protected."""
    if graph in protected:
        raise protected_graph(graph)
    if graph is None and method != "POST" and protected:
        raise errors.NotAllowed(
            "the store has graphs that belong to Comity and are protected",
            hint="Use POST to add to the graphs named in the data, or name one graph by ?graph=.",
        )


def place(
    quads: Iterable[Quad],
    name: GraphName | None,
    touched: set[GraphName],
    protected: frozenset[str],
) -> Iterator[Quad]:
    """Yield the quads with their target graph: their own, or `name` if it is not None.

    Named graphs are added to `touched`. Raises NotAllowed for a protected graph, DataError for a
    named graph if `name` is given.
    """
    for quad in quads:
        if name is None:
            if quad.graph_name not in touched:
                if (iri := iri_of(quad.graph_name)) in protected:
                    raise protected_graph(iri)
                touched.add(quad.graph_name)
            yield quad
        elif quad.graph_name == _DEFAULT:
            yield Quad(quad.subject, quad.predicate, quad.object, name)
        else:
            raise errors.DataError(
                f"the data contain a named graph, {quad.graph_name}",
                hint="Leave out the graph in the address, or send triples only.",
            )


def read_payload(payload: dict[str, Any], base: str | None, stack: ExitStack) -> Iterator[Quad]:
    """Return the quads of a payload (see `requests.pack_payload`), whose file `stack` closes."""
    file: io.BufferedIOBase = stack.enter_context(
        io.BufferedReader(_Section(payload["path"], payload["start"], payload["size"]), _PIECE)
    )
    if payload["compressed"]:
        unpacked = stack.enter_context(gzip.GzipFile(fileobj=file))
        file = io.BufferedReader(_Limited(unpacked, payload["limit"]), _PIECE)
    rdf_format = RdfFormat.from_media_type(payload["media_type"])
    assert rdf_format is not None
    return parse_stream(file, rdf_format, name=payload["name"], base=base)


class _Section(io.RawIOBase):
    """A part of a file."""

    def __init__(self, path: str, start: int, size: int) -> None:
        self._file = Path(path).open("rb")  # noqa: SIM115 (closed by close())
        self._file.seek(start)
        self._left = size

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._file.read(min(len(buffer), self._left))
        buffer[: len(data)] = data
        self._left -= len(data)
        return len(data)

    def close(self) -> None:
        self._file.close()
        super().close()


class _Limited(io.RawIOBase):
    """A stream with a maximum length."""

    def __init__(self, file: gzip.GzipFile, limit: int) -> None:
        self._file, self._left = file, limit

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            data = self._file.read(len(buffer))
        except (EOFError, zlib.error) as error:
            raise OSError(f"can't be decompressed: {error}") from error
        self._left -= len(data)
        if self._left < 0:
            raise errors.TooLarge("the decompressed data are over the limit of a request")
        buffer[: len(data)] = data
        return len(data)


def target(graph: str) -> NamedNode | DefaultGraph:
    """Return the graph name for an IRI, "" for the default graph."""
    return _DEFAULT if graph == DEFAULT_GRAPH else NamedNode(graph)


def iri_of(name: GraphName) -> str:
    """Return the IRI of a graph name, the inverse of `target`."""
    if isinstance(name, DefaultGraph):
        return DEFAULT_GRAPH
    return name.value if isinstance(name, NamedNode) else str(name)
