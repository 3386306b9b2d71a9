"""Keeps the search index up to date with a store."""

import asyncio
import shutil
import sys
import tempfile
import weakref
from asyncio.subprocess import PIPE
from contextlib import suppress
from pathlib import Path
from typing import Final

from comity.graph.errors import Busy, StoreError
from comity.graph.installed import query_file
from comity.graph.search.index import SearchIndex
from comity.graph.search.indexer import SEPARATOR
from comity.graph.store.interface import Query, ResultFormat, Store

PATIENCE: Final = 3.0  # seconds that a search waits for a newer index
_MAKE: Final = (sys.executable, "-m", "comity.graph.search.indexer")


class Searching:
    """Search index of one store: built on first use and rebuilt after the data have changed.

    A separate process builds it. Searches meanwhile wait a little, then use the previous index.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._folder = Path(tempfile.mkdtemp(prefix="comity-search-"))
        self._made = 0
        self._index: SearchIndex | None = None
        self._version = ""  # data version of the index
        self._making: asyncio.Task[None] | None = None
        self._one = asyncio.Lock()
        self._end = weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    async def index(self) -> tuple[SearchIndex, bool]:
        """Return the index, and True if it is older than the data. Raises StoreError, Busy."""
        if self._version != self._store.version:
            if self._making is None or self._making.done():
                self._making = asyncio.create_task(self._make())
            patience = None if self._index is None else PATIENCE
            await asyncio.wait([self._making], timeout=patience)
            if self._index is None:
                await self._making  # raises its error
        if self._index is None:
            raise Busy("the search index is not ready yet", hint="Try again in a moment.")
        return self._index, self._version != self._store.version

    async def close(self) -> None:
        """Stop a running build, and remove the index."""
        if self._making is not None:
            self._making.cancel()
            with suppress(asyncio.CancelledError, StoreError):
                await self._making
        if self._index is not None:
            self._index.close()
        self._end()

    async def _make(self) -> None:
        async with self._one:
            self._made += 1
            file = self._folder / f"{self._made}.sqlite"
            version = await self._write(file)
            old, self._index = self._index, await asyncio.to_thread(SearchIndex, file)
            self._version = version
            if old is not None:
                old.close()
                for other in self._folder.glob("*.sqlite*"):
                    if other != file:
                        other.unlink()

    async def _write(self, file: Path) -> str:
        """Build the index in a process, and return the version of its data."""
        process = await asyncio.create_subprocess_exec(*_MAKE, str(file), stdin=PIPE, stderr=PIPE)
        assert process.stdin is not None and process.stderr is not None
        try:
            with suppress(ConnectionError):  # it has ended; its stderr says why
                version = await self._send("search/names", process.stdin)
                await self._send("search/types", process.stdin)
                process.stdin.write(SEPARATOR.encode())
            process.stdin.close()
            said = (await process.stderr.read()).decode(errors="replace").strip().splitlines()
            if await process.wait():
                reason = said[-1] if said else f"exit {process.returncode}"
                raise StoreError(f"the search index can't be built: {reason}")
            return version
        finally:
            if process.returncode is None:
                process.kill()
                await process.wait()

    async def _send(self, name: str, to: asyncio.StreamWriter) -> str:
        query = Query(query_file(name), table=ResultFormat.CSV, graph=None)
        async with await self._store.query(query) as answer:
            async for chunk in answer:
                to.write(chunk)
                await to.drain()
            to.write(b"\n" + SEPARATOR.encode())  # the header of an empty table has no end of line
            return answer.version
