"""Backups: all the files of a store, as a folder or packed, and their restoration.

CURRENT        as in the folder of a store (`comity.graph.engines.embedded.folder`):
               a backup that is a folder can be opened as one
data-1/        the database
backup.json    written last: time, version, and the size and SHA-256 of each file
"""

import gzip
import hashlib
import io
import json
import os
import shutil
import tarfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path, PurePosixPath
from typing import IO, Any, BinaryIO, Final

import pyoxigraph

from comity.graph.engines.embedded.folder import StoreFolder
from comity.graph.errors import DataError, StoreError, unwritable

SUFFIXES: Final = (".tar.gz", ".tgz")
_DATA: Final = "data-1"
_MANIFEST: Final = "backup.json"
_CURRENT: Final = "CURRENT"
_SKIPPED: Final = frozenset(("LOCK", "LOG"))  # the engine recreates them
_PIECE: Final = 1024 * 1024
_FORMAT: Final = 1

Add = Callable[[str, int, IO[bytes]], None]


def is_packed(target: Path) -> bool:
    """True if a backup of this name is one packed file, rather than a folder."""
    return target.name.endswith(SUFFIXES)


def pack(data: Path, out: BinaryIO) -> None:
    """Write an idle database as a packed backup; `out` need not be seekable."""
    with (
        gzip.GzipFile(fileobj=out, mode="wb", compresslevel=1, filename="") as packed,
        tarfile.open(fileobj=packed, mode="w|") as archive,
    ):

        def add(name: str, size: int, file: IO[bytes]) -> None:
            entry = tarfile.TarInfo(name)
            entry.size = size
            archive.addfile(entry, file)

        _write(data, add)


def copy(data: Path, target: Path) -> None:
    """Write an idle database as a backup folder."""
    with _new_folder(target) as folder:
        _write(data, lambda name, size, file: _save(folder / name, file))


def unpack(source: IO[bytes], target: Path) -> None:
    """Unpack a packed backup into a folder; raises DataError if it is incomplete."""
    with _new_folder(target) as folder:
        _extract(source, folder, str(target))
        _verify(folder, str(target))


def restore(source: Path, location: Path) -> int:
    """Replace a store's data by a backup, atomically, and return the number of quads.

    Raises StoreInUse if a process holds the store, DataError if the backup is incomplete.
    """
    folder = StoreFolder.hold(location, damaged=True)
    try:
        data = folder.new_data()
        staging = data.with_name(f"{data.name}-restored")
        try:
            quads = _restore(source, staging)
            (staging / _DATA).rename(data)
            folder.switch(data)
        except OSError as error:
            raise unwritable(str(location), error) from error
        finally:
            shutil.rmtree(staging, ignore_errors=True)
        folder.remove_leftovers()
    finally:
        folder.release()
    return quads


def _restore(source: Path, staging: Path) -> int:
    staging.mkdir()
    try:
        if source.is_dir():
            _copy_folder(source, staging)
        else:
            with source.open("rb") as file:
                _extract(file, staging, str(source))
    except FileNotFoundError as error:
        raise DataError(f"{source}: no such backup") from error
    _verify(staging, str(source))
    try:
        engine = pyoxigraph.Store(str(staging / _DATA))
        quads = len(engine)
        engine.flush()
    except (OSError, RuntimeError) as error:
        raise DataError(f"{source}: the database in it can't be opened: {error}") from error
    return quads


# Writing


def _write(data: Path, add: Add) -> None:
    files: dict[str, dict[str, Any]] = {}
    for path in sorted(data.iterdir()):
        if path.name in _SKIPPED:
            continue
        name, size = f"{_DATA}/{path.name}", path.stat().st_size
        with path.open("rb") as file:
            hashed = _Hashing(file)
            add(name, size, hashed)  # type: ignore[arg-type]  # only its read method is called
        files[name] = {"size": size, "sha256": hashed.digest.hexdigest()}
    manifest = {
        "format": _FORMAT,
        "comity": version("comity"),
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "files": files,
    }
    for name, text in ((_CURRENT, _DATA), (_MANIFEST, json.dumps(manifest, indent=1))):
        add(name, len(text.encode()), io.BytesIO(text.encode()))


class _Hashing:
    """A file hashed while it is read."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file, self.digest = file, hashlib.sha256()

    def read(self, size: int = -1) -> bytes:
        data = self._file.read(size)
        self.digest.update(data)
        return data


def _save(path: Path, file: IO[bytes]) -> None:
    path.parent.mkdir(exist_ok=True)
    with path.open("xb") as out:
        while data := file.read(_PIECE):
            out.write(data)
        out.flush()
        os.fsync(out.fileno())


@contextmanager
def _new_folder(target: Path) -> Iterator[Path]:
    """Yield a folder that gets its name when complete; on failure it is removed."""
    if target.exists() and (not target.is_dir() or any(target.iterdir())):
        raise StoreError(
            f"{target} already exists", hint="Name a new or an empty folder for the backup."
        )
    folder = target.with_name(f".{target.name}.new")
    try:
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True)
        yield folder
        if target.exists():
            target.rmdir()
        folder.rename(target)
    except OSError as error:
        raise unwritable(str(target), error) from error
    finally:
        shutil.rmtree(folder, ignore_errors=True)


# Reading


def _extract(source: IO[bytes], folder: Path, name: str) -> None:
    try:
        with tarfile.open(fileobj=source, mode="r|gz") as archive:
            for entry in archive:
                content = archive.extractfile(entry)
                if content is None or not _is_ours(entry.name):
                    raise DataError(f"{name}: not a backup: it contains {entry.name}")
                _save(folder / entry.name, content)
    except (tarfile.TarError, EOFError, FileExistsError) as error:
        raise DataError(f"{name}: incomplete backup: {error}") from error


def _copy_folder(source: Path, folder: Path) -> None:
    for path in sorted(path for path in source.rglob("*") if path.is_file()):
        name = path.relative_to(source).as_posix()
        if _is_ours(name) and path.name not in _SKIPPED:
            with path.open("rb") as file:
                _save(folder / name, file)


def _is_ours(name: str) -> bool:
    path = PurePosixPath(name)
    if len(path.parts) == 1:
        return name in (_MANIFEST, _CURRENT)
    return len(path.parts) == 2 and path.parts[0] == _DATA and path.parts[1] != ".."


def _verify(folder: Path, name: str) -> None:
    """Compare each file with the manifest; raises DataError."""
    try:
        manifest = json.loads((folder / _MANIFEST).read_text("utf-8"))
        files, format = dict(manifest["files"]), manifest["format"]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise DataError(
            f"{name}: incomplete backup: its {_MANIFEST} is missing or damaged"
        ) from error
    if format != _FORMAT:
        raise DataError(
            f"{name}: this backup was made by a later version ({manifest.get('comity')})"
        )
    found = {f"{_DATA}/{path.name}" for path in (folder / _DATA).glob("*")}
    if odd := sorted(found.symmetric_difference(files)):
        raise DataError(f"{name}: incomplete backup: {odd[0]} is missing or was added")
    for each, said in files.items():
        with (folder / each).open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        if digest != said.get("sha256"):
            raise DataError(f"{name}: {each} in this backup is damaged")
