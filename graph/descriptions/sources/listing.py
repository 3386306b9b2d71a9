"""List of the sources in a store, with their sizes."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from comity.graph.descriptions.links import Link
from comity.graph.rdf.terms import shorten
from comity.graph.store.interface import Store
from comity.graph.store.own_queries import PlainRow, query_text, rows


@dataclass(frozen=True, slots=True)
class SourceEntry:
    """A source in the list; `modalities` has the number of its records by modality."""

    iri: str
    label: str
    title: str
    published: str
    page: str | None
    records: int
    quotations: int
    publisher: str = ""
    modalities: Mapping[str, int] = field(default_factory=dict)
    graphs: Sequence[Link] = ()
    licence: str = ""


async def list_sources(store: Store, timeout: float | None) -> list[SourceEntry]:
    """List all sources, those with most quotations first."""
    found = await rows(store, query_text("resource/sources"), timeout)
    counted = await rows(store, query_text("reading/sources"), timeout)
    counts: dict[str, list[PlainRow]] = {}
    for row in counted:
        counts.setdefault(row["source"], []).append(row)
    return [_entry(row, counts.get(row["source"], ())) for row in found]


def _entry(row: PlainRow, counts: Sequence[PlainRow]) -> SourceEntry:
    """Make an entry from the source's own row and its counts by graph and modality."""
    modalities: dict[str, int] = {}
    for each in counts:
        if modality := each.get("modality"):
            modalities[modality] = modalities.get(modality, 0) + int(each["records"])
    graphs = dict.fromkeys(each["graph"] for each in counts)
    return SourceEntry(
        iri=row["source"],
        label=row.get("label") or shorten(row["source"]),
        title=row.get("title", ""),
        published=row.get("published", "")[:10],
        page=row.get("page"),
        records=int(row["records"]),
        quotations=int(row["quotations"]),
        publisher=row.get("publishedBy", ""),
        modalities=modalities,
        graphs=[Link(shorten(graph), graph) for graph in graphs],
        licence=next((each["licence"] for each in counts if "licence" in each), ""),
    )
