"""CSV (RFC 4180) and TSV: CRLF, quotation marks if needed, in both alike.

Values stay as they are, even those that a spreadsheet reads as formulas: use `.xlsx` there.
"""

import csv
import io

from comity.graph.store.cells import text
from comity.graph.tables.columns import Table


def write_csv(table: Table) -> bytes:
    """Write a table with commas."""
    return _write(table, ",")


def write_tsv(table: Table) -> bytes:
    """Write a table with tabs."""
    return _write(table, "\t")


def _write(table: Table, delimiter: str) -> bytes:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=delimiter, lineterminator="\r\n")
    writer.writerow(table.columns)
    writer.writerows(table.rows(text))
    return out.getvalue().encode()
