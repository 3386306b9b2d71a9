"""Periods on one scale of years."""

import pyoxigraph as ox
import pytest

from comity.graph.descriptions.description import Description
from comity.graph.descriptions.records.views import Views
from comity.graph.descriptions.things.lines import Lines
from comity.graph.descriptions.things.periods import periods
from comity.graph.rdf.namespaces import ID
from comity.graph.store.own_queries import PlainRow

ROW = {"record": "urn:record", "other": f"{ID}river-format", "held": "yes"}
LINES = Lines(Views(Description(ox.NamedNode(f"{ID}avaria"), ())))


def bar(row: PlainRow) -> list[tuple[bool, float, float]]:
    (period,) = periods(LINES, [ROW | row]).periods
    return [(piece.known, piece.start, piece.width) for piece in period.pieces]


def test_the_scale_spans_the_years_of_all_rows() -> None:
    found = periods(LINES, [ROW | {"start": "2019-05-01T00:00:00Z"}, ROW | {"end": "2021-01-01"}])
    assert (found.first, found.last) == (2019, 2021)
    assert [(each.begun, each.ended) for each in found.periods] == [
        ("1 May 2019", ""),
        ("", "1 January 2021"),
    ]


@pytest.mark.parametrize(
    ("row", "pieces"),
    [
        ({"start": "2020-01-01", "end": "2020-12-31"}, [(True, 0.0, 99.73)]),
        # What has no known end is known up to the reference date.
        ({"start": "2020-01-01", "day": "2020-07-02"}, [(True, 0.0, 50.0), (False, 50.0, 50.0)]),
        ({"start": "2020-01-01"}, [(False, 0.0, 100.0)]),
        (
            {"earliest": "2020-07-02", "latest": "2020-12-31"},
            [(False, 0.0, 100.0), (True, 50.0, 49.73)],
        ),
    ],
)
def test_what_is_known_to_hold_is_solid(
    row: PlainRow, pieces: list[tuple[bool, float, float]]
) -> None:
    assert bar(row) == pieces


def test_without_a_date_there_is_no_bar() -> None:
    assert bar({}) == []
