"""Search for things by name, description and quotation, as a page and as JSON."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from fastapi import Request, Response

from comity.graph.catalogue.parameter_types import CLASSES, read_language
from comity.graph.errors import ParameterError
from comity.graph.rdf.namespaces import BASE
from comity.graph.search.details import Details, details
from comity.graph.search.index import LONGEST, EntryKind, Match, SearchHit
from comity.service.http.context import address
from comity.service.http.html import page
from comity.service.http.media import HTML
from comity.service.http.responses import to_json
from comity.service.queries import negotiation
from comity.service.queries.state import arguments_of, canned, url_with

LIMIT: Final = 20
MAX_LIMIT: Final = 100
_NEAR: Final = 5
_FORMATS: Final = {"json": "application/json", "html": HTML}
_KNOWN: Final = ("q", "type", "limit", "offset", "lang", "format")
_KINDS: Final = {
    EntryKind.LABEL: "label",
    EntryKind.CODE: "code",
    EntryKind.OTHER_NAME: "other name",
    EntryKind.DESCRIPTION: "description",
    EntryKind.QUOTATION: "quotation",
}


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """Parameters of a search."""

    text: str
    type: str
    limit: int
    offset: int
    language: str


async def search(request: Request) -> Response:
    """Search names and quotations, best matches first."""
    arguments = arguments_of(request)
    named = request.path_params.get("suffix") or arguments.get("format")
    suffix = negotiation.choose_suffix(request.headers.get("accept"), named, _FORMATS)
    sought = _read(arguments)
    if not sought.text and (suffix == "html" or not named):
        return page(request, "search.html", sought=sought, types=sorted(CLASSES), found=None)
    if not sought.text:
        raise ParameterError("q", "it is missing", hint="Give a search text: /search?q=Hormuz")
    found, behind = await _find(request, sought)
    rows = await _rows(request, found.matches, sought.language)
    links = _links(request, sought, found)
    if suffix == "html":
        return page(
            request,
            "search.html",
            sought=sought,
            types=sorted(CLASSES),
            found=found,
            rows=rows,
            links=links,
            behind=behind,
            near=() if rows or sought.offset else await _near(request, sought),
        )
    document = {
        "query": sought.text,
        "rows": rows,
        "total": found.total,
        "complete": "next" not in links and not sought.offset,
        "corrected": found.corrected,
        "behind": behind,
        "next": links.get("next"),
    }
    body = to_json(document)
    return Response(body, media_type="application/json", headers={"Vary": "Accept"})


def _read(arguments: Mapping[str, str]) -> SearchRequest:
    for name in arguments:
        if name not in _KNOWN:
            hint = f"The parameters are {', '.join(_KNOWN)}"
            raise ParameterError(name[:60], "unknown parameter", hint=hint)
    text, type = arguments.get("q", "").strip(), arguments.get("type", "")
    if len(text) > LONGEST:
        raise ParameterError("q", f"it is longer than {LONGEST} characters")
    if type and type not in CLASSES:
        raise ParameterError(
            "type", f"unknown type {type[:60]}", hint=f"The types are {', '.join(sorted(CLASSES))}"
        )
    return SearchRequest(
        text,
        type,
        _number(arguments, "limit", LIMIT, range(1, MAX_LIMIT + 1)),
        _number(arguments, "offset", 0, range(10_000)),
        read_language(arguments.get("lang", "")),
    )


def _number(arguments: Mapping[str, str], name: str, default: int, allowed: range) -> int:
    text = arguments.get(name) or str(default)
    if not text.isdecimal() or len(text) > 9 or int(text) not in allowed:
        raise ParameterError(
            name, f"it must be a number from {allowed.start} to {allowed.stop - 1}"
        )
    return int(text)


async def _find(request: Request, sought: SearchRequest) -> tuple[SearchHit, bool]:
    index, behind = await canned(request.app).searching.index()
    found = await asyncio.to_thread(
        index.search,
        sought.text,
        classes=[CLASSES[sought.type]] if sought.type else (),
        limit=sought.limit,
        offset=sought.offset,
    )
    return found, behind


async def _near(request: Request, sought: SearchRequest) -> list[dict[str, Any]]:
    """Return things of any type with similar names, if nothing was found."""
    index, _ = await canned(request.app).searching.index()
    matches = await asyncio.to_thread(index.resembling, sought.text, limit=_NEAR)
    return await _rows(request, matches, sought.language)


async def _rows(request: Request, matches: Sequence[Match], language: str) -> list[dict[str, Any]]:
    here = canned(request.app)
    about = await details(here.solve, [match.thing for match in matches])
    named = [match.thing for match in matches]
    for each in about.values():
        named += each.classes
        named += [iri for record in each.records for iri in record if iri]
    labels = await here.labels.of(named, language)
    root = address(request)
    return [_row(match, about[match.thing], labels, root) for match in matches]


def _row(match: Match, about: Details, labels: Mapping[str, str], root: str) -> dict[str, Any]:
    return {
        "thing": match.thing,
        "label": labels.get(match.thing) or match.text,
        "class": about.classes,
        "class_label": [labels.get(iri, iri) for iri in about.classes],
        "text": match.text,
        "kind": _KINDS[match.kind],
        "language": match.language or None,
        "score": match.score,
        "description": about.description or None,
        "records": [
            {
                "record": record,
                "label": labels.get(record),
                "modality": labels.get(modality, modality),
                "source": labels.get(source) or source or None,
                "url": url_of(record, root),
            }
            for record, modality, source in about.records
        ],
        "url": url_of(match.thing, root),
    }


def url_of(iri: str, root: str) -> str:
    """Return the address of a thing on this service; a foreign IRI stays as it is."""
    return f"{root}/{iri.removeprefix(BASE)}" if iri.startswith(BASE) else iri


def _links(request: Request, sought: SearchRequest, found: SearchHit) -> dict[str, str]:
    links = {}
    following = sought.offset + sought.limit
    if len(found.matches) == sought.limit and (found.total is None or found.total > following):
        links["next"] = url_with(request, {"offset": str(following)})
    if sought.offset:
        before = max(0, sought.offset - sought.limit)
        links["prev"] = url_with(request, {"offset": str(before) if before else ""})
    return links
