"""What the page of a thing shows of its records: lines, periods, the stages of a life, accounts."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import pyoxigraph as ox

from comity.graph.descriptions.dates import day, in_utc, moment
from comity.graph.descriptions.links import Link
from comity.graph.descriptions.records.model import Note, Record
from comity.graph.descriptions.records.views import Views
from comity.graph.rdf.namespaces import COMITY
from comity.graph.rdf.terms import in_words
from comity.graph.store.own_queries import PlainRow
from comity.service.pages.overviews.matrix import SIGNS
from comity.service.pages.things.sections import SectionRows

FACTS: Final = frozenset(("asserted", "presupposed", "evaluated"))
"""The modalities under which a source vouches for what it says."""
_ACTING: Final = ("holder", "actor", "participant", "person", "proponent", "salientFor")
_ABOUT: Final = ("issue", "event", "participationIn", "office", "proposal", "place")


@dataclass(frozen=True, slots=True)
class Line:
    """One record in one line; `stance`, its `sign` and its `word` are "" where it is no position.

    `mine` says that the thing is among those who act or hold.
    """

    record: Record
    when: str
    stance: str
    sign: str
    word: str
    modality: str
    joint: bool
    mine: bool
    beyond: bool
    others: Sequence[Link]
    on: Sequence[Link]
    places: Sequence[Link]


@dataclass(frozen=True, slots=True)
class BarPiece:
    """A part of a bar, in hundredths of its length; `known` or not."""

    known: bool
    start: float
    width: float


@dataclass(frozen=True, slots=True)
class Period:
    """One record of a participation or an office, with what is known of its time."""

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
    """Periods on one scale of years."""

    first: int
    last: int
    periods: Sequence[Period]
    day: str


@dataclass(frozen=True, slots=True)
class Stage:
    """What happened, or is only called for, with the records that tell of it."""

    event: Link
    kind: str
    when: str
    beyond: bool
    lines: Sequence[Line]


class ThingViews:
    """The views of the records of one thing."""

    def __init__(self, views: Views) -> None:
        self._views = views
        self._lines: dict[str, Line] = {}

    def lines(self, listed: SectionRows) -> list[Line]:
        """A line for each record."""
        return [self.line(record) for record in listed.records]

    def line(self, iri: ox.NamedNode) -> Line:
        """A record in one line."""
        if iri.value not in self._lines:
            self._lines[iri.value] = self._line(iri)
        return self._lines[iri.value]

    def _line(self, iri: ox.NamedNode) -> Line:
        described, thing = self._views.described, self._views.described.iri
        record = self._views.record(iri.value)
        stance = next((n.value for n in described.nodes(iri, "stance")), "").removeprefix(COMITY)
        modality = next((n.value for n in described.nodes(iri, "modality")), "")
        modality = modality.removeprefix(COMITY)
        precision = next((n.value for n in described.nodes(iri, "precision")), "")
        reporters = described.nodes(iri, "reportedBy")
        acting = [n for name in _ACTING for n in described.nodes(iri, name) if n not in reporters]
        about = [node for name in _ABOUT for node in described.nodes(iri, name)]
        return Line(
            record,
            when=record.when or in_words(precision.removeprefix(COMITY)) or "undated",
            stance=stance,
            sign=SIGNS[stance][0] if stance in SIGNS else "",
            word=SIGNS[stance][1] if stance in SIGNS else stance,
            joint=described.text(iri, "joint") == "true",
            mine=thing in acting,
            modality=modality,
            beyond=modality not in FACTS,
            others=self._links(acting, thing),
            on=self._links([node for node in about if node not in acting], thing),
            places=self._links(described.nodes(iri, "place"), thing),
        )

    def periods(self, listed: SectionRows) -> Periods:
        """Participations or offices, with their bars."""
        days = [found for row in listed.rows for found in _moments(row)]
        first = min((each.year for each in days), default=0)
        last = max((each.year for each in days), default=0)
        reference = max((row.get("day", "") for row in listed.rows), default="")
        return Periods(
            first,
            last,
            [self._period(row, first, last + 1) for row in listed.rows],
            _written(_moment(reference)),
        )

    def _period(self, row: PlainRow, first: int, last: int) -> Period:
        start, end = _moment(row.get("start")), _moment(row.get("end"))
        return Period(
            self.line(ox.NamedNode(row["record"])),
            self._link(row["other"]),
            self._link(row["role"]) if "role" in row else None,
            begun=_written(start),
            ended=_written(end),
            held=row["held"],
            day=_written(_moment(row.get("day"))),
            pieces=list(_pieces(row, datetime(first, 1, 1, tzinfo=UTC), last)) if first else [],
        )

    def stages(self, happened: SectionRows, called_for: SectionRows) -> list[Stage]:
        """What happened in the order of time, then what is only called for."""
        return [*self._stages(happened, beyond=False), *self._stages(called_for, beyond=True)]

    def _stages(self, listed: SectionRows, *, beyond: bool) -> list[Stage]:
        found: dict[str, list[ox.NamedNode]] = {}
        kinds = {row["event"]: row.get("kind", "") for row in listed.rows}
        for row in listed.rows:
            records = found.setdefault(row["event"], [])
            if (record := ox.NamedNode(row["record"])) not in records:
                records.append(record)
        return [self._stage(event, kinds[event], of, beyond) for event, of in found.items()]

    def _stage(self, iri: str, kind: str, records: Iterable[ox.NamedNode], beyond: bool) -> Stage:
        lines = [self.line(record) for record in records]
        return Stage(
            self._link(iri),
            self._link(kind).text if kind else "",
            "" if beyond else lines[0].when,
            beyond,
            lines,
        )

    def notes(self, listed: Iterable[SectionRows]) -> list[tuple[Note, list[Line]]]:
        """The notes on records, each with the records that it is on."""
        found: dict[tuple[str, str], tuple[Note, list[Line]]] = {}
        for record in dict.fromkeys(record for each in listed for record in each.records):
            line = self.line(record)
            for note in line.record.notes:
                key = (note.verdict, note.comment)
                found.setdefault(key, (note, []))[1].append(line)
        return list(found.values())

    def _links(self, nodes: Iterable[ox.NamedNode], thing: ox.NamedNode) -> list[Link]:
        return [self._views.link(node) for node in dict.fromkeys(nodes) if node != thing]

    def _link(self, iri: str) -> Link:
        return self._views.named(iri)


def _moments(row: PlainRow) -> list[datetime]:
    names = ("start", "end", "earliest", "latest", "day")
    return [found for name in names if (found := _moment(row.get(name)))]


def _moment(text: str | None) -> datetime | None:
    return in_utc(moment(text))


def _written(when: datetime | None) -> str:
    return day(when) if when else ""


def _pieces(row: PlainRow, first: datetime, last: int) -> Iterable[BarPiece]:
    """What is known to hold is a solid part; where nothing is known of a time, a pale one."""
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
