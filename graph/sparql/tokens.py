"""Tokens of SPARQL 1.1 and 1.2, for checks on a text before it is parsed.

Every function takes any text, in time linear in its length, and never raises: what is not a token
of SPARQL becomes a token of kind BAD. Keywords are found where the *engine* would find them. That
differs from the grammar in two ways, both measured on pyoxigraph 0.5.13: a keyword needs no space
before what follows it (`SERVICE:x`), and codepoint escapes outside of strings and IRIs are an error
(SPARQL 1.2) instead of being decoded first (SPARQL 1.1 §19.2).
"""

import re
from collections.abc import Iterator
from enum import Enum
from functools import lru_cache
from typing import Final, NamedTuple


class TokenKind(Enum):
    """Kind of a token; a WORD is a keyword, a function's name, `a`, `true` or `false`."""

    SPACE = "space"
    COMMENT = "comment"
    IRI = "IRI"
    STRING = "string"
    LANGUAGE = "language tag"
    BLANK = "blank node"
    VARIABLE = "variable"
    PREFIXED = "prefixed name"
    WORD = "word"
    NUMBER = "number"
    PUNCTUATION = "punctuation"
    BAD = "bad"


# Brackets that open and close, those of triple terms and annotations (SPARQL 1.2) included.
OPENING: Final = frozenset(("{", "(", "[", "<<", "<<(", "{|"))
CLOSING: Final = frozenset(("}", ")", "]", ">>", ")>>", "|}"))

_SHORT: Final = 10_000  # characters: tokens of shorter texts are cached

TERMS: Final = frozenset(
    (
        TokenKind.IRI,
        TokenKind.PREFIXED,
        TokenKind.VARIABLE,
        TokenKind.BLANK,
        TokenKind.STRING,
        TokenKind.NUMBER,
    )
)


class Token(NamedTuple):
    """A piece of the text; `start` is its offset in code points."""

    kind: TokenKind
    text: str
    start: int


# SPARQL 1.1 §19.8, terminals [164] to [172], as contents of character classes.
_BASE = (
    "A-Za-z\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u02ff\u0370-\u037d\u037f-\u1fff\u200c-\u200d"
    "\u2070-\u218f\u2c00-\u2fef\u3001-\ud7ff\uf900-\ufdcf\ufdf0-\ufffd\U00010000-\U000effff"
)
_VARIABLE = _BASE + "_0-9\u00b7\u0300-\u036f\u203f-\u2040"
_NAME = _VARIABLE + "-"
_LOCAL = rf"(?:[{_NAME}:]|%[0-9A-Fa-f]{{2}}|\\[_~.\-!$&'()*+,;=/?#@%])"

# `run` is a prefix, or words with dots between them: only what follows decides. Taking it whole
# keeps `a.a.a.a` linear.
_TOKEN: Final = re.compile(
    rf"""
      (?P<space>[ \t\r\n]+)
    | (?P<comment>\#[^\r\n]*)
    | (?P<iri><[^<>"{{}}|^`\\\x00-\x20]*
              (?:(?:\\u[0-9A-Fa-f]{{4}}|\\U[0-9A-Fa-f]{{8}})[^<>"{{}}|^`\\\x00-\x20]*)*>)
    | (?P<string>\"\"\"(?:[^"\\]|\\.|""?(?!"))*+\"\"\" | '''(?:[^'\\]|\\.|''?(?!'))*+'''
                |"(?:[^"\\\r\n]|\\[^\r\n])*+" | '(?:[^'\\\r\n]|\\[^\r\n])*+')
    | (?P<language>@[A-Za-z]+(?:-[A-Za-z0-9]+)*(?:--(?:ltr|rtl))?)
    | (?P<blank>_:[{_BASE}_0-9](?:[{_NAME}.]*[{_NAME}])?)
    | (?P<variable>[?$][{_BASE}_0-9][{_VARIABLE}]*)
    | (?P<run>[{_BASE}][{_NAME}.]*|(?=:))
    | (?P<number>[0-9]+(?:\.[0-9]+)?(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?)
    | (?P<punctuation><<\(|\)>>|<<|>>|\{{\||\|\}}|&&|\|\||\^\^|[!<>]=|[{{}}()\[\].,;=<>!+\-*/|^?~])
    | (?P<bad>.)
    """,
    re.VERBOSE | re.DOTALL,
)
_LOCAL_NAME: Final = re.compile(rf":(?:[{_NAME}:0-9]|{_LOCAL})?(?:\.*{_LOCAL})*")
_WORDS: Final = re.compile(r"\.|[^.]+")
_ESCAPE: Final = re.compile(r"\\u([0-9A-Fa-f]{4})|\\U([0-9A-Fa-f]{8})")
_KINDS: Final = {
    "space": TokenKind.SPACE,
    "comment": TokenKind.COMMENT,
    "iri": TokenKind.IRI,
    "string": TokenKind.STRING,
    "language": TokenKind.LANGUAGE,
    "blank": TokenKind.BLANK,
    "variable": TokenKind.VARIABLE,
    "number": TokenKind.NUMBER,
    "punctuation": TokenKind.PUNCTUATION,
    "bad": TokenKind.BAD,
}


def decode_escapes(text: str) -> str:
    """Decode codepoint escapes (SPARQL 1.1 §19.2); invalid ones are left as they are."""
    return _ESCAPE.sub(_decode, text) if "\\" in text else text


def _decode(match: re.Match[str]) -> str:
    code = int(match[1] or match[2], 16)
    return match[0] if code > 0x10FFFF or 0xD800 <= code <= 0xDFFF else chr(code)


def tokens(text: str) -> Iterator[Token]:
    """Yield the tokens of a text without gaps: joined, they are the text again."""
    at = 0
    surroundings = _Context()
    while match := _TOKEN.match(text, at):
        for token in _tokens_of(text, match, surroundings):
            surroundings.take(token)
            at = token.start + len(token.text)
            yield token


def _tokens_of(text: str, match: re.Match[str], surroundings: "_Context") -> Iterator[Token]:
    group = match.lastgroup or "bad"
    if group == "run":
        name = _prefixed_name(text, match)
        if name is None:
            yield from _words(match)
        else:
            yield name
    elif group == "iri" and surroundings.is_comparison:
        operator = "<=" if match[0].startswith("<=") else "<"
        yield Token(TokenKind.PUNCTUATION, operator, match.start())
    else:
        yield Token(_KINDS[group], match[0], match.start())


def _prefixed_name(text: str, run: re.Match[str]) -> Token | None:
    if run[0].endswith("."):
        return None
    local = _LOCAL_NAME.match(text, run.end())
    return local and Token(TokenKind.PREFIXED, run[0] + local[0], run.start())


def _words(run: re.Match[str]) -> Iterator[Token]:
    for word in _WORDS.finditer(run[0]):
        kind = TokenKind.PUNCTUATION if word[0] == "." else TokenKind.WORD
        yield Token(kind, word[0], run.start() + word.start())


_OPERANDS: Final = TERMS | {TokenKind.LANGUAGE}
_ENDS: Final = frozenset((")", "}", "]", ">>", ")>>"))
_GROUP, _CLAUSE, _EXPRESSION = range(3)


class _Context:
    """Context of the next token, as far as needed to tell a comparison from an IRI.

    In `FILTER(1<'>')` the engine sees a number compared with a string; by the grammar `<'>` is an
    IRI, and what follows is the inside of another string. An IRI never follows an operand in an
    expression, and a comparison occurs nowhere else. So each open bracket is recorded as an
    expression, as a group or list of terms, or as a clause whose brackets hold expressions (SELECT,
    GROUP BY, HAVING, ORDER BY).
    """

    def __init__(self) -> None:
        self._levels = [_GROUP]
        self._last = Token(TokenKind.SPACE, "", 0)
        self._calls = False  # the last token names a function after FILTER

    @property
    def is_comparison(self) -> bool:
        if self._levels[-1] is not _EXPRESSION:
            return False
        kind, text, _ = self._last
        if kind is TokenKind.WORD:
            return text.upper().endswith(("TRUE", "FALSE"))
        return kind in _OPERANDS or text in _ENDS

    def take(self, token: Token) -> None:
        kind, text, _ = token
        if kind is TokenKind.SPACE or kind is TokenKind.COMMENT:
            return
        calls = False
        if kind is TokenKind.PUNCTUATION:
            self._bracket(text)
        elif kind is TokenKind.WORD:
            word = text.upper()
            if self._levels[-1] is _GROUP and (
                word.startswith(("SELECT", "HAVING")) or word.endswith("BY")
            ):
                self._levels[-1] = _CLAUSE
            elif self._levels[-1] is _CLAUSE and word in _AFTER_CLAUSES:
                self._levels[-1] = _GROUP
        elif kind is TokenKind.IRI:
            calls = self._last.kind is TokenKind.WORD and "FILTER" in self._last.text.upper()
        elif kind is TokenKind.PREFIXED:
            last = self._last.text if self._last.kind is TokenKind.WORD else ""
            calls = "FILTER" in (last + text.partition(":")[0]).upper()  # FILTERex:f is two
        self._calls = calls
        self._last = token

    def _bracket(self, text: str) -> None:
        levels = self._levels
        if text == "(":
            levels.append(_EXPRESSION if self._holds_expression else _GROUP)
        elif text in OPENING:
            if levels[-1] is _CLAUSE:
                levels[-1] = _GROUP
            levels.append(_GROUP)
        elif text in CLOSING and len(levels) > 1:
            levels.pop()

    @property
    def _holds_expression(self) -> bool:
        if self._levels[-1] is not _GROUP or self._calls:
            return True
        # `a (…)` is a list of terms; no word before an expression ends in "a".
        return self._last.kind is TokenKind.WORD and not self._last.text.endswith("a")


_AFTER_CLAUSES: Final = frozenset(("FROM", "WHERE", "LIMIT", "OFFSET", "VALUES"))


def significant(text: str) -> Iterator[Token]:
    """Yield the tokens that are neither white space nor comments."""
    if len(text) <= _SHORT:  # several checks in a row ask for them
        return iter(_significant_of_short(text))
    return _significant(text)


@lru_cache(maxsize=8)
def _significant_of_short(text: str) -> tuple[Token, ...]:
    return tuple(_significant(text))


def _significant(text: str) -> Iterator[Token]:
    return (t for t in tokens(text) if t.kind not in (TokenKind.SPACE, TokenKind.COMMENT))
