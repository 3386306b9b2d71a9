"""The formats of a table for people and their tools: labels beside IRIs, numbers as numbers."""

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final, TypeVar

from comity.graph.catalogue.queries import CannedQuery
from comity.graph.catalogue.refinement import LABEL
from comity.graph.errors import NotAcceptable, ParameterError, quoted
from comity.graph.store.interface import ResultFormat
from comity.graph.store.solutions import Cell, write
from comity.service.http.media import HTML, negotiate
from comity.service.queries import parquet, workbook
from comity.service.queries.cells import XSD, is_iri, native, text, typed
from comity.service.queries.citation import CitationMetadata
from comity.service.queries.execution import CannedAnswer

T = TypeVar("T")

# By suffix, in the order of preference where a client takes anything.
TYPES: Final[Mapping[str, str]] = {
    "json": "application/json",
    "csv": "text/csv",
    "tsv": "text/tab-separated-values",
    "ndjson": "application/x-ndjson",
    "xlsx": "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    "parquet": "application/vnd.apache.parquet",
    "srj": ResultFormat.JSON.media_type,
    "srx": ResultFormat.XML.media_type,
    "html": HTML,
}
W3C: Final = frozenset(("srj", "srx"))
# What a program opens that a browser does not show.
FILES: Final = frozenset(("xlsx", "parquet"))
SEPARATED: Final[Mapping[str, str]] = {"csv": ",", "tsv": "\t"}
_MARK: Final = b"\xef\xbb\xbf"
_YES_NO: Final = {
    **dict.fromkeys(("", "0", "no", "false"), False),
    **dict.fromkeys(("1", "yes", "true"), True),
}


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


def read_bom(value: str, suffix: str) -> bool:
    """Whether a byte order mark is wanted, by which Excel knows UTF-8. Raises ParameterError."""
    wanted = _YES_NO.get(value.strip().lower())
    if wanted is None:
        raise ParameterError("bom", f"bom is {quoted(value)}", hint="It is 1 or 0")
    if wanted and suffix not in SEPARATED:
        raise ParameterError("bom", f"bom is not for {suffix}", hint="It is for csv and tsv")
    return wanted


def encode(
    answered: CannedAnswer, suffix: str, about: CitationMetadata, *, bom: bool = False
) -> bytes:
    """Write an answer as the format of a suffix; with `bom` a byte order mark before csv or tsv.

    Raises MissingProgram where a format needs what is not installed, NotAcceptable where it can't
    hold the answer.
    """
    if suffix == "srj":
        return write(answered.solutions, ResultFormat.JSON)
    if suffix == "srx":
        return write(answered.solutions, ResultFormat.XML)
    columns = columns_of(answered)
    if suffix in SEPARATED:
        return _MARK * bom + _separated(answered, columns, SEPARATED[suffix])
    if suffix == "xlsx":
        return workbook.write(columns, _rows(answered, columns, native), about.pairs())
    if suffix == "parquet":
        values = list(_rows(answered, columns, native))
        return parquet.write(columns, values, list(_rows(answered, columns, text)), about.pairs())
    rows = (dict(zip(columns, row, strict=True)) for row in _rows(answered, columns, typed))
    if suffix == "ndjson":
        return b"".join(to_json(row) + b"\n" for row in rows)
    return to_json({"columns": columns, "rows": list(rows), **about.document()})


def columns_of(answered: CannedAnswer) -> list[str]:
    """The columns, a column of labels after each that has IRIs here or in the expected answer."""
    if answered.solutions.boolean is not None:
        return ["answer"]
    names = answered.solutions.columns
    with_iris = expected_iris(answered.query) | {
        name for row in answered.solutions.rows for name, cell in row.items() if is_iri(cell)
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


def _separated(answered: CannedAnswer, columns: Sequence[str], delimiter: str) -> bytes:
    """RFC 4180: CRLF, quotation marks where they are needed; with tabs alike, as readers take it.

    Values are as they are, also those that a spreadsheet takes for formulas: it has `.xlsx`.
    """
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(columns)
    writer.writerows(_rows(answered, columns, text))
    return out.getvalue().encode()


def _rows(
    answered: CannedAnswer, columns: Sequence[str], value: Callable[[Cell], T]
) -> Iterator[list[T | str | None]]:
    if answered.solutions.boolean is not None:
        truth = str(answered.solutions.boolean).lower()
        yield [value({"type": "literal", "value": truth, "datatype": XSD + "boolean"})]
        return
    own = set(answered.solutions.columns)
    for row in answered.solutions.rows:
        yield list(_values(row, columns, own, answered.labels, value))


def _values(
    row: Mapping[str, Cell],
    columns: Iterable[str],
    own: set[str],
    labels: Mapping[str, str],
    value: Callable[[Cell], T],
) -> Iterator[T | str | None]:
    for column in columns:
        cell = row.get(column if column in own else column.removesuffix(LABEL))
        if cell is None:
            yield None
        elif column in own:
            yield value(cell)
        else:
            yield labels.get(cell["value"]) if is_iri(cell) else None


def to_json(document: Any) -> bytes:
    """JSON as UTF-8 has it, on one line."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
