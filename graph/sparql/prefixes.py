"""Prefixes that a text declares and uses."""

from comity.graph.sparql.tokens import TokenKind, significant


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
