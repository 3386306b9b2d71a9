"""Encoding of a response: completes its headers, encodes its body, and records a copy."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from starlette.types import Message, Send

from comity.service.http.keepable import Cacheability
from comity.service.http.middleware.cache_storage import (
    AnswerCache,
    Key,
    RawHeaders,
    Recording,
    State,
)
from comity.service.http.middleware.content_coding import SMALLEST, Encoder, is_compressible

# Clients and proxies may store an answer but must revalidate it each time: no read after a write is
# stale, and revalidation costs no query.
REVALIDATE: Final = b"no-cache"
VARY: Final = b"Accept, Accept-Encoding"
# Headers that a cached answer gets again each time.
_MENDED: Final = frozenset(
    (b"etag", b"cache-control", b"vary", b"content-length", b"content-encoding")
)


@dataclass(frozen=True, slots=True)
class CacheSlot:
    """Key, tag and state under which an answer may be cached; `current` returns today's state."""

    cache: AnswerCache
    key: Key
    tag: bytes
    state: State
    current: Callable[[], State]


class ResponseEncoder:
    """Stands between a route and the server for one request.

    The route sets `mark` before its response starts. The start is held back until enough of the
    body is there to decide whether a coding is worthwhile. A body that breaks off stays broken in
    any coding, and is not cached.
    """

    def __init__(
        self,
        method: str,
        coding: str,
        send: Send,
        keeping: CacheSlot | None,
        mark: Cacheability,
    ) -> None:
        self._mark = mark
        self.mended = False  # True if the tags of the request were rewritten
        self._method, self._coding, self._send, self._keeping = method, coding, send, keeping
        self._start: Message | None = None
        self._headers: RawHeaders = []
        self._held = b""
        self._encodes = self._tagged = False
        self._encoder: Encoder | None = None
        self._recording: Recording | None = None

    async def send(self, message: Message) -> None:
        """Accept a message from the route."""
        if message["type"] == "http.response.start":
            self._start, self._headers = message, list(message.get("headers", ()))
            self._mend(message["status"])
            if not (self._encodes and self._coding) or self._method == "HEAD":
                await self._let_out()
        elif message["type"] == "http.response.body":
            await self._body(message.get("body", b""), message.get("more_body", False))
        else:
            await self.end()
            await self._send(message)

    async def end(self) -> None:
        """Send the start of a response that continues differently, or not at all."""
        if self._start is not None:
            await self._let_out()

    def close(self) -> None:
        """Drop the copy of an unfinished answer."""
        if self._recording is not None:
            self._recording.close()

    def _mend(self, status: int) -> None:
        """Set the headers for what the answer depends on, and for how long it is valid."""
        found, keeping = dict(self._headers), self._keeping
        kind = found.get(b"content-type", b"").decode("latin-1")
        self._encodes = status == 200 and is_compressible(kind) and b"content-encoding" not in found
        # States never recur: if it is the same as at the start, everything was read from it.
        if status == 200 and self._mark.keepable and keeping and keeping.current() == keeping.state:
            kept = [header for header in self._headers if header[0] not in _MENDED]
            self._put(b"cache-control", REVALIDATE)
            self._put(b"vary", VARY)
            if self._method != "HEAD":
                self._recording = Recording(
                    keeping.cache, keeping.key, keeping.state, keeping.tag, kept
                )
            if self._method != "POST":
                self._put(b"etag", suffixed(keeping.tag, self._coding))
            self._tagged = True
            return
        if self._mark.volatile:
            self._put(b"cache-control", b"no-store")
        if self._encodes:
            self._put(b"vary", _with_coding(found.get(b"vary", b"")))
        if status == 304 and self.mended:
            self._put_tag_of_coding()

    async def _body(self, piece: bytes, more: bool) -> None:
        if self._start is not None:
            self._held += piece
            if more and len(self._held) < SMALLEST:
                return
            piece, self._held = self._held, b""
            if len(piece) >= SMALLEST:
                self._encoder = Encoder(self._coding)
                self._say_coded()
            else:
                self._put(b"content-length", b"%d" % len(piece))
        coded = b""
        if self._encoder is not None:
            coded = await (self._encoder.feed(piece) if more else self._encoder.end(piece))
        if self._start is not None:
            if self._encoder is not None and not more:
                self._put(b"content-length", b"%d" % len(coded))
            await self._let_out()
        if self._recording is not None:
            self._recording.take(piece, coded)
        sent = piece if self._encoder is None else coded
        await self._send({"type": "http.response.body", "body": sent, "more_body": more})
        if not more and self._recording is not None:
            self._recording.keep(self._coding if self._encoder else "", encodes=self._encodes)

    async def _let_out(self) -> None:
        assert self._start is not None
        start, self._start = self._start, None
        if self._method == "HEAD" and self._encodes and self._coding:
            length = dict(self._headers).get(b"content-length")
            if length is not None and int(length) >= SMALLEST:  # as for a GET
                self._say_coded()
        await self._send({**start, "headers": self._headers})

    def _say_coded(self) -> None:
        self._put(b"content-encoding", self._coding.encode())
        self._put(b"content-length", None)
        if not self._tagged:
            self._put_tag_of_coding()

    def _put_tag_of_coding(self) -> None:
        """Give the coded answer of a route with its own tags a tag different from the plain one."""
        tag = dict(self._headers).get(b"etag")
        if tag is not None:
            self._put(b"etag", suffixed(tag, self._coding))

    def _put(self, name: bytes, value: bytes | None) -> None:
        self._headers = [header for header in self._headers if header[0] != name]
        if value is not None:
            self._headers.append((name, value))


def suffixed(tag: bytes, coding: str) -> bytes:
    """Return the entity tag for a content coding: different bytes need a different tag."""
    return tag[:-1] + f'-{coding}"'.encode() if coding else tag


def _with_coding(vary: bytes) -> bytes:
    if b"*" in vary or b"accept-encoding" in vary.lower():
        return vary
    return vary + b", Accept-Encoding" if vary else b"Accept-Encoding"
