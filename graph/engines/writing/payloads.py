"""What a request of the Graph Store Protocol brings: read as it comes, and put where it belongs."""

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
    """Raise NotAllowed for a write to a protected graph, or to all where there are such."""
    if graph in protected:
        raise protected_graph(graph)
    if graph is None and method != "POST" and protected:
        raise errors.NotAllowed(
            "there are graphs in the store that belong to Comity and are protected",
            hint="POST adds to the graphs that the data name; or name one graph by ?graph=.",
        )


def place(
    quads: Iterable[Quad],
    name: GraphName | None,
    touched: set[GraphName],
    protected: frozenset[str],
) -> Iterator[Quad]:
    """Hand on the quads, with the graph where they go to: their own, or `name` where it is not None.

    Graphs that quads name are put into `touched`. Raises NotAllowed for one that is protected,
    DataError for one beside `name`.
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
                f"the data name a graph of their own, {quad.graph_name}",
                hint="Name no graph in the address, or send data of one graph.",
            )


def read_payload(payload: dict[str, Any], base: str | None, stack: ExitStack) -> Iterator[Quad]:
    """The quads of a payload (see `comity.graph.engines.writing.writer.pack_payload`), its file closed by `stack`."""
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
        self._file = Path(path).open("rb")  # noqa: SIM115 (closed with this)
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
    """A stream that must not be longer than a limit."""

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
            raise errors.TooLarge("decompressed, the data are longer than a request may be")
        buffer[: len(data)] = data
        return len(data)


def target(graph: str) -> NamedNode | DefaultGraph:
    """The name of a graph from its IRI, "" for the default graph."""
    return _DEFAULT if graph == DEFAULT_GRAPH else NamedNode(graph)


def iri_of(name: GraphName) -> str:
    """The other way round."""
    if isinstance(name, DefaultGraph):
        return DEFAULT_GRAPH
    return name.value if isinstance(name, NamedNode) else str(name)
