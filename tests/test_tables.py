"""The formats of a table for people: labels beside IRIs, numbers as numbers."""

import csv
import io
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.graph.canned import CannedQuery
from comity.graph.solutions import Cell, Row, Solutions, read
from comity.service import tables
from comity.service.canned_answers import Answered, Asked

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
    asked: Asked | None = None,
    boolean: bool | None = None,
    more: bool = False,
) -> Answered:
    query = CannedQuery("q", "", "Q", "", (), (), "table", columns, answers)
    solutions = Solutions(columns, rows, "1", boolean)
    return Answered(query, asked or Asked(), {}, solutions, {IRAN: "Iran"}, more)


ROW: Row = {"who": uri(IRAN), "words": MEETS, "n": number("3", "integer")}
TABLE = answered(("who", "words", "n", "none"), [ROW])


def test_csv_is_rfc_4180() -> None:
    body = tables.encode(TABLE, "csv", {})
    assert body == (
        b"who,who_label,words,n,none\r\n"
        b'https://w3id.org/comity/id/iran,Iran,"Iran, ""meets""\nRussia",3,\r\n'
    )


def test_tsv_has_the_same_cells() -> None:
    body = tables.encode(TABLE, "tsv", {}).decode()
    rows = list(csv.reader(io.StringIO(body, newline=""), delimiter="\t"))
    assert rows == list(
        csv.reader(io.StringIO(tables.encode(TABLE, "csv", {}).decode(), newline=""))
    )


def test_json_has_a_null_where_nothing_is_bound() -> None:
    document = json.loads(tables.encode(TABLE, "json", {"total": 1}))
    row = {"who": IRAN, "who_label": "Iran", "words": MEETS["value"], "n": 3, "none": None}
    assert document == {"columns": list(row), "rows": [row], "total": 1}
    assert json.loads(tables.encode(TABLE, "ndjson", {})) == row


@pytest.mark.parametrize("suffix", ["srj", "srx"])
def test_the_w3c_formats_have_no_labels(suffix: str) -> None:
    body = tables.encode(TABLE, suffix, {})
    assert b"_label" not in body
    assert IRAN.encode() in body
    if suffix == "srj":
        assert read(body).rows == [ROW]
    else:
        assert b"<sparql" in body
        assert b"xml:lang" in body


def test_yes_and_no() -> None:
    yes = answered((), [], boolean=True)
    assert json.loads(tables.encode(yes, "json", {})) == {
        "columns": ["answer"],
        "rows": [{"answer": True}],
    }
    assert tables.encode(yes, "csv", {}) == b"answer\r\ntrue\r\n"
    assert json.loads(tables.encode(yes, "srj", {})) == {"head": {}, "boolean": True}
    assert b"<boolean>true</boolean>" in tables.encode(yes, "srx", {})


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
    found = tables.typed(cell)
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
    assert json.loads(tables.encode(found, "ndjson", {}))["who_label"] == "own"


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
    found = answered(("n",), [{}] * count, asked=Asked(limit=2, offset=offset), more=more)
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
        body = tables.encode(found, suffix, {}).decode()
        read_back = list(csv.reader(io.StringIO(body, newline=""), delimiter=delimiter))
        assert read_back[1:] == [list(row) for row in rows]
    lines = tables.encode(found, "ndjson", {}).split(b"\n")[:-1]
    assert [tuple(json.loads(line).values()) for line in lines] == rows
    assert [
        tuple(row.values()) for row in json.loads(tables.encode(found, "json", {}))["rows"]
    ] == rows
