"""Remote store: any SPARQL 1.1 endpoint, queried over HTTP.

Answers are parsed and serialised again, so that every engine gives the formats of the embedded one,
and a partial answer never passes as complete. A query runs in a thread of this process that waits
for the engine. At its deadline, or when its reader goes, the connection is cut.
"""

import asyncio
import secrets
import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final

from pyoxigraph import Quad, Triple

from comity.graph.engines.oxigraph import Stream, explain_triple, wanted_format, write
from comity.graph.engines.remote.connection import Channel, Endpoint
from comity.graph.engines.remote.results import GRAPH_TYPES, broken, read_graph, read_table
from comity.graph.engines.remote.session import EndpointSession, RemoteEngine
from comity.graph.engines.remote.text import query_form, query_text
from comity.graph.errors import Busy, ComityError, NoSuchGraph, QueryTimeout, StoreError, bare
from comity.graph.store.interface import Query, ResultFormat, Whole
from comity.graph.store.stream import ByteStream, ReaderGone, StreamedAnswer, begin, end
from comity.graph.store.tracing import note

_QUEUE: Final = 256  # queries waiting for a thread
# Formats without graph names: each triple must appear once, as in a CONSTRUCT.
_WITHOUT_GRAPHS: Final = (ResultFormat.TURTLE, ResultFormat.N_TRIPLES, ResultFormat.RDF_XML)
_UNION: Final = "CONSTRUCT { ?s ?p ?o } WHERE { GRAPH ?g { ?s ?p ?o } }"
_FRESH: Final = 10  # seconds that names and labels may be older than writes of others


class RemoteStore:
    """A SPARQL 1.1 endpoint as a store; see `comity.graph.store.interface.Store`.

    `threads` queries run at once. `immutable` means that no one writes to it, so that answers may
    be cached. Nothing is sent before the first query, and the engine may stop and restart.
    """

    def __init__(
        self, endpoint: Endpoint, *, union: bool = True, threads: int = 16, immutable: bool = False
    ) -> None:
        self.endpoint = endpoint
        self.engine = RemoteEngine(endpoint, union=union)
        self.is_cacheable = immutable
        self._most = threads + _QUEUE
        self._threads = ThreadPoolExecutor(threads, thread_name_prefix="comity-remote")
        self._nonce = secrets.token_hex(6)
        self._writes = 0
        self._lock = threading.Lock()
        self._asked = 0
        self._closed = False

    @property
    def location(self) -> str:
        return self.endpoint.shown

    @property
    def version(self) -> str:
        """Data version: changes after each write through this process.

        Writes of others are unknown, so it also changes with time, unless the store is immutable.
        """
        tick = 0 if self.is_cacheable else int(time.monotonic() // _FRESH)
        return f"{self._nonce}-{self._writes}-{tick}"

    def written(self) -> None:
        """Note that something was written, or may have been."""
        with self._lock:
            self._writes += 1

    async def query(self, query: Query) -> StreamedAnswer:
        """Start a query and return when its first bytes are ready; see
        `comity.graph.store.interface`.

        Raises RemoteError and Busy as well.
        """
        if self._closed:
            raise StoreError(f"{self.location} is closed")
        with self._lock:
            if self._asked >= self._most:
                raise Busy("too many queries run or wait already", hint="Try again in a second.")
            self._asked += 1
        asked = _RemoteQuery(query.text)
        note(asked)
        stream = _CutStream(asyncio.get_running_loop(), asked)
        try:
            return await begin(self._threads, self._run, query, stream, done=self._done)
        except QueryTimeout:
            asked.end("timeout")
            raise

    def _done(self, _: Future[None]) -> None:
        with self._lock:
            self._asked -= 1

    def _run(self, query: Query, stream: ByteStream) -> None:
        """Run the query and write the whole answer."""
        assert isinstance(stream, _CutStream)
        error: ComityError | None = StoreError("the query stopped unexpectedly")
        outcome = "failed"
        try:
            stream.version = self.version
            if query.why is not None:
                write(explain_triple(self.engine, query.why), query, stream)
            else:
                with self.engine.asking(query.timeout) as asking, stream.on(asking.channel):
                    _answer(query, stream, asking)
            error, outcome = None, "done"
        except ComityError as known:
            error = bare(known)
        except ReaderGone:
            outcome = "cancelled"
            return
        except (OSError, RuntimeError, SyntaxError, ValueError) as failure:
            error = broken(failure)
        finally:
            stream.asked.end(outcome)
            end(stream, error)

    def close(self) -> None:
        """Close the connections; running queries end at their next bytes."""
        if self._closed:
            return
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)
        self.engine.channels.close()


def _answer(query: Query, stream: ByteStream, asking: EndpointSession) -> None:
    if query.whole == Whole(None) and query.graph in _WITHOUT_GRAPHS:
        query = replace(query, text=_UNION, whole=None)
    if query.whole is not None:
        write(Stream(_whole(query.whole.graph, asking)), query, stream)
        return
    text = query_text(query.text, query.base, with_dataset=query.dataset is None)
    is_table = query_form(query.text) in ("SELECT", "ASK")
    wanted_format(query, is_table=is_table)
    if is_table:
        with asking.put(text, query.dataset) as response:
            write(read_table(response, is_virtuoso=asking.is_virtuoso), query, stream)
        return
    asking.refuse_cut(text, query.dataset)
    with asking.put(text, query.dataset, accept=GRAPH_TYPES) as response:
        write(Stream(read_graph(response)), query, stream)


def _whole(graph: str | None, asking: EndpointSession) -> Iterator[Triple] | Iterator[Quad]:
    if graph is None:
        return asking.quads()
    triples = (quad.triple for quad in asking.quads(graph))
    first = next(triples, None)
    if first is None and graph:
        raise NoSuchGraph(f"there is no graph <{graph}> in the store")
    return iter(()) if first is None else chain((first,), triples)


@dataclass(slots=True)
class _RemoteQuery:
    """A query in progress; see `comity.graph.store.tracing.TracedQuery`."""

    text: str
    id: str = field(default_factory=lambda: secrets.token_hex(4))
    started: float = field(default_factory=time.monotonic)
    ended: float | None = None
    outcome: str | None = None

    @property
    def age(self) -> float:
        return (self.ended or time.monotonic()) - self.started

    def end(self, outcome: str) -> None:
        """Record how it ended; the first outcome is kept."""
        if self.outcome is None:
            self.outcome, self.ended = outcome, time.monotonic()


class _CutStream(ByteStream):
    """A stream that cuts its connection when it ends early."""

    def __init__(self, loop: asyncio.AbstractEventLoop, asked: _RemoteQuery) -> None:
        super().__init__(loop)
        self.asked = asked
        self._lock = threading.Lock()
        self._channel: Channel | None = None

    @contextmanager
    def on(self, channel: Channel) -> Iterator[None]:
        """Attach to a connection during the block."""
        with self._lock:
            self._channel = channel
            if self.stopped:
                raise ReaderGone
        try:
            yield
        except Exception:
            # Errors on a connection that was cut have no receiver.
            if self.stopped:
                raise ReaderGone from None
            raise
        finally:
            with self._lock:
                self._channel = None

    def stop(self) -> None:
        super().stop()
        with self._lock:
            if self._channel is not None:
                self._channel.cut()
