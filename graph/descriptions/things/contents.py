"""Contents of a graph: the things described in it."""

from dataclasses import dataclass

from comity.graph.descriptions.labels import Labels
from comity.graph.descriptions.links import Link, link
from comity.graph.sparql.substitution import cut
from comity.graph.store.interface import Store
from comity.graph.store.own_queries import query_text, rows


@dataclass(frozen=True, slots=True)
class GraphContents:
    """Some of the things of a graph, by label; `more` is True if others follow."""

    things: list[Link]
    more: bool


async def contents_of(
    store: Store, labels: Labels, graph: str, limit: int, offset: int, timeout: float | None
) -> GraphContents:
    """List at most `limit` things of a graph, after the first `offset`."""
    text = query_text("resource/contents", graph=graph)
    found = [row["thing"] for row in await rows(store, cut(text, limit + 1, offset), timeout)]
    known = await labels.of(found[:limit])
    things = [link(iri, known) for iri in found[:limit]]
    return GraphContents(sorted(things, key=lambda each: each.text.casefold()), len(found) > limit)
