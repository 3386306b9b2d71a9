"""Cells of a solution: a term as text, as a JSON value, or as a Python value."""

import json
import math
import re
from datetime import UTC, date, datetime
from typing import Final

from comity.graph.rdf.namespaces import PREFIXES
from comity.graph.rdf.terms import shorten
from comity.graph.store.solutions import Cell, Row

Value = str | int | float | bool | None
Native = Value | date | datetime

XSD: Final = PREFIXES["xsd"]
# xsd:integer and the types derived from it.
_WHOLE: Final = frozenset(
    XSD + name
    for name in (
        *("integer", "long", "int", "short", "byte", "nonNegativeInteger", "positiveInteger"),
        *("nonPositiveInteger", "negativeInteger"),
        *("unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    )
)
_BROKEN: Final = frozenset(XSD + name for name in ("decimal", "double", "float"))
_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}
_MOMENT: Final = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,6})?(Z|[+-]\d\d:\d\d)?", re.ASCII
)
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def is_iri(cell: Cell) -> bool:
    """True if a term is an IRI."""
    return bool(cell["type"] == "uri")


def text(cell: Cell) -> str:
    """Convert a term to text: an IRI, or the lexical form of a literal."""
    value = cell["value"]
    if cell["type"] == "bnode":
        return f"_:{value}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def short(cell: Cell) -> str:
    """Shorten a term for a terminal: IRIs to prefixed names, blank nodes to their labels."""
    if is_iri(cell):
        return shorten(cell["value"])
    return text(cell).removeprefix("_:") if cell["type"] == "bnode" else text(cell)


def texts(row: Row) -> dict[str, str]:
    """Return the terms of a row as text."""
    return {name: text(cell) for name, cell in row.items()}


def typed(cell: Cell) -> Value:
    """Convert a term to a JSON value: numbers and booleans as such, the rest as text."""
    value, datatype = text(cell), cell.get("datatype")
    if datatype in _WHOLE and value.lstrip("+-").isdecimal() and len(value) < 300:
        return int(value)
    if datatype in _BROKEN:
        return _float(value)
    if datatype == XSD + "boolean":
        return _TRUTH.get(value, value)
    return value


def native(cell: Cell) -> Native:
    """Convert a term to a Python value: like `typed`, with datetimes (UTC if zoned) and dates."""
    value, datatype = text(cell), cell.get("datatype")
    try:
        if datatype == XSD + "dateTime" and _MOMENT.fullmatch(value):
            moment = datetime.fromisoformat(value)
            return moment if moment.tzinfo is None else moment.astimezone(UTC)
        if datatype == XSD + "date" and _DAY.fullmatch(value):
            return date.fromisoformat(value)
    except (ValueError, OverflowError):  # invalid, 24:00:00, or beyond Python's years
        return value
    return typed(cell)


def _float(value: str) -> Value:
    try:
        number = float(value)
    except ValueError:
        return value
    return number if math.isfinite(number) else value  # JSON has no NaN
