"""Pool of worker processes: any query can be stopped, and its memory freed with its process.

A worker (`comity.graph.engines.workers.worker`) has a checkpoint of the data open, read-only. A
query has a worker to itself until its answer ends. A query that is late, cancelled, or without a
reader is killed with its worker, and another worker takes its place.

Queries of up to a quarter of a second have `size` places. Longer ones move to one of twice as many
places for long queries, with a lower process priority: so a few heavy queries don't block small
ones. If those places are taken too, the query that would need one more is refused.
"""

import asyncio
import itertools
import json
import logging
import os
import sys
import time
from collections import Counter, deque
from collections.abc import Collection
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from comity.graph.engines.workers.answer import Outcome, PooledAnswer, RunningQuery
from comity.graph.engines.workers.process import WorkerProcess
from comity.graph.engines.workers.snapshot import Checkpoints, LatestSnapshot
from comity.graph.engines.workers.wire import pack, unpack_error
from comity.graph.engines.workers.worker import ERROR, FORMAT, QUERY
from comity.graph.errors import Busy, ComityError, MemoryLimit, QueryTimeout, StoreError
from comity.graph.sparql.federation import reaches_out
from comity.graph.store.interface import Query, ResultFormat
from comity.graph.store.stream import too_long
from comity.graph.store.tracing import note

log = logging.getLogger("comity")

LONG: Final = 0.25  # seconds after which a query moves to a place for long ones
MAX_WAIT: Final = 5.0  # seconds that a query waits for a worker
_OUTWARD: Final = 2  # places for queries that call other services
_NICE: Final = 15  # niceness of a process with a long query
_HEALTHY: Final = (
    64 * 1024 * 1024
)  # bytes above its initial memory that a worker may keep between queries
_SPARE: Final = 4  # idle workers: starting one takes a tenth of a second
_SOON: Final = 0.5  # seconds after the first worker that the others start
_AGAIN: Final = 0.2  # seconds before retrying after a worker failed to start


_numbers = itertools.count(1)


@dataclass(frozen=True, slots=True)
class PoolLoad:
    """Load of a pool: running and waiting queries, idle and starting workers."""

    short: int
    long: int
    waiting: int
    idle: int
    starting: int


@dataclass(slots=True)
class _Waiting:
    future: "asyncio.Future[WorkerProcess]"
    since: float = field(default_factory=time.monotonic)


class WorkerPool:
    """A store that runs queries in worker processes; see `comity.graph.store.interface.Store`.

    `size` short queries run at once, and twice as many long ones; `queue` more wait. `memory` is
    the limit of each in bytes. Belongs to one event loop.
    """

    def __init__(
        self,
        store: Checkpoints,
        *,
        size: int,
        memory: int,
        queue: int = 256,
        fence: bool = True,
        allowed: Collection[str] = (),
    ) -> None:
        self._store = store
        self._allowed = frozenset(allowed)
        # Queries that call out need a network, and so workers separate from all other queries.
        self._outward = None
        if allowed and fence:
            self._outward = WorkerPool(
                store, size=_OUTWARD, memory=memory, queue=queue, fence=False, allowed=allowed
            )
        self._size, self._memory, self._most_waiting, self._fence = size, memory, queue, fence
        self._idle: list[WorkerProcess] = []
        self._starting = 0
        self._waiting: deque[_Waiting] = deque()
        self._running: dict[str, RunningQuery] = {}
        self._outcomes: Counter[Outcome] = Counter()
        self._latest = LatestSnapshot(store)
        self._workers: set[WorkerProcess] = set()  # until they are reaped
        self._short = 0  # places taken by queries that are not yet long
        self._tasks: set[asyncio.Task[object]] = set()
        self._nice = os.getpriority(os.PRIO_PROCESS, 0)
        self._closed = False
        self._said_fence = False

    @property
    def location(self) -> str:
        return self._store.location

    @property
    def is_cacheable(self) -> bool:
        return True

    @property
    def version(self) -> str:
        return self._store.version

    def aside(self, name: str) -> Path:
        """See `EmbeddedStore.aside`."""
        return self._store.aside(name)

    @property
    def folder(self) -> Path:
        """Folder of the store's files."""
        return self._store.folder

    @property
    def _allowed_here(self) -> Collection[str]:
        return () if self._outward else self._allowed

    async def start(self) -> None:
        """Start the first worker. Raises StoreError if the system does not allow it."""
        self._starting += 1
        # A query may have come and taken it already: the service is listening meanwhile.
        if not await self._start_one():
            raise StoreError(
                "worker processes can't be started here",
                hint="See the lines above for the reason; it must be able to start processes.",
            )
        # Not now: the first queries would have to share the processors with their start.
        asyncio.get_running_loop().call_later(_SOON, self._fill)

    def running(self) -> list[RunningQuery]:
        """Return the running queries, oldest first."""
        elsewhere = self._outward.running() if self._outward else []
        return sorted([*self._running.values(), *elsewhere], key=lambda each: each.started)

    def outcomes(self) -> Counter[Outcome]:
        """Count the queries so far by outcome."""
        return self._outcomes + (self._outward.outcomes() if self._outward else Counter())

    def load(self) -> PoolLoad:
        """Return the current load; queries that call out count as long ones."""
        long = sum(each.long for each in self._running.values())
        elsewhere = len(self._outward.running()) if self._outward else 0
        return PoolLoad(
            self._short, long + elsewhere, len(self._waiting), len(self._idle), self._starting
        )

    def cancel(self, id: str) -> bool:
        """Stop a query; False if there is none with this id."""
        running = next((each for each in self.running() if each.id == id), None)
        if running is None:
            return False
        running.cancelled = True
        running.worker.kill()
        return True

    async def query(self, query: Query) -> PooledAnswer:
        """Start a query and return when its first bytes are ready; see `Store.query`.

        Raises Busy, MemoryLimit and EngineCrashed as well.
        """
        if self._closed:
            raise StoreError(f"{self.location} is closed")
        if self._outward:
            # In a thread: tokenising a long text takes seconds.
            calls = await asyncio.to_thread(reaches_out, query.text)
            if calls:
                return await self._outward.query(query)
        loop = asyncio.get_running_loop()
        deadline = None if query.timeout is None else loop.time() + query.timeout
        worker = await self._acquire(query)
        running = RunningQuery(f"q{next(_numbers)}", query.text, time.monotonic(), worker)
        self._running[running.id] = running
        note(running)
        timer = loop.call_later(LONG, self._lengthen, running)
        try:
            async with asyncio.timeout_at(deadline):
                snapshot = await self._latest.get()
                if worker.snapshot is not snapshot:
                    await worker.open(snapshot)
                worker.send(QUERY, json.dumps(pack(query)).encode())
                kind, body = await worker.receive()
            if kind == ERROR:
                self.release(running, "failed")
                raise unpack_error(json.loads(body))
            assert kind == FORMAT
            answer = PooledAnswer(self, running, ResultFormat[body.decode()], deadline)
        except TimeoutError:
            self.release(running, "timeout")
            raise too_long(query) from None
        except EOFError:
            raise await self.failed(running) from None
        except asyncio.CancelledError:
            self.release(running, "gone")
            raise
        finally:
            if running.id not in self._running:
                timer.cancel()
        try:
            await answer.begin()
        except QueryTimeout:
            raise too_long(query) from None
        return answer

    async def failed(self, running: RunningQuery) -> ComityError:
        """Return the error for a query whose worker is gone."""
        if running.refused:
            self.release(running, "refused")
            return Busy("too many long queries run already", retry_after=5, hint="Try again later.")
        if running.cancelled:
            self.release(running, "shutdown" if self._closed else "cancelled")
            return QueryTimeout("the query was cancelled")
        self.release(running, None)
        error = await running.worker.why()
        self._note(running, "memory" if isinstance(error, MemoryLimit) else "crashed")
        return error

    def release(self, running: RunningQuery, outcome: Outcome | None) -> None:
        """Take a worker back from an ended query, or end both; None means a broken worker."""
        if self._running.pop(running.id, None) is None:
            return
        running.ended = time.monotonic()
        if outcome is not None:
            self._note(running, outcome)
        self._short -= not running.long
        kill = outcome not in ("done", "failed")
        worker = running.worker
        worn = (running.long and not worker.make_way(self._nice)) or (
            worker.memory() > worker.base + _HEALTHY
        )
        if kill or worn or self._closed:
            self._end(worker)
        else:
            self._offer(worker)
        self._fill()

    def _note(self, running: RunningQuery, outcome: Outcome) -> None:
        running.outcome = outcome
        self._outcomes[outcome] += 1

    def close(self) -> None:
        """Kill all workers and wait for their end; running queries end with an error."""
        self._closed = True
        if self._outward:
            self._outward.close()
        for running in self._running.values():
            running.cancelled = True
        for task in self._tasks:
            task.cancel()
        for worker in self._workers:
            worker.kill()
            worker.process.wait()
        self._idle.clear()
        self._latest.retire()

    # Workers

    async def _acquire(self, query: Query) -> WorkerProcess:
        while self._idle:
            worker = self._idle.pop()
            if worker.is_alive:
                self._short += 1
                self._fill()
                return worker
            self._end(worker)
        if len(self._waiting) >= self._most_waiting:
            raise Busy("too many queries wait already", hint="Try again in a second.")
        waiting = _Waiting(asyncio.get_running_loop().create_future())
        self._waiting.append(waiting)
        self._fill()
        wait = MAX_WAIT if query.timeout is None else min(MAX_WAIT, query.timeout)
        try:
            async with asyncio.timeout(wait):
                return await waiting.future
        except TimeoutError:
            raise Busy(
                f"no worker became free within {wait:g} s", hint="Try again in a few seconds."
            ) from None
        finally:
            if waiting in self._waiting:
                self._waiting.remove(waiting)
            elif waiting.future.done() and not waiting.future.cancelled() and sys.exc_info()[0]:
                self._short -= 1
                self._offer(waiting.future.result())  # it arrived as the wait ended

    def _offer(self, worker: WorkerProcess) -> None:
        """Give a worker to the query that has waited longest, or keep it idle."""
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.future.done():
                self._short += 1
                waiting.future.set_result(worker)
                return
        if len(self._idle) < self._size:
            self._idle.append(worker)
        else:  # places for long queries have become free
            self._end(worker)

    def _fill(self) -> None:
        """Start workers for waiting queries and some spare ones, within the places."""
        free = self._size - self._short - len(self._idle) - self._starting
        wanted = len(self._waiting) + _SPARE - len(self._idle) - self._starting
        for _ in range(min(free, wanted)):
            self._spawn()

    def _spawn(self) -> None:
        if self._closed:
            return
        self._starting += 1
        task = asyncio.get_running_loop().create_task(self._start_one())
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _start_one(self) -> bool:
        worker, snapshot = None, None
        try:
            snapshot = await self._latest.get()
            snapshot.users += 1  # it must not be removed while the worker starts
            loop = asyncio.get_running_loop()
            worker = WorkerProcess(
                loop, self._memory, self._store.union, self._fence, self._allowed_here
            )
            self._workers.add(worker)
            await worker.start(snapshot)
        except (ComityError, EOFError, OSError, TimeoutError, asyncio.CancelledError) as error:
            if worker is not None and not self._closed:
                self._end(worker)
            if not isinstance(error, asyncio.CancelledError):
                log.error("a worker process did not start: %r", error)
                asyncio.get_running_loop().call_later(_AGAIN, self._fill)
            return False
        finally:
            self._starting -= 1
            if snapshot is not None:
                snapshot.leave()
        if self._fence and not worker.fenced and not self._said_fence:
            self._said_fence = True
            log.warning("the system does not allow worker processes without a network")
        self._offer(worker)
        return True

    def _end(self, worker: WorkerProcess) -> None:
        """Kill a worker, and reap its process."""
        worker.kill()
        task = asyncio.get_running_loop().create_task(self._bury(worker))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    async def _bury(self, worker: WorkerProcess) -> None:
        await asyncio.to_thread(worker.process.wait)
        self._workers.discard(worker)

    def _lengthen(self, running: RunningQuery) -> None:
        """Move a long query to a place for such queries, or refuse it."""
        if running.id not in self._running:
            return
        long = sum(each.long for each in self._running.values())
        if long >= 2 * self._size and not running.begun:
            running.refused = True
            running.worker.kill()
            return
        running.long = True
        self._short -= 1
        running.worker.make_way(_NICE)
        self._fill()
