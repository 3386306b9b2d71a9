"""The explorer's routes: the page, its data with an honest limit, and exports of what is seen."""

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import networkx as nx
import pytest
from needs import need_program
from starlette.testclient import TestClient

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.networks.formats.registry import FORMATS
from comity.service.app import create_app
from comity.service.settings import Settings

OWN = """PREFIX id: <https://w3id.org/comity/id/>
SELECT ?source ?target ?type WHERE { VALUES (?source ?target ?type)
  { (id:iran id:russia "one") (id:iran id:russia "two") (id:russia id:syria "three") } }"""


@pytest.fixture(scope="module")
def site(article: EmbeddedStore) -> Iterator[TestClient]:
    app = create_app(article, Settings(store="memory"))
    with TestClient(app, base_url="http://comity.test") as client:
        yield client


def fetch(site: TestClient, **asked: Any) -> dict[str, Any]:
    answer = site.get("/explore/data.json", params=asked)
    assert answer.status_code == 200, answer.text
    found = answer.json()
    assert isinstance(found, dict)
    return found


def ids(document: dict[str, Any], kind: str) -> list[str]:
    return [each["data"]["id"] for each in document["network"]["elements"][kind]]


def unordered(edge: dict[str, Any]) -> dict[str, Any]:
    """What an edge says; the order of several values of one attribute is that of the engine."""
    return {name: sorted(str(said).split(" | ")) for name, said in edge["data"].items()}


class TestThePage:
    def test_it_works_without_scripts(self, site: TestClient) -> None:
        need_program("dot")
        text = site.get("/explore?view=positions&actor=iran").text
        assert 'name="actor" value="iran"' in text
        still = text[text.index("<noscript>") :]
        assert "/network/positions.gexf?actor=iran" in still

    def test_it_works_without_its_library(
        self, site: TestClient, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
    ) -> None:
        monkeypatch.setattr(
            "comity.service.pages.networks.explore._LIBRARY", tmp_path / "missing.mjs"
        )
        # The page is kept for its address, so this one is asked for here alone.
        text = site.get("/explore?view=positions&actor=russia&lang=fa").text
        assert "is not installed here" in text and "explore.js" not in text
        assert "<noscript>" not in text
        assert "/network/positions.gexf?actor=russia" in text.replace("lang=fa&amp;", "")

    def test_a_query_of_the_catalogue_and_ones_own(self, site: TestClient) -> None:
        assert "/queries/positions-of.gexf?holder=Iran" in (
            site.get("/explore?canned=positions-of&holder=Iran").text
        )
        assert (
            "/sparql?query=SELECT" in site.get("/explore?query=SELECT * {?source ?p ?target}").text
        )

    @pytest.mark.parametrize(
        ("asked", "status", "words"),
        [
            ("view=actors&actor=Irann", 422, "actor"),
            ("view=actors&around=nowhere", 422, "nowhere"),
            ("view=actors&akteur=iran", 422, "akteur"),
            ("view=actrs", 404, "actors"),
            ("view=actors&canned=positions-of", 422, "is given too"),
        ],
    )
    def test_what_is_wrong_is_said(
        self, site: TestClient, asked: str, status: int, words: str
    ) -> None:
        answer = site.get(f"/explore?{asked}", headers={"Accept": "text/html"})
        assert answer.status_code == status
        assert words in answer.text


class TestTheData:
    def test_it_is_the_network_of_the_view(self, site: TestClient) -> None:
        found, view = fetch(site, view="actors"), site.get("/network/actors.cyjs").json()
        kinds = ("nodes", "edges")
        for kind in kinds:
            assert sorted(ids(found, kind)) == sorted(
                e["data"]["id"] for e in view["elements"][kind]
            )
        assert found["complete"] and found["rule"] is None
        assert found["total"] == found["shown"] == {k: len(ids(found, k)) for k in kinds}

    @pytest.mark.parametrize("multi", ["keep", "merge"])
    def test_a_limit_is_counted(self, site: TestClient, multi: str) -> None:
        whole = fetch(site, view="everything", multi=multi)
        part = fetch(site, view="everything", multi=multi, limit="50")
        assert len(ids(part, "edges")) == part["shown"]["edges"] == 50
        assert part["total"] == whole["total"] and not part["complete"] and part["rule"]
        assert set(ids(part, "edges")) < set(ids(whole, "edges"))

    def test_what_is_asked_for_comes_first(self, site: TestClient) -> None:
        part = fetch(site, view="everything", around="baku", hops="3", limit="2")
        ends = {
            edge["data"][end]
            for edge in part["network"]["elements"]["edges"]
            for end in ("source", "target")
        }
        assert "baku" in ends and not part["complete"]

    def test_expanding_adds_all_that_is_told_of_a_thing(self, site: TestClient) -> None:
        before, after = fetch(site, view="actors"), fetch(site, view="actors", expand="jcpoa")
        assert set(ids(before, "edges")) < set(ids(after, "edges"))
        new = set(ids(after, "edges")) - set(ids(before, "edges"))
        for edge in after["network"]["elements"]["edges"]:
            if edge["data"]["id"] in new:
                assert "jcpoa" in (edge["data"]["source"], edge["data"]["target"])
        around = site.get("/network/everything.cyjs?around=jcpoa").json()["elements"]["edges"]
        at = [e for e in around if "jcpoa" in (e["data"]["source"], e["data"]["target"])]
        assert len(new) == len(at)

    def test_expanding_what_is_drawn_whole_adds_nothing(self, site: TestClient) -> None:
        one, other = (fetch(site, view="everything", **more) for more in ({}, {"expand": "baku"}))
        assert one["total"] == other["total"]

    def test_a_query_of_ones_own(self, site: TestClient) -> None:
        by_post = site.post("/explore/data.json", data={"query": OWN, "expand": ["jcpoa"]})
        assert set(ids(by_post.json(), "nodes")) > {"iran", "russia", "syria", "jcpoa"}
        assert len(ids(fetch(site, query=OWN), "edges")) == 3

    @pytest.mark.parametrize(
        ("asked", "status", "parameter"),
        [
            ({"view": "actors", "expand": "nowhere-at-all"}, 422, "expand"),
            ({"view": "actors", "expand": "https://example.org/x"}, 422, "expand"),
            ({"view": "actors", "limit": "0"}, 422, "limit"),
            ({"view": "actors", "limit": "48000"}, 422, "limit"),
            ({"query": "SELECT", "view": "actors"}, 422, "query"),
            ({"query": OWN, "actor": "iran"}, 422, "actor"),
            ({"query": "SELECT"}, 400, None),
            ({"query": "ASK {}"}, 406, None),
            ({"canned": "no-such"}, 404, None),
            ({"view": "actors", "expand": [str(n) for n in range(51)]}, 422, "expand"),
        ],
    )
    def test_what_is_wrong_is_named(
        self, site: TestClient, asked: dict[str, Any], status: int, parameter: str | None
    ) -> None:
        answer = site.get("/explore/data.json", params=asked)
        assert answer.status_code == status, answer.text
        assert answer.json().get("parameter") == parameter


class TestTheExport:
    def seen(self, site: TestClient, **asked: str) -> dict[str, Any]:
        """A third of the edges with their ends, and where there is one a node without any."""
        elements = fetch(site, **asked)["network"]["elements"]
        edges = [edge["data"] for edge in elements["edges"]][::3]
        nodes = {edge[end] for edge in edges for end in ("source", "target")}
        rest = [n["data"]["id"] for n in elements["nodes"] if n["data"]["id"] not in nodes]
        nodes.update(rest[:1])
        return {
            "of": str(site.get("/", params=asked).url.query.decode()),
            "nodes": sorted(nodes),
            "edges": [edge["id"] for edge in edges],
            "positions": {id: [at, -2.5 * at] for at, id in enumerate(sorted(nodes))},
        }

    def take(self, site: TestClient, seen: dict[str, Any], suffix: str) -> bytes:
        answer = site.post(f"/explore/export.{suffix}", json=seen)
        assert answer.status_code == 200, answer.text
        return answer.content

    @pytest.mark.parametrize(
        "asked", [{"view": "actors", "expand": "jcpoa"}, {"canned": "meetings"}]
    )
    def test_networkx_reads_exactly_what_is_seen(
        self, site: TestClient, asked: dict[str, str]
    ) -> None:
        seen = self.seen(site, **asked)
        gexf = nx.read_gexf(io.BytesIO(self.take(site, seen, "gexf")))
        assert sorted(gexf) == seen["nodes"]
        assert sorted(said["id"] for *_, said in gexf.edges(data=True)) == sorted(seen["edges"])
        graphml = nx.read_graphml(
            io.BytesIO(self.take(site, seen, "graphml")), force_multigraph=True
        )
        assert sorted(graphml) == seen["nodes"]
        assert sorted(key for *_, key in graphml.edges(keys=True)) == sorted(seen["edges"])

    def test_evidence_and_positions_are_kept(self, site: TestClient) -> None:
        seen = self.seen(site, view="everything")
        found = json.loads(self.take(site, seen, "cyjs"))
        whole = site.get("/network/everything.cyjs").json()["elements"]["edges"]
        said = {edge["data"]["id"]: unordered(edge) for edge in whole}
        for edge in found["elements"]["edges"]:
            assert unordered(edge) == said[edge["data"]["id"]]
        for node in found["elements"]["nodes"]:
            x, y = seen["positions"][node["data"]["id"]]
            assert node["position"] == {"x": x, "y": y}
        about = found["data"]
        assert "Chosen in the explorer" in about["description"]
        assert about["licence"] and "/explore?view=everything" in json.dumps(about)

    def test_merged_edges(self, site: TestClient) -> None:
        seen = self.seen(site, view="everything", multi="merge")
        found = json.loads(self.take(site, seen, "cyjs"))["elements"]
        assert sorted(e["data"]["id"] for e in found["edges"]) == sorted(seen["edges"])
        whole = {
            e["data"]["id"]: unordered(e)
            for e in site.get("/network/everything.cyjs?multi=merge").json()["elements"]["edges"]
        }
        assert all(unordered(e) == whole[e["data"]["id"]] for e in found["edges"])

    @pytest.mark.parametrize("suffix", FORMATS)
    def test_every_format(self, site: TestClient, suffix: str) -> None:
        if suffix in ("svg", "png"):
            need_program("dot")
        seen = self.seen(site, view="positions")
        answer = site.post(f"/explore/export.{suffix}", json=seen)
        assert answer.status_code == 200 and answer.content
        assert answer.headers["content-type"].startswith(FORMATS[suffix].media_type)

    def test_a_flavour(self, site: TestClient) -> None:
        seen = self.seen(site, view="positions")
        answer = site.post("/explore/export.graphml?flavor=yed", json=seen)
        assert b"y:ShapeNode" in answer.content

    @pytest.mark.parametrize(
        ("suffix", "body", "status"),
        [
            ("gexf", '{"of": "view=actors", "nodes": ["atlantis"], "edges": []}', 409),
            ("gexf", '{"of": "view=actors", "nodes": "iran"', 400),
            ("gexf", '{"of": "view=actors", "nodes": [1], "edges": []}', 400),
            ("gexf", '{"of": "view=actors", "nodes": [], "edges": [], "positions": {"a": 1}}', 400),
            ("gexf", "[]", 400),
            ("gexf", '{"of": "view=actrs", "nodes": [], "edges": []}', 404),
            ("xgmml", "{}", 406),
        ],
    )
    def test_what_is_wrong_is_said(
        self, site: TestClient, suffix: str, body: str, status: int
    ) -> None:
        answer = site.post(f"/explore/export.{suffix}", content=body)
        assert answer.status_code == status, answer.text


def test_an_empty_store(empty: EmbeddedStore) -> None:
    with TestClient(create_app(empty, Settings(store="memory"))) as site:
        assert site.get("/explore").status_code == 200
        found = site.get("/explore/data.json?view=actors").json()
        assert found["total"] == {"nodes": 0, "edges": 0} and found["complete"]
