"""JSON-LD: a tree to read, and the very triples that other formats have."""

from collections.abc import Sequence
from typing import Any

import pyld
import pyoxigraph as ox
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from starlette.testclient import TestClient

from comity.graph.descriptions import jsonld
from comity.graph.descriptions.description import LABEL, ON_RECORD, TYPE, Description
from comity.graph.descriptions.ontology.documents import document
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.rdf.namespaces import BASE, COMITY, ID, PREFIXES, SOURCE
from comity.service.app import create_app
from comity.service.settings import Settings

ADDRESS = "https://example.org/context.jsonld"


def load(address: str, _: object) -> dict[str, Any]:
    return {"documentUrl": address, "document": {"@context": jsonld.context()}, "contextUrl": None}


def canonical(document: Any) -> str:
    """The canonical form (RDFC-1.0, by its first name) of a JSON-LD document."""
    options = {"documentLoader": load, "format": "application/n-quads", "algorithm": "URDNA2015"}
    return str(pyld.jsonld.normalize(document, options))


def canonical_triples(triples: Sequence[ox.Triple]) -> str:
    written = ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES)
    assert written is not None
    options = {"inputFormat": "application/n-quads", "format": "application/n-quads"}
    return str(pyld.jsonld.normalize(written.decode(), options | {"algorithm": "URDNA2015"}))


@pytest.fixture(scope="module")
def bundled(article: EmbeddedStore) -> TestClient:
    return TestClient(create_app(article, Settings(store="memory")))


@pytest.mark.parametrize(
    "path",
    [
        "/data/tehran",
        "/data/astana-format",
        "/data/mohammad-javad-zarif",
        "/data/persian-gulf-security",
        "/data/source/kayhan-2021-01-26",
        "/data/graph/states",
        "/ontology/alignments/prov",
        "/why?record=source:moscow-tehran-relations%23f25.1",
    ],
)
def test_it_says_what_n_triples_say(bundled: TestClient, path: str) -> None:
    mark = "&" if "?" in path else "?"
    document = bundled.get(f"{path}{mark}format=jsonld").json()
    response = bundled.get(f"{path}{mark}format=nt")
    triples = [quad.triple for quad in ox.parse(response.content, ox.RdfFormat.N_TRIPLES)]
    assert len(triples) > 5
    assert canonical(document) == canonical_triples(triples)


def test_it_reads_without_rdf(bundled: TestClient) -> None:
    document = bundled.get("/data/astana-format.jsonld").json()
    assert document["@id"] == ID + "astana-format"
    assert document["label"]["en"] == "Astana format"
    assert "Format" in document["@type"]
    record = next(r for r in document["records"] if r["@id"].endswith("#f24.3"))
    assert record["evidence"]["words"] == "Astana tripartite format (Russia, Iran and Turkey)"
    assert record["evidence"]["passage"]["sentenceNumber"] == 24
    assert record["modality"]["label"] == {"en": "presupposed"}
    assert record["notes"][0]["verdict"]["label"] == {"en": "incomplete"}
    planned = next(r for r in document["records"] if r["@id"].endswith("#f25.1"))
    assert planned["content"]["contentFormat"]["@id"] == ID + "astana-format"


def test_the_context_is_that_of_the_ontology(bundled: TestClient) -> None:
    address = bundled.get("/data/iran.jsonld").json()["@context"]
    response = bundled.get(address.removeprefix("http://testserver"))
    assert response.headers["content-type"] == "application/ld+json"
    assert response.json() == {"@context": jsonld.context()}
    terms = jsonld.context()
    for subject in document().subjects:
        if isinstance(subject, ox.NamedNode) and subject.value.startswith(COMITY):
            assert terms[subject.value.removeprefix(COMITY)]["@id"] == subject.value
    assert bundled.get("/context/9.9.9.jsonld").status_code == 404


def test_the_page_has_it_too(bundled: TestClient) -> None:
    import json
    import re

    html = bundled.get("/page/joe-biden").text
    (script,) = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    assert json.loads(script) == bundled.get("/data/joe-biden.jsonld").json()


def test_a_script_is_never_ended_by_what_it_says() -> None:
    iri = ox.NamedNode(ID + "x")
    label = ox.Triple(iri, LABEL, ox.Literal("</script><script>alert(1)"))
    found = jsonld.for_page(jsonld.framed(Description(iri, [label]), ADDRESS))
    assert "<" not in found


def iris() -> st.SearchStrategy[ox.NamedNode]:
    names = ("s", "s#f1", "s#q1", "s#c1")
    known = [ID + "a", COMITY + "a", "https://example.org/a", *(SOURCE + name for name in names)]
    return st.sampled_from([ox.NamedNode(iri) for iri in known])


def literals() -> st.SearchStrategy[ox.Literal]:
    # pyld's reader of N-Quads takes U+0085 and its like for ends of lines and a backslash before an
    # r for a carriage return, and it rewrites doubles.
    kept = st.characters(exclude_categories=["Cc", "Cs", "Zl", "Zp"], exclude_characters="\\")
    text = st.text(kept, max_size=6)
    datatypes = st.sampled_from(["string", "integer", "boolean", "dateTime", "decimal", "own"])
    typed = st.builds(
        lambda value, name: ox.Literal(value, datatype=ox.NamedNode(PREFIXES["xsd"] + name)),
        st.one_of(text, st.sampled_from(["1", "01", "-1", "true", "1.0", "9" * 20, "2021-01-26"])),
        datatypes,
    )
    tagged = st.builds(lambda v, t: ox.Literal(v, language=t), text, st.sampled_from(["en", "fa"]))
    return st.one_of(typed, tagged)


def properties() -> st.SearchStrategy[ox.NamedNode]:
    known = [
        *(ox.NamedNode(COMITY + n) for n in ("evidence", "content", "modality", "earliest")),
        *(ox.NamedNode(COMITY + n) for n in ("passage", "contentObject", "joint", "words")),
        *(ox.NamedNode(PREFIXES["skos"] + n) for n in ("altLabel", "broader", "notation")),
        *(LABEL, TYPE, ON_RECORD, ox.NamedNode("https://example.org/p")),
    ]
    return st.sampled_from(known)


def triples() -> st.SearchStrategy[ox.Triple]:
    nodes = st.one_of(iris(), st.sampled_from([ox.BlankNode("x"), ox.BlankNode("y")]))

    def made(subject: Any, predicate: ox.NamedNode, object_: Any) -> ox.Triple:
        if predicate == TYPE and isinstance(object_, ox.Literal):
            object_ = ox.NamedNode(COMITY + "Position")
        return ox.Triple(subject, predicate, object_)

    return st.builds(made, nodes, properties(), st.one_of(nodes, literals()))


@settings(max_examples=100, deadline=None)
@given(st.sets(triples(), min_size=1, max_size=12), iris())
def test_whatever_is_said_comes_back(said: set[ox.Triple], about: ox.NamedNode) -> None:
    described = Description(about, sorted(said, key=str))
    document = jsonld.framed(described, ADDRESS)
    assert canonical(document) == canonical_triples(described.triples)


def test_no_term_of_the_context_is_a_keyword_of_ours() -> None:
    terms = jsonld.context()
    assert terms["records"] == terms["mentioned"] == "@included"
    assert all(name in terms for name in ("label", "holder", "Position", "comity"))
    assert BASE not in terms


def test_a_page_carries_a_short_document_alone() -> None:
    assert jsonld.for_page({"label": "</script>"}) == '{"label":"\\u003c/script>"}'
    assert jsonld.for_page({"label": "x" * jsonld.LONGEST_IN_PAGE}) == ""
