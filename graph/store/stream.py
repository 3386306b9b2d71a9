"""Stream of bytes from a thread that writes to a task that reads."""

import asyncio
import threading
from collections import deque
from collections.abc import AsyncIterator, Callable
from concurrent.futures import Executor, Future
from typing import Final, Self

from comity.graph.errors import ComityError, QueryTimeout, StoreError
from comity.graph.store.interface import Query, ResultFormat

# The engine writes pieces of 8 KiB; passing on each alone would cost more than its bytes.
_CHUNK: Final = 64 * 1024
_IN_FLIGHT: Final = 8  # chunks buffered for a slow reader


class ReaderGone(Exception):
    """Raised in the writing thread when the reader is gone."""


class ByteStream:
    """Stream of one answer: `write` and `end` belong to one thread, the rest to the event loop.

    A writer that is half a mebibyte ahead of its reader waits.
    """

    format: ResultFormat
    version: str

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._free = threading.Semaphore(_IN_FLIGHT)
        self._stopped = threading.Event()
        self._held: list[bytes] = []
        self._held_size = 0
        self._begun = False
        self._chunks: deque[bytes | ComityError | None] = deque()
        self._arrived = asyncio.Event()

    # The file interface that the engine writes to.

    def write(self, data: bytes) -> int:
        """Accept bytes from the engine; raises ReaderGone when the reader is gone."""
        if self._stopped.is_set():
            raise ReaderGone
        self._held.append(bytes(data))
        self._held_size += len(data)
        if self._held_size >= _CHUNK or not self._begun:
            self.flush()
        return len(data)

    def flush(self) -> None:
        """Hand over the buffered bytes, waiting for a free slot."""
        if not self._held:
            return
        self._free.acquire()
        if self._stopped.is_set():
            raise ReaderGone
        self._begun = True
        self._send(b"".join(self._held))
        self._held.clear()
        self._held_size = 0

    def end(self, error: ComityError | None = None) -> None:
        """End the stream, complete or with an error."""
        self._send(error)

    def _send(self, item: bytes | ComityError | None) -> None:
        try:
            self._loop.call_soon_threadsafe(self._arrive, item)
        except RuntimeError:  # the loop is closed, so there is no reader
            raise ReaderGone from None

    # Called on the event loop.

    def _arrive(self, item: bytes | ComityError | None) -> None:
        self._chunks.append(item)
        self._arrived.set()

    async def read(self) -> bytes | None:
        """Wait for the next chunk, None at the end; raises the error that ended the stream."""
        while not self._chunks:
            self._arrived.clear()
            await self._arrived.wait()
        item = self._chunks.popleft()
        if isinstance(item, bytes):
            self._free.release()
            return item
        self._chunks.append(item)  # a further read gets the same end
        if item is not None:
            raise item
        return None

    @property
    def stopped(self) -> bool:
        return self._stopped.is_set()

    def islate(self, deadline: float | None) -> bool:
        """True if the deadline has passed while the writer is still at work."""
        written = bool(self._chunks) and not isinstance(self._chunks[-1], bytes)
        return deadline is not None and self._loop.time() > deadline and not written

    def stop(self) -> None:
        """Make the writing thread stop at its next write."""
        self._stopped.set()
        self._free.release()


class StreamedAnswer:
    """An answer whose first chunk is ready; see `comity.graph.store.interface.Answer`."""

    def __init__(self, stream: ByteStream, first: bytes | None, deadline: float | None) -> None:
        self._stream = stream
        self._first = first
        self._deadline = deadline

    @property
    def format(self) -> ResultFormat:
        return self._stream.format

    @property
    def version(self) -> str:
        return self._stream.version

    async def __aiter__(self) -> AsyncIterator[bytes]:
        if self._stream.stopped:
            raise StoreError("the answer is closed")
        chunk, self._first = self._first, None
        try:
            while chunk is not None:
                yield chunk
                chunk = await self._next()
        finally:
            self._stream.stop()

    async def _next(self) -> bytes | None:
        if self._stream.stopped:
            raise StoreError("the answer was closed before its end")
        if self._stream.islate(self._deadline):
            raise late()
        try:
            async with asyncio.timeout_at(self._deadline):
                return await self._stream.read()
        except TimeoutError:
            raise late() from None

    async def aclose(self) -> None:
        self._stream.stop()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()


async def begin(
    threads: Executor,
    run: Callable[[Query, ByteStream], None],
    query: Query,
    stream: ByteStream,
    done: Callable[["Future[None]"], None] = lambda _: None,
) -> StreamedAnswer:
    """Answer a query into a stream in a thread, and return when the first bytes are ready.

    `run` ends the stream in any case; `done` is called after it returns. Raises QueryTimeout, or
    the error with which `run` ended the stream.
    """
    loop = asyncio.get_running_loop()
    deadline = None if query.timeout is None else loop.time() + query.timeout
    future = threads.submit(run, query, stream)
    future.add_done_callback(done)
    future.add_done_callback(lambda ended: _end_cancelled(ended, stream))
    try:
        async with asyncio.timeout_at(deadline):
            first = await stream.read()
    except BaseException as error:
        future.cancel()
        stream.stop()
        if isinstance(error, TimeoutError):
            raise too_long(query) from None
        raise
    return StreamedAnswer(stream, first, deadline)


def end(stream: ByteStream, error: ComityError | None) -> None:
    """End a stream, even if its reader is gone."""
    try:
        stream.end(error)
    except ReaderGone:
        return


def _end_cancelled(done: "Future[None]", stream: ByteStream) -> None:
    if done.cancelled():
        end(stream, StoreError("the store was closed before the query began"))


def too_long(query: Query) -> QueryTimeout:
    """Return the error for a time limit that passes before the first byte."""
    return QueryTimeout(
        f"the query took longer than {query.timeout:g} s",
        hint="Narrow it by a class or a VALUES line, or split it into smaller queries.",
    )


def late() -> QueryTimeout:
    """Return the error for a time limit that passes later."""
    return QueryTimeout("the time limit passed in the middle of the answer")
