"""Networks over HTTP: the catalogue of views, and any answer as a file for a graph viewer."""

import re
from collections.abc import AsyncIterator, Mapping
from difflib import get_close_matches
from typing import IO, Final

from fastapi import Request, Response
from starlette.background import BackgroundTask
from starlette.responses import StreamingResponse

from comity.graph.binding import replace
from comity.graph.canned import CannedQuery
from comity.graph.errors import NotAcceptable
from comity.graph.networks.formats import FORMATS, VOWL, NetworkFormat
from comity.graph.networks.model import Network
from comity.graph.store import Query
from comity.graph.values import quoted
from comity.service import network_pages, sparql_tables, tables
from comity.service.answers import VERSION_HEADER, unless_gone
from comity.service.caching import keepable
from comity.service.canned_answers import read_asked, terms_of
from comity.service.catalogue import arguments_of, canned, describe_views, url_with
from comity.service.context import address, context
from comity.service.exports import (
    BESIDE,
    COUNT_HEADER,
    OPTIONS,
    Export,
    Options,
    adhoc_header,
    find_format,
    header_of,
    network_of,
    read_options,
    refuse_parts,
    undated,
    vowl_of,
    write,
)
from comity.service.media import GRAPH_NAMES, HTML, TABLE_NAMES, available, negotiate
from comity.service.problems import Refusal
from comity.service.protocol import QUERY, Operation

_VARY: Final = {"Vary": "Accept"}
_PIECE: Final = 64 * 1024
_NOT_A_FILE_NAME: Final = re.compile(r"[^a-z0-9_-]+")
ONTOLOGY_VIEW: Final = "ontology"


async def catalogue(request: Request) -> Response:
    """The views: a page for a person, JSON for a tool."""
    arguments = arguments_of(request)
    suffix = request.path_params.get("suffix") or arguments.get("format")
    keepable(request)
    types = {"json": "application/json", "html": HTML}
    if tables.choose_suffix(request.headers.get("accept"), suffix, types) == "html":
        return network_pages.catalogue_page(request)
    document = describe_views(canned(request.app), address(request))
    return Response(tables.to_json(document), media_type="application/json", headers=_VARY)


async def viewers(request: Request) -> Response:
    """How to open a network in each viewer."""
    return network_pages.viewers_page(request)


async def view(request: Request) -> Response:
    """One view, in the format of its suffix, `format=` or Accept."""
    name, _, suffix = request.path_params["name"].partition(".")
    query = _find(request, name)
    keepable(request, query.text)
    arguments = arguments_of(request)
    named = arguments.pop("format", "")
    suffix = suffix or named or _preferred(request)
    if suffix == "rq":
        return await _text(request, query, arguments)
    if suffix == "html":
        return await network_pages.view_page(request, query, arguments)
    if suffix == VOWL:
        return await _vowl(request, query, arguments)
    return await answer_canned(request, query, arguments, suffix)


async def answer_canned(
    request: Request, query: CannedQuery, arguments: Mapping[str, str], suffix: str
) -> Response:
    """The answer to a canned query, or a view, as a network."""
    format = find_format(suffix)
    options = read_options(arguments, format)
    network = await unless_gone(request, canned_network(request, query, arguments, options))
    name = f"{query.name}-{options.flavour}" if options.flavour else query.name
    return respond(format, await unless_gone(request, write(network, format, options)), name)


async def canned_network(
    request: Request, query: CannedQuery, arguments: Mapping[str, str], options: Options
) -> Network:
    """The network of a canned query, or a view; the caller closes it."""
    here = canned(request.app)
    own = {name: value for name, value in arguments.items() if name not in OPTIONS}
    refuse_parts(own)
    terms = await terms_of(query, read_asked(own, query, BESIDE), here.names)
    text = replace(query.text, terms)
    header = header_of(query, terms, text, url_with(request, {}), await here.release())
    return await network_of(
        context(request).store,
        text,
        header,
        options,
        here.names,
        here.solve,
        timeout=context(request).settings.timeout,
        ends=query.ends,
        wider=undated(query, terms),
    )


async def answer_operation(
    request: Request, operation: Operation, query: Query, format: NetworkFormat
) -> Response:
    """The answer to a query of the SPARQL Protocol as a network."""
    options = read_options(operation.further, format)
    keepable(request, operation.text)
    network = await unless_gone(request, adhoc_network(request, query, options))
    return respond(format, await unless_gone(request, write(network, format, options)), "network")


async def adhoc_network(request: Request, query: Query, options: Options) -> Network:
    """The network of a query of the user's own; the caller closes it."""
    here = canned(request.app)
    header = adhoc_header(
        "Network of a query", "", query.text, f"{address(request)}/sparql", await here.release()
    )
    return await network_of(
        context(request).store,
        query.text,
        header,
        options,
        here.names,
        here.solve,
        timeout=query.timeout,
        query=query,
    )


def unknown_format(name: str) -> NotAcceptable:
    """The error for a format that no answer of a query comes in."""
    names = [*TABLE_NAMES, *GRAPH_NAMES, *sparql_tables.TYPES, *FORMATS]
    near = get_close_matches(name.lower(), names, 1)
    hint = f"Did you mean {near[0]}? " if near else ""
    listed = (
        f"There are {available(TABLE_NAMES, GRAPH_NAMES)}; for tables {', '.join(sparql_tables.TYPES)}; "
        f"for networks {', '.join(FORMATS)}"
    )
    return NotAcceptable(f"There is no format {quoted(name)}", hint=hint + listed)


def respond(format: NetworkFormat, export: Export, name: str) -> Response:
    """A network as a file to keep, or as a picture to look at."""
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
            # A picture opened by itself may run and load nothing.
            "Content-Security-Policy": "default-src 'none'; sandbox",
        },
        background=BackgroundTask(export.file.close),
    )


async def _pieces(file: IO[bytes]) -> AsyncIterator[bytes]:
    while piece := file.read(_PIECE):
        yield piece


async def _vowl(request: Request, query: CannedQuery, arguments: Mapping[str, str]) -> Response:
    """The ontology for WebVOWL, whole."""
    if query.name != ONTOLOGY_VIEW:
        raise NotAcceptable(
            "WebVOWL draws ontologies alone", hint=f"/network/{ONTOLOGY_VIEW}.{VOWL} is one"
        )
    for name in arguments:
        raise Refusal(422, f"{VOWL} takes no parameter", parameter=name)
    here = canned(request.app)
    header = header_of(query, {}, query.text, url_with(request, {}), await here.release())
    work = vowl_of(context(request).store, header, context(request).settings.timeout)
    return Response(
        await unless_gone(request, work),
        media_type="application/json",
        headers={**_VARY, "Content-Disposition": f'attachment; filename="{query.name}.{VOWL}"'},
    )


async def _text(request: Request, query: CannedQuery, arguments: Mapping[str, str]) -> Response:
    text = query.text
    if any(arguments.values()):
        asked = read_asked(arguments, query, BESIDE)
        text = replace(text, await terms_of(query, asked, canned(request.app).names))
    return Response(text, media_type=QUERY, headers=_VARY)


def _preferred(request: Request) -> str:
    """The suffix that an Accept header means; GEXF for a client that takes anything."""
    types: dict[str, str] = {}
    for suffix, format in FORMATS.items():
        if format.media_type not in ("application/json", "application/zip"):
            types[suffix] = format.media_type
    types["html"] = HTML
    accepted = negotiate(request.headers.get("accept"), list(types.values()))
    if accepted is None:
        raise NotAcceptable(
            "None of the formats asked for can be made", hint=f"There are {', '.join(FORMATS)}"
        )
    return next(suffix for suffix, type in types.items() if type == accepted)


def _find(request: Request, name: str) -> CannedQuery:
    views = canned(request.app).views
    if name in views.queries:
        return views.queries[name]
    near = views.near(name)
    hint = f"Did you mean {', '.join(near)}?" if near else "/network lists them"
    raise Refusal(404, f"There is no view {name[:60]}", hint=hint)


def _file_name(name: str) -> str:
    return _NOT_A_FILE_NAME.sub("-", name)
