"""Reasons of an empty answer, of the bundled graph."""

import asyncio
from functools import partial

import pytest

from comity.graph.catalogue.binding import bind_request, read_request
from comity.graph.catalogue.empty_answers import why_empty
from comity.graph.catalogue.execution import answer
from comity.graph.catalogue.names import Names
from comity.graph.catalogue.queries import load_catalogue
from comity.graph.descriptions.labels import Labels
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.errors import QueryTimeout
from comity.graph.store.solutions import Solutions, solve

CATALOGUE = load_catalogue().queries


def reasons(store: EmbeddedStore, name: str, **given: str) -> list[str]:
    async def asked() -> list[str]:
        query, solver = CATALOGUE[name], partial(solve, store)
        names = Names(solver, lambda: store.version)
        bound = await bind_request(query, read_request(given, query), names)
        return list((await answer(bound, solver, Labels(solver, lambda: store.version))).reasons)

    return asyncio.run(asked())


@pytest.mark.parametrize(
    ("name", "given", "said"),
    [
        # Nobody speaks of it; other sources do; another argument is in the way.
        ("positions-on-issue", {"issue": "refugees"}, "No record is about"),
        (
            "positions-on-issue",
            {"issue": "Nagorno-Karabakh conflict", "source": "un-charter"},
            "has no record of Nagorno-Karabakh conflict; other sources have.",
        ),
        (
            "positions-of",
            {"holder": "Iran", "stance": "neutral"},
            "If you leave out stance, there are rows.",
        ),
        (
            "withdrawals",
            {"who": "foreign minister of Iran"},
            "acts through its holders: Mohammad Javad Zarif.",
        ),
    ],
)
def test_an_empty_answer_says_why(
    name: str, given: dict[str, str], said: str, article: EmbeddedStore
) -> None:
    assert any(said in reason for reason in reasons(article, name, **given))


def test_an_answer_with_rows_needs_no_reason(article: EmbeddedStore) -> None:
    assert reasons(article, "positions-of", holder="Iran") == []


def test_a_store_without_derived_facts_says_so(empty: EmbeddedStore) -> None:
    query = CATALOGUE["sources"]
    solver = partial(solve, empty)
    bound = asyncio.run(
        bind_request(query, read_request({}, query), Names(solver, lambda: empty.version))
    )
    (reason,) = asyncio.run(why_empty(bound, solver, {}))
    assert "no derived facts" in reason


def test_reasons_that_cannot_be_had_leave_the_answer(article: EmbeddedStore) -> None:
    """The answer is right without them."""
    query = CATALOGUE["positions-of"]
    solver = partial(solve, article)
    names = Names(solver, lambda: article.version)
    given = read_request({"holder": "Turkey"}, query)
    bound = asyncio.run(bind_request(query, given, names))

    async def late(text: str) -> Solutions:
        raise QueryTimeout("it took too long")

    assert asyncio.run(why_empty(bound, late, {})) == []
