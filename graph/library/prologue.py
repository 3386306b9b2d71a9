"""PREFIX lines that a query may omit: those of Comity's own prefixes."""

import pyoxigraph

from comity.graph.errors import QuerySyntaxError, TextPosition
from comity.graph.rdf.namespaces import PREFIXES
from comity.graph.sparql.prefixes import undeclared_prefixes
from comity.graph.sparql.syntax import check, explain


def with_prefixes(text: str) -> str:
    """Declare the prefixes that the text uses without declaring them, on one line above it."""
    missing = [prefix for prefix in undeclared_prefixes(text) if prefix in PREFIXES]
    if not missing:
        return text
    return " ".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>" for prefix in missing) + "\n" + text


def moved_up(error: QuerySyntaxError) -> QuerySyntaxError:
    """Shift the position of an error up by the added line."""
    if error.place is None:
        return error
    line = error.place.line - 1
    message = str(error).replace(f"line {line + 1},", f"line {line},", 1)
    place = TextPosition(line, error.place.column)
    return QuerySyntaxError(message, place=place, hint=error.hint)


def require_valid(text: str) -> None:
    """Raise QuerySyntaxError for invalid SPARQL, NotAllowed for a call to another server."""
    check(text)
    try:
        pyoxigraph.Store().query(text)
    except SyntaxError as error:
        raise explain(text, error) from None
