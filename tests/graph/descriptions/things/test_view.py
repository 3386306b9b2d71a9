"""The view of a thing."""

import asyncio
from collections.abc import Iterator

import pytest
from deriving import derived_tiny

from comity.graph.descriptions.labels import Labels
from comity.graph.descriptions.things.contents import contents_of
from comity.graph.descriptions.things.view import ThingView, view_thing
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.rdf.namespaces import BASE, ID
from comity.graph.store.solutions import Solutions, solve


@pytest.fixture(scope="module")
def store() -> Iterator[EmbeddedStore]:
    with derived_tiny() as store:
        yield store


def view(store: EmbeddedStore, slug: str) -> ThingView:
    found = asyncio.run(view_thing(store, ID + slug, None))
    assert found
    return found


@pytest.fixture(scope="module")
def iran(store: EmbeddedStore) -> ThingView:
    return view(store, "iran")


def test_names_are_apart_by_language(iran: ThingView) -> None:
    assert iran.names == [("fa", "ایران"), ("ru", "Иран")]
    assert iran.also == [("en", "Islamic Republic of Iran")]
    assert iran.elsewhere == []


def test_a_position_has_its_stance_and_who_holds_it_too(iran: ThingView) -> None:
    (section,) = [part for part in iran.parts if part.name == "positions"]
    (line,) = section.lines
    assert (line.stance, line.sign, line.word) == ("opposed", "\u2212", "opposes")
    assert line.joint and line.mine and not line.beyond
    assert [link.text for link in line.others] == ["Russia"]


def test_a_hope_is_beyond_fact(iran: ThingView) -> None:
    lines = [line for part in iran.parts for line in part.lines if line.modality == "hoped"]
    assert lines and all(line.beyond for line in lines)


def test_a_correction_stands_with_the_records_it_is_on(iran: ThingView) -> None:
    ((note, lines),) = iran.notes
    assert (note.verdict, note.comment) == ("erroneous", "Iran only observes.")
    assert [line.record.anchor for line in lines] == ["f2.1"]


def test_sources_are_counted_with_their_sentences(iran: ThingView) -> None:
    (tiny,) = [each for each in iran.sources if each.source.text == "A tiny source"]
    assert tiny.records == 3
    assert [sentence for sentence, _ in tiny.sentences] == ["1", "2", "3"]


def test_neighbours_have_their_classes(iran: ThingView) -> None:
    found = {each.link.text: each for each in iran.neighbours}
    assert found["Russia"].classes == ["State"]
    # One of the two records is found erroneous.
    assert (found["Russia"].records, found["Russia"].facts) == (2, 1)
    assert iran.all_neighbours == len(iran.neighbours)


def test_a_life_has_its_stages_in_order_and_what_is_called_for_apart(
    article: EmbeddedStore,
) -> None:
    (life,) = [part for part in view(article, "jcpoa").parts if part.shape == "life"]
    assert life.all_of == ("life-of-agreement", "agreement")
    assert not life.stages[0].beyond and life.stages[0].when
    assert [stage.beyond for stage in life.stages] == sorted(stage.beyond for stage in life.stages)


def test_nothing_is_said_of_an_unknown_thing(store: EmbeddedStore) -> None:
    assert asyncio.run(view_thing(store, ID + "nowhere", None)) is None


def test_the_things_of_a_graph_come_by_pages(store: EmbeddedStore) -> None:
    async def ask(text: str) -> Solutions:
        return await solve(store, text)

    labels = Labels(ask, lambda: store.version)
    graph = BASE + "graph/states"
    whole = asyncio.run(contents_of(store, labels, graph, 500, 0, None))
    assert "Iran" in [link.text for link in whole.things] and not whole.more
    part = asyncio.run(contents_of(store, labels, graph, 2, 1, None))
    assert len(part.things) == 2 and part.more
