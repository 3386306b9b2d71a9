"""`comity query NAME`, on a store and through the service that holds it."""

import json

import pytest
from places import DATA

from comity.service.cli.main import run

RECORD = "https://w3id.org/comity/source/tiny#f2.1"

Capture = pytest.CaptureFixture[str]


def test_a_query_by_name(asked: str, capfd: Capture) -> None:
    assert run(["query", "taking-part", "--param", "who=IRAN"]) == 0
    header, row = capfd.readouterr().out.split("\r\n")[:2]
    assert header.startswith("who,who_label,in,in_label,words,sentence,record")
    assert RECORD in row
    assert run(["query", "taking-part", "-p", "who=Иран", "-p", "lang=ru", "-f", "json"]) == 0
    document = json.loads(capfd.readouterr().out)
    assert document["rows"][0]["who_label"] == "Иран"
    assert run(["query", "names-of", "-p", "of=iran", "-f", "nt"]) == 0
    assert capfd.readouterr().out.count("\n") == 3
    assert run(["query", "names-of", "-p", "of=iran"]) == 0
    assert "Иран" in capfd.readouterr().out


def test_a_table_for_a_person(asked: str, capfd: Capture, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    monkeypatch.setenv("COLUMNS", "200")
    assert run(["query", "taking-part", "--param", "who=iran"]) == 0
    out, err = capfd.readouterr()
    assert "River format" in out
    assert "https://" not in out
    assert "f2.1" in out
    assert "1 row" in err


def test_a_page_says_so(asked: str, capfd: Capture) -> None:
    assert run(["query", "things", "-p", "limit=2", "-f", "csv"]) == 0
    out, err = capfd.readouterr()
    assert out.count("\r\n") == 3
    assert "one page" in err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["taking-parts"], "taking-part"),
        (["taking-part", "-p", "who=Irann"], "Did you mean Iran (id:iran)"),
        (["taking-part"], "who is missing"),
        (["taking-part", "-p", "who"], "not name=value"),
        (["taking-part", "-p", "who=iran", "-p", "who=russia"], "given twice"),
        (["taking-part", "-p", "who=iran", "-f", "docx"], "json"),
        (["names-of", "-p", "of=iran", "-f", "xlsx"], "Turtle|turtle|ttl"),
        (["taking-part", "-p", "who=iran", "-f", "gexf"], "comity export … -f gexf"),
        (["taking-part", "-p", "who=iran", "-f", "ttl"], "comity export … -f ttl"),
        (["-q", "SELECT * {}", "-f", "ttl"], "comity export … -f ttl"),
    ],
)
def test_wrong_usage(asked: str, capfd: Capture, arguments: list[str], message: str) -> None:
    assert run(["query", *arguments]) == 2
    err = capfd.readouterr().err
    assert any(each in err for each in message.split("|")), err


def test_parameters_of_a_file(asked: str, capfd: Capture) -> None:
    file = str(DATA / "queries" / "taking-part.rq")
    assert run(["query", file]) == 0
    as_it_stands = capfd.readouterr().out
    assert run(["query", file, "-p", "who=Iran", "-p", "in=river format"]) == 0
    assert capfd.readouterr().out == as_it_stands
    assert "_label" not in as_it_stands


def test_the_list(asked: str, capfd: Capture) -> None:
    assert run(["query", "--list"]) == 0
    out = capfd.readouterr().out
    assert "Who takes part in what (who, in)" in out
    assert "positions-of " in out
