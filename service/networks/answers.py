"""Answers of queries and views as network files."""

import re
from collections.abc import AsyncIterator, Mapping
from difflib import get_close_matches
from typing import IO, Final

from fastapi import Request, Response
from starlette.background import BackgroundTask
from starlette.responses import StreamingResponse

from comity.graph.catalogue.binding import bind_request, read_request
from comity.graph.catalogue.queries import CannedQuery
from comity.graph.errors import NotAcceptable, quoted
from comity.graph.networks import export
from comity.graph.networks.export import (
    Export,
    Options,
    adhoc_header,
    find_format,
    header_of,
    network_of,
    read_options,
    write,
)
from comity.graph.networks.formats.registry import FORMATS, NetworkFormat
from comity.graph.networks.model import Network
from comity.graph.store.interface import Query
from comity.service.http.context import address, context
from comity.service.http.keepable import keepable
from comity.service.http.media import GRAPH_NAMES, TABLE_NAMES, available
from comity.service.http.protocol import Operation
from comity.service.http.responses import VERSION_HEADER, unless_gone
from comity.service.networks.options import BESIDE, COUNT_HEADER, OPTIONS, refuse_parts
from comity.service.queries import any_query_tables
from comity.service.queries.state import canned, url_with

_VARY: Final = {"Vary": "Accept"}
_PIECE: Final = 64 * 1024
_NOT_A_FILE_NAME: Final = re.compile(r"[^a-z0-9_-]+")


async def answer_canned(
    request: Request, query: CannedQuery, arguments: Mapping[str, str], suffix: str
) -> Response:
    """Answer a canned query or a view with a network file."""
    format = find_format(suffix)
    options = read_options(arguments, format)
    network = await unless_gone(request, canned_network(request, query, arguments, options))
    name = f"{query.name}-{options.flavour}" if options.flavour else query.name
    return respond(format, await unless_gone(request, write(network, format, options)), name)


async def canned_network(
    request: Request, query: CannedQuery, arguments: Mapping[str, str], options: Options
) -> Network:
    """Build the network of a canned query or a view; the caller closes it."""
    here = canned(request.app)
    own = {name: value for name, value in arguments.items() if name not in OPTIONS}
    refuse_parts(own)
    bound = await bind_request(query, read_request(own, query, BESIDE), here.names)
    header = header_of(bound, url_with(request, {}), await here.release())
    at, timeout = context(request).store, context(request).settings.timeout
    return await export.canned_network(at, bound, header, options, here.names, here.solve, timeout)


async def answer_operation(
    request: Request, operation: Operation, query: Query, format: NetworkFormat
) -> Response:
    """Answer a query of the SPARQL Protocol with a network file."""
    options = read_options(operation.further, format)
    keepable(request, operation.text)
    network = await unless_gone(request, adhoc_network(request, query, options))
    return respond(format, await unless_gone(request, write(network, format, options)), "network")


async def adhoc_network(request: Request, query: Query, options: Options) -> Network:
    """Build the network of an ad hoc query; the caller closes it."""
    here = canned(request.app)
    header = adhoc_header(
        "Network of a query", "", query.text, f"{address(request)}/sparql", await here.release()
    )
    return await network_of(context(request).store, query, header, options, here.names, here.solve)


def unknown_format(name: str) -> NotAcceptable:
    """Return the error for a format that no answer has."""
    names = [*TABLE_NAMES, *GRAPH_NAMES, *any_query_tables.TYPES, *FORMATS]
    near = get_close_matches(name.lower(), names, 1)
    hint = f"Did you mean {near[0]}? " if near else ""
    listed = (
        f"The formats are {available(TABLE_NAMES, GRAPH_NAMES)}; "
        f"for tables {', '.join(any_query_tables.TYPES)}; "
        f"for networks {', '.join(FORMATS)}"
    )
    return NotAcceptable(f"Unknown format {quoted(name)}", hint=hint + listed)


def respond(format: NetworkFormat, export: Export, name: str) -> Response:
    """Respond with a network as a file to save, or as a picture to view."""
    disposition = "inline" if format.shown else "attachment"
    return StreamingResponse(
        _pieces(export.file),
        media_type=format.media_type,
        headers={
            **_VARY,
            VERSION_HEADER: export.version,
            COUNT_HEADER: export.counted,
            "Content-Length": str(export.size),
            "Content-Disposition": f'{disposition}; filename="{_file_name(name)}.{format.suffix}"',
            "X-Content-Type-Options": "nosniff",
            # A picture opened on its own must not run or load anything.
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
        background=BackgroundTask(export.file.close),
    )


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


def _file_name(name: str) -> str:
    return _NOT_A_FILE_NAME.sub("-", name)
