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

from comity.graph.catalogue.queries import CannedQuery
from comity.graph.errors import MissingProgram, NotAcceptable
from comity.graph.store.solutions import Cell, Row, Solutions, read
from comity.service.queries import cells, tables
from comity.service.queries.citation import CitationMetadata
from comity.service.queries.execution import CannedAnswer, QueryRequest

XSD = "http://www.w3.org/2001/XMLSchema#"
IRAN = "https://w3id.org/comity/id/iran"
MEETS: Cell = {"type": "literal", "value": 'Iran, "meets"\nRussia', "xml:lang": "en"}


def number(value: str, datatype: str) -> Cell:
    return {"type": "literal", "value": value, "datatype": XSD + datatype}


def uri(value: str) -> Cell:
    return {"type": "uri", "value": value}


def answered(
    columns: tuple[str, ...],
    rows: list[Row],
    *,
    answers: tuple[tuple[str, ...], ...] = (),
    asked: QueryRequest | None = None,
    boolean: bool | None = None,
    more: bool = False,
) -> CannedAnswer:
    query = CannedQuery("q", "", "Q", "", (), (), "table", columns, answers)
    solutions = Solutions(columns, rows, "1", boolean)
    return CannedAnswer(query, asked or QueryRequest(), {}, solutions, {IRAN: "Iran"}, more)


def encode(answer: CannedAnswer, suffix: str) -> bytes:
    return tables.encode(answer, suffix, CitationMetadata(answer))


ROW: Row = {"who": uri(IRAN), "words": MEETS, "n": number("3", "integer")}
TABLE = answered(("who", "words", "n", "none"), [ROW])


def test_csv_is_rfc_4180() -> None:
    body = encode(TABLE, "csv")
    assert body == (
        b"who,who_label,words,n,none\r\n"
        b'https://w3id.org/comity/id/iran,Iran,"Iran, ""meets""\nRussia",3,\r\n'
    )


def test_tsv_has_the_same_cells() -> None:
    body = encode(TABLE, "tsv").decode()
    rows = list(csv.reader(io.StringIO(body, newline=""), delimiter="\t"))
    assert rows == list(csv.reader(io.StringIO(encode(TABLE, "csv").decode(), newline="")))


def test_json_has_a_null_where_nothing_is_bound() -> None:
    document = json.loads(encode(TABLE, "json"))
    row = {"who": IRAN, "who_label": "Iran", "words": MEETS["value"], "n": 3, "none": None}
    assert (document["columns"], document["rows"]) == (list(row), [row])
    assert (document["total"], document["complete"], document["next"]) == (1, True, None)
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
    yes = answered((), [], boolean=True)
    document = json.loads(encode(yes, "json"))
    assert (document["columns"], document["rows"]) == (["answer"], [{"answer": True}])
    assert encode(yes, "csv") == b"answer\r\ntrue\r\n"
    assert json.loads(encode(yes, "srj")) == {"head": {}, "boolean": True}
    assert b"<boolean>true</boolean>" in encode(yes, "srx")


@pytest.mark.parametrize(
    ("cell", "value"),
    [
        (number("12", "integer"), 12),
        (number("-7", "long"), -7),
        (number("1.50", "decimal"), 1.5),
        (number("1e2", "double"), 100.0),
        (number("NaN", "double"), "NaN"),
        (number("INF", "float"), "INF"),
        (number("twelve", "integer"), "twelve"),
        (number("9" * 400, "integer"), "9" * 400),
        (number("true", "boolean"), True),
        (number("0", "boolean"), False),
        (number("maybe", "boolean"), "maybe"),
        (number("2021-02-22T00:00:00Z", "dateTime"), "2021-02-22T00:00:00Z"),
        ({"type": "literal", "value": "12"}, "12"),
        (uri(IRAN), IRAN),
        ({"type": "bnode", "value": "b0"}, "_:b0"),
        ({"type": "triple", "value": {"subject": uri(IRAN)}}, '{"subject": {"type": "uri"'),
    ],
)
def test_typed_values(cell: Cell, value: object) -> None:
    found = cells.typed(cell)
    if cell["type"] == "triple":
        assert str(found).startswith(str(value))
    else:
        assert found == value
        assert type(found) is type(value)


def test_a_column_of_iris_has_labels_on_every_page() -> None:
    """On a page where it happens to be unbound as well, if the expected answer has IRIs there."""
    found = answered(("who", "n"), [{"n": number("3", "integer")}], answers=(("id:iran", "3"),))
    assert tables.columns_of(found) == ["who", "who_label", "n"]


def test_a_column_of_that_name_stays_the_querys_own() -> None:
    label: Cell = {"type": "literal", "value": "own"}
    found = answered(("who", "who_label"), [{"who": uri(IRAN), "who_label": label}])
    assert tables.columns_of(found) == ["who", "who_label"]
    assert json.loads(encode(found, "ndjson"))["who_label"] == "own"


@pytest.mark.parametrize(
    ("offset", "count", "more", "complete", "total", "pages"),
    [
        (0, 2, False, True, 2, {}),
        (0, 0, False, True, 0, {}),
        (0, 2, True, False, None, {"next": 2}),
        (2, 2, True, False, None, {"first": 0, "prev": 0, "next": 4}),
        (3, 1, False, False, 4, {"first": 0, "prev": 1}),
        (9, 0, False, False, None, {"first": 0, "prev": 7}),
    ],
)
def test_pages(
    offset: int, count: int, more: bool, complete: bool, total: int | None, pages: dict[str, int]
) -> None:
    found = answered(("n",), [{}] * count, asked=QueryRequest(limit=2, offset=offset), more=more)
    assert (found.complete, found.total, found.pages) == (complete, total, pages)


TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@given(st.lists(st.tuples(TEXT, TEXT), max_size=5))
def test_any_text_comes_back(rows: list[tuple[str, str]]) -> None:
    cells: list[Row] = [
        {name: {"type": "literal", "value": value} for name, value in zip("ab", row, strict=True)}
        for row in rows
    ]
    found = answered(("a", "b"), cells)
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
    about = {
        str(row[0]): str(row[1]) for row in book["About"].iter_rows(values_only=True)
    }
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
    sheet, _ = sheets(encode(answered((*row, "none"), [row]), "xlsx"))
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
    asked = QueryRequest(limit=1, offset=4)
    page = answered(("n",), [{"n": number("1", "integer")}], asked=asked, more=True)
    page = replace(page, text="SELECT ?n {}")
    about = CitationMetadata(
        page, release="abc", url="http://h/queries/q.xlsx", next="http://h/next"
    )
    assert sheets(tables.encode(page, "xlsx", about))[1] == {
        "title": "Q",
        "rows": "5 to 5, a part of the answer",
        "next page": "http://h/next",
        "cite": about.source,
        "licence": "https://creativecommons.org/licenses/by/4.0/",
        "release": "abc",
        "data version": "1",
        "address": "http://h/queries/q.xlsx",
        "query": "SELECT ?n {}",
    }


def test_what_excel_can_not_hold_is_refused() -> None:
    for text, fits in (("x" * 32_767, True), ("x" * 32_768, False), ("\U0001f600" * 16_384, False)):
        table = answered(("t",), [{"t": {"type": "literal", "value": text}}])
        if fits:
            assert sheets(encode(table, "xlsx"))[0]["A2"].value == text
        else:
            with pytest.raises(NotAcceptable, match="row 1 is longer"):
                encode(table, "xlsx")


def parquet_of(table: CannedAnswer, about: CitationMetadata | None = None) -> Any:
    return pyarrow.parquet.read_table(
        io.BytesIO(tables.encode(table, "parquet", about or CitationMetadata(table)))
    )


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
    table = answered((*rows[0], "none"), rows)
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
    found = parquet_of(TABLE, CitationMetadata(TABLE, release="abc"))
    assert found.schema.metadata[b"comity.licence"].startswith(b"https://creativecommons")
    assert found.schema.metadata[b"comity.release"] == b"abc"


def test_parquet_without_pyarrow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.service.queries.parquet.find_spec", lambda name: None)
    with pytest.raises(MissingProgram, match="not installed") as raised:
        encode(TABLE, "parquet")
    assert "pip install comity[parquet]" in str(raised.value.hint)


CHARACTERS = st.text(st.characters(exclude_categories=["Cs"]), max_size=30)


@settings(deadline=None)
@given(st.lists(CHARACTERS, min_size=1, max_size=5))
def test_any_text_comes_back_from_files(values: list[str]) -> None:
    table = answered(("t",), [{"t": {"type": "literal", "value": v}} for v in values])
    assert parquet_of(table)["t"].to_pylist() == values
    sheet, _ = sheets(encode(table, "xlsx"))
    found = [
        row[0] for row in sheet.iter_rows(min_row=2, max_row=len(values) + 1, values_only=True)
    ]
    # ECMA-376 writes what XML can't hold as _x0001_, which openpyxl leaves to its caller.
    assert [unescape(each or "") for each in found] == values


MOMENTS = st.datetimes(timezones=st.just(UTC)).map(lambda at: at.replace(microsecond=0))


@given(MOMENTS)
def test_any_moment_is_the_same_moment(moment: datetime) -> None:
    cell = number(moment.strftime("%Y-%m-%dT%H:%M:%SZ").zfill(20), "dateTime")
    assert cells.native(cell) == moment


@pytest.mark.parametrize(
    "value", ["2021-02-30T00:00:00Z", "0000-01-01T00:00:00Z", "12021-01-01T00:00:00Z", "soon"]
)
def test_what_is_no_moment_of_pythons_stays_text(value: str) -> None:
    assert cells.native(number(value, "dateTime")) == value
    assert cells.native(number(value, "date")) == value
