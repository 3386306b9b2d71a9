"""Periods: participations and offices on one scale of years, as far as their time is known."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime

from comity.graph.descriptions.dates import day, in_utc, moment
from comity.graph.descriptions.links import Link
from comity.graph.descriptions.things.lines import Line, Lines
from comity.graph.store.own_queries import PlainRow


@dataclass(frozen=True, slots=True)
class BarPiece:
    """A part of a bar, in hundredths of its length; `known` or not."""

    known: bool
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Period:
    """A record of a participation or an office, with its time as far as known."""

    line: Line
    other: Link
    role: Link | None
    begun: str
    ended: str
    held: str
    day: str
    pieces: Sequence[BarPiece]


@dataclass(frozen=True, slots=True)
class Periods:
    """Periods on one scale of years; `day` is the latest day with known states."""

    first: int
    last: int
    periods: Sequence[Period]
    day: str


def periods(lines: Lines, rows: Sequence[PlainRow]) -> Periods:
    """Return participations or offices with their bars."""
    years = [found.year for row in rows for found in _moments(row)]
    first, last = min(years, default=0), max(years, default=0)
    latest = max((row.get("day", "") for row in rows), default="")
    return Periods(
        first, last, [_period(lines, row, first, last + 1) for row in rows], _in_words(latest)
    )


def _period(lines: Lines, row: PlainRow, first: int, last: int) -> Period:
    return Period(
        lines.line(row["record"]),
        lines.views.named(row["other"]),
        lines.views.named(row["role"]) if "role" in row else None,
        begun=_in_words(row.get("start")),
        ended=_in_words(row.get("end")),
        held=row["held"],
        day=_in_words(row.get("day")),
        pieces=list(_pieces(row, datetime(first, 1, 1, tzinfo=UTC), last)) if first else [],
    )


def _pieces(row: PlainRow, first: datetime, last: int) -> Iterator[BarPiece]:
    """Yield solid pieces for what is known to hold, pale ones for unknown times."""
    span = (datetime(last, 1, 1, tzinfo=UTC) - first).total_seconds()

    def piece(known: bool, start: datetime | None, end: datetime | None) -> BarPiece:
        left = 100 * (start - first).total_seconds() / span if start else 0.0
        right = 100 * (end - first).total_seconds() / span if end else 100.0
        return BarPiece(known, round(left, 2), round(max(right - left, 0.8), 2))

    start, end = _moment(row.get("start")), _moment(row.get("end"))
    told, until = _moment(row.get("earliest")), _moment(row.get("latest"))
    known = _moment(row.get("day"))
    if start and (end or known):
        yield piece(True, start, end or max(start, known or start))
        if not end:
            yield piece(False, max(start, known or start), None)
    elif start:
        yield piece(False, start, None)
    elif told and until:
        yield piece(False, None, end)
        yield piece(True, told, until)
    else:
        yield piece(False, None, end)


def _moments(row: PlainRow) -> list[datetime]:
    names = ("start", "end", "earliest", "latest", "day")
    return [found for name in names if (found := _moment(row.get(name)))]


def _moment(text: str | None) -> datetime | None:
    return in_utc(moment(text))


def _in_words(text: str | None) -> str:
    found = moment(text)
    return day(found) if found else ""
