"""A query running in a worker, and its answer, frame by frame."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from dataclasses import dataclass
from typing import Literal, Protocol, Self

from comity.graph.engines.workers.process import WorkerProcess
from comity.graph.engines.workers.wire import unpack_error
from comity.graph.engines.workers.worker import DATA, ERROR
from comity.graph.errors import ComityError, StoreError
from comity.graph.store.interface import ResultFormat
from comity.graph.store.stream import late

# Outcome of a query. All but the first two also end its process.
Outcome = Literal[
    "done", "failed", "timeout", "memory", "cancelled", "gone", "crashed", "refused", "shutdown"
]


@dataclass(slots=True)
class RunningQuery:
    """A running query; `started` and `ended` are times of time.monotonic."""

    id: str
    text: str
    started: float
    worker: WorkerProcess
    long: bool = False
    cancelled: bool = False
    begun: bool = False
    refused: bool = False
    ended: float | None = None
    outcome: Outcome | None = None

    @property
    def age(self) -> float:
        """Seconds that it has run, or ran."""
        return (self.ended or time.monotonic()) - self.started


class WorkerLender(Protocol):
    """Lends workers to queries and takes them back: the pool."""

    async def failed(self, running: RunningQuery) -> ComityError:
        """Return the error for a query whose worker is gone."""

    def release(self, running: RunningQuery, outcome: Outcome | None) -> None:
        """Take the worker back from a query that has ended."""


class PooledAnswer:
    """An answer whose first bytes are ready; see `comity.graph.store.interface.Answer`."""

    def __init__(
        self,
        pool: WorkerLender,
        running: RunningQuery,
        format: ResultFormat,
        deadline: float | None,
    ) -> None:
        assert running.worker.snapshot is not None
        self.format = format
        self.version = running.worker.snapshot.version
        self._pool, self._running, self._deadline = pool, running, deadline
        self._first: bytes | None = None
        self._is_empty = False
        self._done = False

    async def begin(self) -> None:
        """Wait for the first bytes; until then an error is clean."""
        self._first = await self._next()
        self._is_empty = self._first is None
        if self._running.worker.has_ended_answer:
            await self._next()

    @property
    def is_whole(self) -> bool:
        """True if all of it has arrived, so that reading neither waits nor fails."""
        return self._done

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._done and self._first is None and not self._is_empty:
            raise StoreError("the answer is closed")
        chunk, self._first = self._first, None
        try:
            while chunk is not None:
                yield chunk
                chunk = await self._next()
        finally:
            await self.aclose()

    async def _next(self) -> bytes | None:
        if self._done:
            return None
        try:
            async with asyncio.timeout_at(self._deadline):
                kind, body = await self._running.worker.receive()
        except TimeoutError:
            self._end("timeout")
            raise late() from None
        except EOFError:
            raise await self._pool.failed(self._running) from None
        except asyncio.CancelledError:
            self._end("gone")
            raise
        if kind == DATA:
            self._running.begun = True
            return body
        self._end("failed" if kind == ERROR else "done")
        if kind == ERROR:
            raise unpack_error(json.loads(body))
        return None

    def _end(self, outcome: Outcome) -> None:
        if not self._done:
            self._done = True
            self._pool.release(self._running, outcome)

    async def aclose(self) -> None:
        self._end("gone")

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()
