"""Syntax errors of a query, explained in words and located.

The engine's own message lists what it expected, at the end of the longest keyword that it tried:
for `SELEC *` it is "1:10: expected CONSTRUCT". So a rejected text is laid out again with spaces
after every token, which ties the position to one token.
"""

import re
import unicodedata
from collections.abc import Set as AbstractSet
from difflib import get_close_matches
from typing import Final, Literal

import pyoxigraph

from comity.graph.errors import NotAllowed, QuerySyntaxError, TextPosition
from comity.graph.rdf.namespaces import PREFIXES
from comity.graph.sparql.federation import called_services, reaches_out
from comity.graph.sparql.nesting import nests_deeper
from comity.graph.sparql.prefixes import first_use, undeclared_prefixes
from comity.graph.sparql.tokens import TERMS, Token, TokenKind, significant, tokens

# The engine crashes (segmentation fault) somewhere beyond 500; hand-written queries stay below 50.
MAX_DEPTH: Final = 200

_UPDATES: Final = frozenset(
    # SPARQL 1.1 Update §3
    ("INSERT", "DELETE", "LOAD", "CLEAR", "CREATE", "DROP", "COPY", "MOVE", "ADD", "WITH")
)
PROLOGUE: Final = frozenset(("BASE", "PREFIX", "VERSION"))
# What each kind of query gives.
_FORMS: Final = {"SELECT": "table", "ASK": "boolean", "CONSTRUCT": "graph", "DESCRIBE": "graph"}
QUERIES: Final = frozenset(_FORMS)
Kindof = Literal["query", "update"]
_BEGINNINGS: Final = {"query": QUERIES, "update": _UPDATES}
_BEGINS: Final = {
    "query": "A query begins with SELECT, ASK, CONSTRUCT or DESCRIBE, after its PREFIX lines.",
    "update": "An update begins with INSERT, DELETE, WITH, CLEAR, DROP, CREATE, ADD, COPY or MOVE.",
}
# Candidates for a misspelt word: every keyword, and the functions with long enough names.
_KEYWORDS: Final = (
    *("SELECT", "ASK", "CONSTRUCT", "DESCRIBE", "PREFIX", "BASE", "DISTINCT", "REDUCED", "WHERE"),
    *("FROM", "NAMED", "OPTIONAL", "UNION", "MINUS", "FILTER", "BIND", "VALUES", "GRAPH", "EXISTS"),
    *("NOT", "IN", "AS", "GROUP", "ORDER", "BY", "HAVING", "LIMIT", "OFFSET", "ASC", "DESC"),
    *("UNDEF", "TRUE", "FALSE", "COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT"),
    *("SEPARATOR", "STR", "LANG", "LANGMATCHES", "DATATYPE", "BOUND", "IRI", "URI", "BNODE"),
    *("CONCAT", "STRLEN", "UCASE", "LCASE", "ENCODE_FOR_URI", "CONTAINS", "STRSTARTS", "STRENDS"),
    *("STRBEFORE", "STRAFTER", "YEAR", "MONTH", "DAY", "HOURS", "MINUTES", "SECONDS", "TIMEZONE"),
    *("COALESCE", "STRLANG", "STRDT", "SAMETERM", "ISIRI", "ISBLANK", "ISLITERAL", "ISNUMERIC"),
    *("REGEX", "SUBSTR", "REPLACE", "ROUND", "FLOOR"),
)
_AGGREGATES: Final = ("COUNT", "SUM", "MIN", "MAX", "AVG", "SAMPLE", "GROUP_CONCAT")
_CLOSE_ENOUGH: Final = 0.8  # FILTR matches FILTER, FOO does not match FLOOR
_ROOM: Final = " " * 20  # more than the longest keyword, ENCODE_FOR_URI
_REPORT: Final = re.compile(r"error at (\d+):(\d+): expected (?:one of )?(.*)", re.DOTALL)
_EXPECTED: Final = re.compile(r"""("(?:[^"\\]|\\.)*"|\[[^\]]*\]|[^,"\[]+)(?:, |$)""")
_SENTENCE: Final = re.compile(r"[A-Za-z ]*[a-z]{2} [a-z].*|.* [a-z]{2,} .*")


def check(text: str, allowed: AbstractSet[str] = frozenset()) -> None:
    """Refuse what the engine must not see: updates, calls to other servers, deep nesting.

    `allowed` are the addresses that SERVICE may call, * for any. Raises QuerySyntaxError or
    NotAllowed; a text that passes may still not be SPARQL.
    """
    if nests_deeper(text, MAX_DEPTH):
        raise QuerySyntaxError(
            f"the query nests deeper than {MAX_DEPTH} levels, or chains too many clauses",
            hint="Put a long list of alternatives into VALUES or IN (…).",
        )
    upper = text.upper()
    # Few queries contain one of these words; the others need no tokens.
    first = first_keyword(text) if any(word in upper for word in _UPDATES) else None
    if first is not None and first.text.upper() in _UPDATES:
        raise QuerySyntaxError(
            f"this is an update ({first.text.upper()}), not a query",
            place=place_of(text, first.start),
            hint="Send updates to /update of a service; load files with `comity load`.",
        )
    if reaches_out(text):
        _check_calls(text, allowed)


def _check_calls(text: str, allowed: AbstractSet[str]) -> None:
    if not allowed:
        raise NotAllowed(
            "SERVICE and LOAD call other servers, which is not allowed here",
            hint="Load the other data into the store, or query the other endpoint directly.",
        )
    listed = ", ".join(sorted(allowed))
    called = called_services(text)
    if called is None:
        raise NotAllowed(
            "only SERVICE <address> is allowed here, with the address written out",
            hint=f"The addresses allowed are {listed}",
        )
    patterns = [re.compile(re.escape(each).replace(r"\*", ".*")) for each in allowed]
    for address in sorted(called):
        if not any(pattern.fullmatch(address) for pattern in patterns):
            raise NotAllowed(
                f"SERVICE may not call {address}", hint=f"The addresses allowed are {listed}"
            )


def query_form(text: str) -> str | None:
    """Return a query's result form: table, boolean or graph; None if the text is not a query."""
    word = first_keyword(text)
    return _FORMS.get(word.text.upper()) if word else None


def first_keyword(text: str) -> Token | None:
    """Find the first keyword after the prologue, which is the kind of request."""
    words = (t for t in significant(text) if t.kind is TokenKind.WORD)
    return next((t for t in words if t.text.upper() not in PROLOGUE), None)


def place_of(text: str, offset: int) -> TextPosition:
    """Convert an offset in code points to line and column, both from 1."""
    before = text[:offset]
    return TextPosition(before.count("\n") + 1, offset - (before.rfind("\n") + 1) + 1)


def explain(text: str, error: SyntaxError, kind: Kindof = "query") -> QuerySyntaxError:
    """Turn a syntax error of the engine into one with place, cause and hint."""
    bad = next((t for t in tokens(text) if t.kind is TokenKind.BAD), None)
    token, expected = (bad, []) if bad else _culprit(text, error, kind)
    missing = [(first_use(text, prefix) or 0, prefix) for prefix in undeclared_prefixes(text)]
    if missing and (token is None or missing[0][0] <= token.start):
        at, prefix = missing[0]
        if text[at - 1 : at] == "<":
            return _broken_iri(text, at - 1)
        return _undeclared(text, at, prefix, kind)
    at_end = token is None or token.kind is TokenKind.SPACE
    place = place_of(text, len(text.rstrip()) if token is None or at_end else token.start)
    sentences = [part.strip() for part in expected if _SENTENCE.match(part)]
    what = _what(None if at_end else token, sentences, kind)
    return QuerySyntaxError(
        f"line {place.line}, column {place.column}: {what}",
        place=place,
        hint=_hint(text, None if at_end else token, "".join(sentences[:1]), kind),
    )


def _undeclared(text: str, at: int, prefix: str, kind: Kindof) -> QuerySyntaxError:
    place = place_of(text, at)
    hint = f"Add PREFIX {prefix}: <{PREFIXES.get(prefix, '…')}> above the {kind}."
    if text.startswith("//", at + len(prefix) + 1):
        hint = f"Write an IRI in angle brackets: <{prefix}://…>."
    return QuerySyntaxError(
        f"line {place.line}, column {place.column}: the prefix {prefix}: is not declared",
        place=place,
        hint=hint,
    )


def _broken_iri(text: str, at: int) -> QuerySyntaxError:
    place = place_of(text, at)
    return QuerySyntaxError(
        f"line {place.line}, column {place.column}: this IRI is not closed, or contains an illegal "
        "character",
        place=place,
        hint="An IRI ends with > and contains no space, quote, backslash or any of { } | ^ `.",
    )


def _what(token: Token | None, sentences: list[str], kind: Kindof) -> str:
    if sentences:
        return sentences[0]
    if token is None:
        return f"the {kind} ends too early"
    if token.kind is TokenKind.BAD and token.text in "\"'":
        return "this string is not closed"
    shown = token.text if len(token.text) <= 40 else token.text[:39] + "…"
    unseen = next((c for c in shown if not c.isprintable()), None)
    if unseen is not None:
        shown = f"U+{ord(unseen):04X} {unicodedata.name(unseen, '')}".rstrip()
    return f"unexpected {shown}"


def _hint(text: str, token: Token | None, sentence: str, kind: Kindof) -> str | None:
    first = first_keyword(text)
    if "variable that is unbound" in sentence:
        return "With GROUP BY or an aggregate, every selected variable is a key or aggregated."
    passed = [] if token is None else list(significant(text[: token.start]))
    before = passed[-1] if passed else None
    if before is not None and before.kind is TokenKind.WORD and before.text.upper() == "PREFIX":
        return "A prefix ends with a colon, also in its declaration: PREFIX x: <…>."
    if token is not None and token.text.upper() in _MISTAKES:
        return _MISTAKES[token.text.upper()]
    if token is not None and not token.text.isprintable():
        return "Delete this invisible character, or replace it by a plain space."
    if first is None or first.text.upper() not in _BEGINNINGS[kind]:
        return _BEGINS[kind]
    if token is None:
        return None if sentence else "A bracket, brace or term is missing at the end."
    if token.kind is TokenKind.IRI and ":" not in token.text:
        return f"A relative IRI needs a BASE line above the {kind}."
    if token.kind is TokenKind.STRING and "\\" in token.text:
        return "Write a backslash in a string twice, unless it begins an escape such as \\n."
    if token.kind is TokenKind.WORD:
        return _hint_for_word(token.text, before)
    if before is not None and before.kind is TokenKind.WORD and before.text.upper() == "FILTER":
        return "Put the condition of a FILTER in brackets: FILTER(…)."
    if _in_group(passed) and all(map(_is_term, [*passed[-3:], token])):
        return "Triples are separated by dots; is one missing here?"
    return None


# Habits from other languages, or from a word processor.
_MISTAKES: Final = {
    "=": "Equality is written with one =.",
    "&": "And is written &&.",
    "AND": "And is written && in a FILTER; in a group, triples follow one another with a dot.",
    "OR": "Or is written || in a FILTER; groups are joined by UNION.",
    "LIKE": 'Use CONTAINS(?text, "part") or REGEX(?text, "pattern").',
    "TRUE": "Booleans are written true and false.",
    "FALSE": "Booleans are written true and false.",
    ",": "Separate the variables of a SELECT by spaces, and give a separator by "
    'SEPARATOR: GROUP_CONCAT(?x; SEPARATOR=", ").',
    ";": "A query ends without a semicolon, and so does a PREFIX line.",
    "@": "Write PREFIX without @ and without a dot at the end of its line.",
    "@PREFIX": "Write PREFIX without @ and without a dot at the end of its line.",
    "@BASE": "Write BASE without @ and without a dot at the end of its line.",
} | dict.fromkeys("“”„\u2018\u2019«»", "Quotes are straight: \"…\" or '…'.")


def _hint_for_word(word: str, before: Token | None) -> str | None:
    upper = word.upper()
    if before is not None and before.text.upper() == "SELECT" and upper in _AGGREGATES:
        return f"Put an expression in brackets, with a name: ({upper}(…) AS ?name)."
    if upper in _KEYWORDS:
        return None
    for close in get_close_matches(upper, _KEYWORDS, 1, _CLOSE_ENOUGH):
        return f"Did you mean {close}?"
    return "Variables begin with ?, names have a prefix, strings have quotes."


def _is_term(token: Token) -> bool:
    return token.kind in TERMS or token.text == "a"


def _in_group(passed: list[Token]) -> bool:
    opened: list[str] = []
    for token in passed:
        if token.text in ("{", "(", "["):
            opened.append(token.text)
        elif token.text in ("}", ")", "]") and opened:
            opened.pop()
    return opened[-1:] == ["{"]


def _culprit(text: str, error: SyntaxError, kind: Kindof) -> tuple[Token | None, list[str]]:
    """Find the token that the engine rejected, and what it expected instead."""
    laid_out, starts = _lay_out(text)
    try:
        if kind == "query":
            pyoxigraph.Store().query(laid_out)
        else:  # a NUL at the end makes any update invalid, so it can't run
            pyoxigraph.Store().update(f"{laid_out}\0")
    except SyntaxError as again:
        error = again
    report = _REPORT.match(str(error))
    if report is None:
        return None, [str(error)]
    reached = int(report[2]) - 1
    token = next((token for start, token in reversed(starts) if start <= reached), None)
    return token, _EXPECTED.findall(report[3])


def _lay_out(text: str) -> tuple[str, list[tuple[int, Token]]]:
    """Put the text on one line with room wherever it has white space or a bracket."""
    parts: list[str] = []
    starts: list[tuple[int, Token]] = []
    at = 0
    for token in tokens(text):
        gap = token.kind in (TokenKind.SPACE, TokenKind.COMMENT)
        piece = "" if gap else token.text
        if gap or piece in _ALONE:
            parts.append(_ROOM)
            at += len(_ROOM)
        if gap:
            continue
        piece = piece.replace("\n", " ").replace("\r", " ")
        starts.append((at, token))
        parts.append(piece)
        at += len(piece)
        if piece in _ALONE:
            parts.append(_ROOM)
            at += len(_ROOM)
    starts.append((at + 1, Token(TokenKind.SPACE, "", len(text))))  # the end, after all tokens
    return "".join(parts) + _ROOM, starts


_ALONE: Final = frozenset("{}()[];,")
