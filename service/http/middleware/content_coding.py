"""Content codings (RFC 9110 §8.4): negotiation and streaming encoders."""

import asyncio
import re
import sys
import zlib
from collections.abc import Callable
from functools import lru_cache
from typing import Final

if sys.version_info >= (3, 14):
    from compression import zstd
else:
    from backports import zstd

__all__ = ["CODINGS", "SMALLEST", "Encoder", "is_compressible", "negotiate_coding", "zstd"]

CODINGS: Final = ("zstd", "gzip")  # the server's order of preference
SMALLEST: Final = 1024  # bytes; smaller bodies are not worth encoding
# Bytes that take about half a millisecond to encode; handing them to a thread would take longer.
_INLINE: Final = {"zstd": 128 * 1024, "gzip": 16 * 1024}
_GZIP_LEVEL: Final = 5
_ZSTD_LEVEL: Final = 3
_COMPRESSIBLE: Final = re.compile(
    r"(text/.*|.*[+/](json|xml)|application/(javascript|n-triples|n-quads|trig|x-turtle|x-ndjson"
    r"|sparql-query|openmetrics-text))\s*(;.*)?",
    re.IGNORECASE,
)
_PART: Final = re.compile(
    rb"\s*([!#$%&'*+.^_`|~\w-]+)\s*(?:;\s*q\s*=\s*([01](?:\.\d{0,3})?)\s*)?\Z"
)
_LONGEST: Final = 1000  # characters of an Accept-Encoding header


@lru_cache(maxsize=256)
def negotiate_coding(header: bytes) -> str:
    """Return the coding that an Accept-Encoding header prefers (RFC 9110 §12.5.3), "" for none."""
    weights: dict[bytes, float] = {}
    for part in header[:_LONGEST].lower().split(b","):
        if match := _PART.match(part):
            weights[match[1]] = float(match[2] or 1)
    weights.setdefault(b"gzip", weights.get(b"x-gzip", weights.get(b"*", 0)))
    weights.setdefault(b"zstd", weights.get(b"*", 0))
    best = max(CODINGS, key=lambda coding: weights[coding.encode()])
    weight = weights[best.encode()]
    return best if weight and weight >= weights.get(b"identity", 0) else ""


@lru_cache(maxsize=256)
def is_compressible(content_type: str) -> bool:
    """True if content of this type benefits from compression."""
    return _COMPRESSIBLE.fullmatch(content_type) is not None


class Encoder:
    """Encoder of one body; all input so far can be decoded from all output so far.

    A body without `end` is truncated for every reader, as it should be if producing it failed.
    """

    def __init__(self, coding: str) -> None:
        self._compress = _zstd() if coding == "zstd" else _gzip()
        self._inline = _INLINE[coding]

    async def feed(self, data: bytes) -> bytes:
        """Encode the next piece."""
        return await self._run(data, False) if data else b""

    async def end(self, data: bytes = b"") -> bytes:
        """Encode the last piece and end the body."""
        return await self._run(data, True)

    async def _run(self, data: bytes, last: bool) -> bytes:
        if len(data) <= self._inline:
            return self._compress(data, last)
        return await asyncio.to_thread(self._compress, data, last)  # other requests continue


def _zstd() -> Callable[[bytes, bool], bytes]:
    compressor = zstd.ZstdCompressor(level=_ZSTD_LEVEL)
    return lambda data, last: compressor.compress(
        data, compressor.FLUSH_FRAME if last else compressor.FLUSH_BLOCK
    )


def _gzip() -> Callable[[bytes, bool], bytes]:
    compressor = zlib.compressobj(_GZIP_LEVEL, wbits=31)  # 31: with a gzip header
    return lambda data, last: (
        compressor.compress(data) + compressor.flush(zlib.Z_FINISH if last else zlib.Z_SYNC_FLUSH)
    )
