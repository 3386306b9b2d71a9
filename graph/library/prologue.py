"""The PREFIX lines that a query may leave out: those of Comity's own prefixes."""

import pyoxigraph

from comity.graph.errors import QuerySyntaxError, TextPosition
from comity.graph.rdf.namespaces import PREFIXES
from comity.graph.sparql.syntax import check, explain
from comity.graph.sparql.tokens import undeclared_prefixes


def with_prefixes(text: str) -> str:
    """Declare what the text uses and does not declare, on one line above it."""
    missing = [prefix for prefix in undeclared_prefixes(text) if prefix in PREFIXES]
    if not missing:
        return text
    return " ".join(f"PREFIX {prefix}: <{PREFIXES[prefix]}>" for prefix in missing) + "\n" + text


def moved_up(error: QuerySyntaxError) -> QuerySyntaxError:
    """An error in a text with a line above it, as one in the text itself."""
    if error.place is None:
        return error
    line = error.place.line - 1
    message = str(error).replace(f"line {line + 1},", f"line {line},", 1)
    place = TextPosition(line, error.place.column)
    return QuerySyntaxError(message, place=place, hint=error.hint)


def require_valid(text: str) -> None:
    """Raise QuerySyntaxError for what is no SPARQL query, NotAllowed for one that reaches out."""
    check(text)
    try:
        pyoxigraph.Store().query(text)
    except SyntaxError as error:
        raise explain(text, error) from None
