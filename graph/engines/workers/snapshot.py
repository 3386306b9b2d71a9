"""Checkpoints of the data opened by workers."""

import asyncio
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol


class Checkpoints(Protocol):
    """A store that makes copies of its data."""

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
        """Make a directory with the current data; return it and its data version."""

    def close(self) -> None: ...


@dataclass(slots=True)
class Snapshot:
    """A checkpoint of the data, removed when it is outdated and no worker has it open."""

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
    """Snapshot of a store's current data; belongs to one event loop."""

    def __init__(self, store: Checkpoints) -> None:
        self._store = store
        self._snapshot: Snapshot | None = None
        self._renewing = asyncio.Lock()

    async def get(self) -> Snapshot:
        """Return the snapshot; it is made if there is none of this version."""
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
        """Remove it once no worker has it open."""
        if self._snapshot is not None:
            self._snapshot.retire()

    def _current(self) -> Snapshot | None:
        snapshot = self._snapshot
        return snapshot if snapshot and snapshot.version == self._store.version else None
