"""The addresses that a site map lists."""

import asyncio

from comity.graph.descriptions.dataset.addresses import addresses, count_addresses
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.rdf.namespaces import ID


def test_things_and_sources_by_address(store: EmbeddedStore) -> None:
    found = asyncio.run(addresses(store, 100, 0, None))
    assert ID + "iran" in found
    assert found == sorted(found)
    assert asyncio.run(count_addresses(store, None)) == len(found)
    assert asyncio.run(addresses(store, 2, 1, None)) == found[1:3]
