"""Searching for things by names, descriptions and quotations."""

import asyncio
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from starlette.testclient import TestClient

from comity.graph.engines.embedded.load import load
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.rdf.namespaces import COMITY, ID, PREFIXES
from comity.graph.search.index import EntryKind, SearchIndex, slips
from comity.graph.search.indexer import make
from comity.service.app import create_app
from comity.service.settings import Settings

LABEL = PREFIXES["rdfs"] + "label"
OTHER = PREFIXES["skos"] + "altLabel"
NAMES = [
    [ID + "iran", LABEL, "Iran", "en"],
    [ID + "iran", LABEL, "ایران", "fa"],
    [ID + "iran", LABEL, "Иран", "ru"],
    [ID + "iran", OTHER, "Islamic Republic of Iran", "en"],
    [ID + "iraq", LABEL, "Iraq", "en"],
    [ID + "iraq", OTHER, "Republic of Iraq", "en"],
    [ID + "namibia", LABEL, "Namibia", "en"],
    [ID + "namibia", COMITY + "isoAlpha2", "NA", ""],
    [ID + "cote-divoire", LABEL, "Côte d\u2019Ivoire", "en"],
    [ID + "missiles", LABEL, "ballistic missiles", "en"],
    [ID + "q1", COMITY + "words", "ready to launch similar ideas", ""],
    [ID + "words", LABEL, 'he said: "yes", and\nwent', "en"],
]
TYPES = [[ID + name, COMITY + "State"] for name in ("iran", "iraq", "namibia", "cote-divoire")]


@pytest.fixture(scope="module")
def index(tmp_path_factory: pytest.TempPathFactory) -> Iterator[SearchIndex]:
    file = tmp_path_factory.mktemp("search") / "index.sqlite"
    make(file, NAMES, TYPES)
    with closing(SearchIndex(file)) as found:
        yield found


@pytest.fixture(scope="module")
def service(article: EmbeddedStore) -> TestClient:
    settings = Settings(store="memory")
    return TestClient(create_app(article, settings), follow_redirects=False)


def things(index: SearchIndex, text: str, *classes: str) -> list[str]:
    return [m.thing.removeprefix(ID) for m in index.search(text, classes=classes).matches]


@pytest.mark.parametrize(
    ("text", "first"),
    [
        ("Iran", "iran"),
        ("iran", "iran"),
        ("ИРАН", "iran"),
        ("ира", "iran"),
        ("\u0627\u064a\u0631\u0627\u0646", "iran"),  # with the Arabic letter for Yeh
        ("cote d'ivoire", "cote-divoire"),
        ("Cote dIvoire", "cote-divoire"),
        ("namib", "namibia"),
        ("NA", "namibia"),
        ("republic of ir", "iraq"),
        ("Irna", "iran"),
        ("Namibai", "namibia"),
        ("balistic missile", "missiles"),
        ("ready to launch", "q1"),
        ("launch nothing", "q1"),
    ],
)
def test_what_comes_first(index: SearchIndex, text: str, first: str) -> None:
    assert things(index, text)[:1] == [first]


def test_a_name_comes_once_and_tells_what_it_was_found_by(index: SearchIndex) -> None:
    found = index.search("iran")
    assert [match.thing for match in found.matches] == [ID + "iran"]
    assert (found.matches[0].score, found.matches[0].kind) == (100, EntryKind.LABEL)
    assert found.total == 1 and not found.corrected
    assert index.search("Irna").corrected
    assert index.search("na").matches[0].kind == EntryKind.CODE


def test_only_of_a_class(index: SearchIndex) -> None:
    assert things(index, "missiles", COMITY + "State") == []
    assert things(index, "ir", COMITY + "State") == ["iran", "iraq"]
    assert things(index, "ir", COMITY + "Nothing") == []


def test_pages(index: SearchIndex) -> None:
    whole = index.search("i").matches
    paged = [index.search("i", limit=1, offset=at).matches for at in range(len(whole) + 1)]
    assert [match for page in paged for match in page] == list(whole)
    assert len(whole) > 1


def test_resembling_names(index: SearchIndex) -> None:
    def best(name: str) -> tuple[str, float]:
        match = index.resembling(name, classes=[COMITY + "State"])[0]
        return match.thing.removeprefix(ID), match.score

    assert best("Islamic Republic of Iran") == ("iran", 100)
    assert best("Rep. of Iraq")[0] == "iraq"
    assert best("Republic of Namibia")[0] == "namibia"
    assert 50 < best("Iran, Islamic Rep.")[1] < 100
    assert index.resembling("Utopia") == []


@given(st.text(max_size=400))
def test_any_text_can_be_searched_for(index: SearchIndex, text: str) -> None:
    index.search(text)
    index.resembling(text)


@given(st.text("abcdefgh", min_size=4, max_size=12), st.data())
def test_two_words_that_are_a_slip_apart_have_a_rest_in_common(
    word: str, data: st.DataObject
) -> None:
    at = data.draw(st.integers(0, len(word) - 1))
    letter = data.draw(st.sampled_from("xyz"))
    for other in (
        word[:at] + word[at + 1 :],
        word[:at] + letter + word[at:],
        word[:at] + letter + word[at + 1 :],
        word[:at] + word[at + 1 : at + 2] + word[at] + word[at + 2 :],
    ):
        assert slips(word) & slips(other)


def test_the_route(service: TestClient) -> None:
    found = service.get("/search", params={"q": "hormuz peace", "type": "proposal"}).json()
    (row,) = found["rows"]
    assert row["thing"] == ID + "hormuz-peace-initiative"
    assert row["url"] == "http://testserver/id/hormuz-peace-initiative"
    assert (found["total"], found["complete"], found["next"]) == (1, True, None)
    assert service.get("/search.json?q=hormuz").status_code == 200


def test_what_is_hoped_says_so(service: TestClient) -> None:
    rows = service.get("/search", params={"q": "ready to launch similar ideas"}).json()["rows"]
    (quoted,) = [row for row in rows if row["kind"] == "quotation"]
    assert len(quoted["records"]) == 2  # what they are ready for, and its aim
    for record in quoted["records"]:
        assert record["modality"] and record["label"] and record["source"]


@pytest.mark.parametrize(
    ("query", "parameter"),
    [
        ("", "q"),
        ("q=x&type=planet", "type"),
        ("q=x&limit=0", "limit"),
        ("q=x&limit=101", "limit"),
        ("q=x&offset=-1", "offset"),
        ("q=x&lang=!", "lang"),
        ("q=x&what=y", "what"),
        (f"q={'x' * 301}", "q"),
    ],
)
def test_wrong_parameters(service: TestClient, query: str, parameter: str) -> None:
    answer = service.get(f"/search.json?{query}")
    assert (answer.status_code, answer.json()["parameter"]) == (422, parameter)


def test_the_page(service: TestClient) -> None:
    browser = {"accept": "text/html"}
    assert "ready to launch" in service.get("/search", headers=browser).text
    page = service.get("/search?q=Astna+format", headers=browser).text
    assert 'href="http://testserver/id/astana-format"' in page and "The closest matches" in page
    page = service.get("/search?q=iran&limit=3", headers=browser).text
    assert 'rel="next"' in page and "&amp;limit=3&amp;offset=3" in page
    assert (
        "No name and no quotation matches" in service.get("/search?q=zzzzzz", headers=browser).text
    )
    page = service.get("/search?q=<script>", headers=browser).text
    assert "<script>" not in page


def test_it_follows_writes(tmp_path: Path, serve: Callable[[FastAPI], int]) -> None:
    with closing(open_embedded("memory", bundled=False)) as store:
        port = serve(create_app(store, Settings(store="memory", bundled=False)))

        def found(text: str) -> list[str]:
            answer = httpx.get(
                f"http://127.0.0.1:{port}/search.json", params={"q": text}, trust_env=False
            )
            return [row["thing"] for row in answer.json()["rows"]]

        assert found("Utopia") == []
        (tmp_path / "own.ttl").write_text(f'<x:u> <{LABEL}> "Utopia"@en .')
        load(store, [tmp_path / "own.ttl"])
        deadline = time.monotonic() + 30
        while not (there := found("Utopia")) and time.monotonic() < deadline:
            time.sleep(0.1)
        assert there == ["x:u"]


def test_closing_while_it_is_made(
    article: EmbeddedStore, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    from comity.graph.search.live_index import Searching

    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))

    async def run() -> None:
        searching = Searching(article)
        assert list(tmp_path.glob("comity-search-*"))
        asking = asyncio.create_task(searching.index())
        await asyncio.sleep(0.2)
        asking.cancel()
        await searching.close()

    asyncio.run(run())
    assert not list(tmp_path.glob("comity-search-*"))
