"""The reading pages: a source in the order of its text, with the facts that it carries."""

import os
import re
from pathlib import Path

import pytest
from starlette.testclient import TestClient

from comity.graph.embedded import EmbeddedStore
from comity.graph.sources import attach
from comity.service.app import create_app
from comity.service.settings import Settings

NAME = "moscow-tehran-relations"
TEXT = (
    Path(os.environ.get("COMITY_TEST_DATA", Path(__file__).parents[2] / "shared"))
    / "article"
    / f"{NAME}.txt"
)


@pytest.fixture
def bundled(article: EmbeddedStore) -> TestClient:
    return TestClient(create_app(article, Settings(store="memory")), follow_redirects=False)


def between(html: str, first: str, last: str) -> str:
    return html.partition(f' id="{first}"')[2].partition(f' id="{last}"')[0]


def test_passages_are_in_the_order_of_the_text(bundled: TestClient) -> None:
    html = bundled.get(f"/sources/{NAME}").text
    found = re.findall(r'class="passage" id="(s\d+)"', html)
    assert found == [f"s{number:02}" for number in range(1, 42)]


def test_a_passage_has_its_facts_and_its_names(bundled: TestClient) -> None:
    passage = between(bundled.get(f"/sources/{NAME}").text, "s24", "s25")
    for fact in ("f24.1", "f24.2", "f24.3"):
        assert f' id="{fact}"' in passage
    assert "Astana tripartite format (Russia, Iran and Turkey)" in passage
    assert '<a href="/page/astana-format">' in passage
    assert "characters 3547 to 3597" in passage


def test_a_correction_stands_beside_what_it_corrects(bundled: TestClient) -> None:
    html = bundled.get(f"/sources/{NAME}").text
    record = between(html, "f35.2", "f36.1")
    assert "<strong>erroneous</strong>" in record
    assert 'href="/sources/' in record.partition("<strong>erroneous</strong>")[2]


def test_a_hope_is_shown_as_one(bundled: TestClient) -> None:
    record = between(bundled.get(f"/sources/{NAME}").text, "f14.1", "f14.2")
    assert '<span class="modality" data-modality="hoped">hoped</span>' in record


def test_a_source_that_is_cited_as_a_whole(bundled: TestClient) -> None:
    html = bundled.get("/sources/kayhan-2021-01-26").text
    assert "nothing is quoted from it" in html
    assert 'href="https://kayhan.ir/en/news/86965"' in html
    for fact in ("f1", "f2", "f3"):
        assert f' id="{fact}"' in html
    assert "Iran and Russia are the parties of the information-security agreement" in html


def test_the_list(bundled: TestClient) -> None:
    found = bundled.get("/sources").json()["sources"]
    assert found[0]["iri"].endswith(f"/source/{NAME}")
    assert (found[0]["records"], found[0]["quotations"]) == (74, 74)
    assert found[0]["page"] == f"http://testserver/sources/{NAME}"
    html = bundled.get("/sources", headers={"accept": "text/html"}).text
    assert f"{len(found)} sources" in html
    assert bundled.get("/sources?format=csv").status_code == 406
    assert bundled.get("/sources/none").status_code == 404
    assert bundled.get(f"/sources/{NAME}.ttl").status_code == 404


@pytest.mark.skipif(not TEXT.is_file(), reason="needs the article: COMITY_TEST_DATA")
def test_the_text_is_shown_only_where_that_is_asked_for(
    article: EmbeddedStore, bundled: TestClient
) -> None:
    words = TEXT.read_text(encoding="utf-8")[3417:3460]
    attach(NAME, TEXT)
    assert words not in bundled.get(f"/sources/{NAME}").text
    shown = TestClient(create_app(article, Settings(store="memory", show_text=True)))
    passage = between(shown.get(f"/sources/{NAME}").text, "s24", "s25")
    assert words in passage


def test_without_a_text_there_is_none_to_show(article: EmbeddedStore) -> None:
    shown = TestClient(create_app(article, Settings(store="memory", show_text=True)))
    assert "only the quoted words" in shown.get(f"/sources/{NAME}").text
