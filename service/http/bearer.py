"""Who may write: the bearer of the token (RFC 6750)."""

import hmac

from fastapi import Request

from comity.graph.engines.remote.writer import RemoteWriter
from comity.graph.engines.writing.writer import Writer
from comity.service.http.context import context
from comity.service.http.problems import Refusal


def writer_for(request: Request) -> Writer | RemoteWriter:
    """What writes to the store, for a request that may have it write; raises Refusal."""
    authorise(request)
    writer = context(request).writer
    if writer is None:
        raise Refusal(501, "This store can't be written to through the service")
    return writer


def authorise(request: Request) -> None:
    """Refuse a request without the token."""
    token = context(request).settings.token
    if token is None:
        raise Refusal(
            403,
            "This service is read-only",
            hint="Set COMITY_TOKEN where it is started, and send it as a bearer token",
        )
    scheme, _, given = request.headers.get("authorization", "").partition(" ")
    # A header is bytes that Starlette reads as Latin-1; a token may be any text.
    matches = hmac.compare_digest(given.strip().encode("latin-1"), token.encode())
    if scheme.lower() != "bearer" or not matches:
        raise Refusal(
            401,
            "The bearer token is wrong" if given else "There is no bearer token",
            hint="Send the header Authorization: Bearer …, with the service's COMITY_TOKEN",
            headers={"WWW-Authenticate": 'Bearer realm="comity"'},
        )
