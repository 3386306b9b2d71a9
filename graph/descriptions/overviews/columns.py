"""Columns of overviews as tables: dates, and columns added to a query's answer."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Final

from comity.graph.descriptions.overviews.corrections import verdicts_on
from comity.graph.descriptions.overviews.lookup import Lookup
from comity.graph.descriptions.overviews.statements import add_further, statements
from comity.graph.store.cells import texts
from comity.graph.store.solutions import Row, Solutions

_DATES: Final = ("earliest", "start", "latest", "end")
_POSITIONS: Final = ("actor", "issue", "record", "words")


def count_undated(rows: Iterable[Row]) -> int:
    """Count the records in some rows that have no date."""
    dateless = (row for row in rows if not any(name in row for name in _DATES))
    return len({row["record"]["value"] for row in dateless})


async def with_partners(
    lookup: Lookup, found: Solutions, labels: Mapping[str, str], *, in_order: bool
) -> Solutions:
    """Add the verdict on each position, and its joint holders; `in_order` sorts the rows."""
    told = statements(map(texts, found.rows), labels)
    await add_further(lookup, told)
    together: dict[str, set[str]] = {}
    for each in told:
        if each.partners:
            holder = labels.get(each.holder, each.holder)
            together.setdefault(each.record.iri or "", set()).update(each.partners, {holder})
    names = {record: "; ".join(sorted(of)) for record, of in together.items()}
    wrong = {each.record.iri or "": each.verdict for each in told if each.verdict}
    if in_order:
        found = replace(found, rows=sorted(found.rows, key=_place))
    return _with(_with(found, "record", "verdict", wrong), "joint", "jointHolders", names)


async def with_verdicts(lookup: Lookup, found: Solutions, *, in_order: bool) -> Solutions:
    """Add the verdict on each record; `in_order` sorts the rows by time."""
    wrong = await verdicts_on(lookup, (row["record"]["value"] for row in found.rows))
    if in_order:
        found = replace(found, rows=sorted(found.rows, key=_time))
    return _with(found, "record", "verdict", wrong)


def _with(found: Solutions, after: str, name: str, values: Mapping[str, str]) -> Solutions:
    """Add a column with the value for each row's record, if any."""
    columns = list(found.columns)
    columns.insert(columns.index(after) + 1, name)
    return replace(found, columns=columns, rows=[_added(row, name, values) for row in found.rows])


def _added(row: Row, name: str, values: Mapping[str, str]) -> Row:
    value = values.get(row["record"]["value"])
    return row if value is None else {**row, name: {"type": "literal", "value": value}}


def _place(row: Row) -> list[str]:
    return [row[name]["value"] if name in row else "" for name in _POSITIONS]


def _time(row: Row) -> tuple[bool, str, str]:
    """Sort by date first; dates in one form in UTC sort as text."""
    found = next((name for name in _DATES if name in row), None)
    return found is None, row[found]["value"] if found else "", row["record"]["value"]
