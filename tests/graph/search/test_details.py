"""Details of things that a search finds."""

import asyncio
from functools import partial

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.rdf.namespaces import COMITY, ID
from comity.graph.search.details import PropertyValue, details, property_values
from comity.graph.store.solutions import solve


def test_classes_and_description(store: EmbeddedStore) -> None:
    found = asyncio.run(details(partial(solve, store), [ID + "iran", ID + "nowhere"]))
    assert found[ID + "iran"].classes == [COMITY + "State"]
    assert found[ID + "iran"].description == "A state of western Asia."
    assert not found[ID + "nowhere"].classes


def test_values_of_properties(store: EmbeddedStore) -> None:
    solver = partial(solve, store)
    found = asyncio.run(property_values(solver, [ID + "iran"]))
    assert PropertyValue(ID + "iran", "type", COMITY + "State", True) in found
    assert PropertyValue(ID + "iran", "altLabel", "Islamic Republic of Iran", False) in found
    assert asyncio.run(property_values(solver, [])) == []
