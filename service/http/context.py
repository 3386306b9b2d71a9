"""Context of every route: store, settings, writer, and the public address."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request

from comity.graph.engines.remote.writer import RemoteWriter
from comity.graph.engines.writing.writer import Writer
from comity.graph.store.interface import Store
from comity.service.settings import Settings

# Headers that `address` reads: a cache must vary its keys by them.
ADDRESS_HEADERS: Final = (b"host",)
_HOST: Final = re.compile(r"([\w.-]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Context:
    """Store and settings of one service, and its writer, None if it is read-only."""

    store: Store
    settings: Settings
    writer: Writer | RemoteWriter | None = None


def context(request: Request) -> Context:
    """Return the context of the service that received this request."""
    found = request.app.state.context
    assert isinstance(found, Context)
    return found


def address(request: Request) -> str:
    """Return the public address of the service, without a trailing slash."""
    settings = context(request).settings
    if settings.base:
        return settings.base
    host = request.headers.get("host", "")
    if not _HOST.match(host):
        host = f"{settings.host}:{settings.port}"
    return f"{request.scope['scheme']}://{host}{request.scope.get('root_path', '').rstrip('/')}"


def prefix(request: Request) -> str:
    """Return the path prefix of every link, if the service is below a folder."""
    return urlsplit(address(request)).path
