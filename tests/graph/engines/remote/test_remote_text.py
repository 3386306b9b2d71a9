"""What goes out to an engine: standard SPARQL in the plainest way, and nothing that reaches into it."""

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.graph.engines.remote.connection import Endpoint
from comity.graph.engines.remote.text import (
    plain,
    query_form,
    query_text,
    rows_of_graph,
    with_values,
)
from comity.graph.errors import NotAllowed, QuerySyntaxError
from comity.graph.store.address import without_secrets

CHARACTERS = st.characters(codec="utf-8", exclude_characters="\x00")


@pytest.mark.parametrize(
    "text",
    [
        "DEFINE sql:log-enable 2 SELECT * { ?s ?p ?o }",
        "SELECT (bif:now() AS ?x) { }",
        "SELECT (<bif:now>() AS ?x) { }",
        "SELECT (<b\\u0069f:now>() AS ?x) { }",
        "PREFIX f: <bif:> SELECT (f:now() AS ?x) { }",
        "PREFIX f: <bi> SELECT (f:f:now() AS ?x) { }",
        "SELECT (sql:now() AS ?x) { }",
        "SELECT (<SQL:now>() AS ?x) { }",
        "SELECT (<http://www.openlinksw.com/schemas/bif#now>() AS ?x) { }",
        "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * { ?s ?p ?o FILTER(1<'>bif:now()') ?s <bif:x> ?o }",
        "SELECT * { ?s ?p `bif:now()` }",
        "SELECT ?x { BIND(<http://e/\\u003E bif:now() \\u003C> AS ?x) }",
        "CLEAR ALL",
    ],
)
def test_what_is_refused(text: str) -> None:
    with pytest.raises((NotAllowed, QuerySyntaxError)):
        query_text(text)


@pytest.mark.parametrize("text", ["INSERT { ?s ?p ?x } WHERE { BIND(<bif:now>() AS ?x) }"])
def test_functions_are_refused_in_updates(text: str) -> None:
    with pytest.raises(NotAllowed):
        plain(text)


def quoted(text: str, mark: str, by_number: bool) -> str:
    """A literal in one of the ways of SPARQL."""
    if by_number:
        return mark + "".join(f"\\U{ord(c):08X}" for c in text) + mark
    escaped = text.replace("\\", "\\\\").replace(mark[0], f"\\{mark[0]}")
    if len(mark) == 1:
        escaped = escaped.replace("\n", "\\n").replace("\r", "\\r")
    return mark + escaped + mark


@given(st.text(CHARACTERS), st.sampled_from(['"', "'", '"""', "'''"]), st.booleans())
def test_a_string_stays_what_it_is(text: str, mark: str, by_number: bool) -> None:
    query = f"SELECT ({quoted(text, mark, by_number)} AS ?x) (1<2 AS ?y) {{ }} # '"
    written = query_text(query)
    (found,) = ox.Store().query(written)  # type: ignore[misc]
    assert found["x"] == ox.Literal(text)


@given(st.lists(st.sampled_from(["1", "<", "'>'", '"<"', "?x", " ", "(", ")", "<http://e/>"])))
def test_a_comparison_is_no_iri(parts: list[str]) -> None:
    text = f"SELECT * {{ ?x ?y ?z FILTER({''.join(parts)}) }}"
    try:
        written = query_text(text)
    except QuerySyntaxError:
        return
    store = ox.Store()
    assert str(store.query(written)) == str(store.query(text)) or written
    assert query_text(written).split() == written.split()


def test_nothing_is_left_of_what_says_nothing() -> None:
    text = "SELECT * { VALUES ?x { UNDEF } . VALUES ?y {\nUNDEF # c\n} ?s ?p ?x VALUES ?z { UNDEF 1 } }"
    assert query_text(text).split() == [
        "SELECT",
        "*",
        "{",
        "?s",
        "?p",
        "?x",
        "VALUES",
        "?z",
        "{",
        "UNDEF",
        "1",
        "}",
        "}",
    ]


def test_a_base_where_one_is_needed() -> None:
    base = "http://e/"
    assert plain("ASK { <x> <y> 1 }", base).startswith("BASE <http://e/> ")
    for text in ("ASK { <http://e/x> ?p 1 }", "BASE <http://f/> ASK { <x> ?p 1 }"):
        assert plain(text, base) == text
    assert plain("BASE <x> ASK { <y> ?p 1 }", base).startswith("BASE <http://e/> ")


def test_a_dataset_of_the_request_takes_the_place_of_the_texts() -> None:
    text = "PREFIX e: <http://e/> SELECT * FROM <http://e/a> FROM NAMED e:b WHERE { ?s ?p 'FROM' }"
    found = query_text(text, with_dataset=False)
    assert found.split() == [
        "PREFIX",
        "e:",
        "<http://e/>",
        "SELECT",
        "*",
        "WHERE",
        "{",
        "?s",
        "?p",
        '"FROM"',
        "}",
    ]


@pytest.mark.parametrize(
    ("text", "rows"),
    [
        ("CONSTRUCT { ?s ?p [ ?q 1 ] } WHERE { ?s ?p ?q } LIMIT 3", "WHERE { ?s ?p ?q } LIMIT 3"),
        ("CONSTRUCT WHERE { ?s ?p ?o }", "WHERE { ?s ?p ?o }"),
        ("CONSTRUCT { } { { ?s ?p ?o } }", "{ { ?s ?p ?o } }"),
        ("CONSTRUCT FROM <http://e/g> WHERE { ?s ?p ?o }", "FROM <http://e/g> WHERE { ?s ?p ?o }"),
        ("DESCRIBE ?s ?o { ?s ?p ?o }", "{ ?s ?p ?o }"),
        ("DESCRIBE * WHERE { ?s ?p ?o }", "WHERE { ?s ?p ?o }"),
        ("DESCRIBE <http://e/s>", None),
    ],
)
def test_the_rows_that_a_graph_is_made_of(text: str, rows: str | None) -> None:
    found = rows_of_graph(text)
    if rows is None:
        assert found is None
        return
    assert found is not None
    assert found.split() == f"SELECT (1 AS ?row) {rows}".split()
    assert query_form(query_text(found)) == "SELECT"


def test_values_in_a_pattern() -> None:
    terms = {ox.Variable("s"): ox.NamedNode("http://e/s"), ox.Variable("o"): ox.Literal("a{")}
    found = with_values("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 1", terms)
    assert 'WHERE { VALUES (?s ?o) { (<http://e/s> "a{") }  ?s ?p ?o } LIMIT 1' in found


def test_secrets_are_not_shown() -> None:
    address = "https://user:secret@db:8890/sparql?token=secret"
    assert without_secrets(address) == "https://db:8890/sparql"
    assert "secret" not in repr(Endpoint("http://db/", auth="user:secret"))
