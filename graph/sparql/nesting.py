"""Nesting depth of a text, since the engine crashes on deep nesting."""

from dataclasses import dataclass
from typing import Final

from comity.graph.sparql.tokens import CLOSING, OPENING, TERMS, Token, TokenKind, significant

_PREFIX_OPERATORS: Final = frozenset(("!", "^", "-", "+"))
_OPERATORS: Final = frozenset(("&&", "||", "+", "-", "*", "/", "|", "=", "<", ">", "^"))
_SEPARATORS: Final = frozenset((".", ";", ","))
_GRAPH_BRACES: Final = frozenset(("{", "[", "{|"))  # separators in these are between triples
# Before a brace with terms alone: the engine keeps those in a list, not in a tree.
_BEFORE_DATA: Final = frozenset(("VALUES", "DATA", "CONSTRUCT", "INSERT", "DELETE"))
# This many links of a chain count as one level of nesting: the engine's tree of a chain is as deep
# as the chain is long. A chain of operators is one (`a || b || c`), and so are the parts that
# follow one another in a group, a SELECT, an ORDER BY, a DESCRIBE or a collection: triples, terms,
# and anything in brackets. The engine crashed between 500 and 2,000 nested IF and between 2,000 and
# 10,000 links (2,500 and 5,000 expressions in a SELECT), on a stack of 8 MiB.
_LINKS_PER_LEVEL: Final = 5


@dataclass(slots=True)
class _Level:
    """An open bracket, the links of its chains, and the prefix operators before it."""

    bracket: str
    is_data: bool = False
    run: int = 0
    parts: int = 0
    operators: int = 0

    @property
    def weight(self) -> int:
        return self.run + max(self.parts, self.operators) // _LINKS_PER_LEVEL


class _Nesting:
    """Nesting depth of the tokens taken so far."""

    def __init__(self) -> None:
        self._levels = [_Level("")]
        self._outer_weight = 0  # of all levels but the innermost
        self._run = 0
        self._data_follows = False
        self._describes = False
        self._after_term = False

    @property
    def depth(self) -> int:
        return len(self._levels) - 1 + self._run + self._outer_weight + self._levels[-1].weight

    def take(self, token: Token) -> None:
        text, level = token.text, self._levels[-1]
        if token.kind is TokenKind.WORD:
            self._data_follows = text.upper() in _BEFORE_DATA
            self._describes = text.upper() == "DESCRIBE"
        elif text in OPENING:
            self._open(text, level)
        elif text in CLOSING:
            self._close()
        elif text in _SEPARATORS:
            level.parts += level.bracket in _GRAPH_BRACES and not level.is_data
            level.operators = 0
        elif text in _OPERATORS:
            level.operators += not level.is_data
        elif token.kind in TERMS and not level.is_data:
            in_collection = level.bracket == "(" and self._after_term
            level.parts += self._describes or in_collection
        self._after_term = token.kind in TERMS
        self._run = self._run + 1 if text in _PREFIX_OPERATORS else 0

    def _open(self, bracket: str, level: _Level) -> None:
        level.parts += not level.is_data
        is_data = level.is_data or (bracket == "{" and self._data_follows)
        self._data_follows = self._data_follows and bracket != "{"
        self._describes = False
        self._outer_weight += level.weight
        self._levels.append(_Level(bracket, is_data, self._run))

    def _close(self) -> None:
        if len(self._levels) > 1:
            self._levels.pop()
            self._outer_weight -= self._levels[-1].weight


def nests_deeper(text: str, most: int) -> bool:
    """True if the text nests deeper than `most` levels (see `nesting_depth`).

    Most texts are too short for that, whatever their tokens are: an opening bracket or a prefix
    operator adds at most one level, any other token one link, which is a fraction of a level.
    """
    levels = sum(map(text.count, "{([<!^-+"))
    links = len(text) - text.count(" ") - text.count("\n")
    if levels + links / _LINKS_PER_LEVEL <= most:
        return False
    return nesting_depth(text) > most


def nesting_depth(text: str) -> int:
    """Measure the nesting depth: brackets, runs of prefix operators, and long chains."""
    nesting, deepest = _Nesting(), 0
    for token in significant(text):
        nesting.take(token)
        deepest = max(deepest, nesting.depth)
    return deepest
