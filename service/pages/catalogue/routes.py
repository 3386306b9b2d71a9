"""Routes of the canned queries: the catalogue, each query's answer, and its text."""

import asyncio
from collections.abc import Mapping
from typing import Final

from fastapi import Request, Response

from comity.graph.catalogue.binding import BoundQuery, QueryRequest, bind_request, read_request
from comity.graph.catalogue.citation import CitationMetadata
from comity.graph.catalogue.execution import CannedAnswer, answer
from comity.graph.catalogue.queries import CannedQuery, Catalogue
from comity.graph.descriptions.labels import Labels
from comity.graph.errors import NotAcceptable
from comity.graph.networks.formats.registry import FORMATS
from comity.graph.store.interface import Query
from comity.graph.tables import registry
from comity.graph.tables.canned_answer import table_of
from comity.service.http.context import address, context
from comity.service.http.keepable import keepable
from comity.service.http.media import GRAPH_NAMES, HTML, available, choose, prefers_html
from comity.service.http.problems import Refusal
from comity.service.http.protocol import QUERY
from comity.service.http.responses import (
    COMPLETE_HEADER,
    RELEASE_HEADER,
    VERSION_HEADER,
    answer_query,
    to_json,
    unless_gone,
)
from comity.service.networks.answers import answer_canned
from comity.service.networks.options import is_network
from comity.service.pages.catalogue import page as query_page
from comity.service.queries import negotiation, snippets
from comity.service.queries.state import (
    CatalogueState,
    arguments_of,
    canned,
    describe,
    encode,
    page_links,
    url_with,
)

# Arguments that affect how an answer is written, not its content.
_OF_THE_FILE: Final = frozenset(("format", "bom", "limit", "offset"))
_VARY: Final = {"Vary": "Accept"}


async def catalogue(request: Request) -> Response:
    """Return the catalogue: a page for people, JSON for tools."""
    arguments = arguments_of(request)
    suffix = request.path_params.get("suffix") or arguments.get("format")
    keepable(request)
    here, accept = canned(request.app), request.headers.get("accept")
    if (
        negotiation.choose_suffix(accept, suffix, {"json": "application/json", "html": HTML})
        == "html"
    ):
        return query_page.catalogue_page(request, bundled=await here.release() is not None)
    document = await describe(here, address(request))
    return Response(to_json(document), media_type="application/json", headers=_VARY)


async def query(request: Request) -> Response:
    """Answer a canned query in the format of its suffix, `format=` or Accept."""
    name, _, suffix = request.path_params["name"].partition(".")
    found = _find(canned(request.app).catalogue, name)
    keepable(request, found.text)
    arguments = arguments_of(request)
    if found.parameter("format") is None:
        named = arguments.pop("format", "")
        suffix = suffix or named
    bom = arguments.pop("bom", "")
    if suffix == "rq":
        return await _text(request, found, arguments)
    if suffix == "ipynb":
        return await _notebook(request, found, arguments)
    if is_network(suffix):
        return await answer_canned(request, found, arguments, suffix)
    if found.form == "graph":
        return await _graph(request, found, arguments, suffix)
    if suffix in FORMATS:
        return await answer_canned(request, found, arguments, suffix)
    networks = FORMATS if found.form == "table" else ()
    suffix = negotiation.choose_suffix(
        request.headers.get("accept"), suffix, negotiation.TYPES, networks
    )
    if suffix == "html":
        return await query_page.query_page(request, found, arguments)
    return await _table(request, found, arguments, suffix, bom=negotiation.read_bom(bom, suffix))


async def _table(
    request: Request, query: CannedQuery, arguments: Mapping[str, str], suffix: str, *, bom: bool
) -> Response:
    here = canned(request.app)
    wanted = read_request(arguments, query)
    negotiation.refuse_network_options(arguments)
    labels = here.labels if registry.FORMATS[suffix].labelled else None
    answered = await unless_gone(request, _answer(here, query, wanted, labels))
    links = page_links(request, answered)
    about = CitationMetadata(
        answered, await here.release(), url_with(request, {}), links.get("next")
    )
    # In a thread: a workbook of ten thousand rows takes a second.
    body = await asyncio.to_thread(registry.encode, table_of(about), suffix, bom=bom)
    return Response(
        body,
        media_type=negotiation.TYPES[suffix],
        headers=_headers(request, about, links)
        | {"Content-Disposition": negotiation.disposition(about.name, suffix)},
    )


async def _answer(
    here: CatalogueState, query: CannedQuery, wanted: QueryRequest, labels: Labels | None
) -> CannedAnswer:
    return await answer(await bind_request(query, wanted, here.names), here.solve, labels)


async def _bound(request: Request, query: CannedQuery, arguments: Mapping[str, str]) -> BoundQuery:
    return await bind_request(query, read_request(arguments, query), canned(request.app).names)


async def _text(request: Request, query: CannedQuery, arguments: Mapping[str, str]) -> Response:
    """Return the text as it stands or, with arguments, with their terms inserted."""
    text = query.text
    if any(arguments.values()):
        text = (await _bound(request, query, arguments)).text
    return Response(text, media_type=QUERY, headers=_VARY)


async def _notebook(request: Request, query: CannedQuery, arguments: Mapping[str, str]) -> Response:
    """Return a notebook with the query, using the text's own examples without arguments."""
    given = arguments if any(arguments.values()) else query.examples
    await _bound(request, query, given)
    return Response(
        snippets.notebook(address(request), query, given),
        media_type=snippets.NOTEBOOK,
        headers=_VARY | {"Content-Disposition": f'attachment; filename="{query.name}.ipynb"'},
    )


async def _graph(
    request: Request, query: CannedQuery, arguments: Mapping[str, str], suffix: str
) -> Response:
    accept = request.headers.get("accept")
    if suffix == "html" or (not suffix and prefers_html(accept)):
        return await query_page.query_page(request, query, arguments)
    choice = choose(accept, suffix or None)
    if choice.graph is None:
        raise NotAcceptable(
            f"{query.name} returns a graph, which is not available in the requested format",
            hint=f"The formats are {available(GRAPH_NAMES)} and html ({HTML})",
        )
    text = (await _bound(request, query, arguments)).text
    timeout = context(request).settings.timeout
    return await answer_query(
        request, Query(text, None, choice.graph_format, timeout=timeout), choice
    )


def _headers(request: Request, about: CitationMetadata, pages: Mapping[str, str]) -> dict[str, str]:
    """Return headers for paging, and what mere rows can't carry: licence and query."""
    text = f"{address(request)}/queries/{about.answered.query.name}.rq"
    given = {n: v for n, v in arguments_of(request).items() if n not in _OF_THE_FILE}
    related = {"describedby": f"{text}?{encode(given)}".rstrip("?")}
    if about.licence:
        related["license"] = about.licence
    links = [f'<{url}>; rel="{rel}"' for rel, url in (*pages.items(), *related.items())]
    return {
        **_VARY,
        VERSION_HEADER: about.answered.solutions.version,
        COMPLETE_HEADER: str(about.answered.complete).lower(),
        **({RELEASE_HEADER: about.release} if about.release else {}),
        "X-Content-Type-Options": "nosniff",
        "Link": ", ".join(links),
    }


def _find(catalogue: Catalogue, name: str) -> CannedQuery:
    if name in catalogue.queries:
        return catalogue.queries[name]
    near = catalogue.near(name)
    hint = f"Did you mean {', '.join(near)}?" if near else "/queries lists them"
    raise Refusal(404, f"Unknown query {name[:60]}", hint=hint)
