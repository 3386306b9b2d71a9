"""Errors as problem documents and as pages."""

import logging

import pytest
from fastapi import Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.testclient import TestClient

from comity.graph import errors
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.service.app import create_app
from comity.service.http.problems import STATUSES, problem_of
from comity.service.settings import Settings

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.fixture
def broken(store: EmbeddedStore) -> TestClient:
    """A service with routes that fail."""
    app = create_app(store, Settings(store="memory"))

    async def defect(request: Request) -> Response:
        raise ZeroDivisionError("secret")

    async def invalid(request: Request) -> Response:
        raise RequestValidationError([{"loc": ("query", "n"), "msg": "no number", "type": "x"}])

    app.add_api_route("/defect", defect)
    app.add_api_route("/invalid", invalid)
    return TestClient(app, raise_server_exceptions=False)


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (errors.QuerySyntaxError("no", place=errors.TextPosition(1, 2)), 400),
        (errors.NotAllowed("no"), 403),
        (errors.NotAcceptable("no"), 406),
        (errors.QueryError("no"), 422),
        (errors.QueryTimeout("no"), 504),
        (errors.StoreInUse("no"), 503),
        (errors.StoreError("no"), 503),
        (errors.SourceError("no"), 404),
        (errors.ComityError("no", hint="do"), 500),
    ],
)
def test_each_error_has_a_status(error: errors.ComityError, status: int) -> None:
    problem = problem_of(error)
    assert (problem.status, problem.detail, problem.hint) == (status, "no", error.hint)


def test_the_narrower_class_stands_first() -> None:
    kinds = list(STATUSES)
    assert len(kinds) > 10
    for position, kind in enumerate(kinds):
        assert not any(issubclass(later, kind) for later in kinds[position + 1 :])


def test_members(client: TestClient) -> None:
    response = client.get("/sparql", params={"query": "SELECT"})
    assert response.headers["content-type"] == "application/problem+json"
    found = response.json()
    assert found["type"] == "about:blank"
    assert found["status"] == 400
    assert {"title", "detail", "line", "column"} <= set(found)


def test_a_browser_gets_a_page(client: TestClient) -> None:
    # With a time limit it is no link to the editor, which would show the query and say the same.
    response = client.get("/sparql?query=<b>&timeout=5", headers={"accept": BROWSER})
    assert response.status_code == 400
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    assert "Not SPARQL" in response.text
    assert "line 1, column" in response.text
    assert "<b>" not in response.text
    assert "default-src 'none'" in response.headers["content-security-policy"]


@pytest.mark.parametrize("accept", ["*/*", BROWSER])
def test_nothing_there(client: TestClient, accept: str) -> None:
    response = client.get("/no/such/place", headers={"accept": accept})
    assert response.status_code == 404
    assert "/no/such/place" in response.text


def test_a_defect_is_logged_under_its_number(
    broken: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.ERROR, logger="comity"):
        response = broken.get("/defect")
    assert response.status_code == 500
    assert response.headers["content-type"] == "application/problem+json"
    assert "secret" not in response.text
    number = response.json()["detail"].rpartition(" ")[2]
    assert any(number in record.getMessage() for record in caplog.records)


def test_a_defect_as_a_page(broken: TestClient) -> None:
    response = broken.get("/defect", headers={"accept": BROWSER})
    assert response.status_code == 500
    assert "Traceback" not in response.text


def test_invalid_parameters_of_the_framework(broken: TestClient) -> None:
    response = broken.get("/invalid")
    assert response.status_code == 422
    assert response.json()["parameter"] == "n"


@pytest.mark.parametrize("path", ["/", "/health", "/id/iran", "/page/iran", "/openapi.json"])
def test_method_not_allowed(client: TestClient, path: str) -> None:
    response = client.post(path)
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"
    assert response.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("path", ["/static/style.css", "/static/none.css"])
def test_files_say_what_they_take(client: TestClient, path: str) -> None:
    response = client.post(path)
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, OPTIONS"
    assert client.options(path).headers["allow"] == "GET, HEAD, OPTIONS"
