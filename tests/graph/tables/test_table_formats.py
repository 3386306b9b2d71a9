"""The formats of a table for people: labels beside IRIs, numbers as numbers."""

import csv
import io
import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import openpyxl
import pyarrow.parquet
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl.utils.escape import unescape

from comity.graph.errors import MissingProgram, NotAcceptable
from comity.graph.store.solutions import Cell, Row, Solutions, read
from comity.graph.tables.columns import Table
from comity.graph.tables.registry import FORMATS, encode, installed

XSD = "http://www.w3.org/2001/XMLSchema#"
IRAN = "https://w3id.org/comity/id/iran"
MEETS: Cell = {"type": "literal", "value": 'Iran, "meets"\nRussia', "xml:lang": "en"}


def number(value: str, datatype: str) -> Cell:
    return {"type": "literal", "value": value, "datatype": XSD + datatype}


def uri(value: str) -> Cell:
    return {"type": "uri", "value": value}


def table_of(
    columns: tuple[str, ...], rows: list[Row], *, boolean: bool | None = None, **about: Any
) -> Table:
    return Table(Solutions(columns, rows, "1", boolean), {IRAN: "Iran"}, **about)


ROW: Row = {"who": uri(IRAN), "words": MEETS, "n": number("3", "integer")}
TABLE = table_of(("who", "words", "n", "none"), [ROW])


def test_csv_is_rfc_4180() -> None:
    body = encode(TABLE, "csv")
    assert body == (
        b"who,who_label,words,n,none\r\n"
        b'https://w3id.org/comity/id/iran,Iran,"Iran, ""meets""\nRussia",3,\r\n'
    )


def test_a_byte_order_mark_stands_first() -> None:
    assert encode(TABLE, "csv", bom=True) == b"\xef\xbb\xbf" + encode(TABLE, "csv")


def test_tsv_has_the_same_cells() -> None:
    body = encode(TABLE, "tsv").decode()
    rows = list(csv.reader(io.StringIO(body, newline=""), delimiter="\t"))
    assert rows == list(csv.reader(io.StringIO(encode(TABLE, "csv").decode(), newline="")))


def test_json_has_a_null_where_nothing_is_bound() -> None:
    document = json.loads(encode(TABLE, "json"))
    row = {"who": IRAN, "who_label": "Iran", "words": MEETS["value"], "n": 3, "none": None}
    assert (document["columns"], document["rows"]) == (list(row), [row])
    assert list(json.loads(encode(replace(TABLE, document={"total": 1}), "json"))) == [
        "columns",
        "rows",
        "total",
    ]
    assert json.loads(encode(TABLE, "ndjson")) == row


@pytest.mark.parametrize("suffix", ["srj", "srx"])
def test_the_w3c_formats_have_no_labels(suffix: str) -> None:
    body = encode(TABLE, suffix)
    assert b"_label" not in body
    assert IRAN.encode() in body
    if suffix == "srj":
        assert read(body).rows == [ROW]
    else:
        assert b"<sparql" in body
        assert b"xml:lang" in body


def test_yes_and_no() -> None:
    yes = table_of((), [], boolean=True)
    document = json.loads(encode(yes, "json"))
    assert (document["columns"], document["rows"]) == (["answer"], [{"answer": True}])
    assert encode(yes, "csv") == b"answer\r\ntrue\r\n"
    assert json.loads(encode(yes, "srj")) == {"head": {}, "boolean": True}
    assert b"<boolean>true</boolean>" in encode(yes, "srx")


def test_a_column_of_iris_has_labels_on_every_page() -> None:
    """On a page where it happens to be unbound as well, if the expected answer has IRIs there."""
    rows: list[Row] = [{"n": number("3", "integer")}]
    assert table_of(("who", "n"), rows).columns == ["who", "n"]
    found = table_of(("who", "n"), rows, iri_columns=frozenset(("who",)))
    assert found.columns == ["who", "who_label", "n"]


def test_a_column_of_that_name_stays_the_querys_own() -> None:
    label: Cell = {"type": "literal", "value": "own"}
    found = table_of(("who", "who_label"), [{"who": uri(IRAN), "who_label": label}])
    assert found.columns == ["who", "who_label"]
    assert json.loads(encode(found, "ndjson"))["who_label"] == "own"


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5))
def test_any_text_comes_back(rows: list[tuple[str, str]]) -> None:
    cells: list[Row] = [
        {name: {"type": "literal", "value": value} for name, value in zip("ab", row, strict=True)}
        for row in rows
    ]
    found = table_of(("a", "b"), cells)
    for suffix, delimiter in (("csv", ","), ("tsv", "\t")):
        body = encode(found, suffix).decode()
        read_back = list(csv.reader(io.StringIO(body, newline=""), delimiter=delimiter))
        assert read_back[1:] == [list(row) for row in rows]
    lines = encode(found, "ndjson").split(b"\n")[:-1]
    assert [tuple(json.loads(line).values()) for line in lines] == rows
    assert [tuple(row.values()) for row in json.loads(encode(found, "json"))["rows"]] == rows


# A workbook, and Parquet, by the programs that read them


def sheets(body: bytes) -> tuple[Any, dict[str, str]]:
    book = openpyxl.load_workbook(io.BytesIO(body))
    about = {str(row[0]): str(row[1]) for row in book["About"].iter_rows(values_only=True)}
    return book["Answer"], about


def test_a_workbook_has_typed_cells() -> None:
    row: Row = {
        "who": uri(IRAN),
        "formula": {"type": "literal", "value": "=1+1"},
        "link": {"type": "literal", "value": "http://x/"},
        "zeros": {"type": "literal", "value": "007"},
        "whole": number("3", "integer"),
        "long": number("12345678901234567", "integer"),
        "broken": number("1.5", "decimal"),
        "truth": number("true", "boolean"),
        "day": number("2021-02-22", "date"),
        "old": number("1828-02-10", "date"),
        "moment": number("2021-02-22T10:30:00+01:00", "dateTime"),
        "older": number("1828-02-10T00:00:00Z", "dateTime"),
        "year": number("1828", "gYear"),
    }
    sheet, _ = sheets(encode(table_of((*row, "none"), [row]), "xlsx"))
    head, cells = ([cell.value for cell in line] for line in sheet.iter_rows())
    assert dict(zip(head, cells, strict=True)) == {
        "who": IRAN,
        "who_label": "Iran",
        "formula": "=1+1",
        "link": "http://x/",
        "zeros": "007",
        "whole": 3,
        "long": "12345678901234567",
        "broken": 1.5,
        "truth": True,
        "day": datetime(2021, 2, 22),
        "old": "1828-02-10",
        "moment": datetime(2021, 2, 22, 9, 30),
        "older": "1828-02-10T00:00:00Z",
        "year": "1828",
        "none": None,
    }
    assert sheet.freeze_panes == "A2"
    assert {cell.data_type for cell in sheet[2]} == {"s", "n", "b", "d"}  # "f" would be a formula
    assert sheet[2][2].data_type == "s"


def test_a_workbook_says_what_it_is() -> None:
    said = {"title": "Q", "release": "abc", "query": "SELECT ?n {}"}
    assert sheets(encode(replace(TABLE, metadata=said), "xlsx"))[1] == said


def test_what_excel_can_not_hold_is_refused() -> None:
    for text, fits in (("x" * 32_767, True), ("x" * 32_768, False), ("\U0001f600" * 16_384, False)):
        table = table_of(("t",), [{"t": {"type": "literal", "value": text}}])
        if fits:
            assert sheets(encode(table, "xlsx"))[0]["A2"].value == text
        else:
            with pytest.raises(NotAcceptable, match="row 1 is longer"):
                encode(table, "xlsx")


def parquet_of(table: Table) -> Any:
    return pyarrow.parquet.read_table(io.BytesIO(encode(table, "parquet")))


def test_parquet_has_a_type_for_each_column() -> None:
    rows: list[Row] = [
        {
            "whole": number("3", "integer"),
            "broken": number("1.5", "decimal"),
            "either": number("1", "integer"),
            "mixed": number("1", "integer"),
            "truth": number("false", "boolean"),
            "day": number("1828-02-10", "date"),
            "moment": number("1828-02-10T12:00:00Z", "dateTime"),
            "huge": number("9" * 30, "integer"),
            "who": uri(IRAN),
        },
        {"either": number("2.5", "double"), "mixed": MEETS, "truth": number("1", "boolean")},
    ]
    table = table_of((*rows[0], "none"), rows)
    found = parquet_of(table)
    assert {name: str(found.schema.field(name).type) for name in found.column_names} == {
        "whole": "int64",
        "broken": "double",
        "either": "double",
        "mixed": "string",
        "truth": "bool",
        "day": "date32[day]",
        "moment": "timestamp[us, tz=UTC]",
        "huge": "string",
        "who": "string",
        "who_label": "string",
        "none": "string",
    }
    first, second = found.to_pylist()
    assert (first["mixed"], second["mixed"]) == ("1", MEETS["value"])
    assert first["moment"] == datetime(1828, 2, 10, 12, tzinfo=UTC)
    assert second["whole"] is None


def test_parquet_says_what_it_is() -> None:
    found = parquet_of(replace(TABLE, metadata={"release": "abc", "data version": "1"}))
    assert found.schema.metadata[b"comity.release"] == b"abc"
    assert found.schema.metadata[b"comity.data-version"] == b"1"


def test_parquet_without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.graph.tables.parquet.find_spec", lambda name: None)
    with pytest.raises(MissingProgram, match="not installed") as raised:
        encode(TABLE, "parquet")
    assert "pip install comity[parquet]" in str(raised.value.hint)
    assert "parquet" in FORMATS and "parquet" not in installed()


CHARACTERS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(deadline=None)
@given(st.lists(CHARACTERS, min_size=1, max_size=5))
def test_any_text_comes_back_from_files(values: list[str]) -> None:
    table = table_of(("t",), [{"t": {"type": "literal", "value": v}} for v in values])
    assert parquet_of(table)["t"].to_pylist() == values
    sheet, _ = sheets(encode(table, "xlsx"))
    found = [
        row[0] for row in sheet.iter_rows(min_row=2, max_row=len(values) + 1, values_only=True)
    ]
    # ECMA-376 writes what XML can't hold as _x0001_, which openpyxl leaves to its caller.
    assert [unescape(each or "") for each in found] == values
