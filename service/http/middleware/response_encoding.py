"""A response on its way out: its headers mended, its body in a content coding, and a copy kept."""

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

# A client or a proxy may keep an answer, but asks each time whether it still holds: so nobody reads
# an old one after a write, and to ask costs no query.
REVALIDATE: Final = b"no-cache"
VARY: Final = b"Accept, Accept-Encoding"
# What an answer that is kept gets anew each time.
_MENDED: Final = frozenset(
    (b"etag", b"cache-control", b"vary", b"content-length", b"content-encoding")
)


@dataclass(frozen=True, slots=True)
class CacheSlot:
    """Under which key and tag an answer may be kept, of which state; `current` gives that of now."""

    cache: AnswerCache
    key: Key
    tag: bytes
    state: State
    current: Callable[[], State]


class ResponseEncoder:
    """What stands between a route and the server for one request.

    The route sets `mark` before its response starts. The start waits for as much
    of the body as tells whether a coding is worth its while. A body that breaks off stays broken in
    any coding, and is not kept.
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
        self.mended = False  # the tags that the client knows, for routes that know no codings
        self._method, self._coding, self._send, self._keeping = method, coding, send, keeping
        self._start: Message | None = None
        self._headers: RawHeaders = []
        self._held = b""
        self._encodes = self._tagged = False
        self._encoder: Encoder | None = None
        self._recording: Recording | None = None

    async def send(self, message: Message) -> None:
        """What the route sends by."""
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
        """Let out the start of a response that goes on in another way, or not at all."""
        if self._start is not None:
            await self._let_out()

    def close(self) -> None:
        """Drop the copy of what did not come to its end."""
        if self._recording is not None:
            self._recording.close()

    def _mend(self, status: int) -> None:
        """Say in the headers what the answer depends on, and how long it holds."""
        found, keeping = dict(self._headers), self._keeping
        kind = found.get(b"content-type", b"").decode("latin-1")
        self._encodes = status == 200 and is_compressible(kind) and b"content-encoding" not in found
        # States never come again: if it is the same as at the start, all was read from it.
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
            if length is not None and int(length) >= SMALLEST:  # as it would be for a GET
                self._say_coded()
        await self._send({**start, "headers": self._headers})

    def _say_coded(self) -> None:
        self._put(b"content-encoding", self._coding.encode())
        self._put(b"content-length", None)
        if not self._tagged:
            self._put_tag_of_coding()

    def _put_tag_of_coding(self) -> None:
        """Tell the coded answer of a route with tags of its own from the plain one."""
        tag = dict(self._headers).get(b"etag")
        if tag is not None:
            self._put(b"etag", suffixed(tag, self._coding))

    def _put(self, name: bytes, value: bytes | None) -> None:
        self._headers = [header for header in self._headers if header[0] != name]
        if value is not None:
            self._headers.append((name, value))


def suffixed(tag: bytes, coding: str) -> bytes:
    """The entity tag of the same answer in a content coding: other bytes need another one."""
    return tag[:-1] + f'-{coding}"'.encode() if coding else tag


def _with_coding(vary: bytes) -> bytes:
    if b"*" in vary or b"accept-encoding" in vary.lower():
        return vary
    return vary + b", Accept-Encoding" if vary else b"Accept-Encoding"
