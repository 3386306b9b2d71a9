"""Tokens of SPARQL: keywords are found where they are keywords and nowhere else."""

import time

import pyoxigraph
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.graph.sparql.dataset import has_dataset_clause
from comity.graph.sparql.federation import reaches_out
from comity.graph.sparql.nesting import nesting_depth
from comity.graph.sparql.prefixes import undeclared_prefixes
from comity.graph.sparql.tokens import TokenKind, decode_escapes, significant, tokens

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
