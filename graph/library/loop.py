"""An event loop in a thread of its own, so that blocking calls work where another loop runs."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class LoopThread:
    """Runs coroutines for threads that wait for them: in a script, and in a notebook's cell."""

    def __init__(self) -> None:
        ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(_until_stopped(ready)), name="comity-library", daemon=True
        )
        self._thread.start()
        self._loop, self._stop = ready.result()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for a coroutine; what ends the waiting, as Ctrl-C does, cancels it."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        finally:
            future.cancel()

    def close(self) -> None:
        """Cancel what runs, and end the thread."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()


async def _until_stopped(
    ready: "Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]]",
) -> None:
    stop = asyncio.Event()
    ready.set_result((asyncio.get_running_loop(), stop))
    await stop.wait()
