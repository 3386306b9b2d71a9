"""Which queries may answer otherwise each time, though nothing has changed in the data."""

from collections.abc import Iterator
from typing import Final

from comity.graph.sparql.tokens import Token, TokenKind, decode_escapes, reaches_out, significant

# SPARQL 1.1 §17.4.2.9, §17.4.2.12, §17.4.2.13, §17.4.4.5, §17.4.5.1. A keyword may be glued to what
# stands beside it, so these are looked for within words, too: STRUUID has UUID in it.
_WORDS: Final = ("NOW", "RAND", "UUID", "BNODE")
# In a template these make blank nodes, whose labels are others each time.
_ANONYMOUS: Final = frozenset(("[", "(", "<<", "{|", "~"))
_LONGEST: Final = 20_000  # characters whose tokens are looked at: others wait for it meanwhile


def is_volatile(text: str) -> bool:
    """Tell whether a query asked twice of the same data may give other bytes.

    In either reading of its escapes (see `comity.graph.sparql.tokens`). What only looks like one of the
    functions makes the answer yes: that costs time, never truth. So does one of their names anywhere
    in a long text, whose tokens would take seconds.
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
    # Most queries have none of these words anywhere, and need no tokens to tell.
    if not builds and not any(word in upper for word in _WORDS):
        return False
    found = list(significant(text))
    return any(map(_calls, found)) or (builds and _makes_nodes(iter(found)))


def _calls(token: Token) -> bool:
    upper = token.text.upper()
    if token.kind is TokenKind.WORD:
        return any(word in upper for word in _WORDS)
    # `1<2&&NOW()>` has an IRI in it to the letter of the grammar, and a call for the engine.
    return token.kind is TokenKind.IRI and any(f"{word}(" in upper for word in _WORDS)


def _makes_nodes(found: Iterator[Token]) -> bool:
    """Whether the template of a CONSTRUCT has blank nodes."""
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
