"""Reading pages of sources: one leaf in text order, with its facts."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pyoxigraph as ox

from comity.graph.descriptions.dates import day_of
from comity.graph.descriptions.description import LABEL, Description
from comity.graph.descriptions.records.model import Thing
from comity.graph.descriptions.records.views import Views
from comity.graph.descriptions.sources.facets import FACETS, FacetValue, choices
from comity.graph.descriptions.sources.leaves import Leaf
from comity.graph.descriptions.sources.outline import Facets, SourceOutline, read_source
from comity.graph.descriptions.sources.sentences import ReadingPage, read
from comity.graph.rdf.namespaces import PREFIXES, SOURCE
from comity.graph.store.interface import Store


@dataclass(frozen=True, slots=True)
class SourceReading:
    """A source with one of its leaves; `agents` are actors without a name."""

    thing: Thing
    published: str
    language: str | None
    page: ReadingPage
    facets: Mapping[str, Sequence[FacetValue]]
    agents: Sequence[tuple[str, str]]
    described: Description


async def read_leaf(
    store: Store,
    source: str,
    outline: SourceOutline,
    leaf: Leaf,
    wanted: Facets,
    text: str,
    timeout: float | None,
) -> SourceReading | None:
    """Read one leaf of a source; None if the graph has nothing about the source.

    `text` is the whole text, "" if it is not to be shown.
    """
    named = {value for record in outline.records for v in record.facets.values() for value in v}
    shown = [*leaf.records, *leaf.others]
    described = await read_source(store, source, leaf.places, shown, named, timeout)
    if described is None:
        return None
    views = Views(described)
    page = read(described, views, leaf.places, outline.placed(), leaf.others, wanted, text)
    return SourceReading(
        views.thing(),
        day_of(described.text(described.iri, "published") or ""),
        described.text(described.iri, PREFIXES["dcterms"] + "language"),
        page,
        {
            name: choices(outline, source, name, wanted, lambda iri: _label(views, iri))
            for name in FACETS
        },
        _agents(described),
        described,
    )


def _label(views: Views, value: str) -> str:
    """Return the label of a value to filter by, or the value as written."""
    try:
        return views.named(value).text
    except ValueError:
        return value


def _agents(described: Description) -> list[tuple[str, str]]:
    return [
        (node.value.partition("#")[2], described.label(node) or "")
        for node in described.subjects
        if isinstance(node, ox.NamedNode)
        and node.value.startswith(SOURCE)
        and described.text(node, "unnamed") == "true"
        and LABEL in described.of(node)
    ]
