"""Summary of a store: records by modality, things by class, sources, states told of on issues."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from comity.graph.descriptions.labels import Labels
from comity.graph.descriptions.links import Link
from comity.graph.errors import QueryTimeout
from comity.graph.rdf.namespaces import COMITY
from comity.graph.store.interface import Store
from comity.graph.store.own_queries import PlainRow, query_text, rows


@dataclass(frozen=True, slots=True)
class IssueTie:
    """A state and an issue, the number of records that link them, and the stances in these."""

    actor: Link
    issue: Link
    records: int
    stances: Sequence[str]


@dataclass(frozen=True, slots=True)
class ModalityCount:
    """A modality, by local name and label, with the number of its records."""

    name: str
    label: str
    records: int


@dataclass(frozen=True, slots=True)
class CitedSource:
    """A source with the numbers of its records and quotations."""

    source: Link
    records: int
    quotations: int


@dataclass(frozen=True, slots=True)
class Summary:
    """What a store holds; not `whole` where counting took too long.

    `sources` are those with records, `listed` all of them. `things` has the number of things by
    the local name of their class.
    """

    records: int
    triples: int
    sources: int
    listed: int
    things: Mapping[str, int]
    modalities: Sequence[ModalityCount]
    ties: Sequence[IssueTie]
    cited: Sequence[CitedSource]
    whole: bool


async def summarise(store: Store, labels: Labels, timeout: float) -> Summary:
    """Count what a store holds; what is not counted within the time is left out."""
    names = ("counts", "kinds", "modalities", "sources", "drawing")
    found = await asyncio.gather(*(_rows(store, name, timeout) for name in names))
    counts, kinds, modalities, sources, ties = (each or [] for each in found)
    named = [row["modality"] for row in modalities] + [row["source"] for row in sources]
    named += [iri for row in ties for iri in (row["actor"], row["issue"])]
    known = await labels.of(named)
    number = {name: int(value) for row in counts for name, value in row.items()}
    return Summary(
        number.get("records", 0),
        number.get("triples", 0),
        number.get("sources", 0),
        number.get("listed", 0),
        {row["kind"].removeprefix(COMITY): int(row["things"]) for row in kinds},
        [_modality(row, known) for row in modalities],
        [_tie(row, known) for row in ties],
        [_cited(row, known) for row in sources],
        all(each is not None for each in found),
    )


async def _rows(store: Store, name: str, timeout: float) -> list[PlainRow] | None:
    try:
        return await rows(store, query_text(f"home/{name}"), timeout)
    except QueryTimeout:
        return None


def _modality(row: PlainRow, labels: Mapping[str, str]) -> ModalityCount:
    name = row["modality"].removeprefix(COMITY)
    return ModalityCount(name, labels.get(row["modality"], name), int(row["records"]))


def _tie(row: PlainRow, labels: Mapping[str, str]) -> IssueTie:
    stances = sorted(set(row.get("stances", "").split()))
    ends = _named(row["actor"], labels), _named(row["issue"], labels)
    return IssueTie(*ends, int(row["records"]), stances)


def _cited(row: PlainRow, labels: Mapping[str, str]) -> CitedSource:
    return CitedSource(_named(row["source"], labels), int(row["records"]), int(row["quotations"]))


def _named(iri: str, labels: Mapping[str, str]) -> Link:
    return Link(labels.get(iri, iri), iri)
