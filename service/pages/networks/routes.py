"""Routes of networks: the catalogue of views, and the views as pages and files."""

from collections.abc import Mapping
from typing import Final

from fastapi import Request, Response

from comity.graph.catalogue.binding import BoundQuery, bind_request, read_request
from comity.graph.catalogue.queries import CannedQuery
from comity.graph.errors import NotAcceptable
from comity.graph.networks.export import header_of, vowl_of
from comity.graph.networks.formats.registry import FORMATS, VOWL
from comity.service.http.context import address, context
from comity.service.http.keepable import keepable
from comity.service.http.media import HTML, negotiate
from comity.service.http.problems import Refusal
from comity.service.http.protocol import QUERY
from comity.service.http.responses import to_json, unless_gone
from comity.service.networks.answers import _VARY, answer_canned
from comity.service.networks.options import BESIDE
from comity.service.pages.networks import page as view_page
from comity.service.queries import negotiation
from comity.service.queries.state import arguments_of, canned, describe_views, url_with

ONTOLOGY_VIEW: Final = "ontology"


async def catalogue(request: Request) -> Response:
    """Return the views: a page for people, JSON for tools."""
    arguments = arguments_of(request)
    suffix = request.path_params.get("suffix") or arguments.get("format")
    keepable(request)
    types = {"json": "application/json", "html": HTML}
    if negotiation.choose_suffix(request.headers.get("accept"), suffix, types) == "html":
        return view_page.catalogue_page(request)
    document = describe_views(canned(request.app), address(request))
    return Response(to_json(document), media_type="application/json", headers=_VARY)


async def viewers(request: Request) -> Response:
    """Return the page on how to open a network in each viewer."""
    return view_page.viewers_page(request)


async def view(request: Request) -> Response:
    """Return one view in the format of its suffix, `format=` or Accept."""
    name, _, suffix = request.path_params["name"].partition(".")
    query = _find(request, name)
    keepable(request, query.text)
    arguments = arguments_of(request)
    named = arguments.pop("format", "")
    suffix = suffix or named or _preferred(request)
    if suffix == "rq":
        return await _text(request, query, arguments)
    if suffix == "html":
        return await view_page.view_page(request, query, arguments)
    if suffix == VOWL:
        return await _vowl(request, query, arguments)
    return await answer_canned(request, query, arguments, suffix)


async def _vowl(request: Request, query: CannedQuery, arguments: Mapping[str, str]) -> Response:
    """Return the whole ontology for WebVOWL."""
    if query.name != ONTOLOGY_VIEW:
        raise NotAcceptable(
            "WebVOWL draws only ontologies", hint=f"Use /network/{ONTOLOGY_VIEW}.{VOWL}"
        )
    for name in arguments:
        raise Refusal(422, f"{VOWL} takes no parameters", parameter=name)
    here = canned(request.app)
    header = header_of(BoundQuery(query), url_with(request, {}), await here.release())
    work = vowl_of(context(request).store, header, context(request).settings.timeout)
    return Response(
        await unless_gone(request, work),
        media_type="application/json",
        headers={**_VARY, "Content-Disposition": f'attachment; filename="{query.name}.{VOWL}"'},
    )


async def _text(request: Request, query: CannedQuery, arguments: Mapping[str, str]) -> Response:
    text = query.text
    if any(arguments.values()):
        wanted = read_request(arguments, query, BESIDE)
        text = (await bind_request(query, wanted, canned(request.app).names)).text
    return Response(text, media_type=QUERY, headers=_VARY)


def _preferred(request: Request) -> str:
    """Return the suffix for an Accept header; GEXF for a client that accepts anything."""
    types: dict[str, str] = {}
    for suffix, format in FORMATS.items():
        if format.media_type not in ("application/json", "application/zip"):
            types[suffix] = format.media_type
    types["html"] = HTML
    accepted = negotiate(request.headers.get("accept"), list(types.values()))
    if accepted is None:
        raise NotAcceptable(
            "None of the accepted formats is available",
            hint=f"The formats are {', '.join(FORMATS)}",
        )
    return next(suffix for suffix, type in types.items() if type == accepted)


def _find(request: Request, name: str) -> CannedQuery:
    views = canned(request.app).views
    if name in views.queries:
        return views.queries[name]
    near = views.near(name)
    hint = f"Did you mean {', '.join(near)}?" if near else "/network lists them"
    raise Refusal(404, f"Unknown view {name[:60]}", hint=hint)
