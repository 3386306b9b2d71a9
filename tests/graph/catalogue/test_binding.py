"""Binding of canned queries: arguments become terms, and these a text."""

import asyncio
from functools import partial
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from comity.graph.catalogue.binding import BoundQuery, bind_request, read_request
from comity.graph.catalogue.empty_answers import emptied_by
from comity.graph.catalogue.names import Names
from comity.graph.catalogue.queries import parse_canned
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.errors import ParameterError
from comity.graph.store.solutions import solve

ID = "https://w3id.org/comity/id/"
TEXT = """#+ param: who | thing | optional | who
#+ param: from | date | optional | no sooner than
#+ param: undated | boolean | default | without a date too
PREFIX id: <https://w3id.org/comity/id/>
PREFIX comity: <https://w3id.org/comity/ontology#>
SELECT ?who ?class {
  VALUES ?who { id:iran }
  VALUES ?from { UNDEF }
  VALUES ?undated { false }
  ?who a ?class
}"""
QUERY = parse_canned("classes", TEXT, Path("classes.rq"))


def bound(store: EmbeddedStore, **arguments: str) -> BoundQuery:
    names = Names(partial(solve, store), lambda: store.version)
    return asyncio.run(bind_request(QUERY, read_request(arguments, QUERY), names))


def test_terms_stand_in_the_text(store: EmbeddedStore) -> None:
    found = bound(store, who="Russia", **{"from": "2015"})
    assert f"VALUES ?who {{ <{ID}russia> }}" in found.text
    assert (found.value("who"), found.iris) == (ID + "russia", [ID + "russia"])
    assert found.given == {"who": "russia", "from": "2015-01-01", "undated": "no"}
    assert found.has_period and not found.is_set("undated")
    assert bound(store).value("who") is None
    assert BoundQuery(QUERY).text == TEXT


def test_a_sorted_text_stands_around_that_of_the_query(store: EmbeddedStore) -> None:
    assert "ORDER BY DESC(?class)" in bound(store, who="iran", sort="desc(class)").text


def test_parameters_are_left_open(store: EmbeddedStore) -> None:
    found = bound(store, who="iran", **{"from": "2015"}).without("from")
    assert (found.has_period, found.value("who")) == (False, ID + "iran")
    assert "VALUES ?from { UNDEF }" in found.text


def test_any_of_several(store: EmbeddedStore) -> None:
    found = bound(store).with_any_of("who", [ID + "iran", ID + "russia"])
    assert f"VALUES ?who {{ <{ID}iran> <{ID}russia> }}" in found.text
    assert found.query.parameter("who") is None and "who" not in found.terms


@pytest.mark.parametrize(
    ("arguments", "wider"),
    [({}, False), ({"from": "2015"}, True), ({"from": "2015", "undated": "yes"}, False)],
)
def test_what_is_not_dated(store: EmbeddedStore, arguments: dict[str, str], wider: bool) -> None:
    found = bound(store, **arguments).with_undated()
    assert (found is not None) == wider
    if found:
        assert found.is_set("undated") and found.has_period


def test_what_has_emptied_an_answer(store: EmbeddedStore) -> None:
    terms = {**bound(store).terms, "who": NamedNode("urn:none")}
    assert asyncio.run(emptied_by(BoundQuery(QUERY, terms), partial(solve, store))) == ["who"]
    assert asyncio.run(emptied_by(bound(store), partial(solve, store))) == ["undated"]


def test_wrong_arguments(store: EmbeddedStore) -> None:
    with pytest.raises(ParameterError, match="no parameter whom"):
        bound(store, whom="iran")
    with pytest.raises(ParameterError, match="limit"):
        bound(store, limit="0")
