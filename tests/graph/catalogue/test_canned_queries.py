"""The catalogue, and values put into a query's text token by token."""

import os
from collections import Counter
from pathlib import Path

import pyoxigraph as ox
import pytest
from hypothesis import given
from hypothesis import strategies as st
from places import DATA

from comity.graph.catalogue.front_matter import parse_query
from comity.graph.catalogue.parameter_types import literal
from comity.graph.catalogue.queries import bind, load_catalogue, parse_canned, read_canned
from comity.graph.checks.questions import difference
from comity.graph.errors import ParameterError, QueryError, QueryFileError
from comity.graph.sparql import substitution
from comity.graph.sparql.tokens import TokenKind, significant, tokens

QUERIES = DATA / "queries"
IRAN = ox.NamedNode("https://w3id.org/comity/id/iran")
RUSSIA = ox.NamedNode("https://w3id.org/comity/id/russia")
HOSTILE = [
    '"',
    "'''",
    '"""',
    "}",
    "} ; DROP ALL",
    '" } } DROP ALL #',
    "\\",
    '\\" }',
    "a\nb\r\nc",
    "\0",
    "#",
    "<>",
    "?who",
    "\\u0022 }",
    "x" * 100_000,
    "\u202e}{",
]


def test_every_scope_is_bound_and_nothing_else() -> None:
    query = read_canned(QUERIES / "taking-part.rq")
    text = bind(query, {"who": RUSSIA, "in": None})
    assert text.count(str(RUSSIA)) == 3
    assert text.count("{ id:iran }") == 0
    assert text.count("UNDEF") == 2
    assert '"VALUES ?who { id:never }"' in text
    assert "# VALUES ?who { id:never } in a comment" in text
    ox.Store().query(text)


def test_what_is_left_out_stays() -> None:
    query = read_canned(QUERIES / "taking-part.rq")
    assert bind(query, {}) == query.text
    assert bind(query, {"in": None}).count("id:iran }") == 2


def test_the_example_put_in_is_the_text_again() -> None:
    query = read_canned(QUERIES / "literals.rq")
    text = bind(query, {p.name: p.example for p in query.parameters})
    assert _rows(text) == _rows(query.text) != []


def test_an_unknown_parameter_is_refused() -> None:
    with pytest.raises(QueryError, match="no parameter nobody"):
        bind(read_canned(QUERIES / "taking-part.rq"), {"nobody": IRAN})


def test_what_is_read_of_a_file() -> None:
    query = read_canned(QUERIES / "taking-part.rq")
    assert query.summary == "Who takes part in what"
    assert query.tags == ("tests", "participation")
    assert query.columns == ("who", "in", "words", "sentence", "record")
    assert query.form == "table"
    who, where = query.parameters
    assert (who.name, who.type, who.need, who.meaning) == ("who", "state", "required", "The state")
    assert (who.example, where.need) == (IRAN, "optional")
    assert query.answers[0][1] == "id:river-format"
    assert {read_canned(QUERIES / f"{n}.rq").form for n in ("is-it", "names-of")} == {
        "boolean",
        "graph",
    }


@pytest.mark.parametrize(
    ("lines", "found", "wrong"),
    [
        ((), (), "the file has no answer"),
        (("(none)",), (), ""),
        (("(none)",), ("a | 1",), "not expected: a | 1"),
        (("a|1",), (), "missing: a | 1"),
        (("a |1", "a | 1"), ("a | 1",), "missing: a | 1"),
        (("a | 1",), ("a | 1", "b | 2"), "not expected: b | 2"),
        (("a | 1", "(more)"), ("a | 1", "b | 2"), ""),
        (("a | 1", "(more)"), ("b | 2",), "missing: a | 1"),
    ],
)
def test_the_answer_that_a_file_expects(
    lines: tuple[str, ...], found: tuple[str, ...], wrong: str
) -> None:
    query = parse_query("x", "".join(f"#+ answer: {line}\n" for line in lines))
    assert difference(query, Counter(found)).startswith(wrong)
    assert bool(difference(query, Counter(found))) == bool(wrong)


def test_lines_of_the_front_matter() -> None:
    found = parse_query("x", "#+ param: a\n\n#+ summary: s\n#+ param: b\nSELECT")
    assert found.lines == {"param": (1, 4), "summary": (3,)}


P = "#+ param: "
BODY = "\nSELECT * { VALUES ?a { 1 } ?s ?p ?a }"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        (P + "b | integer | required | x" + BODY, "1: the parameter b has no line VALUES ?b"),
        ("#+ x: y\n" + P + "a | number | required | x" + BODY, "2: a: unknown type number"),
        (P + "a | integer | maybe | x" + BODY, "1: a: maybe is not one of"),
        (P + "a | integer" + BODY, "1: a: nothing is not one of"),
        (P + BODY, "1: nothing is not a variable name"),
        (P + "a b | integer | required" + BODY, "not a variable name"),
        (P + "limit | integer | required\nSELECT * { VALUES ?limit { 1 } }", "reserved"),
        (2 * (P + "a | integer | required | x\n") + BODY, "2: the parameter a is declared twice"),
        (
            P + "a | integer | required | x\nSELECT * { VALUES ?a { 1 2 } }",
            "needs one example, not 2",
        ),
        (P + "a | integer | required | x\nSELECT * { VALUES ?a { } }", "needs one example, not 0"),
        (
            P + "a | integer | default | x\nSELECT * { VALUES ?a { 1 } { VALUES ?a { 2 } } }",
            "different examples",
        ),
        (
            P + "a | integer | default | x\nSELECT * { VALUES ?a { 1 } VALUES (?a ?b) { (1 2) } }",
            "several variables",
        ),
        (P + "a | integer | default | x\nSELECT * { VALUES ( ?a ) { (1) } }", "has no line VALUES"),
        ("\nSELECT * { ?s ?p }", "2: line 2, column"),
        ("INSERT DATA { <x:y> <x:y> 1 }", "1: this is an update"),
        ("SELECT * { SERVICE <x:y> { ?s ?p ?o } }", "1: SERVICE and LOAD"),
        ("SELECT * { ?s ?p ?o } LIMIT10", "LIMIT"),
    ],
)
def test_a_broken_file_says_where(text: str, message: str) -> None:
    with pytest.raises(QueryFileError) as caught:
        parse_canned("x", text, Path("folder/x.rq"))
    assert str(caught.value).startswith("folder/x.rq:")
    assert message in str(caught.value)


def test_a_file_is_parsed_again_when_it_has_changed(tmp_path: Path) -> None:
    file = tmp_path / "name.rq"
    file.write_text("#+ summary: one\nSELECT ?a { ?a ?b ?c }")
    first = read_canned(file)
    assert read_canned(file) is first
    file.write_text("#+ summary: two\nSELECT ?b { ?a ?b ?c }")
    os.utime(file, ns=(file.stat().st_atime_ns, file.stat().st_mtime_ns + 1_000_000))
    assert (read_canned(file).summary, read_canned(file).columns) == ("two", ("b",))


def test_a_broken_file_leaves_the_others(tmp_path: Path) -> None:
    (tmp_path / "bad.rq").write_text("SELEC")
    (tmp_path / "good.rq").write_text("#+ summary: Good\nSELECT * { ?s ?p ?o }")
    (tmp_path / "latin.rq").write_bytes(b"# \xe9\nASK {}")
    (tmp_path / "Name With.rq").write_text("ASK {}")
    (tmp_path / "positions-of.rq").write_text("ASK {}")
    found = load_catalogue([tmp_path])
    assert found.queries["good"].summary == "Good"
    assert found.queries["positions-of"].form == "table"
    files = {error.file.name: str(error) for error in found.broken}
    assert set(files) == {"bad.rq", "latin.rq", "Name With.rq", "positions-of.rq"}
    assert "the name positions-of is taken" in files["positions-of.rq"]
    assert "positions-of" in found.near("position-of")


@pytest.mark.parametrize("value", HOSTILE, ids=lambda value: repr(value[:10]))
def test_hostile_text_stays_a_value(value: str) -> None:
    query = read_canned(QUERIES / "literals.rq")
    try:
        term = literal("said", "text", value)
    except ParameterError:
        assert len(value) > 10_000
        return
    (row,) = _rows(bind(query, {"said": term}))
    assert row["said"] == ox.Literal(value)


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=200) | st.sampled_from(HOSTILE)


@given(TEXTS)
def test_any_text_stays_within_its_braces(value: str) -> None:
    query = read_canned(QUERIES / "literals.rq")
    bound = bind(query, {"said": ox.Literal(value)})
    (row,) = _rows(bound)
    assert row["said"] == ox.Literal(value)
    assert _outside(bound, "said") == _outside(query.text, "said")


@given(
    st.lists(
        st.sampled_from(
            [
                *("VALUES", "?a", "$a", "?b", "{", "}", "(", ")", '"VALUES ?a {"', "<x:VALUES?a>"),
                *("#VALUES ?a { 1 }\n", "1", "UNDEF", ".", " ", "\n", "SELECT", "'''a\n'''", "'"),
            ]
        )
    ).map(" ".join)
)
def test_only_the_inside_of_values_is_replaced(text: str) -> None:
    spans = substitution.values_of(text, "a")
    if not spans:
        with pytest.raises(QueryError):
            substitution.replace(text, {"a": IRAN})
        return
    bound = substitution.replace(text, {"a": IRAN})
    assert _outside(bound, "a") == _outside(text, "a")
    assert len(substitution.values_of(bound, "a")) == len(spans)


@pytest.mark.parametrize(
    ("text", "limit", "offset", "expected"),
    [
        ("SELECT ?x { VALUES ?x { 0 1 2 3 4 } } ORDER BY ?x", 2, 0, [0, 1]),
        ("SELECT ?x { VALUES ?x { 0 1 2 3 4 } } ORDER BY ?x # LIMIT 1", 2, 3, [3, 4]),
        ("SELECT ?x { VALUES ?x { 0 1 2 3 4 } } ORDER BY ?x LIMIT 3", 2, 0, [0, 1]),
        ("SELECT ?x { VALUES ?x { 0 1 2 3 4 } } ORDER BY ?x LIMIT 3", 2, 2, [2]),
        ("SELECT ?x { VALUES ?x { 0 1 2 3 4 } } ORDER BY ?x LIMIT 3", 2, 7, []),
        ("SELECT ?x { VALUES ?x { 0 1 2 3 4 } } ORDER BY ?x OFFSET 1", 2, 1, [2, 3]),
        ("SELECT ?x { VALUES ?x { 0 1 2 3 4 } } ORDER BY ?x OFFSET 1 LIMIT 3", 9, 1, [2, 3]),
        ("SELECT ?x { VALUES ?x { 0 1 2 3 } } ORDER BY ?x VALUES ?x { 1 2 3 }", 2, 1, [2, 3]),
        ("SELECT ?x { VALUES ?x { 0 1 2 } } ORDER BY ?x LIMIT 2 VALUES ?x { 1 2 }", 9, 1, [2]),
        ("SELECT ?x { { SELECT ?x { VALUES ?x { 0 1 2 } } ORDER BY ?x LIMIT 2 } }", 9, 1, [1]),
    ],
)
def test_a_page_is_cut_out(text: str, limit: int, offset: int, expected: list[int]) -> None:
    rows = _rows(substitution.cut(text, limit, offset))
    assert [int(row["x"].value) for row in rows] == expected


def _rows(text: str) -> list[dict[str, ox.NamedNode | ox.Literal]]:
    solutions = ox.Store().query(text)
    assert isinstance(solutions, ox.QuerySolutions)
    names = [variable.value for variable in solutions.variables]
    return [{n: row[n] for n in names if row[n] is not None} for row in solutions]


def _outside(text: str, name: str) -> list[tuple[TokenKind, str]]:
    """The tokens that are not within the braces of a parameter, by a reading of their own."""
    found: list[tuple[TokenKind, str]] = []
    inside = False
    for token in significant(text):
        if inside and token.text == "}":
            inside = False
        if not inside:
            found.append((token.kind, token.text))
        last = [text.upper() for _, text in found[-3:]]
        if not inside and last in (
            ["VALUES", f"?{name.upper()}", "{"],
            ["VALUES", f"${name.upper()}", "{"],
        ):
            inside = found[-3][0] is TokenKind.WORD and _closes(text, token.start)
    return found


def _closes(text: str, start: int) -> bool:
    return any(token.text == "}" for token in tokens(text[start:]))


COLUMNS = """#+ summary: s
#+ columns: {}
PREFIX comity: <https://w3id.org/comity/ontology#>
SELECT {} WHERE {{ ?record comity:stance comity:opposed }}"""


@pytest.mark.parametrize(
    ("name", "selected"), [("persons", "?record"), ("../record", "?record"), ("record", "*")]
)
def test_columns_that_cannot_be_added_are_named(name: str, selected: str) -> None:
    with pytest.raises(QueryFileError, match=r"x\.rq:2: "):
        parse_canned("x", COLUMNS.format(name, selected), Path("x.rq"))


def test_columns_are_added_once() -> None:
    once = parse_canned("x", COLUMNS.format("record", "?record"), Path("x.rq"))
    assert once.columns[-1] == "record" and "verdict" in once.columns
    assert parse_canned("x", once.text, Path("x.rq")).text == once.text
