"""Where spans of time stand on a scale."""

from datetime import UTC, datetime

from comity.graph.descriptions.dates import DateSpan
from comity.graph.descriptions.overviews.time_scale import scale


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def test_what_lies_beyond_a_scale_is_not_drawn_on_it() -> None:
    year = scale(2020, 2020)
    later = DateSpan(at("2021-03-01"), at("2021-03-01T23:59:59"), "day")
    assert year.bar(later) is None and year.beyond(later) == "later"
    across = year.bar(DateSpan(at("2019-06-01"), at("2022-01-01"), "day"))
    assert across and (across.x, across.width) == (0, 100)
    assert across.goes_on and across.began_before
