"""Decoding of compressed request bodies (RFC 9110 §8.4), up to a limit."""

import zlib
from typing import BinaryIO, Final

from fastapi import Request

from comity.graph.errors import TooLarge
from comity.service.http.problems import Refusal

_PIECE: Final = 256 * 1024
_GZIP: Final = ("gzip", "x-gzip")


def is_compressed(request: Request) -> bool:
    """True if the body of a request is gzip; raises Refusal for other codings."""
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding in _GZIP:
        return True
    if coding in ("", "identity"):
        return False
    raise Refusal(
        415,
        f"The body's Content-Encoding is {coding}",
        hint="Send it uncompressed or as gzip",
        headers={"Accept-Encoding": "gzip, identity"},
    )


class Sink:
    """Decompresses input if needed, and writes up to `limit` bytes; `setting` names the limit.

    Raises TooLarge beyond the limit, Refusal for invalid gzip, and errors of the file.
    """

    def __init__(self, file: BinaryIO, limit: int, setting: str, *, compressed: bool) -> None:
        self._file, self._limit, self._left, self._setting = file, limit, limit, setting
        self._compressed = compressed
        self._unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
        self._begun = False

    def expect(self, request: Request) -> None:
        """Refuse a body whose Content-Length is over the limit."""
        declared = request.headers.get("content-length", "")
        if declared.isdecimal() and int(declared[:19]) > self._limit:
            raise self._too_large()

    def take(self, data: bytes) -> None:
        if not self._compressed:
            self._write(data)
            return
        full = False  # then the input may yield more output
        while data or full:
            try:
                unpacked = self._unpacker.decompress(data, _PIECE)
            except zlib.error as error:
                raise _broken(str(error)) from None
            self._write(unpacked)
            self._begun, full = True, len(unpacked) == _PIECE
            data = self._unpacker.unconsumed_tail
            if self._unpacker.eof:  # gzip streams may be concatenated
                data = self._unpacker.unused_data
                self._unpacker = zlib.decompressobj(zlib.MAX_WBITS | 16)
                self._begun = full = False

    def end(self, data: bytes = b"") -> None:
        self.take(data)
        if self._begun:
            raise _broken("it ends too early")
        self._file.flush()

    def _write(self, data: bytes) -> None:
        self._left -= len(data)
        if self._left < 0:
            raise self._too_large()
        self._file.write(data)

    def _too_large(self) -> TooLarge:
        return TooLarge(
            f"The body is longer than {self._limit:,} bytes",
            hint=f"{self._setting} sets the limit.",
        )


def _broken(why: str) -> Refusal:
    return Refusal(400, f"The body is not valid gzip: {why}")
