"""Networks over HTTP: views, canned queries and queries of one's own."""

import dataclasses
import io
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import networkx as nx
import pytest
from needs import need_libraries, need_program
from starlette.testclient import TestClient

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.networks.formats.cytoscape import SHAPES
from comity.graph.networks.formats.registry import FORMATS
from comity.graph.networks.palette import GROUPS, OTHER, STANCES
from comity.service.app import create_app
from comity.service.http.html import FOLDER
from comity.service.settings import Settings

SELECT = """PREFIX id: <https://w3id.org/comity/id/>
SELECT ?source ?target ?type WHERE { VALUES (?source ?target ?type)
  { (id:iran id:russia "one") (id:iran id:russia "two") (id:russia id:syria "three") } }"""


@pytest.fixture(scope="module")
def site(article: EmbeddedStore) -> Iterator[TestClient]:
    app = create_app(article, Settings(store="memory"))
    with TestClient(app, follow_redirects=False, base_url="http://comity.test") as client:
        yield client


def gexf(body: bytes) -> nx.MultiDiGraph:
    found = nx.read_gexf(io.BytesIO(body))
    assert isinstance(found, nx.MultiDiGraph | nx.DiGraph)
    return found


class TestViews:
    def test_the_catalogue_has_every_view_and_format(self, site: TestClient) -> None:
        found = site.get("/network.json").json()
        assert {view["name"] for view in found["views"]} >= {"actors", "positions", "everything"}
        assert list(found["formats"]) == list(FORMATS)
        for view in found["views"]:
            assert site.get(view["example"]).status_code == 200

    def test_a_view_is_a_file_to_keep(self, site: TestClient) -> None:
        plain = {"Accept-Encoding": "identity"}
        answer = site.get("/network/positions.gexf?actor=IRN&lang=fa", headers=plain)
        assert answer.headers["content-type"] == "application/gexf+xml"
        assert answer.headers["content-disposition"] == 'attachment; filename="positions.gexf"'
        assert int(answer.headers["content-length"]) == len(answer.content)
        graph = gexf(answer.content)
        assert graph.nodes["iran"]["label"] == "ایران"
        assert all("iran" in ends for ends in graph.edges())

    def test_parameters_narrow(self, site: TestClient) -> None:
        every, one = (
            gexf(site.get(f"/network/positions.gexf{given}").content).number_of_edges()
            for given in ("", "?actor=russia")
        )
        assert 0 < one < every

    def test_a_neighbourhood(self, site: TestClient) -> None:
        near = gexf(site.get("/network/everything.gexf?around=Mohammad Javad Zarif").content)
        far = gexf(site.get("/network/everything.gexf?around=Mohammad Javad Zarif&hops=2").content)
        assert set(near) < set(far) and "mohammad-javad-zarif" in near

    def test_merging(self, site: TestClient) -> None:
        kept = gexf(site.get("/network/everything.gexf").content)
        merged = gexf(site.get("/network/everything.gexf?multi=merge").content)
        # For each pair one edge for the facts, and one for what is contemplated.
        apart = {(a, b, said["contemplated"]) for a, b, said in kept.edges(data=True)}
        assert merged.number_of_edges() == len(apart)
        assert set(merged) == set(kept)

    def test_format_by_name_and_by_accept(self, site: TestClient) -> None:
        assert site.get("/network/actors?format=cx2").json()[0]["CXVersion"] == "2.0"
        for accept, kind in (
            ("*/*", "application/gexf+xml"),
            ("application/graphml+xml", "application/graphml+xml"),
            ("text/turtle", "text/turtle"),
            ("text/html,*/*;q=0.8", "text/html; charset=utf-8"),
        ):
            found = site.get("/network/actors", headers={"Accept": accept})
            assert found.headers["content-type"].startswith(kind), accept

    def test_the_text_of_a_view_runs_as_it_stands(self, site: TestClient) -> None:
        text = site.get("/network/positions.rq?actor=iran").text
        assert "id/iran>" in text
        assert site.get("/sparql", params={"query": text, "format": "csv"}).status_code == 200

    @pytest.mark.parametrize("method", ["HEAD"])
    def test_head(self, site: TestClient, method: str) -> None:
        answer = site.request(method, "/network/actors.gexf")
        assert answer.status_code == 200 and not answer.content

    @pytest.mark.parametrize(
        ("path", "status", "parameter"),
        [
            ("/network/actrs.gexf", 404, None),
            ("/network/actors.xgmml", 406, None),
            ("/network/actors.vowl.json", 406, None),
            ("/network/ontology.vowl.json?actor=iran", 422, "actor"),
            ("/network/actors.gexf?actor=Irann", 422, "actor"),
            ("/network/actors.gexf?akteur=Iran", 422, "akteur"),
            ("/network/actors.gexf?around=nowhere", 422, "around"),
            ("/network/actors.gexf?around=http://a b", 422, "around"),
            ("/network/actors.gexf?around=namibia", 422, "around"),
            ("/network/actors.gexf?hops=2", 422, "hops"),
            ("/network/actors.gexf?around=iran&hops=99", 422, "hops"),
            ("/network/actors.gexf?around=iran&hops=²", 422, "hops"),
            ("/network/actors.gexf?multi=some", 422, "multi"),
            ("/network/actors.gexf?flavor=yed", 422, "flavor"),
            ("/network/actors.gexf?limit=5", 422, "limit"),
            ("/network/actors.gexf?lang=!", 422, "lang"),
            ("/queries/statistics.gexf?limit=5", 422, "limit"),
        ],
    )
    def test_what_is_wrong_is_named(
        self, site: TestClient, path: str, status: int, parameter: str | None
    ) -> None:
        answer = site.get(path)
        assert answer.status_code == status, answer.text
        problem = answer.json()
        assert problem.get("parameter") == parameter
        assert problem["detail"] and problem.get("hint", "x")

    def test_near_misses(self, site: TestClient) -> None:
        assert "actors" in site.get("/network/actrs.gexf").json()["hint"]
        assert "iran" in site.get("/network/actors.gexf?around=Irann").json()["hint"].lower()


class TestQueries:
    def test_a_query_of_ones_own(self, site: TestClient) -> None:
        for answer in (
            site.get("/sparql", params={"query": SELECT, "format": "gexf"}),
            site.post("/sparql", data={"query": SELECT, "format": "gexf"}),
        ):
            graph = gexf(answer.content)
            assert set(graph) == {"iran", "russia", "syria"}
            assert graph.number_of_edges() == 3

    def test_its_network_narrows_too(self, site: TestClient) -> None:
        asked = {"query": SELECT, "format": "gexf", "around": "iran", "multi": "merge"}
        graph = gexf(site.get("/sparql", params=asked).content)
        assert set(graph) == {"iran", "russia"} and graph.number_of_edges() == 1

    def test_a_dataset_beside_the_query_is_honoured(self, site: TestClient) -> None:
        query = "CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }"
        asked = {"query": query, "format": "graphml"}
        asked["default-graph-uri"] = "https://w3id.org/comity/graph/nothing"
        assert site.get("/sparql", params=asked).content.count(b"<node ") == 0

    def test_turtle_and_json_ld_stay_those_of_the_protocol(self, site: TestClient) -> None:
        query = "CONSTRUCT { <urn:a> <urn:b> <urn:c> } WHERE {}"
        found = site.get("/sparql", params={"query": query, "format": "ttl"})
        assert found.text.strip().endswith("<urn:a> <urn:b> <urn:c> .")

    @pytest.mark.parametrize("comment", ["", "# CONSTRUCT {\n"])
    def test_turtle_and_json_ld_of_a_table_are_its_network(
        self, site: TestClient, comment: str
    ) -> None:
        for suffix, type_ in (("ttl", "text/turtle"), ("jsonld", "application/ld+json")):
            asked = {"query": comment + SELECT, "format": suffix, "around": "syria"}
            answer = site.get("/sparql", params=asked)
            assert answer.status_code == 200
            assert answer.headers["content-type"].partition(";")[0] == type_
            assert answer.headers["Comity-Network"] == "2 nodes, 1 edge"
            assert (
                site.get("/sparql", params={"query": "ASK {}", "format": suffix}).status_code == 406
            )
            # By Accept, the endpoint is that of the protocol alone.
            by_accept = site.get("/sparql", params={"query": SELECT}, headers={"Accept": type_})
            assert by_accept.status_code == 406

    def test_what_a_viewer_needs_stands_beside_the_link(self, site: TestClient) -> None:
        page = site.get(
            "/queries/positions-on-issue?issue=persian-gulf-security", headers=HTML
        ).text
        assert re.search(r">vos\.json</a> <small>\(from 3 nodes\)</small>", page)

    def test_a_yes_or_no_is_no_network(self, site: TestClient) -> None:
        answer = site.get("/sparql", params={"query": "ASK {}", "format": "gexf"})
        assert answer.status_code == 406

    def test_a_broken_query_is_told_as_ever(self, site: TestClient) -> None:
        answer = site.get("/sparql", params={"query": "SELECT * {", "format": "gexf"})
        assert answer.status_code == 400 and answer.json()["line"] == 1

    def test_the_time_limit_holds(self, site: TestClient) -> None:
        query = "SELECT ?source ?target { ?source ?p ?x . ?target ?q ?y . ?a ?b ?c . ?d ?e ?f }"
        asked = {"query": query, "format": "gexf", "timeout": "0.3"}
        assert site.get("/sparql", params=asked).status_code == 504

    def test_a_canned_query(self, site: TestClient) -> None:
        answer = site.get("/queries/positions-on-issue.graphml?issue=persian-gulf-security")
        graph = nx.read_graphml(io.BytesIO(answer.content), force_multigraph=True)
        assert ("iran", "gulf-security-jcpoa-linkage") in graph.edges()
        assert "oppose linking progress" in str(list(graph.edges(data=True)))

    def test_zip_files_open(self, site: TestClient) -> None:
        for suffix in ("gephi.zip", "neo4j.zip"):
            body = site.get(f"/network/actors.{suffix}").content
            with zipfile.ZipFile(io.BytesIO(body)) as file:
                assert file.testzip() is None and file.namelist()


class TestPages:
    def test_the_way_from_home_to_gephi(self, site: TestClient) -> None:
        """Each page leads to the next by a link, and the last link is the file."""
        home = site.get("/", headers={"Accept": "text/html"}).text
        assert 'href="/network"' in home
        networks = site.get("/network", headers={"Accept": "text/html"}).text
        assert 'href="/viewers"' in networks and 'href="/network/everything"' in networks
        viewers = site.get("/viewers").text
        assert 'href="/network/everything.gexf"' in viewers
        assert gexf(site.get("/network/everything.gexf").content).number_of_edges() > 100

    @pytest.mark.slow
    def test_every_link_of_the_pages_leads_somewhere(self, site: TestClient) -> None:
        need_libraries()
        need_program("dot")
        for path in ("/network", "/viewers", "/network/ontology", "/network/positions?actor=iran"):
            text = site.get(path, headers={"Accept": "text/html"}).text
            links = set(re.findall(r'(?:href|src)="(/[^"#]*)', text))
            assert len(links) > 10
            for link in links - {"/"}:
                answer = site.get(link.replace("&amp;", "&"), headers={"Accept": "text/html,*/*"})
                assert answer.status_code in (200, 303), (path, link, answer.text[:300])

    def test_a_view_shows_its_edges_with_their_words(self, site: TestClient) -> None:
        need_program("dot")
        text = site.get("/network/positions?actor=iran", headers={"Accept": "text/html"}).text
        assert "oppose linking progress" in text
        assert 'src="/network/positions.svg?actor=iran"' in text

    def test_a_wrong_value_is_told_beside_its_field(self, site: TestClient) -> None:
        for given, word in (
            ("actor=Irann", "Irann"),
            ("multi=some", "multi"),
            ("hops=3", "hops"),
            ("sort=target", "sort"),
        ):
            answer = site.get(f"/network/positions?{given}", headers={"Accept": "text/html"})
            assert answer.status_code == 422, given
            assert 'role="alert"' in answer.text and word in answer.text

    def test_the_legend_has_the_colours_of_the_palette(self) -> None:
        css = (FOLDER / "static" / "style.css").read_text(encoding="utf-8")
        for style in (*GROUPS.values(), OTHER):
            assert f'.swatch[data-group="{style.group}"] {{ background: {style.fill}; }}' in css
        for stance, colour in STANCES.items():
            assert f'.stroke[data-stance="{stance}"] {{ border-color: {colour}; }}' in css

    def test_the_drawings_of_the_browser_have_them_too(self) -> None:
        script = (FOLDER / "static" / "parts" / "palette.js").read_text(encoding="utf-8")
        for style in (*GROUPS.values(), OTHER):
            assert f'{style.group}: ["{style.fill}", "{SHAPES[style.shape]}"],' in script
        for stance, colour in STANCES.items():
            assert f'{stance}: "{colour}",' in script


def test_a_view_of_ones_own(article: EmbeddedStore, tmp_path: Path) -> None:
    folder = tmp_path / "networks"
    folder.mkdir()
    text = "#+ summary: Mine\n" + SELECT
    (folder / "mine.rq").write_text(text, encoding="utf-8")
    (folder / "broken.rq").write_text("SELECT", encoding="utf-8")
    app = create_app(article, Settings(store="memory", queries=(tmp_path,)))
    with TestClient(app) as client:
        assert gexf(client.get("/network/mine.gexf").content).number_of_edges() == 3
        assert "/network/mine" in client.get("/openapi.json").json()["paths"]
        assert "broken.rq" in client.get("/network", headers={"Accept": "text/html"}).text


def test_a_view_too_small_for_a_viewer_is_not_offered_to_it(
    article: EmbeddedStore, tmp_path: Path
) -> None:
    """VOSviewer ends with an error over less than three things."""
    folder = tmp_path / "networks"
    folder.mkdir()
    for name, values in (
        ("two", "(id:iran id:russia)"),
        ("three", "(id:iran id:russia) (id:a id:b)"),
    ):
        text = f"SELECT ?source ?target {{ VALUES (?source ?target) {{ {values} }} }}"
        prefix = "#+ summary: Mine\nPREFIX id: <https://w3id.org/comity/id/>\n"
        (folder / f"{name}.rq").write_text(prefix + text, encoding="utf-8")
    app = create_app(article, Settings(store="memory", queries=(tmp_path,)))
    with TestClient(app) as client:
        refused = client.get("/network/two.vos.json")
        assert refused.status_code == 422 and "at least 3 nodes" in refused.json()["detail"]
        assert "two.vos.json" not in client.get("/network/two", headers=HTML).text
        assert "two.gexf" in client.get("/network/two", headers=HTML).text
        assert client.get("/network/three.vos.json").status_code == 200
        assert "three.vos.json" in client.get("/network/three", headers=HTML).text


def test_a_picture_that_is_too_large_is_not_offered(
    site: TestClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    need_program("dot")
    for suffix in ("svg", "png"):
        small = dataclasses.replace(FORMATS[suffix], most=(20, 20))
        monkeypatch.setitem(FORMATS, suffix, small)
    page = site.get("/network/everything", headers=HTML).text
    assert "too large for a picture" in page and '<img src="/network' not in page
    assert "everything.svg" not in page and "everything.png" not in page
    assert "everything.gexf" in page


HTML: Final = {"Accept": "text/html"}


class TestNarrowedPages:
    """The table has the edges of the picture, and an empty picture says why."""

    @pytest.mark.parametrize(
        "given", ["", "?around=iran", "?around=iran&multi=merge", "?as_of=2019-01-01&facts=yes"]
    )
    def test_the_table_has_the_edges_of_the_picture(self, site: TestClient, given: str) -> None:
        edges = gexf(site.get(f"/network/positions.gexf{given}").content).number_of_edges()
        page = site.get(f"/network/positions{given}", headers=HTML).text
        (table,) = re.findall(r"<tbody>(.*)</tbody>", page, re.DOTALL) or [""]
        assert table.count("<tr>") == edges
        assert edges or "Nothing to draw" in page

    @pytest.mark.parametrize(("given", "merged"), [("", True), ("?modality=hoped", False)])
    def test_a_picture_of_many_edges_is_of_the_merged_ones(
        self, site: TestClient, given: str, merged: bool
    ) -> None:
        need_program("dot")
        page = site.get(f"/network/actors{given}", headers=HTML).text
        (drawn,) = re.findall(r'<img src="/network/([^"]+)"', page)
        assert ("multi=merge" in drawn) is merged and drawn.startswith("actors.svg")
        assert ("draw each edge separately" in page) is merged

    def test_a_page_of_a_long_table(self, site: TestClient) -> None:
        page = site.get("/network/everything?limit=100&offset=200", headers=HTML).text
        assert "Edges 201 to 300 of" in page and "offset=300" in page and "offset=100" in page
        assert "limit" not in re.findall(r'everything\.gexf([^"]*)"', page)[0]

    def test_what_is_left_out_for_want_of_a_date_is_counted(self, site: TestClient) -> None:
        answer = site.get("/network/participation.gexf?as_of=2030-01-01")
        shown = site.get("/network/participation.gexf?as_of=2030-01-01&undated=yes")
        more = gexf(shown.content).number_of_edges() - gexf(answer.content).number_of_edges()
        assert more > 10
        said = f"{more} more edges are undated"
        assert said in answer.headers["Comity-Network"] and said in answer.text
        page = site.get("/network/participation?as_of=2030-01-01", headers=HTML).text
        assert said in page
        assert "undated" not in shown.headers["Comity-Network"]
        assert "undated" not in site.get("/network/participation.gexf").headers["Comity-Network"]

    def test_what_is_dated_on_one_side_is_counted(self, site: TestClient) -> None:
        page = site.get("/network/participation?from=2020&to=2020", headers=HTML).text
        assert "with only one date may lie outside of the period" in page

    def test_an_empty_network_says_what_emptied_it(self, site: TestClient) -> None:
        given = "?actor=iran&modality=hoped&from=1990&to=1991"
        page = site.get(f"/network/positions{given}", headers=HTML).text
        assert "Nothing to draw" in page and '<section aria-labelledby="picture">' not in page
        page = site.get("/network/positions?actor=iran&to=1991", headers=HTML).text
        (empty,) = re.findall(r'<section aria-labelledby="empty">(.*?)</section>', page, re.DOTALL)
        assert "<code>to</code>" in empty and "<code>actor</code>" not in empty
        assert "/network/positions?actor=iran" in empty

    @pytest.mark.parametrize("path", ["/network/actors", "/queries/timeline-of"])
    def test_a_span_that_ends_before_it_begins(self, site: TestClient, path: str) -> None:
        answer = site.get(f"{path}.gexf?from=2021&to=2020" + "&thing=jcpoa" * ("timeline" in path))
        assert answer.status_code == 422 and answer.json()["parameter"] == "from"


class TestHints:
    """What a message says leads on."""

    @pytest.mark.parametrize(
        "path", ["/network/actors.gexf", "/queries/positions-of.gexf?holder=iran"]
    )
    def test_an_unknown_parameter(self, site: TestClient, path: str) -> None:
        problem = site.get(path + ("&" if "?" in path else "?") + "arround=iran").json()
        assert problem["parameter"] == "arround" and "Did you mean around?" in problem["hint"]
        for name in ("hops", "multi", "flavor", "lang"):
            assert name in problem["hint"]
        assert "limit" not in problem["hint"]

    def test_an_unknown_format(self, site: TestClient) -> None:
        answer = site.get("/sparql", params={"query": SELECT, "format": "gefx"})
        assert answer.status_code == 406
        assert "Did you mean gexf?" in answer.json()["hint"]
        assert "graphml" in answer.json()["hint"] and "csv" in answer.json()["hint"]

    @pytest.mark.parametrize("end", ["source", "target"])
    def test_one_end_alone(self, site: TestClient, end: str) -> None:
        query = f"SELECT ?{end} {{ VALUES ?{end} {{ <urn:a> }} }}"
        problem = site.get("/sparql", params={"query": query, "format": "gexf"}).json()
        other = "target" if end == "source" else "source"
        assert problem["status"] == 406 and f"no ?{other}" in problem["detail"]
        assert "?source and ?target" in problem["hint"]

    def test_the_name_of_a_file_says_its_flavor(self, site: TestClient) -> None:
        answer = site.get("/network/actors.graphml?flavor=yed")
        assert 'filename="actors-yed.graphml"' in answer.headers["content-disposition"]
