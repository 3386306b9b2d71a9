"""Substitution of values and pages in a query's tokens; strings, comments, IRIs stay untouched.

A parameter is written `VALUES ?name { <example> }` in every scope that uses it, since a sub-select,
a UNION branch and a MINUS see only their own. All of them are replaced by one RDF term.
"""

from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise
from typing import Final, NamedTuple

import pyoxigraph

from comity.graph.errors import QueryError
from comity.graph.sparql.syntax import PROLOGUE
from comity.graph.sparql.tokens import Token, TokenKind, significant

Term = pyoxigraph.NamedNode | pyoxigraph.Literal

_OPEN: Final = frozenset("{([")
_CLOSE: Final = frozenset("})]")


class TokenSpan(NamedTuple):
    """Inside of the braces of one VALUES, as offsets into the text."""

    start: int
    end: int


def values_of(text: str, name: str) -> list[TokenSpan]:
    """Find every `VALUES ?name { … }` of one variable, in text order."""
    found, tokens = [], _tokens(text)
    for at in range(len(tokens) - 2):
        word, variable, brace = tokens[at : at + 3]
        if _is_values(word) and _is_variable(variable, name) and brace.text == "{":
            close = next((t for t in tokens[at + 3 :] if t.text == "}"), None)
            if close is not None:
                found.append(TokenSpan(brace.start + 1, close.start))
    return found


def in_value_lists(text: str, name: str) -> bool:
    """True if the variable stands in a `VALUES (?a ?b) { … }`, which is never replaced."""
    inside = False
    before = Token(TokenKind.SPACE, "", 0)
    for token in _tokens(text):
        if token.text == "(" and _is_values(before):
            inside = True
        elif token.text == ")":
            inside = False
        elif inside and _is_variable(token, name):
            return True
        before = token
    return False


def examples(text: str, span: TokenSpan) -> list[Term | None]:
    """Return the terms in the braces of a VALUES, None for UNDEF. Raises SyntaxError."""
    prologue = text[: _end_of_prologue(text)]
    inside = text[span.start : span.end]
    solutions = pyoxigraph.Store().query(
        f"{prologue} SELECT ?value {{ VALUES ?value {{ {inside} \n}} }}"
    )
    assert isinstance(solutions, pyoxigraph.QuerySolutions)
    return [_plain(solution["value"]) for solution in solutions]


def replace(text: str, terms: Mapping[str, Term | None]) -> str:
    """Replace the values in every VALUES of each given variable by a term; None becomes UNDEF.

    Raises QueryError if the text has no VALUES for a variable.
    """
    # str() of a term escapes as N-Triples does, which is valid SPARQL.
    return _write(text, {n: "UNDEF" if term is None else str(term) for n, term in terms.items()})


def replace_all(text: str, name: str, terms: Sequence[Term]) -> str:
    """Replace the values in every VALUES of one variable by any number of terms."""
    return _write(text, {name: " ".join(map(str, terms))})


def _write(text: str, written: Mapping[str, str]) -> str:
    places: list[tuple[TokenSpan, str]] = []
    for name, values in written.items():
        spans = values_of(text, name)
        if not spans:
            raise QueryError(f"the query has no line VALUES ?{name} {{ … }}")
        places += ((span, values) for span in spans)
    parts: list[str] = []
    at = 0
    for span, values in sorted(places):
        parts += (text[at : span.start], " ", values, " ")
        at = span.end
    return "".join((*parts, text[at:]))


def cut(text: str, limit: int, offset: int = 0) -> str:
    """Limit a SELECT to `limit` solutions after the first `offset`.

    A LIMIT and OFFSET of its own remain in force: the page is taken from what they leave.
    """
    clauses = _slice(text)
    own_limit = next((int(number.text) for word, number in clauses if _says(word, "LIMIT")), None)
    own_offset = sum(int(number.text) for word, number in clauses if _says(word, "OFFSET"))
    if own_limit is not None:
        limit = max(0, min(limit, own_limit - offset))
    end = clauses[0][0].start if clauses else _end_of_modifiers(text)
    rest = text[clauses[-1][1].start + len(clauses[-1][1].text) :] if clauses else text[end:]
    # On a line of its own: the text before may end in a comment.
    return f"{text[:end].rstrip()}\nLIMIT {limit} OFFSET {own_offset + offset}\n{rest}"


def split_prologue(text: str) -> tuple[str, str]:
    """Split a text into its BASE and PREFIX lines, with comments there, and the query itself."""
    end = _end_of_prologue(text)
    return text[:end], text[end:]


def _end_of_prologue(text: str) -> int:
    words = (token for token in _tokens(text) if token.kind is TokenKind.WORD)
    return next((word.start for word in words if word.text.upper() not in PROLOGUE), 0)


def _slice(text: str) -> list[tuple[Token, Token]]:
    """Return the LIMIT and OFFSET of the outermost query, each with its number."""
    outer = list(_outermost(text))
    return [(a, b) for a, b in pairwise(outer) if _says(a, "LIMIT") or _says(a, "OFFSET")]


def _end_of_modifiers(text: str) -> int:
    """Return the offset for a LIMIT: before a VALUES that ends the query (SPARQL 1.1 [18]), or the
    end.
    """
    return next((token.start for token in _outermost(text) if _is_values(token)), len(text))


def _outermost(text: str) -> list[Token]:
    depth, found = 0, []
    for token in _tokens(text):
        depth -= token.text in _CLOSE
        if depth == 0 and token.text not in _CLOSE:
            found.append(token)
        depth += token.text in _OPEN
    return found


@lru_cache(maxsize=256)
def _tokens(text: str) -> tuple[Token, ...]:
    # The same texts recur, and tokenising takes as long as a short query.
    return tuple(significant(text))


def _says(token: Token, keyword: str) -> bool:
    return token.kind is TokenKind.WORD and token.text.upper() == keyword


def _is_values(token: Token) -> bool:
    return _says(token, "VALUES")


def _is_variable(token: Token, name: str) -> bool:
    return token.kind is TokenKind.VARIABLE and token.text[1:] == name


def _plain(term: object) -> Term | None:
    if term is None or isinstance(term, pyoxigraph.NamedNode | pyoxigraph.Literal):
        return term
    raise SyntaxError(f"{term} is neither an IRI nor a literal")
