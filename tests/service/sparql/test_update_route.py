"""SPARQL 1.1 Protocol, updates, over HTTP."""

import json
from collections.abc import Callable, Iterator
from contextlib import closing

import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.engines.writing.writer import Writer
from comity.service.app import create_app
from comity.service.settings import Settings

UPDATE = "application/sparql-update"
FORM = "application/x-www-form-urlencoded"
TOKEN = "secret-token"
BEARER = {"Authorization": f"Bearer {TOKEN}"}
INSERT = "INSERT DATA { <x:s> <x:p> 1 }"
ENDLESS = (
    "INSERT { ?a ?b 0 } WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER(?c + ?f < -?l) }"
)


def application(store: EmbeddedStore, writer: Writer | None, **said: object) -> FastAPI:
    options = {"store": "memory", "bundled": False, "token": TOKEN} | said
    return create_app(store, Settings(**options), writer)  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def own() -> Iterator[tuple[EmbeddedStore, Writer]]:
    """A store that is written to, and what writes to it."""
    with (
        closing(open_embedded("memory", bundled=False)) as store,
        closing(Writer(store, timeout=2, memory=500_000_000)) as writer,
    ):
        yield store, writer


@pytest.fixture
def client(own: tuple[EmbeddedStore, Writer]) -> Iterator[TestClient]:
    """A client of an empty store, that has the token."""
    client = TestClient(application(*own, max_body=100_000), headers=BEARER)
    if own[0].engine.named_graphs() or len(own[0].engine):
        assert client.post("/update", data={"update": "DROP ALL"}).status_code == 204
    yield client


def ask(client: TestClient, query: str) -> bool:
    return bool(json.loads(client.get("/sparql", params={"query": query}).text)["boolean"])


def test_form(client: TestClient) -> None:
    response = client.post("/update", data={"update": INSERT})
    assert (response.status_code, response.content) == (204, b"")
    assert response.headers["comity-data-version"]
    assert ask(client, "ASK { <x:s> <x:p> 1 }")


@pytest.mark.parametrize("content_type", [UPDATE, f"{UPDATE}; charset=UTF-8", UPDATE.upper()])
def test_direct(client: TestClient, content_type: str) -> None:
    headers = {"content-type": content_type}
    assert client.post("/update", content=INSERT, headers=headers).status_code == 204
    assert ask(client, "ASK { <x:s> <x:p> 1 }")


@pytest.mark.parametrize("direct", [True, False])
def test_using(client: TestClient, direct: bool) -> None:
    given = "INSERT DATA { GRAPH <x:one> { <x:1> <x:p> 1 } GRAPH <x:two> { <x:2> <x:p> 1 } }"
    client.post("/update", data={"update": given})
    text = "INSERT { GRAPH <x:new> { ?s <x:q> ?t } } WHERE { ?s ?p ?o . GRAPH ?g { ?t ?p ?o } }"
    dataset = {"using-graph-uri": "x:one", "using-named-graph-uri": ["x:two", "x:three"]}
    if direct:
        headers = {"content-type": UPDATE}
        response = client.post("/update", params=dataset, content=text, headers=headers)
    else:
        response = client.post("/update", data={"update": text, **dataset})
    assert response.status_code == 204
    assert ask(client, "ASK { GRAPH <x:new> { <x:1> <x:q> <x:2> } }")
    clause = text.replace("WHERE", "USING <x:one> WHERE")
    response = client.post("/update", data={"update": clause, **dataset})
    assert response.status_code == 400
    assert "USING" in response.json()["detail"]


def test_using_what_is_no_iri(client: TestClient) -> None:
    response = client.post("/update", data={"update": INSERT, "using-graph-uri": "no iri"})
    assert response.status_code == 422
    assert response.json()["parameter"] == "using-graph-uri"


def test_the_base_is_the_address(client: TestClient) -> None:
    client.post("/update", data={"update": "INSERT DATA { <a> <b> <c> }"})
    assert ask(client, "ASK { <http://testserver/a> ?p ?o }")


@pytest.mark.parametrize(
    ("token", "sent", "status"),
    [
        (None, None, 403),
        (None, "Bearer x", 403),
        (TOKEN, None, 401),
        (TOKEN, "Bearer", 401),
        (TOKEN, "Bearer ", 401),
        (TOKEN, "Bearer other", 401),
        (TOKEN, f"Basic {TOKEN}", 401),
        (TOKEN, TOKEN, 401),
        (TOKEN, f"Bearer {TOKEN[:-1]}", 401),
        (TOKEN, f"Bearer {TOKEN}x", 401),
        (TOKEN, f"bearer   {TOKEN}", 204),
    ],
)
@pytest.mark.parametrize("path", ["/update", "/store?graph=x:g", "/backup"])
def test_the_token(
    own: tuple[EmbeddedStore, Writer], path: str, token: str | None, sent: str | None, status: int
) -> None:
    store, writer = own
    before = store.version
    client = TestClient(application(store, writer, token=token))
    headers = {"Authorization": sent} if sent is not None else {}
    if path == "/update":
        response = client.post(path, data={"update": "INSERT DATA {}"}, headers=headers)
    elif path == "/backup":
        response = client.get(path, headers=headers)
    else:
        response = client.put(path, headers=headers | {"content-type": "text/turtle"})
    if status == 204:
        assert response.is_success
        return
    assert response.status_code == status
    if status == 401:
        assert response.headers["www-authenticate"].startswith("Bearer")
    if status == 403:
        assert "read-only" in response.json()["detail"]
        assert "COMITY_TOKEN" in response.json()["hint"]
    assert store.version == before
    assert response.json()["hint"]


def test_a_token_may_be_any_text(own: tuple[EmbeddedStore, Writer]) -> None:
    client = TestClient(application(*own, token="sécret ключ"))
    for token, status in (("sécret ключ", 204), ("sécret клю", 401), ("\ud83d", 401)):
        sent = [(b"Authorization", b"Bearer " + token.encode("utf-8", "surrogatepass"))]
        response = client.post("/update", data={"update": "INSERT DATA {}"}, headers=sent)
        assert response.status_code == status


def test_a_store_that_can_not_be_written(store: EmbeddedStore) -> None:
    client = TestClient(application(store, None), headers=BEARER)
    assert client.post("/update", data={"update": INSERT}).status_code == 501


@pytest.mark.parametrize(
    ("data", "status", "parameter"),
    [
        ({"other": "x"}, 400, "update"),
        ({"update": [INSERT, INSERT]}, 400, "update"),
        ({"query": "ASK {}"}, 400, "query"),
        ({"update": INSERT, "query": "ASK {}"}, 400, "query"),
        ({"update": "INSERT DATA {"}, 400, None),
        ({"update": "SELECT * {}"}, 400, None),
        ({"update": "LOAD <http://127.0.0.1:1/>"}, 403, None),
        ({"update": "INSERT {} WHERE { SERVICE <http://127.0.0.1:1/> {} }"}, 403, None),
        ({"update": "CLEAR GRAPH <x:none>"}, 422, None),
        ({"update": "INSERT DATA {" + " " * 100_000 + "}"}, 413, None),
    ],
)
def test_refusals(
    client: TestClient, data: dict[str, object], status: int, parameter: str | None
) -> None:
    response = client.post("/update", data=data)
    assert response.status_code == status
    problem = response.json()
    assert problem["title"] and problem.get("parameter") == parameter
    assert not ask(client, "ASK { ?s ?p ?o }")


def test_a_syntax_error_has_line_and_column(client: TestClient) -> None:
    problem = client.post("/update", data={"update": "INSERT DATA {\n <x:s> <x:p> }"}).json()
    assert (problem["title"], problem["line"], problem["column"]) == ("Not SPARQL", 2, 14)


@pytest.mark.parametrize(
    ("content_type", "status"),
    [(None, 415), ("text/turtle", 415), ("application/sparql-query", 415),
     (f"{UPDATE}; charset=latin-1", 415)],
)  # fmt: skip
def test_unsupported_types(client: TestClient, content_type: str | None, status: int) -> None:
    headers = {"content-type": content_type} if content_type else {}
    response = client.post("/update", content=INSERT, headers=headers)
    assert response.status_code == status
    if "charset" not in (content_type or ""):
        assert response.headers["accept-post"] == f"{UPDATE}, {FORM}"


@pytest.mark.parametrize("method", ["GET", "HEAD", "PUT", "DELETE", "PATCH"])
def test_other_methods(client: TestClient, method: str) -> None:
    response = client.request(method, "/update", params={"update": INSERT})
    assert response.status_code == 405
    assert response.headers["allow"] == "OPTIONS, POST"


def test_options(client: TestClient) -> None:
    response = client.options("/update")
    assert (response.status_code, response.headers["allow"]) == (204, "OPTIONS, POST")
    assert UPDATE in response.headers["accept-post"]


def test_an_update_never_runs_as_a_query(client: TestClient) -> None:
    assert client.post("/sparql", data={"query": INSERT}).status_code == 400
    assert client.post("/sparql", data={"update": INSERT}).status_code == 400
    headers = {"content-type": UPDATE}
    assert client.post("/sparql", content=INSERT, headers=headers).status_code == 400
    assert not ask(client, "ASK { ?s ?p ?o }")


def test_a_late_update(client: TestClient) -> None:
    values = " ".join(f"<x:s> <x:p> {n} ." for n in range(300))
    client.post("/update", data={"update": f"INSERT DATA {{ {values} }}"})
    response = client.post("/update", data={"update": ENDLESS})
    assert response.status_code == 504
    assert "nothing was changed" in response.json()["detail"]


def test_cors(own: tuple[EmbeddedStore, Writer]) -> None:
    client = TestClient(application(*own, cors=("https://a.example",)), headers=BEARER)
    asked = {
        "Origin": "https://a.example",
        "Access-Control-Request-Method": "DELETE",
        "Access-Control-Request-Headers": "authorization, if-match, content-type",
    }
    preflight = client.options("/store", headers=asked)
    assert preflight.status_code == 200
    assert preflight.headers["access-control-allow-origin"] == "https://a.example"
    for method in ("PUT", "DELETE"):
        assert method in preflight.headers["access-control-allow-methods"]
    response = client.get("/store?default", headers={"Origin": "https://a.example"})
    assert "ETag" in response.headers["access-control-expose-headers"]


def test_the_document_has_the_routes(client: TestClient) -> None:
    document = client.get("/openapi.json").json()
    assert document["components"]["securitySchemes"]["token"]["scheme"] == "bearer"
    for path, methods in {"/update": {"post"}, "/store": {"get", "put", "post", "delete"}}.items():
        assert set(document["paths"][path]) == methods
        for method in methods - {"get"}:
            assert document["paths"][path][method]["security"] == [{"token": []}]


def test_over_a_socket(own: tuple[EmbeddedStore, Writer], serve: Callable[[FastAPI], int]) -> None:
    import httpx

    port = serve(application(*own))
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=BEARER) as client:
        for number in range(3):
            text = f"INSERT DATA {{ <x:socket> <x:p> {number} }}"
            assert client.post("/update", data={"update": text}).status_code == 204
        query = "SELECT (COUNT(*) AS ?n) { <x:socket> ?p ?o }"
        found = client.get("/sparql", params={"query": query, "format": "csv"}).text
        assert found.split() == ["n", "3"]
