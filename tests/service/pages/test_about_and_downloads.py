"""The pages About and Downloads: their figures are those of the graph, and every file is there."""

import re
from collections.abc import Iterator

import pytest
from lxml import html
from PIL import Image
from places import ROOT
from starlette.testclient import TestClient

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.service.app import create_app
from comity.service.settings import Settings

PICTURES = ROOT / "service" / "web" / "static" / "pictures"


@pytest.fixture(scope="module")
def bundled(article: EmbeddedStore) -> Iterator[TestClient]:
    with TestClient(create_app(article, Settings(store="memory"))) as client:
        yield client


def read(client: TestClient, path: str) -> html.HtmlElement:
    response = client.get(path)
    assert response.status_code == 200
    assert response.headers["comity-data-version"]
    return html.fromstring(response.text)


def figures(page: html.HtmlElement) -> dict[str, int]:
    return {
        each.findtext("dt"): int(each.findtext("dd").replace(",", ""))
        for each in page.cssselect(".counts > div")
    }


def test_the_figures_are_those_of_the_graph(bundled: TestClient) -> None:
    found = figures(read(bundled, "/about"))
    assert found["quotations"] == 102
    query = (
        "SELECT (COUNT(DISTINCT ?r) AS ?n) { ?r <https://w3id.org/comity/ontology#modality> ?m }"
    )
    counted = bundled.get("/sparql", params={"query": query, "format": "json"}).json()
    assert found["records"] == int(counted["results"]["bindings"][0]["n"]["value"])


def test_the_citation_names_the_release(bundled: TestClient) -> None:
    page = read(bundled, "/about").text_content()
    assert re.search(r"version \S+, data release [0-9a-f]{8}, facts as known on 2021-02-22", page)
    assert "@misc{comity," in page


def test_about_a_store_of_other_data_claims_no_licence_for_it(client: TestClient) -> None:
    page = read(client, "/about").text_content()
    assert "This service does not contain Comity\u2019s own graph" in page
    assert "data release" not in page


def test_about_an_empty_store(empty: EmbeddedStore) -> None:
    client = TestClient(create_app(empty, Settings(store="memory", bundled=False)))
    assert "This store has no records yet" in read(client, "/about").text_content()
    assert "0 triples" in read(client, "/downloads").text_content()


@pytest.mark.slow
def test_every_download_answers(bundled: TestClient) -> None:
    links = {
        each.get("href") for each in read(bundled, "/downloads").cssselect("main a[href^='/']")
    }
    assert len(links) > 120
    for link in links:
        # PNG and the like are made elsewhere; what is asked here is whether the file is there.
        assert bundled.head(link).status_code == 200, link


def test_a_dump_is_as_long_as_is_said(bundled: TestClient) -> None:
    page = read(bundled, "/downloads")
    said = page.cssselect(".files li")[0].text_content()
    found = re.search(r"dump\.trig\.gz (\d+) kB.*dump\.trig, ([\d.]+) MB", " ".join(said.split()))
    assert found
    assert int(found[1]) == pytest.approx(len(bundled.get("/dump.trig.gz").content) / 1000, rel=0.1)
    assert float(found[2]) == pytest.approx(len(bundled.get("/dump.trig").content) / 1e6, abs=0.1)


def test_each_graph_is_counted(bundled: TestClient) -> None:
    rows = read(bundled, "/downloads").cssselect("#graphs ~ .scroll tbody tr")
    counted = {row.cssselect("td")[0].text_content(): row.cssselect("td")[1].text for row in rows}
    assert len(counted) > 12
    assert counted["What the article 'Moscow-Tehran Relations' says"].replace(",", "").isdecimal()


def test_the_readme_shows_small_pictures_with_words_for_them() -> None:
    shown = re.findall(
        r"!\[([^\]]+)\]\(service/web/static/pictures/([a-z]+)\.png\)",
        (ROOT / "README.md").read_text(),
    )
    assert {name for _, name in shown} == {"home", "ask", "read", "positions"}
    for words, name in shown:
        file = PICTURES / f"{name}.png"
        assert len(words) > 30
        assert file.stat().st_size < 150_000
        with Image.open(file) as picture:
            assert picture.width == 1280
