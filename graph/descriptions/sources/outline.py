"""Outline of a source: its passages in order, the records in each, and the facets to filter them.

An outline has a few plain rows for each record, so that a whole source can be counted and filtered;
only what a page shows is then described. It does not need the text.
"""

from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph as ox

from comity.graph.descriptions.description import Description, construct, describe_records
from comity.graph.installed import query_file
from comity.graph.rdf.namespaces import COMITY
from comity.graph.sparql.substitution import replace, replace_all
from comity.graph.store.interface import Store
from comity.graph.store.solutions import solve

MOST: Final = 9_999  # one row less than Virtuoso's limit for sorting
"""Maximum of passages, and of record rows, read of one source; also in queries/reading."""
Facets = Mapping[str, Collection[str]]
MODALITY, ACTOR, ISSUE = "modality", "actor", "issue"


@dataclass(frozen=True, slots=True)
class PassageOutline:
    """A passage: its IRI, number and offsets, each "" if unknown."""

    iri: str
    number: str = ""
    start: str = ""
    end: str = ""


@dataclass(slots=True)
class RecordOutline:
    """A record: the passage of its first quotation, "" if unknown, and its facets."""

    iri: str
    passage: str = ""
    facets: dict[str, set[str]] = field(default_factory=dict)

    def has(self, wanted: Facets, but: str = "") -> bool:
        """True if it has a selected value of each facet in use, ignoring the facet `but`."""
        return all(
            not values or name == but or not self.facets.get(name, set()).isdisjoint(values)
            for name, values in wanted.items()
        )


@dataclass(frozen=True, slots=True)
class SourceOutline:
    """A source in text order; `cut` is True if it has more than was read."""

    places: Sequence[PassageOutline]
    records: Sequence[RecordOutline]
    version: str
    cut: bool = False

    def placed(self) -> dict[str, list[RecordOutline]]:
        """The records of each passage; those outside of passages under ""."""
        found: dict[str, list[RecordOutline]] = {place.iri: [] for place in self.places}
        found[""] = []
        for record in self.records:
            found[record.passage if record.passage in found else ""].append(record)
        return found

    def counts(self, name: str, wanted: Facets) -> Counter[str]:
        """Count the records by value of a facet, among those that the other facets select."""
        found: Counter[str] = Counter()
        for record in self.records:
            left = record.has(wanted, but=name)
            for value in record.facets.get(name, ()):
                found[value] += left
        return found


async def outline(store: Store, source: str, timeout: float | None) -> SourceOutline:
    """Read the outline of a source; empty if it has no passages or records."""

    async def read(name: str) -> tuple[list[dict[str, str]], str]:
        text = replace(query_file(f"reading/{name}"), {"source": ox.NamedNode(source)})
        found = await solve(store, text, timeout)
        plain = [{key: cell["value"] for key, cell in row.items()} for row in found.rows]
        return plain, found.version

    passages, version = await read("passages")
    placing, _ = await read("records")
    # The union has a row for each graph with the same triples.
    places = {
        row["passage"]: PassageOutline(
            row["passage"], row.get("number", ""), row.get("start", ""), row.get("end", "")
        )
        for row in passages[:MOST]
    }
    records: dict[str, RecordOutline] = {}
    for row in placing[:MOST]:
        record = records.setdefault(row["record"], RecordOutline(row["record"]))
        record.passage = record.passage or row.get("passage", "")
        record.facets.setdefault(MODALITY, set()).add(row["modality"])
    for name in (ACTOR, ISSUE):
        for row in (await read(f"{name}s"))[0]:
            if row["record"] in records:
                records[row["record"]].facets.setdefault(name, set()).add(row[name])
    cut = len(passages) > MOST or len(placing) > MOST
    return SourceOutline(_in_order(places.values()), list(records.values()), version, cut)


async def read_source(
    store: Store,
    source: str,
    places: Sequence[PassageOutline],
    records: Sequence[RecordOutline],
    named: Iterable[str],
    timeout: float | None,
) -> Description | None:
    """Describe a source with some of its passages and records, and with the labels of `named`.

    None if the graph has nothing about the source.
    """
    node = ox.NamedNode(source)
    text = query_file("reading/source")
    text = replace(text, dict.fromkeys(("node", "source", "pointed"), node))
    found, version = await construct(store, text, timeout)
    if not found:
        return None
    if places:
        nodes = [ox.NamedNode(place.iri) for place in places]
        text = replace_all(query_file("reading/spans"), "passage", nodes)
        found += (await construct(store, text, timeout))[0]
    # These triples are not in the description: they only request labels.
    beside = [ox.Triple(node, ox.NamedNode(COMITY + ISSUE), ox.NamedNode(iri)) for iri in named]
    iris = [ox.NamedNode(record.iri) for record in records]
    described = await describe_records(store, iris, timeout, [*found, *beside])
    return Description(node, sorted({*found, *described.triples}, key=str), version)


def _in_order(places: Iterable[PassageOutline]) -> list[PassageOutline]:
    return sorted(places, key=lambda place: (_number(place.start), _number(place.number)))


def _number(text: str) -> int:
    return int(text) if text.isdecimal() else 0
