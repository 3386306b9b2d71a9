"""Questions about the article and the record, each asked of the service in at most two requests.

`tests/data/questions.tsv` has a row for each: the question, the requests, what each answer must
contain. Requests are separated by ` ; `, their answers by ` || `, the parts of an answer by ` ; `:

- `column = a / b`: the column has these values and no others
- `row column: a & column: b`: a row has both; a column without a value is empty there
- `(none) reason`: there are no rows, for this reason
- `status 422`: the request is refused
- `says text`: the answer has this text

A value of the bundled graphs is its last part, a record of the article `#f24.3`, a time its day.
"""

import csv
from collections.abc import Iterator, Mapping

import pytest
from places import DATA
from starlette.testclient import TestClient

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.service.app import create_app
from comity.service.settings import Settings

Row = Mapping[str, object]

with (DATA / "questions.tsv").open(encoding="utf-8", newline="") as file:
    QUESTIONS = list(csv.DictReader(file, delimiter="\t", quoting=csv.QUOTE_NONE))

# The prefixes that a value in the table is without, the longest first.
PREFIXES = (
    "https://w3id.org/comity/source/moscow-tehran-relations",
    "https://w3id.org/comity/source/",
    "https://w3id.org/comity/id/",
    "https://w3id.org/comity/ontology#",
)


@pytest.fixture(scope="module")
def service(article: EmbeddedStore) -> Iterator[TestClient]:
    with TestClient(create_app(article, Settings(store="memory"))) as client:
        yield client


def plain(value: object) -> str:
    """The value as the table has it."""
    if value is None:
        return ""
    text = str(value).lower() if isinstance(value, bool) else str(value)
    for prefix in PREFIXES:
        if text.startswith(prefix):
            return text.removeprefix(prefix)
    return text[:10] if text.endswith("Z") and text[10:11] == "T" else text


def has(row: Row, pairs: str) -> bool:
    """Whether the row has all values of `column: a & column: b`."""
    return all(
        plain(row[column.strip()]) == value.strip()
        for column, _, value in (pair.partition(":") for pair in pairs.split(" & "))
    )


def fault(part: str, rows: list[Row], status: int, text: str) -> str:
    """What the answer lacks of one part, or nothing."""
    kind, _, rest = part.partition(" ")
    if kind == "status":
        return "" if status == int(rest) else f"status {status}"
    if kind == "says":
        return "" if rest in text else f"no {rest!r}"
    if kind == "(none)":
        assert rest, "an empty answer needs a reason"
        return f"{len(rows)} rows" if rows else ""
    if kind == "row":
        return "" if any(has(row, rest) for row in rows) else f"no row with {rest}"
    column, _, values = part.partition("=")
    found = {plain(row[column.strip()]) for row in rows}
    wanted = {value.strip() for value in values.split(" / ")}
    return "" if found == wanted else f"{column.strip()} has {sorted(found)}"


def test_each_question_takes_at_most_two_requests() -> None:
    assert len(QUESTIONS) >= 60
    for row in QUESTIONS:
        requests, answers = row["requests"].split(" ; "), row["answer"].split(" || ")
        assert len(requests) == len(answers) <= 2, row["question"]
    assert len({row["question"] for row in QUESTIONS}) == len(QUESTIONS)


@pytest.mark.parametrize("question", QUESTIONS, ids=lambda row: row["question"])
def test_the_answer_is_right(service: TestClient, question: Mapping[str, str]) -> None:
    answers = question["answer"].split(" || ")
    for request, answer in zip(question["requests"].split(" ; "), answers, strict=True):
        response = service.get(request)
        parts = [part.strip() for part in answer.split(" ; ")]
        if not answer.startswith("status"):
            assert response.status_code == 200, response.text
        body = response.json()
        rows = body.get("rows", [])
        assert body.get("complete", True), "the answer is only a page of the rows"
        assert rows or answer.startswith(("status", "(none)")), body.get("reasons")
        faults = [fault(part, rows, response.status_code, response.text) for part in parts]
        assert not any(faults), [text for text in faults if text]
