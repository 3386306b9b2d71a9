"""Events in chronological order, each with all accounts of it and its place on a scale."""

import dataclasses
import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Final

from comity.graph.descriptions.dates import DateSpan, in_utc, moment
from comity.graph.descriptions.links import Link, link
from comity.graph.descriptions.overviews.corrections import Remark, remarks_on, verdict_of
from comity.graph.descriptions.overviews.lookup import Lookup
from comity.graph.descriptions.overviews.time_scale import Bar, Scale, scale
from comity.graph.descriptions.records.modalities import FACTUAL
from comity.graph.rdf.namespaces import COMITY
from comity.graph.store.own_queries import PlainRow

_LONGEST_SCALE: Final = 10  # years to which the scale of one year may be extended
_ROWS: Final = 16  # rows of marks in the overview
_CONTEMPLATED: Final = "ContemplatedEvent"


@dataclass(slots=True)
class EventAccount:
    """One record as an account of one event."""

    record: Link
    event: str
    event_kind: Link
    kind: Link
    status: str
    modality: str
    span: DateSpan
    said: DateSpan
    inferred: bool
    hedge: str
    realized: Link | None
    text: str
    content: str
    source: Link
    standing: str = ""
    words: list[tuple[str, str]] = field(default_factory=list)
    remarks: Sequence[Remark] = ()

    @property
    def is_contemplated(self) -> bool:
        """True if it is about something merely contemplated."""
        return (self.kind.iri or "") == COMITY + _CONTEMPLATED or self.modality not in FACTUAL

    @property
    def verdict(self) -> str:
        """Verdict that counts against it; "" if there is none."""
        return verdict_of(self.remarks)


@dataclass(frozen=True, slots=True)
class EventEntry:
    """An event, or what is only contemplated, with all accounts of it."""

    anchor: str
    title: Link
    kind: Link
    contemplated: bool
    status: str
    tellings: Sequence[EventAccount]
    place: DateSpan

    @property
    def realized(self) -> Sequence[Link]:
        """Events that realised it."""
        return list(dict.fromkeys(each.realized for each in self.tellings if each.realized))

    @property
    def is_refuted(self) -> bool:
        """True if every account of it is found erroneous."""
        return all(each.standing == "foundErroneous" for each in self.tellings)

    @property
    def disagree(self) -> bool:
        """True if no day fits all reported dates."""
        firsts = [each.span.first for each in self.tellings if each.span.first]
        lasts = [each.span.last for each in self.tellings if each.span.last]
        return bool(firsts and lasts) and max(firsts) > min(lasts)


@dataclass(frozen=True, slots=True)
class Year:
    """Entries of one year, events and contemplated ones apart, with the scale of their bars."""

    year: int
    scale: Scale
    told: Sequence[EventEntry]
    contemplated: Sequence[EventEntry]


def tellings(rows: Iterable[PlainRow], labels: Mapping[str, str]) -> list[EventAccount]:
    """Gather the rows of `queries/timeline/timeline.rq` by record and event."""
    found: dict[tuple[str, str], EventAccount] = {}
    for row in rows:
        one = _telling(row, labels)
        one = found.setdefault((one.record.iri or "", one.event), one)
        words = (row.get("words", ""), row.get("sentence", ""))
        if words[0] and words not in one.words:
            one.words.append(words)
    return list(found.values())


def _telling(row: PlainRow, labels: Mapping[str, str]) -> EventAccount:
    realized = row.get("realizedBy", "")
    return EventAccount(
        record=link(row.get("record", ""), labels),
        event=row.get("event", ""),
        event_kind=link(row.get("eventKind", ""), labels),
        kind=link(row.get("kind", ""), labels),
        status=row.get("status", "").removeprefix(COMITY),
        modality=row.get("modality", "").removeprefix(COMITY),
        span=_span(row, "earliest", "latest", row.get("precision", "")),
        said=_said(row),
        inferred=row.get("inferred", "") in ("true", "1"),
        hedge=row.get("hedge", ""),
        realized=link(realized, labels) if realized else None,
        text=row.get("statement", ""),
        content=row.get("content", ""),
        source=link(row.get("source", ""), labels),
        standing=row.get("standing", "").removeprefix(COMITY),
    )


def _span(row: PlainRow, first: str, last: str, precision: str) -> DateSpan:
    """Return the bounds; the end of what lasts is the first instant at which it no longer holds."""
    begun, ended = moment(row.get(first)), moment(row.get(last))
    start, end = moment(row.get("start")), moment(row.get("end"))
    exact = precision.removeprefix(COMITY)
    if first == "earliest" and begun is None and ended is None and (start or end):
        over = end - timedelta(seconds=1) if end else None
        return DateSpan(in_utc(start), in_utc(over), exact, holds=True)
    return DateSpan(in_utc(begun), in_utc(ended), exact)


def _said(row: PlainRow) -> DateSpan:
    """Return when the contemplated was stated; a statement on the future, when published."""
    found = _span(row, "saidEarliest", "saidLatest", "")
    return found if found.last else DateSpan(found.first, found.first)


async def add_remarks(lookup: Lookup, told: Sequence[EventAccount]) -> None:
    """Add the editors' remarks."""
    remarks = await remarks_on(lookup, (each.record.iri or "" for each in told))
    for each in told:
        each.remarks = remarks.get(each.record.iri or "", ())


def happenings(told: Iterable[EventAccount], labels: Mapping[str, str]) -> list[EventEntry]:
    """Gather accounts by event in chronological order; those of what lasts stay by record."""
    groups: dict[tuple[str, bool], list[EventAccount]] = {}
    for each in told:
        lasts = each.span.holds or each.kind.iri in (
            COMITY + "Participation",
            COMITY + "OfficeHolding",
        )
        key = (each.record.iri or "") if lasts else each.event
        groups.setdefault((key, each.is_contemplated), []).append(each)
    found = [_happening(key, of, labels) for key, of in groups.items()]
    anchors: dict[str, int] = {}
    for at, one in enumerate(found):
        anchors[one.anchor] = nth = anchors.get(one.anchor, 0) + 1
        if nth > 1:
            found[at] = dataclasses.replace(one, anchor=f"{one.anchor}-{nth}")
    return sorted(found, key=lambda each: (_order(each.place), each.title.text))


def _happening(
    key: tuple[str, bool], of: list[EventAccount], labels: Mapping[str, str]
) -> EventEntry:
    of.sort(key=lambda each: (_order(each.span), each.record.iri or ""))
    best = min(of, key=lambda each: _exactness(each.span))
    about, contemplated = link(key[0], labels), key[1]
    named = best.content if contemplated and best.content else labels.get(key[0], "")
    title = Link(named or best.text or about.text, about.iri)
    kind = best.event_kind if best.event_kind.iri else best.kind
    return EventEntry(_anchor(key[0]), title, kind, contemplated, best.status, of, best.span)


def _anchor(iri: str) -> str:
    local = re.sub(r"[^A-Za-z0-9.-]+", "-", iri.rpartition("/")[2])
    return f"at-{local}"


def _exactness(span: DateSpan) -> tuple[int, float]:
    if span.first and span.last:
        return 0, (span.last - span.first).total_seconds()
    return (1 if span.is_dated else 2), 0.0


def _order(span: DateSpan) -> datetime:
    return span.first or span.last or datetime.max.replace(tzinfo=UTC)


def years(found: Iterable[EventEntry]) -> list[Year]:
    """Return dated entries by year."""
    groups: dict[int, list[EventEntry]] = {}
    for each in found:
        if each.place.is_dated:
            groups.setdefault(_order(each.place).year, []).append(each)
    return [
        Year(
            year,
            _scale_of(year, of),
            [each for each in of if not each.contemplated],
            [each for each in of if each.contemplated],
        )
        for year, of in sorted(groups.items())
    ]


def _scale_of(year: int, of: Iterable[EventEntry]) -> Scale:
    ends = [each.place.last.year for each in of if each.place.last and not each.place.holds]
    return scale(year, min(max([year, *ends]), year + _LONGEST_SCALE))


@dataclass(frozen=True, slots=True)
class Mark:
    """An event in the overview: its bar and row."""

    happening: EventEntry
    bar: Bar
    row: int


@dataclass(frozen=True, slots=True)
class Overview:
    """All years on one scale, events and contemplated ones in separate rows."""

    scale: Scale
    told: Sequence[Mark]
    contemplated: Sequence[Mark]

    @property
    def rows(self) -> tuple[int, int]:
        """Number of rows of marks for each."""
        told, apart = (
            max((m.row + 1 for m in of), default=0) for of in (self.told, self.contemplated)
        )
        return told, apart


def overview(of: Sequence[Year]) -> Overview | None:
    """Return all years on one scale; None for fewer than two."""
    if not of or of[0].year == of[-1].year:
        return None
    whole = scale(of[0].year, max(each.scale.after.year - 1 for each in of))
    told = [each for year in of for each in year.told]
    apart = [each for year in of for each in year.contemplated]
    return Overview(whole, _packed(told, whole), _packed(apart, whole))


def _packed(of: Iterable[EventEntry], whole: Scale) -> list[Mark]:
    """Arrange marks in as few rows as possible without overlap."""
    ends: list[float] = []
    found = []
    for each in of:
        bar = whole.bar(each.place)
        if bar is None:
            continue
        free = next((row for row, end in enumerate(ends) if end + 0.8 <= bar.x), len(ends))
        row = min(free, _ROWS - 1)
        if row == len(ends):
            ends.append(0.0)
        ends[row] = max(ends[row], bar.x + max(bar.width, 1.0))
        found.append(Mark(each, bar, row))
    return found
