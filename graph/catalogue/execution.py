"""Execution of a canned query: one page of its answer, with labels, and where the others begin."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from comity.graph.catalogue.binding import BoundQuery, QueryRequest
from comity.graph.catalogue.queries import CannedQuery
from comity.graph.descriptions.labels import Labels
from comity.graph.sparql.substitution import cut
from comity.graph.store.solutions import Solutions, Solve, iris


@dataclass(frozen=True, slots=True)
class CannedAnswer:
    """The answer to a canned query: one page of a table, or a yes or no.

    `labels` are those of the IRIs in the page and in the parameters, where they were asked for.
    `more` tells whether rows follow the page.
    """

    bound: BoundQuery
    solutions: Solutions
    labels: Mapping[str, str]
    more: bool

    @property
    def query(self) -> CannedQuery:
        return self.bound.query

    @property
    def request(self) -> QueryRequest:
        return self.bound.request

    @property
    def complete(self) -> bool:
        """Whether this is all of the answer, from its first row to its last."""
        return not self.more and self.request.offset == 0

    @property
    def total(self) -> int | None:
        """How many rows there are in all pages; None where that is not known."""
        count = len(self.solutions.rows)
        known = not self.more and (count or not self.request.offset)
        return self.request.offset + count if known else None

    @property
    def pages(self) -> dict[str, int]:
        """The offsets of the pages that this one leads to, by their relation (RFC 8288)."""
        first, limit = self.request.offset, self.request.limit
        pages = {"first": 0, "prev": max(0, first - limit)} if first else {}
        return pages | ({"next": first + limit} if self.more else {})


async def answer(bound: BoundQuery, solve: Solve, labels: Labels | None) -> CannedAnswer:
    """Ask a query that gives a table, one page of it, or a yes or no; with `labels` if given."""
    text, request = bound.text, bound.request
    if bound.query.form == "table":
        text = cut(text, request.limit + 1, request.offset)  # one more, to see if there is more
    solutions = await solve(text)
    more = len(solutions.rows) > request.limit
    solutions = replace(solutions, rows=solutions.rows[: request.limit])
    known = {}
    if labels is not None:
        known = await labels.of([*iris(solutions.rows), *bound.iris], request.language)
    return CannedAnswer(bound, solutions, known, more)


def adhoc_answer(text: str, solutions: Solutions, labels: Mapping[str, str]) -> CannedAnswer:
    """Make a canned answer of the whole answer to a user's own query, which is then called `query`."""
    query = CannedQuery("query", text, "Query", "", (), (), "table", tuple(solutions.columns))
    return CannedAnswer(BoundQuery(query), solutions, labels, more=False)


async def emptied_by(bound: BoundQuery, solve: Solve) -> list[str]:
    """The parameters each of which, left out alone, would let something remain of an empty answer."""
    return [name for name in bound.given if (await solve(cut(bound.without(name).text, 1))).rows]
