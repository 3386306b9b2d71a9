"""Checkpoints of the data that workers have open."""

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Checkpoints(Protocol):
    """A store that gives copies of its data."""

    @property
    def location(self) -> str: ...

    @property
    def version(self) -> str: ...

    @property
    def union(self) -> bool: ...

    @property
    def folder(self) -> Path: ...

    def aside(self, name: str) -> Path: ...

    def snapshot(self) -> tuple[Path, str]:
        """Make a directory with the data as of now; gives it and its data version."""

    def close(self) -> None: ...


@dataclass(slots=True)
class Snapshot:
    """A checkpoint of the data, removed when no worker has it open and a newer one is there."""

    folder: Path
    version: str
    users: int = 0
    stale: bool = False

    def leave(self) -> None:
        self.users -= 1
        self._tidy()

    def retire(self) -> None:
        self.stale = True
        self._tidy()

    def _tidy(self) -> None:
        if self.stale and not self.users:
            shutil.rmtree(self.folder, ignore_errors=True)


class LatestSnapshot:
    """The snapshot of a store's data as they are now; belongs to one event loop."""

    def __init__(self, store: Checkpoints) -> None:
        self._store = store
        self._snapshot: Snapshot | None = None
        self._renewing = asyncio.Lock()

    async def get(self) -> Snapshot:
        """Give it; it is made where there is none of this version."""
        if (snapshot := self._current()) is not None:
            return snapshot
        async with self._renewing:
            if (snapshot := self._current()) is not None:
                return snapshot
            folder, version = await asyncio.to_thread(self._store.snapshot)
            self.retire()
            self._snapshot = Snapshot(folder, version)
            return self._snapshot

    def retire(self) -> None:
        """Let it go once no worker has it open."""
        if self._snapshot is not None:
            self._snapshot.retire()

    def _current(self) -> Snapshot | None:
        snapshot = self._snapshot
        return snapshot if snapshot and snapshot.version == self._store.version else None
