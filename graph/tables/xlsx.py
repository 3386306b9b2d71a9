"""Workbook for Excel (ECMA-376): typed cells, and a sheet of metadata."""

import io
from collections.abc import Mapping
from datetime import date, datetime
from typing import Any, Final

import xlsxwriter

from comity.graph.errors import NotAcceptable
from comity.graph.store.cells import Native, native
from comity.graph.tables.columns import Table

LONGEST: Final = 32_767  # characters in a cell
_MOST_EXACT: Final = 10**15  # Excel keeps fifteen digits
_FIRST: Final = date(1900, 3, 1)  # Excel's earlier days are off by one, or missing
_WIDEST: Final = 60
# Texts that look like formulas, numbers or addresses stay texts.
_OPTIONS: Final = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_numbers": False,
    "strings_to_urls": False,
    "default_date_format": "yyyy-mm-dd",
}


def write(table: Table) -> bytes:
    """Write a table with a frozen header; its metadata are on the second sheet.

    A day before March 1900 becomes text in ISO 8601, and so does an integer of more than fifteen
    digits: Excel has neither. Raises NotAcceptable if a text is too long for a cell.
    """
    columns, about = table.columns, table.metadata
    out = io.BytesIO()
    with xlsxwriter.Workbook(out, _OPTIONS) as book:
        book.set_properties({"title": about.get("title", ""), "comments": about.get("cite", "")})
        bold = book.add_format({"bold": True})
        moment = book.add_format({"num_format": "yyyy-mm-dd hh:mm:ss"})
        sheet = book.add_worksheet("Answer")
        sheet.freeze_panes(1, 0)
        widths = [len(column) + 3 for column in columns]
        for place, column in enumerate(columns):
            sheet.write_string(0, place, column, bold)
        number = 0
        for number, row in enumerate(table.rows(native), 1):
            for place, value in enumerate(row):
                if value is not None:
                    _put(sheet, number, place, value, moment)
                    widths[place] = max(widths[place], min(len(str(value)), _WIDEST))
        for place, width in enumerate(widths):
            sheet.set_column(place, place, width)
        if columns:
            sheet.autofilter(0, 0, number, len(columns) - 1)
        _tell(book.add_worksheet("About"), about, bold, book.add_format({"text_wrap": True}))
    return out.getvalue()


def _put(sheet: Any, row: int, column: int, value: Native, moment: Any) -> None:
    match value:
        case bool():
            sheet.write_boolean(row, column, value)
        case int() if abs(value) < _MOST_EXACT:
            sheet.write_number(row, column, value)
        case float():
            sheet.write_number(row, column, value)
        case datetime() if value.date() >= _FIRST:
            at_midnight = value.time() == datetime.min.time()
            plain = value.replace(tzinfo=None)
            sheet.write_datetime(row, column, plain, *(() if at_midnight else (moment,)))
        case date() if not isinstance(value, datetime) and value >= _FIRST:
            sheet.write_datetime(row, column, value)
        case date():
            sheet.write_string(row, column, value.isoformat().replace("+00:00", "Z"))
        case _:
            _put_text(sheet, row, column, str(value))


def _put_text(sheet: Any, row: int, column: int, text: str, *format: Any) -> None:
    # Excel counts in UTF-16.
    if len(text.encode("utf-16-le")) // 2 > LONGEST:
        raise NotAcceptable(
            f"A text in row {row} is longer than the {LONGEST:,} characters of a cell",
            hint="Use csv, ndjson or parquet",
        )
    sheet.write_string(row, column, text, *format)


def _tell(sheet: Any, about: Mapping[str, str], bold: Any, wrapped: Any) -> None:
    sheet.set_column(0, 0, 24)
    sheet.set_column(1, 1, 100)
    for row, (name, value) in enumerate(about.items()):
        sheet.write_string(row, 0, name, bold)
        _put_text(sheet, row, 1, value, wrapped)
