"""The formats of a table for people and their tools: labels beside IRIs, numbers as numbers."""

import csv
import io
import json
import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from comity.graph.arguments import plain
from comity.graph.canned import CannedQuery
from comity.graph.errors import NotAcceptable
from comity.graph.namespaces import PREFIXES
from comity.graph.solutions import Cell, write
from comity.graph.store import ResultFormat
from comity.service.canned_answers import Answered
from comity.service.media import HTML, negotiate

Value = str | int | float | bool | None

# By suffix, in the order of preference where a client takes anything.
TYPES: Final[Mapping[str, str]] = {
    "json": "application/json",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "ndjson": "application/x-ndjson",
    "srj": ResultFormat.JSON.media_type,
    "srx": ResultFormat.XML.media_type,
    "html": HTML,
}
W3C: Final = frozenset(("srj", "srx"))
LABEL: Final = "_label"

_XSD: Final = PREFIXES["xsd"]
# The types that XML Schema derives from xsd:integer, and itself.
_WHOLE: Final = frozenset(
    _XSD + name
    for name in (
        *("integer", "long", "int", "short", "byte", "nonNegativeInteger", "positiveInteger"),
        *("nonPositiveInteger", "negativeInteger"),
        *("unsignedLong", "unsignedInt", "unsignedShort", "unsignedByte"),
    )
)
_BROKEN: Final = frozenset(_XSD + name for name in ("decimal", "double", "float"))
_TRUTH: Final = {"true": True, "1": True, "false": False, "0": False}


def choose_suffix(
    accept: str | None, suffix: str | None, types: Mapping[str, str], further: Iterable[str] = ()
) -> str:
    """The format to answer in, by suffix or Accept.

    Raises NotAcceptable with the list of what there is, and of `further` suffixes.
    """
    if not suffix:
        accepted = negotiate(accept, list(types.values()))
        suffix = next((name for name, type in types.items() if type == accepted), "")
    if suffix not in types:
        listed = ", ".join([*(f"{name} ({type})" for name, type in types.items()), *further])
        raise NotAcceptable("None of the formats asked for can be made", hint=f"There are {listed}")
    return suffix


def encode(answered: Answered, suffix: str, document: Mapping[str, Any]) -> bytes:
    """Write an answer as the format of a suffix; `document` has the members of JSON beside rows."""
    if suffix == "srj":
        return write(answered.solutions, ResultFormat.JSON)
    if suffix == "srx":
        return write(answered.solutions, ResultFormat.XML)
    if suffix in ("csv", "tsv"):
        return _separated(answered, "," if suffix == "csv" else "\t")
    columns = columns_of(answered)
    rows = (dict(zip(columns, row, strict=True)) for row in _rows(answered, columns, typed))
    if suffix == "ndjson":
        return b"".join(to_json(row) + b"\n" for row in rows)
    return to_json({"columns": columns, "rows": list(rows), **document})


def columns_of(answered: Answered) -> list[str]:
    """The columns, a column of labels after each that has IRIs here or in the expected answer."""
    if answered.solutions.boolean is not None:
        return ["answer"]
    names = answered.solutions.columns
    with_iris = expected_iris(answered.query) | {
        name for row in answered.solutions.rows for name, cell in row.items() if _is_iri(cell)
    }
    found: list[str] = []
    for name in names:
        found.append(name)
        if name in with_iris and name + LABEL not in names:
            found.append(name + LABEL)
    return found


def expected_iris(query: CannedQuery) -> set[str]:
    """The columns that have IRIs in the answer that the query's file expects."""
    names = query.answer_columns or query.columns
    return {
        name
        for row in query.answers
        for name, cell in zip(names, row, strict=False)
        if is_short(cell)
    }


def is_short(cell: str) -> bool:
    """Whether a cell of an expected answer is an IRI: id:iran, comity:opposed, #f39.1."""
    return cell.startswith(("id:", "comity:", "source:", "#", "graph:"))


def typed(cell: Cell) -> Value:
    """A term as JSON has it: numbers and booleans as such, all else as text."""
    value, datatype = text(cell), cell.get("datatype")
    if datatype in _WHOLE and value.lstrip("+-").isdecimal() and len(value) < 300:
        return int(value)
    if datatype in _BROKEN:
        return _float(value)
    if datatype == _XSD + "boolean":
        return _TRUTH.get(value, value)
    return value


def text(cell: Cell) -> str:
    """A term as text: an IRI, or the lexical form of a literal."""
    value = cell["value"]
    if cell["type"] == "bnode":
        return f"_:{value}"
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def parameters_of(answered: Answered) -> list[dict[str, Value]]:
    """The parameters as they were understood, with labels."""
    found: list[dict[str, Value]] = []
    for parameter in answered.query.parameters:
        term = answered.terms[parameter.name]
        value = None if term is None else term.value
        label = answered.labels.get(value or "")
        found.append({"name": parameter.name, "value": value, "label": label, "as": plain(term)})
    return found


def _separated(answered: Answered, delimiter: str) -> bytes:
    """RFC 4180: CRLF, quotation marks where they are needed; with tabs alike, as readers take it."""
    columns, out = columns_of(answered), io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(_rows(answered, columns, text))
    return out.getvalue().encode()


def _rows(
    answered: Answered, columns: Sequence[str], value: Callable[[Cell], Value]
) -> Iterator[list[Value]]:
    if answered.solutions.boolean is not None:
        truth = answered.solutions.boolean
        yield [
            value({"type": "literal", "value": str(truth).lower(), "datatype": _XSD + "boolean"})
        ]
        return
    own = set(answered.solutions.columns)
    for row in answered.solutions.rows:
        yield list(_values(row, columns, own, answered.labels, value))


def _values(
    row: Mapping[str, Cell],
    columns: Iterable[str],
    own: set[str],
    labels: Mapping[str, str],
    value: Callable[[Cell], Value],
) -> Iterator[Value]:
    for column in columns:
        cell = row.get(column if column in own else column.removesuffix(LABEL))
        if cell is None:
            yield None
        elif column in own:
            yield value(cell)
        else:
            yield labels.get(cell["value"]) if _is_iri(cell) else None


def _is_iri(cell: Cell) -> bool:
    return bool(cell["type"] == "uri")


def _float(value: str) -> Value:
    try:
        number = float(value)
    except ValueError:
        return value
    return number if math.isfinite(number) else value  # JSON has no NaN


def to_json(document: object) -> bytes:
    """JSON as UTF-8 has it, on one line."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
