"""Telemetry around every route: gives each request an id, times, counts and logs it.

Plain ASGI around the whole application, so that it sees the last error page and cached answers.
"""

import asyncio
import itertools
import logging
import re
import secrets
import time
from collections.abc import MutableMapping
from functools import lru_cache
from typing import Any, Final

from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from comity.graph.store.tracing import TracedQuery, watch
from comity.service.http.middleware.logs import FIELDS
from comity.service.http.middleware.metrics import Metrics

ID_HEADER: Final = "X-Request-ID"
_ID_KEY: Final = b"x-request-id"
_ID: Final = re.compile(rb"[\w.:/+=@-]{1,128}", re.ASCII)
_METHODS: Final = frozenset(("GET", "HEAD", "POST", "PUT", "DELETE", "OPTIONS"))
_GONE: Final = 499  # status if the client left before the answer, as in nginx
_LONGEST: Final = 10_000  # characters of a query in the log
# On every answer; pages and pictures have more (`comity.service.http.html`).
_HEADERS: Final = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)

_RUN: Final = secrets.token_hex(4)  # of this process, so that request ids are unique
_numbers = itertools.count(1)

requests = logging.getLogger("comity.requests")
slow = logging.getLogger("comity.slow")


class Telemetry:
    """The observing middleware. `slow` is in seconds, None for no log of slow queries."""

    def __init__(
        self, app: ASGIApp, routes: list[BaseRoute], metrics: Metrics, slow: float | None
    ) -> None:
        self._app, self._metrics, self._slow = app, metrics, slow
        self._template = lru_cache(maxsize=4096)(lambda path: _template(routes, path))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        exchange = _Exchange(scope, receive, send)
        queries = watch()
        self._metrics.open += 1
        try:
            await self._app(scope, exchange.receive, exchange.send)
        except asyncio.CancelledError:
            # The service is stopping. What has begun breaks off when this returns before its end.
            exchange.cause = "failed"
            if not exchange.status:
                await exchange.refuse()
        except Exception:
            exchange.cause = "failed"
            if not exchange.complete:  # else the error is logged, and its page sent
                raise
        finally:
            self._metrics.open -= 1
            self._note(scope, exchange, queries)

    def _note(self, scope: Scope, exchange: "_Exchange", queries: list[TracedQuery]) -> None:
        seconds = time.perf_counter() - exchange.started
        route = getattr(scope.get("route"), "path", None) or self._template(scope["path"])
        method = scope["method"] if scope["method"] in _METHODS else "other"
        status = exchange.status or _GONE
        counted = self._metrics
        counted.requests[method, route, status] += 1
        counted.seconds[route].observe(seconds)
        counted.bytes += exchange.sent
        cause = exchange.broken
        if cause:
            counted.broken[cause] += 1
        # Frequent probes would hide the rest.
        level = logging.DEBUG if route.startswith(("/health", "/metrics")) else logging.INFO
        if requests.isEnabledFor(level):
            client = scope.get("client")
            fields = {
                "id": exchange.id,
                "status": status,
                "outcome": cause or ("failed" if status >= 500 else "done"),
                "seconds": round(seconds, 6),
                "bytes": exchange.sent,
                "queries": [query.id for query in queries],
                "client": client[0] if client else None,
            }
            # The path without its query string, which may be private or long.
            said = (scope["method"], scope["path"])
            requests.log(level, "%s %s", *said, extra={FIELDS: fields})
        for query in queries:
            counted.queries[query.outcome or "gone"] += 1  # None: it is being stopped
        if self._slow is not None:
            for query in queries:
                if query.age >= self._slow:
                    _report(query, exchange.id)


class _Exchange:
    """One request and its answer so far."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.started = time.perf_counter()
        self.id = _given_id(scope) or f"{_RUN}-{next(_numbers):x}"
        self.status = 0
        self.sent = 0
        self.complete = False
        self.gone = False
        self.cause: str | None = None
        self._head = scope["method"] == "HEAD"
        self._receive, self._send = receive, send

    @property
    def broken(self) -> str | None:
        """Why the answer is incomplete, None if it is complete."""
        if self.complete:
            return None
        return "gone" if self.gone else self.cause or "failed"

    async def receive(self) -> Message:
        message = await self._receive()
        if message["type"] == "http.disconnect" and not self.complete:
            self.gone = True
        return message

    async def send(self, message: MutableMapping[str, Any]) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            headers = message["headers"] = list(message.get("headers", ()))
            present = {name for name, _ in headers}
            headers += [each for each in _HEADERS if each[0] not in present]
            headers.append((_ID_KEY, self.id.encode()))
        await self._send(message)
        if message["type"] == "http.response.body":
            if not self._head:
                self.sent += len(message.get("body", b""))
            self.complete = not message.get("more_body", False)

    async def refuse(self) -> None:
        """Tell the client that the service is stopping."""
        body = (
            b'{"type": "about:blank", "title": "Service Unavailable", "status": 503,'
            b' "detail": "The service is stopping", "hint": "Try again in a moment."}'
        )
        headers = [
            (b"content-type", b"application/problem+json"),
            (b"content-length", str(len(body)).encode()),
            (b"retry-after", b"5"),
            (b"connection", b"close"),
        ]
        await self.send({"type": "http.response.start", "status": 503, "headers": headers})
        await self.send({"type": "http.response.body", "body": body})


def _given_id(scope: Scope) -> str | None:
    """Return the request id of the client or its proxy, if it is safe to log."""
    for name, value in scope["headers"]:
        if name == _ID_KEY and _ID.fullmatch(value):
            return bytes(value).decode()
    return None


def _template(routes: list[BaseRoute], path: str) -> str:
    """Return the template of the matching route: few values, as metric labels must be."""
    scope = {"type": "http", "method": "GET", "path": path, "root_path": "", "headers": []}
    for route in routes:
        if route.matches(scope)[0] is not Match.NONE:
            return str(getattr(route, "path", "other"))
    return "none"


def _report(query: TracedQuery, request: str) -> None:
    text = query.text
    if len(text) > _LONGEST:
        text = f"{text[:_LONGEST]}… ({len(text)} characters)"
    fields = {
        "id": request,
        "query": query.id,
        "seconds": round(query.age, 3),
        "outcome": query.outcome,
        "text": text,
    }
    slow.warning("a slow query", extra={FIELDS: fields})
