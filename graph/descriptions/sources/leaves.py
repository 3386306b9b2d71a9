"""Leaves of a long source: pages with a fixed number of passages, and of records outside of any."""

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
"""Number of passages on one leaf, and of records outside of passages."""


@dataclass(frozen=True, slots=True)
class Leaf:
    """One leaf: its passages with their records, or records outside of passages.

    `first` and `last` count passages or records, from 1; `facts` is the number of selected ones.
    """

    number: int
    first: int
    last: int
    facts: int
    places: Sequence[PassageOutline]
    records: Sequence[RecordOutline]
    others: Sequence[RecordOutline]

    def has(self, name: str) -> bool:
        """True if a passage or a record with this fragment is on it."""
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
