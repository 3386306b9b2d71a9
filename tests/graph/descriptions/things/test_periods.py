"""Periods on one scale of years."""

import pyoxigraph as ox
import pytest

from comity.graph.descriptions.description import LABEL, Description
from comity.graph.descriptions.records.views import Views
from comity.graph.descriptions.things.lines import Lines
from comity.graph.descriptions.things.periods import Periods, periods
from comity.graph.rdf.namespaces import COMITY, ID, PREFIXES

_DATE_TIME = ox.NamedNode(PREFIXES["xsd"] + "dateTime")
_ROW = {"other": f"{ID}river-format", "day": "2020-07-02"}
_KNOWN = {"validFrom": "2020-01-01", "knownFrom": "2020-01-01"}


def told(*records: dict[str, str]) -> Periods:
    """The periods of some records, each given by its properties: dates, or what is found."""
    triples = [ox.Triple(ox.NamedNode(COMITY + "erroneous"), LABEL, ox.Literal("erroneous"))]
    for number, record in enumerate(records):
        for name, value in record.items():
            date = ox.Literal(f"{value}T00:00:00Z", datatype=_DATE_TIME)
            term = date if value[0].isdecimal() else ox.NamedNode(COMITY + value)
            triples.append(
                ox.Triple(ox.NamedNode(f"urn:{number}"), ox.NamedNode(COMITY + name), term)
            )
    lines = Lines(Views(Description(ox.NamedNode(f"{ID}avaria"), triples)))
    return periods(lines, [_ROW | {"record": f"urn:{number}"} for number in range(len(records))])


def test_the_scale_spans_the_years_of_all_records() -> None:
    found = told({"start": "2019-05-01"}, {"end": "2021-01-01"})
    assert (found.first, found.last, found.day) == (2019, 2021, "2 July 2020")
    assert [(each.begun, each.ended) for each in found.periods] == [
        ("1 May 2019", ""),
        ("", "1 January 2021"),
    ]


@pytest.mark.parametrize(
    ("record", "held", "pieces"),
    [
        (
            {**_KNOWN, "validUntil": "2020-12-31", "knownUntil": "2020-12-31"},
            "yes",
            [(True, 0.0, 99.73)],
        ),
        # What has no known end is known up to the reference date.
        (
            {**_KNOWN, "knownUntil": "2020-07-03"},
            "yes",
            [(True, 0.0, 50.27), (False, 50.27, 49.73)],
        ),
        ({"validFrom": "2020-07-02"}, "unknown", [(False, 50.0, 50.0)]),
        ({"validFrom": "2020-07-03"}, "no", [(False, 50.27, 49.73)]),
        ({"validUntil": "2020-07-02"}, "no", [(False, 0.0, 50.0)]),
        # Seen on one day, of which nothing follows for others.
        (
            {"knownFrom": "2020-07-01", "knownUntil": "2020-07-02"},
            "unknown",
            [(False, 0.0, 49.73), (True, 49.73, 0.8), (False, 50.0, 50.0)],
        ),
        ({}, "unknown", [(False, 0.0, 100.0)]),
        # Told, but found erroneous: nothing is known.
        ({"start": "2020-01-01", "foundToBe": "erroneous"}, "erroneous", [(False, 0.0, 100.0)]),
    ],
)
def test_what_is_known_to_hold_is_solid(
    record: dict[str, str], held: str, pieces: list[tuple[bool, float, float]]
) -> None:
    (period,) = told(record).periods
    assert period.held == held
    assert [(each.known, each.start, each.width) for each in period.pieces] == pieces


@pytest.mark.parametrize(
    ("record", "seen"),
    [
        ({"earliest": "2020-07-02", "latest": "2020-07-02"}, "seen on 2 July 2020"),
        (
            {"earliest": "2020-07-01", "latest": "2020-07-31", "precision": "month"},
            "seen in July 2020",
        ),
        ({"latest": "2020-07-31"}, "seen at some time until 31 July 2020"),
        ({"start": "2020-07-01", "earliest": "2020-07-02"}, ""),
        ({}, ""),
    ],
)
def test_what_was_seen_has_no_beginning(record: dict[str, str], seen: str) -> None:
    (period,) = told(record).periods
    assert period.seen == seen


def test_without_a_date_there_is_no_bar() -> None:
    lines = Lines(Views(Description(ox.NamedNode(f"{ID}avaria"), ())))
    (period,) = periods(lines, [{"record": "urn:record", "other": f"{ID}river-format"}]).periods
    assert (list(period.pieces), period.held) == ([], "unknown")
