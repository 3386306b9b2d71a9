"""Pages of networks: the catalogue of views, one view with its picture, how to open files."""

from collections.abc import Mapping
from functools import partial
from typing import Final
from urllib.parse import urlencode

from fastapi import Request, Response

from comity.graph.catalogue.binding import BoundQuery
from comity.graph.catalogue.empty_answers import emptied_by
from comity.graph.catalogue.queries import CannedQuery
from comity.graph.networks.build import in_thread
from comity.graph.networks.elements import Header
from comity.graph.networks.export import (
    canned_network,
    counted,
    left_out,
    one_sided,
    read_options,
)
from comity.graph.networks.formats import graphviz
from comity.graph.networks.formats.dot import look
from comity.graph.networks.formats.rdf import VOCABULARY
from comity.graph.networks.formats.registry import FORMATS, VOWL, fitting
from comity.graph.networks.model import Network
from comity.graph.networks.palette import GROUPS, OTHER, STANCES
from comity.service.http.context import context
from comity.service.http.html import page
from comity.service.networks.options import BESIDE, OPTIONS, refuse_parts
from comity.service.pages.catalogue.page import query_page
from comity.service.pages.networks.table import edge_table
from comity.service.queries.state import canned, shown, url_with

_PAGING: Final = ("limit", "offset")


def catalogue_page(request: Request) -> Response:
    """Return the page of the views."""
    views = canned(request.app).views
    return page(
        request,
        "networks.html",
        explorable=_is_explorable(request),
        views=sorted(views.queries.values(), key=lambda view: view.name),
        broken=[shown(error) for error in views.broken],
        formats=FORMATS.values(),
        vowl=VOWL,
        vocabulary=VOCABULARY,
    )


def _is_explorable(request: Request) -> bool:
    return any(getattr(route, "path", "") == "/explore" for route in request.app.routes)


def viewers_page(request: Request) -> Response:
    """Return the page on how to open a network in each viewer."""
    return page(request, "viewers.html", cors="*" in context(request).settings.cors)


async def view_page(request: Request, query: CannedQuery, arguments: Mapping[str, str]) -> Response:
    """Return the page of a view: form, picture, files, and edges with their quotations."""
    options = {name: arguments.get(name, "") for name in OPTIONS}
    own = {
        name: value for name, value in arguments.items() if name not in OPTIONS or name == "lang"
    }
    given = {name: value for name, value in arguments.items() if value and name not in _PAGING}
    return await query_page(
        request,
        query,
        own,
        template="network.html",
        folder="network",
        answer=partial(_edges, arguments),
        beside=(*BESIDE, *_PAGING),
        options=options,
        vowl=VOWL if query.name == "ontology" else None,
        explorable=_is_explorable(request),
        picture=graphviz.is_installed(),
        asked_of=urlencode(given),
        legend=dict.fromkeys([*GROUPS.values(), OTHER]),
        stances=STANCES,
    )


def _is_labelled(network: Network) -> bool:
    return look(network.node_count, network.edge_count).edge_labels


def _is_drawable(network: Network, merged: bool) -> bool:
    """True if a picture, with merged or separate edges, is not too large."""
    edges = network.merged_count if merged else network.edge_count
    return FORMATS["svg"].takes(network.node_count, edges)


async def _edges(
    arguments: Mapping[str, str], request: Request, bound: BoundQuery
) -> dict[str, object]:
    """Return the template's values for a view: exactly the edges of the picture."""
    refuse_parts({name: value for name, value in arguments.items() if name not in _PAGING})
    here, options = canned(request.app), read_options(arguments)
    network = await canned_network(
        context(request).store,
        bound,
        Header(bound.query.summary),
        options,
        here.names,
        here.solve,
        context(request).settings.timeout,
    )
    with network:
        found = await in_thread(network, lambda: edge_table(request, network, bound.request))
        return {
            **found,
            "text": bound.text,
            "counted": counted(network),
            "left_out": left_out(network),
            "one_sided": one_sided(network) if bound.has_period else "",
            "files": fitting(network.node_count, network.edge_count),
            # With so many edges that they have no labels, the picture merges them.
            "merged": (merged := options.multi == "keep" and not _is_labelled(network)),
            "drawable": _is_drawable(network, merged),
            "without": None
            if network.node_count
            else {
                name: url_with(request, {name: ""}) for name in await emptied_by(bound, here.solve)
            },
        }
