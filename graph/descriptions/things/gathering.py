"""Queries about one thing, with a time limit independent of its size."""

import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from comity.graph.descriptions.description import TYPE, construct
from comity.graph.descriptions.things.sections import (
    LISTED,
    SectionRows,
    ThingSection,
    sections_of,
)
from comity.graph.errors import QueryTimeout
from comity.graph.rdf.namespaces import COMITY
from comity.graph.sparql.substitution import cut
from comity.graph.store.interface import Store
from comity.graph.store.own_queries import PlainRow, ask, count, query_text, rows

MOST: Final = 100
"""Maximum number of derived values, incoming links and the like."""
GREAT: Final = 2_000
"""A thing with more records is great: some of each kind are shown, unordered and uncounted."""
NEIGHBOURS: Final = 24
"""Maximum number of neighbours to draw; more would be unreadable."""
_SENTENCES: Final = 400
_AT_MOST: Final = 2.0  # seconds for one query on a great thing
_ALTOGETHER: Final = 8.0
# Fast queries, and those that take long on a great thing.
_BEFORE: Final = (("mentions", MOST), ("tree", MOST + 1), ("incoming", MOST + 1))
_AFTER: Final = (
    *(("sources", MOST + 1), ("derived", MOST + 1)),
    *(("passages", _SENTENCES), ("neighbours", NEIGHBOURS)),
)
# Names of what is missing if a query is not answered in time.
_NAMES: Final = {
    "sources": "its sources",
    "passages": "their sentences",
    "mentions": "its names in them",
    "derived": "derived facts",
    "incoming": "links to it",
    "tree": "related issues",
    "neighbours": "its neighbourhood",
}


@dataclass(frozen=True, slots=True)
class ThingMaterial:
    """Results of the queries about a thing.

    `left_out` names what was not answered in time, which happens only to a great thing.
    """

    about: Sequence[ox.Triple]
    listed: Sequence[SectionRows]
    called_for: SectionRows
    beside: dict[str, list[PlainRow]]
    neighbours: int
    has_ontology: bool
    great: bool
    left_out: Sequence[str]
    version: str


async def gather(store: Store, iri: str, timeout: float | None) -> ThingMaterial | None:
    """Run the queries for a view; None if the graph has nothing about the thing."""
    about, version = await construct(store, query_text("thing/about", thing=iri), timeout)
    some = await rows(store, cut(query_text("thing/some-records", thing=iri), GREAT + 1), timeout)
    asking = _BoundedQueries(store, iri, timeout, great=len(some) > GREAT)
    beside = {name: await asking.rows(name, most, _NAMES[name]) for name, most in _BEFORE}
    classes = [t.object.value.removeprefix(COMITY) for t in about if t.predicate == TYPE]  # type: ignore[union-attr]
    sections = sections_of(classes)
    found = [await asking.listed(section) for section in sections]
    called_for = await asking.rows("called-for", MOST, "events called for")
    beside |= {name: await asking.rows(name, most, _NAMES[name]) for name, most in _AFTER}
    if not about and not any(beside.values()):
        return None
    neighbours = len(beside["neighbours"])
    if neighbours == NEIGHBOURS and not asking.great:
        neighbours = await count(store, query_text("thing/neighbours", thing=iri), timeout)
    return ThingMaterial(
        about,
        found,
        SectionRows(sections[0], called_for, len(called_for)),
        beside,
        neighbours,
        await ask(store, query_text("home/ontology"), timeout),
        asking.great,
        asking.left_out,
        version,
    )


@dataclass
class _BoundedQueries:
    """Queries about one thing; on a great one unordered, two seconds each and eight in all."""

    store: Store
    iri: str
    timeout: float | None
    great: bool
    left_out: list[str] = field(default_factory=list)
    begun: float = field(default_factory=time.monotonic)

    async def listed(self, section: ThingSection) -> SectionRows:
        """Return the first rows of a section, counted unless the thing is great."""
        found = await self.rows(section.name, LISTED + 1, section.heading.lower())
        total: int | None = len(found)
        if len(found) > LISTED:
            text = query_text(f"thing/{section.name}", thing=self.iri)
            total = None if self.great else await count(self.store, text, self.timeout)
        return SectionRows(section, found[:LISTED], total)

    async def rows(self, name: str, most: int, missing: str) -> list[PlainRow]:
        """Return the first solutions of `queries/thing/<name>.rq`; none if they come too late."""
        text = query_text(f"thing/{name}", thing=self.iri)
        if not self.great:
            return await rows(self.store, cut(text, most), self.timeout)
        if "GROUP BY" not in text:
            text = text[: text.rindex("\nORDER BY")]
        left = min(
            _AT_MOST, _ALTOGETHER - (time.monotonic() - self.begun), self.timeout or _AT_MOST
        )
        try:
            if left > 0:
                return await rows(self.store, cut(text, most), left)
        except QueryTimeout:
            pass
        self.left_out.append(missing)
        return []
