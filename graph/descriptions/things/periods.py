"""Periods: participations and offices on one scale of years, as far as their time is known."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import pyoxigraph as ox

from comity.graph.descriptions.dates import day, in_utc, moment
from comity.graph.descriptions.links import Link
from comity.graph.descriptions.things.lines import Line, Lines
from comity.graph.store.own_queries import PlainRow

_TIMES: Final = (
    *("start", "end", "earliest", "latest"),
    *("validFrom", "validUntil", "knownFrom", "knownUntil"),
)
Times = Mapping[str, datetime]


@dataclass(frozen=True, slots=True)
class BarPiece:
    """A part of a bar, in hundredths of its length; `known` or not."""

    known: bool
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Period:
    """A record of a participation or an office, with its time as far as known.

    `seen` tells when it was seen to hold, if neither its beginning nor its end is told. `held` is
    yes, no or unknown for the `day`, or the verdict on the record if something counts against it.
    """

    line: Line
    other: Link
    role: Link | None
    begun: str
    ended: str
    seen: str
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
    times = [_times(lines, row) for row in rows]
    days = [found for row in rows if (found := _day(row))]
    years = [found.year for found in (*(time for of in times for time in of.values()), *days)]
    first, last = min(years, default=0), max(years, default=0)
    return Periods(
        first,
        last,
        [_period(lines, row, of, first, last + 1) for row, of in zip(rows, times, strict=True)],
        day(max(days)) if days else "",
    )


def _times(lines: Lines, row: PlainRow) -> Times:
    described, record = lines.views.described, ox.NamedNode(row["record"])
    told = ((name, in_utc(moment(described.text(record, name)))) for name in _TIMES)
    return {name: found for name, found in told if found}


def _day(row: PlainRow) -> datetime | None:
    """Return noon of the day for which the graph of a record is known to be right."""
    found = in_utc(moment(row.get("day", "")[:10]))
    return found.replace(hour=12) if found else None


def _period(lines: Lines, row: PlainRow, times: Times, first: int, last: int) -> Period:
    line, on = lines.line(row["record"]), _day(row)
    begun, ended = times.get("start"), times.get("end") or times.get("validUntil")
    return Period(
        line,
        lines.views.named(row["other"]),
        lines.views.named(row["role"]) if "role" in row else None,
        begun=day(begun) if begun else "",
        ended=day(ended) if ended else "",
        seen="" if begun or ended else _seen(line.record.when),
        held=line.record.verdict or _held(times, on),
        day=day(on) if on else "",
        pieces=list(_pieces(times, datetime(first, 1, 1, tzinfo=UTC), last)) if first else [],
    )


def _seen(when: str) -> str:
    """Tell when something was seen to hold, in words."""
    if not when or when.startswith(("from", "until")):
        return when and f"seen at some time {when}"
    return f"seen {'on' if when.count(' ') == 2 else 'in'} {when}"


def _held(times: Times, on: datetime | None) -> str:
    """Return yes, no or unknown for an instant."""
    if on is None:
        return "unknown"
    if "knownUntil" in times and times["knownFrom"] <= on < times["knownUntil"]:
        return "yes"
    if on < times.get("validFrom", on) or times.get("validUntil", _LAST) <= on:
        return "no"
    return "unknown"


_LAST: Final = datetime.max.replace(tzinfo=UTC)


def _pieces(times: Times, first: datetime, last: int) -> Iterator[BarPiece]:
    """Yield solid pieces for what is known to hold, pale ones for unknown times."""
    span = (datetime(last, 1, 1, tzinfo=UTC) - first).total_seconds()

    def piece(known: bool, start: datetime | None, end: datetime | None) -> BarPiece:
        left = 100 * (start - first).total_seconds() / span if start else 0.0
        right = 100 * (end - first).total_seconds() / span if end else 100.0
        return BarPiece(known, round(left, 2), round(max(right - left, 0.8), 2))

    begun, over = times.get("validFrom"), times.get("validUntil")
    if "knownUntil" not in times:
        yield piece(False, begun, over)
        return
    since, until = times["knownFrom"], times["knownUntil"]
    if not begun:
        yield piece(False, None, since)
    yield piece(True, since, until)
    if not over or until < over:
        yield piece(False, until, over)
