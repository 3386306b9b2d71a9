"""The project's own queries."""

import asyncio

import pytest

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.rdf.namespaces import ID
from comity.graph.store.own_queries import ask, count, query_text, rows

STATES = (
    "PREFIX comity: <https://w3id.org/comity/ontology#> SELECT ?state { ?state a comity:State }"
)


def test_an_iri_takes_the_place_of_every_example() -> None:
    text = query_text("thing/about", thing=f"{ID}russia")
    assert f"<{ID}russia>" in text
    assert "id:iran" not in text


def test_what_is_no_iri_is_refused() -> None:
    with pytest.raises(ValueError, match="IRI"):
        query_text("thing/about", thing="x> } DROP ALL #")


def test_rows_are_plain(store: EmbeddedStore) -> None:
    found = asyncio.run(rows(store, f"{STATES} ORDER BY ?state LIMIT 1", None))
    assert found == [{"state": f"{ID}iran"}]


def test_solutions_are_counted_past_a_prologue_and_an_order(store: EmbeddedStore) -> None:
    assert asyncio.run(count(store, f"{STATES} ORDER BY ?state", None)) == 3
    assert asyncio.run(count(store, f"{STATES} LIMIT 2", None)) == 2


def test_ask(store: EmbeddedStore) -> None:
    assert asyncio.run(ask(store, f"ASK {{ <{ID}iran> ?property ?value }}", None))
    assert not asyncio.run(ask(store, f"ASK {{ <{ID}nowhere> ?property ?value }}", None))
