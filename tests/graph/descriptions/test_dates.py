"""Dates in words."""

from datetime import UTC, datetime

import pytest

from comity.graph.descriptions.dates import DateSpan, day_of, in_utc, moment


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


@pytest.mark.parametrize(
    ("first", "last", "precision", "words"),
    [
        ("2021-01-26", "2021-01-26T23:59:59", "day", "26 January 2021"),
        ("2020-10-01", "2020-10-31T23:59:59", "month", "October 2020"),
        ("2020-02-16", "2020-02-17T23:59:59", "day", "16 to 17 February 2020"),
        ("2020-12-30", "2021-01-02T23:59:59", "day", "30 December 2020 to 2 January 2021"),
        ("2019-01-01", "2019-12-31T23:59:59", "year", "2019"),
        ("2001-01-01", "2002-12-31T23:59:59", "approximate", "about 2001 or 2002"),
        ("1990-01-01", "1999-12-31T23:59:59", "decade", "the 1990s"),
        ("2020-09-01", "2020-11-30T23:59:59", "season", "autumn 2020"),
        ("2021-02-22", None, "afterPublication", "22 February 2021 or later"),
        (None, "2021-02-21T23:59:59", "beforePublication", "21 February 2021 or earlier"),
        (None, None, "undated", ""),
    ],
)
def test_dates_in_words(first: str | None, last: str | None, precision: str, words: str) -> None:
    span = DateSpan((first and at(first)) or None, (last and at(last)) or None, precision)
    assert span.words() == words


def test_text_that_is_no_time_stays_as_it_is() -> None:
    assert day_of("2021-02-22T00:00:00Z") == "22 February 2021"
    assert day_of("in spring") == "in spring"
    assert moment("2021-02-30T00:00:00Z") is None


def test_a_moment_without_a_zone_is_in_utc() -> None:
    assert in_utc(moment("2021-02-22T00:00:00")) == at("2021-02-22")
    east = moment("2021-02-22T00:00:00+03:00")
    assert in_utc(east) == east
    assert in_utc(None) is None
