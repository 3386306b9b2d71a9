"""Services in front of engines elsewhere: writing, protection, loss of the engine, two at once."""

import os
import re
import subprocess
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

import httpx
import pyoxigraph as ox
import pytest
from engines import Engine, oxigraph, virtuoso
from places import COMITY
from starlette.testclient import TestClient

from comity.graph import errors
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.remote import data as remote_data
from comity.graph.engines.remote.connection import Endpoint
from comity.graph.engines.remote.spool import clear, update
from comity.graph.engines.remote.store import RemoteStore
from comity.graph.engines.remote.writer import RemoteWriter
from comity.graph.rdf.namespaces import GRAPH
from comity.graph.store.record import is_lagging
from comity.service.app import create_app
from comity.service.settings import Settings

TOKEN: Final = {"Authorization": "Bearer secret"}
G: Final = "http://example.org/g"


@contextmanager
def service(store: RemoteStore) -> Iterator[TestClient]:
    """A client, with the token, of a service that may write to the store."""
    settings = Settings(store=store.endpoint.address, token="secret", timeout=20)
    with closing(RemoteWriter(store, timeout=20)) as writer:
        yield TestClient(create_app(store, settings, writer), headers=TOKEN)


@pytest.fixture
def client(remote: RemoteStore) -> Iterator[TestClient]:
    with service(remote) as client:
        client.delete("/store", params={"graph": G})
        yield client
        client.delete("/store", params={"graph": G})


def objects(client: TestClient) -> list[str]:
    found = client.get("/store", params={"graph": G, "format": "nt"})
    if found.status_code == 404:
        return []
    return sorted(str(q.object.value) for q in ox.parse(found.content, ox.RdfFormat.N_TRIPLES))


def send(client: TestClient, method: str, turtle: str) -> int:
    headers = {"Content-Type": "text/turtle"}
    url = f"/store?graph={G}"
    return client.request(method, url, content=turtle, headers=headers).status_code


def test_graphs_are_written(client: TestClient) -> None:
    assert send(client, "PUT", "<s> <p> 'a', 'é\\n\"😀'") == 400
    assert objects(client) == []
    assert send(client, "PUT", "<s> <p> 'a', 'é\\n\"😀' .") == 201
    assert send(client, "POST", "<s> <p> 'b', [ <q> 'c' ] .") == 204
    assert set(objects(client)) >= {"a", "b", "c", 'é\n"😀'}
    assert send(client, "PUT", "<s> <p> 'd' .") == 204
    assert objects(client) == ["d"]
    assert client.delete("/store", params={"graph": G}).status_code == 204
    assert client.delete("/store", params={"graph": G}).status_code == 404


def test_no_etag_where_others_may_write(client: TestClient) -> None:
    send(client, "PUT", "<s> <p> 'a' .")
    assert "etag" not in client.get("/store", params={"graph": G}).headers
    refused = client.put(
        "/store",
        params={"graph": G},
        content="<s> <p> 'b' .",
        headers={"If-Match": '"x.ttl"', "Content-Type": "text/turtle"},
    )
    assert refused.status_code == 412
    assert objects(client) == ["a"]


def test_etags_where_nobody_writes(remote: RemoteStore) -> None:
    with closing(RemoteStore(remote.endpoint, immutable=True)) as store, service(store) as client:
        for path in (f"/store?graph={GRAPH}issues", "/queries/statistics.csv"):
            tag = client.get(path).headers["etag"]
            assert client.get(path, headers={"If-None-Match": tag}).status_code == 304


def test_updates(client: TestClient, remote: RemoteStore) -> None:
    before = remote.version
    data = f"BASE <http://e/> INSERT DATA {{ GRAPH <{G}> {{ <s> <p> 'a', 'it''s' . }} }}"
    assert client.post("/update", data={"update": data.replace("''s", "\\'s")}).status_code == 204
    assert remote.version != before
    assert objects(client) == ["a", "it's"]
    change = f"WITH <{G}> DELETE {{ ?s ?p 'a' }} INSERT {{ ?s ?p 'b' }} WHERE {{ ?s ?p 'a' }}"
    assert client.post("/update", data={"update": change}).status_code == 204
    assert objects(client) == ["b", "it's"]
    assert client.get("/version").json()["derived"] == "lagging"


def test_bundled_graphs_are_protected(client: TestClient) -> None:
    for name in ("issues", "derived", "bundle", "ontology"):
        iri = GRAPH + name
        text = f"INSERT DATA {{ GRAPH <{iri}> {{ <http://e/s> <http://e/p> 1 }} }}"
        assert client.post("/update", data={"update": text}).status_code == 403
        assert client.delete("/store", params={"graph": iri}).status_code == 403
    for text in ("CLEAR ALL", "DROP NAMED", "DELETE WHERE { GRAPH ?g { ?s ?p ?o } }"):
        assert client.post("/update", data={"update": text}).status_code == 403
    bif = f"INSERT {{ GRAPH <{G}> {{ <http://e/s> <http://e/p> ?x }} }} WHERE {{ BIND(<bif:now>() AS ?x) }}"
    assert client.post("/update", data={"update": bif}).status_code == 403


def test_a_store_that_is_only_read(remote: RemoteStore) -> None:
    with closing(RemoteStore(Endpoint(remote.endpoint.address))) as store:
        with service(store) as client:
            text = f"INSERT DATA {{ GRAPH <{G}> {{ <http://e/s> <http://e/p> 1 }} }}"
            refused = client.post("/update", data={"update": text})
            assert refused.status_code == 403
            assert "COMITY_STORE_UPDATE" in refused.json()["hint"]
        with pytest.raises(errors.NotAllowed):
            remote_data.load(store, [], with_bundle=True)


def test_pages_and_catalogue(client: TestClient) -> None:
    pages = ["/", "/positions", "/timeline", "/page/iran", "/page/jcpoa", "/page/astana-format"]
    pages += ["/sources/moscow-tehran-relations", "/about", "/downloads"]
    for path in (*pages, "/queries/positions-of.csv?holder=Iran", "/data/iran.ttl"):
        answer = client.get(path)
        assert answer.status_code == 200, (path, answer.text[:500])


def size(store: RemoteStore) -> int:
    with store.engine.asking() as asking:
        return len(list(asking.quads(G)))


def test_evidence_and_dumps(client: TestClient, article: EmbeddedStore) -> None:
    asked = {"s": "russia", "p": "memberOf", "o": "astana-format"}
    own = TestClient(create_app(article, Settings(store="memory")))
    found = client.get("/why", params=asked).json()
    assert "records" in found, found
    assert found["records"] == own.get("/why", params=asked).json()["records"]
    assert found["derivation"]["rule"] == "memberOf.rq"
    dumped = list(ox.parse(client.get("/dump.ttl").content, ox.RdfFormat.TURTLE))
    assert len(dumped) == len(set(dumped)) > 5000


def test_loading_and_dumping(remote: RemoteStore, tmp_path: Path) -> None:
    file = tmp_path / "data.trig"
    lines = "".join(f"<http://e/s{i}> <http://e/p> {i} .\n" for i in range(2_500))
    file.write_text(f"<{G}> {{ {lines} }}")
    try:
        report = remote_data.load(remote, [file])
        assert report.graphs == {G: 2_500}
        assert not is_lagging(remote)
        with (tmp_path / "out.nq").open("wb") as out:
            remote_data.dump(remote, out, "nq", G)
        assert len((tmp_path / "out.nq").read_text().splitlines()) == 2_500
        file.write_text(f"<{G}> {{ <http://e/s> <http://e/p> _:b . _:b <http://e/p> 1 }}")
        remote_data.load(remote, [file], replace=True)
        assert size(remote) == 2
        broken = tmp_path / "broken.ttl"
        broken.write_text("<http://e/s> <http://e/p> 'a' . <")
        with pytest.raises(errors.DataError):
            remote_data.load(remote, [broken], graph=G, replace=True)
        assert size(remote) == 2
    finally:
        update(remote, clear(G), None)


def test_an_engine_that_goes_and_comes_back(tmp_path: Path) -> None:
    with (
        oxigraph(tmp_path / "home") as engine,
        closing(RemoteStore(engine.endpoint)) as store,
        service(store) as client,
    ):
        ok = client.get("/sparql", params={"query": "ASK { }"})
        assert ok.status_code == 200
        engine.stop()
        away = client.get("/sparql", params={"query": "ASK { }"})
        assert away.status_code == 502
        assert away.headers["retry-after"] == "5"
        assert "can't be reached" in away.json()["detail"]
        assert client.get("/health/ready").status_code == 503
        assert client.get("/health").status_code == 200
        engine.start()
        assert client.get("/sparql", params={"query": "ASK { }"}).status_code == 200
        assert client.get("/health/ready").status_code == 200
        counted = client.get("/metrics").text
        assert 'comity_queries_total{outcome="failed"} 2.0' in counted
        assert 'comity_queries_total{outcome="done"} 3.0' in counted


def test_virtuosos_own_limits(tmp_path: Path) -> None:
    """Of rows that it cuts off it says so in a header, of triples not at all: both are errors."""
    rows = (
        ("SELECT * { ?s ?p ?o }", 502),
        ("SELECT * { ?s ?p ?o } LIMIT 99", 200),
        ("CONSTRUCT WHERE { ?s ?p ?o }", 502),
        ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o } LIMIT 99", 200),
        ("DESCRIBE ?s WHERE { ?s ?p ?o }", 502),
    )
    with (
        virtuoso(tmp_path / "home", rows=100, seconds=1) as engine,
        closing(RemoteStore(engine.endpoint)) as store,
        service(store) as client,
    ):
        for text, status in rows:
            answer = client.get("/sparql", params={"query": text})
            assert answer.status_code == status, (text, answer.text)
            if status == 502:
                assert "ResultSetMaxRows" in answer.json()["hint"]
        text = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f FILTER(STR(?a) != STR(?f)) }"
        answer = client.get("/sparql", params={"query": text, "timeout": "20"})
        assert answer.status_code == 504, answer.text


def test_a_wrong_password(remote: RemoteStore) -> None:
    endpoint = remote.endpoint
    if endpoint.auth is None:
        pytest.skip("this engine knows no users")
    wrong = Endpoint(endpoint.address, endpoint.update, endpoint.graphs, "dba:wrong")
    with closing(RemoteStore(wrong)) as store, service(store) as client:
        text = f"INSERT DATA {{ GRAPH <{G}> {{ <http://e/s> <http://e/p> 1 }} }}"
        answer = client.post("/update", data={"update": text})
        assert answer.status_code == 502
        assert "COMITY_STORE_AUTH" in answer.json()["hint"]
        assert "wrong" not in answer.text


@contextmanager
def served(engine: Engine) -> Iterator[str]:
    """`comity serve` in front of an engine; its address."""
    environment = os.environ | {
        "COMITY_STORE": engine.endpoint.address,
        "COMITY_STORE_UPDATE": engine.endpoint.update or "",
        "COMITY_STORE_AUTH": engine.endpoint.auth or "",
        "COMITY_TOKEN": "secret",
        "COMITY_PORT": "0",
    }
    command = [str(COMITY), "serve"]
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        try:
            found = re.search(r"at (http://\S+)/ \(Ctrl-C", process.stderr.readline())
            assert found
            yield found[1]
        finally:
            process.terminate()


@pytest.mark.parametrize("engine", ["virtuoso"], indirect=True)
def test_two_services_in_front_of_one_engine(engine: Engine) -> None:
    """Each reads what the other has written, at once, while both are asked by many."""
    query = "SELECT ?n { GRAPH <http://example.org/two> { <http://e/s> <http://e/p> ?n } }"

    def newest(client: httpx.Client, address: str) -> int:
        answer = client.get(f"{address}/sparql", params={"query": query})
        assert answer.status_code == 200, answer.text
        rows = answer.json()["results"]["bindings"]
        return max((int(row["n"]["value"]) for row in rows), default=0)

    def read(address: str) -> int:
        last = 0
        with httpx.Client(timeout=60, trust_env=False) as client:
            for _ in range(25):
                found = newest(client, address)
                assert found >= last
                last = found
        return last

    with served(engine) as one, served(engine) as other, ThreadPoolExecutor(8) as threads:
        readers = [threads.submit(read, address) for address in (one, other) * 4]
        with httpx.Client(timeout=60, trust_env=False, headers=TOKEN) as client:
            for n in range(1, 13):
                text = f"INSERT DATA {{ GRAPH <http://example.org/two> {{ <http://e/s> <http://e/p> {n} }} }}"
                writes, reads = (one, other) if n % 2 else (other, one)
                answer = client.post(f"{writes}/update", data={"update": text})
                assert answer.status_code == 204, answer.text
                assert newest(client, reads) == n
        for reader in readers:
            assert reader.result() <= 12


def test_serving_before_the_engine_is_there(tmp_path: Path) -> None:
    with oxigraph(tmp_path / "home") as engine:
        engine.stop()
        with served(engine) as address, httpx.Client(timeout=30, trust_env=False) as client:
            assert client.get(f"{address}/health").status_code == 200
            assert client.get(f"{address}/sparql?query=ASK{{}}").status_code == 502
            engine.start()
            assert client.get(f"{address}/sparql?query=ASK{{}}").status_code == 200


@pytest.mark.parametrize("engine", ["oxigraph"], indirect=True)
def test_the_commands(engine: Engine, tmp_path: Path) -> None:
    """load, query and dump by the command line; what needs a folder says so."""
    endpoint = engine.endpoint
    environment = os.environ | {
        "COMITY_STORE": endpoint.address,
        "COMITY_STORE_UPDATE": endpoint.update or "",
        "COMITY_STORE_GRAPHS": endpoint.graphs or "",
        "COMITY_STORE_AUTH": endpoint.auth or "",
    }

    def comity(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [str(COMITY), *arguments]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=False)

    done = comity("query", "-q", "SELECT ?x { VALUES ?x { 1 } }")
    assert (done.returncode, done.stdout.split()) == (0, ["x", "1"]), done.stderr
    done = comity("query", "positions-of", "--param", "holder=Iran")
    assert done.returncode == 0 and "f39.1" in done.stdout, done.stderr
    done = comity("dump", "-f", "nq", "--graph", GRAPH + "issues")
    assert done.returncode == 0 and len(done.stdout.splitlines()) > 20, done.stderr
    done = comity("backup", str(tmp_path / "b.tar.gz"))
    assert done.returncode == 2 and "its own engine" in done.stderr
