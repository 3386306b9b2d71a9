"""The reading pages: each source with its passages in order and the facts that they carry."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pyoxigraph as ox
from fastapi import Request, Response
from starlette.responses import JSONResponse

from comity.graph import jsonld
from comity.graph.description import LABEL, Description
from comity.graph.errors import ComityError
from comity.graph.namespaces import COMITY, SOURCE
from comity.graph.sources import load_source, names, read_text, text_path
from comity.graph.written import shorten
from comity.service.answers import VERSION_HEADER, unless_gone
from comity.service.caching import keepable
from comity.service.context import address, context
from comity.service.html import page
from comity.service.media import HTML, negotiate
from comity.service.paths import path_of
from comity.service.problems import Refusal
from comity.service.resources import FAMILIES, context_address, description, parse_name, unknown
from comity.service.rows import Row, query_text, rows
from comity.service.views import Link, Record, Views


@dataclass(frozen=True, slots=True)
class Listed:
    """A source in the list of all."""

    iri: str
    path: str | None
    label: str
    title: str
    published: str
    page: str | None
    records: int
    quotations: int


@dataclass(frozen=True, slots=True)
class Mention:
    """A name that the text uses, and whom it means."""

    anchor: str
    words: str
    of: Link | None


@dataclass(frozen=True, slots=True)
class Passage:
    """A sentence; `text` is "" unless the text is attached and may be shown."""

    anchor: str
    number: str
    text: str
    mentions: Sequence[Mention]
    records: Sequence[Record]


async def listing(request: Request) -> Response:
    """All sources, those that are quoted most first."""
    keepable(request)
    here = context(request)
    found = await unless_gone(
        request, rows(here.store, query_text("resource/sources"), here.settings.timeout)
    )
    sources = [_listed(row) for row in found]
    if _wants_json(request):
        root = address(request)
        document = [
            {
                "iri": each.iri,
                "page": f"{root}{each.path}" if each.path else None,
                "label": each.label,
                "title": each.title,
                "published": each.published,
                "address": each.page,
                "records": each.records,
                "quotations": each.quotations,
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
    family = FAMILIES["source"]
    text = ""
    if context(request).settings.show_text:
        text = await asyncio.to_thread(_text, slug)
    else:
        keepable(request)  # a text may be attached at any time
    described = await description(request, family, slug)
    views = Views(described)
    passages, others = _read(described, views, text)
    response = page(
        request,
        "source.html",
        thing=views.thing(),
        passages=passages,
        others=others,
        counted=sum(len(passage.records) for passage in passages),
        agents=_agents(described),
        shows_text=bool(text),
        path=family.page + slug,
        data=family.data + slug,
        json_ld=jsonld.for_page(jsonld.framed(described, context_address(request))),
    )
    response.headers[VERSION_HEADER] = described.version
    return response


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


def _listed(row: Row) -> Listed:
    iri = row["source"]
    label = row.get("label") or shorten(ox.NamedNode(iri))
    return Listed(
        iri=iri,
        path=path_of(iri),
        label=label,
        title=row.get("title", ""),
        published=row.get("published", "")[:10],
        page=row.get("page"),
        records=int(row["records"]),
        quotations=int(row["quotations"]),
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


def _read(described: Description, views: Views, text: str) -> tuple[list[Passage], list[Record]]:
    """The passages in the order of the text, and the records that stand in none."""
    placed: dict[ox.NamedNode, list[Record]] = {}
    others: list[Record] = []
    for iri in described.records():
        if not iri.value.startswith(described.iri.value + "#"):
            continue  # it cites this source, and stands in another
        record = views.record(iri)
        passages = [
            passage
            for quotation in described.nodes(iri, "evidence")
            for passage in described.nodes(quotation, "passage")
        ]
        if passages:
            placed.setdefault(passages[0], []).append(record)
        else:
            others.append(record)
    of_source = [
        node
        for node in described.subjects
        if isinstance(node, ox.NamedNode) and described.iri in described.values(node, "passageOf")
    ]
    mentions = _mentions(described, views)
    found = [
        Passage(
            node.value.partition("#")[2],
            described.text(node, "sentenceNumber") or "",
            text[_number(described, node, "startOffset") : _number(described, node, "endOffset")],
            mentions.get(node, ()),
            placed.get(node, ()),
        )
        for node in sorted(of_source, key=lambda n: (_number(described, n, "startOffset"), n.value))
    ]
    return found, others


def _mentions(described: Description, views: Views) -> dict[ox.NamedNode, list[Mention]]:
    found: dict[ox.NamedNode, list[Mention]] = {}
    nodes = [n for n in described.subjects if isinstance(n, ox.NamedNode)]
    for node in sorted(nodes, key=lambda n: _number(described, n, "startOffset")):
        if ox.NamedNode(COMITY + "refersTo") in described.of(node):
            things = described.values(node, "refersTo")
            mention = Mention(
                node.value.partition("#")[2],
                described.text(node, "words") or "",
                views.link(things[0]) if things else None,
            )
            for passage in described.nodes(node, "passage"):
                found.setdefault(passage, []).append(mention)
    return found


def _number(described: Description, node: ox.NamedNode, name: str) -> int:
    value = described.text(node, name) or ""
    return int(value) if value.isdecimal() else 0


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
