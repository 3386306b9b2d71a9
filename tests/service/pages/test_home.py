"""The home page: what it answers, counts and draws, over the article and over other stores."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from deriving import derived_tiny
from engines import Engine
from lxml import html
from needs import need_libraries
from starlette.testclient import TestClient

from comity.graph.catalogue.queries import parse_canned
from comity.graph.descriptions.links import Link
from comity.graph.descriptions.overviews.summary import IssueTie
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.remote.store import RemoteStore
from comity.graph.errors import QueryFileError
from comity.service.app import create_app
from comity.service.pages.site.drawing import ISSUES, draw
from comity.service.settings import Settings

BROWSER = {"accept": "text/html,application/xhtml+xml,*/*;q=0.8"}
# By FACTS.md of the article, not by what the graph gives: the question, words, how far it is meant.
EXPECTED = [
    (
        "What do Russia and Iran oppose?",
        "oppose linking progress in regional security in the Persian Gulf with the resumption of the JCPOA",
        "asserted",
        "39",
    ),
    (
        "What do Russia and Iran hope for?",
        "hope that during the administration of Joe Biden, the United States will return",
        "hoped",
        "14",
    ),
    (
        "Who makes up the Astana format?",
        "Astana tripartite format (Russia, Iran and Turkey)",
        "presupposed",
        "24",
    ),
    (
        "Which meetings were planned, and did they come about?",
        "scheduled for February 2021 in Sochi",
        "planned",
        "25",
    ),
    (
        "Where does the article err, and how is it known?",
        "stated that it switched positions ... moved forward in metallic uranium enrichment",
        "claimed",
        "15",
    ),
    (
        "Who left the nuclear agreement, and when?",
        "withdrawal of the USA from the JCPOA",
        "presupposed",
        "15",
    ),
]


@pytest.fixture(scope="module")
def home(article: EmbeddedStore) -> Iterator[TestClient]:
    with TestClient(create_app(article, Settings(store="memory"))) as client:
        yield client


def read(client: TestClient) -> html.HtmlElement:
    response = client.get("/")
    assert response.status_code == 200
    return html.fromstring(response.text)


def text_of(node: html.HtmlElement) -> str:
    return " ".join(" ".join(node.itertext()).split())


def test_six_questions_are_answered_in_the_words_of_the_source(home: TestClient) -> None:
    articles = read(home).cssselect(".answers > article")
    found = [
        (
            text_of(each.cssselect("h3")[0]),
            text_of(each.cssselect("blockquote")[0]),
            text_of(each.cssselect(".modality")[0]),
            each.cssselect(".told")[0].cssselect("figcaption a")[-1].text.removeprefix("sentence "),
        )
        for each in articles
    ]
    assert found == EXPECTED


def test_each_sentence_is_on_the_reading_page(home: TestClient) -> None:
    links = [
        each.get("href")
        for each in read(home).cssselect(".answers figcaption a")
        if each.text.startswith("sentence")
    ]
    assert len(links) >= 6
    reading = html.fromstring(home.get("/sources/moscow-tehran-relations").text)
    anchors = {each.get("id") for each in reading.cssselect("[id]")}
    for link in links:
        path, _, fragment = link.partition("#")
        assert path == "/sources/moscow-tehran-relations"
        assert fragment in anchors


def test_each_question_may_be_asked_of_others(home: TestClient) -> None:
    links = [each.get("href") for each in read(home).cssselect(".answers .on a")]
    assert len(links) >= 6
    for link in links:
        answer = home.get(link, headers=BROWSER)
        assert answer.status_code == 200, link
        assert 'id="answer"' in answer.text


def test_what_was_planned_is_told_with_what_came_of_it(home: TestClient) -> None:
    planned = text_of(read(home).cssselect(".answers > article")[3])
    assert "came about as Fifteenth Astana-format meeting, Sochi, February 2021" in planned
    left = text_of(read(home).cssselect(".answers > article")[5])
    assert "when 8 May 2018" in left


def test_the_drawing_says_the_same_in_words(home: TestClient) -> None:
    figure = read(home).cssselect(".overview")[0]
    rows = [
        tuple(text_of(cell) for cell in row.cssselect("td")) for row in figure.cssselect("tbody tr")
    ]
    assert ("Iran", "linkage of Gulf security and the JCPOA", "1 record, opposed") in rows
    for drawn in figure.cssselect("svg"):
        assert len(drawn.cssselect(".tie")) == len(rows)
        signs = [each.text for each in drawn.cssselect("[data-stance=opposed] text")]
        assert signs == ["\u2212", "\u2212"]


@pytest.mark.slow
def test_no_link_is_dead(home: TestClient) -> None:
    need_libraries()
    page = read(home)
    links = {each.get("href") for each in page.cssselect("a[href^='/']")}
    assert len(links) > 50
    for link in links:
        assert home.get(link, headers=BROWSER).status_code == 200, link


def test_the_page_is_kept_until_the_data_change(home: TestClient) -> None:
    first = home.get("/")
    assert first.headers["comity-data-version"]
    again = home.get("/", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304


def test_a_store_of_other_data(settings: Settings) -> None:
    need_libraries()
    with derived_tiny() as store:
        check_other_data(TestClient(create_app(store, settings), follow_redirects=False))


def check_other_data(client: TestClient) -> None:
    page = read(client)
    assert "Russia and Iran oppose <tolls> & fees on the river" in page.text_content()
    assert [text_of(each) for each in page.cssselect("#questions")] == ["Questions worth asking"]
    links = {each.get("href") for each in page.cssselect("a[href^='/']")}
    assert len(links) > 10
    for link in links:
        assert client.get(link, headers=BROWSER).status_code in (200, 303), link


def test_an_empty_store_says_how_to_fill_it(empty: EmbeddedStore) -> None:
    with TestClient(create_app(empty, Settings(store="memory", bundled=False))) as client:
        page = read(client)
    assert "This store is empty" in text_of(page.cssselect("[aria-labelledby=empty]")[0])
    assert not page.cssselect(".answers, .overview, .counts, .bars")


def test_a_remote_store(engine: Engine) -> None:
    with closing(RemoteStore(engine.endpoint)) as store:
        page = read(TestClient(create_app(store, Settings(store=engine.endpoint.address))))
    assert len(page.cssselect(".answers > article")) == 6
    assert len(page.cssselect(".overview svg")) == 2


def test_a_drawing_has_room_for_the_stances_first() -> None:
    state = Link("A state with a name that is much too long for its line", "id:a")
    spoken = [IssueTie(state, Link(f"issue {at}", f"id:{at}"), 9, []) for at in range(ISSUES + 3)]
    taken = IssueTie(state, Link("taken", "id:taken"), 1, ["opposed"])
    broad, narrow = draw([*spoken, taken])
    assert ["taken"] in [each.lines for each in broad.issues]
    assert len(broad.issues) == len(narrow.issues) == ISSUES
    assert broad.left_out == 4
    assert all(len(each.lines) <= 2 for each in narrow.actors)
    assert broad.ties[-1].stance == "opposed"  # drawn last, above the others


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("home: first | Who?", "write place"),
        ("home: 1 |", "write place"),
        ("home: 1 | Who? | whom", "no column whom"),
        ("home: 1 | Who? | who | of=id:jcpoa", "of=id:jcpoa"),
        ("home: 1 | Who? | who | who=iran", "who=iran"),
    ],
)
def test_a_wrong_line_names_its_file(line: str, reason: str, tmp_path: Path) -> None:
    text = (
        f"#+ summary: Who\n#+ {line}\n#+ param: who | agent | optional | Who\n"
        "SELECT ?record ?who WHERE { VALUES ?who { <urn:x> } ?record ?p ?who }"
    )
    with pytest.raises(QueryFileError, match=reason) as caught:
        parse_canned("who", text, tmp_path / "who.rq")
    assert "line 2" in str(caught.value) or ":2" in str(caught.value)
