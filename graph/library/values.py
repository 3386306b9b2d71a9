"""Conversion of RDF terms to Python values, and back."""

from collections.abc import Callable, Mapping
from datetime import UTC, date, datetime
from typing import Final

from pyoxigraph import BlankNode, Literal, NamedNode, Triple

from comity.graph.rdf.namespaces import PREFIXES

RdfTerm = NamedNode | BlankNode | Literal | Triple
Value = str | int | float | bool | date | datetime | None
Argument = str | int | bool | date | datetime | None

_XSD: Final = PREFIXES["xsd"]
_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}
_READ: Final[Mapping[str, Callable[[str], Value]]] = {
    # xsd:integer and the types derived from it.
    **dict.fromkeys(("integer", "long", "int", "short", "byte"), int),
    **dict.fromkeys(("nonNegativeInteger", "positiveInteger"), int),
    **dict.fromkeys(("nonPositiveInteger", "negativeInteger"), int),
    **dict.fromkeys(("unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"), int),
    **dict.fromkeys(("decimal", "double", "float"), float),
    "boolean": _TRUTH.__getitem__,
    "date": date.fromisoformat,
    "dateTime": datetime.fromisoformat,
}


def python_value(term: RdfTerm | None) -> Value:
    """Convert a term to a value; what Python can't represent, such as the year 2021, stays text."""
    if isinstance(term, NamedNode):
        return term.value
    if not isinstance(term, Literal):
        return None if term is None else str(term)
    datatype = term.datatype.value
    read = _READ.get(datatype.removeprefix(_XSD)) if datatype.startswith(_XSD) else None
    try:
        return read(term.value) if read else term.value
    except (KeyError, ValueError):  # ill-typed, or a date outside of Python's years
        return term.value


def as_written(value: Argument) -> str:
    """Write a value as for a parameter of the catalogue; a datetime without a zone is UTC."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, datetime):
        moment = value.replace(tzinfo=UTC) if value.tzinfo is None else value
        return moment.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, date) else str(value)
