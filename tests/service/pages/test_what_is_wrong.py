"""What is found wrong never answers as true, and a state's acts are its own: by planted faults."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from typing import Any

import lxml.html
import pytest
from starlette.testclient import TestClient

from comity.graph.engines.bundle import renew
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.service.app import create_app
from comity.service.settings import Settings

_PREFIXES = """
PREFIX comity: <https://w3id.org/comity/ontology#>
PREFIX graph: <https://w3id.org/comity/graph/>
PREFIX id: <https://w3id.org/comity/id/>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
PREFIX article: <https://w3id.org/comity/source/moscow-tehran-relations#>
PREFIX mid: <https://w3id.org/comity/source/mid-2021-01-26#>
PREFIX usip: <https://w3id.org/comity/source/usip-chronology#>
"""


def correction(record: str, right: str) -> str:
    """An update by which a record is found erroneous, and another one right."""
    return f"""INSERT DATA {{ GRAPH graph:doubts {{
      {record}-doubt a comity:Correction ; comity:onRecord {record} ; comity:verdict comity:erroneous ;
        rdfs:comment "Planted."@en ; comity:correctedRecord {right} }} }}"""


def replacement(record: str, was: str, now: str) -> str:
    """An update by which a record names another thing instead."""
    return f"""DELETE {{ GRAPH ?graph {{ {record} ?role {was} }} }}
      INSERT {{ GRAPH ?graph {{ {record} ?role {now} }} }}
      WHERE {{ GRAPH ?graph {{ {record} ?role {was} }} FILTER(?graph != graph:derived) }}"""


@contextmanager
def changed(*updates: str) -> Iterator[TestClient]:
    """The bundled graphs after some updates, with what follows from them now."""
    with closing(open_embedded("memory")) as store:
        with store.replacing() as engine:
            for update in updates:
                engine.update(_PREFIXES + update)
            renew(engine)
        yield client_of(store)


def client_of(store: EmbeddedStore) -> TestClient:
    return TestClient(create_app(store, Settings(store="memory")))


def entries(client: TestClient, slug: str, section: str) -> list[str]:
    """The lines or rows of a section of a page, as people see them before they open one."""
    page: Any = lxml.html.fromstring(client.get(f"/page/{slug}").text)
    part = f"section[aria-labelledby={section}]"
    found = page.cssselect(f"{part} .line, {part} tbody tr")
    for each in found:
        for hidden in each.cssselect(".words"):
            hidden.drop_tree()
    return [" ".join(each.text_content().split()) for each in found]


def entry(client: TestClient, slug: str, section: str, words: str) -> str:
    """The one entry of a section with some words."""
    (found,) = [each for each in entries(client, slug, section) if words in each]
    return found


@pytest.fixture(scope="module")
def doubted() -> Iterator[TestClient]:
    with changed(
        correction("usip:f11", "article:f15.5"),
        correction("article:f39.1", "article:f39.2"),
        correction("mid:f1", "mid:f3"),
    ) as client:
        yield client


@pytest.fixture(scope="module")
def through_others() -> Iterator[TestClient]:
    with changed(
        replacement("usip:f11", "id:iran", "id:president-of-iran"),
        replacement("article:f39.1", "id:iran", "id:foreign-minister-of-iran"),
        replacement("article:f39.2", "id:iran", "id:mohammad-javad-zarif"),
        replacement("article:f15.2", "id:iran", "id:mohammad-javad-zarif"),
    ) as client:
        yield client


@pytest.fixture
def bundled(article: EmbeddedStore) -> TestClient:
    return client_of(article)


_SINCE = "14 July 2015 not given"


def test_a_membership_found_erroneous_never_holds(bundled: TestClient, doubted: TestClient) -> None:
    assert f"{_SINCE} yes" in entry(bundled, "iran", "participations", _SINCE)
    row = entry(doubted, "iran", "participations", _SINCE)
    assert "erroneous right is: Iran has obligations under the JCPOA" in row
    assert "yes" not in row
    last = entries(doubted, "iran", "participations")[-2:]
    assert all("erroneous" in each for each in last)
    assert "erroneous" in entry(
        doubted, "jcpoa", "members", f"Iran participant of a political commitment {_SINCE}"
    )


def test_a_position_found_erroneous_stands_last_with_what_is_right(doubted: TestClient) -> None:
    taken = [e for e in entries(doubted, "iran", "positions") if "committed" not in e]
    last = taken[-1]
    assert "oppose linking progress" in last
    assert "erroneous right is: Russia and Iran believe that the JCPOA should be fully" in last


def test_an_event_found_erroneous_stands_last(doubted: TestClient) -> None:
    last = entries(doubted, "iran", "events")[-1]
    assert "Lavrov and Zarif held talks" in last
    assert "erroneous" in last


def test_the_home_page_leaves_out_what_is_erroneous(
    bundled: TestClient, doubted: TestClient
) -> None:
    opposed = "linkage of Gulf security and the JCPOA: {} records, opposed"
    assert opposed.format(3) in bundled.get("/").text
    assert opposed.format(2) in doubted.get("/").text


def test_the_record_says_what_counts_against_it(doubted: TestClient) -> None:
    page: Any = lxml.html.fromstring(doubted.get("/sources/usip-chronology").text)
    (card,) = page.cssselect("#f11")
    text = " ".join(card.text_content().split())
    assert "found erroneous" in text
    assert "Planted." in text
    assert "Instead: Iran has obligations under the JCPOA" in text
    (record,) = [
        each
        for each in doubted.get("/data/source/usip-chronology.jsonld").json()["records"]
        if each["@id"].endswith("#f11")
    ]
    assert record["standing"]["label"]["en"] == "found erroneous"
    assert record["correctedBy"]["@id"].endswith("#f15.5")


def test_only_a_date_may_be_wrong(bundled: TestClient) -> None:
    assert "erroneous date" in bundled.get("/sources/moscow-tehran-relations?at=f35.1").text


@pytest.mark.parametrize(
    ("section", "words", "through"),
    [
        ("participations", _SINCE, "through President of Iran"),
        ("positions", "oppose linking progress", "through Foreign minister of Iran"),
        (
            "positions",
            "should be fully resumed",
            "through Mohammad Javad Zarif, Foreign minister of Iran",
        ),
        (
            "events",
            "steps to reduce its obligations",
            "through Mohammad Javad Zarif, Foreign minister of Iran",
        ),
    ],
)
def test_what_others_do_for_a_state_stays_on_its_page(
    bundled: TestClient, through_others: TestClient, section: str, words: str, through: str
) -> None:
    assert through not in entry(bundled, "iran", section, words)
    assert through in entry(through_others, "iran", section, words)


def test_an_office_holder_needs_no_word_on_the_office(bundled: TestClient) -> None:
    assert not [each for each in entries(bundled, "iran", "for-it") if "through" in each]


def test_a_person_without_the_office_does_not_act_for_the_state() -> None:
    with changed(replacement("article:f39.2", "id:iran", "id:hassan-rouhani")) as client:
        rouhani = entry(client, "hassan-rouhani", "positions", "should be fully resumed")
        assert "through" not in rouhani
    out = """DELETE { GRAPH ?graph { ?holding ?property ?value } }
      WHERE { GRAPH ?graph { ?holding comity:person id:mohammad-javad-zarif ; a comity:OfficeHolding ; ?property ?value } }"""
    with changed(replacement("article:f39.2", "id:iran", "id:mohammad-javad-zarif"), out) as client:
        assert not [e for e in entries(client, "iran", "positions") if "fully resumed" in e]


def test_a_plan_shows_the_time_that_it_is_meant_for(bundled: TestClient) -> None:
    plan = entry(bundled, "astana-format", "planned", "is scheduled for February 2021")
    assert plan.startswith("February 2021 ")


def test_what_was_seen_on_a_day_is_no_membership_of_a_day(bundled: TestClient) -> None:
    row = entry(bundled, "iran", "participations", "Astana format member presupposed seen on")
    assert "seen on 22 February 2021 yes" in row
    row = entry(bundled, "iran", "participations", "seen on 29 January 2021")
    assert "unknown" in row


def test_what_is_opposed_is_not_shown_as_held(bundled: TestClient) -> None:
    html = bundled.get("/page/jcpoa").text
    assert '<span class="kind">propositional relation, opposed</span>' in html


def test_the_sources_are_counted_alike(bundled: TestClient) -> None:
    listed = bundled.get("/sources", headers={"accept": "text/html"}).text
    home = " ".join(bundled.get("/").text.split())
    with_records = sum(
        each["records"] > 0 for each in bundled.get("/sources?format=json").json()["sources"]
    )
    assert f"{with_records} of them with records" in listed
    assert f"sources</a>, {with_records} of them with records" in home


def test_an_empty_page_says_at_which_wall_the_question_stops(bundled: TestClient) -> None:
    page = "/positions?actor=turkey&source=kayhan-2021-01-26&issue=transport-cooperation"
    html = bundled.get(page, headers={"accept": "text/html"}).text
    assert "The chosen source has no record of transport cooperation, nor of Turkey." in html
    page = "/positions?actor=iran&source=kayhan-2021-01-26&issue=information-security"
    html = bundled.get(page, headers={"accept": "text/html"}).text
    assert "No source here reports a position of Iran within this selection" in html
    assert "The chosen source has no record" not in html
