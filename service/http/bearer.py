"""Authorisation by bearer token (RFC 6750)."""

import hmac

from fastapi import Request

from comity.graph.engines.remote.writer import RemoteWriter
from comity.graph.engines.writing.writer import Writer
from comity.service.http.context import context
from comity.service.http.problems import Refusal


def writer_for(request: Request) -> Writer | RemoteWriter:
    """Return the writer for a request that may write; raises Refusal."""
    authorise(request)
    writer = context(request).writer
    if writer is None:
        raise Refusal(501, "This store can't be written to through the service")
    return writer


def authorise(request: Request) -> None:
    """Refuse a request without the right token."""
    token = context(request).settings.token
    if token is None:
        raise Refusal(
            403,
            "This service is read-only",
            hint="Start it with COMITY_TOKEN set, and send that as a bearer token",
        )
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    # Starlette reads header bytes as Latin-1; a token may be any text.
    matches = hmac.compare_digest(given.strip().encode("latin-1"), token.encode())
    if scheme.lower() != "bearer" or not matches:
        raise Refusal(
            401,
            "The bearer token is wrong" if given else "The bearer token is missing",
            hint="Send the header Authorization: Bearer … with the service's COMITY_TOKEN",
            headers={"WWW-Authenticate": 'Bearer realm="comity"'},
        )
