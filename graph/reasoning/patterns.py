"""Triple patterns of a rule's WHERE, each with the alternative that it belongs to."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from comity.graph.reasoning.rules import Rule
from comity.graph.sparql.tokens import Token, TokenKind, tokens

_VARIABLE: Final = "variable:"  # a variable, written as an IRI so that a pattern is a triple
# What no template can have: the clauses of a subquery, and paths.
_CLAUSE: Final = re.compile(r"^\s*(SELECT|GROUP|ORDER)\b|[)\w][*+/|]")
_IRI: Final = re.compile("<[^>]*>")
_APART: Final = {"FILTER": "({", "MINUS": "{", "VALUES": "{", "BIND": "("}
_PAIRS: Final = {"}": "{", ")": "("}


@dataclass(frozen=True, slots=True)
class Pattern:
    """A triple pattern.

    `branch` names the variable that is bound where the innermost UNION or OPTIONAL around the
    pattern matches; None outside of these.
    """

    triple: ox.Triple
    branch: str | None


def read_patterns(rule: Rule) -> tuple[str, list[Pattern]]:
    """Return the WHERE of a rule with a variable bound in each branch, and its patterns in order.

    Patterns of filters and MINUS are left out: they support nothing. So are paths, which are no
    triples.
    """
    reader = _Reader(rule)
    reader.read()
    return "".join(reader.text), reader.patterns


def variable_name(term: Any) -> str | None:
    """Return the name of a variable of a pattern, None for any other term."""
    if isinstance(term, ox.NamedNode) and term.value.startswith(_VARIABLE):
        return term.value.removeprefix(_VARIABLE)
    return None


class _Reader:
    """Reads a WHERE from left to right."""

    def __init__(self, rule: Rule) -> None:
        self.text: list[str] = []
        self.patterns: list[Pattern] = []
        self._prologue = rule.prologue
        self._parts = list(tokens(rule.where))
        self._closing = dict(_brackets(self._parts))
        self._branches: list[str | None] = [None]  # of the groups that are open
        self._held: list[str] = []  # of a pattern that has not ended

    def read(self) -> None:
        at = 0
        while at < len(self._parts):
            at = self._next(at)

    def _next(self, at: int) -> int:
        """Read what begins at a token; return where the rest begins."""
        token = self._parts[at]
        word = _word(token)
        if word in _APART:
            return self._copy(at, self._closing[self._bracket(at, _APART[word])] + 1)
        if word == "GRAPH":
            return self._copy(at, self._bracket(at, "{"))
        if token.text == "{":
            self._open(at)
        elif token.text == "}":
            self._close()
        elif token.text == "." or word in ("OPTIONAL", "UNION"):
            self._end()
        else:
            self._held.append(_as_iri(token))
        self.text.append(token.text)
        return at + 1

    def _copy(self, at: int, end: int) -> int:
        self._end()
        self.text += [token.text for token in self._parts[at:end]]
        return end

    def _bracket(self, at: int, kinds: str) -> int:
        return next(i for i in range(at, len(self._parts)) if self._parts[i].text in tuple(kinds))

    def _open(self, at: int) -> None:
        self._end()
        own = f"branchAt{at}" if self._is_branch(at) else None
        self._branches.append(own or self._branches[-1])

    def _close(self) -> None:
        self._end()
        branch = self._branches.pop()
        if branch != self._branches[-1]:
            self.text.append(f" BIND(1 AS ?{branch}) ")

    def _end(self) -> None:
        """End a pattern: a subject with its properties, as in Turtle."""
        text, self._held = "".join(self._held), []
        if text.strip() and not _CLAUSE.search(_IRI.sub("", text)):
            quads = ox.parse(f"{self._prologue} {text} .", ox.RdfFormat.TURTLE)
            self.patterns += [Pattern(quad.triple, self._branches[-1]) for quad in quads]

    def _is_branch(self, at: int) -> bool:
        before = _first(reversed(self._parts[:at]))
        return before in ("UNION", "OPTIONAL") or _first(self._after(at)) == "UNION"

    def _after(self, at: int) -> list[Token]:
        return self._parts[self._closing[at] + 1 :]


def _brackets(parts: list[Token]) -> Iterator[tuple[int, int]]:
    """Yield where each bracket opens and closes."""
    opened: list[int] = []
    for at, token in enumerate(parts):
        if token.text in _PAIRS.values():
            opened.append(at)
        elif token.text in _PAIRS:
            yield opened.pop(), at


def _first(parts: Any) -> str:
    """Return the first of these tokens that is not space, if it is a word."""
    return next((_word(token) for token in parts if token.kind is not TokenKind.SPACE), "")


def _word(token: Token) -> str:
    return token.text.upper() if token.kind is TokenKind.WORD else ""


def _as_iri(token: Token) -> str:
    return f"<{_VARIABLE}{token.text[1:]}>" if token.kind is TokenKind.VARIABLE else token.text
