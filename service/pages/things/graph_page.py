"""Pages of graphs."""

from typing import Final

from fastapi import Request, Response

from comity.graph.descriptions import jsonld
from comity.graph.descriptions.records.views import Views
from comity.graph.descriptions.things.contents import GraphContents, contents_of
from comity.service.http.context import context
from comity.service.http.html import page
from comity.service.http.keepable import keepable
from comity.service.http.problems import Refusal
from comity.service.http.responses import VERSION_HEADER, unless_gone
from comity.service.linked_data.resources import (
    FAMILIES,
    context_address,
    description,
    parse_name,
    unknown,
)
from comity.service.queries.state import canned

LISTED: Final = 500  # things of a graph on one page


async def graph(request: Request) -> Response:
    """Return the page of a graph: its description, and the things described in it."""
    contents, further = await unless_gone(request, _contents(request))
    slug, suffix = parse_name(request)
    if suffix:
        raise unknown(f"{slug}.{suffix}")
    keepable(request)
    family = FAMILIES["graph"]
    described = await description(request, family, slug)
    response = page(
        request,
        "graph.html",
        thing=Views(described).thing(),
        path=family.page + slug,
        data=family.data + slug,
        json_ld=jsonld.for_page(jsonld.framed(described, context_address(request))),
        things=contents.things,
        further=further,
    )
    response.headers[VERSION_HEADER] = described.version
    return response


async def _contents(request: Request) -> tuple[GraphContents, str | None]:
    """Return a page of the things of a graph, and the address of the next one."""
    slug, _ = parse_name(request)
    here, family = context(request), FAMILIES["graph"]
    start = request.query_params.get("offset", "0")
    if not (start.isascii() and start.isdecimal() and len(start) < 10):
        raise Refusal(422, f"offset is {start}", hint="Write a number", parameter="offset")
    labels, iri = canned(request.app).labels, family.base + slug
    found = await contents_of(here.store, labels, iri, LISTED, int(start), here.settings.timeout)
    further = f"{family.page}{slug}?offset={int(start) + LISTED}" if found.more else None
    return found, further
