"""The reading pages: each source with its passages in order and the facts that they carry."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox
from fastapi import Request, Response
from starlette.responses import JSONResponse

from comity.graph.descriptions import jsonld
from comity.graph.descriptions.dates import day_of
from comity.graph.descriptions.description import LABEL, Description
from comity.graph.descriptions.links import Link
from comity.graph.descriptions.records.views import Views
from comity.graph.descriptions.sources.outline import (
    ACTOR,
    ISSUE,
    MODALITY,
    Facets,
    RecordOutline,
    SourceOutline,
    outline,
    read_source,
)
from comity.graph.descriptions.sources.texts import load_source, names, read_text, text_path
from comity.graph.errors import ComityError
from comity.graph.rdf.namespaces import PREFIXES, SOURCE
from comity.graph.rdf.terms import shorten
from comity.graph.store.own_queries import PlainRow, query_text, rows
from comity.service.http.context import address, context
from comity.service.http.html import page
from comity.service.http.keepable import keepable
from comity.service.http.media import HTML, negotiate
from comity.service.http.paths import path_of
from comity.service.http.problems import Refusal
from comity.service.http.responses import VERSION_HEADER, unless_gone
from comity.service.linked_data.resources import FAMILIES, context_address, parse_name, unknown
from comity.service.pages.sources.outline import choices, fragment, read, wanted_of

PER_PAGE: Final = 100
"""So many passages are on one page, and so many records that stand in none."""
FACETS: Final = (MODALITY, ACTOR, ISSUE)


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A source in the list of all."""

    iri: str
    label: str
    title: str
    published: str
    page: str | None
    records: int
    quotations: int
    publisher: str = ""
    modalities: Mapping[str, int] = field(default_factory=dict)
    graphs: Sequence[Link] = ()
    licence: str = ""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One page of a long source: what it has, and how many of its facts are asked for."""

    number: int
    first: int
    last: int
    facts: int


async def listing(request: Request) -> Response:
    """All sources, those that are quoted most first."""
    keepable(request)
    here = context(request)
    found = await unless_gone(
        request, rows(here.store, query_text("resource/sources"), here.settings.timeout)
    )
    counted = await unless_gone(
        request, rows(here.store, query_text("reading/sources"), here.settings.timeout)
    )
    counts: dict[str, list[PlainRow]] = {}
    for row in counted:
        counts.setdefault(row["source"], []).append(row)
    sources = [_listed(row, counts.get(row["source"], ())) for row in found]
    if _wants_json(request):
        root = address(request)
        document = [
            {
                "iri": each.iri,
                "page": f"{root}{path}" if (path := path_of(each.iri)) else None,
                "label": each.label,
                "title": each.title,
                "published": each.published,
                "address": each.page,
                "records": each.records,
                "quotations": each.quotations,
                "publisher": each.publisher or None,
                "modalities": each.modalities,
            }
            for each in sources
        ]
        response: Response = JSONResponse({"sources": document})
    else:
        response = page(request, "sources.html", sources=sources)
    response.headers["Vary"] = "Accept"
    response.headers[VERSION_HEADER] = here.store.version
    return response


async def source(request: Request) -> Response:
    """The reading page of a source."""
    slug, suffix = parse_name(request)
    if suffix:
        raise unknown(f"{slug}.{suffix}")
    here, family = context(request), FAMILIES["source"]
    iri = family.base + slug
    text = ""
    if here.settings.show_text:
        text = await asyncio.to_thread(_text, slug)
    else:
        keepable(request)  # a text may be attached at any time
    outlined = await unless_gone(request, outline(here.store, iri, here.settings.timeout))
    asked = {name: request.query_params.getlist(name) for name in FACETS}
    wanted = wanted_of(outlined, iri, {name: list(filter(None, asked[name])) for name in asked})
    placed = outlined.placed()
    leaves = _leaves(outlined, placed, wanted)
    number = _number(request, outlined, placed, len(leaves))
    part = slice((number - 1) * PER_PAGE, number * PER_PAGE)
    places, others = outlined.places[part], placed[""][part]
    shown = [*(record for place in places for record in placed[place.iri]), *others]
    named = {value for record in outlined.records for v in record.facets.values() for value in v}
    describing = read_source(here.store, iri, places, shown, named, here.settings.timeout)
    described = await unless_gone(request, describing)
    if described is None:
        raise unknown(slug)
    views = Views(described)
    reading = read(described, views, places, placed, others, wanted, text)
    narrowed = any(wanted.values())
    response = page(
        request,
        "source.html",
        name=slug,
        thing=views.thing(),
        published=day_of(described.text(described.iri, "published") or ""),
        language=described.text(described.iri, PREFIXES["dcterms"] + "language"),
        reading=reading,
        blocks=reading.blocks(narrowed),
        passages=len(outlined.places),
        unplaced=len(placed[""]),
        records=len(outlined.records),
        fitting=sum(record.has(wanted) for record in outlined.records),
        narrowed=narrowed,
        facets={
            facet: choices(outlined, iri, facet, wanted, lambda term: _label(views, term))
            for facet in FACETS
        },
        asked=[(facet, value) for facet in FACETS for value in asked[facet] if value],
        leaves=leaves,
        number=number,
        cut=outlined.cut,
        agents=_agents(described),
        shows_text=bool(text),
        path=family.page + slug,
        data=family.data + slug,
        json_ld=jsonld.for_page(jsonld.framed(described, context_address(request))),
    )
    response.headers[VERSION_HEADER] = described.version
    return response


def _label(views: Views, value: str) -> str:
    """The label of a value to narrow by, or what was asked for in its place."""
    try:
        return views.link(ox.NamedNode(value)).text
    except ValueError:
        return value


def _leaves(
    outlined: SourceOutline, placed: Mapping[str, Sequence[RecordOutline]], wanted: Facets
) -> list[Leaf]:
    """The pages of a source, of so many passages and of so many records that stand in none."""
    found = []
    longest = max(len(outlined.places), len(placed[""]), 1)
    for number, start in enumerate(range(0, longest, PER_PAGE), 1):
        places = outlined.places[start : start + PER_PAGE]
        records = [record for place in places for record in placed[place.iri]]
        records += placed[""][start : start + PER_PAGE]
        end = min(start + PER_PAGE, longest)
        facts = sum(record.has(wanted) for record in records)
        found.append(Leaf(number, start + 1, end, facts))
    return found


def _number(
    request: Request,
    outlined: SourceOutline,
    placed: Mapping[str, Sequence[RecordOutline]],
    last: int,
) -> int:
    """The page that is asked for: by its number, or by what stands on it (`at=f24.3`)."""
    if at := request.query_params.get("at"):
        for index, place in enumerate(outlined.places):
            if at in (fragment(place.iri), *(fragment(r.iri) for r in placed[place.iri])):
                return index // PER_PAGE + 1
        for index, record in enumerate(placed[""]):
            if at == fragment(record.iri):
                return index // PER_PAGE + 1
    text = request.query_params.get("page", "1")
    if not text.isdecimal() or not 1 <= int(text) <= last:
        raise Refusal(
            422, f"There is no page {text}", parameter="page", hint=f"The pages are 1 to {last}"
        )
    return int(text)


def _wants_json(request: Request) -> bool:
    if (name := request.query_params.get("format")) is not None:
        if name not in ("json", "html"):
            raise Refusal(406, f"There is no {name} of it", hint="There are json and html")
        return name == "json"
    accept = request.headers.get("accept")
    chosen = negotiate(accept, ["application/json", HTML])
    if chosen is None:
        raise Refusal(406, "None of the formats asked for can be made", hint="There are json, html")
    return chosen != HTML


def _listed(row: PlainRow, counts: Sequence[PlainRow]) -> SourceEntry:
    """A source from its own row and those that count its records by graph and modality."""
    iri = row["source"]
    modalities: dict[str, int] = {}
    for each in counts:
        if modality := each.get("modality"):
            modalities[modality] = modalities.get(modality, 0) + int(each["records"])
    graphs = dict.fromkeys(each["graph"] for each in counts)
    label = row.get("label") or shorten(ox.NamedNode(iri))
    return SourceEntry(
        iri=iri,
        label=label,
        title=row.get("title", ""),
        published=row.get("published", "")[:10],
        page=row.get("page"),
        records=int(row["records"]),
        quotations=int(row["quotations"]),
        publisher=row.get("publishedBy", ""),
        modalities=modalities,
        graphs=[Link(shorten(graph), graph) for graph in graphs],
        licence=next((each["licence"] for each in counts if "licence" in each), ""),
    )


def _text(name: str) -> str:
    """The attached text of a source, "" where there is none or it is another one."""
    if name not in names():
        return ""
    file = text_path(name)
    try:
        return read_text(load_source(name), file) if file.is_file() else ""
    except ComityError:
        return ""


def _agents(described: Description) -> list[tuple[str, str]]:
    """Who acts in the source without a name: author, experts."""
    return [
        (node.value.partition("#")[2], described.label(node) or "")
        for node in described.subjects
        if isinstance(node, ox.NamedNode)
        and node.value.startswith(SOURCE)
        and described.text(node, "unnamed") == "true"
        and LABEL in described.of(node)
    ]
