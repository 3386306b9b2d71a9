"""Spool of quads for a remote store: stored until all are read, then sent graph by graph."""

import tempfile
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Final, Self
from urllib.parse import quote

import pyoxigraph
from pyoxigraph import BlankNode, Quad, RdfFormat, Triple

from comity.graph.engines.writing.payloads import iri_of
from comity.graph.errors import NotAllowed, QueryError, QueryTimeout

if TYPE_CHECKING:
    from comity.graph.engines.remote.store import RemoteStore

_PART: Final = 1_000  # triples: Virtuoso runs out of memory on an INSERT DATA of 5,000
_HELD: Final = 50_000  # quads in memory
_REQUEST: Final = 4_000_000  # bytes per request to a graph store


class Spool:
    """N-Triples of each graph in a temporary file."""

    def __init__(self) -> None:
        self._file = tempfile.TemporaryFile()  # noqa: SIM115 (closed by __exit__)
        self._parts: dict[str, list[tuple[int, int]]] = {}
        self._held: dict[str, list[Triple]] = {}
        self._count = 0
        self._blank: set[str] = set()
        self.quads = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self._file.close()

    @property
    def graphs(self) -> list[str]:
        """Graphs in order of arrival; "" is the default graph."""
        return list(self._parts)

    def add(self, quads: Iterable[Quad]) -> None:
        """Add quads to the spool."""
        for quad in quads:
            graph = iri_of(quad.graph_name)
            held = self._held.setdefault(graph, [])
            self._parts.setdefault(graph, [])
            held.append(quad.triple)
            self.quads += 1
            self._count += 1
            if isinstance(quad.subject, BlankNode) or isinstance(quad.object, BlankNode):
                self._blank.add(graph)
            if len(held) == _PART:
                self._write(graph)
            elif self._count >= _HELD:
                for each in list(self._held):
                    self._write(each)

    def _write(self, graph: str) -> None:
        triples = self._held.pop(graph)
        data = pyoxigraph.serialize(triples, format=RdfFormat.N_TRIPLES)
        assert data is not None
        self._parts[graph].append((self._file.seek(0, 2), len(data)))
        self._file.write(data)
        self._count -= len(triples)

    def parts(self, graph: str, size: int) -> Iterator[bytes]:
        """Yield the N-Triples of a graph in parts of about `size` bytes.

        A graph with blank nodes is one part, since they would become different nodes in each.
        """
        if graph in self._held:
            self._write(graph)
        gathered: list[bytes] = []
        for start, length in self._parts[graph]:
            if gathered and graph not in self._blank and sum(map(len, gathered)) + length > size:
                yield b"".join(gathered)
                gathered = []
            self._file.seek(start)
            gathered.append(self._file.read(length))
        yield b"".join(gathered)

    def can_be_inserted(self, graph: str) -> bool:
        """True if INSERT DATA can send the graph, part by part."""
        # INSERT with a WHERE takes blank nodes too, but of 900 Virtuoso silently writes none.
        return graph not in self._blank or len(self._parts[graph]) + (graph in self._held) == 1


def send(store: "RemoteStore", spool: Spool, *, replace: bool, within: float | None) -> None:
    """Write the spooled data into graphs, or replace them. Each request is independent.

    Raises NotAllowed if the store is read-only, and errors of the engine.
    """
    require_writable(store)
    for graph in spool.graphs:
        if store.endpoint.graphs:
            for at, body in enumerate(spool.parts(graph, _REQUEST)):
                _put(store, graph, body, within, replace=replace and at == 0)
        else:
            _insert(store, spool, graph, replace=replace, within=within)


def _insert(
    store: "RemoteStore", spool: Spool, graph: str, *, replace: bool, within: float | None
) -> None:
    if not spool.can_be_inserted(graph):
        raise QueryError(
            f"the data for <{graph}> contain blank nodes, which can't be sent in parts",
            hint="Set COMITY_STORE_GRAPHS, the engine's address for the Graph Store Protocol.",
        )
    for at, body in enumerate(spool.parts(graph, 0)):
        data = body.decode()
        text = f"INSERT DATA {{ GRAPH <{graph}> {{\n{data}}} }}"
        if not graph:
            text = f"INSERT DATA {{\n{data}}}"
        if replace and at == 0:
            text = f"{clear(graph)} ; {text}"
        update(store, text, within)


def clear(graph: str) -> str:
    """Return the update that empties a graph."""
    return f"CLEAR SILENT GRAPH <{graph}>" if graph else "CLEAR SILENT DEFAULT"


def update(store: "RemoteStore", text: str, within: float | None) -> None:
    """Send an update unchanged."""
    url = require_writable(store)
    _write(store, "POST", url, text.encode(), "application/sparql-update", within)


def _put(
    store: "RemoteStore", graph: str, body: bytes, within: float | None, *, replace: bool
) -> None:
    """Write to a graph by the Graph Store Protocol (SPARQL 1.1)."""
    url = store.endpoint.graphs
    assert url is not None
    named = f"graph={quote(graph, safe='')}" if graph else "default"
    # N-Triples are Turtle, which every engine accepts.
    url = f"{url}{'&' if '?' in url else '?'}{named}"
    _write(store, "PUT" if replace else "POST", url, body, "text/turtle", within)


def _write(
    store: "RemoteStore",
    method: str,
    url: str,
    body: bytes,
    media_type: str,
    within: float | None,
) -> None:
    headers = {"Content-Type": media_type, "Accept": "*/*"}
    try:
        with (
            store.engine.channels.channel() as channel,
            channel.request(method, url, within=within, content=body, headers=headers) as response,
        ):
            response.read()
    except QueryTimeout as error:
        hint = "The engine may or may not have written it: check before you send it again."
        raise QueryTimeout(str(error), hint=hint) from None
    finally:
        store.written()


def require_writable(store: "RemoteStore") -> str:
    """Return the address for updates; raises NotAllowed if none is set."""
    if store.endpoint.update is None:
        raise NotAllowed(
            "this remote store is read-only: no address for updates is set",
            hint="Set COMITY_STORE_UPDATE, and COMITY_STORE_GRAPHS if the engine has one.",
        )
    return store.endpoint.update
