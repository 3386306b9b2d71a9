"""Tables of a network in a zip with their description: RFC 4180 CSV and a Data Package.

Equal networks give equal bytes. See specs.frictionlessdata.io for the Data Package (version 1).
"""

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from typing import IO, Any, Final
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from comity.graph.networks.characters import holdable
from comity.graph.networks.elements import Header, Type, Value
from comity.graph.networks.encoding.xml import about

# The zip format has no dates before 1980.
_DATE: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_READABLE: Final = 0o644 << 16
# A member that may exceed 2 GiB must be declared in advance, which old programs can't read.
_LARGE: Final = 500_000
_DAY: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)
_TYPES: Final[Mapping[Type, str]] = {
    "string": "string",
    "integer": "integer",
    "double": "number",
    "boolean": "boolean",
}


@dataclass(frozen=True, slots=True)
class TableColumn:
    """A column: its header, the attribute that it holds, and the attribute's type."""

    head: str
    name: str
    type: Type = "string"


@dataclass(frozen=True, slots=True)
class ArchiveTable:
    """A table, named by its file without .csv; `key` and `refers` are column headers.

    The columns in `refers` hold keys of the table before.
    """

    name: str
    columns: Sequence[TableColumn]
    key: str
    refers: Mapping[str, tuple[str, str]]


class Archive:
    """A zip written member by member."""

    def __init__(self, zip: ZipFile) -> None:
        self._zip = zip

    def add_text(self, name: str, text: str) -> None:
        """Add a text file."""
        with self._member(name) as member:
            member.write(text.encode())

    def add_table(self, table: ArchiveTable, rows: Iterable[Sequence[str]], expected: int) -> None:
        """Add a table from a stream of rows; `expected` is about how many there will be."""
        with (
            self._member(f"{table.name}.csv", large=expected > _LARGE) as member,
            io.TextIOWrapper(member, encoding="utf-8", newline="", write_through=False) as text,
        ):
            writer = csv.writer(text)
            writer.writerow([column.head for column in table.columns])
            writer.writerows(rows)

    @contextmanager
    def _member(self, name: str, *, large: bool = False) -> Iterator[IO[bytes]]:
        info = ZipInfo(name, _DATE)
        info.compress_type, info.create_system, info.external_attr = ZIP_DEFLATED, _UNIX, _READABLE
        with self._zip.open(info, "w", force_zip64=large) as member:
            yield member


@contextmanager
def archive(out: IO[bytes]) -> Iterator[Archive]:
    """Open a zip for writing to `out`, which need not be seekable."""
    with ZipFile(out, "w", ZIP_DEFLATED) as zip:
        yield Archive(zip)


def read_me(header: Header, text: str) -> str:
    """Compose a README: content of the tables, how to use them, and the query at the end."""
    query = f"\nThe query\n{header.query.strip()}\n" if header.query else ""
    return f"{about(replace(header, query=''))}\n\n{text}{query}"


def cell(value: Value | None) -> str:
    """Write a value for a table cell: empty for None, numbers with a point, true and false."""
    if value is None:
        return ""
    if isinstance(value, str):
        return holdable(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def row(
    columns: Iterable[TableColumn], own: Mapping[str, Value | None], values: Mapping[str, Value]
) -> list[str]:
    """Return the cells of a row: `own` by column header, everything else by attribute name."""
    return [
        cell(own[column.head] if column.head in own else values.get(column.name))
        for column in columns
    ]


def data_package(header: Header, tables: Iterable[ArchiveTable]) -> str:
    """Describe the tables: origin, licence, query, and the type of each column."""
    said: dict[str, Any] = {
        "profile": "tabular-data-package",
        "name": re.sub(r"[^a-z0-9]+", "-", header.title.lower()).strip("-") or "network",
        "title": header.title,
        "description": header.description,
        "version": header.data_version,
        "created": f"{header.created}T00:00:00Z" if _DAY.fullmatch(header.created) else "",
        "homepage": header.url,
        "licenses": [{"path": header.licence}] if header.licence else [],
        "contributors": [{"title": header.creator, "role": "wrangler"}],
        "query": header.query,
        "release": header.release,
        "multi": header.multi,
        "resources": [_resource(table) for table in tables],
    }
    kept = {name: value for name, value in said.items() if value}
    return json.dumps(kept, ensure_ascii=False, indent=2) + "\n"


def _resource(table: ArchiveTable) -> dict[str, Any]:
    schema: dict[str, Any] = {
        "fields": [{"name": c.head, "type": _TYPES[c.type]} for c in table.columns],
        "missingValues": [""],
        "primaryKey": table.key,
    }
    if table.refers:
        schema["foreignKeys"] = [
            {"fields": head, "reference": {"resource": other, "fields": key}}
            for head, (other, key) in table.refers.items()
        ]
    return {
        "name": table.name,
        "path": f"{table.name}.csv",
        "profile": "tabular-data-resource",
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "schema": schema,
    }
