"""An event loop in its own thread, so that blocking calls work beside another running loop."""

import asyncio
import threading
from collections.abc import Coroutine
from concurrent.futures import Future
from typing import Any, TypeVar

T = TypeVar("T")


class LoopThread:
    """Runs coroutines for threads that wait for them, in scripts and in notebook cells."""

    def __init__(self) -> None:
        ready: Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = Future()
        self._thread = threading.Thread(
            target=lambda: asyncio.run(_until_stopped(ready)), name="comity-library", daemon=True
        )
        self._thread.start()
        self._loop, self._stop = ready.result()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Wait for a coroutine; an interruption such as Ctrl-C cancels it."""
        future = asyncio.run_coroutine_threadsafe(work, self._loop)
        try:
            return future.result()
        finally:
            future.cancel()

    def close(self) -> None:
        """Cancel running coroutines, and end the thread."""
        self._loop.call_soon_threadsafe(self._stop.set)
        self._thread.join()


async def _until_stopped(
    ready: "Future[tuple[asyncio.AbstractEventLoop, asyncio.Event]]",
) -> None:
    stop = asyncio.Event()
    ready.set_result((asyncio.get_running_loop(), stop))
    await stop.wait()
