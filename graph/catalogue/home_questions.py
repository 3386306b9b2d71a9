"""Questions of the home page, each with the first records of its answer."""

import asyncio
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

from comity.graph.catalogue.parameter_types import plain
from comity.graph.catalogue.queries import CannedQuery, HomeQuestion, bind
from comity.graph.descriptions.dates import day
from comity.graph.descriptions.labels import Labels
from comity.graph.descriptions.links import Link
from comity.graph.sparql.substitution import cut
from comity.graph.store.cells import is_iri, native, text, texts
from comity.graph.store.interface import Store
from comity.graph.store.own_queries import ask, query_text
from comity.graph.store.solutions import Cell, Row, iris, solve

QUESTIONS: Final = 6
SHOWN: Final = 2  # records per answer
_ROWS: Final = 60  # rows of an answer to look at


@dataclass(frozen=True, slots=True)
class HomeRecord:
    """A record of an answer: its statement, its words, and further values of the answer."""

    iri: str
    statement: str
    modality: str
    said: Sequence[tuple[str, Sequence[Link]]]
    words: str
    sentence: str
    source: Link


@dataclass(frozen=True, slots=True)
class HomeAnswer:
    """A question, the query that asks it, and the first records of its answer.

    `given` has the arguments, where the store knows the names in them; `more` counts further
    records.
    """

    question: str
    query: str
    given: Mapping[str, str]
    told: Sequence[HomeRecord]
    more: int


async def answer_questions(
    queries: Iterable[CannedQuery], store: Store, labels: Labels, timeout: float | None
) -> list[HomeAnswer]:
    """Return the home page's questions that this store answers, with their answers."""
    posed = [(query.home, query) for query in queries if query.home]
    chosen = sorted(posed, key=lambda each: (each[0].place, each[1].name))
    named = await ask(store, query_text("home/ontology"), timeout)
    answers = await asyncio.gather(
        *(_answer(home, query, store, labels, timeout, named) for home, query in chosen)
    )
    return [answer for answer in answers if answer.told][:QUESTIONS]


async def _answer(
    home: HomeQuestion,
    query: CannedQuery,
    store: Store,
    labels: Labels,
    timeout: float | None,
    named: bool,
) -> HomeAnswer:
    found = (await solve(store, cut(bind(query, home.terms), _ROWS), timeout)).rows
    known = await labels.of(iris(found))
    records: dict[str, list[Row]] = {}
    for row in found:
        records.setdefault(row["record"]["value"], []).append(row)
    # Records with quotations first.
    told = sorted(
        (_told(group, home.columns, known) for group in records.values()),
        key=lambda each: not each.words,
    )
    given = {name: plain(term) for name, term in home.terms.items() if named and term is not None}
    return HomeAnswer(home.question, query.name, given, told[:SHOWN], max(0, len(told) - SHOWN))


def _told(group: Sequence[Row], columns: Sequence[str], labels: Mapping[str, str]) -> HomeRecord:
    first = texts(group[0])
    said = []
    for column in columns:
        links = dict.fromkeys(_link(row[column], labels) for row in group if column in row)
        if links:
            said.append((column, list(links)))
    source = first.get("source", "")
    return HomeRecord(
        first["record"],
        first.get("statement", ""),
        labels.get(first.get("modality", ""), ""),
        said,
        first.get("words", ""),
        first.get("sentence", ""),
        Link(labels.get(source, source), source),
    )


def _link(cell: Cell, labels: Mapping[str, str]) -> Link:
    if is_iri(cell):
        return Link(labels.get(text(cell), text(cell)), text(cell))
    value = native(cell)
    return Link(day(value) if isinstance(value, date) else text(cell))
