"""The SPARQL 1.1 Protocol over HTTP."""

import gzip
import html
import json
from collections.abc import Iterator
from contextlib import closing
from functools import partial
from pathlib import Path

import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.writing.writer import Writer
from comity.graph.store.interface import ResultFormat
from comity.service.app import create_app
from comity.service.settings import Settings

IRAN = "https://w3id.org/comity/id/iran"
STATES = "https://w3id.org/comity/graph/states"
TINY = "https://w3id.org/comity/graph/tiny"
COUNT = "SELECT (COUNT(*) AS ?n) { ?s ?p ?o }"
COUNT_NAMED = "SELECT (COUNT(*) AS ?n) { GRAPH ?g { ?s ?p ?o } }"
CONSTRUCT = "CONSTRUCT { ?s ?p ?o } { ?s ?p ?o }"
HEAVY = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j a ?k }"
FORM = "application/x-www-form-urlencoded"
QUERY = "application/sparql-query"
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"
JAVA = "text/html, image/gif, image/jpeg, *; q=.2, */*; q=.2"  # java.net.URLConnection, if not told


def count(response_text: str) -> int:
    return int(json.loads(response_text)["results"]["bindings"][0]["n"]["value"])


@pytest.fixture
def total(client: TestClient) -> int:
    return count(client.get("/sparql", params={"query": COUNT}).text)


def test_get(client: TestClient) -> None:
    response = client.get("/sparql", params={"query": f"ASK {{ <{IRAN}> ?p ?o }}"})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/sparql-results+json"
    assert response.headers["vary"] == "Accept, Accept-Encoding"
    assert response.headers["comity-data-version"]
    assert response.json()["boolean"] is True


def test_post_form(client: TestClient, total: int) -> None:
    assert count(client.post("/sparql", data={"query": COUNT}).text) == total


@pytest.mark.parametrize("content_type", [QUERY, f"{QUERY}; charset=UTF-8", QUERY.upper()])
def test_post_direct(client: TestClient, total: int, content_type: str) -> None:
    response = client.post("/sparql", content=COUNT, headers={"content-type": content_type})
    assert count(response.text) == total


def test_head(client: TestClient) -> None:
    response = client.head("/sparql", params={"query": COUNT})
    assert response.status_code == 200
    assert response.headers["content-type"] == "application/sparql-results+json"
    assert response.content == b""


@pytest.mark.parametrize("format", list(ResultFormat))
def test_every_format(client: TestClient, format: ResultFormat) -> None:
    query = COUNT if format.is_table else CONSTRUCT
    response = client.get("/sparql", params={"query": query}, headers={"accept": format.media_type})
    assert response.status_code == 200
    assert response.headers["content-type"].partition(";")[0] == format.media_type
    if format.is_table:
        parsed_table = (
            ox.parse_query_results(
                response.content, ox.QueryResultsFormat.from_media_type(format.media_type)
            )
            if format is not ResultFormat.CSV
            else [1]
        )
        assert len(list(parsed_table)) == 1  # type: ignore[arg-type]
    else:
        rdf_format = ox.RdfFormat.from_media_type(format.media_type)
        assert len(list(ox.parse(response.content, rdf_format))) > 50


def test_csv_says_its_charset(client: TestClient) -> None:
    response = client.get("/sparql", params={"query": COUNT, "format": "csv"})
    assert response.headers["content-type"] == "text/csv; charset=utf-8"


@pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv", "srj", "srx"])
def test_table_format_by_name(client: TestClient, name: str) -> None:
    """SPARQLWrapper sends the name three times."""
    params = {"query": COUNT, "format": name, "output": name, "results": name}
    assert client.get("/sparql", params=params).status_code == 200


@pytest.mark.parametrize("name", ["xml", "turtle", "rdf+xml", "json-ld", "n3", "ttl", "nt"])
def test_graph_format_by_name(client: TestClient, name: str) -> None:
    params = {"query": CONSTRUCT, "format": name}
    response = client.get("/sparql", params=params, headers={"accept": "image/png"})
    assert response.status_code == 200


@pytest.mark.parametrize(
    ("query", "format", "accept"),
    [
        (COUNT, "ttl", "*/*"),
        (CONSTRUCT, "csv", "*/*"),
        (COUNT, "docx", "*/*"),
        (COUNT, None, "image/png"),
        (COUNT, None, "text/turtle"),
        (CONSTRUCT, None, "text/csv"),
    ],
)
def test_not_acceptable(client: TestClient, query: str, format: str | None, accept: str) -> None:
    params = {"query": query} | ({"format": format} if format else {})
    response = client.get("/sparql", params=params, headers={"accept": accept})
    assert response.status_code == 406
    assert response.json()["title"]


def test_what_can_be_made_is_listed(client: TestClient) -> None:
    response = client.get("/sparql", params={"query": "no", "format": "docx"})
    assert response.status_code == 406
    assert all(format.media_type in response.json()["hint"] for format in ResultFormat)


def test_a_browser_gets_the_editor(client: TestClient) -> None:
    for params in ({}, {"query": COUNT}, {"query": COUNT, "view": "table", "format": ""}):
        response = client.get("/sparql", params=params, headers={"accept": BROWSER})
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/html; charset=utf-8"
        assert "accept" in response.headers["vary"].lower()
        assert (COUNT in html.unescape(response.text)) == bool(params)


@pytest.mark.parametrize(
    ("accept", "params"),
    [
        (None, {}),
        ("*/*", {}),
        ("*", {}),
        (JAVA, {}),
        ("application/sparql-results+json, text/html;q=0.9", {}),
        (BROWSER, {"format": "json"}),
        (BROWSER, {"output": "json"}),
        (BROWSER, {"timeout": "5"}),
        (BROWSER, {"default-graph-uri": TINY}),
    ],
)
def test_all_others_get_the_answer(
    client: TestClient, accept: str | None, params: dict[str, str]
) -> None:
    headers = {} if accept is None else {"accept": accept}
    response = client.get("/sparql", params={"query": COUNT, **params}, headers=headers)
    assert response.headers["content-type"] == "application/sparql-results+json"


def test_a_form_that_is_posted_by_a_browser_is_answered(client: TestClient) -> None:
    response = client.post("/sparql", data={"query": COUNT}, headers={"accept": BROWSER})
    assert response.headers["content-type"] == "application/sparql-results+json"


def test_a_browser_without_the_library_gets_the_form(
    client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr("comity.service.sparql.editor._LIBRARY", tmp_path / "missing.js")
    page = client.get("/sparql", params={"query": COUNT}, headers={"accept": BROWSER}).text
    assert "make libraries" in page
    assert "sparql.js" not in page
    assert COUNT in html.unescape(page)


def test_no_dataset_is_the_union(total: int) -> None:
    assert total > 50


@pytest.mark.parametrize("method", ["get", "form", "direct"])
def test_default_graphs(client: TestClient, total: int, method: str) -> None:
    dataset = {"default-graph-uri": [STATES, TINY]}
    if method == "get":
        response = client.get("/sparql", params={"query": COUNT, **dataset})
    elif method == "form":
        response = client.post("/sparql", data={"query": COUNT, **dataset})
    else:
        headers = {"content-type": QUERY}
        response = client.post("/sparql", params=dataset, content=COUNT, headers=headers)
    one = count(client.get("/sparql", params={"query": COUNT, "default-graph-uri": STATES}).text)
    assert 0 < one < count(response.text) < total


def test_named_graphs(client: TestClient) -> None:
    params = {"query": COUNT_NAMED, "named-graph-uri": STATES}
    named = count(client.get("/sparql", params=params).text)
    assert 0 < named < count(client.get("/sparql", params={"query": COUNT_NAMED}).text)
    assert count(client.get("/sparql", params=params | {"query": COUNT}).text) == 0


def test_an_empty_dataset_parameter_is_none(client: TestClient, total: int) -> None:
    params = {"query": COUNT, "default-graph-uri": "", "named-graph-uri": ""}
    assert count(client.get("/sparql", params=params).text) == total


@pytest.mark.parametrize("name", ["default-graph-uri", "named-graph-uri"])
def test_a_dataset_of_no_iri(client: TestClient, name: str) -> None:
    response = client.get("/sparql", params={"query": COUNT, name: "not an iri"})
    assert response.status_code == 422
    assert response.json()["parameter"] == name


@pytest.mark.parametrize("value", ["soon", "0", "-1", "nan", "inf", "1e999"])
def test_a_bad_timeout(client: TestClient, value: str) -> None:
    response = client.get("/sparql", params={"query": COUNT, "timeout": value})
    assert response.status_code == 422
    assert response.json()["parameter"] == "timeout"


def test_a_shorter_timeout(client: TestClient) -> None:
    response = client.get("/sparql", params={"query": HEAVY, "timeout": "0.2"})
    assert response.status_code == 504
    assert response.headers["content-type"] == "application/problem+json"


def test_a_longer_timeout_is_not_granted(store: EmbeddedStore) -> None:
    app = create_app(store, Settings(store="memory", timeout=0.2))
    response = TestClient(app).get("/sparql", params={"query": HEAVY, "timeout": "60"})
    assert response.status_code == 504


@pytest.mark.parametrize(
    ("params", "parameter"),
    [
        ({"format": "json"}, "query"),
        ({"query": [COUNT, COUNT]}, "query"),
        ({"update": "CLEAR ALL"}, "update"),
        ({"query": COUNT, "update": "CLEAR ALL"}, "update"),
    ],
)
def test_bad_parameters(
    client: TestClient, params: dict[str, str | list[str]], parameter: str
) -> None:
    for response in (client.get("/sparql", params=params), client.post("/sparql", data=params)):
        assert response.status_code == 400
        assert response.json()["parameter"] == parameter


def test_a_query_in_address_and_body(client: TestClient) -> None:
    response = client.post("/sparql", params={"query": COUNT}, data={"query": COUNT})
    assert response.status_code == 400


@pytest.mark.parametrize(
    ("content_type", "status"),
    [
        (None, 415),
        ("text/plain", 415),
        ("application/json", 415),
        (f"{QUERY}; charset=latin-1", 415),
        (f"{FORM}; charset=utf-16", 415),
        ("application/sparql-update", 400),
    ],
)
def test_bad_content_types(client: TestClient, content_type: str | None, status: int) -> None:
    headers = {"content-type": content_type} if content_type else {}
    response = client.post("/sparql", content=COUNT.encode(), headers=headers)
    assert response.status_code == status
    assert response.json()["status"] == status


@pytest.mark.parametrize(
    ("body", "content_type"),
    [(b"ASK { ?s ?p '\xff' }", QUERY), (b"query=%FF", FORM), (b"query=\xff", FORM)],
)
def test_invalid_utf8(client: TestClient, body: bytes, content_type: str) -> None:
    response = client.post("/sparql", content=body, headers={"content-type": content_type})
    assert response.status_code == 400


def test_invalid_utf8_in_the_address(client: TestClient) -> None:
    assert client.get("/sparql?query=%FF").status_code == 400


def test_too_many_parameters(client: TestClient) -> None:
    assert client.get("/sparql?" + "a=b&" * 1001).status_code == 400


@pytest.mark.parametrize("streamed", [False, True])
def test_a_body_too_long(store: EmbeddedStore, streamed: bool) -> None:
    client = TestClient(create_app(store, Settings(store="memory", max_body=100)))  # type: ignore[arg-type]
    headers = {"content-type": QUERY}

    def chunks() -> Iterator[bytes]:
        for _ in range(20):
            yield b"# comment\n"

    content = chunks() if streamed else b"".join(chunks())
    response = client.post("/sparql", content=content, headers=headers)
    assert response.status_code == 413
    assert client.post("/sparql", content=COUNT, headers=headers).status_code == 200


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH"])
def test_other_methods(client: TestClient, method: str) -> None:
    response = client.request(method, "/sparql")
    assert response.status_code == 405
    assert response.headers["allow"] == "GET, HEAD, OPTIONS, POST"


@pytest.mark.parametrize(
    ("path", "allow"),
    [("/sparql", "GET, HEAD, OPTIONS, POST"), ("/health", "GET, HEAD, OPTIONS"),
     ("/queries/positions-of.csv", "GET, HEAD, OPTIONS"), ("/running/q1", "DELETE, OPTIONS")],
)  # fmt: skip
def test_options(client: TestClient, path: str, allow: str) -> None:
    response = client.options(path)
    assert (response.status_code, response.headers["allow"]) == (204, allow)
    assert client.options("/no/such/place").status_code == 404


@pytest.mark.parametrize("coding", ["gzip", "x-gzip", "GZIP"])
def test_a_compressed_query(client: TestClient, total: int, coding: str) -> None:
    headers = {"content-type": QUERY, "content-encoding": coding}
    response = client.post("/sparql", content=gzip.compress(COUNT.encode()), headers=headers)
    assert count(response.text) == total


# The same at any time, since it stands in the names of tests, which all processes must agree on.
packed = partial(gzip.compress, mtime=0)


@pytest.mark.parametrize(
    ("coding", "body", "status"),
    [
        ("gzip", packed(COUNT.encode() + b" " * 10_000_000), 413),
        ("gzip", packed(COUNT.encode())[:-9], 400),
        ("gzip", COUNT.encode(), 400),
        ("br", COUNT.encode(), 415),
        ("gzip, gzip", packed(packed(COUNT.encode())), 415),
    ],
)
def test_what_is_compressed_wrongly_or_too_well(
    client: TestClient, coding: str, body: bytes, status: int
) -> None:
    headers = {"content-type": QUERY, "content-encoding": coding}
    response = client.post("/sparql", content=body, headers=headers)
    assert response.status_code == status
    assert response.json()["detail"]
    if status == 415:
        assert response.headers["accept-encoding"] == "gzip, identity"


def test_a_syntax_error_says_where(client: TestClient) -> None:
    response = client.get("/sparql", params={"query": "SELECT * {\n ?s ?p }"})
    assert response.status_code == 400
    assert response.json()["line"] == 2


def test_a_byte_order_mark_is_no_matter(client: TestClient) -> None:
    headers = {"Content-Type": "application/sparql-query"}
    response = client.post("/sparql", content=b"\xef\xbb\xbfASK {}", headers=headers)
    assert response.json()["boolean"] is True


def test_a_valid_query_that_can_not_be_answered_is_no_bad_request(client: TestClient) -> None:
    query = "SELECT * { ?s ?p ?o FILTER(<http://example.org/f>(?o)) }"
    response = client.get("/sparql", params={"query": query})
    assert response.status_code == 422
    assert "custom function" in response.json()["detail"]


def test_an_update_is_no_query(client: TestClient) -> None:
    assert client.get("/sparql", params={"query": "CLEAR ALL"}).status_code == 400


def test_service_is_not_allowed(client: TestClient) -> None:
    query = "SELECT * { SERVICE <http://127.0.0.1:9/> { ?s ?p ?o } }"
    assert client.get("/sparql", params={"query": query}).status_code == 403


def test_relative_iris_are_below_the_endpoint(client: TestClient) -> None:
    response = client.get("/sparql", params={"query": "SELECT (<x> AS ?x) {}"})
    value = response.json()["results"]["bindings"][0]["x"]["value"]
    assert value == "http://testserver/x"


@pytest.mark.parametrize(
    "accept",
    ["*/*", "text/turtle", "application/n-triples", "application/rdf+xml", "application/ld+json"],
)
def test_service_description(client: TestClient, accept: str) -> None:
    response = client.get("/sparql", headers={"accept": accept})
    assert response.status_code == 200
    kind = response.headers["content-type"].partition(";")[0]
    triples = {
        str(quad.triple) for quad in ox.parse(response.content, ox.RdfFormat.from_media_type(kind))
    }
    sd, here = "http://www.w3.org/ns/sparql-service-description#", "http://testserver/sparql"
    assert f"<{here}> <{sd}endpoint> <{here}>" in triples
    assert f"<{here}> <{sd}supportedLanguage> <{sd}SPARQL11Query>" in triples
    assert f"<{here}> <{sd}feature> <{sd}UnionDefaultGraph>" in triples
    assert sum("resultFormat" in triple for triple in triples) == len(ResultFormat)


def test_service_description_without_union(store: EmbeddedStore) -> None:
    app = create_app(store, Settings(store="memory", union=False, base="https://example.org/c"))
    response = TestClient(app).get("/sparql", headers={"accept": "text/turtle"})
    assert "UnionDefaultGraph" not in response.text
    assert "<https://example.org/c/sparql>" in response.text


def test_what_the_description_says_of_writing_and_of_other_services(store: EmbeddedStore) -> None:
    """The update service is named where there is one, and only there."""
    sd = "http://www.w3.org/ns/sparql-service-description#"
    here, update = (
        ox.NamedNode("http://testserver/sparql"),
        ox.NamedNode("http://testserver/update"),
    )
    updates = ox.Triple(
        update, ox.NamedNode(sd + "supportedLanguage"), ox.NamedNode(sd + "SPARQL11Update")
    )
    federated = ox.Triple(
        here, ox.NamedNode(sd + "feature"), ox.NamedNode(sd + "BasicFederatedQuery")
    )
    allow = ("https://a.example/sparql",)
    with closing(Writer(store, timeout=5, memory=500_000_000)) as writer:
        for token, allowed in ((None, ()), ("secret", ()), (None, allow), ("secret", allow)):
            settings = Settings(store="memory", token=token, service_allow=allowed)
            client = TestClient(create_app(store, settings, writer if token else None))
            response = client.get("/sparql", headers={"accept": "application/n-triples"})
            quads = ox.parse(response.content, ox.RdfFormat.N_TRIPLES)
            triples = {quad.triple for quad in quads}
            assert (updates in triples) == (token is not None)
            assert (federated in triples) == bool(allowed)


def test_no_query_and_no_rdf(client: TestClient) -> None:
    response = client.get("/sparql", headers={"accept": "application/sparql-results+json"})
    assert response.status_code == 400
    assert response.json()["parameter"] == "query"


def test_cors_is_off(client: TestClient) -> None:
    response = client.get("/health", headers={"origin": "https://a.example"})
    assert "access-control-allow-origin" not in response.headers


def test_cors_on(store: EmbeddedStore) -> None:
    settings = Settings(store="memory", cors=("https://a.example",))
    client = TestClient(create_app(store, settings))
    headers = {"origin": "https://a.example"}
    response = client.get("/sparql", params={"query": COUNT}, headers=headers)
    assert response.headers["access-control-allow-origin"] == "https://a.example"
    refused = client.get("/health", headers={"origin": "https://b.example"})
    assert "access-control-allow-origin" not in refused.headers
    error = client.get("/sparql", params={"query": "no"}, headers=headers)
    assert error.headers["access-control-allow-origin"] == "https://a.example"
    preflight = client.options(
        "/sparql",
        headers=headers
        | {
            "access-control-request-method": "POST",
            "access-control-request-headers": "content-type",
        },
    )
    assert preflight.status_code == 200
