"""Questions of the home page, with the first records that they answer."""

import asyncio
from pathlib import Path

from comity.graph.catalogue.home_questions import SHOWN, HomeAnswer, answer_questions
from comity.graph.catalogue.queries import load_catalogue, parse_canned
from comity.graph.descriptions.labels import Labels
from comity.graph.descriptions.links import Link
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.rdf.namespaces import ID, SOURCE
from comity.graph.store.solutions import Solutions, solve

HOLDERS = """#+ summary: Positions of an actor
#+ param: who | agent | required | Who
#+ home: 1 | What does Iran oppose? | when holder | who=id:iran
PREFIX comity: <https://w3id.org/comity/ontology#>
PREFIX id: <https://w3id.org/comity/id/>
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
SELECT ?record ?holder ?words ?when WHERE {
  VALUES ?who { id:russia }
  ?record comity:holder ?who , ?holder ; comity:evidence/comity:words ?words .
  BIND("2021-02-22"^^xsd:date AS ?when)
}
ORDER BY ?record ?holder"""


def answers(store: EmbeddedStore, *texts: str) -> list[HomeAnswer]:
    async def ask(text: str) -> Solutions:
        return await solve(store, text)

    queries = [parse_canned("made", text, Path("made.rq")) for text in texts]
    catalogue = queries or load_catalogue([]).queries.values()
    labels = Labels(ask, lambda: store.version)
    return asyncio.run(answer_questions(catalogue, store, labels, None))


def test_a_record_has_its_words_and_what_the_answer_has_beside(store: EmbeddedStore) -> None:
    (answer,) = answers(store, HOLDERS)
    assert (answer.question, answer.query) == ("What does Iran oppose?", "made")
    first = answer.told[0]
    assert first.iri == f"{SOURCE}tiny#f1.1"
    assert first.words.startswith("Russia and Iran oppose")
    assert first.said == [
        ("when", [Link("22 February 2021")]),
        ("holder", [Link("Iran", f"{ID}iran"), Link("Russia", f"{ID}russia")]),
    ]


def test_a_link_has_arguments_only_where_the_store_knows_their_names(
    store: EmbeddedStore, article: EmbeddedStore
) -> None:
    assert answers(store, HOLDERS)[0].given == {}
    assert answers(article, HOLDERS)[0].given == {"who": "iran"}


def test_further_records_are_counted(article: EmbeddedStore) -> None:
    (answer,) = answers(article, HOLDERS)
    assert len(answer.told) == SHOWN and answer.more > 0


def test_a_question_that_the_store_can_not_answer_is_left_out(empty: EmbeddedStore) -> None:
    assert answers(empty, HOLDERS) == []


def test_the_catalogue_has_six_in_their_order(article: EmbeddedStore) -> None:
    found = answers(article)
    assert len(found) == 6
    assert found[0].question == "What do Russia and Iran oppose?"
