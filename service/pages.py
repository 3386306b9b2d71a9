"""The web pages: home, and one page for each thing."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import groupby
from typing import Final, TypeVar

from fastapi import Request, Response

from comity.graph.namespaces import BASE, COMITY, ID
from comity.graph.store import Store
from comity.graph.written import shorten
from comity.service.answers import VERSION_HEADER, unless_gone
from comity.service.caching import keepable
from comity.service.context import context
from comity.service.html import page
from comity.service.resources import parse_name, unknown
from comity.service.rows import Row, query_text, rows

T = TypeVar("T")
HOLDER: Final = COMITY + "holder"
_ADDRESS: Final = re.compile(rf"(?!{re.escape(BASE)})https?://")


@dataclass(frozen=True, slots=True)
class Link:
    """An IRI or a literal, as a page shows it; `slug` where this service has a page for it."""

    text: str
    iri: str | None = None
    slug: str | None = None

    @property
    def is_address(self) -> bool:
        """Whether it leads to another site; names of our own don't yet, short of /id/."""
        return self.iri is not None and _ADDRESS.match(self.iri) is not None


@dataclass(frozen=True, slots=True)
class Thing:
    """What a page says of a thing itself."""

    slug: str
    iri: str
    label: str
    types: Sequence[Link]
    names: Sequence[tuple[str, str]]
    descriptions: Sequence[str]
    statements: Sequence[tuple[str, Sequence[Link]]]


@dataclass(slots=True)
class Record:
    """One record that a thing stands in, with the words of its source."""

    iri: str
    label: str
    kind: str
    modality: str
    source: Link
    relations: list[str] = field(default_factory=list)
    holders: list[Link] = field(default_factory=list)
    quotations: list[tuple[str, str]] = field(default_factory=list)
    notes: list[tuple[str, str]] = field(default_factory=list)


async def home(request: Request) -> Response:
    """The home page: what this is, how much there is, and one question answered live."""
    keepable(request)
    here = context(request)
    question = query_text("home/question")
    counts, answers = await unless_gone(
        request, _all(here.store, [query_text("home/counts"), question], here.settings.timeout)
    )
    response = page(request, "home.html", counts=counts[0], question=question, answers=answers)
    response.headers[VERSION_HEADER] = here.store.version
    return response


async def thing(request: Request) -> Response:
    """The page of a thing: what it is, and every record of it with the words of the source."""
    slug, suffix = parse_name(request)
    if suffix:
        raise unknown(f"{slug}.{suffix}")
    keepable(request)
    here, iri = context(request), ID + slug
    names = ("resource/thing", "resource/records", "resource/notes")
    texts = [query_text(name, thing=iri) for name in names]
    said, recorded, noted = await unless_gone(
        request, _all(here.store, texts, here.settings.timeout)
    )
    if not said and not recorded:
        raise unknown(slug)
    shown = _records(recorded, noted)
    return page(request, "thing.html", thing=_thing(slug, said), records=shown)


async def _all(store: Store, texts: Sequence[str], timeout: float | None) -> list[list[Row]]:
    return [await rows(store, text, timeout) for text in texts]


def _thing(slug: str, said: Sequence[Row]) -> Thing:
    parts = {part: list(of) for part, of in groupby(said, key=lambda row: row["part"])}
    labels = {row["language"]: row["value"] for row in parts.get("label", ())}
    label = labels.get("en") or labels.get("") or next(iter(labels.values()), slug)
    named = [*parts.get("label", ()), *parts.get("name", ())]
    statements = groupby(parts.get("statement", ()), key=lambda row: row["property"])
    return Thing(
        slug=slug,
        iri=ID + slug,
        label=label,
        types=_links(parts.get("type", ())),
        names=[(r["value"], r["language"]) for r in named if r["value"] != label],
        descriptions=[row["value"] for row in parts.get("description", ())],
        statements=[_statement(list(of)) for _, of in statements],
    )


def _statement(said: Sequence[Row]) -> tuple[str, Sequence[Link]]:
    return said[0].get("propertyLabel") or shorten(said[0]["property"]), _links(said)


def _links(said: Iterable[Row]) -> list[Link]:
    links = (_link(row["value"], row.get("valueLabel"), "language" in row) for row in said)
    return list(dict.fromkeys(links))


def _link(value: str, label: str | None, literal: bool) -> Link:
    if literal:
        return Link(value)
    slug = value.removeprefix(ID) if value.startswith(ID) else None
    return Link(label or shorten(value), value, slug)


def _source(row: Row) -> Link:
    return Link(row.get("sourceLabel") or shorten(row.get("source", "")), row.get("sourcePage"))


def _records(recorded: Iterable[Row], noted: Iterable[Row]) -> list[Record]:
    records: dict[str, Record] = {}
    for row in recorded:
        iri = row["record"]
        record = records.setdefault(
            iri,
            Record(
                iri=iri,
                label=row.get("label") or shorten(iri),
                kind=row.get("classLabel") or shorten(row["class"]),
                modality=row.get("modalityLabel") or shorten(row["modality"]),
                source=_source(row),
            ),
        )
        if row["relation"] != HOLDER:  # the holders are shown by name
            _add(record.relations, row.get("relationLabel") or shorten(row["relation"]))
        if words := row.get("words"):
            _add(record.quotations, (words, row.get("sentence", "")))
        if holder := row.get("holder"):
            _add(record.holders, _link(holder, row.get("holderLabel"), literal=False))
    for row in noted:
        if found := records.get(row["record"]):
            found.notes.append((row.get("verdict", "note"), row.get("comment", "")))
    return list(records.values())


def _add(found: list[T], new: T) -> None:
    if new not in found:
        found.append(new)
