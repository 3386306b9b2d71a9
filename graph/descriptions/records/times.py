"""Times of records and propositions in words, with their own precision."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import pyoxigraph as ox

from comity.graph.descriptions.dates import day, moment
from comity.graph.descriptions.description import Description
from comity.graph.rdf.namespaces import COMITY
from comity.graph.rdf.terms import in_words

_TIMES: Final = (("earliest", "latest"), ("start", "end"))
_CONTENT_TIMES: Final = (("contentEarliest", "contentLatest"),)


def time_of_record(described: Description, record: ox.NamedNode) -> str:
    """Return the time of a record in words; "" if it has none."""
    return _time(described, record, _TIMES, "precision")


def time_of_content(described: Description, content: ox.NamedNode) -> str:
    """Return the time of a proposition in words; "" if it has none."""
    return _time(described, content, _CONTENT_TIMES, "contentPrecision")


def _time(
    described: Description, node: ox.NamedNode, bounds: Sequence[tuple[str, str]], precise: str
) -> str:
    precision = next(iter(described.values(node, precise)), None)
    exact = precision.value.removeprefix(COMITY) if isinstance(precision, ox.NamedNode) else ""
    for first, last in bounds:
        begun, ended = (moment(described.text(node, name)) for name in (first, last))
        if begun or ended:
            return _interval(begun, ended, exact, open=first == "start")
    return ""


def _interval(begun: datetime | None, ended: datetime | None, precision: str, *, open: bool) -> str:
    if begun and ended and not open:
        if begun.date() == ended.date():
            return day(begun)
        if precision == "month" and (begun.year, begun.month) == (ended.year, ended.month):
            return f"{begun:%B} {begun.year}"
        if precision == "year" and begun.year == ended.year:
            return str(begun.year)
    first = f"from {day(begun)}" if begun else ""
    last = f"until {day(ended)}" if ended else ""
    exact = f"({in_words(precision)})" if precision not in ("", "day") else ""
    return " ".join(filter(None, (first, last, exact)))
