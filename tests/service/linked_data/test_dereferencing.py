"""Dereferencing of things."""

import json

import pyld
import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.rdf.namespaces import ID, PREFIXES
from comity.graph.rdf.terms import shorten
from comity.graph.store.own_queries import query_text
from comity.service.app import create_app
from comity.service.settings import Settings

BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8"


@pytest.mark.parametrize(
    ("path", "accept", "location"),
    [
        ("/id/iran", BROWSER, "/page/iran"),
        ("/id/iran", "text/html", "/page/iran"),
        ("/id/iran", "*/*", "/data/iran"),
        ("/id/iran", "text/turtle", "/data/iran"),
        ("/id/iran", "application/ld+json, text/html;q=0.9", "/data/iran"),
        ("/id/iran.html", "text/turtle", "/page/iran"),
        ("/id/iran.ttl", BROWSER, "/data/iran.ttl"),
        ("/id/iran.nt", "*/*", "/data/iran.nt"),
        ("/id/iran.rdf", "*/*", "/data/iran.rdf"),
        ("/id/iran.jsonld", "*/*", "/data/iran.jsonld"),
        ("/id/iran?format=turtle", BROWSER, "/data/iran.ttl"),
        ("/id/iran?format=html", "*/*", "/page/iran"),
    ],
)
def test_see_other(client: TestClient, path: str, accept: str, location: str) -> None:
    response = client.get(path, headers={"accept": accept})
    assert (response.status_code, response.headers["location"]) == (303, location)
    assert response.headers["vary"] == "Accept"


def test_below_a_folder(store: EmbeddedStore) -> None:
    app = create_app(store, Settings(store="memory", base="https://example.org/comity"))
    client = TestClient(app, follow_redirects=False)
    assert client.get("/id/iran.ttl").headers["location"] == "/comity/data/iran.ttl"
    assert 'href="/comity/static/style.css"' in client.get("/page/iran").text


@pytest.mark.parametrize("path", ["/id/iran", "/data/iran"])
@pytest.mark.parametrize(
    "wanted", [{"accept": "image/png"}, {"suffix": ".docx"}, {"suffix": ".csv"}]
)
def test_not_acceptable(client: TestClient, path: str, wanted: dict[str, str]) -> None:
    response = client.get(
        path + wanted.get("suffix", ""), headers={"accept": wanted.get("accept", "*/*")}
    )
    assert response.status_code == 406
    assert "text/turtle" in response.json()["hint"]


@pytest.mark.parametrize(
    ("suffix", "accept", "media_type"),
    [
        ("", "*/*", "text/turtle"),
        ("", BROWSER, "text/turtle"),
        ("", "application/rdf+xml", "application/rdf+xml"),
        (".ttl", "image/png", "text/turtle"),
        (".nt", "*/*", "application/n-triples"),
        (".rdf", "*/*", "application/rdf+xml"),
        (".jsonld", "*/*", "application/ld+json"),
    ],
)
def test_data(client: TestClient, suffix: str, accept: str, media_type: str) -> None:
    response = client.get(f"/data/iran{suffix}", headers={"accept": accept})
    assert response.status_code == 200
    assert response.headers["content-type"].partition(";")[0] == media_type
    triples = triples_of(client, response.content, media_type)
    label = ox.NamedNode(PREFIXES["rdfs"] + "label")
    iran, holder = ox.NamedNode(ID + "iran"), ox.NamedNode(PREFIXES["comity"] + "holder")
    record = ox.NamedNode(PREFIXES["source"] + "tiny#f1.1")
    assert ox.Triple(iran, label, ox.Literal("Iran", language="en")) in triples
    assert ox.Triple(record, holder, iran) in triples
    assert ox.Triple(holder, label, ox.Literal("holder", language="en")) in triples
    # The record is whole, with the words that it rests on …
    words = ox.Literal("Russia and Iran oppose <tolls> & fees on the river")
    quotation = ox.NamedNode(PREFIXES["source"] + "tiny#q1.1")
    assert ox.Triple(quotation, ox.NamedNode(PREFIXES["comity"] + "words"), words) in triples
    # … and what it mentions has a label, and a description of its own elsewhere.
    river = ox.NamedNode(ID + "river-format")
    assert {t.predicate for t in triples if t.subject == river} == {label}


def triples_of(client: TestClient, body: bytes, media_type: str) -> set[ox.Triple]:
    """The triples of a document; those of JSON-LD by pyld, with the context that we serve."""
    format = ox.RdfFormat.from_media_type(media_type)
    if format == ox.RdfFormat.JSON_LD:

        def load(address: str, _: object) -> dict[str, object]:
            context = client.get(address.removeprefix("http://testserver"))
            assert context.headers["content-type"] == "application/ld+json"
            return {"documentUrl": address, "document": context.json(), "contextUrl": None}

        options = {"documentLoader": load, "format": "application/n-quads"}
        body = pyld.jsonld.to_rdf(json.loads(body), options).encode()
        format = ox.RdfFormat.N_QUADS
    return {quad.triple for quad in ox.parse(body, format)}


@pytest.mark.parametrize("path", ["/data/nowhere", "/data/nowhere.ttl", "/page/nowhere"])
def test_unknown(client: TestClient, path: str) -> None:
    response = client.get(path)
    assert response.status_code == 404
    assert "nowhere" in response.json()["detail"]
    assert response.json()["hint"]


@pytest.mark.parametrize("name", ["Iran", "i%20ran", "iran%3E", "ir%C3%A4n", "iran.", "a.b.ttl"])
@pytest.mark.parametrize("folder", ["id", "data", "page"])
def test_not_a_name(client: TestClient, folder: str, name: str) -> None:
    assert client.get(f"/{folder}/{name}").status_code == 404


def test_a_term_is_put_in_as_a_term() -> None:
    text = query_text("resource/description", thing=ID + "russia")
    assert f"VALUES ?thing {{ <{ID}russia> }}" in text
    assert "id:iran" not in text


@pytest.mark.parametrize("iri", ["x> } DELETE { <y", "https://example.org/a b", "nothing", ""])
def test_what_is_no_iri_never_enters_a_query(iri: str) -> None:
    with pytest.raises(ValueError, match="IRI"):
        query_text("resource/description", thing=iri)


def test_shorten() -> None:
    assert shorten(ID + "iran") == "id:iran"
    assert shorten("https://example.org/x") == "https://example.org/x"
