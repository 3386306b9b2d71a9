"""The one writer of a served store: requests in order, each all or nothing.

A separate process (`comity.graph.engines.writing.copy_writer`) writes to a hard-linked copy of the
data, which then replaces them. So an update that takes too long or too much memory is killed, and a
full disk, a crash or a defect leaves the data as they were. Requests that wait during a write share
the next copy and one flush to disk; none is answered before that.
"""

import asyncio
import errno
import logging
import queue
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.writing.process import RequestFailed, WriterProcess
from comity.graph.engines.writing.requests import (
    Change,
    Update,
    WriteResult,
    pack_change,
    pack_update,
)
from comity.graph.engines.writing.tags import GraphTags
from comity.graph.errors import (
    Busy,
    ComityError,
    NotAllowed,
    PreconditionFailed,
    QueryTimeout,
    StoreError,
    unwritable,
)
from comity.graph.store.record import protected_graphs

log = logging.getLogger("comity")

MAX_WAITING: Final = 100
_BATCH: Final = 0.25  # seconds after which a batch accepts no more requests
_LARGE_WITHIN: Final = 6 * 3600.0  # seconds for a load, which always ends
_ROOM: Final = 4_000_000  # bytes on disk that readers need for their copies
_HEALTHY: Final = 256 * 1024 * 1024  # bytes of memory that a process may keep between batches


@dataclass(slots=True)
class _Job:
    work: Update | Change
    future: "Future[WriteResult]" = field(default_factory=Future)
    begun: bool = False
    alone: bool = False
    large: bool = False
    created: bool = False
    graphs: frozenset[str] | None = frozenset()

    def begin(self) -> bool:
        """Start the job; False if no one waits for it any more."""
        if not self.begun:
            self.begun = self.future.set_running_or_notify_cancel()
        return self.begun


class _Again(Exception):
    """The copy is lost or spoilt: its requests must be repeated on another one."""


class _Unchanged(Exception):
    """The copy has no changes."""


class Writer:
    """Writes to a store in the order of requests.

    `timeout` is in seconds for an update, `memory` in bytes. `written` is called after each commit.
    """

    def __init__(
        self,
        store: EmbeddedStore,
        *,
        timeout: float,
        memory: int,
        written: Callable[[], None] = lambda: None,
    ) -> None:
        self._store, self._timeout, self._memory, self._written = store, timeout, memory, written
        self._queue: queue.Queue[_Job | None] = queue.Queue(MAX_WAITING)
        self._tags = GraphTags(store)
        self._copyist: WriterProcess | None = None
        self._other: WriterProcess | None = None
        self._closed = False
        self._thread = threading.Thread(target=self._run, name="comity-writer", daemon=True)
        self._thread.start()

    @property
    def store(self) -> EmbeddedStore:
        return self._store

    @property
    def folder(self) -> Path:
        """Folder for uploaded data until they are written."""
        return self._store.folder

    def tag(self, graph: str | None) -> str:
        """Return the tag of a graph, or of all for None; it changes with each write."""
        return self._tags.of(graph)

    async def write(self, work: Update | Change) -> WriteResult:
        """Write, and wait until it is on disk.

        Raises errors of the request; QueryTimeout, MemoryLimit, EngineCrashed; Busy; StoreError.
        Nothing is changed then.
        """
        job = _Job(work, large=isinstance(work, Change) and work.is_large)
        if self._closed:
            raise StoreError(f"{self._store.location} is closed")
        try:
            self._queue.put_nowait(job)
        except queue.Full:
            raise Busy("too many writes wait already", hint="Try again in a second.") from None
        return await asyncio.wrap_future(job.future)

    def close(self) -> None:
        """Stop at once; unwritten requests fail."""
        if self._closed:
            return
        self._closed = True
        for copyist in (self._copyist, self._other):
            if copyist is not None:
                copyist.kill()
        with suppress(queue.Full):
            self._queue.put_nowait(None)
        self._thread.join()

    # In the thread

    def _run(self) -> None:
        with suppress(OSError):  # starting takes a while, so do it before the first request
            self._copyist = WriterProcess(self._memory)
        waiting: deque[_Job] = deque()
        while not self._closed:
            if not waiting and (job := self._queue.get()) is not None:
                waiting.append(job)
            if waiting and not self._closed:
                self._batch(waiting)
        self._drain(waiting)
        for job in waiting:
            if job.begin():
                job.future.set_exception(StoreError(f"{self._store.location} is closed"))
        for copyist in (self._copyist, self._other):
            if copyist is not None:
                copyist.kill()

    def _drain(self, waiting: deque[_Job]) -> None:
        with suppress(queue.Empty):
            while True:
                if (job := self._queue.get_nowait()) is not None:
                    waiting.append(job)

    def _batch(self, waiting: deque[_Job]) -> None:
        """Write the requests that fit into one copy; put back those to be repeated."""
        jobs = [waiting.popleft()]
        try:
            with self._store.replacing_data() as data:
                self._fill(jobs, waiting, data)
        except _Unchanged:
            pass
        except _Again:
            waiting.extendleft(reversed(jobs))
            return
        except Exception as error:
            if not isinstance(error, ComityError):  # a defect, which must not stop the writer
                log.exception("a write failed")
                error = StoreError(f"{self._store.location} could not be written: {error!r}")
            for job in jobs:
                if job.begin():
                    job.future.set_exception(error)
            return
        self._tags.change([job.graphs for job in jobs])
        if any(job.graphs != frozenset() for job in jobs):
            self._written()
        for job in jobs:
            job.future.set_result(WriteResult(self._store.version, job.created))

    def _fill(self, jobs: list[_Job], waiting: deque[_Job], data: Path) -> None:
        first = jobs[0]
        copyist = self._copyist_for(first)
        try:
            protected = protected_graphs(self._store)
            copyist.ask({"do": "open", "folder": str(data), "protected": sorted(protected)})
            end = time.monotonic() + _BATCH
            job: _Job | None = first
            while job is not None:
                self._do(job, jobs, copyist)
                self._drain(waiting)
                job = None
                if waiting and time.monotonic() < end and not _is_apart(first, waiting[0]):
                    job = waiting.popleft()
                    jobs.append(job)
            if all(job.graphs == frozenset() for job in jobs):
                raise _Unchanged
            self._commit(jobs, copyist)
        except RequestFailed as failed:  # at the opening or the commit
            raise failed.error from None
        finally:
            self._tidy(copyist)

    def _commit(self, jobs: list[_Job], copyist: WriterProcess) -> None:
        if copyist.ask({"do": "commit"})["sound"]:
            deletes = all(isinstance(j.work, Change) and j.work.method == "DELETE" for j in jobs)
            if not deletes and shutil.disk_usage(self._store.folder).free < _ROOM:
                raise unwritable(self._store.location, OSError(errno.ENOSPC, "no room for readers"))
            return
        if len(jobs) > 1:  # one of them did it: repeat each alone
            for job in jobs:
                job.alone = True
            raise _Again
        raise NotAllowed("the write would change a graph that belongs to Comity and is protected")

    def _do(self, job: _Job, jobs: list[_Job], copyist: WriterProcess) -> None:
        """Handle one request; a failed one is removed from the list."""
        if not job.begin():
            jobs.remove(job)
            return
        work, others = job.work, [other for other in jobs if other is not job]
        try:
            if isinstance(work, Update):
                within = min(self._timeout, _BATCH) if others else self._timeout
                answer = copyist.ask(pack_update(work), within)
            else:
                self._require(work, [other.graphs for other in others])
                within = _LARGE_WITHIN if job.large else self._timeout
                answer = copyist.ask(pack_change(work, whole=job.large), within)
                if answer.get("large"):
                    job.large = True
                    raise _Again
        except RequestFailed as failed:
            if others and isinstance(work, Update) and isinstance(failed.error, QueryTimeout):
                job.alone = True  # the others need not wait for it
                raise _Again from None
            jobs.remove(job)
            job.future.set_exception(failed.error)
            if failed.spoilt:
                raise _Again from None
            return
        job.created = answer.get("created", False)
        job.graphs = None if answer["graphs"] is None else frozenset(answer["graphs"])

    def _require(self, change: Change, before: list[frozenset[str] | None]) -> None:
        """Raise RequestFailed if the graph has changed since the client read it."""
        graph = change.graph
        changed = any(g is None or graph in g or (graph is None and g) for g in before)
        if not change.condition.holds(None if changed else self._tags.of(graph)):
            error = PreconditionFailed(
                "the graph has changed since it was read",
                hint="Read it again with its new ETag, and apply the change to that.",
            )
            raise RequestFailed(error, spoilt=False)

    def _copyist_for(self, job: _Job) -> WriterProcess:
        if job.large:
            self._other = WriterProcess(0)  # the size of a load is limited, and its memory with it
            return self._other
        if self._copyist is not None and not self._copyist.is_alive:
            self._copyist.kill()
            self._copyist = None
        if self._copyist is None:
            self._copyist = WriterProcess(self._memory)
        return self._copyist

    def _tidy(self, copyist: WriterProcess) -> None:
        """Replace a process that has ended or grown too large."""
        if copyist is self._other:
            self._other = None
            copyist.kill()
        elif not copyist.is_alive or copyist.memory() > _HEALTHY:
            copyist.kill()
            self._copyist = None if self._closed else WriterProcess(self._memory)


def _is_apart(*jobs: _Job) -> bool:
    """True if one of these needs a copy to itself."""
    return any(job.alone or job.large for job in jobs)
