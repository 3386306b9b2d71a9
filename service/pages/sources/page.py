"""Reading pages: each source with its passages in order and their facts."""

import asyncio
from collections.abc import Sequence

from fastapi import Request, Response
from starlette.responses import JSONResponse

from comity.graph.descriptions import jsonld
from comity.graph.descriptions.sources.facets import FACETS, wanted_of
from comity.graph.descriptions.sources.leaves import Leaf, leaves
from comity.graph.descriptions.sources.listing import SourceEntry, list_sources
from comity.graph.descriptions.sources.outline import outline
from comity.graph.descriptions.sources.reading import read_leaf
from comity.graph.descriptions.sources.texts import attached_text
from comity.service.http.context import address, context
from comity.service.http.html import page
from comity.service.http.keepable import keepable
from comity.service.http.media import HTML, negotiate
from comity.service.http.paths import path_of
from comity.service.http.problems import Refusal
from comity.service.http.responses import VERSION_HEADER, unless_gone
from comity.service.linked_data.resources import FAMILIES, context_address, parse_name, unknown


async def listing(request: Request) -> Response:
    """List all sources, those with most quotations first."""
    keepable(request)
    here = context(request)
    sources = await unless_gone(request, list_sources(here.store, here.settings.timeout))
    if _wants_json(request):
        root = address(request)
        response: Response = JSONResponse({"sources": [_document(each, root) for each in sources]})
    else:
        response = page(request, "sources.html", sources=sources)
    response.headers["Vary"] = "Accept"
    response.headers[VERSION_HEADER] = here.store.version
    return response


def _document(source: SourceEntry, root: str) -> dict[str, object]:
    path = path_of(source.iri)
    return {
        "iri": source.iri,
        "page": f"{root}{path}" if path else None,
        "label": source.label,
        "title": source.title,
        "published": source.published,
        "address": source.page,
        "records": source.records,
        "quotations": source.quotations,
        "publisher": source.publisher or None,
        "modalities": source.modalities,
    }


async def source(request: Request) -> Response:
    """Return the reading page of a source."""
    slug, suffix = parse_name(request)
    if suffix:
        raise unknown(f"{slug}.{suffix}")
    here, family = context(request), FAMILIES["source"]
    iri = family.base + slug
    text = ""
    if here.settings.show_text:
        text = await asyncio.to_thread(attached_text, slug)
    else:
        keepable(request)  # a text may be attached at any time
    timeout = here.settings.timeout
    outlined = await unless_gone(request, outline(here.store, iri, timeout))
    asked = [(f, value) for f in FACETS for value in request.query_params.getlist(f) if value]
    wanted = wanted_of(outlined, iri, {f: [v for name, v in asked if name == f] for f in FACETS})
    found = leaves(outlined, wanted)
    leaf = _leaf(request, found)
    reading = await unless_gone(
        request, read_leaf(here.store, iri, outlined, leaf, wanted, text, timeout)
    )
    if reading is None:
        raise unknown(slug)
    narrowed = any(wanted.values())
    response = page(
        request,
        "source.html",
        name=slug,
        thing=reading.thing,
        published=reading.published,
        language=reading.language,
        reading=reading.page,
        blocks=reading.page.blocks(narrowed),
        passages=len(outlined.places),
        unplaced=len(outlined.placed()[""]),
        records=len(outlined.records),
        fitting=sum(record.has(wanted) for record in outlined.records),
        narrowed=narrowed,
        facets=reading.facets,
        asked=asked,
        leaves=found,
        number=leaf.number,
        cut=outlined.cut,
        agents=reading.agents,
        shows_text=bool(text),
        path=family.page + slug,
        data=family.data + slug,
        json_ld=jsonld.for_page(jsonld.framed(reading.described, context_address(request))),
    )
    response.headers[VERSION_HEADER] = reading.described.version
    return response


def _leaf(request: Request, found: Sequence[Leaf]) -> Leaf:
    """Return the requested page: by number, or by a passage or record on it (`at=f24.3`)."""
    if (at := request.query_params.get("at")) and (
        leaf := next((each for each in found if each.has(at)), None)
    ):
        return leaf
    text = request.query_params.get("page", "1")
    if not text.isdecimal() or not 1 <= int(text) <= len(found):
        raise Refusal(
            422,
            f"There is no page {text}",
            parameter="page",
            hint=f"The pages are 1 to {len(found)}",
        )
    return found[int(text) - 1]


def _wants_json(request: Request) -> bool:
    if (name := request.query_params.get("format")) is not None:
        if name not in ("json", "html"):
            raise Refusal(406, f"{name} is not available", hint="The formats are json and html")
        return name == "json"
    accept = request.headers.get("accept")
    chosen = negotiate(accept, ["application/json", HTML])
    if chosen is None:
        raise Refusal(
            406, "None of the accepted formats is available", hint="The formats are json, html"
        )
    return chosen != HTML
