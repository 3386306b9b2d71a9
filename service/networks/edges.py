"""Lookup of edges of the network views by their identifiers."""

from dataclasses import dataclass
from typing import Final

from fastapi import Request

from comity.graph.catalogue.binding import BoundQuery
from comity.graph.networks.elements import SEPARATOR, Edge, Header, Multi
from comity.graph.networks.export import Options, canned_network
from comity.service.http.context import context
from comity.service.http.problems import Refusal
from comity.service.queries.state import canned

# The view with every record first, then the others in order.
_FIRST: Final = "everything"


@dataclass(frozen=True, slots=True)
class EdgeMatch:
    """An edge: its view, the IRIs of its ends, and of its records."""

    view: str
    edge: Edge
    source: str | None
    target: str | None
    records: tuple[str, ...]


async def find_edge(request: Request, id: str, view: str | None) -> EdgeMatch:
    """Find the edge of an identifier in one view or in any; 404 if there is none.

    Searches the views without parameters, with parallel edges kept and merged.
    """
    views = canned(request.app).views.queries
    if view is not None and view not in views:
        raise Refusal(404, f"Unknown view {view[:60]}", hint="/network lists them")
    names = [view] if view else sorted(views, key=lambda name: (name != _FIRST, name))
    for multi in ("keep", "merge"):
        for name in names:
            if found := await _in_view(request, id, name, multi):
                return found
    raise Refusal(
        404,
        f"No network view has an edge {id[:60]}",
        hint="In a file, an edge names its record: use /why?record= for that. "
        "Edges of other queries, and of views with parameters, are not kept.",
    )


async def _in_view(request: Request, id: str, name: str, multi: Multi) -> EdgeMatch | None:
    here = canned(request.app)
    query = here.views.queries[name]
    network = await canned_network(
        context(request).store,
        BoundQuery(query),
        Header(query.summary),
        Options(multi=multi),
        here.names,
        here.solve,
        context(request).settings.timeout,
    )
    with network:
        edge = next((edge for edge in network.edges() if edge.id == id), None)
        if edge is None:
            return None
        iris = {node.id: node.iri for node in network.nodes()}
    records = tuple(filter(None, (edge.iri or "").split(SEPARATOR)))
    return EdgeMatch(name, edge, iris[edge.source], iris[edge.target], records)
