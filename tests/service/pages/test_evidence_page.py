"""`/why` and `comity why`: the evidence of a triple, a record, an edge."""

import html
import json
import re
from contextlib import closing

import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.rdf.namespaces import COMITY, ID, PREFIXES, SOURCE
from comity.service.app import create_app
from comity.service.cli.main import run
from comity.service.settings import Settings

ARTICLE = SOURCE + "moscow-tehran-relations"
MEMBER = {"s": "russia", "p": "memberOf", "o": "astana-format"}
TOGETHER = {"s": "russia", "p": "cooperatesWith", "o": "iran"}


@pytest.fixture(scope="module")
def bundled(article: EmbeddedStore) -> TestClient:
    return TestClient(create_app(article, Settings(store="memory")), follow_redirects=False)


def test_a_derived_fact(bundled: TestClient) -> None:
    found = bundled.get("/why", params=MEMBER).json()
    assert found["derivation"]["rule"] == "memberOf.rq"
    assert "CONSTRUCT" in found["rules"]["memberOf.rq"]
    (record,) = found["records"]
    assert record["record"] == f"{ARTICLE}#f24.3"
    (quotation,) = record["quotations"]
    assert quotation["words"] == "Astana tripartite format (Russia, Iran and Turkey)"
    assert (quotation["sentence"], quotation["start"], quotation["end"]) == (24, 3547, 3597)
    assert (record["source"], quotation["passage"]) == (ARTICLE, f"{ARTICLE}#s24")


def test_each_derivation_of_a_fact(bundled: TestClient) -> None:
    found = bundled.get("/why", params=TOGETHER).json()
    total = found["total"]
    assert total == len(found["derivations"]) == len(found["records"]) > 4
    assert (found["exact"], found["limit"]) == (True, 20)
    rested = [item["record"] for each in found["derivations"] for item in each["evidence"]]
    assert rested == [record["record"] for record in found["records"]]
    fewer = bundled.get("/why", params=TOGETHER | {"limit": "2"}).json()
    assert (fewer["total"], fewer["limit"]) == (total, 2)
    assert fewer["derivations"] == found["derivations"][:2]
    assert fewer["records"] == found["records"][:2]


@pytest.mark.parametrize("written", ["#f39.1", "source:moscow-tehran-relations#f39.1"])
def test_a_record(bundled: TestClient, written: str) -> None:
    found = bundled.get("/why", params={"record": written}).json()
    assert found["derivation"] is None
    (record,) = found["records"]
    assert record["record"] == f"{ARTICLE}#f39.1"
    assert "linking progress" in record["quotations"][0]["words"]


def test_a_record_names_the_sentences_that_its_words_point_to(bundled: TestClient) -> None:
    asked = {"record": "#f13.1"}
    (record,) = bundled.get("/why", params=asked).json()["records"]
    assert record["context"] == [
        {"iri": f"{ARTICLE}#s{number}", "sentence": number} for number in (11, 12)
    ]
    html = bundled.get("/why", params=asked, headers={"Accept": "text/html"}).text
    link = '<a href="/sources/moscow-tehran-relations#s{0}">{0}</a>'
    assert f"Points to sentences {link.format(11)}, {link.format(12)}" in html


def test_a_record_that_points_nowhere_says_nothing_of_it(bundled: TestClient) -> None:
    asked = {"record": "#f39.1"}
    (record,) = bundled.get("/why", params=asked).json()["records"]
    assert record["context"] == []
    html = bundled.get("/why", params=asked, headers={"Accept": "text/html"}).text
    assert "Points to" not in html


def test_the_command_line_names_them_too(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["why", "--record", "#f23.1", "--store", "memory"]) == 0
    assert "|   points to sentence 22" in capsys.readouterr().out


def test_a_record_without_words_has_its_citation(bundled: TestClient) -> None:
    found = bundled.get("/why", params={"record": "source:kayhan-2021-01-26#f2"}).json()
    (record,) = found["records"]
    assert not record["quotations"]
    cited = {"iri": SOURCE + "kayhan-2021-01-26", "page": "https://kayhan.ir/en/news/86965"}
    assert record["citations"] == [cited]


@pytest.mark.parametrize("multi", ["keep", "merge"])
def test_an_edge_of_a_network(bundled: TestClient, multi: str) -> None:
    network = bundled.get("/network/positions.cyjs", params={"multi": multi}).json()
    edge = next(e["data"] for e in network["elements"]["edges"] if e["data"].get("evidence"))
    found = bundled.get("/why", params={"edge": edge["id"], "view": "positions"}).json()
    assert (found["question"]["edge"], found["question"]["view"]) == (edge["id"], "positions")
    quoted = [q["words"] for record in found["records"] for q in record["quotations"]]
    assert quoted
    assert all(words in edge["evidence"] for words in quoted)


def test_an_edge_without_a_record_is_a_triple(bundled: TestClient) -> None:
    network = bundled.get("/network/ontology.cyjs").json()
    edges = [edge["data"] for edge in network["elements"]["edges"]]
    edge = next(each for each in edges if each["type"] == "subClassOf")
    found = bundled.get("/why", params={"edge": edge["id"]}).json()
    assert found["derivation"]["rule"] == "stated"
    assert found["question"]["predicate"] == f"<{PREFIXES['rdfs']}subClassOf>"


def test_an_edge_that_the_view_alone_makes(bundled: TestClient) -> None:
    """holder leads from Record to Agent in the picture; the ontology states it of no record."""
    network = bundled.get("/network/ontology.cyjs").json()
    edges = [edge["data"] for edge in network["elements"]["edges"]]
    edge = next(each for each in edges if each["type"] == "holder")
    found = bundled.get("/why", params={"edge": edge["id"], "view": "ontology"}).json()
    assert (found["derivation"], found["records"]) == (None, [])
    assert found["question"]["query"] == "http://testserver/network/ontology.rq"


def test_the_name_of_an_edge_in_rdf_leads_to_its_evidence(bundled: TestClient) -> None:
    response = bundled.get("/edge/rel_0123456789ab")
    assert response.status_code == 303
    assert response.headers["location"] == "/why?edge=rel_0123456789ab"


@pytest.mark.parametrize("suffix", ["ttl", "nt", "rdf"])
def test_as_rdf(bundled: TestClient, suffix: str) -> None:
    response = bundled.get("/why", params=MEMBER | {"format": suffix})
    media_type = response.headers["content-type"].partition(";")[0]
    format = ox.RdfFormat.from_media_type(media_type)
    triples = {quad.triple for quad in ox.parse(response.content, format)}
    derived = ox.NamedNode(PREFIXES["prov"] + "wasDerivedFrom")
    member = ox.NamedNode(COMITY + "memberOf")
    (statement,) = {t.subject for t in triples if t.object == member}
    sources = {t.object for t in triples if t.subject == statement and t.predicate == derived}
    assert ox.NamedNode(f"{ARTICLE}#f24.3") in sources
    # Neither is what it speaks of stated …
    iri = ox.NamedNode(ID + "russia")
    assert ox.Triple(iri, member, ox.NamedNode(ID + "astana-format")) not in triples
    # … nor is a statement more than the address that tells of it.
    assert isinstance(statement, ox.NamedNode)
    path = statement.value.removeprefix("http://testserver")
    assert bundled.get(path).json()["question"]["predicate"] == str(member)


def test_the_page(bundled: TestClient) -> None:
    response = bundled.get("/why", params=MEMBER, headers={"accept": "text/html"})
    assert "Astana tripartite format (Russia, Iran and Turkey)" in response.text
    assert 'href="/sources/moscow-tehran-relations#f24.3"' in response.text
    assert "memberOf.rq" in response.text
    assert "Why?" in bundled.get("/why", headers={"accept": "text/html"}).text
    assert "1 derivation." in response.text and "Each premise" not in response.text


def test_the_page_says_how_many_it_shows(bundled: TestClient) -> None:
    total = bundled.get("/why", params=TOGETHER).json()["total"]
    shown = bundled.get("/why", params=TOGETHER | {"format": "html"}).text
    assert f"{total} derivations; all shown." in shown and "Show more" not in shown
    assert f'id="derivation-{total}"' in shown and shown.count('class="record card"') == total
    fewer = bundled.get("/why", params=TOGETHER | {"format": "html", "limit": "2"}).text
    assert f"The first 2 of {total} derivations." in fewer
    assert fewer.count('class="record card"') == 2
    (path,) = re.findall(r'href="([^"]*)">Show more', fewer)
    assert (
        f'id="derivation-{total}"'
        in bundled.get(html.unescape(path), headers={"accept": "text/html"}).text
    )


@pytest.mark.parametrize(
    ("asked", "status", "parameter"),
    [
        ({"format": "json"}, 422, "s"),
        ({"s": "iran"}, 422, "p"),
        ({"s": "iran", "p": "a"}, 422, "o"),
        (MEMBER | {"record": "x:y"}, 422, None),
        ({"s": "a b", "p": "a", "o": "x"}, 422, None),
        ({"s": "iran", "p": "memberOf", "o": "nato"}, 404, None),
        ({"record": "iran"}, 404, None),
        ({"record": '"words"'}, 422, "record"),
        ({"record": "#f99"}, 422, "record"),
        ({"edge": "rel_0"}, 404, None),
        ({"edge": "rel_0", "view": "none"}, 404, None),
        ({"record": "#f39.1", "format": "csv"}, 406, None),
        ({"of": "iran"}, 422, "of"),
        (MEMBER | {"limit": "0"}, 422, "limit"),
        (MEMBER | {"limit": "201"}, 422, "limit"),
        (MEMBER | {"limit": "²"}, 422, "limit"),
    ],
)
def test_what_is_asked_wrongly(
    bundled: TestClient, asked: dict[str, str], status: int, parameter: str | None
) -> None:
    response = bundled.get("/why", params=asked)
    assert (response.status_code, response.json().get("parameter")) == (status, parameter)
    assert response.json()["detail"]


def test_a_hope_is_no_fact(bundled: TestClient) -> None:
    """f14.1: that the United States returns to the agreement is hoped, and holds nowhere."""
    asked = {"s": "united-states", "p": "partyTo", "o": "jcpoa"}
    assert bundled.get("/why", params=asked).status_code == 404


def test_the_command(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["why", *MEMBER.values(), "--store", "memory"]) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "id:russia comity:memberOf id:astana-format  (by memberOf.rq)"
    assert "“Astana tripartite format (Russia, Iran and Turkey)” (sentence 24)" in out[2]
    assert run(["why", "--record", "#f24.3", "--store", "memory", "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["records"][0]["quotations"][0]["sentence"] == 24
    assert run(["why", "iran", "memberOf", "nato", "--store", "memory"]) == 1
    assert "not derivable" in capsys.readouterr().err


def test_the_commands_show_each_derivation(
    bundled: TestClient, capsys: pytest.CaptureFixture[str]
) -> None:
    total = bundled.get("/why", params=TOGETHER).json()["total"]
    for words in (["why", *TOGETHER.values()], ["reason", "--why", *TOGETHER.values()]):
        assert run([*words, "--store", "memory"]) == 0
        out = capsys.readouterr().out.splitlines()
        heading = "id:russia comity:cooperatesWith id:iran  (by cooperatesWith.rq)"
        assert (out[0], out.count(heading)) == (heading, total)
        assert out[-1] == f"{total} derivations; all shown"
        assert run([*words, "--store", "memory", "--limit", "2", "--format", "json"]) == 0
        found = json.loads(capsys.readouterr().out)
        assert (found["total"], len(found["derivations"])) == (total, 2)


@pytest.mark.parametrize("words", [[], ["iran"], ["a", "b", "c", "--record", "x"], ["--view", "x"]])
def test_the_command_used_wrongly(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["why", *words]) == 2
    assert "comity why russia memberOf astana-format" in capsys.readouterr().err


def test_in_a_worker_process(tmp_path: object) -> None:
    """The derivation runs where queries run: in a process that can be killed."""
    import asyncio

    from comity.graph.engines.opening import open_embedded
    from comity.graph.engines.workers.pool import WorkerPool
    from comity.graph.rdf.terms import read_triple
    from comity.graph.reasoning.explanation import why
    from comity.graph.store.interface import Query

    async def ask(pool: WorkerPool) -> bytes:
        await pool.start()
        query = Query("", why=why(read_triple(*MEMBER.values())), timeout=60)
        try:
            async with await pool.query(query) as answer:
                return b"".join([chunk async for chunk in answer])
        finally:
            pool.close()

    with closing(open_embedded("memory")) as store:
        body = asyncio.run(ask(WorkerPool(store, size=1, memory=1_000_000_000)))
    assert json.loads(body)["rule"] == "memberOf.rq"
