"""Query text for a third-party engine: standard SPARQL only.

Engines have extensions (Virtuoso: `DEFINE`, `bif:` and `sql:` call its SQL) and read unusual input
in their own way. So a text must be valid for the embedded engine and call no function of
Virtuoso's, and is sent without comments, its strings and comparisons in the simplest notation: what
one engine takes for a string, another can't take for code.
"""

import re
import secrets
from collections.abc import Iterator, Mapping
from typing import Any, Final

import pyoxigraph

from comity.graph.errors import NotAllowed, QuerySyntaxError
from comity.graph.sparql.prefixes import declared_prefixes
from comity.graph.sparql.syntax import QUERIES, check, explain, first_keyword, place_of
from comity.graph.sparql.tokens import Token, TokenKind, tokens

_NEVER: Final = pyoxigraph.Variable(f"never_{secrets.token_hex(8)}")
_OWN: Final = re.compile(r"(bif|sql|sys)\s*:|https?://www\.openlinksw\.com/schemas/", re.IGNORECASE)
_ESCAPE: Final = re.compile(r"\\(?:u([0-9A-Fa-f]{4})|U([0-9A-Fa-f]{8})|(.))", re.DOTALL)
_ESCAPED: Final = {"t": "\t", "b": "\b", "n": "\n", "r": "\r", "f": "\f"}
_QUOTED: Final = str.maketrans(
    {"\\": "\\\\", '"': '\\"', "\n": "\\n", "\r": "\\r", "\t": "\\t", "\b": "\\b", "\f": "\\f"}
)
_NOT_IN_IRI: Final = re.compile(r'[\x00-\x20<>"{}|^`\\]')
_ABSOLUTE: Final = re.compile(r"<[A-Za-z][A-Za-z0-9+.-]*:")


def query_text(text: str, base: str | None = None, *, with_dataset: bool = True) -> str:
    """Return the text of a query to send. Raises QuerySyntaxError, NotAllowed.

    FROM and FROM NAMED are removed if another dataset replaces them (SPARQL 1.1 Protocol §2.1.4):
    Virtuoso would join the two.
    """
    check(text)
    try:
        # An impossible substitution makes the engine parse the text and then fail before running
        # it.
        pyoxigraph.Store().query(
            text, base_iri=base, substitutions={_NEVER: pyoxigraph.Literal("")}
        )
    except SyntaxError as error:
        raise explain(text, error) from None
    except RuntimeError:
        pass
    return plain(text if with_dataset else _without_dataset(text), base)


def query_form(text: str) -> str:
    """Return SELECT, ASK, CONSTRUCT or DESCRIBE."""
    first = first_keyword(text)
    word = "" if first is None else first.text.upper()
    return next((form for form in QUERIES if word.startswith(form)), "SELECT")


def plain(text: str, base: str | None = None) -> str:
    """Rewrite a text in the simplest notation, with `base` if an IRI is relative.

    Raises NotAllowed for a function of Virtuoso's own.
    """
    found = [token for token in tokens(text) if token.kind is not TokenKind.COMMENT]
    _refuse_own(text, found)
    written = "".join(map(_written, _without_undefined(found)))
    return f"BASE <{base}> {written}" if base and _is_relative(found) else written


def _is_relative(found: list[Token]) -> bool:
    """True if an IRI needs a base that the text does not give; Virtuoso rejects a second one."""
    iris = (token for token in found if token.kind is TokenKind.IRI)
    names = [_ABSOLUTE.match(token.text) is not None for token in iris]
    own = next((at for at, token in enumerate(found) if _word(token) == "BASE"), None)
    if own is None:
        return not all(names)
    before = sum(token.kind is TokenKind.IRI for token in found[:own])
    return not all(names[: before + 1])


def _without_dataset(text: str) -> str:
    kept: list[str] = []
    drops = False
    for token in tokens(text):
        if _word(token) == "FROM":
            drops = True
        if not drops:
            kept.append(token.text)
        elif token.kind in (TokenKind.IRI, TokenKind.PREFIXED):
            drops = False
    return "".join(kept)


def _refuse_own(text: str, found: list[Token]) -> None:
    prefixes = declared_prefixes(text)
    for token in found:
        if token.kind is TokenKind.BAD:
            place = place_of(text, token.start)
            raise QuerySyntaxError(
                f"line {place.line}, column {place.column}: unexpected {token.text}", place=place
            )
        iri = token.text
        if token.kind is TokenKind.IRI:
            iri = unescaped(token.text[1:-1])
        elif token.kind is TokenKind.PREFIXED:
            prefix, _, local = token.text.partition(":")
            iri = unescaped(prefixes.get(prefix, f"{prefix}:")) + local.replace("\\", "")
        elif token.kind is not TokenKind.WORD or token.text.upper() != "DEFINE":
            continue
        if _OWN.match(iri) or token.kind is TokenKind.WORD:
            place = place_of(text, token.start)
            raise NotAllowed(
                f"line {place.line}, column {place.column}: {token.text} calls a function of "
                "the engine behind this service",
                hint="Only standard SPARQL is accepted here; an engine's own functions are "
                "reserved for its operator.",
            )


def _without_undefined(found: list[Token]) -> Iterator[Token]:
    """Drop each `VALUES ?x { UNDEF }`: it has no effect, and Virtuoso loses ?x by it."""
    at = 0
    while at < len(found):
        if _word(found[at]) == "VALUES":
            ahead = [n for n in range(at, len(found)) if found[n].kind is not TokenKind.SPACE][:6]
            named = [found[n].text.upper() for n in ahead]
            if named[2:5] == ["{", "UNDEF", "}"]:
                at = ahead[5] if named[5:] == ["."] else ahead[4]
                at += 1
                continue
        yield found[at]
        at += 1


def _written(token: Token) -> str:
    kind, text, _ = token
    if kind is TokenKind.STRING:
        mark = 3 if text[:3] in ('"""', "'''") and len(text) >= 6 else 1
        return f'"{unescaped(text[mark:-mark]).translate(_QUOTED)}"'
    if kind is TokenKind.IRI:
        iri = unescaped(text[1:-1])
        if _NOT_IN_IRI.search(iri):
            raise QuerySyntaxError(f"{text} is not an IRI")
        return f"<{iri}>"
    if kind is TokenKind.PUNCTUATION and text in ("<", "<=", ">", ">="):
        return f" {text} "
    return text


def unescaped(text: str) -> str:
    """Decode the escapes of SPARQL 1.1 §19.2 and §19.7."""
    return _ESCAPE.sub(_character, text) if "\\" in text else text


def _character(match: re.Match[str]) -> str:
    code = match[1] or match[2]
    if not code:
        return _ESCAPED.get(match[3], match[3])
    number = int(code, 16)
    if number > 0x10FFFF or 0xD800 <= number <= 0xDFFF:
        raise QuerySyntaxError(f"{match[0]} is not a character")
    return chr(number)


def rows_of_graph(text: str) -> str | None:
    """Return a query with one row per solution from which a CONSTRUCT or DESCRIBE builds its graph.

    None for a DESCRIBE without a pattern.
    """
    found = list(tokens(text))
    start = next(at for at, token in enumerate(found) if _word(token) in _GRAPH_FORMS)
    at = start + 1
    if _word(found[start]) == "DESCRIBE":
        while at < len(found) and not _begins_pattern(found[at]):
            at += 1
    else:
        while found[at].kind is TokenKind.SPACE:
            at += 1
        if found[at].text == "{":
            at = _after_group(found, at)
    if not any(token.text == "{" for token in found[at:]):
        return None
    parts = [*found[:start], Token(TokenKind.WORD, "SELECT (1 AS ?row) ", 0), *found[at:]]
    return "".join(token.text for token in parts)


_GRAPH_FORMS: Final = ("CONSTRUCT", "DESCRIBE")


def _word(token: Token) -> str:
    return token.text.upper() if token.kind is TokenKind.WORD else ""


def _begins_pattern(token: Token) -> bool:
    return token.text == "{" or _word(token) in ("FROM", "WHERE")


def _after_group(found: list[Token], at: int) -> int:
    """Return the end of the group that begins at `at`."""
    depth = 0
    while True:
        depth += (found[at].text == "{") - (found[at].text == "}")
        at += 1
        if not depth:
            return at


def with_values(text: str, terms: Mapping[pyoxigraph.Variable, Any]) -> str:
    """Add these terms for these variables at the start of a query's pattern."""
    names, values = " ".join(map(str, terms)), " ".join(map(str, terms.values()))
    after = False
    for token in tokens(text):
        if after and token.text == "{":
            at = token.start + 1
            return f"{text[:at]} VALUES ({names}) {{ ({values}) }} {text[at:]}"
        after = after or (token.kind is TokenKind.WORD and token.text.upper() == "WHERE")
    raise ValueError("a query without WHERE")
