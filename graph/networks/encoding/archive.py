"""Tables of a network in a zip, with what describes them: RFC 4180 and a Data Package beside.

Equal networks make equal bytes. See specs.frictionlessdata.io for the Data Package (version 1).
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

# Before 1980 the format has no dates.
_DATE: Final = (1980, 1, 1, 0, 0, 0)
_UNIX: Final = 3
_READABLE: Final = 0o644 << 16
# A member that may grow beyond 2 GiB must say so before it begins, which old programs can't read.
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
    """A column as its head names it, the attribute that it holds, and the type of that."""

    head: str
    name: str
    type: Type = "string"


@dataclass(frozen=True, slots=True)
class Table:
    """A table by the name of its file without .csv; `key` and `refers` are heads of columns.

    Those of `refers` hold keys of the table that is named before them.
    """

    name: str
    columns: Sequence[TableColumn]
    key: str
    refers: Mapping[str, tuple[str, str]]


class Archive:
    """A zip that is being written, member by member."""

    def __init__(self, zip: ZipFile) -> None:
        self._zip = zip

    def add_text(self, name: str, text: str) -> None:
        """Add a text as a file."""
        with self._member(name) as member:
            member.write(text.encode())

    def add_table(self, table: Table, rows: Iterable[Sequence[str]], expected: int) -> None:
        """Add a table, `rows` as a stream; `expected` is about how many there will be."""
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
    """A zip in `out`, which need not be able to seek."""
    with ZipFile(out, "w", ZIP_DEFLATED) as zip:
        yield Archive(zip)


def read_me(header: Header, text: str) -> str:
    """The text of a README: what the tables are of, how to use them, last the query."""
    query = f"\nThe query\n{header.query.strip()}\n" if header.query else ""
    return f"{about(replace(header, query=''))}\n\n{text}{query}"


def cell(value: Value | None) -> str:
    """A value as it stands in a table: nothing for None, numbers with a point, true and false."""
    if value is None:
        return ""
    if isinstance(value, str):
        return holdable(value)
    return str(value).lower() if isinstance(value, bool) else str(value)


def row(
    columns: Iterable[TableColumn], own: Mapping[str, Value | None], values: Mapping[str, Value]
) -> list[str]:
    """The cells of a row: `own` by the heads of columns, all else by the names of attributes."""
    return [
        cell(own[column.head] if column.head in own else values.get(column.name))
        for column in columns
    ]


def data_package(header: Header, tables: Iterable[Table]) -> str:
    """What describes the tables: origin, licence, query, and the type of each column."""
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


def _resource(table: Table) -> dict[str, Any]:
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
