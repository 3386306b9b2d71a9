"""Sorting and filtering an answer: the same as Python does with the rows."""

from collections.abc import Callable
from typing import Any

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.graph.catalogue.queries import load_catalogue
from comity.graph.catalogue.refinement import narrow, read_narrowing
from comity.graph.descriptions.labels import best
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.errors import ParameterError
from comity.graph.store.solutions import select

COLUMNS = ("n", "day", "text", "thing")
TEXT = """PREFIX x: <http://x/> # a comment { that SELECT means nothing
PREFIX xsd: <http://www.w3.org/2001/XMLSchema#>
SELECT * WHERE { VALUES (?n ?day ?text ?thing) {
  (1 "2021-02-22T10:00:00Z"^^xsd:dateTime "b" x:one)
  (20 "1999-12-31"^^xsd:date "a" x:two)
  (3.5 "2021"^^xsd:gYear "10" UNDEF)
  (UNDEF "2021-03-01T00:00:00Z"^^xsd:dateTime "C (x)" x:one)
} } # a last word"""
SAFE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=8)


def texts(text: str, **given: list[str]) -> list[str]:
    narrowing = read_narrowing(
        COLUMNS, given.get("sort", ()), given.get("filter", ()), given.get("require", ())
    )
    return [row["text"].value for row in select(ox.Store(), narrow(text, COLUMNS, narrowing, "en"))]


def rows(store: EmbeddedStore, text: str) -> list[Any]:
    solutions = store.select(text)
    assert isinstance(solutions, ox.QuerySolutions)
    return list(solutions)


@pytest.mark.parametrize(
    ("filter", "found"),
    [
        ("n:>1", {"a", "10"}),
        ("n:>=1", {"b", "a", "10"}),
        ("n:=3.50", {"10"}),
        ("n:!=1", {"a", "10"}),
        ("n:<-1", set()),
        ("day:>2021-02-22", {"C (x)"}),
        ("day:=2021-02", {"b"}),
        ("day:=2021", {"b", "10", "C (x)"}),
        ("day:<2021", {"a"}),
        ("day:>=2021-02-22T10:00:00", {"b", "C (x)"}),
        ("text:=b", {"b"}),
        ("text:=10", {"10"}),
        ("text:>b", set()),
        ("text:<b", {"a", "10", "C (x)"}),
        ("text:^[AB]$", {"a", "b"}),
        (r"text:\(X\)", {"C (x)"}),
        ("thing:=one", {"b", "C (x)"}),
        ("thing:=http://x/one", {"b", "C (x)"}),
        ("thing:!=one", {"a"}),
        ("thing_label:.", set()),
    ],
)
def test_a_filter(filter: str, found: set[str]) -> None:
    assert set(texts(TEXT, filter=[filter])) == found


def test_several_filters_all_hold() -> None:
    assert texts(TEXT, filter=["day:>2000", "n:>0", "thing:one"]) == ["b"]
    assert set(texts(TEXT, require=["thing", "n"])) == {"a", "b"}


def test_sorting() -> None:
    assert texts(TEXT, sort=["asc(n)"]) == ["C (x)", "b", "10", "a"]
    assert texts(TEXT, sort=["desc(n)"]) == ["a", "10", "b", "C (x)"]
    assert texts(TEXT, sort=["thing", "desc(text)"]) == ["10", "b", "C (x)", "a"]


@pytest.mark.parametrize(
    "text",
    [
        TEXT.replace("SELECT * WHERE", "SELECT *"),
        TEXT.replace("SELECT * WHERE", "SELECT * FROM <urn:g> FROM NAMED x:h WHERE"),
        TEXT.replace("# a last word", "ORDER BY ?n LIMIT 4 OFFSET 0 # a last word"),
        TEXT.replace("# a last word", 'VALUES ?text { "a" "b" "10" "C (x)" } # a last word'),
    ],
)
def test_what_a_text_may_have(text: str) -> None:
    assert set(texts(text, filter=["n:>1"])) == {"a", "10"}


def test_the_dataset_of_a_text_holds() -> None:
    store, graph = ox.Store(), ox.NamedNode("urn:g")
    for name, place in (("in", graph), ("out", ox.DefaultGraph())):
        node = ox.NamedNode(f"urn:{name}")
        store.add(ox.Quad(node, ox.NamedNode("urn:p"), ox.Literal(name), place))
    narrowing = read_narrowing(("text",), ["text"])
    text = narrow("SELECT ?text FROM <urn:g> { ?s ?p ?text }", ("text",), narrowing, "en")
    solutions = store.query(text)
    assert isinstance(solutions, ox.QuerySolutions)
    assert [row["text"].value for row in solutions] == ["in"]


@given(SAFE, st.sampled_from(["", "=", "<", ">", "<=", ">=", "!="]))
def test_any_value_is_a_value(value: str, operator: str) -> None:
    """None gets out of its quotation marks: the answer is that of Python, or a refusal."""
    try:
        found = texts(TEXT, filter=[f"text:{operator}{value}"])
    except ParameterError as error:
        assert error.parameter == "filter"
        return
    same: dict[str, Callable[[str, str], bool]] = {
        "=": lambda a, b: a == b,
        "!=": lambda a, b: a != b,
    }
    if operator in same and value == value.strip() and not value[0] in "=<>":
        try:
            float(value)
        except ValueError:
            assert set(found) == {t for t in ("b", "a", "10", "C (x)") if same[operator](t, value)}


@given(st.text(max_size=30), st.sampled_from(["sort", "filter", "require"]))
def test_any_text_is_read_or_refused(value: str, parameter: str) -> None:
    try:
        texts(TEXT, **{parameter: [value]})
    except ParameterError as error:
        assert error.parameter == parameter


def test_all_of_the_catalogue_can_be_sorted(article: EmbeddedStore) -> None:
    """By the labels of each first column, with as many rows as before."""
    tables = [query for query in load_catalogue().queries.values() if query.form == "table"]
    assert len(tables) > 50
    for query in tables:
        column = query.columns[0]
        narrowing = read_narrowing(query.columns, [f"desc({column}_label)", column])
        text = narrow(query.text, query.columns, narrowing, "en")
        assert len(rows(article, text)) == len(rows(article, query.text)), query.name


@pytest.mark.parametrize("language", ["en", "ru", "fa", "de", "ru-RU"])
def test_labels_sort_as_they_are_shown(article: EmbeddedStore, language: str) -> None:
    text = """PREFIX comity: <https://w3id.org/comity/ontology#>
      PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
      SELECT DISTINCT ?thing WHERE { ?thing a comity:State ; rdfs:label ?label }"""
    labels: dict[str, list[dict[str, str]]] = {}
    for row in rows(article, text.replace("?thing", "?thing ?label", 1)):
        cell = {"value": row[1].value, "xml:lang": row[1].language or ""}
        labels.setdefault(row[0].value, []).append(cell)
    narrowing = read_narrowing(("thing",), ["asc(thing_label)"])
    found = [row[0].value for row in rows(article, narrow(text, ("thing",), narrowing, language))]
    shown = [best(labels[thing], language) for thing in found]
    assert shown == sorted(shown)
    assert len(found) == len(labels) > 5


def test_a_pattern_takes_linear_time() -> None:
    """What stalls a backtracking matcher for longer than the world has stood."""
    text = 'SELECT ?text { VALUES ?text { "%s!" } }' % ("a" * 40)
    narrowing = read_narrowing(("text",), filters=["text:(a+)+$"])
    assert select(ox.Store(), narrow(text, ("text",), narrowing, "en")) == []
