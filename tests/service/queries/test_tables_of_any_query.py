"""A query of one's own as a workbook, Parquet or lines of JSON."""

import io
import json

import openpyxl
import pandas as pd
import pytest
from starlette.testclient import TestClient

from comity.service.queries import any_query_tables

SELECT = """PREFIX comity: <https://w3id.org/comity/ontology#>
PREFIX id: <https://w3id.org/comity/id/>
SELECT ?state ?n ?text { VALUES (?state ?n ?text) { (id:iran 1 "=1+1") (UNDEF 2.5 "NA") } }"""
ROWS = [
    {
        "state": "https://w3id.org/comity/id/iran",
        "state_label": "Iran",
        "n": 1,
        "text": "=1+1",
    },
    {"state": None, "state_label": None, "n": 2.5, "text": "NA"},
]


def test_lines_of_json(client: TestClient) -> None:
    response = client.get("/sparql", params={"query": SELECT, "format": "ndjson"})
    assert response.headers["content-type"] == "application/x-ndjson"
    assert [json.loads(line) for line in response.text.splitlines()] == ROWS
    other = client.post("/sparql", data={"query": SELECT, "format": "ndjson", "lang": "ru"})
    assert json.loads(other.text.splitlines()[0])["state_label"] == "Иран"


def test_a_workbook_and_parquet(client: TestClient) -> None:
    response = client.post("/sparql", data={"query": SELECT, "format": "xlsx"})
    assert response.headers["content-disposition"] == 'attachment; filename="query.xlsx"'
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    head, *rows = book["Answer"].iter_rows(values_only=True)
    assert [dict(zip(head, row, strict=True)) for row in rows] == ROWS
    assert SELECT in [row[1] for row in book["About"].iter_rows(values_only=True)]
    response = client.get("/sparql", params={"query": SELECT, "format": "parquet"})
    frame = pd.read_parquet(io.BytesIO(response.content))
    assert frame["n"].tolist() == [1.0, 2.5]
    assert frame["text"].tolist() == ["=1+1", "NA"]


def test_yes_or_no(client: TestClient) -> None:
    response = client.get("/sparql", params={"query": "ASK {}", "format": "ndjson"})
    assert json.loads(response.text) == {"answer": True}


@pytest.mark.parametrize(
    ("query", "status", "detail"),
    [
        ("SELEC * {}", 400, "SELECT"),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", 406, ""),
        ("SELECT * { SERVICE <http://x/> { ?s ?p ?o } }", 403, ""),
    ],
)
def test_what_can_not_be_made(client: TestClient, query: str, status: int, detail: str) -> None:
    response = client.get("/sparql", params={"query": query, "format": "xlsx"})
    assert response.status_code == status
    assert response.headers["content-type"] == "application/problem+json"
    assert detail in response.text
    unknown = client.get("/sparql", params={"query": SELECT, "format": "xlsy"})
    assert (unknown.status_code, "Did you mean xlsx" in unknown.text) == (406, True)


def test_a_large_answer_is_refused_not_cut(
    client: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(any_query_tables, "_LARGEST", 100)
    response = client.get("/sparql", params={"query": SELECT, "format": "ndjson"})
    assert response.status_code == 406
    assert "csv" in response.json()["hint"]


def test_the_dataset_of_the_protocol_holds(client: TestClient) -> None:
    query = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
    given = {"query": query, "format": "ndjson", "default-graph-uri": "urn:none"}
    assert json.loads(client.get("/sparql", params=given).text) == {"n": 0}
