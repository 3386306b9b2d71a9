"""The lines of the log."""

import json
import logging
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.service.http.middleware.logs import FIELDS, JsonLines, TextLines


def record(message: str, fields: dict[str, object] | None = None) -> logging.LogRecord:
    made = logging.LogRecord("comity.requests", logging.INFO, "", 0, "%s", (message,), None)
    if fields is not None:
        setattr(made, FIELDS, fields)
    return made


VALUES = st.one_of(st.text(), st.integers(), st.none(), st.lists(st.text()))


@given(st.text(), st.dictionaries(st.sampled_from(["id", "text", "queries"]), VALUES))
def test_whatever_a_client_sends_makes_one_line(message: str, fields: dict[str, object]) -> None:
    for lines in (TextLines(), JsonLines()):
        assert len(lines.format(record(message, fields)).splitlines()) == 1


@given(st.text())
def test_json_gives_back_what_was_said(message: str) -> None:
    said = json.loads(JsonLines().format(record(message, {"id": "a", "status": 200})))
    assert (said["message"], said["id"], said["status"]) == (message, "a", 200)
    assert (said["level"], said["logger"]) == ("info", "comity.requests")


def test_text() -> None:
    line = TextLines().format(record("GET /", {"id": "a", "queries": ["q1", "q2"], "text": "a b"}))
    time, _, rest = line.partition(" ")
    assert time.endswith("Z")
    assert rest == 'INFO GET / id=a queries=q1,q2 text="a b"'


def test_a_text_can_not_pass_for_a_field() -> None:
    assert TextLines().format(record("GET /", {"text": "a id=b"})).endswith(' text="a id=b"')


@pytest.mark.parametrize("lines", [TextLines(), JsonLines()])
def test_a_traceback_is_in_it(lines: logging.Formatter) -> None:
    made = record("a defect")
    try:
        raise RuntimeError("what went wrong")
    except RuntimeError:
        made.exc_info = sys.exc_info()
    assert "RuntimeError: what went wrong" in lines.format(made)
