"""The networks as pages: the catalogue of views, one view with its picture, how to open files."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from fastapi import Request, Response

from comity.graph.canned import CannedQuery
from comity.graph.errors import ParameterError
from comity.graph.networks import drawing
from comity.graph.networks.formats import FORMATS, VOWL
from comity.graph.networks.palette import GROUPS, OTHER, STANCES
from comity.service.canned_pages import query_page
from comity.service.catalogue import canned, shown
from comity.service.context import context
from comity.service.exports import OPTIONS, read_options, resolve_around
from comity.service.html import page

_PICTURES: Final = frozenset(("svg", "png"))


def catalogue_page(request: Request) -> Response:
    """The views, each with what it shows."""
    views = canned(request.app).views
    return page(
        request,
        "networks.html",
        views=sorted(views.queries.values(), key=lambda view: view.name),
        broken=[shown(error) for error in views.broken],
        formats=FORMATS.values(),
        vowl=VOWL,
    )


def viewers_page(request: Request) -> Response:
    """How to open a network in each viewer, step by step."""
    return page(request, "viewers.html", cors="*" in context(request).settings.cors)


async def view_page(request: Request, query: CannedQuery, arguments: Mapping[str, str]) -> Response:
    """A view: its form, its picture, its files, and its edges with their quotations."""
    options = {name: arguments.get(name, "") for name in OPTIONS}
    own = {
        name: value for name, value in arguments.items() if name not in OPTIONS or name == "lang"
    }
    problem = None
    try:
        if around := read_options(arguments).around:
            await resolve_around(around, canned(request.app).names)
    except ParameterError as error:
        problem = error
    given = {name: value for name, value in arguments.items() if value}
    response = await query_page(
        request,
        query,
        own,
        template="network.html",
        folder="network",
        options=options,
        option_problem=problem,
        files=[f for f in FORMATS.values() if f.suffix not in _PICTURES or drawing.is_installed()],
        vowl=VOWL if query.name == "ontology" else None,
        picture=drawing.is_installed(),
        narrowed=urlencode(given),
        legend=dict.fromkeys([*GROUPS.values(), OTHER]),
        stances=STANCES,
    )
    if problem:
        response.status_code = 422
    return response
