"""Files and http(s) addresses, opened as streams of bytes."""

import io
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import unquote, urlsplit

from comity.graph.errors import DataError

_MEDIA_ACCEPTED: Final = (
    "application/trig, application/n-quads, text/turtle;q=0.9, application/n-triples;q=0.9, "
    "application/rdf+xml;q=0.8, application/ld+json;q=0.7, */*;q=0.1"
)
HEAD: Final = 64 * 1024  # bytes read to detect the format
_TIMEOUT: Final = 30.0  # seconds
_ERRNO: Final = re.compile(r"^\[Errno -?\d+\] ")
_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)


def is_address(source: str | Path) -> bool:
    """True if a source is an http or https address."""
    return isinstance(source, str) and source.startswith(("http://", "https://"))


def address_path(address: str) -> str:
    """Return the decoded path of an address; raises DataError if it is not an address."""
    try:
        return unquote(urlsplit(address).path)
    except ValueError as error:
        raise DataError(f"{address}: not a web address: {error}") from error


@dataclass
class OpenSource:
    """An open source: its bytes and the media type that the server gave."""

    file: io.BufferedReader
    media_type: str | None = None


@contextmanager
def open_source(
    source: str | Path, progress: Callable[[int, int | None], None] | None
) -> Iterator[OpenSource]:
    """Open a file or an http(s) address; raises DataError."""
    if is_address(source):
        with _open_address(str(source), progress) as opened:
            yield opened
        return
    if scheme := _SCHEME.match(str(source)):
        raise DataError(
            f"{source}: {scheme[1]} addresses can't be read",
            hint="Give a file path, or an http or https address.",
        )
    path = Path(source)
    try:
        file = path.open("rb")
    except OSError as error:
        raise DataError(f"{path}: {os_reason(error)}") from error
    with file:
        counted = PieceStream(file_pieces(file), path.stat().st_size, progress)
        yield OpenSource(io.BufferedReader(counted, HEAD))


@contextmanager
def _open_address(
    address: str, progress: Callable[[int, int | None], None] | None
) -> Iterator[OpenSource]:
    import httpx  # here, since it takes 50 ms that a start without addresses need not wait for

    headers = {"Accept": _MEDIA_ACCEPTED}
    try:
        with httpx.stream(
            "GET", address, headers=headers, follow_redirects=True, timeout=_TIMEOUT
        ) as response:
            if response.status_code != 200:
                reason = f"{response.status_code} {response.reason_phrase}"
                raise DataError(f"{address}: the server answered {reason}")
            length = response.headers.get("content-length")
            encoded = "content-encoding" in response.headers
            total = int(length) if length and length.isdecimal() and not encoded else None
            pieces = PieceStream(response.iter_bytes(), total, progress)
            media_type = response.headers.get("content-type", "").partition(";")[0].strip()
            yield OpenSource(io.BufferedReader(pieces, HEAD), media_type or None)
    except httpx.TimeoutException as error:
        raise DataError(f"{address}: no answer within {_TIMEOUT:g} s") from error
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise DataError(f"{address}: not a web address") from error
    except httpx.HTTPError as error:
        reason = _ERRNO.sub("", str(error))
        raise DataError(f"{address}: {reason or 'the connection was lost'}") from error


def file_pieces(file: io.BufferedIOBase) -> Iterator[bytes]:
    """Yield a file piece by piece."""
    while piece := file.read(HEAD):
        yield piece


class PieceStream(io.RawIOBase):
    """A stream over pieces of bytes that counts what has been read."""

    def __init__(
        self,
        pieces: Iterator[bytes],
        total: int | None = None,
        progress: Callable[[int, int | None], None] | None = None,
    ) -> None:
        self._pieces = pieces
        self._rest = b""
        self._read = 0
        self._total = total
        self._progress = progress

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        self._read += size
        if self._progress is not None:
            self._progress(self._read, self._total)
        return size


def os_reason(error: Exception) -> str:
    """Return the reason why a file could not be read."""
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, IsADirectoryError):
        return "this is a folder, not a file"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"can't be decompressed: {error}"
