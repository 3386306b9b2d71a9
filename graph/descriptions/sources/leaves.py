"""Leaves of a long source: pages of so many passages, and of so many records outside of any."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from comity.graph.descriptions.sources.outline import (
    Facets,
    PassageOutline,
    RecordOutline,
    SourceOutline,
)

PER_LEAF: Final = 100
"""So many passages are on one leaf, and so many records that stand in none."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf: its passages with their records, the records outside of any.

    `first` and `last` count passages or records, from 1; `facts` are those that are wanted.
    """

    number: int
    first: int
    last: int
    facts: int
    places: Sequence[PassageOutline]
    records: Sequence[RecordOutline]
    others: Sequence[RecordOutline]

    def has(self, name: str) -> bool:
        """Whether a passage or a record with this fragment stands on it."""
        found = [place.iri for place in self.places]
        found += [record.iri for record in (*self.records, *self.others)]
        return any(iri.partition("#")[2] == name for iri in found)


def leaves(outline: SourceOutline, wanted: Facets) -> list[Leaf]:
    """Divide a source into leaves; there is at least one."""
    placed = outline.placed()
    longest = max(len(outline.places), len(placed[""]), 1)
    found = []
    for number, start in enumerate(range(0, longest, PER_LEAF), 1):
        places = outline.places[start : start + PER_LEAF]
        records = [record for place in places for record in placed[place.iri]]
        others = placed[""][start : start + PER_LEAF]
        facts = sum(record.has(wanted) for record in (*records, *others))
        end = min(start + PER_LEAF, longest)
        found.append(Leaf(number, start + 1, end, facts, places, records, others))
    return found
