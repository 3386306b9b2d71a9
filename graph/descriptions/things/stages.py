"""Stages in the life of a thing: events that happened, and those only called for."""

from collections.abc import Sequence
from dataclasses import dataclass

from comity.graph.descriptions.links import Link
from comity.graph.descriptions.things.lines import Line, Lines
from comity.graph.store.own_queries import PlainRow


@dataclass(frozen=True, slots=True)
class Stage:
    """An event that happened, or is only called for (`beyond`), with its records."""

    event: Link
    kind: str
    when: str
    beyond: bool
    lines: Sequence[Line]


def stages(lines: Lines, rows: Sequence[PlainRow], *, beyond: bool) -> list[Stage]:
    """Return the stages in the order of the rows, each event once."""
    records: dict[str, dict[str, None]] = {}
    for row in rows:
        records.setdefault(row["event"], {})[row["record"]] = None
    kinds = {row["event"]: row.get("kind", "") for row in rows}
    return [_stage(lines, event, kinds[event], [*of], beyond) for event, of in records.items()]


def _stage(lines: Lines, event: str, kind: str, records: Sequence[str], beyond: bool) -> Stage:
    found = lines.of(records)
    return Stage(
        lines.views.named(event),
        lines.views.named(kind).text if kind else "",
        "" if beyond else found[0].when,
        beyond,
        found,
    )
