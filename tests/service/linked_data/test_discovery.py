"""What describes the dataset agrees with what is served: VoID, DCAT, dumps, site map, robots."""

import gzip
from collections import Counter
from contextlib import closing
from xml.etree import ElementTree

import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.rdf.namespaces import PREFIXES
from comity.service.app import create_app
from comity.service.settings import Settings

VOID, DCAT = PREFIXES["void"], "http://www.w3.org/ns/dcat#"
SERVER = "http://testserver"
ROOT = ox.NamedNode(f"{SERVER}/.well-known/void#dataset")
NAMESPACE = "{http://www.sitemaps.org/schemas/sitemap/0.9}"


@pytest.fixture(scope="module")
def bundled(article: EmbeddedStore) -> TestClient:
    return TestClient(create_app(article, Settings(store="memory")))


@pytest.fixture(scope="module")
def described(bundled: TestClient) -> list[ox.Quad]:
    response = bundled.get("/.well-known/void", headers={"accept": "application/n-triples"})
    assert response.status_code == 200
    return list(ox.parse(response.content, ox.RdfFormat.N_TRIPLES))


def values(described: list[ox.Quad], subject: object, name: str) -> list[str]:
    return sorted(
        quad.object.value
        for quad in described
        if quad.subject == subject
        and quad.predicate.value == name
        and isinstance(quad.object, (ox.NamedNode, ox.Literal))
    )


def test_the_counts_are_those_of_the_dump(bundled: TestClient, described: list[ox.Quad]) -> None:
    dumped = list(ox.parse(bundled.get("/dump.nq").content, ox.RdfFormat.N_QUADS))
    union = {quad.triple for quad in dumped}
    assert values(described, ROOT, VOID + "triples") == [str(len(union))]
    subjects = {triple.subject for triple in union}
    assert values(described, ROOT, VOID + "distinctSubjects") == [str(len(subjects))]
    assert values(described, ROOT, VOID + "properties") == [str(len({t.predicate for t in union}))]
    graphs = Counter(quad.graph_name for quad in dumped)
    assert values(described, ROOT, VOID + "subset") == sorted(
        graph.value for graph in graphs if isinstance(graph, ox.NamedNode)
    )
    for graph, size in graphs.items():
        assert values(described, graph, VOID + "triples") == [str(size)]


def test_the_classes_are_counted(described: list[ox.Quad], article: EmbeddedStore) -> None:
    counted = {}
    for part in values(described, ROOT, VOID + "classPartition"):
        (cls,) = values(described, ox.NamedNode(part), VOID + "class")
        (counted[cls],) = values(described, ox.NamedNode(part), VOID + "entities")
    state = ox.NamedNode(PREFIXES["comity"] + "State")
    type_ = ox.NamedNode(PREFIXES["rdf"] + "type")
    states = {q.subject for q in article.engine.quads_for_pattern(None, type_, state, None)}
    assert counted[state.value] == str(len(states))


def test_what_it_names_is_there(bundled: TestClient, described: list[ox.Quad]) -> None:
    dumps = values(described, ROOT, VOID + "dataDump")
    assert len(dumps) == 6
    assert values(described, ROOT, DCAT + "distribution") == dumps
    for dump in dumps:
        response = bundled.head(dump.removeprefix(SERVER))
        assert response.status_code == 200
        (stated,) = values(described, ox.NamedNode(dump), DCAT + "mediaType")
        packed = values(described, ox.NamedNode(dump), DCAT + "compressFormat")
        media_type = response.headers["content-type"].partition(";")[0]
        assert (packed or [stated])[0].endswith(media_type)
    (endpoint,) = values(described, ROOT, VOID + "sparqlEndpoint")
    asked = {"query": "ASK { ?s ?p ?o }"}
    assert bundled.get(endpoint.removeprefix(SERVER), params=asked).json()["boolean"] is True
    for example in values(described, ROOT, VOID + "exampleResource"):
        path = example.removeprefix("https://w3id.org/comity")
        assert bundled.get(path).status_code == 200


def test_it_follows_writes() -> None:
    with closing(open_embedded("memory", bundled=False)) as store:
        client = TestClient(create_app(store, Settings(store="memory", bundled=False)))
        counted = []
        for _ in range(2):
            response = client.get("/.well-known/void?format=nt")
            found = list(ox.parse(response.content, ox.RdfFormat.N_TRIPLES))
            counted += values(found, ROOT, VOID + "triples")
            with store.writing() as engine:
                engine.update("INSERT DATA { GRAPH <x:g> { <x:a> <x:b> <x:c> } }")
        assert counted == ["0", "1"]


@pytest.mark.parametrize(
    ("suffix", "format"),
    [("trig", ox.RdfFormat.TRIG), ("nq", ox.RdfFormat.N_QUADS), ("ttl", ox.RdfFormat.TURTLE)],
)
def test_dumps(
    bundled: TestClient, article: EmbeddedStore, suffix: str, format: ox.RdfFormat
) -> None:
    plain = bundled.get(f"/dump.{suffix}")
    packed = bundled.get(f"/dump.{suffix}.gz")
    assert packed.headers["content-type"] == "application/gzip"
    assert f'.{suffix}.gz"' in packed.headers["content-disposition"]
    assert gzip.decompress(packed.content) == plain.content
    found = list(ox.parse(plain.content, format))
    wanted = set(article.engine)
    if suffix == "ttl":
        wanted = {ox.Quad(q.subject, q.predicate, q.object) for q in wanted}
    assert len(found) == len(wanted)
    assert set(found) == wanted


def test_there_is_no_other_dump(bundled: TestClient) -> None:
    for suffix in ("xlsx", "nq.zip", "nq.", "gz"):
        response = bundled.get(f"/dump.{suffix}")
        assert response.status_code == 404
        assert "/dump.nq.gz" in response.json()["hint"]


def test_the_site_map_has_every_page(bundled: TestClient, article: EmbeddedStore) -> None:
    index = ElementTree.fromstring(bundled.get("/sitemap.xml").content)
    maps = [element.text or "" for element in index.iter(f"{NAMESPACE}loc")]
    assert maps == [f"{SERVER}/sitemap-1.xml"]
    listed = ElementTree.fromstring(bundled.get("/sitemap-1.xml").content)
    pages = [element.text or "" for element in listed.iter(f"{NAMESPACE}loc")]
    assert len(pages) == len(set(pages))
    for path in ("/", "/page/iran", "/sources/kayhan-2021-01-26", "/ontology", "/queries/q16"):
        assert SERVER + path in pages
    for page in pages[::25]:
        response = bundled.get(page.removeprefix(SERVER), headers={"accept": "text/html"})
        assert response.status_code == 200, page
    assert bundled.get("/sitemap-2.xml").status_code == 404
    assert bundled.get("/sitemap-x.xml").status_code == 404


def test_a_site_map_never_grows_beyond_its_limit(
    bundled: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("comity.service.linked_data.discovery.PER_MAP", 100)
    index = ElementTree.fromstring(bundled.get("/sitemap.xml").content)
    things: list[str] = []
    for element in index.iter(f"{NAMESPACE}loc"):
        path = (element.text or "").removeprefix(SERVER)
        listed = ElementTree.fromstring(bundled.get(path).content)
        things += [each.text or "" for each in listed.iter(f"{NAMESPACE}loc")]
    assert len(things) == len(set(things))
    assert sum("/page/" in thing for thing in things) > 200


def test_robots(bundled: TestClient) -> None:
    text = bundled.get("/robots.txt").text
    assert f"Sitemap: {SERVER}/sitemap.xml" in text
    assert "Disallow: /sparql?" in text
