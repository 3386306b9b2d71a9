"""A store's folder: its holder, and which of its data directories is the current one.

CURRENT        the name of the current data directory
data-<n>/      a RocksDB database; one that CURRENT does not name was left by a crash
upload-*       incoming data; left by a crash if found when the store is opened
lock           held by the process that has the store open
holder.json    that process: pid, command, address
"""

import json
import os
import re
import shutil
import sys
import tempfile
import threading
from pathlib import Path
from typing import Final, Self

from filelock import FileLock, Timeout

from comity.graph.errors import StoreError, StoreInUse

_FIRST: Final = "data-1"  # stays empty until CURRENT is first written
_DATA: Final = re.compile(r"data-[0-9]+")
_OURS: Final = frozenset(("CURRENT", "CURRENT.new", "lock", "holder.json", "holder.json.new"))


class StoreFolder:
    """The folder of one open store, held by this process until `release`."""

    def __init__(self, path: Path, lock: FileLock, *, temporary: bool) -> None:
        self.path = path
        self.temporary = temporary
        self._lock = lock
        self._last = 0
        self._naming = threading.Lock()

    @classmethod
    def private(cls) -> Self:
        """Create a temporary folder that is removed on release."""
        return cls._hold(Path(tempfile.mkdtemp(prefix="comity-")), temporary=True)

    @classmethod
    def hold(cls, path: Path, *, damaged: bool = False) -> Self:
        """Lock a folder, creating it if it is missing.

        With `damaged` also a folder whose data are lost, so that they can be replaced. Raises
        StoreInUse if another process, or another store of this one, holds it, and StoreError if the
        folder is unusable or belongs to something else; it is then left untouched.
        """
        path = path.expanduser().absolute()
        try:
            _refuse_foreign(path)
            path.mkdir(parents=True, exist_ok=True)
            return cls._hold(path, temporary=False, damaged=damaged)
        except OSError as error:
            raise StoreError(
                f"{path} can't be used as a store: {error.strerror or error}",
                hint="A store needs a writable folder, even for reading.",
            ) from error

    @classmethod
    def _hold(cls, path: Path, *, temporary: bool, damaged: bool = False) -> Self:
        lock = FileLock(path / "lock", blocking=False, is_singleton=False)
        try:
            lock.acquire()
        except Timeout:
            raise _in_use(path) from None
        folder = cls(path, lock, temporary=temporary)
        try:
            if not damaged:
                folder.remove_leftovers()
            folder.set_address(None)
        except BaseException:
            lock.release()
            raise
        return folder

    @property
    def current(self) -> Path | None:
        """Current data directory, None in a new folder; raises StoreError if it is lost."""
        try:
            name = (self.path / "CURRENT").read_text("utf-8", "replace").strip()
        except FileNotFoundError:
            if any(data.name != _FIRST for data in self.path.glob("data-*")):
                raise self._damaged("its file CURRENT is missing") from None
            return None
        if not _DATA.fullmatch(name) or not (self.path / name).is_dir():
            raise self._damaged(f"its file CURRENT names {name!r}, which does not exist")
        return self.path / name

    def _damaged(self, how: str) -> StoreError:
        return StoreError(
            f"{self.path} is damaged: {how}",
            hint="Nothing in it was changed. Restore it from a backup, or use another folder.",
        )

    def set_address(self, address: str | None) -> None:
        """Record where this process serves the store, for processes that find it held."""
        holder = {"pid": os.getpid(), "command": " ".join(sys.argv), "address": address}
        _replace(self.path / "holder.json", json.dumps(holder))

    def new_data(self) -> Path:
        """Return the name of a data directory that does not exist yet, a new one each time."""
        names = (p.name.removeprefix("data-") for p in self.path.glob("data-*"))
        with self._naming:
            self._last = max(self._last, *(int(n) for n in names if n.isdecimal()), 0) + 1
            return self.path / f"data-{self._last}"

    def switch(self, data: Path) -> None:
        """Make a data directory the current one durably: after a crash it is the old or the new."""
        _replace(self.path / "CURRENT", data.name)

    def remove_leftovers(self) -> None:
        """Remove data directories other than the current one, and uploads."""
        current = self.current
        for data in self.path.glob("data-*"):
            if data != current:
                shutil.rmtree(data, ignore_errors=True)
        for upload in self.path.glob("upload-*"):
            upload.unlink(missing_ok=True)

    def release(self) -> None:
        """Unlock the folder; a temporary one is removed."""
        (self.path / "holder.json").unlink(missing_ok=True)
        self._lock.release()
        self.remove_temporary()

    def remove_temporary(self) -> None:
        """Remove a temporary folder; call again after closing a database in it."""
        if self.temporary:
            shutil.rmtree(self.path, ignore_errors=True)


def _refuse_foreign(path: Path) -> None:
    if not path.exists():
        return
    if not path.is_dir():
        raise StoreError(f"{path} is not a folder")
    names = {child.name for child in path.iterdir()}
    foreign = {n for n in names - _OURS if not n.startswith("data-")}
    if names and "CURRENT" not in names and (foreign or "lock" not in names):
        raise StoreError(
            f"{path} is not empty and not a store of Comity",
            hint="Use a new or empty folder; nothing in this one was changed.",
        )


def _in_use(path: Path) -> StoreInUse:
    try:
        holder = json.loads((path / "holder.json").read_text("utf-8"))
    except (OSError, ValueError):  # the holder is starting or stopping
        return StoreInUse(f"{path} is in use by another process")
    address = holder.get("address")
    serves = f", which serves it at {address}" if address else ""
    return StoreInUse(
        f"{path} is in use by process {holder.get('pid')} ({holder.get('command')}){serves}",
        address=address,
        hint="Stop that process, use its address, or choose another folder.",
    )


def _replace(path: Path, text: str) -> None:
    """Write a file so that a crash at any moment leaves the old or the new one complete."""
    new = path.with_name(path.name + ".new")
    with new.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    os.replace(new, path)
    if os.name == "posix":  # other systems can't open a directory, and need not
        directory = os.open(path.parent, os.O_RDONLY)
        try:
            os.fsync(directory)
        finally:
            os.close(directory)
