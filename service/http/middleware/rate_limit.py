"""Rate limit per client, ahead of all routes."""

import ipaddress
from math import ceil
from typing import Final

from fastapi import Request
from starlette.types import ASGIApp, Receive, Scope, Send

from comity.service.http.middleware.metrics import Metrics
from comity.service.http.middleware.token_bucket import Buckets
from comity.service.http.problems import Problem, respond
from comity.service.settings import Rate

# Paths for monitors, and the static files of pages.
_FREE: Final = ("/health", "/metrics", "/static/")


class RateLimit:
    """Middleware that limits the request rate of each client."""

    def __init__(self, app: ASGIApp, rate: Rate, metrics: Metrics) -> None:
        self._app, self._rate, self._metrics = app, rate, metrics
        self._buckets = Buckets(rate)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        wait = 0.0
        if scope["type"] == "http" and not scope["path"].startswith(_FREE):
            wait = self._buckets.take(client_of(scope))
        if not wait:
            await self._app(scope, receive, send)
            return
        self._metrics.refused += 1
        problem = Problem(
            429,
            "Too many requests",
            f"The limit for one client is {self._rate}",
            hint=f"Try again in {ceil(wait)} s (see Retry-After).",
        )
        headers = {"Retry-After": str(ceil(wait)), "Cache-Control": "no-store"}
        await respond(Request(scope), problem, headers)(scope, receive, send)


def client_of(scope: Scope) -> str:
    """Identify the client: its address, or for IPv6 its /64 network (RFC 6177)."""
    host = scope["client"][0] if scope.get("client") else ""
    try:
        address = ipaddress.ip_address(host)
    except ValueError:
        return host
    if address.version == 4:
        return host
    mapped = address.ipv4_mapped
    return str(mapped or ipaddress.ip_network((int(address), 64), strict=False))
