"""Formats of tables by suffix: what writes each, and what it can hold."""

import codecs
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final

from comity.graph.store.interface import ResultFormat
from comity.graph.tables import csv, json, parquet, w3c, xlsx
from comity.graph.tables.columns import Table


@dataclass(frozen=True, slots=True)
class TableFormat:
    """A format: `labelled` where it has labels beside IRIs, `shown` where a browser shows it.

    `takes_bom` is true where a byte order mark may stand before it, by which Excel knows UTF-8.
    """

    suffix: str
    media_type: str
    write: Callable[[Table], bytes]
    labelled: bool = True
    shown: bool = True
    takes_bom: bool = False


# In the order of preference where a client takes anything.
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

    Raises MissingProgram where a format needs what is not installed, NotAcceptable where it can't
    hold the table.
    """
    return codecs.BOM_UTF8 * bom + FORMATS[suffix].write(table)


def installed() -> list[str]:
    """The suffixes of the formats that can be written here."""
    return [name for name in FORMATS if name != "parquet" or parquet.is_installed()]
