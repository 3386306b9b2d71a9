"""Answers of canned queries: their pages, and what a download says about itself."""

import pytest

from comity.graph.catalogue.binding import BoundQuery, QueryRequest
from comity.graph.catalogue.citation import CitationMetadata
from comity.graph.catalogue.execution import CannedAnswer, adhoc_answer
from comity.graph.catalogue.expected_answers import expected_rows, iri_columns
from comity.graph.catalogue.queries import CannedQuery
from comity.graph.store.solutions import Row, Solutions
from comity.graph.tables.canned_answer import table_of

IRAN = "https://w3id.org/comity/id/iran"
RECORD = "https://w3id.org/comity/source/moscow-tehran-relations#f39.1"
QUERY = CannedQuery(
    "q",
    "SELECT ?n {}",
    "Q",
    "",
    (),
    (),
    "table",
    ("who", "record", "n"),
    (("id:iran", "#f39.1", "3"),),
)


def answered(asked: QueryRequest, rows: list[Row], *, more: bool = False) -> CannedAnswer:
    solutions = Solutions(QUERY.columns, rows, "1")
    return CannedAnswer(BoundQuery(QUERY, request=asked), solutions, {IRAN: "Iran"}, more)


@pytest.mark.parametrize(
    ("offset", "count", "more", "complete", "total", "pages"),
    [
        (0, 2, False, True, 2, {}),
        (0, 0, False, True, 0, {}),
        (0, 2, True, False, None, {"next": 2}),
        (2, 2, True, False, None, {"first": 0, "prev": 0, "next": 4}),
        (3, 1, False, False, 4, {"first": 0, "prev": 1}),
        (9, 0, False, False, None, {"first": 0, "prev": 7}),
    ],
)
def test_pages(
    offset: int, count: int, more: bool, complete: bool, total: int | None, pages: dict[str, int]
) -> None:
    found = answered(QueryRequest(limit=2, offset=offset), [{}] * count, more=more)
    assert (found.complete, found.total, found.pages) == (complete, total, pages)


def test_the_metadata_of_a_page() -> None:
    page = answered(QueryRequest(limit=1, offset=4), [{}], more=True)
    about = CitationMetadata(page, "abc", "http://h/queries/q.xlsx", "http://h/next")
    assert about.pairs() == {
        "title": "Q",
        "rows": "5 to 5, a part of the answer",
        "next page": "http://h/next",
        "cite": about.source,
        "licence": "https://creativecommons.org/licenses/by/4.0/",
        "release": "abc",
        "data version": "1",
        "address": "http://h/queries/q.xlsx",
        "query": "SELECT ?n {}",
    }
    assert about.name == "q-abc"
    document = about.document()
    assert (document["total"], document["complete"], document["next"]) == (
        None,
        False,
        "http://h/next",
    )
    assert CitationMetadata(page).licence is None


def test_what_the_expected_answer_tells() -> None:
    assert iri_columns(QUERY) == {"who", "record"}
    columns = ("who", "record", "n", "none")
    (row,) = expected_rows(QUERY, columns)
    assert row == {"who": IRAN, "record": RECORD, "n": 3, "none": None}
    table = table_of(CitationMetadata(answered(QueryRequest(), [])))
    assert table.columns == ["who", "who_label", "record", "record_label", "n"]


def test_a_query_of_ones_own_is_whole() -> None:
    found = adhoc_answer("SELECT ?n {}", Solutions(("n",), [{}, {}], "1"), {})
    assert (found.complete, found.total) == (True, 2)
    assert CitationMetadata(found).pairs()["query"] == "SELECT ?n {}"
