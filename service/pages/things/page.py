"""Page of a thing: its description and the records about it by kind, with links to the words."""

from dataclasses import fields
from typing import Final

from fastapi import Request, Response

from comity.graph.descriptions import jsonld
from comity.graph.descriptions.things.gathering import MOST
from comity.graph.descriptions.things.view import view_thing
from comity.graph.rdf.namespaces import ID
from comity.service.http.context import context
from comity.service.http.html import page
from comity.service.http.keepable import keepable
from comity.service.http.responses import VERSION_HEADER, unless_gone
from comity.service.linked_data.resources import (
    FAMILIES,
    context_address,
    description,
    parse_name,
    unknown,
)
from comity.service.pages.things.neighbourhood import neighbourhood

_FEW: Final = 200  # records


async def thing(request: Request) -> Response:
    """Return the page of a thing; 404 if the graph has nothing about it."""
    slug, suffix = parse_name(request)
    if suffix:
        raise unknown(f"{slug}.{suffix}")
    keepable(request)
    here = context(request)
    view = await unless_gone(request, view_thing(here.store, ID + slug, here.settings.timeout))
    if view is None:
        raise unknown(slug)
    # A page with few records contains all its data; a great one only what it shows.
    whole = view.described
    if not view.great and view.records <= _FEW:
        whole = await description(request, FAMILIES["id"], slug)
    family = FAMILIES["id"]
    response = page(
        request,
        "thing.html",
        path=family.page + slug,
        data=family.data + slug,
        slug=slug,
        json_ld=jsonld.for_page(jsonld.framed(whole, context_address(request))),
        most=MOST,
        hood=neighbourhood(view.neighbours, view.all_neighbours),
        **{field.name: getattr(view, field.name) for field in fields(view)},
    )
    response.headers[VERSION_HEADER] = view.described.version
    return response
