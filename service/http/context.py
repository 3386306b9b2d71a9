"""What every route needs: store, settings, writer, and the address that the client knows."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from fastapi import Request

from comity.graph.engines.remote.writer import RemoteWriter
from comity.graph.engines.writing.writer import Writer
from comity.graph.store.interface import Store
from comity.service.settings import Settings

# What `address` reads from a request: who keeps an answer has to tell these apart.
ADDRESS_HEADERS: Final = (b"host",)
_HOST: Final = re.compile(r"([\w.-]+|\[[0-9a-fA-F:.]+\])(:\d{1,5})?$", re.ASCII)


@dataclass(frozen=True, slots=True)
class Context:
    """The store and the settings of one service, and what writes to the store, if anything may."""

    store: Store
    settings: Settings
    writer: Writer | RemoteWriter | None = None


def context(request: Request) -> Context:
    """The context of the service that this request came to."""
    found = request.app.state.context
    assert isinstance(found, Context)
    return found


def address(request: Request) -> str:
    """The public address of the service, without a slash at the end."""
    settings = context(request).settings
    if settings.base:
        return settings.base
    host = request.headers.get("host", "")
    if not _HOST.match(host):
        host = f"{settings.host}:{settings.port}"
    return f"{request.scope['scheme']}://{host}{request.scope.get('root_path', '').rstrip('/')}"


def prefix(request: Request) -> str:
    """What stands before the path of every link, where the service is below a folder."""
    return urlsplit(address(request)).path
