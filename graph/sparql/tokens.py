"""Tokens of SPARQL 1.1 and 1.2, for checks on a text before it is parsed.

Every function takes any text, in time linear in its length, and never raises: what is not a token
of SPARQL becomes a token of kind BAD. Keywords are found where the *engine* would find them. That
differs from the grammar in two ways, both measured on pyoxigraph 0.5.13: a keyword needs no space
before what follows it (`SERVICE:x`), and codepoint escapes outside of strings and IRIs are an error
(SPARQL 1.2) instead of being decoded first (SPARQL 1.1 §19.2). `reaches_out` checks both readings
of a text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
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
        elif text in _OPEN:
            if levels[-1] is _CLAUSE:
                levels[-1] = _GROUP
            levels.append(_GROUP)
        elif text in _CLOSE and len(levels) > 1:
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


def has_dataset_clause(text: str) -> bool:
    """True if the query has a FROM or FROM NAMED."""
    decoded = decode_escapes(text)
    return "FROM" in decoded.upper() and any(
        token.kind is TokenKind.WORD and token.text.upper().startswith("FROM")
        for token in significant(decoded)
    )


def reaches_out(text: str) -> bool:
    """True if the text calls SERVICE or LOAD, in either reading of its escapes."""
    decoded = decode_escapes(text)
    return _calls_out(text) or (decoded != text and _calls_out(decoded))


def called_services(text: str) -> frozenset[str] | None:
    """Return the addresses called by `SERVICE <address>`, None if the text calls in other ways.

    Strict: a variable, a prefixed name, an escape or LOAD gives None, since then nothing is
    certain.
    """
    if decode_escapes(text) != text:
        return None
    found: set[str] = set()
    plain: list[str] = []
    before = ""
    for token in significant(text):
        called = before == "SERVICE" or before == "SILENT"
        if called and token.kind is TokenKind.IRI and not _HIDDEN_IN_IRI.search(token.text):
            found.add(token.text[1:-1])
            before = ""
            continue
        word = token.text.upper() if token.kind is TokenKind.WORD else ""
        if called and (before == "SILENT" or word != "SILENT"):
            return None
        before = word if word in ("SERVICE", "SILENT") else ""
        plain.append("" if word == "SERVICE" else token.text)
    return None if before or _calls_out(" ".join(plain)) else frozenset(found)


# Words that the grammar allows before an IRI that is followed by a brace.
_BEFORE_GRAPH_NAME: Final = frozenset(("GRAPH", "FROM", "NAMED"))
# By the grammar `1<2)SERVICE#>` contains an IRI; the engine sees a comparison.
_HIDDEN_IN_IRI: Final = re.compile(r"\).*(?:SERVICE|LOAD|SILENT)#", re.IGNORECASE)


def _calls_out(text: str) -> bool:
    upper = text.upper()
    if not any(word in upper for word in ("SERVICE", "LOAD", "SILENT")):
        return False  # before tokenising, which takes longer than a small query
    before, last = "", ""
    for token in significant(text):
        if token.kind is TokenKind.WORD and _has_call(token.text):
            return True
        if token.kind is TokenKind.IRI and _HIDDEN_IN_IRI.search(token.text):
            return True
        if token.text == "{" and _has_call(last) and before.upper() not in _BEFORE_GRAPH_NAME:
            return True
        before, last = (
            last,
            token.text.partition(":")[0] if token.kind is TokenKind.PREFIXED else "",
        )
        if token.kind is TokenKind.WORD:
            last = token.text
    return False


def _has_call(word: str) -> bool:
    upper = word.upper()
    return "SERVICE" in upper or "LOAD" in upper


def undeclared_prefixes(text: str) -> list[str]:
    """List the prefixes used without a PREFIX line, in order of first use."""
    declared, used = _prefixes(text)
    return [prefix for prefix in used if prefix not in declared]


def declared_prefixes(text: str) -> dict[str, str]:
    """Map each declared prefix to its IRI."""
    return _prefixes(text)[0]


def first_use(text: str, prefix: str) -> int | None:
    """Find the offset of the first use of a prefix, None if it is not used."""
    return _prefixes(text)[1].get(prefix)


def _prefixes(text: str) -> tuple[dict[str, str], dict[str, int]]:
    declared: dict[str, str] = {}
    used: dict[str, int] = {}
    pending: str | None = None
    last = ""
    for token in significant(text):
        if token.kind is TokenKind.PREFIXED:
            prefix = token.text.partition(":")[0]
            if last == "PREFIX" and token.text.endswith(":"):
                pending = prefix
            else:
                used.setdefault(prefix, token.start)
        elif token.kind is TokenKind.IRI and pending is not None:
            declared[pending] = token.text[1:-1]
            pending = None
        last = token.text.upper() if token.kind is TokenKind.WORD else ""
    return declared, used


_OPEN: Final = frozenset(("{", "(", "[", "<<", "<<(", "{|"))
_CLOSE: Final = frozenset(("}", ")", "]", ">>", ")>>", "|}"))
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
        elif text in _OPEN:
            self._open(text, level)
        elif text in _CLOSE:
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
