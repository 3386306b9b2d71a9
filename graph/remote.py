"""A store that is elsewhere: any SPARQL 1.1 endpoint, asked over HTTP.

What an answer holds is read and written anew, so that every engine gives the formats of the embedded
one, and a part never passes for the whole. A query runs in a thread of this process that waits for the
engine. At its deadline, or when its reader goes, the connection is cut.
"""

import asyncio
import secrets
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from enum import Enum
from typing import Any, Final

import httpx
import pyoxigraph
from pyoxigraph import DefaultGraph, NamedNode, Quad, QuerySolutions

from comity.graph.engine import Stream, graph_name, wanted_format, write
from comity.graph.errors import (
    Busy,
    ComityError,
    NoSuchGraph,
    QueryError,
    RemoteError,
    StoreError,
    bare,
)
from comity.graph.remote_engine import RemoteEngine
from comity.graph.remote_http import Channel, Channels, Endpoint
from comity.graph.remote_results import (
    GRAPH_TYPES,
    TABLE_TYPES,
    VIRTUOSO_TABLE_TYPES,
    broken,
    quads_of,
    read_graph,
    read_table,
    refuse_partial,
)
from comity.graph.remote_text import query_form, query_text, rows_of_graph
from comity.graph.store import Dataset, Query
from comity.graph.stream import ByteStream, Stopped, StreamedAnswer, begin, end
from comity.graph.tokens import has_dataset_clause

_QUEUE: Final = 256  # queries that wait for a thread
_FRESH: Final = 10  # seconds that names and labels may lag behind what others write
_NOTHING: Final = "urn:x-comity:no-graph"
# What Virtuoso keeps in graphs of its own, in every database.
_VIRTUOSO_GRAPHS: Final = frozenset(
    (
        "http://www.openlinksw.com/schemas/virtrdf#",
        "http://www.w3.org/ns/ldp#",
        "http://localuriqaserver/sparql",
        "urn:activitystreams-owl:map",
    )
)
_ANY: Final = (
    "SELECT ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } FILTER(ISIRI(?s) && ISIRI(?o)) } LIMIT 1"
)


class _Union(Enum):
    """How a query gets the union of all graphs as its default graph."""

    OWN = "own"  # the engine gives it by itself
    PARAMETER = "parameter"  # it is asked for, as of `oxigraph serve`
    NONE = "none"


class RemoteStore:
    """A SPARQL 1.1 endpoint as a store; see `comity.graph.store.Store`.

    `threads` queries run at once. `immutable` says that no one writes to it, so that answers may be
    kept. Nothing is asked before the first query, and the engine may come and go.
    """

    def __init__(
        self, endpoint: Endpoint, *, union: bool = True, threads: int = 16, immutable: bool = False
    ) -> None:
        self.endpoint = endpoint
        self.union = union
        self.is_cacheable = immutable
        self.channels = Channels(endpoint)
        self._most = threads + _QUEUE
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="comity-remote")
        self._nonce = secrets.token_hex(6)
        self._writes = 0
        self._lock = threading.Lock()
        self._asked = 0
        self._way: _Union | None = None
        self._is_virtuoso = False
        self._closed = False

    @property
    def location(self) -> str:
        return self.endpoint.shown

    @property
    def version(self) -> str:
        """Another string after each write through this process.

        What others write is not known: so it changes with time as well, unless no one writes.
        """
        tick = 0 if self.is_cacheable else int(time.monotonic() // _FRESH)
        return f"{self._nonce}-{self._writes}-{tick}"

    def written(self) -> None:
        """Say that something was written, or may have been."""
        with self._lock:
            self._writes += 1

    # Asking as any store is asked

    async def query(self, query: Query) -> StreamedAnswer:
        """Start a query and return when its first bytes are there; see `comity.graph.store`.

        Raises RemoteError and Busy as well.
        """
        if self._closed:
            raise StoreError(f"{self.location} is closed")
        with self._lock:
            if self._asked >= self._most:
                raise Busy("too many queries run or wait already", hint="Come again in a second.")
            self._asked += 1
        stream = _CutStream(asyncio.get_running_loop())
        return await begin(self._threads, self._run, query, stream, done=self._done)

    def _done(self, _: Future[None]) -> None:
        with self._lock:
            self._asked -= 1

    def _run(self, query: Query, stream: ByteStream) -> None:
        """Ask and write the whole answer."""
        assert isinstance(stream, _CutStream)
        error: ComityError | None = StoreError("the query stopped unexpectedly")
        try:
            stream.version = self.version
            with self.channels.channel() as channel, stream.on(channel):
                self._answer(query, stream, channel)
            error = None
        except ComityError as known:
            error = bare(known)
        except Stopped:
            return
        except (OSError, RuntimeError, SyntaxError, ValueError) as failure:
            error = broken(failure)
        finally:
            end(stream, error)

    def _answer(self, query: Query, stream: "_CutStream", channel: Channel) -> None:
        if query.whole is not None:
            found = self._whole(query.whole.graph, channel, query.timeout)
            write(Stream(found), query, stream)
            return
        text, form = query_text(query.text, query.base), query_form(query.text)
        is_table = form in ("SELECT", "ASK")
        wanted_format(query, is_table=is_table)
        if not is_table:
            self._refuse_cut(text, query, channel)
        with self._ask(text, query.dataset, channel, query.timeout, is_table=is_table) as response:
            if is_table:
                write(read_table(response, is_virtuoso=self._is_virtuoso), query, stream)
            else:
                write(Stream(read_graph(response)), query, stream)

    def _refuse_cut(self, text: str, query: Query, channel: Channel) -> None:
        """Raise where Virtuoso would cut a graph off: of rows it says so, of triples not."""
        self._settle(channel, query.timeout)
        rows = rows_of_graph(text) if self._is_virtuoso else None
        if rows is not None:
            with self._ask(rows, query.dataset, channel, query.timeout, accept="text/csv") as found:
                refuse_partial(found)
                found.read()

    def _whole(
        self, graph: str | None, channel: Channel, within: float | None
    ) -> Iterator[pyoxigraph.Triple] | Iterator[Quad]:
        if graph is None:
            return self.quads(channel=channel, within=within)
        quads = (quad.triple for quad in self.quads(graph, channel=channel, within=within))
        first = next(quads, None)
        if first is None and graph:
            raise NoSuchGraph(f"there is no graph <{graph}> in the store")
        return iter(()) if first is None else _chained(first, quads)

    # Asking within comity.graph, in the thread of who asks

    @property
    def engine(self) -> RemoteEngine:
        """The store in the terms of pyoxigraph, for reading within `comity.graph`."""
        return RemoteEngine(self)

    def table(self, text: str, within: float | None = None) -> QuerySolutions:
        """The result of a SELECT over the union, all of it."""
        with self.channels.channel() as channel:
            return self._table(query_text(text), channel, within)

    def ask(self, text: str, within: float | None = None) -> bool:
        """The answer of an ASK over the union."""
        with (
            self.channels.channel() as channel,
            self._ask(query_text(text), None, channel, within) as response,
        ):
            return bool(read_table(response, is_virtuoso=self._is_virtuoso))

    def construct(self, text: str, within: float | None = None) -> list[pyoxigraph.Triple]:
        """The triples of a CONSTRUCT over the union, all of them."""
        with (
            self.channels.channel() as channel,
            self._ask(query_text(text), None, channel, within, is_table=False) as response,
        ):
            return list(read_graph(response))

    def graphs(self, channel: Channel | None = None, within: float | None = None) -> list[str]:
        """The IRIs of the named graphs, sorted, but for those that an engine keeps for itself."""
        # With DISTINCT Virtuoso takes seconds.
        text = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
        with self._using(channel) as used:
            names = [row["g"] for row in self._table(text, used, within)]
        return sorted(
            name.value for name in names if isinstance(name, NamedNode) and not self.is_own(name)
        )

    def is_own(self, graph: object) -> bool:
        """Whether a graph is one that the engine keeps for itself."""
        return self._is_virtuoso and getattr(graph, "value", "") in _VIRTUOSO_GRAPHS

    def quads(
        self,
        graph: str | None = None,
        *,
        channel: Channel | None = None,
        within: float | None = None,
    ) -> Iterator[Quad]:
        """What is in a graph ("" for the default graph), or in all of them, as it comes."""
        with self._using(channel) as used:
            self._settle(used, within)
            names = [graph] if graph is not None else ["", *self.graphs(used, within)]
            for name in names:
                pattern = f"GRAPH {graph_name(name)} {{ ?s ?p ?o }}" if name else "?s ?p ?o"
                if not name and self._way is _Union.OWN:
                    continue  # there is no other default graph
                text = f"SELECT ?s ?p ?o WHERE {{ {pattern} }}"
                with self._ask(text, None, used, within, union=False) as response:
                    table = read_table(response, is_virtuoso=self._is_virtuoso)
                    assert isinstance(table, QuerySolutions)
                    yield from quads_of(table, graph_name(name) if name else DefaultGraph())

    def check(self, within: float) -> None:
        """Raise RemoteError where the engine does not answer."""
        with (
            self.channels.channel() as channel,
            self._post("ASK { }", {}, channel, within) as response,
        ):
            response.read()

    @contextmanager
    def _using(self, channel: Channel | None) -> Iterator[Channel]:
        if channel is not None:
            yield channel
            return
        with self.channels.channel() as own:
            yield own

    def _table(self, text: str, channel: Channel, within: float | None) -> QuerySolutions:
        with self._ask(text, None, channel, within) as response:
            table = read_table(response, is_virtuoso=self._is_virtuoso, whole=True)
            if not isinstance(table, QuerySolutions):
                raise QueryError("this is not a SELECT")
            return table

    @contextmanager
    def _ask(
        self,
        text: str,
        dataset: Dataset | None,
        channel: Channel,
        within: float | None,
        *,
        is_table: bool = True,
        union: bool | None = None,
        accept: str | None = None,
    ) -> Iterator[httpx.Response]:
        """Put a query, over the union where it names no dataset and the store is opened so."""
        self._settle(channel, within)
        fields: dict[str, str | list[str]] = {}
        if dataset is not None:
            # Of named graphs alone Virtuoso would make the default graph the union.
            fields["default-graph-uri"] = list(dataset.default_graphs) or [_NOTHING]
            fields["named-graph-uri"] = list(dataset.named_graphs)
        elif (self.union if union is None else union) and self._asks_for_union(text):
            fields["union-default-graph"] = "true"  # to `oxigraph serve` "false" is yes as well
        if accept is None and not is_table:
            accept = GRAPH_TYPES
        with self._post(text, fields, channel, within, accept) as response:
            yield response

    def _asks_for_union(self, text: str) -> bool:
        return self._way in (None, _Union.PARAMETER) and not has_dataset_clause(text)

    @contextmanager
    def _post(
        self,
        text: str,
        fields: dict[str, Any],
        channel: Channel,
        within: float | None,
        accept: str | None = None,
    ) -> Iterator[httpx.Response]:
        tables = VIRTUOSO_TABLE_TYPES if self._is_virtuoso else TABLE_TYPES
        with channel.request(
            "POST",
            self.endpoint.address,
            within=within,
            again=True,
            data={"query": text, **fields},
            headers={"Accept": accept or tables},
        ) as response:
            yield response

    def _settle(self, channel: Channel, within: float | None) -> None:
        """Find out once what the engine is and how it gives the union; there must be data for it."""
        if self._way is not None:
            return
        with self._post(_ANY, {}, channel, within) as response:
            self._is_virtuoso = "Virtuoso" in response.headers.get("server", "")
            table = read_table(response, is_virtuoso=self._is_virtuoso)
            assert isinstance(table, QuerySolutions)
            found = next(iter(table), None)
        if found is None:
            return
        ask = f"ASK {{ {found['s']} {found['p']} {found['o']} }}"
        for way, fields in (
            (_Union.OWN, {}),
            (_Union.PARAMETER, {"union-default-graph": "true"}),
        ):
            with self._post(ask, fields, channel, within) as response:
                if read_table(response, is_virtuoso=self._is_virtuoso):
                    self._way = way
                    return
        if not self.union:
            self._way = _Union.NONE
            return
        raise RemoteError(
            f"the default graph of {self.location} is not the union of its graphs",
            hint="Make it so in the engine, or set COMITY_UNION=off and name graphs in queries.",
        )

    def close(self) -> None:
        """Let go of the connections; queries that still run end at their next bytes."""
        if self._closed:
            return
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.channels.close()


class _CutStream(ByteStream):
    """A stream whose end, when it comes early, cuts the connection that feeds it."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        super().__init__(loop)
        self._lock = threading.Lock()
        self._channel: Channel | None = None

    @contextmanager
    def on(self, channel: Channel) -> Iterator[None]:
        """Belong to a connection for as long as the block runs."""
        with self._lock:
            self._channel = channel
            if self.stopped:
                raise Stopped
        try:
            yield
        except Exception:
            # What goes wrong on a connection that was cut is no one's error any more.
            if self.stopped:
                raise Stopped from None
            raise
        finally:
            with self._lock:
                self._channel = None

    def stop(self) -> None:
        super().stop()
        with self._lock:
            if self._channel is not None:
                self._channel.cut()


def _chained(
    first: pyoxigraph.Triple, others: Iterator[pyoxigraph.Triple]
) -> Iterator[pyoxigraph.Triple]:
    yield first
    yield from others


def is_remote(location: object) -> bool:
    """Whether a store's location is the address of a remote one."""
    return isinstance(location, str) and location.startswith(("http://", "https://"))
