"""Columns that a line `#+ columns: record` of the front matter adds to a query.

What they are stands in `queries/columns/record.rq`, a query of its own. Its patterns are put at the
end of the query's WHERE, and its columns before the variable that it describes, so that the text
with them is a whole query again.
"""

import re
from functools import cache

from comity.graph.installed import queries_folder, query_file
from comity.graph.rdf.namespaces import PREFIXES
from comity.graph.sparql.prefixes import undeclared_prefixes
from comity.graph.sparql.tokens import CLOSING, OPENING, Token, TokenKind, significant


def add_columns(text: str, name: str) -> str:
    """Add the columns of `queries/columns/<name>.rq` to a SELECT that has the variable ?<name>.

    A column that the query has already keeps its place; a query that has them all stays as it is.
    Raises ValueError, which says what is wrong.
    """
    if not (queries_folder() / "columns" / f"{name}.rq").is_file() or "/" in name:
        raise ValueError(f"there are no columns {name}; columns of records are called record")
    parts = list(significant(text))
    select, where, end = _outline(parts)
    said = [token for token in parts[select:where] if token.kind is TokenKind.VARIABLE]
    before = next((token for token in said if token.text[1:] == name), None)
    if before is None or end is None:
        raise ValueError(f"columns: {name} are added to a SELECT with the variable ?{name}")
    columns, patterns = _added(name)
    has = {token.text[1:] for token in said}
    new = "".join(f"?{column} " for column in columns if column not in has)
    if not new:
        return text
    rest = re.sub(r"(?i)(\bGROUP\s+BY\s)", rf"\g<1>{new}", text[end.start :])
    # The last pattern of a group may stand without a full stop.
    stop = "" if parts[parts.index(end) - 1].text in (".", "{", "}") else ".\n"
    whole = f"{text[: before.start]}{new}{text[before.start : end.start]}{stop}{patterns}{rest}"
    missing = undeclared_prefixes(whole)
    first = parts[0].start
    lines = "".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>\n" for prefix in missing)
    return whole[:first] + lines + whole[first:]


def _outline(parts: list[Token]) -> tuple[int, int, Token | None]:
    """Return the places of the first SELECT and its bracket, and the bracket that closes that."""
    words = [token.text.upper() if token.kind is TokenKind.WORD else token.text for token in parts]
    if "SELECT" not in words or "{" not in words:
        return 0, 0, None
    select, where, depth = words.index("SELECT"), words.index("{"), 0
    for token in parts[where:]:
        depth += (token.text in OPENING) - (token.text in CLOSING)
        if depth == 0:
            return select, where, token
    return select, where, None


@cache
def _added(name: str) -> tuple[tuple[str, ...], str]:
    """Return the columns of `queries/columns/<name>.rq` and the lines of its WHERE."""
    text = query_file(f"columns/{name}")
    parts = list(significant(text))
    select, where, end = _outline(parts)
    assert end is not None
    said = [token.text[1:] for token in parts[select:where] if token.kind is TokenKind.VARIABLE]
    body = text[parts[where].start + 1 : end.start].lstrip("\n")
    return tuple(column for column in said if column != name), body
