"""The web pages, and the documents for operators."""

import json
import re
from collections.abc import Iterator
from html.parser import HTMLParser
from pathlib import Path
from urllib.parse import quote

import pytest
from deriving import derived_tiny, load_and_derive
from needs import need_libraries
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Mount
from starlette.testclient import TestClient

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.service.app import create_app
from comity.service.http.html import FOLDER, Files
from comity.service.settings import Settings

PAGES = ["/", "/page/iran", "/page/united-states", "/page/tehran", "/page/river-format"]
VOID = {"meta", "link", "img", "input", "br", "hr"}


@pytest.fixture(scope="module")
def store() -> Iterator[EmbeddedStore]:
    with derived_tiny() as store:
        yield store


class Outline(HTMLParser):
    """What a page is made of: its tags in order, the hosts it asks, and what is left open."""

    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.open: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in VOID:
            self.open.append(tag)

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag


def outline(html: str) -> Outline:
    found = Outline()
    found.feed(html)
    found.close()
    return found


@pytest.mark.parametrize("path", PAGES)
def test_a_page_is_sound(client: TestClient, path: str) -> None:
    response = client.get(path, headers={"accept": "text/html"})
    assert response.status_code == 200
    assert response.headers["content-type"] == "text/html; charset=utf-8"
    found = outline(response.text)
    assert found.open == []
    tags = [tag for tag, _ in found.tags]
    assert tags.count("h1") == 1
    scripts = [attrs for tag, attrs in found.tags if tag == "script"]
    # A script is data, or a module of our own.
    assert all("src" in attrs or attrs == {"type": "application/ld+json"} for attrs in scripts)
    ids = [attrs["id"] for _, attrs in found.tags if "id" in attrs]
    assert len(ids) == len(set(ids))
    labelled = {attrs["for"] for tag, attrs in found.tags if tag == "label"}
    fields = [attrs for tag, attrs in found.tags if tag in ("textarea", "select", "input")]
    assert labelled == {attrs["id"] for attrs in fields if attrs.get("type") != "hidden"}


@pytest.mark.parametrize("path", PAGES)
def test_a_page_asks_no_other_host(client: TestClient, path: str) -> None:
    response = client.get(path)
    policy = response.headers["content-security-policy"]
    assert "default-src 'none'; script-src 'self'; style-src 'self';" in policy
    assert "unsafe" not in policy
    for tag, attrs in outline(response.text).tags:
        assert "style" not in attrs
        for name in ("src", "action"):
            assert (attrs.get(name) or "/").startswith("/")
        if tag == "link" and attrs["rel"] in ("stylesheet", "icon"):
            assert client.get(str(attrs["href"])).status_code == 200


def test_the_stylesheet_asks_no_other_host(client: TestClient) -> None:
    response = client.get("/static/style.css")
    assert response.headers["content-type"] == "text/css; charset=utf-8"
    assert not re.search(r"url\(|@import|//", response.text)


@pytest.mark.parametrize("path", PAGES)
def test_links_lead_somewhere(client: TestClient, path: str) -> None:
    need_libraries()
    tags = outline(client.get(path).text).tags
    links = {str(attrs.get("href")) for tag, attrs in tags if tag == "a"}
    targets = {link for link in links if link.startswith("/")}
    assert targets
    for target in targets:
        assert client.get(target).status_code in (200, 303), target


def test_the_page_of_a_thing(client: TestClient) -> None:
    html = client.get("/page/iran").text
    assert "<h1>Iran</h1>" in html
    assert "A state of western Asia." in html
    assert '<bdi lang="fa" dir="auto">ایران</bdi>' in html
    assert "3 records" in html
    words = [
        "Russia and Iran oppose &lt;tolls&gt; &amp; fees on the river",
        "Iran and Russia meet in the River format",
        "Iran hopes that Washington will join it",
    ]
    body = html.partition("<main")[2]
    assert sorted(words, key=body.index) == words
    # What is asserted is not marked; what is no fact is.
    assert 'data-modality="asserted"' not in html
    assert html.count('<span class="modality" data-modality="hoped">hoped</span>') == 1


def test_a_hope_about_a_thing_is_marked_as_hope(client: TestClient) -> None:
    html = client.get("/page/united-states").text
    assert "1 record<" in html
    assert '<span class="modality" data-modality="hoped">hoped</span>' in html
    assert "asserted" not in html


def test_a_record_without_quotation_cites_its_source(client: TestClient) -> None:
    html = client.get("/page/river-format").text
    cited = '<a href="/sources/bulletin">The Bulletin</a>'
    assert f"Paraphrased from {cited}" in " ".join(html.split())
    # What is found erroneous stands last.
    body = html.partition("<main")[2]
    assert body.index("The Bulletin") < body.index("Iran and Russia meet in the River format")


def test_an_error_of_the_source_is_marked(client: TestClient) -> None:
    html = client.get("/page/iran").text
    assert "<strong>erroneous</strong> Iran only observes." in html


def test_a_thing_without_records(client: TestClient) -> None:
    html = client.get("/page/tehran").text
    assert "No source in this store mentions Tehran" in html
    assert '<a href="/page/iran">Iran</a>' in html


def test_home_of_an_empty_store(empty: EmbeddedStore) -> None:
    response = TestClient(create_app(empty, Settings(store="memory"))).get("/")
    assert response.status_code == 200
    assert "oppose?" not in response.text


@pytest.mark.parametrize("path", ["/", "/health", "/version", "/page/iran", "/data/iran"])
def test_head(client: TestClient, path: str) -> None:
    response = client.head(path)
    assert (response.status_code, response.content) == (200, b"")


def test_health_and_version(client: TestClient, store: EmbeddedStore) -> None:
    assert client.get("/health").json() == {"status": "ok"}
    found = client.get("/version").json()
    assert found["data"] == store.version
    assert found["comity"] and found["pyoxigraph"]


def _paths(routes: list[BaseRoute]) -> set[str]:
    return {getattr(route, "path", "") for route in routes if not isinstance(route, Mount)}


def test_openapi_has_every_route(client: TestClient, store: EmbeddedStore) -> None:
    document = client.get("/openapi.json").json()
    app = create_app(store, Settings(store="memory"))
    # Each query of the catalogue has a path of its own there, which /queries/{name} serves.
    documented = {re.sub(r"/queries/[^/]+", "/queries/{name}", path) for path in document["paths"]}
    documented = {re.sub(r"/network/[^/]+", "/network/{name}", path) for path in documented}
    documented |= {"/openapi.json", "/queries.{suffix}", "/network.{suffix}", "/ontology.{suffix}"}
    documented |= {"/search.{suffix}", "/positions.{suffix}", "/timeline.{suffix}"}
    assert documented == _paths(app.routes)
    operations = [o for path in document["paths"].values() for o in path.values()]
    assert len({o["operationId"] for o in operations}) == len(operations)
    assert all(o["summary"] and "default" in o["responses"] for o in operations)
    names = {p["name"] for p in document["paths"]["/sparql"]["get"]["parameters"]}
    assert names == {
        *("query", "default-graph-uri", "named-graph-uri", "timeout", "format"),
        *("around", "hops", "multi", "flavor"),
    }
    form = document["paths"]["/sparql"]["post"]["requestBody"]["content"]
    assert set(form) == {"application/sparql-query", "application/x-www-form-urlencoded"}


def test_libraries_that_are_missing_are_not_found(tmp_path: Path) -> None:
    app = Starlette(routes=[Mount("/libraries", Files(directory=tmp_path / "no", check_dir=False))])
    assert TestClient(app).get("/libraries/cytoscape.js").status_code == 404


class TestDocs:
    def test_all_that_it_loads_is_there(self, client: TestClient) -> None:
        need_libraries()
        found = outline(client.get("/docs").text).tags
        loaded = [
            *(attrs["src"] for tag, attrs in found if tag == "script"),
            *(attrs["href"] for tag, attrs in found if tag == "link"),
            *(attrs["data-document"] for _, attrs in found if "data-document" in attrs),
        ]
        assert {"swagger-ui-bundle.js", "docs.js", "style.css"} <= {
            str(path).rpartition("/")[2] for path in loaded
        }
        assert all(str(address).startswith("/") for address in loaded)
        assert {client.get(str(address)).status_code for address in loaded} == {200}

    def test_without_the_library(
        self, client: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr("comity.service.pages.site.docs._LIBRARY", tmp_path / "missing.js")
        response = client.get("/docs")
        assert response.status_code == 501
        assert "make libraries" in response.json()["hint"]

    def test_no_other(self, client: TestClient) -> None:
        assert client.get("/redoc").status_code == 404


def test_the_files_of_pages_are_asked_for_anew(client: TestClient) -> None:
    """Else a browser would show the pages of a new release in the style of an old one."""
    first = client.get("/static/style.css")
    assert first.headers["cache-control"] == "no-cache"
    again = client.get("/static/style.css", headers={"if-none-match": first.headers["etag"]})
    assert again.status_code == 304


def test_every_section_of_the_stylesheet_is_closed() -> None:
    """Merges have eaten a brace between two sections: the later ones were then for print alone."""
    css = (FOLDER / "static" / "style.css").read_text(encoding="utf-8")
    sections = css.split("/* ---- ")
    assert len(sections) > 10
    for section in sections:
        assert section.count("{") == section.count("}"), section.partition(" ----")[0]


class TestThing:
    """The page of a thing of the bundled graph, by class; what it must say is from the article."""

    @pytest.fixture
    def bundled(self, article: EmbeddedStore) -> TestClient:
        return TestClient(create_app(article, Settings(store="memory")))

    @staticmethod
    def part(client: TestClient, slug: str, name: str) -> str:
        """The text of one section of a page; "" where it has none."""
        html = client.get(f"/page/{slug}").text
        found = re.search(rf'<section[^>]*aria-labelledby="{name}">.*?</section>', html, re.DOTALL)
        return " ".join(re.sub(r"<[^>]+>", " ", found[0]).split()) if found else ""

    def test_positions_are_joint_and_readiness_stands_apart(self, bundled: TestClient) -> None:
        text = self.part(bundled, "iran", "positions")
        taken, apart = text.split("Declared readiness: promised, not done")
        assert "opposes Russia and Iran oppose linking progress" in taken
        assert "jointly with Russia" in taken
        assert "ready to launch similar ideas" in apart
        assert "Palestinian issue" in taken

    def test_the_life_of_an_agreement(self, bundled: TestClient) -> None:
        text = self.part(bundled, "jcpoa", "life")
        stages = [
            *("14 July 2015 Conclusion", "20 July 2015 Endorsement", "18 October 2015 Adoption"),
            *("16 January 2016 Implementation", "8 May 2018 Withdrawal of the United States"),
        ]
        assert sorted(stages, key=text.index) == stages
        assert "withdrawal of the USA from the JCPOA" in text
        hoped = text.index("the United States returns to full implementation of the JCPOA")
        assert "not a fact" in text[hoped - 40 : hoped]
        assert "Signature" not in text

    def test_the_members_of_a_format(self, bundled: TestClient) -> None:
        text = self.part(bundled, "astana-format", "members")
        assert all(name in text for name in ("Russia", "Iran", "Turkey", "guarantor", "member"))

    def test_a_planned_meeting_is_not_among_those_held(self, bundled: TestClient) -> None:
        held = self.part(bundled, "astana-format", "events")
        planned = self.part(bundled, "astana-format", "planned")
        assert "scheduled for February 2021" in planned
        assert "scheduled for February 2021" not in held
        assert "Sochi" in held

    def test_chair_and_elected_members(self, bundled: TestClient) -> None:
        text = self.part(bundled, "un-security-council", "members")
        assert "Russia chaired the UN Security Council in October 2020" in text
        assert "elected member" in text

    def test_a_person_and_an_office(self, bundled: TestClient) -> None:
        assert "Foreign minister of Russia" in self.part(bundled, "sergey-lavrov", "offices")
        holders = self.part(bundled, "president-of-the-united-states", "holders")
        assert "Joe Biden" in holders
        assert "Donald Trump" in holders
        assert "Mohammad Javad Zarif" in self.part(bundled, "iran", "for-it")

    def test_sources_may_differ_on_an_event(self, bundled: TestClient) -> None:
        text = self.part(bundled, "moscow-meeting-2021-01-11", "accounts")
        assert "Prime minister of Armenia not given 11 January 2021" in text
        assert "Vladimir Putin Moscow 11 January 2021" in text

    def test_an_issue_has_the_positions_on_narrower_ones(self, bundled: TestClient) -> None:
        text = self.part(bundled, "persian-gulf-security", "positions-on")
        assert "oppose linking progress" in text
        assert "Hormuz" in self.part(bundled, "persian-gulf-security", "proposals")
        assert self.part(bundled, "persian-gulf-security", "tree")

    def test_a_proposal_and_a_place(self, bundled: TestClient) -> None:
        made = self.part(bundled, "hormuz-peace-initiative", "proposals")
        assert "Iran" in made
        assert "came up with the Hormuz Peace Initiative" in made
        assert "Astana" in self.part(bundled, "sochi", "events")
        assert "scheduled" in self.part(bundled, "sochi", "planned")

    def test_empty_sections_are_absent(self, bundled: TestClient) -> None:
        html = bundled.get("/page/kuwait").text
        assert 'id="positions"' not in html
        assert 'id="life"' not in html

    def test_every_record_of_a_thing_is_in_some_section(self, bundled: TestClient) -> None:
        for slug in ("iran", "russia", "jcpoa", "astana-format", "united-states", "sochi"):
            html = bundled.get(f"/page/{slug}").text
            document = bundled.get(f"/data/{slug}.jsonld").json()
            # Others only come with the data, by way of something that is linked with the thing.
            own = f'"https://w3id.org/comity/id/{slug}"'
            records = [each for each in document["records"] if own in json.dumps(each)]
            assert records
            for record in records:
                assert quote(record["@id"], safe="/") in html, (slug, record["@id"])

    def test_an_unknown_thing(self, bundled: TestClient) -> None:
        assert bundled.get("/page/no-such-thing").status_code == 404


class TestGreatThing:
    """A thing that very many records speak of: its page shows some, and says so."""

    @pytest.fixture
    def great(self, empty: EmbeddedStore, tmp_path: Path) -> TestClient:
        comity = "https://w3id.org/comity/"
        lines = [f"<{comity}id/realm> a <{comity}ontology#State> ."]
        for n in range(2_100):
            record = f"<{comity}source/made#f{n}>"
            lines += [
                f"{record} a <{comity}ontology#Position> .",
                f"{record} <{comity}ontology#holder> <{comity}id/realm> .",
                f"{record} <{comity}ontology#modality> <{comity}ontology#asserted> .",
                f"{record} <{comity}ontology#source> <{comity}source/made> .",
            ]
        file = tmp_path / "great.ttl"
        file.write_text("\n".join(lines))
        load_and_derive(empty, file)
        return TestClient(create_app(empty, Settings(store="memory", bundled=False)))

    def test_it_says_what_it_shows(self, great: TestClient) -> None:
        text = TestThing.part(great, "realm", "positions")
        assert text.startswith("Positions many")
        assert "40 of many are shown here" in text
        html = great.get("/page/realm").text
        assert html.count('<li class="line">') == 40
        assert "This page shows some of each kind, unordered" in html


def test_a_section_that_is_cut_is_counted(empty: EmbeddedStore, tmp_path: Path) -> None:
    comity = "https://w3id.org/comity/"
    file = tmp_path / "many.ttl"
    file.write_text(
        "\n".join(
            f"<{comity}source/made#f{n}> a <{comity}ontology#Position> ;"
            f" <{comity}ontology#holder> <{comity}id/realm> ;"
            f" <{comity}ontology#modality> <{comity}ontology#asserted> ;"
            f" <{comity}ontology#source> <{comity}source/made> ."
            for n in range(57)
        )
    )
    load_and_derive(empty, file)
    client = TestClient(create_app(empty, Settings(store="memory", bundled=False)))
    text = TestThing.part(client, "realm", "positions")
    assert text.startswith("Positions 57")
    assert "The first 40 of 57 are shown here" in text
