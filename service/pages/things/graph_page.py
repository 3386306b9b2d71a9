"""The web pages of graphs."""

from typing import Final

from fastapi import Request, Response

from comity.graph.descriptions import jsonld
from comity.graph.descriptions.labels import Labels
from comity.graph.descriptions.links import Link, link
from comity.graph.descriptions.records.views import Views
from comity.graph.sparql.substitution import cut
from comity.graph.store.own_queries import query_text, rows
from comity.graph.store.solutions import Solutions, solve
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

LISTED: Final = 500  # things of a graph on one page


async def graph(request: Request) -> Response:
    """The page of a graph: what it is, and the things that it describes."""
    things, further = await unless_gone(request, _things(request))
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
        things=things,
        further=further,
    )
    response.headers[VERSION_HEADER] = described.version
    return response


async def _things(request: Request) -> tuple[list[Link], str | None]:
    """A page of the things of a graph, and where the next one is."""
    slug, _ = parse_name(request)
    here, family = context(request), FAMILIES["graph"]
    timeout = here.settings.timeout
    start = request.query_params.get("offset", "0")
    if not (start.isascii() and start.isdecimal() and len(start) < 10):
        raise Refusal(422, f"offset is {start}", hint="It is a number", parameter="offset")
    text = query_text("resource/contents", graph=family.base + slug)
    found = await rows(here.store, cut(text, LISTED + 1, int(start)), timeout)
    iris = [row["thing"] for row in found[:LISTED]]

    async def ask(text: str) -> Solutions:
        return await solve(here.store, text, timeout)

    labels = await Labels(ask, lambda: here.store.version).of(iris)
    things = [link(iri, labels) for iri in iris]
    further = f"{family.page}{slug}?offset={int(start) + LISTED}" if len(found) > LISTED else None
    return sorted(things, key=lambda each: each.text.casefold()), further
