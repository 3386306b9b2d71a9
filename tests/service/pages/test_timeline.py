"""The page of time: dates as precise as they are told, what is contemplated apart."""

import csv
import html
import io
import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from starlette.testclient import TestClient

from comity.graph.engines.embedded.load import load
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.rdf.namespaces import COMITY, ID
from comity.service.app import create_app
from comity.service.pages.overviews import timeline
from comity.service.settings import Settings

PAGE = {"Accept": "text/html"}
EVENT = re.compile(
    r'<article class="happening( contemplated)?" id="([^"]+)">(.*?)</article>', re.DOTALL
)

OTHERS = """
@prefix comity: <https://w3id.org/comity/ontology#> .
@prefix id: <https://w3id.org/comity/id/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix s: <https://w3id.org/comity/source/other#> .
<https://w3id.org/comity/graph/other> {
  id:river-talks a comity:Meeting ; rdfs:label "Talks <b>on</b> the river"@en .
  s:f1 a comity:EventReport ; rdfs:label "They met in May"@en ; comity:event id:river-talks ;
    comity:modality comity:asserted ; comity:source <https://w3id.org/comity/source/other> ;
    comity:earliest "2020-05-01T00:00:00Z"^^xsd:dateTime ; comity:latest "2020-05-31T23:59:59Z"^^xsd:dateTime ;
    comity:precision comity:month .
  s:f2 a comity:EventReport ; rdfs:label "They met in June"@en ; comity:event id:river-talks ;
    comity:modality comity:asserted ; comity:source <https://w3id.org/comity/source/third> ;
    comity:earliest "2020-06-02T00:00:00Z"^^xsd:dateTime ; comity:latest "2020-06-02T23:59:59Z"^^xsd:dateTime ;
    comity:precision comity:day .
  s:f3 a comity:ProposalReport ; rdfs:label "A bridge was proposed"@en ; comity:proposal id:bridge ;
    comity:modality comity:asserted ; comity:source <https://w3id.org/comity/source/other> .
}
"""


@pytest.fixture(scope="module")
def site(article: EmbeddedStore) -> Iterator[TestClient]:
    app = create_app(article, Settings(store="memory"))
    with TestClient(app, follow_redirects=False, base_url="http://comity.test") as client:
        yield client


@pytest.fixture(scope="module")
def others(tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestClient]:
    file = tmp_path_factory.mktemp("others") / "others.trig"
    file.write_text(OTHERS, encoding="utf-8")
    with closing(open_embedded("memory", bundled=False)) as store:
        load(store, [file])
        yield TestClient(create_app(store, Settings(store="memory", bundled=False)))


def events(site: TestClient, narrowed: str = "") -> tuple[dict[str, str], dict[str, str]]:
    """The markup of each event by its anchor: what is told, and what is contemplated."""
    text = site.get(f"/timeline{narrowed}", headers=PAGE).text
    found: tuple[dict[str, str], dict[str, str]] = ({}, {})
    for contemplated, anchor, markup in EVENT.findall(text):
        found[bool(contemplated)][anchor.removeprefix("at-")] = markup
    return found


def plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def marks(markup: str) -> list[str]:
    """What is drawn for each telling of an event: day, bar, or the side that fades."""
    strips = re.findall(r'<svg class="strip".*?</svg>', markup, re.DOTALL)
    kinds = []
    for strip in strips:
        fades = re.search(r'mask="url\(#fade-(\w+)\)"', strip)
        drawn = "day" if "<circle" in strip else "bar" if "<rect" in strip else "none"
        kinds.append(f"fades {fades[1]}" if fades else drawn)
    return kinds


def rows(site: TestClient, narrowed: str = "") -> list[dict[str, str]]:
    answer = site.get(f"/timeline.csv{narrowed}")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


class TestPrecision:
    def test_almost_20_years_ago_is_fuzzy(self, site: TestClient) -> None:
        found = events(site)[0]["russian-gulf-security-proposals"]  # s29
        assert marks(found) == ["fades both"]
        # "Almost": less than twenty years before 22 February 2021.
        assert "about February 2001 to December 2002 (approximate)" in plain(found)
        assert "Almost 20 years ago" in plain(found)

    def test_a_year_is_a_bar_over_the_year(self, site: TestClient) -> None:
        found = events(site, "?source=moscow-tehran-relations")[0][
            "russian-gulf-security-concept-2019"
        ]
        assert marks(found) == ["bar"]  # s32
        assert re.search(r'x="0.0%" y="3" width="100.0%"', found)
        assert "2019" in plain(found)

    def test_a_month_is_a_bar_over_the_month_and_a_day_a_point(self, site: TestClient) -> None:
        found = events(site)[0]["un-security-council-gulf-debate-2020-10"]  # s33
        assert marks(found) == ["bar", "bar", "day"]
        x, width = (
            float(v) for v in re.findall(r'x="([\d.]+)%" y="3" width="([\d.]+)%"', found)[0]
        )
        assert (round(x / 100 * 366), round(width / 100 * 366)) == (274, 31)
        assert "October 2020" in plain(found) and "20 October 2020" in plain(found)

    def test_a_year_that_is_not_in_the_words_is_said_to_be_concluded(
        self, site: TestClient
    ) -> None:
        found = events(site)[0]["information-security-agreement-signature"]  # s09
        assert marks(found) == [*["day"] * 3, "fades left"]  # one source has no day of its own
        assert "partly inferred, not in the words" in plain(found)

    def test_what_has_a_last_day_only_fades_to_the_left(self, site: TestClient) -> None:
        found = events(site)[0]["iran-jcpoa-commitment-reduction"]  # s15
        assert marks(found) == ["fades left"]
        assert "21 February 2021 or earlier" in plain(found)

    def test_what_has_a_first_day_only_fades_to_the_right(self, site: TestClient) -> None:
        found = events(site)[1]["moscow-tehran-relations-c14.1"]
        assert set(marks(found)) == {"fades right"}

    def test_what_has_no_date_is_listed_and_counted_apart(self, site: TestClient) -> None:
        text = site.get("/timeline?source=moscow-tehran-relations", headers=PAGE).text
        apart = text[text.index('id="undated"') :]
        assert "at-hormuz-peace-initiative" in apart  # s36
        counted = re.search(r"Without a date <small>(\d+)", text)
        assert counted and int(counted[1]) == len(EVENT.findall(apart))

    def test_years_are_in_order(self, site: TestClient) -> None:
        text = site.get("/timeline", headers=PAGE).text
        found = [int(year) for year in re.findall(r'<h2 id="year-(\d+)"', text)]
        assert found == sorted(found) and found[0] == 1945 and 2021 in found


class TestContemplated:
    def test_the_scheduled_meeting_is_apart_and_came_about(self, site: TestClient) -> None:
        told, contemplated = events(site)  # s25
        found = plain(contemplated["moscow-tehran-relations-c25.1"])
        assert "scheduled" in found and "February 2021" in found and "outdated" in found
        assert "Realised as Fifteenth Astana-format meeting, Sochi, February 2021" in found
        assert "Moscow-Tehran Relations" not in plain(told["sochi-astana-meeting-2021-02"])

    def test_nothing_that_is_contemplated_stands_among_what_is_told(self, site: TestClient) -> None:
        told, contemplated = events(site)
        assert not told.keys() & contemplated.keys()
        # s39: that they want it is asserted; that it is resumed is not.
        assert "moscow-tehran-relations-c39.2" in contemplated
        assert not [anchor for anchor in told if re.search(r"-c\d", anchor)]
        assert "thought" not in "".join(told.values())
        assert all("unproven" in each for each in contemplated.values())

    def test_a_hope_is_among_what_is_contemplated(self, site: TestClient) -> None:
        found = plain(events(site)[1]["moscow-tehran-relations-c14.1"])  # s14
        assert "desired" in found and "hoped" in found and "whether it was realised" in found


class TestSources:
    def test_sources_that_differ_stand_beside_each_other(self, others: TestClient) -> None:
        found = events(others)[0]["river-talks"]
        assert "the dates differ" in plain(found)
        assert "May 2020" in plain(found) and "2 June 2020" in plain(found)
        assert marks(found) == ["bar", "day"]

    def test_sources_that_agree_are_not_said_to_differ(self, site: TestClient) -> None:
        found = events(site)[0]["un-security-council-gulf-debate-2020-10"]
        assert "differ" not in plain(found)

    def test_what_is_found_erroneous_says_so(self, site: TestClient) -> None:
        found = plain(events(site)[0]["putin-seven-party-summit-proposal"])  # s35
        assert "autumn 2020 (season)" in found and "14 August 2020" in found
        assert "erroneous" in found and "14 August" in found

    def test_each_telling_has_its_words_and_ways_on(self, site: TestClient) -> None:
        found = events(site)[0]["information-security-agreement-signature"]
        assert "information security was signed on January 26" in plain(found)
        assert "/sources/moscow-tehran-relations#f09.1" in found and "/why?record=" in found

    def test_names_are_text_and_no_markup(self, others: TestClient) -> None:
        assert "Talks <b>" not in others.get("/timeline", headers=PAGE).text


class TestNarrowing:
    def test_by_actor(self, site: TestClient) -> None:
        told, _ = events(site, "?actor=Armenia")
        assert "moscow-meeting-2021-01-11" in told  # s20, by the office of its prime minister
        assert "jcpoa-conclusion" not in told

    def test_by_several_actors(self, site: TestClient) -> None:
        told, _ = events(site, "?actor=armenia&actor=china")
        assert {"moscow-meeting-2021-01-11", "jcpoa-conclusion"} <= told.keys()

    def test_by_agreement(self, site: TestClient) -> None:
        told, _ = events(site, "?about=jcpoa")
        assert {"jcpoa-conclusion", "jcpoa-endorsement", "us-withdrawal-from-jcpoa"} <= told.keys()
        assert "moscow-meeting-2021-01-11" not in told

    def test_by_issue_with_narrower_ones(self, site: TestClient) -> None:
        told, _ = events(site, "?issue=caucasus-peace")
        assert "moscow-meeting-2021-01-11" in told and "jcpoa-conclusion" not in told

    def test_by_kind(self, site: TestClient) -> None:
        told, contemplated = events(site, "?kind=Signature")
        assert [*told] == [  # the JCPOA was never signed
            "trilateral-statement-2020-11-09-signature",
            "joint-statement-2021-01-11-signature",
            "information-security-agreement-signature",
        ]
        assert all("signature" in plain(each).lower() for each in contemplated.values())

    def test_by_span(self, site: TestClient) -> None:
        told, contemplated = events(site, "?from=2020-09&to=2020-10-19")
        assert "un-security-council-gulf-debate-2020-10" in told
        assert (
            "jcpoa-conclusion" not in told and "moscow-tehran-relations-c14.1" not in contemplated
        )

    def test_a_span_leaves_out_what_is_undated_and_counts_it(self, others: TestClient) -> None:
        text = others.get("/timeline?from=2020", headers=PAGE).text
        assert "1 record without a date left out" in text
        assert "bridge" not in events(others, "?from=2020")[0]
        assert "bridge" in events(others, "?from=2020&undated=yes")[0]

    def test_memberships_last_and_are_shown_when_asked_for(self, site: TestClient) -> None:
        kinds = {row["kind"] for row in rows(site)}
        assert COMITY + "Participation" not in kinds
        lasting = rows(site, "?lasting=yes")
        assert {COMITY + "Participation", COMITY + "OfficeHolding"} <= {r["kind"] for r in lasting}
        assert {row["kind"] for row in rows(site, "?kind=Participation")} == {
            COMITY + "Participation"
        }
        text = plain("".join(events(site, "?kind=Participation&actor=united-states")[0].values()))
        # Two sources, each with the end that it tells of.
        assert "The United States takes part in the JCPOA from 14 July 2015" in text
        assert "The United States takes part in the JCPOA until 8 May 2018" in text

    def test_an_unknown_name_gets_help(self, site: TestClient) -> None:
        answer = site.get("/timeline?issue=sanctoins", headers=PAGE)
        assert answer.status_code == 422
        assert "Did you mean" in html.unescape(answer.text)

    @pytest.mark.parametrize(
        "wrong", ["by=actors", "from=2021&to=2020", "from=soon", "kind=nonesuch"]
    )
    def test_a_wrong_parameter_is_named(self, site: TestClient, wrong: str) -> None:
        answer = site.get(f"/timeline?{wrong}", headers=PAGE)
        assert answer.status_code == 422 and 'role="alert"' in answer.text


class TestHonesty:
    def test_an_empty_store_says_so(self, empty: EmbeddedStore) -> None:
        client = TestClient(create_app(empty, Settings(store="memory", bundled=False)))
        assert "No events yet" in client.get("/timeline", headers=PAGE).text

    def test_nothing_within_what_is_chosen(self, site: TestClient) -> None:
        text = site.get("/timeline?from=1648&to=1648-12&modality=hoped", headers=PAGE).text
        assert "No events match" in text

    def test_rows_that_are_left_out_are_told(
        self, site: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(timeline, "MOST_ROWS", 5)
        text = site.get("/timeline?lang=en&actor=", headers=PAGE).text
        assert "There are more rows than the 5 that this page reads" in text

    def test_no_style_is_written_into_the_page(self, site: TestClient) -> None:
        assert " style=" not in site.get("/timeline", headers=PAGE).text

    def test_the_page_is_small(self, site: TestClient) -> None:
        answer = site.get("/timeline", headers={**PAGE, "Accept-Encoding": "gzip"})
        assert int(answer.headers["content-length"]) < 100_000


class TestFiles:
    def test_csv_has_a_row_for_each_record_in_order_of_time(self, site: TestClient) -> None:
        found = rows(site, "?source=moscow-tehran-relations")
        dates = [
            row["earliest"] or row["latest"] for row in found if row["earliest"] or row["latest"]
        ]
        assert dates == sorted(dates)
        (row,) = [row for row in found if row["record"].endswith("#f25.1")]
        assert row["kind"] == COMITY + "ContemplatedEvent" and row["verdict"] == "outdated"
        assert row["status_label"] == "scheduled" and row["precision_label"] == "month"
        assert row["realizedBy"] == ID + "sochi-astana-meeting-2021-02"

    @pytest.mark.parametrize("suffix", ["json", "tsv", "ndjson", "xlsx", "srj", "srx"])
    def test_other_formats(self, site: TestClient, suffix: str) -> None:
        assert site.get(f"/timeline.{suffix}").status_code == 200

    def test_it_is_kept_and_answers_head(self, site: TestClient) -> None:
        tag = site.get("/timeline", headers=PAGE).headers["etag"]
        again = site.get("/timeline", headers={**PAGE, "If-None-Match": tag})
        assert again.status_code == 304
        assert site.head("/timeline", headers=PAGE).status_code == 200
