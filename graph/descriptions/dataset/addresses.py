"""Addresses of things and sources: the IRIs that have a page of their own, for site maps."""

from typing import Final

from comity.graph.sparql.substitution import cut
from comity.graph.store.interface import Store
from comity.graph.store.own_queries import count, query_text, rows

_QUERY: Final = "resource/addresses"


async def count_addresses(store: Store, timeout: float | None) -> int:
    """Count the things and sources."""
    return await count(store, query_text(_QUERY), timeout)


async def addresses(store: Store, limit: int, offset: int, timeout: float | None) -> list[str]:
    """Return a page of the IRIs of things and sources, sorted by IRI."""
    text = cut(query_text(_QUERY), limit, offset)
    return [row["thing"] for row in await rows(store, text, timeout)]
