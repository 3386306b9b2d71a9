"""Formats of tables by suffix: their writers and properties."""

import codecs
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from comity.graph.store.interface import ResultFormat
from comity.graph.tables import csv, json, parquet, w3c, xlsx
from comity.graph.tables.columns import Table


@dataclass(frozen=True, slots=True)
class TableFormat:
    """A format: `labelled` if it has labels beside IRIs, `shown` if a browser shows it.

    `takes_bom` is True if a byte order mark may precede it, by which Excel recognises UTF-8.
    """

    suffix: str
    media_type: str
    write: Callable[[Table], bytes]
    labelled: bool = True
    shown: bool = True
    takes_bom: bool = False


# In order of preference for a client that accepts anything.
FORMATS: Final[Mapping[str, TableFormat]] = {
    format.suffix: format
    for format in (
        TableFormat("json", "application/json", json.write_json),
        TableFormat("csv", "text/csv", csv.write_csv, takes_bom=True),
        TableFormat("tsv", "text/tab-separated-values", csv.write_tsv, takes_bom=True),
        TableFormat("ndjson", "application/x-ndjson", json.write_lines),
        TableFormat(
            "xlsx",
            "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            xlsx.write,
            shown=False,
        ),
        TableFormat("parquet", "application/vnd.apache.parquet", parquet.write, shown=False),
        TableFormat("srj", ResultFormat.JSON.media_type, w3c.write_json, labelled=False),
        TableFormat("srx", ResultFormat.XML.media_type, w3c.write_xml, labelled=False),
    )
}


def encode(table: Table, suffix: str, *, bom: bool = False) -> bytes:
    """Write a table in the format of a suffix, with `bom` after a byte order mark.

    Raises MissingProgram if the format needs something that is not installed, NotAcceptable if it
    can't hold the table.
    """
    return codecs.BOM_UTF8 * bom + FORMATS[suffix].write(table)


def installed() -> list[str]:
    """Return the suffixes of the formats available here."""
    return [name for name in FORMATS if name != "parquet" or parquet.is_installed()]
