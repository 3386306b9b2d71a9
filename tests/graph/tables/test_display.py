"""The cells of an answer as a page shows them."""

from comity.graph.store.solutions import Cell, Row, Solutions
from comity.graph.tables.display import CellText, display

IRAN = "https://w3id.org/comity/id/iran"
RECORD = "https://w3id.org/comity/source/tiny#f1.1"


def literal(value: str) -> Cell:
    return {"type": "literal", "value": value}


ROW: Row = {
    "who": {"type": "uri", "value": IRAN},
    "record": {"type": "uri", "value": RECORD},
    "words": literal("Iran meets Russia"),
    "sentence": literal("2"),
    "n": literal("3"),
}


def test_labels_fragments_and_quotations() -> None:
    shown = display(Solutions([*ROW, "none"], [ROW]), {IRAN: "Iran", RECORD: "Iran meets Russia"})
    assert shown.columns == ["who", "record", "words", "n"]  # nothing is bound in the last
    assert shown.rows == [
        [
            CellText("Iran", IRAN),
            CellText("f1.1", RECORD),
            CellText("Iran meets Russia", quotation=True, sentence="2"),
            CellText("3"),
        ]
    ]
    assert [cell is not None and cell.is_thing for cell in shown.rows[0]] == [
        True,
        False,
        False,
        False,
    ]


def test_what_is_not_bound_or_has_no_label() -> None:
    shown = display(Solutions(["who", "n"], [ROW, {"n": literal("4")}]), {})
    assert shown.rows == [
        [CellText("id:iran", IRAN), CellText("3")],
        [None, CellText("4")],
    ]


def test_an_empty_table_keeps_its_columns() -> None:
    shown = display(Solutions(["words", "sentence", "n"], []), {})
    assert (shown.columns, shown.rows) == (["words", "n"], [])
