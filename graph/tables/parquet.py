"""Apache Parquet, if pyarrow is installed: `pip install comity[parquet]`."""

import io
from collections.abc import Sequence
from datetime import date, datetime
from importlib.util import find_spec
from typing import Any

from comity.graph.errors import MissingProgram
from comity.graph.store.cells import Native, native, text
from comity.graph.tables.columns import Table

_LONG = 2**63


def is_installed() -> bool:
    """True if pyarrow is installed."""
    return find_spec("pyarrow") is not None


def write(table: Table) -> bytes:
    """Write a table with typed columns: the type of the values, or text if they differ.

    The table's metadata become those of the file, with names that begin with `comity.`. Raises
    MissingProgram.
    """
    if not is_installed():
        raise MissingProgram(
            "Parquet needs pyarrow, which is not installed on the server",
            hint="pip install comity[parquet]; or use csv, ndjson or xlsx",
        )
    import pyarrow
    from pyarrow import parquet

    rows, texts = list(table.rows(native)), list(table.rows(text))
    arrays = []
    for place in range(len(table.columns)):
        type = _type([row[place] for row in rows])
        values = rows if type is not None else texts
        arrays.append(pyarrow.array([row[place] for row in values], type=type or pyarrow.string()))
    metadata = {f"comity.{name.replace(' ', '-')}": value for name, value in table.metadata.items()}
    schema = pyarrow.schema(
        [(name, array.type) for name, array in zip(table.columns, arrays, strict=True)],
        metadata=metadata,
    )
    out = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_arrays(arrays, schema=schema), out)
    return out.getvalue()


def _type(values: Sequence[Native]) -> Any:
    """Return the common type of the values, None for text."""
    import pyarrow

    kinds = {_kind(value) for value in values if value is not None}
    if kinds == {"whole", "broken"}:
        kinds = {"broken"}
    types = {
        "whole": pyarrow.int64(),
        "broken": pyarrow.float64(),
        "truth": pyarrow.bool_(),
        "moment": pyarrow.timestamp("us", tz="UTC"),
        "local": pyarrow.timestamp("us"),
        "day": pyarrow.date32(),
    }
    return types.get(kinds.pop()) if len(kinds) == 1 else None


def _kind(value: Native) -> str:
    match value:
        case bool():
            return "truth"
        case int():
            return "whole" if -_LONG <= value < _LONG else "text"
        case float():
            return "broken"
        case datetime():
            return "local" if value.tzinfo is None else "moment"
        case date():
            return "day"
        case _:
            return "text"
