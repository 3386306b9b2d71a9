"""The explorer: an interactive network in the browser, its data, and exports of what is shown."""

import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final, Literal
from urllib.parse import urlencode

from fastapi import Request, Response

from comity.graph.catalogue.binding import bind_request, read_request
from comity.graph.catalogue.queries import CannedQuery
from comity.graph.errors import ParameterError, quoted
from comity.graph.networks import subset
from comity.graph.networks.build import in_thread
from comity.graph.networks.export import (
    find_format,
    left_out,
    one_sided,
    read_options,
    resolve_around,
    write,
)
from comity.graph.networks.formats.cytoscape import write_cyjs
from comity.graph.networks.formats.graphviz import Place, is_installed
from comity.graph.networks.formats.registry import FORMATS
from comity.graph.networks.identifiers import node_id
from comity.graph.networks.model import Network
from comity.graph.store.interface import Query
from comity.service.http.context import address, context
from comity.service.http.html import LIBRARIES, page
from comity.service.http.keepable import keepable
from comity.service.http.problems import Refusal
from comity.service.http.protocol import parse_fields, read_body
from comity.service.http.responses import VERSION_HEADER, unless_gone
from comity.service.networks.answers import adhoc_network, canned_network, respond
from comity.service.networks.options import BESIDE, OPTIONS
from comity.service.pages.catalogue.page import field_of
from comity.service.queries.state import canned, encode

_LIBRARY: Final = LIBRARIES / "cytoscape" / "dist" / "cytoscape.esm.min.mjs"
LIMIT: Final = 2000
MAX_LIMIT: Final = 5000
MAX_EXPANDED: Final = 50
Kind = Literal["view", "canned", "query"]
_KINDS: Final[tuple[Kind, ...]] = ("view", "canned", "query")
_VIEW: Final = "actors"
_ALL: Final = "everything"
_OWN: Final = (*_KINDS, "expand", "limit")
_RULE: Final = (
    "First the edges of the requested or expanded things, then those between the nodes "
    "with the most edges."
)


@dataclass(frozen=True, slots=True)
class NetworkSource:
    """What to draw: a view or a canned query by name, or the text of a query.

    With its arguments, and the things about which everything is added.
    """

    kind: Kind
    name: str
    arguments: Mapping[str, str]
    expand: tuple[str, ...] = ()
    limit: int = LIMIT

    @property
    def link(self) -> str:
        """Query string of /explore for it."""
        shown = [(self.kind, self.name), *((n, v) for n, v in self.arguments.items() if v)]
        return urlencode([*shown, *(("expand", thing) for thing in self.expand)])

    def file(self, suffix: str) -> str:
        """Return the path of the whole network as a file, without expanded things."""
        if self.kind == "query":
            return f"/sparql?{urlencode({'query': self.name, 'format': suffix, **self.arguments})}"
        folder = "network" if self.kind == "view" else "queries"
        given = encode(self.arguments)
        return f"/{folder}/{self.name}.{suffix}" + (f"?{given}" if given else "")


async def explore(request: Request) -> Response:
    """Return the page: a form, and the drawing or, without scripts, a picture and files."""
    source = read_source(request.scope["query_string"])
    here, query, problem = canned(request.app), None, None
    if source.kind != "query":
        query = _find(request, source)
        problem = await _problem(request, query, source)
    fields = [] if query is None else await _fields(request, query, source, problem)
    response = page(
        request,
        "explore.html",
        status=422 if problem else 200,
        source=source,
        query=query,
        views=sorted(here.views.queries.values(), key=lambda view: view.name),
        queries=sorted(
            (q for q in here.catalogue.queries.values() if q.form != "boolean"),
            key=lambda query: query.name,
        ),
        fields=fields,
        options={name: source.arguments.get(name, "") for name in OPTIONS},
        problem=problem,
        stray=problem and not (query and query.parameter(problem.parameter)),
        formats=FORMATS.values(),
        picture=is_installed(),
        limit=LIMIT,
        installed=_LIBRARY.is_file(),
    )
    response.headers[VERSION_HEADER] = context(request).store.version
    return response


async def data(request: Request) -> Response:
    """Return the network as JSON, up to a number of edges, with the total count."""
    encoded = request.scope["query_string"]
    if request.method == "POST":  # for a query that is too long for an address
        encoded = await read_body(request, context(request).settings.max_body)
    source = read_source(encoded)
    keepable(request, *([source.name] if source.kind == "query" else ()))
    network, focus = await unless_gone(request, _network(request, source))
    with network:
        document = await in_thread(network, lambda: _document(network, source, focus))
    return Response(
        document,
        media_type="application/json",
        headers={VERSION_HEADER: network.header.data_version},
    )


async def export(request: Request) -> Response:
    """Export exactly what is shown, in the format of the suffix."""
    format = find_format(request.path_params["suffix"])
    flavour = parse_fields(request.scope["query_string"]).get("flavor", [""])[-1]
    seen = _read_seen(await read_body(request, context(request).settings.max_body))
    source = read_source(seen["of"].encode())
    options = read_options({**_options(source), "flavor": flavour}, format)
    network, _ = await unless_gone(request, _network(request, source))
    try:
        await in_thread(network, lambda: _choose(network, seen, f"{address(request)}/explore"))
        export = await unless_gone(request, write(network, format, options, _places(seen)))
    except BaseException:
        network.close()
        raise
    return respond(format, export, f"{source.name if source.kind != 'query' else 'query'}-seen")


def read_source(encoded: bytes) -> NetworkSource:
    """Parse the query string of the explorer. Raises ParameterError."""
    fields = parse_fields(encoded)
    for name, values in fields.items():
        if len(values) > 1 and name != "expand":
            raise ParameterError(name[:60], f"it is given {len(values)} times")
    given = {name: values[0] for name, values in fields.items() if name != "expand"}
    named = [(kind, given[kind]) for kind in _KINDS if given.get(kind, "").strip()]
    if len(named) > 1:
        raise ParameterError(named[1][0], f"{named[0][0]} is given too", hint="Give only one")
    kind, name = named[0] if named else (_KINDS[0], _VIEW)
    expand = tuple(dict.fromkeys(filter(None, fields.get("expand", ()))))
    if len(expand) > MAX_EXPANDED:
        raise ParameterError("expand", f"at most {MAX_EXPANDED} things can be expanded at once")
    limit = given.get("limit") or str(LIMIT)
    if not (limit.isascii() and limit.isdecimal() and 1 <= int(limit[:9]) <= MAX_LIMIT):
        raise ParameterError("limit", f"it must be a number from 1 to {MAX_LIMIT}")
    own = {name: value for name, value in given.items() if name not in _OWN and value.strip()}
    return NetworkSource(kind, name, own, expand, int(limit))


async def _network(request: Request, source: NetworkSource) -> tuple[Network, list[str]]:
    """Return the whole network with expanded things, and the things to show first."""
    options = read_options(_options(source))
    network = await _asked(request, source)
    try:
        names = canned(request.app).names
        focus = [await resolve_around(options.around, names)] if options.around else []
        expanded = [await _resolve(request, thing) for thing in source.expand]
        if expanded:
            all_of_it = NetworkSource("view", _ALL, {"lang": options.language})
            with await _asked(request, all_of_it) as whole:
                await in_thread(whole, lambda: _expand(network, whole, expanded))
        link = f"{address(request)}/explore?{source.link}"
        network.header = replace(network.header, url=link)
    except BaseException:
        network.close()
        raise
    return network, [*focus, *expanded]


async def _asked(request: Request, source: NetworkSource) -> Network:
    if source.kind != "query":
        query = _find(request, source)
        arguments = {n: v for n, v in source.arguments.items() if n != "format"}
        return await canned_network(request, query, arguments, read_options(arguments))
    for name in source.arguments:
        if name not in OPTIONS:
            raise ParameterError(name[:60], "an ad hoc query has no such parameter")
    here = context(request)
    asked = Query(source.name, base=f"{address(request)}/sparql", timeout=here.settings.timeout)
    return await adhoc_network(request, asked, read_options(source.arguments))


async def _resolve(request: Request, thing: str) -> str:
    try:
        return await resolve_around(thing, canned(request.app).names)
    except ParameterError as error:
        raise ParameterError("expand", str(error), hint=error.hint) from None


def _expand(network: Network, whole: Network, things: Sequence[str]) -> None:
    """Add all edges of the things, and the things themselves."""
    if missing := subset.expand(network, whole, things):
        raise ParameterError("expand", f"the graph has no edges of {quoted(missing[0])}")


def _document(network: Network, source: NetworkSource, focus: Sequence[str]) -> bytes:
    total = _size(network)
    has_period = source.arguments.keys() & {"from", "to"}
    notes = [left_out(network), one_sided(network) if has_period else ""]
    if total["edges"] > source.limit or total["nodes"] > 2 * source.limit:
        subset.first(network, source.limit, focus)
    shown = _size(network)
    out = io.BytesIO()
    write_cyjs(network, out)
    said = {
        "title": network.header.title,
        "total": total,
        "shown": shown,
        "complete": shown == total,
        "rule": None if shown == total else _RULE,
        "notes": list(filter(None, notes)),
        "expanded": [node_id("uri", iri) for iri in focus],
    }
    return json.dumps(said)[:-1].encode() + b', "network": ' + out.getvalue() + b"}"


def _size(network: Network) -> dict[str, int]:
    return {"nodes": network.node_count, "edges": network.edge_count}


def _choose(network: Network, seen: Mapping[str, Any], link: str) -> None:
    """Keep what is shown, and note that in the file."""
    nodes, edges = network.node_count, network.edge_count
    if missing := subset.only(network, seen["nodes"], seen["edges"]):
        raise Refusal(
            409,
            f"{len(missing)} of the shown elements are no longer in the graph: {missing[0]}",
            hint="Reload the page, then export",
        )
    chosen = (
        f"Chosen in the explorer: {network.node_count:,} of {nodes:,} nodes and "
        f"{network.edge_count:,} of {edges:,} edges."
    )
    described = f"{network.header.description} {chosen}".strip()
    network.header = replace(network.header, description=described)


def _read_seen(body: bytes) -> dict[str, Any]:
    """Parse the body of an export: shown nodes and edges, and optional positions.

        {"of": "view=actors", "nodes": [id], "edges": [id], "positions": {id: [x, y]}}

    y grows downwards.
    """
    try:
        seen = json.loads(body)
        assert isinstance(seen, dict) and isinstance(seen.get("of", ""), str)
        nodes, edges = seen.get("nodes", []), seen.get("edges", [])
        assert all(isinstance(id, str) for ids in (nodes, edges) for id in ids)
        places = {str(i): (float(x), float(y)) for i, (x, y) in seen.get("positions", {}).items()}
        assert all(map(math.isfinite, (n for place in places.values() for n in place)))
    except (ValueError, TypeError, AttributeError, AssertionError, RecursionError):
        raise Refusal(
            400,
            "The body does not describe what is shown",
            hint='Send JSON: {"of": "view=actors", "nodes": ["iran"], "edges": [],'
            ' "positions": {"iran": [0, 0]}}',
        ) from None
    return {"of": seen.get("of", ""), "nodes": nodes, "edges": edges, "positions": places}


def _places(seen: Mapping[str, Any]) -> list[Place]:
    return [(id, x, -y) for id, (x, y) in seen["positions"].items()]


def _options(source: NetworkSource) -> dict[str, str]:
    return {name: value for name, value in source.arguments.items() if name in OPTIONS}


def _find(request: Request, source: NetworkSource) -> CannedQuery:
    here = canned(request.app)
    catalogue = here.views if source.kind == "view" else here.catalogue
    if source.name in catalogue.queries:
        return catalogue.queries[source.name]
    near = catalogue.near(source.name)
    hint = f"Did you mean {', '.join(near)}?" if near else "/network and /queries list them"
    what = "view" if source.kind == "view" else "query"
    raise Refusal(404, f"Unknown {what} {source.name[:60]}", hint=hint)


async def _problem(
    request: Request, query: CannedQuery, source: NetworkSource
) -> ParameterError | None:
    """Return the error in the arguments, for the form."""
    names = canned(request.app).names
    try:
        options = read_options(_options(source))
        own = {n: v for n, v in source.arguments.items() if n not in OPTIONS}
        await bind_request(query, read_request(own, query, BESIDE), names)
        if options.around:
            await resolve_around(options.around, names)
    except ParameterError as error:
        return error
    return None


async def _fields(
    request: Request, query: CannedQuery, source: NetworkSource, problem: ParameterError | None
) -> list[object]:
    return [
        await field_of(request, parameter, source.arguments, problem)
        for parameter in query.parameters
    ]
