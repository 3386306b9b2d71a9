"""The reading pages: a source in the order of its text, with the facts that it carries."""

import re
from html import unescape

import pytest
from needs import need_data
from places import ARTICLE_TEXT
from starlette.testclient import TestClient

from comity.graph.descriptions.sources.texts import attach, load_source
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.service.app import create_app
from comity.service.settings import Settings

NAME = "moscow-tehran-relations"


@pytest.fixture
def bundled(article: EmbeddedStore) -> TestClient:
    return TestClient(create_app(article, Settings(store="memory")), follow_redirects=False)


def between(html: str, first: str, last: str) -> str:
    return html.partition(f' id="{first}"')[2].partition(f' id="{last}"')[0]


def visible(html: str) -> list[str]:
    """The sentences of a page as a reader sees them, without the letters of their facts."""
    found = re.findall(r'<p class="text"[^>]*>(.*?)</p>', html, re.DOTALL)
    plain = (re.sub(r"<sup.*?</sup>", "", each, flags=re.DOTALL) for each in found)
    return [unescape(re.sub(r"<[^>]*>", "", each)) for each in plain]


def test_passages_are_in_the_order_of_the_text(bundled: TestClient) -> None:
    html = bundled.get(f"/sources/{NAME}").text
    found = re.findall(r'class="sentence" id="(s\d+)"', html)
    assert found == [f"s{number:02}" for number in range(1, 42)]


def test_a_passage_has_its_facts_and_its_names(bundled: TestClient) -> None:
    passage = between(bundled.get(f"/sources/{NAME}").text, "s24", "s25")
    for fact in ("f24.1", "f24.2", "f24.3"):
        assert f' id="{fact}"' in passage
    assert "“Astana tripartite format (Russia, Iran and Turkey)”" in passage
    assert (
        '<a href="/page/astana-format" title="Astana format">Astana tripartite format</a>'
        in passage
    )
    assert "characters 3547 to 3597" in passage


def test_a_correction_stands_beside_what_it_corrects(bundled: TestClient) -> None:
    html = bundled.get(f"/sources/{NAME}").text
    record = between(html, "f35.2", "f36.1")
    assert "<strong>Found wrong</strong> <small>(erroneous)</small>" in record
    beside = record.partition("Found wrong")[2]
    assert 'Instead: <a href="/sources/sputnik-2020-08-14#f2">' in beside
    assert 'According to <a href="/sources/sputnik-2020-08-14">' in beside


def test_a_hope_is_shown_as_one(bundled: TestClient) -> None:
    record = between(bundled.get(f"/sources/{NAME}").text, "f14.1", "f14.2")
    assert '<span class="modality" data-modality="hoped">hoped</span>' in record


def test_a_fact_names_the_sentences_that_its_words_point_to(bundled: TestClient) -> None:
    html = bundled.get(f"/sources/{NAME}").text
    assert f'Points to sentence <a href="/sources/{NAME}#s22">22</a>' in between(
        html, "f23.1", "c23.1"
    )
    assert "Points to" not in between(html, "f39.1", "f39.2")


def test_a_space_between_two_names_is_no_link(bundled: TestClient) -> None:
    links = re.findall(r'<a class="quoted"[^>]*>([^<]*)</a>', bundled.get(f"/sources/{NAME}").text)
    assert links
    assert [text for text in links if not text.strip()] == []


def test_a_source_that_is_cited_as_a_whole(bundled: TestClient) -> None:
    html = bundled.get("/sources/kayhan-2021-01-26").text
    assert "not quoted, but paraphrased" in html
    assert 'href="https://kayhan.ir/en/news/86965"' in html
    for fact in ("f1", "f2", "f3"):
        assert f' id="{fact}"' in html
    assert "Iran and Russia are signatories of the information-security agreement" in html


def test_the_list(bundled: TestClient) -> None:
    found = bundled.get("/sources").json()["sources"]
    assert found[0]["iri"].endswith(f"/source/{NAME}")
    assert (found[0]["records"], found[0]["quotations"]) == (99, 102)
    assert found[0]["page"] == f"http://testserver/sources/{NAME}"
    html = bundled.get("/sources", headers={"accept": "text/html"}).text
    assert f"{len(found)} sources" in html
    assert found[0]["modalities"]["asserted"] == 35
    assert sum(found[0]["modalities"].values()) == found[0]["records"]
    read, _, cited = html.partition("Cited as a whole")
    assert f'href="/page/graph/{NAME}"' in read
    assert '<span class="modality" data-modality="hoped">hoped 1</span>' in read
    assert "/sources/kayhan-2021-01-26" in cited and "Kayhan, 2021-01-26" in cited
    assert bundled.get("/sources?format=csv").status_code == 406
    assert bundled.get("/sources/none").status_code == 404
    assert bundled.get(f"/sources/{NAME}.ttl").status_code == 404


def test_the_text_is_shown_only_where_that_is_asked_for(
    article: EmbeddedStore, bundled: TestClient
) -> None:
    need_data(ARTICLE_TEXT)
    attach(NAME, ARTICLE_TEXT)
    source, text = load_source(NAME), ARTICLE_TEXT.read_text(encoding="utf-8")
    whole = [text[start:end] for start, end in sorted(source.passages.values())]
    shown = TestClient(create_app(article, Settings(store="memory", show_text=True)))
    assert visible(shown.get(f"/sources/{NAME}").text) == whole
    html = bundled.get(f"/sources/{NAME}").text
    assert "The attached text" not in html
    quoted = {*source.words.values()}
    for sentence, full in zip(visible(html), whole, strict=True):
        assert sentence == full or "…" in sentence
        for run in filter(None, sentence.split("…")):
            assert run in full
            assert any(run in words or words in run for words in quoted)
    assert sum(map(len, visible(html))) < len(text) * 0.75
    assert text[3417:3460] not in html


def test_without_a_text_there_is_none_to_show(article: EmbeddedStore) -> None:
    shown = TestClient(create_app(article, Settings(store="memory", show_text=True)))
    assert "only the quoted words and the names" in shown.get(f"/sources/{NAME}").text


def test_an_answer_is_narrowed_by_its_address(bundled: TestClient) -> None:
    html = bundled.get(f"/sources/{NAME}?modality=hoped").text
    assert '<p class="tally" role="status">1 of 99 records</p>' in html
    assert "13 sentences hidden: 1 to 13" in html
    assert "5 facts of this sentence hidden" in between(html, "s14", "s15")
    # Hidden is not gone: every anchor is still there.
    assert ' id="f24.3"' in html and ' id="q24.3"' in html
    narrowed = bundled.get(f"/sources/{NAME}?modality=hoped&modality=predicted&actor=russia").text
    assert "2 of 99 records" in narrowed


def test_an_issue_has_those_below_it(bundled: TestClient) -> None:
    html = bundled.get(f"/sources/{NAME}?issue=iran-nuclear-issue").text
    counts = re.search(r'<option value="iran-nuclear-issue" selected>[^<]*\((\d+)\)', html)
    assert counts
    assert f"{counts[1]} of 99 records" in html
    assert int(counts[1]) > 3


def test_what_the_source_does_not_have_is_said(bundled: TestClient) -> None:
    html = bundled.get(f"/sources/{NAME}?modality=hopd").text
    assert "No record of this source matches; 99 records are hidden" in html
    assert '<input type="checkbox" name="modality" value="hopd" checked>' in html


def test_the_old_anchors_are_all_there(bundled: TestClient) -> None:
    """Every passage, record, proposition, quotation, selector, name and note of the source."""
    answer = bundled.get(f"/data/source/{NAME}.nt").text
    named = set(
        re.findall(rf"^<https://w3id.org/comity/source/{NAME}#([^>]*)>", answer, re.MULTILINE)
    )
    found = re.findall(r' id="([^"]*)"', bundled.get(f"/sources/{NAME}").text)
    assert len(named) > 400
    assert named - set(found) == set()
    assert len(found) == len(set(found))


def test_a_quotation_that_crosses_another_is_whole(bundled: TestClient) -> None:
    passage = between(bundled.get(f"/sources/{NAME}").text, "s24", "s25")
    marked = re.findall(r'<mark [^>]*data-quotation="([^"]*)"', passage)
    assert marked == ["q24.1", "q24.2", "q24.3", "q24.3"]


def test_a_long_source_has_pages(bundled: TestClient, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("comity.graph.descriptions.sources.leaves.PER_LEAF", 15)
    first = bundled.get(f"/sources/{NAME}?modality=asserted").text
    assert len(re.findall('class="sentence" id=', first)) == 15
    assert "35 of 99 records" in first
    pages = re.findall(r'<a href="(\?[^"]*)"[^>]*>(\d+ to \d+)</a> <small>(\d+) records', first)
    assert [name for _, name, _ in pages] == ["1 to 15", "16 to 30", "31 to 41"]
    assert sum(int(count) for *_, count in pages) == 35
    last = bundled.get(f"/sources/{NAME}{pages[2][0].replace('&amp;', '&')}").text
    assert ' id="s41"' in last and ' id="s30"' not in last
    assert ' id="s24"' in bundled.get(f"/sources/{NAME}?at=f24.3").text
    refused = bundled.get(f"/sources/{NAME}?page=4")
    assert (refused.status_code, refused.json()["parameter"]) == (422, "page")
