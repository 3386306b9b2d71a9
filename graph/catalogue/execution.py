"""Execution of a canned query: a caller's arguments in, one page of its answer with labels out."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Final

from pyoxigraph import NamedNode

from comity.graph.catalogue.arguments import resolve_all, unknown_parameter
from comity.graph.catalogue.names import Names
from comity.graph.catalogue.parameter_types import read_language
from comity.graph.catalogue.queries import RESERVED, CannedQuery
from comity.graph.catalogue.refinement import PARAMETERS, Refinement, narrow, read_narrowing
from comity.graph.descriptions.labels import Labels
from comity.graph.errors import ParameterError, quoted
from comity.graph.sparql.substitution import Term, cut
from comity.graph.sparql.substitution import replace as replace_terms
from comity.graph.store.solutions import Solutions, Solve, iris

DEFAULT_LIMIT: Final = 1000
MAX_LIMIT: Final = 10_000
_PAGING: Final = ("limit", "offset")
_MAX_OFFSET: Final = 10**9
_NUMBER: Final = re.compile(r"\d{1,9}", re.ASCII)


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """What a caller asks of a canned query: `given` for its parameters, the rest for the answer."""

    given: Mapping[str, str] = field(default_factory=dict)
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    language: str = "en"
    narrowing: Refinement = field(default_factory=Refinement)


@dataclass(frozen=True, slots=True)
class CannedAnswer:
    """The answer to a canned query: one page of a table, or a yes or no.

    `text` is what was asked, but for the page. `terms` has every parameter, None where it is left open; `labels` those of the IRIs in the page
    and in the parameters, where they were asked for. `more` tells whether rows follow the page.
    """

    query: CannedQuery
    asked: QueryRequest
    terms: Mapping[str, Term | None]
    solutions: Solutions
    labels: Mapping[str, str]
    more: bool
    text: str = ""

    @property
    def complete(self) -> bool:
        """Whether this is all of the answer, from its first row to its last."""
        return not self.more and self.asked.offset == 0

    @property
    def total(self) -> int | None:
        """How many rows there are in all pages; None where that is not known."""
        count = len(self.solutions.rows)
        known = not self.more and (count or not self.asked.offset)
        return self.asked.offset + count if known else None

    @property
    def pages(self) -> dict[str, int]:
        """The offsets of the pages that this one leads to, by their relation (RFC 8288)."""
        found = {"first": 0, "prev": max(0, self.asked.offset - self.asked.limit)}
        pages = found if self.asked.offset else {}
        return pages | ({"next": self.asked.offset + self.asked.limit} if self.more else {})


def read_asked(
    arguments: Mapping[str, str], query: CannedQuery, beside: tuple[str, ...] | None = None
) -> QueryRequest:
    """Tell the arguments of the query's own from those for any table. Raises ParameterError.

    `beside` is what may be given beside the query's own, for the message, if not what `further` says.
    Of `sort`, `filter` and `require` several values may be given, each on a line.
    """
    given = {name: value for name, value in arguments.items() if name not in RESERVED}
    for name in given:
        if query.parameter(name) is None:
            raise unknown_parameter(query, name, further(query) if beside is None else beside)
    if query.form != "table" and (paging := arguments.keys() & {*_PAGING, *PARAMETERS}):
        raise ParameterError(min(paging), f"{query.name} gives a {query.form}, always whole")
    return QueryRequest(
        given,
        _number(arguments, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT),
        _number(arguments, "offset", 0, 0, _MAX_OFFSET),
        read_language(arguments.get("lang", "")),
        read_narrowing(query.columns, *(arguments.get(n, "").split("\n") for n in PARAMETERS)),
    )


def further(query: CannedQuery) -> tuple[str, ...]:
    """What an address may say beside the query's own parameters."""
    paging = (*_PAGING, *PARAMETERS) if query.form == "table" else ()
    formats = () if query.parameter("format") else ("format",)
    return (*paging, "lang", *formats)


def text_of(query: CannedQuery, asked: QueryRequest, terms: Mapping[str, Term | None]) -> str:
    """The text that asks all of it: the terms put in, sorted and filtered as asked."""
    return narrow(replace_terms(query.text, terms), query.columns, asked.narrowing, asked.language)


async def terms_of(query: CannedQuery, asked: QueryRequest, names: Names) -> dict[str, Term | None]:
    """The term of every parameter, those that keep the text's own value included."""
    return await resolve_all(query, asked.given, names)


async def answer(
    query: CannedQuery, asked: QueryRequest, names: Names, solve: Solve, labels: Labels | None
) -> CannedAnswer:
    """Ask a query that gives a table, one page of it, or a yes or no; with `labels` if given."""
    terms = await terms_of(query, asked, names)
    return await answer_bound(query, asked, terms, solve, labels)


async def answer_bound(
    query: CannedQuery,
    asked: QueryRequest,
    terms: Mapping[str, Term | None],
    solve: Solve,
    labels: Labels | None,
) -> CannedAnswer:
    """The same with the terms of the parameters known."""
    text = page = text_of(query, asked, terms)
    if query.form == "table":
        page = cut(text, asked.limit + 1, asked.offset)  # one more, to see whether there is more
    solutions = await solve(page)
    more = len(solutions.rows) > asked.limit
    solutions = replace(solutions, rows=solutions.rows[: asked.limit])
    known = {}
    if labels is not None:
        wanted = [
            *iris(solutions.rows),
            *(term.value for term in terms.values() if isinstance(term, NamedNode)),
        ]
        known = await labels.of(wanted, asked.language)
    return CannedAnswer(query, asked, terms, solutions, known, more, text)


def adhoc_answer(text: str, solutions: Solutions, labels: Mapping[str, str]) -> CannedAnswer:
    """The whole answer to a query of the user's own, as if the catalogue had it by the name `query`."""
    query = CannedQuery("query", text, "Query", "", (), (), "table", tuple(solutions.columns))
    return CannedAnswer(query, QueryRequest(), {}, solutions, labels, False, text)


def _number(arguments: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    value = arguments.get(name, "").strip()
    if not value:
        return default
    if not _NUMBER.fullmatch(value) or not least <= int(value) <= most:
        message = f"{name} is {quoted(value)}, and should be a number from {least} to {most:,}"
        raise ParameterError(name, message)
    return int(value)
