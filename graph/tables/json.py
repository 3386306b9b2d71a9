"""JSON, a document with metadata; and NDJSON, an object per line for each row."""

import json
from collections.abc import Iterator
from typing import Any

from comity.graph.store.cells import Value, typed
from comity.graph.tables.columns import Table


def write_json(table: Table) -> bytes:
    """Write a document: columns, rows, and the table's own members."""
    return _encoded({"columns": table.columns, "rows": list(_objects(table)), **table.document})


def write_lines(table: Table) -> bytes:
    """Write a line for each row."""
    return b"".join(_encoded(row) + b"\n" for row in _objects(table))


def _objects(table: Table) -> Iterator[dict[str, Value]]:
    for row in table.rows(typed):
        yield dict(zip(table.columns, row, strict=True))


def _encoded(document: Any) -> bytes:
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
