"""Execution of a canned query: one page of its answer with labels, and the adjacent pages."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from comity.graph.catalogue.binding import BoundQuery, QueryRequest
from comity.graph.catalogue.empty_answers import why_empty
from comity.graph.catalogue.queries import CannedQuery
from comity.graph.descriptions.labels import Labels
from comity.graph.sparql.substitution import cut
from comity.graph.store.solutions import Solutions, Solve, iris


@dataclass(frozen=True, slots=True)
class CannedAnswer:
    """The answer to a canned query: one page of a table, or a boolean.

    `labels` are those of the IRIs in the page and in the parameters, if requested. `more` is True
    if rows follow the page; `reasons` say why there are no rows.
    """

    bound: BoundQuery
    solutions: Solutions
    labels: Mapping[str, str]
    more: bool
    reasons: tuple[str, ...] = ()

    @property
    def query(self) -> CannedQuery:
        return self.bound.query

    @property
    def request(self) -> QueryRequest:
        return self.bound.request

    @property
    def complete(self) -> bool:
        """True if this is the whole answer, from the first row to the last."""
        return not self.more and self.request.offset == 0

    @property
    def total(self) -> int | None:
        """Number of rows in all pages, None if unknown."""
        count = len(self.solutions.rows)
        known = not self.more and (count or not self.request.offset)
        return self.request.offset + count if known else None

    @property
    def pages(self) -> dict[str, int]:
        """Offsets of the adjacent pages, by link relation (RFC 8288)."""
        first, limit = self.request.offset, self.request.limit
        pages = {"first": 0, "prev": max(0, first - limit)} if first else {}
        return pages | ({"next": first + limit} if self.more else {})


async def answer(bound: BoundQuery, solve: Solve, labels: Labels | None) -> CannedAnswer:
    """Run a query that returns a table (one page) or a boolean; with `labels` if given."""
    text, request = bound.text, bound.request
    if bound.query.form == "table":
        text = cut(
            text, request.limit + 1, request.offset
        )  # one row more, to detect a further page
    solutions = await solve(text)
    more = len(solutions.rows) > request.limit
    solutions = replace(solutions, rows=solutions.rows[: request.limit])
    known = {}
    if labels is not None:
        known = await labels.of([*iris(solutions.rows), *bound.iris], request.language)
    empty = bound.query.form == "table" and not solutions.rows and not request.offset
    reasons = await why_empty(bound, solve, known) if empty else []
    return CannedAnswer(bound, solutions, known, more, tuple(reasons))


def adhoc_answer(text: str, solutions: Solutions, labels: Mapping[str, str]) -> CannedAnswer:
    """Wrap the whole answer to an ad hoc query as if it were canned, by the name `query`."""
    query = CannedQuery("query", text, "Query", "", (), (), "table", tuple(solutions.columns))
    return CannedAnswer(BoundQuery(query), solutions, labels, more=False)
