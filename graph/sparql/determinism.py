"""Queries whose answer may differ each time although the data have not changed."""

from collections.abc import Iterator
from typing import Final

from comity.graph.sparql.federation import reaches_out
from comity.graph.sparql.tokens import Token, TokenKind, decode_escapes, significant

# SPARQL 1.1 §17.4.2.9, §17.4.2.12, §17.4.2.13, §17.4.4.5, §17.4.5.1. The engine accepts a keyword
# without a space beside it, so these are searched for inside of words too: STRUUID contains UUID.
_WORDS: Final = ("NOW", "RAND", "UUID", "BNODE")
# In a template these create blank nodes, whose labels differ each time.
_ANONYMOUS: Final = frozenset(("[", "(", "<<", "{|", "~"))
_LONGEST: Final = 20_000  # characters: longer texts are not tokenised, since that blocks others


def is_volatile(text: str) -> bool:
    """True if a query may give different bytes when run twice on the same data.

    Considers both readings of its escapes (see `comity.graph.sparql.tokens`). Anything that looks
    like one of the functions counts, and so does one of their names anywhere in a long text, whose
    tokens would take seconds. A false positive costs a cached answer, never a correct one.
    """
    if len(text) > _LONGEST:
        upper = decode_escapes(text).upper()
        return any(word in upper for word in (*_WORDS, "CONSTRUCT", "SERVICE", "LOAD", "SILENT"))
    return reaches_out(text) or any(
        _is_volatile(reading) for reading in {text, decode_escapes(text)}
    )


def _is_volatile(text: str) -> bool:
    upper = text.upper()
    builds = "CONSTRUCT" in upper
    # Most queries contain none of these words, so they need no tokens.
    if not builds and not any(word in upper for word in _WORDS):
        return False
    found = list(significant(text))
    return any(map(_calls, found)) or (builds and _makes_nodes(iter(found)))


def _calls(token: Token) -> bool:
    upper = token.text.upper()
    if token.kind is TokenKind.WORD:
        return any(word in upper for word in _WORDS)
    # By the grammar `1<2&&NOW()>` contains an IRI; the engine sees a function call.
    return token.kind is TokenKind.IRI and any(f"{word}(" in upper for word in _WORDS)


def _makes_nodes(found: Iterator[Token]) -> bool:
    """True if the template of a CONSTRUCT has blank nodes."""
    for token in found:
        if token.kind in (TokenKind.WORD, TokenKind.PREFIXED) and "CONSTRUCT" in token.text.upper():
            break
    depth = 0
    for token in found:
        if depth and (token.kind is TokenKind.BLANK or token.text in _ANONYMOUS):
            return True
        depth += (token.text == "{") - (token.text == "}")
        if token.text == "}" and not depth:
            return False
    return False
