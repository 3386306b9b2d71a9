"""Writes to a remote store for a service: checked here, done by the engine."""

import asyncio
import tempfile
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from itertools import chain
from pathlib import Path
from typing import Final

import pyoxigraph

from comity.graph.engines.remote.session import Union
from comity.graph.engines.remote.spool import Spool, clear, require_writable, send, update
from comity.graph.engines.remote.store import RemoteStore
from comity.graph.engines.remote.text import plain
from comity.graph.engines.writing.payloads import (
    GraphName,
    place,
    read_payload,
    refuse_protected,
    target,
)
from comity.graph.engines.writing.requests import (
    Change,
    Condition,
    Update,
    WriteResult,
    pack_payload,
)
from comity.graph.engines.writing.writer import MAX_WAITING
from comity.graph.errors import Busy, NoSuchGraph, PreconditionFailed, StoreError
from comity.graph.rdf.namespaces import DERIVED_GRAPH, RECORD_GRAPH
from comity.graph.sparql.updates import prepare
from comity.graph.store.record import protected_graphs

_THREADS: Final = 4


class RemoteWriter:
    """Writer for a remote store; see `comity.graph.engines.writing.writer.Writer`.

    An update is one request, and as atomic as the engine makes it. Data are read completely and
    checked before any are sent; the graphs are then written independently.
    """

    def __init__(self, store: RemoteStore, *, timeout: float) -> None:
        self._store, self._timeout = store, timeout
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="comity-remote-writer")
        self._waiting = 0
        self._closed = False

    @property
    def folder(self) -> Path:
        """Folder for uploaded data until they are written."""
        return Path(tempfile.gettempdir())

    def tag(self, graph: str | None) -> str:
        """ETag of a graph: changes after each write through this process."""
        return self._store.version

    async def write(self, work: Update | Change) -> WriteResult:
        """Write, and wait until the engine confirms.

        Raises errors of the request, QueryTimeout, RemoteError, Busy.
        """
        if self._closed:
            raise StoreError(f"{self._store.location} is closed")
        if self._waiting >= MAX_WAITING:
            raise Busy("too many writes wait already", hint="Try again in a second.")
        self._waiting += 1
        loop = asyncio.get_running_loop()
        try:
            if isinstance(work, Update):
                return await loop.run_in_executor(self._threads, self._update, work)
            return await loop.run_in_executor(self._threads, self._change, work)
        finally:
            self._waiting -= 1

    def _update(self, work: Update) -> WriteResult:
        protected = self._protected()
        prepared = prepare(work.text, base=work.base, using=work.using, protected=protected)
        text = plain(prepared.text, work.base)
        if prepared.graphs != frozenset():
            self._mark_lagging(protected)
            update(self._store, text, self._timeout)
        return WriteResult(self._store.version)

    def _change(self, change: Change) -> WriteResult:
        protected, graph = self._protected(), change.graph
        refuse_protected(graph, change.method, protected)
        there = graph is None or graph == "" or self._has(graph)
        _require(change.condition, graph, there)
        with Spool() as spool, ExitStack() as stack:
            payloads = [pack_payload(payload, change.limit) for payload in change.payloads]
            quads = chain.from_iterable(read_payload(each, change.base, stack) for each in payloads)
            name = None if graph is None else target(graph)
            touched: set[GraphName] = set()
            spool.add(place(quads, name, touched, protected))
            if change.method == "DELETE" and not there:
                raise NoSuchGraph(f"there is no graph <{graph}> in the store")
            self._mark_lagging(protected)
            if change.method != "POST":
                for each in [graph] if graph is not None else self._all():
                    if each not in spool.graphs:
                        update(self._store, clear(each), self._timeout)
            replace = change.method == "PUT" or change.emptying
            send(self._store, spool, replace=replace, within=self._timeout)
        return WriteResult(self._store.version, created=not there)

    def _protected(self) -> frozenset[str]:
        require_writable(self._store)
        return protected_graphs(self._store)

    def _has(self, graph: str) -> bool:
        name = pyoxigraph.NamedNode(graph)
        with self._store.engine.asking(self._timeout) as asking:
            return asking.ask(f"ASK {{ GRAPH {name} {{ ?s ?p ?o }} }}")

    def _all(self) -> list[str]:
        with self._store.engine.asking(self._timeout) as asking:
            named = asking.graphs()
        # If the default graph is the union, there is none beside the named ones.
        return named if self._store.engine.union is Union.OWN else ["", *named]

    def _mark_lagging(self, protected: frozenset[str]) -> None:
        """Mark the derived graph as stale, if there is one."""
        if protected:
            forget_derived(self._store, self._timeout)

    def close(self) -> None:
        """Accept no more writes; the engine finishes the current one."""
        self._closed = True
        self._threads.shutdown(wait=False, cancel_futures=True)


def forget_derived(store: RemoteStore, within: float | None) -> None:
    """Mark the derived graph as stale: a write does so first, `renew` undoes it."""
    update(store, f"DELETE WHERE {{ GRAPH {RECORD_GRAPH} {{ {DERIVED_GRAPH} ?p ?o }} }}", within)


def _require(condition: Condition, graph: str | None, there: bool) -> None:
    if condition.exists is not None and condition.exists is not there:
        raise PreconditionFailed(
            f"there is {'a' if there else 'no'} graph <{graph or 'default'}> in the store"
        )
    if not condition.holds(None):
        raise PreconditionFailed(
            "graphs of a remote store have no ETag, since others may write to them",
            hint="Use If-Match: * or If-None-Match: * to test whether the graph exists.",
        )
