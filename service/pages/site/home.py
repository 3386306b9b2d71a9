"""Home page: an overview of the graph, and six questions with their answers."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from fastapi import Request, Response

from comity.graph.catalogue.parameter_types import plain
from comity.graph.catalogue.queries import CannedQuery, HomeQuestion, bind
from comity.graph.descriptions.links import Link
from comity.graph.descriptions.records.modalities import OWN_VOICE
from comity.graph.errors import QueryTimeout
from comity.graph.rdf.namespaces import COMITY
from comity.graph.sparql.substitution import cut
from comity.graph.store import cells
from comity.graph.store.interface import Store
from comity.graph.store.own_queries import PlainRow, ask, query_text, rows
from comity.graph.store.solutions import Cell, iris, solve
from comity.graph.store.solutions import Row as Cells
from comity.service.http.context import context
from comity.service.http.html import page
from comity.service.http.keepable import keepable
from comity.service.http.paths import path_of
from comity.service.http.responses import VERSION_HEADER, unless_gone
from comity.service.pages.site import drawing as overview
from comity.service.queries.state import CatalogueState, canned, encode

QUESTIONS: Final = 6
SHOWN: Final = 2  # records per answer
_ROWS: Final = 60  # rows of an answer to look at
_PATIENCE: Final = 5.0  # seconds for counts, which take longer for millions of records
_KINDS: Final = (
    *(("Position", "positions"), ("State", "states"), ("Organisation", "organisations")),
    *(("Person", "people"), ("Agreement", "agreements"), ("Format", "formats")),
    *(("Event", "events"), ("Proposal", "proposals"), ("Issue", "issues")),
)


@dataclass(frozen=True, slots=True)
class HomeRecord:
    """A record of an answer: its statement, its words, and further values of the answer."""

    statement: str
    modality: str
    said: Sequence[tuple[str, Sequence[Link]]]
    words: str
    sentence: str
    source: Link
    path: str | None


@dataclass(frozen=True, slots=True)
class HomeAnswer:
    """A question, its link, and the first records of its answer."""

    question: str
    path: str
    told: Sequence[HomeRecord]
    more: int


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its name; `path` is a page about it."""

    name: str
    number: int
    path: str | None = None


async def home(request: Request) -> Response:
    """Return the home page, complete without scripts."""
    here = context(request)
    answers, look = await unless_gone(
        request, _together(canned(request.app), here.store, here.settings.timeout)
    )
    if look.whole:
        keepable(request)
    response = page(request, "home.html", answers=answers, look=look)
    response.headers[VERSION_HEADER] = here.store.version
    return response


@dataclass(frozen=True, slots=True)
class HomeContents:
    """Counts and drawing; not `whole` if counting took too long."""

    records: int
    triples: int
    sources: int
    kinds: Sequence[Figure]
    modalities: Sequence[Figure]
    drawings: Sequence[overview.Drawing]
    cited: Sequence[tuple[Link, int, int]]
    whole: bool


async def _together(
    here: CatalogueState, store: Store, timeout: float | None
) -> tuple[list[HomeAnswer], HomeContents]:
    answers, look = await asyncio.gather(questions(here, store, timeout), _look(here, store))
    return answers, look


async def _look(here: CatalogueState, store: Store) -> HomeContents:
    names = ("counts", "kinds", "modalities", "sources", "drawing")
    found = await asyncio.gather(*(_counted(store, name) for name in names))
    counts, kinds, modalities, sources, drawing = (each or [] for each in found)
    wanted = [row["modality"] for row in modalities] + [row["source"] for row in sources]
    labels = await here.labels.of([*wanted, *overview.names_in(drawing)])
    number = {name: int(value) for row in counts for name, value in row.items()}
    things = {row["kind"].removeprefix(COMITY): int(row["things"]) for row in kinds}
    return HomeContents(
        number.get("records", 0),
        number.get("triples", 0),
        number.get("sources", 0),
        [Figure(name, things[kind]) for kind, name in _KINDS if things.get(kind)],
        [_modality(row, labels) for row in modalities],
        overview.draw(drawing, labels),
        [
            (_link(row["source"], labels), int(row["records"]), int(row["quotations"]))
            for row in sources
        ],
        all(each is not None for each in found),
    )


def _modality(row: PlainRow, labels: Mapping[str, str]) -> Figure:
    name = row["modality"].removeprefix(COMITY)
    # The query of what is beyond fact leaves out what sources say in their own voice.
    path = None if name in OWN_VOICE else f"/queries/beyond-fact?{encode({'modality': name})}"
    return Figure(labels.get(row["modality"], name), int(row["records"]), path)


async def _counted(store: Store, name: str) -> list[PlainRow] | None:
    """Return the rows of a query of the page, None if it takes too long."""
    try:
        return await rows(store, query_text(f"home/{name}"), _PATIENCE)
    except QueryTimeout:
        return None


async def questions(here: CatalogueState, store: Store, timeout: float | None) -> list[HomeAnswer]:
    """Return the home page's questions that this store answers."""
    posed = [(q.home, q) for q in here.catalogue.queries.values() if q.home]
    chosen = sorted(posed, key=lambda each: (each[0].place, each[1].name))
    named = await ask(store, query_text("home/ontology"), timeout)
    answers = await asyncio.gather(
        *(_answer(here, store, home, query, timeout, named) for home, query in chosen)
    )
    return [answer for answer in answers if answer.told][:QUESTIONS]


async def _answer(
    here: CatalogueState,
    store: Store,
    home: HomeQuestion,
    query: CannedQuery,
    timeout: float | None,
    named: bool,
) -> HomeAnswer:
    """Return the answer; its link has arguments only if the query's page will recognise them."""
    found = (await solve(store, cut(bind(query, home.terms), _ROWS), timeout)).rows
    labels = await here.labels.of(iris(found))
    records: dict[str, list[Cells]] = {}
    for row in found:
        records.setdefault(row["record"]["value"], []).append(row)
    # Records with quotations first.
    told = sorted(
        (_told(group, home.columns, labels) for group in records.values()),
        key=lambda each: not each.words,
    )
    given = encode({name: plain(term) for name, term in home.terms.items() if named})
    return HomeAnswer(
        home.question,
        f"/queries/{query.name}" + (f"?{given}" if given else ""),
        told[:SHOWN],
        max(0, len(told) - SHOWN),
    )


def _told(group: Sequence[Cells], columns: Sequence[str], labels: Mapping[str, str]) -> HomeRecord:
    first = {name: cells.text(cell) for name, cell in group[0].items()}
    said = []
    for column in columns:
        values = [row[column] for row in group if column in row]
        links = dict.fromkeys(
            _link(cells.text(each), labels) if cells.is_iri(each) else Link(_shown(each))
            for each in values
        )
        if links:
            said.append((column, list(links)))
    return HomeRecord(
        first.get("statement", ""),
        labels.get(first.get("modality", ""), ""),
        said,
        first.get("words", ""),
        first.get("sentence", ""),
        _link(first.get("source", ""), labels),
        path_of(first["record"]),
    )


def _shown(cell: Cell) -> str:
    value = cells.native(cell)
    return f"{value.day} {value:%B} {value.year}" if isinstance(value, date) else cells.text(cell)


def _link(iri: str, labels: Mapping[str, str]) -> Link:
    return Link(labels.get(iri, iri), iri)
