"""Tokens of SPARQL: keywords are found where they are keywords and nowhere else."""

import time

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.graph.sparql.tokens import (
    TokenKind,
    declared_prefixes,
    decode_escapes,
    first_use,
    has_dataset_clause,
    nesting_depth,
    reaches_out,
    significant,
    tokens,
    undeclared_prefixes,
)

SPARQL_LIKE = st.text(
    alphabet=st.sampled_from(
        "aSERVICEFROM:.<>\"'\\u0053{}()[]?$_#@-+!^|&*/,;=1 \n\r\té\U0001f600%~"
    )
)


@given(st.one_of(st.text(), SPARQL_LIKE))
def test_any_text_is_tokens_without_a_gap(text: str) -> None:
    assert "".join(token.text for token in tokens(text)) == text
    has_dataset_clause(text)
    reaches_out(text)
    undeclared_prefixes(text)
    assert nesting_depth(text) >= 0


HIDDEN = [
    "# {}\n",
    "<http://example.org/{}>",
    "<http://example.org/{}#>",
    '"{}"',
    "'{}'",
    '"""a "{} "" {} """',
    "'''a '{} '' {} '''",
    '"a\\" {} "',
    "?{}",
    "${}",
    "_:{}",
    "x:{}",
    "{}:x",
    "x:a%20{}",
    "x:a\\-{}",
    "x:.{}",
    '"a"@{}',
]


@pytest.mark.parametrize("place", HIDDEN)
@pytest.mark.parametrize("keyword", ["SERVICE", "service", "LOAD", "FROM"])
def test_a_keyword_inside_another_token_is_none(place: str, keyword: str) -> None:
    text = "SELECT * { ?s ?p " + place.replace("{}", keyword) + " }"
    assert not reaches_out(text)
    assert not has_dataset_clause(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://e/> {} }",
        "SELECT * { service silent ?x {} }",
        "SELECT * {\n#comment\nSERVICE\n#comment\n<http://e/> {} }",
        "SELECT * { \\u0053ERVICE <http://e/> {} }",
        "SELECT * { S\\U00000045RVICE <http://e/> {} }",
        # An escape that would close a string early, or open a long one, in one of two readings.
        'SELECT * { ?s ?p "\\u0022" SERVICE <http://e/> {} }',
        'SELECT * { ?s ?p "\\u0022 SERVICE <http://e/> {} # " }',
        # Glued: the engine takes these.
        "SELECT * { SERVICE:x {} }",
        "SELECT * { SERVICEex:x {} }",
        "SELECT * { SERVICESILENT<http://e/> {} }",
        "SELECT * { ?s ?p trueSERVICE <http://e/> {} }",
        "SELECT * { ?s ?p 1SERVICE <http://e/> {} }",
        'SELECT * { ?s ?p "a"@en--ltrSERVICE <http://e/> {} }',
        "SELECT * { FILTER(1<2)SERVICE#>\n<http://e/> {} }",
        # To the letter of the grammar these begin an IRI; the engine sees a comparison, and then
        # another string, or another comment, than an IRI would leave.
        "SELECT * { FILTER(1<'>') SERVICE <http://e/> {} FILTER('x'='') }",
        "SELECT * { FILTER(?a<'>') SERVICE <http://e/> {} FILTER('x'='') }",
        "SELECT * { FILTER(1<2)#>'''\n SERVICE <http://e/> {} #'''\n }",
        "SELECT (1<'>' AS ?x) { SERVICE <http://e/> {} FILTER('x'='') }",
        "SELECT * { FILTER ex:f(1<'>') SERVICE <http://e/> {} FILTER('x'='') }",
        "SELECT * { FILTERex:f(1<'>') SERVICE <http://e/> {} FILTER('x'='') }",
        "SELECT * { BIND(EXISTS{}<'>' AS ?x) SERVICE <http://e/> {} FILTER('x'='') }",
        "SELECT * { ?s ?p ?o } GROUP BY ?s (1<'>') HAVING(EXISTS { SERVICE <http://e/> {} } || 'x'='')",
        # A long string that is not closed is two short ones.
        "SELECT * { ?s ?p ('''') SERVICE <http://e/> {} }",
        "LOAD <http://e/>",
        "INSERT DATA {} ; LOAD<http://e/>",
    ],
)
def test_calls_are_found(text: str) -> None:
    assert reaches_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { GRAPH service:x { ?s ?p ?o } }",
        "SELECT * FROM NAMED service:x { ?s ?p ?o }",
        "SELECT * { service:x a service:y . loader:z ?p ?o }",
        "SELECT * { ?s ?p ?o FILTER(?a<?b) }",
    ],
)
def test_names_that_look_like_calls_are_none(text: str) -> None:
    assert not reaches_out(text)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("SELECT * FROM <http://e/> {}", True),
        ("SELECT * from named<http://e/> {}", True),
        ("SELECT * F\\u0052OM <http://e/> {}", True),
        ("SELECT * { ?from ?p ?o }", False),
    ],
)
def test_dataset_clause(text: str, expected: bool) -> None:
    assert has_dataset_clause(text) is expected


def test_escapes_of_no_character_stay() -> None:
    assert decode_escapes("\\u0041\\U0001F600") == "A\U0001f600"
    assert decode_escapes("\\uD800 \\UFFFFFFFF \\u12") == "\\uD800 \\UFFFFFFFF \\u12"


def test_prefixes() -> None:
    text = "PREFIX a: <http://a/> prefix : <http://b/>\nSELECT * { a:x :y b:z.c ; c:d a:e, b:x }"
    assert declared_prefixes(text) == {"a": "http://a/", "": "http://b/"}
    assert undeclared_prefixes(text) == ["b", "c"]
    assert first_use(text, "b") == text.index("b:z")
    assert first_use(text, "zz") is None


def test_kinds() -> None:
    text = '?x a.b:c ex:a.b. 1.5e3 -2 "x"@en-GB ^^<y> true. _:b.c _:d. [] <=3'
    assert [(t.kind, t.text) for t in significant(text)] == [
        (TokenKind.VARIABLE, "?x"),
        (TokenKind.PREFIXED, "a.b:c"),
        (TokenKind.PREFIXED, "ex:a.b"),
        (TokenKind.PUNCTUATION, "."),
        (TokenKind.NUMBER, "1.5e3"),
        (TokenKind.PUNCTUATION, "-"),
        (TokenKind.NUMBER, "2"),
        (TokenKind.STRING, '"x"'),
        (TokenKind.LANGUAGE, "@en-GB"),
        (TokenKind.PUNCTUATION, "^^"),
        (TokenKind.IRI, "<y>"),
        (TokenKind.WORD, "true"),
        (TokenKind.PUNCTUATION, "."),
        (TokenKind.BLANK, "_:b.c"),
        (TokenKind.BLANK, "_:d"),
        (TokenKind.PUNCTUATION, "."),
        (TokenKind.PUNCTUATION, "["),
        (TokenKind.PUNCTUATION, "]"),
        (TokenKind.PUNCTUATION, "<="),
        (TokenKind.NUMBER, "3"),
    ]


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("SELECT * { ?s ?p ?o }", 1),
        ("SELECT * { { { } } { } }", 3),
        ("FILTER(((1)))", 3),
        ("ASK { FILTER(!!!!?x) }", 6),
        ("ASK { ?s ^(^(<p>)) ?o }", 5),
        ("ASK { FILTER(!!(!!(?x))) FILTER(1) }", 8),
        ('ASK { ?s ?p "((((((" }', 1),
        ("ASK { ?s ?p << ?a ?b << ?c ?d ?e >> >> }", 3),
        ("))))((", 2),
    ],
)
def test_depth(text: str, depth: int) -> None:
    assert nesting_depth(text) == depth


def test_long_chains_weigh_but_long_data_does_not() -> None:
    assert nesting_depth("ASK { FILTER(1" + " || 1" * 5000 + ") }") > 200
    assert nesting_depth("ASK { " + "MINUS { ?s ?p ?o } " * 5000 + "}") > 200
    assert nesting_depth("ASK { VALUES ?x { " + "-1 " * 5000 + "} }") < 5
    assert nesting_depth("ASK { VALUES (?x ?y) { " + "(-1 +2) " * 5000 + "} }") < 5
    assert nesting_depth("ASK { FILTER(?x IN (" + "-1, " * 5000 + "1)) }") < 5
    assert nesting_depth("INSERT DATA { " + "<a> <b> -1 . " * 5000 + "}") < 5
    assert nesting_depth("CONSTRUCT { " + "?s ?p ?o . [] ?p ?o . " * 5000 + "} WHERE { }") < 5


@pytest.mark.parametrize(
    "text",
    [
        "SELECT {} {{ }}".format("(1 AS ?x) " * 2000),
        "SELECT {} {{ }}".format("(COUNT(?x) AS ?y) " * 2000),
        "SELECT * {{ }} ORDER BY {}".format("(1 + 1) " * 2000),
        "SELECT (1 AS ?x) {{ }} GROUP BY {}".format("STR(?x) " * 2000),
        "DESCRIBE {}".format("<a> b:c ?d " * 700),
        "ASK {{ {} }}".format("?s ?p ?o . " * 2000),
        "ASK {{ ?s ?p ?o {} }}".format("; ?p ?o , ?x " * 1000),
        "ASK {{ [ ?p ?o {} ] }}".format("; ?p ?o " * 2000),
        "ASK {{ ?s ?p ({}) }}".format("1 <a> " * 1000),
        "ASK {{ {} }}".format("{ ?s ?p ?o } " * 2000),
        "ASK {{ {} }}".format("GRAPH ?g { ?s ?p ?o } " * 2000),
        "CONSTRUCT WHERE {{ {} }}".format("?s ?p ?o . " * 2000),
    ],
)
def test_long_lists_of_parts_weigh(text: str) -> None:
    assert nesting_depth(text) > 200


def test_long_queries_that_people_generate_do_not_weigh_much() -> None:
    assert nesting_depth("ASK { " + "?s ?p ?o . " * 500 + "}") < 200
    assert nesting_depth("ASK { " + "OPTIONAL { ?s ?p ?o } " * 500 + "}") < 200
    assert nesting_depth("ASK { FILTER(" + "CONTAINS(?x, 'a') || " * 900 + "true) }") < 200
    assert nesting_depth("".join(f"PREFIX p{n}: <a:{n}> " for n in range(2000)) + "ASK {}") < 5


@pytest.mark.parametrize(
    "text",
    ["a.", "a", "<", "<a", '"', "'''", "\\u0053", ":a.", "a:....", "?", "{", "!", "@a-", "\\"],
)
def test_time_is_linear(text: str) -> None:
    start = time.perf_counter()
    nesting_depth(text * 100_000)
    undeclared_prefixes(text * 100_000)
    assert time.perf_counter() - start < 20  # quadratic would be hours


PIECES = [
    *("1", "?x", "'x'", "''", "''''", "'''a'''", "'}'", '"""', "true", "ex:a", "ex:a\\'b", "<x:y#z>"),
    *("1<'>'", "1<2#>\n", "<'>", "?o<?p", "?o<'a'>?p", "<x:p>/<x:q#>", "1<=2", "<", ">", "=", "||"),
    *("(", ")", "{", "}", "[", "]", "<<(", ")>>", "<<", ">>", ",", ".", ";", "/", "|", "^", "!", "-1"),
    *("FILTER(", "BIND(", "AS ?z)", "EXISTS{", "IN(", "NOT IN(", "ex:f(", "FILTER ex:f(", "FILTERex:f("),
    *("a (", "a(", "VALUES ?v {", "VALUES (?v ?w) {(", ")}", "UNDEF", "ORDER BY", "GROUP BY ?s"),
    *("HAVING(", "SELECT (1<'>' AS ?q) {", "#c\n", "#'\n", "@en", "^^<x:d#>", "?s <x:p#y> (1 2 <x:#>) . "),
]  # fmt: skip
FRAMES = [
    "SELECT * {{ {} }}",
    "SELECT * {{ ?s ?p ?o FILTER({}) ?a ?b ?c }}",
    "SELECT * {{ ?s ?p ?o }} ORDER BY {}",
    "SELECT ({} AS ?k) {{ ?s ?p ?o }}",
    "SELECT * {{ ?s ?p ({}) }}",
]


def is_query(text: str) -> bool:
    try:
        pyoxigraph.Store().query(f"PREFIX ex: <x:> {text}")
    except SyntaxError:
        return False
    except RuntimeError:  # of an unknown function
        return True
    return True


def commented(text: str) -> str:
    """The text with a comment and a line break between its tokens, where it may have them."""
    parts, last = [""], ""
    for token in significant(text):
        glued = (
            token.kind is TokenKind.LANGUAGE
            or last in ("^^", "+", "-")
            or last + token.text in ("()", "[]")
        )
        parts.append(token.text if glued else f"#'\"\n{token.text}")
        last = token.text
    return "".join(parts)


@settings(max_examples=1000, deadline=None)
@given(
    st.sampled_from(FRAMES), st.lists(st.sampled_from(PIECES), max_size=6), st.sampled_from(" \n")
)
def test_tokens_are_where_the_engine_sees_them(frame: str, pieces: list[str], gap: str) -> None:
    """A comment fits between any two tokens, and into none: not into a string above all."""
    text = frame.format(gap.join(pieces))
    if is_query(text):
        assert is_query(commented(text))
