"""Timeline: events by year and undated ones, contemplated ones apart."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from comity.graph.descriptions.overviews.events import (
    EventEntry,
    Overview,
    Year,
    add_remarks,
    happenings,
    overview,
    tellings,
    years,
)
from comity.graph.descriptions.overviews.lookup import Lookup
from comity.graph.store.cells import texts
from comity.graph.store.solutions import Row


@dataclass(frozen=True, slots=True)
class Timeline:
    """The years, all of them on one scale, and undated entries.

    `anchors` has the anchor of each event by its IRI, `counts` the numbers of events and of
    contemplated ones; what is found erroneous is neither.
    """

    years: Sequence[Year]
    overview: Overview | None
    anchors: Mapping[str | None, str]
    undated_told: Sequence[EventEntry]
    undated_contemplated: Sequence[EventEntry]
    counts: tuple[int, int]


async def view_timeline(lookup: Lookup, rows: Iterable[Row], labels: Mapping[str, str]) -> Timeline:
    """View the rows of `queries/timeline/timeline.rq`."""
    told = tellings(map(texts, rows), labels)
    await add_remarks(lookup, told)
    found = happenings(told, labels)
    dated = years(found)
    without = [each for each in found if not each.place.is_dated]
    counted = [each.contemplated for each in found if not each.is_refuted]
    return Timeline(
        dated,
        overview(dated),
        {each.title.iri: each.anchor for each in found if not each.contemplated},
        [each for each in without if not each.contemplated],
        [each for each in without if each.contemplated],
        (counted.count(False), counted.count(True)),
    )
