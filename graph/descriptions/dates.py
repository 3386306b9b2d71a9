"""Dates in words, with the precision of a record."""

import calendar
from dataclasses import dataclass
from datetime import UTC, date, datetime
from typing import Final

_SEASONS: Final = {3: "spring", 6: "summer", 9: "autumn", 12: "winter"}
# Precisions with rough bounds: the date lies somewhere around them.
FUZZY: Final = frozenset(("approximate", "decade", "season", "habitual"))


@dataclass(frozen=True, slots=True)
class DateSpan:
    """Bounds of a date, either of which may be missing, and the precision in the source.

    `last` is inclusive. `holds` is True for a state of affairs that lasts between the bounds.
    """

    first: datetime | None
    last: datetime | None
    precision: str = ""
    holds: bool = False

    @property
    def is_dated(self) -> bool:
        """True if it has any bound."""
        return self.first is not None or self.last is not None

    @property
    def is_fuzzy(self) -> bool:
        """True if its bounds are rough."""
        return self.precision in FUZZY

    def words(self) -> str:
        """Date in words; "" if there is none."""
        first, last = self.first, self.last
        if first and last:
            return _both(first, last, self)
        if first:
            return f"from {day(first)} on" if self.holds else f"{day(first)} or later"
        return (
            f"until {day(last)}"
            if last and self.holds
            else f"{day(last)} or earlier"
            if last
            else ""
        )


def day(moment: date) -> str:
    """Write a day in words."""
    return f"{moment.day} {moment:%B} {moment.year}"


def day_of(text: str) -> str:
    """Write the day of an xsd:dateTime in words; other text stays as it is."""
    found = moment(text)
    return day(found) if found else text


def moment(text: str | None) -> datetime | None:
    """Parse an xsd:dateTime; None if there is none, or Python can't represent it."""
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def in_utc(when: datetime | None) -> datetime | None:
    """Interpret a moment without a zone as UTC."""
    return when.replace(tzinfo=UTC) if when and when.tzinfo is None else when


def _both(first: datetime, last: datetime, span: DateSpan) -> str:
    rough = _rough(first, last, span.precision)
    if rough:
        return rough
    if first.date() == last.date():
        return day(first)
    if (first.year, first.month) == (last.year, last.month):
        if span.precision == "month" or (first.day == 1 and last.day == _days(last)):
            return f"{first:%B} {first.year}"
        return f"{first.day} to {day(last)}"
    if _whole_years(first, last):
        return str(first.year) if first.year == last.year else f"{first.year} to {last.year}"
    return f"{day(first)} to {day(last)}"


def _rough(first: datetime, last: datetime, precision: str) -> str:
    if precision == "season" and first.month in _SEASONS and first.day == 1:
        return f"{_SEASONS[first.month]} {first.year}"
    if precision == "decade":
        return f"the {first.year // 10 * 10}s"
    if precision == "approximate":
        if _whole_years(first, last):
            return f"about {first.year}" + (f" or {last.year}" if last.year != first.year else "")
        if (first.year, first.month) == (last.year, last.month):
            return f"about {day(first)}"
        return f"about {first:%B} {first.year} to {last:%B} {last.year}"
    return ""


def _days(moment: datetime) -> int:
    return calendar.monthrange(moment.year, moment.month)[1]


def _whole_years(first: datetime, last: datetime) -> bool:
    return (first.month, first.day) == (1, 1) and (last.month, last.day) == (12, 31)
