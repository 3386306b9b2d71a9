"""The summary of a store."""

import asyncio

import pytest

from comity.graph.descriptions.labels import Labels
from comity.graph.descriptions.overviews.summary import Summary, summarise
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.rdf.namespaces import ID
from comity.graph.store.solutions import Solutions, solve


def summary(store: EmbeddedStore) -> Summary:
    async def ask(text: str) -> Solutions:
        return await solve(store, text)

    return asyncio.run(summarise(store, Labels(ask, lambda: store.version), 60))


@pytest.fixture(scope="module")
def found(article: EmbeddedStore) -> Summary:
    return summary(article)


def test_records_are_counted_by_modality(found: Summary) -> None:
    assert found.whole
    assert sum(each.records for each in found.modalities) == found.records
    counted = [each.records for each in found.modalities]
    assert counted == sorted(counted, reverse=True)
    assert {each.name: each.label for each in found.modalities}["hoped"] == "hoped"


def test_things_are_counted_by_class(found: Summary) -> None:
    assert found.things["State"] > 100
    assert "Position" in found.things


def test_states_are_tied_to_issues_with_their_stances(found: Summary) -> None:
    ties = {(tie.actor.iri, tie.issue.text): tie for tie in found.ties}
    tie = ties[f"{ID}iran", "linkage of Gulf security and the JCPOA"]
    assert (tie.actor.text, tie.records, tie.stances) == ("Iran", 1, ["opposed"])


def test_sources_are_cited_with_their_records(found: Summary) -> None:
    first = found.cited[0]
    assert first.source.iri and first.records > 0 and first.quotations > 0


def test_an_empty_store_has_nothing(empty: EmbeddedStore) -> None:
    found = summary(empty)
    assert (found.records, found.triples, found.ties, found.whole) == (0, 0, [], True)
