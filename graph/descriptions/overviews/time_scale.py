"""Scales of time: positions of spans, in percent of their length."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from comity.graph.descriptions.dates import DateSpan

_MONTHS: Final = ("Jan", "Apr", "Jul", "Oct")


@dataclass(frozen=True, slots=True)
class Bar:
    """Position of a span on a scale in percent; a side without a bound, or with a rough one, fades.

    A span with a bound beyond the scale goes on, or began before.
    """

    x: float
    width: float
    fades_left: bool = False
    fades_right: bool = False
    is_day: bool = False
    goes_on: bool = False
    began_before: bool = False

    @property
    def middle(self) -> float:
        """Position of the mark of a day."""
        return round(self.x + self.width / 2, 3)

    @property
    def mask(self) -> str:
        """Sides that fade: both, left, right; "" for none."""
        sides = {(True, True): "both", (True, False): "left", (False, True): "right"}
        return sides.get((self.fades_left, self.fades_right), "")


@dataclass(frozen=True, slots=True)
class Scale:
    """A period from its first instant to the one after the last, with marks in percent."""

    first: datetime
    after: datetime
    marks: Sequence[tuple[float, str]]

    def place(self, when: datetime) -> float:
        """Return the position of a moment in percent, between the ends."""
        share = (when - self.first) / (self.after - self.first)
        return round(min(max(share, 0.0), 1.0) * 100, 3)

    def bar(self, span: DateSpan) -> Bar | None:
        """Return the bar of a span; None if it has no date or lies beyond the scale."""
        first, last = span.first, span.last
        if not span.is_dated:
            return None
        if (first and first >= self.after) or (last and last < self.first):
            return None
        left = self.place(first) if first else 0.0
        right = self.place(last + timedelta(seconds=1)) if last else 100.0
        return Bar(
            left,
            round(max(right - left, 0.3), 3),
            first is None or span.is_fuzzy,
            last is None or span.is_fuzzy,
            bool(first and last and first.date() == last.date()),
            bool(last and last >= self.after),
            bool(first and first < self.first),
        )

    def beyond(self, span: DateSpan) -> str:
        """Return earlier or later for a span off the scale; "" if it is on it or has no date."""
        if span.first and span.first >= self.after:
            return "later"
        return "earlier" if span.last and span.last < self.first else ""


def scale(first: int, last: int) -> Scale:
    """Return the scale of some years, marked by quarters or by years."""
    begun, after = _new_year(first), _new_year(last + 1)
    empty = Scale(begun, after, ())
    if first == last:
        quarters = zip((1, 4, 7, 10), _MONTHS, strict=True)
        marks = [(begun.replace(month=month), name) for month, name in quarters]
    else:
        step = max(1, -(-(last - first + 1) // 8))
        marks = [(_new_year(year), str(year)) for year in range(first, last + 1, step)]
    return Scale(begun, after, [(empty.place(when), name) for when, name in marks])


def _new_year(year: int) -> datetime:
    return datetime(min(max(year, 1), 9999), 1, 1, tzinfo=UTC)
