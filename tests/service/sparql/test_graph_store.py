"""The SPARQL 1.1 Graph Store HTTP Protocol."""

import gzip
import json
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import httpx
import pyoxigraph as ox
import pytest
from fastapi import FastAPI
from starlette.testclient import TestClient

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.engines.writing.writer import Writer
from comity.service.app import create_app
from comity.service.http.uploads import FormPart, parts
from comity.service.settings import Settings

G = "http://example.org/g"
TURTLE, TRIG, N_QUADS = "text/turtle", "application/trig", "application/n-quads"
TOKEN = {"Authorization": "Bearer secret"}
FORMATS = {
    "text/turtle": "@prefix e: <http://e/> . e:s e:p 'é' , 1 .",
    "application/n-triples": "<http://e/s> <http://e/p> 'é' .\n".replace("'", '"'),
    "application/rdf+xml": """<r:RDF xmlns:r="http://www.w3.org/1999/02/22-rdf-syntax-ns#"
        xmlns:e="http://e/"><r:Description r:about="http://e/s"><e:p>é</e:p></r:Description></r:RDF>""",
    "application/ld+json": '{"@id": "http://e/s", "http://e/p": "é"}',
    "application/trig": "<http://e/s> <http://e/p> 'é' .",
    "application/n-quads": '<http://e/s> <http://e/p> "é" .\n',
}


@pytest.fixture(scope="module")
def own() -> Iterator[tuple[EmbeddedStore, Writer]]:
    """A store that is written to, and what writes to it."""
    with (
        closing(open_embedded("memory", bundled=False)) as store,
        closing(Writer(store, timeout=10, memory=500_000_000)) as writer,
    ):
        yield store, writer


def application(own: tuple[EmbeddedStore, Writer], **said: Any) -> FastAPI:
    options: dict[str, Any] = {"store": "memory", "bundled": False, "token": "secret"} | said
    return create_app(own[0], Settings(**options), own[1])


@pytest.fixture
def client(own: tuple[EmbeddedStore, Writer]) -> Iterator[TestClient]:
    """A client of an empty store, that has the token."""
    client = TestClient(application(own), headers=TOKEN)
    if own[0].engine.named_graphs() or len(own[0].engine):
        assert client.delete("/store").status_code == 204
    yield client


def put(client: TestClient, text: str, graph: str = G, kind: str = TURTLE, **said: str) -> int:
    headers = {"content-type": kind} | {k.replace("_", "-"): v for k, v in said.items()}
    url = "/store?default" if graph == "" else "/store?graph=" + graph
    return client.put(url, content=text.encode(), headers=headers).status_code


def read(client: TestClient, graph: str = G) -> list[str]:
    """The objects of a graph."""
    url = "/store?default" if graph == "" else "/store?graph=" + graph
    response = client.get(url, headers={"accept": "application/n-triples"})
    assert response.status_code == 200, response.text
    quads = ox.parse(response.content, ox.RdfFormat.N_TRIPLES)
    return sorted(getattr(quad.object, "value", "?") for quad in quads)


class TestGraphs:
    def test_put_get_delete(self, client: TestClient) -> None:
        assert put(client, "<s> <p> 1") == 400
        assert put(client, "<s> <p> 1 .") == 201
        assert read(client) == ["1"]
        assert put(client, "<s> <p> 2 .") == 204
        assert read(client) == ["2"]
        assert client.delete("/store", params={"graph": G}).status_code == 204
        assert client.get("/store", params={"graph": G}).status_code == 404
        assert client.delete("/store", params={"graph": G}).status_code == 404

    def test_post_adds(self, client: TestClient) -> None:
        for number, status in ((1, 201), (2, 204)):
            content, headers = f"<s> <p> {number} .", {"content-type": TURTLE}
            response = client.post("/store", params={"graph": G}, content=content, headers=headers)
            assert response.status_code == status
            assert response.headers["comity-data-version"]
        assert read(client) == ["1", "2"]

    def test_relative_addresses_are_those_of_the_graph(self, client: TestClient) -> None:
        put(client, "<s> <#p> <../o> .", "http://example.org/a/b/g")
        assert read(client, "http://example.org/a/b/g") == ["http://example.org/a/o"]
        put(client, "<s> <p> <o> .", "")
        assert read(client, "") == ["http://testserver/o"]

    def test_the_default_graph(self, client: TestClient) -> None:
        """The real one, though queries that name no dataset see the union of all."""
        assert read(client, "") == []
        put(client, "<s> <p> 1 .")
        assert read(client, "") == []
        assert put(client, "<s> <p> 2 .", "") == 204
        assert read(client, "") == ["2"]
        assert client.delete("/store?default").status_code == 204
        assert read(client, "") == []
        assert read(client) == ["1"]

    def test_an_empty_graph_is_one(self, client: TestClient) -> None:
        assert put(client, "") == 201
        assert read(client) == []
        assert put(client, "") == 204

    @pytest.mark.parametrize("kind", FORMATS)
    def test_formats(self, client: TestClient, kind: str) -> None:
        assert put(client, FORMATS[kind], kind=kind) == 201
        assert "é" in read(client)
        response = client.get("/store", params={"graph": G}, headers={"accept": kind})
        assert response.headers["content-type"].partition(";")[0] == kind
        assert response.headers["vary"] == "Accept, Accept-Encoding"
        quads = ox.parse(response.content, ox.RdfFormat.from_media_type(kind))
        assert {quad.graph_name for quad in quads} == {ox.DefaultGraph()}

    def test_blank_nodes_are_fresh(self, client: TestClient) -> None:
        headers = {"content-type": TURTLE}
        for _ in range(2):
            content = "_:a <p> 1 . _:a <q> 2 ."
            client.post("/store", params={"graph": G}, content=content, headers=headers)
        response = client.get("/store", params={"graph": G, "format": "nt"})
        quads = list(ox.parse(response.content, ox.RdfFormat.N_TRIPLES))
        assert len(quads) == 4 and len({quad.subject for quad in quads}) == 2

    def test_head(self, client: TestClient) -> None:
        put(client, "<s> <p> 1 .")
        response = client.head("/store", params={"graph": G})
        assert (response.status_code, response.content) == (200, b"")
        assert response.headers["content-type"].startswith(TURTLE)
        assert response.headers["etag"]
        assert client.head("/store?graph=x:none").status_code == 404

    def test_a_new_graph(self, client: TestClient) -> None:
        response = client.post("/store", content="<s> <p> 1 .", headers={"content-type": TURTLE})
        assert response.status_code == 201
        found = client.get(response.headers["location"], params={"format": "nt"})
        assert len(found.text.splitlines()) == 1

    def test_an_iri_is_decoded_once(self, client: TestClient) -> None:
        assert put(client, "<s> <p> 1 .", "http://e/%2531") == 201
        assert put(client, "<s> <p> 2 .", "http://e/%31") == 201
        assert (read(client, "http://e/%2531"), read(client, "http://e/1")) == (["1"], ["2"])

    def test_reading_needs_no_token(self, own: tuple[EmbeddedStore, Writer]) -> None:
        for token in (None, "other"):
            response = TestClient(application(own, token=token)).get("/store?default")
            assert response.status_code == 200

    def test_it_is_read_without_a_writer(self, store: EmbeddedStore) -> None:
        app = create_app(store, Settings(store="memory", bundled=False))
        response = TestClient(app).get("/store?graph=https://w3id.org/comity/graph/tiny")
        assert response.status_code == 200
        tag = {"if-none-match": response.headers["etag"]}
        address = "/store?graph=https://w3id.org/comity/graph/tiny"
        assert TestClient(app).get(address, headers=tag).status_code == 304


class TestDatasets:
    DATA = "<x:s> <x:p> 0 . <x:1> { <x:s> <x:p> 1 } <x:2> { <x:s> <x:p> 2 }"

    def test_put_get_delete(self, client: TestClient) -> None:
        put(client, "<s> <p> 9 .")
        assert client.put("/store", content=self.DATA, headers={"content-type": TRIG}).is_success
        response = client.get("/store", headers={"accept": N_QUADS})
        assert response.headers["content-type"] == N_QUADS
        assert len(response.text.splitlines()) == 3
        assert client.get("/store").headers["content-type"] == TRIG
        assert client.get("/store?format=jsonld").headers["content-type"] == "application/ld+json"
        assert client.delete("/store").status_code == 204
        assert client.get("/store", headers={"accept": N_QUADS}).text == ""

    def test_post_adds(self, client: TestClient) -> None:
        put(client, "<s> <p> 9 .", "x:1")
        assert client.post("/store", content=self.DATA, headers={"content-type": TRIG}).is_success
        assert (read(client, "x:1"), read(client, "x:2"), read(client, "")) == (
            ["1", "9"],
            ["2"],
            ["0"],
        )

    def test_post_may_replace_the_graphs_that_it_brings(self, client: TestClient) -> None:
        put(client, "<s> <p> 9 .", "x:1")
        put(client, "<s> <p> 9 .")
        headers = {"content-type": TRIG}
        assert client.post("/store?replace", content=self.DATA, headers=headers).is_success
        assert (read(client, "x:1"), read(client)) == (["1"], ["9"])

    def test_a_graph_can_not_be_a_dataset(self, client: TestClient) -> None:
        assert put(client, self.DATA, kind=TRIG) == 400
        assert client.get("/store", params={"graph": G}).status_code == 404

    def test_a_dataset_can_not_be_a_graph(self, client: TestClient) -> None:
        headers = {"content-type": TURTLE}
        response = client.put("/store", content="<s> <p> 1 .", headers=headers)
        assert response.status_code == 400
        assert "graph=" in response.json()["hint"]
        assert client.get("/store", headers={"accept": TURTLE}).status_code == 406


class TestConditions:
    def tag(self, client: TestClient, kind: str = TURTLE) -> str:
        return client.get("/store", params={"graph": G}, headers={"accept": kind}).headers["etag"]

    def test_reading(self, client: TestClient) -> None:
        put(client, "<s> <p> 1 .")
        tag = self.tag(client)
        assert tag.startswith('"') and tag != self.tag(client, "application/n-triples")
        for header, status in (
            (tag, 304),
            (f'"x", {tag}', 304),
            (f"W/{tag}", 304),
            ("*", 304),
            ('"x"', 200),
        ):
            response = client.get("/store", params={"graph": G}, headers={"if-none-match": header})
            assert response.status_code == status
            assert response.headers["etag"] == tag
        put(client, "<s> <p> 2 .")
        response = client.get("/store", params={"graph": G}, headers={"if-none-match": tag})
        assert response.status_code == 200

    def test_writing(self, client: TestClient) -> None:
        assert put(client, "", if_match="*") == 412
        assert put(client, "", if_none_match="*") == 201
        assert put(client, "", if_none_match="*") == 412
        tag = self.tag(client, "application/rdf+xml")
        assert put(client, "", if_match=f"W/{tag}") == 412  # RFC 9110 §13.1.1: strong comparison
        assert put(client, "", if_match='"x"') == 412
        assert put(client, "<s> <p> 1 .", if_match=tag) == 204
        assert put(client, "<s> <p> 2 .", if_match=tag) == 412
        assert read(client) == ["1"]
        tag = self.tag(client)
        put(client, "", "x:other")
        headers = {"if-match": tag}
        assert client.delete("/store", params={"graph": G}, headers=headers).status_code == 204
        assert client.delete("/store", params={"graph": G}, headers=headers).status_code == 412

    def test_an_update_changes_the_tags_of_what_it_may_have_written(
        self, client: TestClient
    ) -> None:
        put(client, "<s> <p> 1 .")
        tag = self.tag(client)
        client.post("/update", data={"update": "INSERT DATA { GRAPH <x:other> { <x:s> <x:p> 1 } }"})
        assert self.tag(client) == tag
        client.post(
            "/update", data={"update": f"INSERT DATA {{ GRAPH <{G}> {{ <x:s> <x:p> 1 }} }}"}
        )
        assert self.tag(client) != tag

    @pytest.mark.parametrize("header", ["x", '"', "W/", '"a" "b"', "*x"])
    def test_what_is_no_tag(self, client: TestClient, header: str) -> None:
        assert put(client, "", if_match=header) == 400


def form(*files: tuple[str, bytes, str | None]) -> dict[str, Any]:
    return {"files": [("file", file if file[2] else file[:2]) for file in files]}


class TestForms:
    def test_several_files(self, client: TestClient) -> None:
        response = client.post(
            "/store",
            params={"graph": G},
            **form(
                ("a.ttl", b"_:x <p> 1 .", TURTLE),
                ("b.nt", b'_:x <x:p> "2" .\n', "application/octet-stream"),
                ("c.rdf", FORMATS["application/rdf+xml"].encode(), "application/rdf+xml"),
                ("d.ttl.gz", gzip.compress(b"_:x <p> 4 ."), "application/gzip"),
                ("e.ttl", b"", TURTLE),
                ("f.ttl", b"\r\n--no boundary\r\n", None),
            ),
        )
        assert response.status_code == 400  # because of the last
        assert "f.ttl:2:1" in response.json()["detail"]
        assert client.get("/store", params={"graph": G}).status_code == 404
        files = (
            ("a.ttl", b"_:x <p> 1 .", TURTLE),
            ("b.nt", b'_:x <x:p> "2" .\n', "application/octet-stream"),
            ("d.ttl.gz", gzip.compress(b"_:x <p> 4 ."), "application/gzip"),
            ("e.ttl", b"", TURTLE),
        )
        response = client.post("/store", params={"graph": G}, **form(*files))
        assert response.status_code == 201
        assert read(client) == ["1", "2", "4"]
        found = client.get("/store", params={"graph": G, "format": "nt"})
        quads = ox.parse(found.content, ox.RdfFormat.N_TRIPLES)
        assert len({quad.subject for quad in quads}) == 3

    def test_without_a_graph(self, client: TestClient) -> None:
        trig = ("a.trig", b"<x:1> { <x:s> <x:p> 1 }", TRIG)
        turtle = ("a.ttl", b"<x:s> <x:p> 1 .", TURTLE)
        assert client.post("/store", **form(trig, trig)).status_code == 204
        assert client.post("/store", **form(turtle, turtle)).status_code == 201
        assert client.post("/store", **form(turtle, trig)).status_code == 400

    @pytest.mark.parametrize(
        ("content", "status"),
        [
            (b"", 400),
            (b"--b--\r\n", 400),
            (b"--b\r\n", 400),
            (b"--b\r\nContent-Type: text/turtle\r\n\r\n<x:s> <x:p> 1 .", 400),
            (b"--c\r\nContent-Type: text/turtle\r\n\r\n<x:s> <x:p> 1 .\r\n--c--", 400),
            (b"--b\r\nContent-Disposition: form-data; name=x\r\n\r\nvalue\r\n--b--\r\n", 400),
            (b"--b\r\nContent-Type: image/png\r\n\r\nx\r\n--b--\r\n", 415),
            (b"preamble\r\n--b \r\nContent-Type: text/turtle\r\n\r\n<x:s> <x:p> 1 .\r\n--b--\r\nx", 201),
        ],
    )  # fmt: skip
    def test_forms_by_hand(self, client: TestClient, content: bytes, status: int) -> None:
        headers = {"content-type": "multipart/form-data; boundary=b"}
        response = client.post("/store?graph=x:form", content=content, headers=headers)
        assert response.status_code == status, response.text

    def test_no_boundary(self, client: TestClient) -> None:
        headers = {"content-type": "multipart/form-data"}
        assert client.post("/store?default", content=b"x", headers=headers).status_code == 400

    def test_put_takes_none(self, client: TestClient) -> None:
        headers = {"content-type": "multipart/form-data; boundary=b"}
        assert client.put("/store?default", content=b"x", headers=headers).status_code == 415

    def test_the_parts_of_an_upload(self, tmp_path: Path) -> None:
        body = (
            b'--b\r\nContent-Disposition: form-data; name="f"; filename="\xc3\xa9.ttl"\r\n\r\n'
            b"1\r\n-b\r\n--b\r\nContent-Disposition: form-data; name=f; filename=2\r\n\r\n\r\n--b--"
        )
        (tmp_path / "x").write_bytes(body)
        first, second = parts(tmp_path / "x", "b")
        assert body[first.start : first.start + first.size] == b"1\r\n-b"
        assert second == FormPart(second.start, 0, "2", None)


class TestBodies:
    @pytest.mark.parametrize(
        ("kind", "text", "detail", "place"),
        [
            (TURTLE, "<x:s> <x:p>\n 1 , .", "body:2:6: ", (2, 6)),
            (TURTLE, "<x:s> x:p 1 .", "The prefix x: has not been declared", (1, 7)),
            (TURTLE, FORMATS["application/rdf+xml"], "body:1:1", (1, 1)),
            ("application/rdf+xml", "<!DOCTYPE x []><x/>", "document type", (1, None)),
            ("application/rdf+xml", "<x", "body:1:", (1, None)),
            ("application/ld+json", '{"@context": "http://e/", "@id": "x:s"}', "not fetched", None),
            ("application/ld+json", "{", "", (1, None)),
        ],
    )
    def test_what_is_no_rdf(
        self,
        client: TestClient,
        kind: str,
        text: str,
        detail: str,
        place: tuple[int, int | None] | None,
    ) -> None:
        headers = {"content-type": kind}
        response = client.post("/store?default", content=text, headers=headers)
        assert response.status_code == 400
        problem = response.json()
        assert problem["title"] == "Invalid RDF"
        assert detail in problem["detail"]
        if place is not None:
            assert problem["line"] == place[0]
            assert place[1] is None or problem["column"] == place[1]
        assert read(client, "") == []

    def test_compressed(self, client: TestClient) -> None:
        data = gzip.compress(b"<s> <p> 1 .") + gzip.compress(b"<s> <p> 2 .")
        for body, coding, status in (
            (data, "gzip", 204),
            (data, "x-gzip", 204),
            (data[:-3], "gzip", 400),
            (b"<s> <p> 1 .", "gzip", 400),
            (data, "br", 415),
            (b"<s> <p> 3 .", "identity", 204),
        ):
            headers = {"content-type": TURTLE, "content-encoding": coding}
            response = client.post("/store?default", content=body, headers=headers)
            assert response.status_code == status, (coding, response.text)
        assert read(client, "") == ["1", "2", "3"]

    @pytest.mark.parametrize("compressed", [False, True])
    def test_the_limit(self, own: tuple[EmbeddedStore, Writer], compressed: bool) -> None:
        client = TestClient(application(own, max_upload=100_000), headers=TOKEN)
        for size, status in ((100_000, 204), (100_001, 413)):
            content = b"<x:s> <x:p> 1 .".ljust(size)
            headers = {"content-type": TURTLE}
            if compressed:
                content, headers["content-encoding"] = gzip.compress(content), "gzip"
            response = client.post("/store?default", content=content, headers=headers)
            assert response.status_code == status
            if status == 413:
                assert "COMITY_MAX_UPLOAD" in response.json()["hint"]
        pieces = (b" " * 50_000 for _ in range(3))  # of no length that is told before
        response = client.post("/store?default", content=pieces, headers={"content-type": TURTLE})
        assert response.status_code == 413
        bomb = {"content-type": "multipart/form-data; boundary=b"}
        part = gzip.compress(b" " * 10_000_000)
        body = (
            b'--b\r\nContent-Disposition: form-data; filename="x.ttl"\r\n\r\n' + part + b"\r\n--b--"
        )
        response = client.post("/store?default", content=body, headers=bomb)
        assert response.status_code == 413
        assert list(own[0].folder.glob("upload-*")) == []

    @pytest.mark.parametrize(
        "kind", [None, "text/html", "application/x-www-form-urlencoded", "x", f"{TURTLE}; charset=utf-16"]
    )  # fmt: skip
    def test_unsupported_types(self, client: TestClient, kind: str | None) -> None:
        headers = {"content-type": kind} if kind else {}
        response = client.put("/store?default", content=b"x", headers=headers)
        assert response.status_code == 415
        assert "charset" in (kind or "") or TURTLE in response.headers["accept-post"]


class TestAddresses:
    @pytest.mark.parametrize(
        ("query", "parameter"),
        [
            ("graph=relative", "graph"),
            ("graph=", "graph"),
            ("graph=x:a&graph=x:b", "graph"),
            ("graph=x:a&default", "graph"),
            ("grpah=x:a", "grpah"),
            ("graph=x:a b", "graph"),
        ],
    )
    @pytest.mark.parametrize("method", ["GET", "PUT", "POST", "DELETE"])
    def test_bad_ones(self, client: TestClient, method: str, query: str, parameter: str) -> None:
        headers = {"content-type": TURTLE}
        response = client.request(method, f"/store?{query}", headers=headers)
        assert response.status_code == 400
        assert response.json()["parameter"] == parameter

    @pytest.mark.parametrize("query", ["replace&default", "replace=false", "graph=x:a&replace"])
    def test_replace_is_for_datasets(self, client: TestClient, query: str) -> None:
        headers = {"content-type": TRIG}
        assert client.post(f"/store?{query}", headers=headers).status_code == 400
        assert client.put("/store?replace", headers=headers).status_code == 400

    def test_other_methods(self, client: TestClient) -> None:
        allowed = "DELETE, GET, HEAD, OPTIONS, POST, PUT"
        response = client.patch("/store?default")
        assert (response.status_code, response.headers["allow"]) == (405, allowed)
        response = client.options("/store")
        assert (response.status_code, response.headers["allow"]) == (204, allowed)
        assert TURTLE in response.headers["accept-post"]


def test_protected_graphs(tmp_path: Path) -> None:
    with (
        closing(open_embedded("memory")) as store,
        closing(Writer(store, timeout=10, memory=500_000_000)) as writer,
    ):
        app = create_app(store, Settings(store="memory", token="secret"), writer)
        client = TestClient(app, headers=TOKEN)
        for name in ("ontology", "derived", "bundle", "states", "moscow-tehran-relations"):
            graph = f"https://w3id.org/comity/graph/{name}"
            before = client.get("/store", params={"graph": graph, "format": "nt"})
            assert before.status_code == 200
            for method in ("PUT", "POST", "DELETE"):
                headers = {"content-type": TURTLE}
                response = client.request(
                    method, "/store", params={"graph": graph}, content="", headers=headers
                )
                assert response.status_code == 403
                assert graph in response.json()["detail"]
            data = f"<{graph}> {{ <x:s> <x:p> 1 }} <x:g> {{ <x:s> <x:p> 1 }}"
            response = client.post("/store", content=data, headers={"content-type": TRIG})
            assert response.status_code == 403
            after = client.get("/store", params={"graph": graph, "format": "nt"})
            assert after.text == before.text
        assert client.delete("/store").status_code == 403
        assert client.put("/store", content="", headers={"content-type": TRIG}).status_code == 403
        assert client.get("/store?graph=x:g").status_code == 404
        assert put(client, "<s> <p> 1 .") == 201


def test_large_data_over_a_socket(
    own: tuple[EmbeddedStore, Writer], serve: Callable[[FastAPI], int]
) -> None:
    """Neither memory nor other requests suffer from them."""
    port = serve(application(own))
    lines = (f'<x:{n}> <x:large> "{n}" .\n'.encode() for n in range(60_000))
    with httpx.Client(base_url=f"http://127.0.0.1:{port}", headers=TOKEN, timeout=60) as client:
        headers = {"content-type": "application/n-triples"}
        response = client.put("/store?graph=x:large", content=lines, headers=headers)
        assert response.status_code == 201
        found = client.get("/store?graph=x:large", headers={"accept": "application/n-triples"})
        assert found.text.count("\n") == 60_000
        assert json.loads(client.get("/health").text) == {"status": "ok"}
        assert client.delete("/store?graph=x:large").status_code == 204
