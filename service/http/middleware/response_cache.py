"""Response cache, entity tags and content codings, as plain ASGI ahead of the framework.

An answer depends on its request and the data. If a route marks it so (`keepable`), it gets an ETag
made of both and is cached; a client that already has it gets a 304 without a query, whether it is
cached or not.
"""

import hashlib
import secrets
import time
from typing import Final

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from comity.graph.store.interface import Store
from comity.service.http.context import ADDRESS_HEADERS
from comity.service.http.keepable import SCOPE_KEY, Cacheability
from comity.service.http.middleware.cache_storage import (
    AnswerCache,
    Key,
    RawHeaders,
    State,
    StoredAnswer,
)
from comity.service.http.middleware.content_coding import Encoder, negotiate_coding
from comity.service.http.middleware.response_encoding import (
    REVALIDATE,
    VARY,
    CacheSlot,
    ResponseEncoder,
    suffixed,
)

_KEY_HEADERS: Final = frozenset((b"accept", b"content-type", b"content-encoding", *ADDRESS_HEADERS))
_LONGEST: Final = 64 * 1024  # bytes of a POSTed query that can key an answer
_DAY: Final = 24 * 3600  # seconds
_POSTED: Final = "/sparql"  # the one path where a POST is a read


class ResponseCache:
    """The middleware; `store` gives the data version, `cache` holds the answers."""

    def __init__(self, app: ASGIApp, *, store: Store, cache: AnswerCache) -> None:
        self._app, self._store, self._cache = app, store, cache
        self._secret = secrets.token_bytes(16)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or scope["method"] not in ("GET", "HEAD", "POST"):
            return await self._app(scope, receive, send)
        asked = _CacheRequest(scope)
        if asked.method == "POST":
            if scope["path"].removeprefix(scope.get("root_path", "")) != _POSTED:
                return await self._app(scope, receive, send)
            if asked.length <= _LONGEST:  # else the route may refuse it before it is sent
                receive = await asked.read(receive)
        keeping = None
        if asked.is_whole and self._store.is_cacheable:
            key, state = asked.key, self._state()
            kept = self._cache.find(key, state)
            if kept is not None:
                return await self._again(kept, asked, send)
            tag = self._tag(key, state)
            if asked.knows(tag):
                return await self._say_known(tag, asked, send)
            keeping = CacheSlot(self._cache, key, tag, state, self._state)
        scope[SCOPE_KEY] = mark = Cacheability()
        outgoing = ResponseEncoder(asked.method, asked.coding, send, keeping, mark)
        try:
            await self._app(_untagged(scope, asked, outgoing), receive, outgoing.send)
            await outgoing.end()
        finally:
            outgoing.close()

    async def _again(self, kept: StoredAnswer, asked: "_CacheRequest", send: Send) -> None:
        """Send a cached answer."""
        if asked.knows(kept.tag):
            return await self._say_known(kept.tag, asked, send)
        coding = asked.coding if kept.encodes else ""
        body = kept.bodies.get(coding)
        if body is None:
            body = await Encoder(coding).end(kept.bodies[""])
            self._cache.add(kept, coding, body)
        headers = [*kept.headers, *_validators(kept.tag, asked)]
        headers.append((b"content-length", b"%d" % len(body)))
        if coding:
            headers.append((b"content-encoding", coding.encode()))
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": b"" if asked.method == "HEAD" else body})

    async def _say_known(self, tag: bytes, asked: "_CacheRequest", send: Send) -> None:
        self._cache.counts.not_modified += 1
        headers = _validators(tag, asked)
        await send({"type": "http.response.start", "status": 304, "headers": headers})
        await send({"type": "http.response.body"})

    def _state(self) -> State:
        """Return the data version and the day (UTC), which is written into networks."""
        return self._store.version, int(time.time() // _DAY)

    def _tag(self, key: Key, state: State) -> bytes:
        """Compute the entity tag of an answer; it can't be guessed."""
        named = hashlib.blake2b(repr((state, key)).encode(), key=self._secret, digest_size=12)
        return f'"{named.hexdigest()}"'.encode()


class _CacheRequest:
    """The parts of a request that identify its answer, and the client's tags and codings."""

    def __init__(self, scope: Scope) -> None:
        self.method: str = scope["method"]
        self.known = b""  # If-None-Match
        self.length = 0  # of the body, by its header
        codings = b""
        parts: list[bytes | str | bool] = [self.method == "POST", scope["path"]]
        parts += (scope["query_string"], scope["scheme"], scope.get("root_path", ""))
        for name, value in scope["headers"]:
            if name in _KEY_HEADERS:
                parts += (name, value)
            elif name == b"accept-encoding":
                codings = codings + b"," + value if codings else value
            elif name == b"if-none-match" and self.method != "POST":
                self.known = self.known + b"," + value if self.known else value
            elif name == b"content-length" and value.isdigit():
                self.length = int(value[:19])
        self._parts = parts
        # An HTTP/1.0 client could not distinguish the end of a coded stream from a break.
        self.coding = "" if scope["http_version"] == "1.0" else negotiate_coding(codings)
        self.is_whole = self.method != "POST"

    @property
    def key(self) -> Key:
        return tuple(self._parts)

    def knows(self, tag: bytes) -> bool:
        """True if the client has the answer with this tag, in the coding that it accepts now."""
        return bool(self.known) and suffixed(tag, self.coding) in self.known

    async def read(self, receive: Receive) -> Receive:
        """Add a body to the key; returns a `receive` that yields the same messages again."""
        messages: list[Message] = []
        size, more = 0, True
        while more and size <= _LONGEST:
            messages.append(message := await receive())
            size += len(message.get("body", b""))
            more = message.get("more_body", False)
        self.is_whole = not more and messages[-1]["type"] == "http.request"
        self._parts.append(b"".join(message.get("body", b"") for message in messages))
        messages.reverse()

        async def again() -> Message:
            return messages.pop() if messages else await receive()

        return again


def _validators(tag: bytes, asked: _CacheRequest) -> RawHeaders:
    found = [(b"cache-control", REVALIDATE), (b"vary", VARY)]
    # The response to a POST is not a representation of its address, so it gets no tag.
    return found if asked.method == "POST" else [(b"etag", suffixed(tag, asked.coding)), *found]


def _untagged(scope: Scope, asked: _CacheRequest, outgoing: ResponseEncoder) -> Scope:
    """Hide codings and their tags from a route that sets its own tags."""
    ours = suffixed(b'"', asked.coding)
    if not asked.coding or ours not in asked.known:
        return scope
    outgoing.mended = True
    headers = [
        (name, value.replace(ours, b'"') if name == b"if-none-match" else value)
        for name, value in scope["headers"]
    ]
    return {**scope, "headers": headers}
