"""Calls to other servers, by SERVICE and LOAD, found in the tokens of a text.

A text is checked in both readings of its escapes (see `comity.graph.sparql.tokens`).
"""

import re
from typing import Final

from comity.graph.sparql.tokens import TokenKind, decode_escapes, significant


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
