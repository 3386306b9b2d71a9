"""Terms as cells: numbers as numbers, moments as moments, all else as text."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.graph.store import cells
from comity.graph.store.solutions import Cell

XSD = "http://www.w3.org/2001/XMLSchema#"
IRAN = "https://w3id.org/comity/id/iran"


def number(value: str, datatype: str) -> Cell:
    return {"type": "literal", "value": value, "datatype": XSD + datatype}


def uri(value: str) -> Cell:
    return {"type": "uri", "value": value}


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


@pytest.mark.parametrize(
    ("cell", "shown"),
    [
        (uri(IRAN), "id:iran"),
        ({"type": "bnode", "value": "b0"}, "b0"),
        ({"type": "literal", "value": "_:b0"}, "_:b0"),
        (number("12", "integer"), "12"),
    ],
)
def test_cells_on_a_terminal(cell: Cell, shown: str) -> None:
    assert cells.short(cell) == shown


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
