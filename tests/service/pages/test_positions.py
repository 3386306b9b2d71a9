"""The page of positions: who takes which stance, silence, salience, joint positions, and the words."""

import csv
import html
import io
import re
from collections.abc import Iterator
from contextlib import closing

import pytest
from starlette.testclient import TestClient

from comity.graph.descriptions.overviews import matrix
from comity.graph.engines.embedded.load import load
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.rdf.namespaces import COMITY, ID
from comity.service.app import create_app
from comity.service.pages.overviews import positions
from comity.service.settings import Settings

PAGE = {"Accept": "text/html"}
ARTICLE = "https://w3id.org/comity/source/moscow-tehran-relations"
ISSUE = re.compile(r'<th role="columnheader" scope="col">(.*?)</th>', re.DOTALL)
ROW = re.compile(r'<tr role="row"><th role="rowheader" scope="row">(.*?)</th>(.*?)</tr>', re.DOTALL)
CELL = re.compile(r'<td role="cell"[^>]*>(.*?)</td>', re.DOTALL)

# Two sources that differ; one position is found erroneous, one is hoped for, one has no date, and
# holders and words have names that a page must not take for its own marks.
OTHERS = """
@prefix comity: <https://w3id.org/comity/ontology#> .
@prefix id: <https://w3id.org/comity/id/> .
@prefix rdfs: <http://www.w3.org/2000/01/rdf-schema#> .
@prefix skos: <http://www.w3.org/2004/02/skos/core#> .
@prefix xsd: <http://www.w3.org/2001/XMLSchema#> .
@prefix s: <https://w3id.org/comity/source/other#> .
<https://w3id.org/comity/graph/other> {
  id:avaria a comity:State ; rdfs:label "<b>Avaria</b> & Sons"@en .
  id:bactria a comity:State ; rdfs:label "باختر"@fa .
  id:tolls a comity:Issue ; rdfs:label "tolls"@en .
  id:river-tolls a comity:Issue ; rdfs:label "river tolls"@en ; skos:broader id:tolls .
  id:fog a comity:Issue ; rdfs:label "fog"@en .
  comity:Issue rdfs:label "issue"@en . comity:State rdfs:subClassOf comity:Agent .
  comity:opposed a comity:Stance ; rdfs:label "opposed"@en .
  comity:hoped a comity:Modality ; rdfs:label "hoped"@en .
  s:f1 a comity:Position ; rdfs:label "Avaria opposes tolls on rivers"@en ; comity:holder id:avaria ;
    comity:stance comity:opposed ; comity:issue id:river-tolls ; comity:modality comity:asserted ;
    comity:source <https://w3id.org/comity/source/other> ;
    comity:earliest "2020-05-01T00:00:00Z"^^xsd:dateTime ; comity:latest "2020-05-31T23:59:59Z"^^xsd:dateTime ;
    comity:precision comity:month ; comity:evidence s:q1 .
  s:q1 comity:words "no <script>alert(1)</script> tolls" .
  s:n1 a comity:Correction ; comity:onRecord s:f1 ; comity:verdict comity:erroneous ;
    rdfs:comment "It was for them."@en ; comity:citation <https://w3id.org/comity/source/third> .
  s:f2 a comity:Position ; rdfs:label "Bactria is hoped to support tolls"@en ; comity:holder id:bactria ;
    comity:stance comity:supportive ; comity:issue id:tolls ; comity:modality comity:hoped ;
    comity:source <https://w3id.org/comity/source/other> .
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


def rows(site: TestClient, narrowed: str = "") -> list[dict[str, str]]:
    answer = site.get(f"/positions.csv{narrowed}")
    assert answer.status_code == 200, answer.text
    return list(csv.DictReader(io.StringIO(answer.text, newline="")))


def plain(markup: str) -> str:
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", markup)).split())


def table(site: TestClient, narrowed: str = "?by=actors") -> dict[str, dict[str, str]]:
    """For each actor the text of its cells by issue, as a page without scripts shows them."""
    text = site.get(f"/positions{narrowed}", headers=PAGE).text
    issues = [plain(each) for each in ISSUE.findall(text)]
    return {
        plain(actor): dict(zip(issues, map(plain, CELL.findall(cells)), strict=True))
        for actor, cells in ROW.findall(text)
    }


class TestTable:
    def test_russia_and_iran_jointly_oppose_the_linkage(self, site: TestClient) -> None:
        found = table(site)  # s39
        linkage = "linkage of Gulf security and the JCPOA"
        assert "\u2212 opposes" in found["Russia"][linkage]
        assert "jointly with Iran" in found["Russia"][linkage]
        assert "jointly with Russia" in found["Iran"][linkage]

    def test_opposing_a_linkage_is_not_opposing_what_it_links(self, site: TestClient) -> None:
        assert "opposes" not in table(site)["Iran"]["security in the Persian Gulf"]

    def test_what_matters_without_a_stance_has_a_sign_of_its_own(self, site: TestClient) -> None:
        found = table(site)["Iran"]["Palestinian issue"]  # s28, s40
        assert "\u2022 matters , no stance given" in found
        assert "supports" not in found and "interested" not in found
        bushehr = table(site)["Iran"]["construction of the Bushehr nuclear power plant"]  # s06
        assert bushehr.endswith(": \u2022 matters , no stance given")

    def test_what_is_promised_is_marked_as_no_fact(self, site: TestClient) -> None:
        text = site.get("/positions", headers=PAGE).text
        assert (
            "supports (committed)" in table(site)["Russia"]["security in the Persian Gulf"]
        )  # s38
        dashed = r'class="chip unproven" data-stance="supportive">(?:(?!</a>).)*committed'
        assert re.search(dashed, text[: text.index("The words")], re.DOTALL)

    def test_what_others_say_of_them_is_marked(self, site: TestClient) -> None:
        found = table(site)["the participating sides (unnamed)"]  # s34
        assert "interested (claimed by others)" in found["security in the Persian Gulf"]

    def test_an_empty_cell_is_silence(self, site: TestClient) -> None:
        found = table(site)["the participating sides (unnamed)"]
        assert found["Palestinian issue"] == "nothing"

    def test_a_hope_is_no_position(self, site: TestClient) -> None:
        # s14: they hope that the United States will return.
        assert not [row for row in rows(site) if row["record"].endswith("#f14.1")]
        assert "United States" not in table(site)

    def test_an_actor_of_whom_nothing_is_told_has_an_empty_row_and_a_word(
        self, site: TestClient
    ) -> None:
        narrowed = "?actor=united-states&actor=iran&by=actors"
        assert set(table(site, narrowed)["United States"].values()) == {"nothing"}
        text = site.get(f"/positions{narrowed}", headers=PAGE).text
        assert "No source here reports a position of United States" in text
        assert "United States" not in table(site)

    def test_issues_stand_under_what_is_broadest(self, site: TestClient) -> None:
        text = site.get("/positions?by=actors", headers=PAGE).text
        groups = re.findall(r'scope="colgroup" colspan="(\d+)">(.*?)<', text)
        assert ("7", "regional conflicts") in groups

    def test_the_table_can_be_turned(self, site: TestClient) -> None:
        found = table(site, "?by=issues")
        assert "opposes" in found["linkage of Gulf security and the JCPOA"]["Iran"]

    def test_issues_of_silence_are_shown_when_asked_for(self, site: TestClient) -> None:
        assert "conflict in yemen" not in str(table(site)).lower()
        shown = table(site, "?silent=yes&by=issues&issue=regional-conflicts")
        silent = [issue for issue, cells in shown.items() if set(cells.values()) == {"nothing"}]
        assert len(silent) > 8
        assert "Show" in site.get("/positions", headers=PAGE).text


class TestWords:
    def test_a_cell_leads_to_its_quotation_without_a_script(self, site: TestClient) -> None:
        narrowed = "?issue=gulf-security-jcpoa-linkage&stance=opposed&source="
        text = site.get(f"/positions{narrowed}{ARTICLE}", headers=PAGE).text
        anchors = re.findall(r'class="cell" href="#([^"]+)"', text)
        assert anchors == ["words-1", "words-1"]  # one position, not two
        words = text[text.index('id="words-1"') :]
        assert "oppose linking progress in regional security in the Persian Gulf" in words
        assert "sentence 39" in words
        assert f"/why?record={ARTICLE.replace('/', '%2F')}" in words or "/why?record=" in words
        assert "/sources/moscow-tehran-relations#f39.1" in words

    def test_remarks_of_the_editors_stand_by_the_words(self, site: TestClient) -> None:
        text = site.get("/positions?issue=jcpoa-implementation", headers=PAGE).text
        assert "read as the JCPOA" in text  # the note on s13

    def test_what_is_found_erroneous_says_so_in_its_cell(self, others: TestClient) -> None:
        assert "erroneous" in table(others)["<b>Avaria</b> & Sons"]["river tolls"]
        assert "It was for them." in others.get("/positions", headers=PAGE).text

    def test_names_and_words_are_text_and_no_markup(self, others: TestClient) -> None:
        text = others.get("/positions", headers=PAGE).text
        assert "<script>alert" not in text and "<b>Avaria" not in text
        assert "باختر" in text


class TestNarrowing:
    def test_by_several_actors(self, site: TestClient) -> None:
        found = {row["actor_label"] for row in rows(site, "?actor=Iran&actor=RUS")}
        assert found == {"Iran", "Russia"}

    def test_an_issue_takes_its_narrower_ones(self, site: TestClient) -> None:
        found = {
            row["issue"].removeprefix(ID) for row in rows(site, "?issue=persian-gulf-security")
        }
        assert found == {"persian-gulf-security", "gulf-security-jcpoa-linkage"}

    def test_by_stance_and_modality(self, site: TestClient) -> None:
        opposed = rows(site, "?stance=opposed")
        assert {row["record"].partition("#")[2] for row in opposed} == {"f39.1", "f1"}
        committed = rows(site, "?modality=committed")
        assert {row["record"].partition("#")[2] for row in committed} == {
            "f23.1",
            "f3",
            "f38.1",
            "f6",
        }

    def test_by_source(self, site: TestClient) -> None:
        found = rows(site, "?source=xinhua-2020-08-15")
        assert [(row["actor_label"], row["joint"]) for row in found] == [("Russia", "")]

    def test_by_time(self, site: TestClient) -> None:
        found = rows(site, "?to=2020-12-31")
        records = {row["record"].partition("#")[2] for row in found}
        assert records == {"f34.1", "f34.2", "f34.3", "f4"}  # October 2020, and 14 August 2020

    def test_what_is_undated_is_left_out_counted_and_asked_for(self, others: TestClient) -> None:
        text = others.get("/positions?from=2020", headers=PAGE).text
        assert "1 statement without a date left out" in text
        assert len(rows(others, "?from=2020")) == 1
        assert len(rows(others, "?from=2020&undated=yes")) == 2

    def test_an_unknown_name_gets_help(self, site: TestClient) -> None:
        answer = site.get("/positions?actor=Irann", headers=PAGE)
        assert answer.status_code == 422
        assert "Did you mean Iran" in html.unescape(answer.text)
        assert 'value="Irann"' in answer.text
        assert site.get("/positions.csv?actor=Irann").json()["parameter"] == "actor"

    @pytest.mark.parametrize("wrong", ["nonsense=1", "by=columns", "from=2021&to=2020", "silent=2"])
    def test_a_wrong_parameter_is_named(self, site: TestClient, wrong: str) -> None:
        answer = site.get(f"/positions?{wrong}", headers=PAGE)
        assert answer.status_code == 422
        assert 'role="alert"' in answer.text

    def test_only_actors_may_be_several(self, site: TestClient) -> None:
        assert site.get("/positions.json?issue=fog&issue=tolls").status_code == 422


class TestHonesty:
    def test_an_empty_store_says_so(self, client: TestClient) -> None:
        text = client.get("/positions?issue=", headers=PAGE).text
        assert "No positions yet" in text

    def test_nothing_within_what_is_chosen(self, site: TestClient) -> None:
        text = site.get("/positions?stance=neutral", headers=PAGE).text
        assert "No statements match" in text

    def test_rows_that_are_left_out_are_told(
        self, site: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(positions, "MOST_ROWS", 5)
        text = site.get("/positions?lang=en&actor=", headers=PAGE).text
        assert "There are more rows than the 5 that this page reads" in text

    def test_actors_and_issues_that_are_left_out_are_told(
        self, site: TestClient, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(matrix, "MOST_ACTORS", 1)
        monkeypatch.setattr(matrix, "MOST_ISSUES", 2)
        text = site.get("/positions?lang=en&source=", headers=PAGE).text
        assert "10 further actors are left out" in text
        assert "21 further issues are left out" in text

    def test_a_page_of_a_file_tells_of_the_next(self, site: TestClient) -> None:
        answer = site.get("/positions.json?limit=3&actor=iran&actor=russia")
        assert answer.headers["comity-complete"] == "false"
        following = answer.json()["next"]
        assert "offset=3" in following and following.count("actor=") == 2
        assert len(site.get(following).json()["rows"]) == 3


class TestFiles:
    def test_csv_is_in_long_form(self, site: TestClient) -> None:
        narrowed = f"?issue=gulf-security-jcpoa-linkage&stance=opposed&source={ARTICLE}"
        answer = site.get(f"/positions.csv{narrowed}")
        assert answer.headers["content-type"].startswith("text/csv")
        assert answer.content.count(b"\r\n") == 3
        found = rows(site, narrowed)
        assert [row["actor_label"] for row in found] == ["Iran", "Russia"]
        for row in found:
            assert row["stance"] == COMITY + "opposed"
            assert row["modality_label"] == "asserted"
            assert row["jointHolders"] == "Iran; Russia"
            assert row["sentence"] == "39"
            assert row["words"].startswith("oppose linking progress")
            assert (row["source"], row["record"]) == (ARTICLE, f"{ARTICLE}#f39.1")

    def test_csv_has_what_is_found_erroneous(self, others: TestClient) -> None:
        assert {row["verdict"] for row in rows(others)} == {"erroneous", ""}

    @pytest.mark.parametrize("suffix", ["json", "tsv", "ndjson", "xlsx", "srj", "srx"])
    def test_other_formats(self, site: TestClient, suffix: str) -> None:
        assert site.get(f"/positions.{suffix}").status_code == 200

    def test_what_can_not_be_made_is_refused(self, site: TestClient) -> None:
        assert site.get("/positions.gexf").status_code == 406

    def test_accept_decides(self, site: TestClient) -> None:
        answer = site.get("/positions", headers={"Accept": "text/csv"})
        assert answer.headers["content-type"].startswith("text/csv")

    def test_it_is_kept_and_answers_head(self, site: TestClient) -> None:
        tag = site.get("/positions", headers=PAGE).headers["etag"]
        again = site.get("/positions", headers={**PAGE, "If-None-Match": tag})
        assert again.status_code == 304
        assert site.head("/positions", headers=PAGE).status_code == 200

    def test_it_is_described(self, site: TestClient) -> None:
        paths = site.get("/openapi.json").json()["paths"]
        names = {each["name"] for each in paths["/positions"]["get"]["parameters"]}
        assert {"actor", "issue", "from", "to", "modality", "source", "by", "silent"} <= names
