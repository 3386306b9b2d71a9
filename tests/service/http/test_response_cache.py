"""Answers given again: when they may be, when not, and never after a write."""

import json
import os
import re
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import httpx
import httpx2
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from needs import need_program
from places import COMITY, DATA
from starlette.testclient import TestClient

from comity.graph.engines.embedded.load import load
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.service.app import create_app
from comity.service.http.middleware.cache_storage import AnswerCache, Key, Recording
from comity.service.settings import Settings

Serve = Callable[[FastAPI], int]
ALL = "SELECT ?s ?p ?o { ?s ?p ?o }"
NOW = ("v", 1)


def cache_of(client: TestClient) -> AnswerCache:
    found = client.app.state.cache  # type: ignore[attr-defined]
    assert isinstance(found, AnswerCache)
    return found


def ask(client: TestClient, query: str = ALL, **headers: str) -> httpx2.Response:
    return client.get("/sparql", params={"query": query}, headers=headers)


def app_of(store: EmbeddedStore, **said: object) -> FastAPI:
    return create_app(store, Settings(**({"store": "memory", "bundled": False} | said)))  # type: ignore[arg-type]


# The cache itself


def put(cache: AnswerCache, key: Key, size: int, state: tuple[str, int] = NOW) -> Recording:
    recording = Recording(cache, key, state, b'"t"', [])
    recording.take(b"x" * size, b"")
    return recording


def test_the_limit_holds_and_the_least_asked_goes_first() -> None:
    cache = AnswerCache(limit=100_000)
    for number in range(20):
        cache.find(("a",), NOW)
        put(cache, (str(number),), 5000).keep("", encodes=False)
        if not number:
            put(cache, ("a",), 5000).keep("", encodes=False)
        assert cache.used <= cache.limit
    assert cache.find(("a",), NOW) and cache.find(("19",), NOW)
    assert not cache.find(("0",), NOW) and cache.counts.evicted


def test_what_is_too_large_is_not_kept_and_takes_no_room() -> None:
    cache = AnswerCache(limit=160_000)
    cache.find((), NOW)
    recording = put(cache, ("a",), 5000)
    recording.take(b"x" * 5000, b"")
    recording.take(b"x", b"")
    recording.keep("", encodes=False)
    assert not len(cache) and not cache.used


def test_another_state_of_the_data_forgets_all() -> None:
    cache = AnswerCache(limit=100_000)
    cache.find((), NOW)
    put(cache, ("a",), 10).keep("", encodes=False)
    late = put(cache, ("b",), 10)
    assert cache.find(("a",), NOW)
    assert not cache.find(("a",), ("w", 1)) and not cache.find(("a",), NOW)
    cache.find(("a",), ("w", 1))
    late.keep("", encodes=False)
    assert not len(cache) and not cache.used


KEYS = st.sampled_from([("a",), ("b",), ("c",), ("d",)])
STEPS = st.one_of(
    st.tuples(st.just("find"), KEYS, st.integers(0, 1)),
    st.tuples(st.just("begin"), KEYS, st.integers(0, 8000)),
    st.tuples(st.just("end"), st.booleans(), st.just(0)),
    st.tuples(st.just("code"), KEYS, st.integers(0, 4000)),
)


@given(st.lists(STEPS), st.integers(0, 60_000))
def test_what_is_used_is_what_is_there(steps: list[tuple[str, object, int]], limit: int) -> None:
    """And never more than the limit, in whatever order answers come, go and grow."""
    cache, state, going = AnswerCache(limit), 0, []
    for what, which, size in steps:
        assert 0 <= cache.used <= limit
        if what == "find":
            state = size
            cache.find(which, ("v", state))  # type: ignore[arg-type]
        elif what == "begin":
            going.append(put(cache, which, size, ("v", state)))  # type: ignore[arg-type]
        elif what == "end" and going:
            recording = going.pop(0)
            if which:
                recording.keep("", encodes=True)
            recording.close()
        elif what == "code" and (kept := cache.find(which, ("v", state))):  # type: ignore[arg-type]
            cache.add(kept, "gzip", b"y" * size)
    for recording in going:
        recording.close()
    found = [cache.find(key, cache._state) for key in (("a",), ("b",), ("c",), ("d",))]
    assert cache.used == sum(kept.size for kept in found if kept)
    cache.find((), ("w", 9))
    assert cache.used == 0


# Over HTTP


def test_the_second_answer_is_the_first_one_again(client: TestClient) -> None:
    cache = cache_of(client)
    first = ask(client)
    assert (len(cache), cache.counts.hits) == (1, 0)
    second = ask(client)
    assert (len(cache), cache.counts.hits) == (1, 1)
    assert first.content == second.content
    for name in ("content-type", "etag", "vary", "cache-control", "comity-data-version"):
        assert first.headers[name] == second.headers[name]
    assert second.headers["cache-control"] == "no-cache"


def test_only_the_same_request_gets_it(store: EmbeddedStore) -> None:
    """What an answer depends on: query, format, dataset, base."""
    client = TestClient(app_of(store))
    relative = "SELECT (<x> AS ?x) {}"
    requests: list[tuple[dict[str, str], dict[str, str]]] = [
        ({"query": relative}, {}),
        ({"query": relative}, {"host": "other.example"}),
        ({"query": relative + " "}, {}),
        ({"query": relative}, {"accept": "text/csv"}),
        ({"query": relative, "format": "tsv"}, {}),
        ({"query": ALL}, {}),
        ({"query": ALL, "default-graph-uri": "http://e.example/none"}, {}),
        ({"query": ALL, "named-graph-uri": "http://e.example/none"}, {}),
    ]
    without = TestClient(app_of(store, cache=0))
    fresh = [without.get("/sparql", params=params, headers=headers) for params, headers in requests]
    for _ in range(2):
        for (params, headers), expected in zip(requests, fresh, strict=True):
            found = client.get("/sparql", params=params, headers=headers)
            assert found.content == expected.content
            assert found.headers["content-type"] == expected.headers["content-type"]
    assert cache_of(client).counts.hits == len(requests)
    assert b"http://other.example/x" in fresh[1].content != fresh[0].content


@pytest.mark.parametrize("direct", [True, False])
def test_posted_queries(client: TestClient, direct: bool) -> None:
    def post(query: str) -> httpx2.Response:
        if direct:
            headers = {"content-type": "application/sparql-query"}
            return client.post("/sparql", content=query, headers=headers)
        return client.post("/sparql", data={"query": query})

    first, second, other = post(ALL), post(ALL), post("ASK {}")
    assert first.content == second.content != other.content
    assert "etag" not in first.headers and "etag" not in second.headers
    assert cache_of(client).counts.hits == 1


def test_long_queries_pass(store: EmbeddedStore, serve: Serve) -> None:
    app = app_of(store)
    url = f"http://127.0.0.1:{serve(app)}/sparql"
    with httpx.Client(trust_env=False) as client:
        for length, hits in ((1000, 1), (300_000, 1)):
            data = {"query": ALL + " " * length}
            first, second = client.post(url, data=data), client.post(url, data=data)
            assert first.status_code == 200 and first.content == second.content
            assert app.state.cache.counts.hits == hits


def test_a_query_that_is_too_long_is_refused_before_it_is_sent(
    store: EmbeddedStore, serve: Serve
) -> None:
    port = serve(app_of(store))
    head = "POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: 2000000\r\n"
    head += "Content-Type: application/sparql-query\r\nExpect: 100-continue\r\n\r\n"
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(head.encode())
        assert connection.recv(100).startswith(b"HTTP/1.1 413 ")


def test_who_may_read_it_is_asked_each_time(store: EmbeddedStore) -> None:
    client = TestClient(app_of(store, cors="https://a.example, https://b.example"))
    for origin in ("https://a.example", "https://b.example", "https://a.example"):
        response = ask(client, Origin=origin)
        assert response.headers["access-control-allow-origin"] == origin
        assert "Origin" in response.headers["vary"]
    assert "access-control-allow-origin" not in ask(client, Origin="https://c.example").headers
    assert cache_of(client).counts.hits == 3


@pytest.mark.parametrize(
    "query", ["SELECT (STRUUID() AS ?x) {}", "CONSTRUCT { [] ?p ?o } WHERE { ?s ?p ?o }"]
)
def test_chance_is_not_kept(client: TestClient, query: str) -> None:
    first, second = ask(client, query), ask(client, query)
    assert first.content != second.content and not len(cache_of(client))
    assert first.headers["cache-control"] == "no-store" and "etag" not in first.headers


def test_errors_are_not_kept(client: TestClient) -> None:
    for query in ("SELEC", "SELECT * { SERVICE <http://e.example> {} }"):
        response = ask(client, query)
        assert response.status_code >= 400 and "etag" not in response.headers
        assert response.headers["cache-control"] == "no-store"
    assert not len(cache_of(client))


def test_large_answers_pass(store: EmbeddedStore) -> None:
    client = TestClient(app_of(store, cache=50_000))
    first, second = ask(client), ask(client)
    assert len(first.content) > 3000 and first.content == second.content
    assert not cache_of(client).counts.hits and not cache_of(client).used
    assert ask(client, **{"If-None-Match": first.headers["etag"]}).status_code == 304


@pytest.mark.parametrize("cache", [0, 1_000_000])
def test_a_client_that_has_it_is_told_so(store: EmbeddedStore, cache: int) -> None:
    client = TestClient(app_of(store, cache=cache))
    tag = ask(client).headers["etag"]
    assert re.fullmatch(r'"[\w-]+"', tag)
    for known in (tag, f"W/{tag}", f'"x", {tag}'):
        response = ask(client, **{"If-None-Match": known})
        assert (response.status_code, response.content) == (304, b"")
        assert response.headers["etag"] == tag
        assert response.headers["cache-control"] == "no-cache" and response.headers["vary"]
        head = client.head("/sparql", params={"query": ALL}, headers={"If-None-Match": known})
        assert head.status_code == 304
    assert ask(client, **{"If-None-Match": '"x"'}).status_code == 200
    assert ask(client, **{"If-None-Match": tag, "Accept": "text/csv"}).status_code == 200
    assert ask(client, "ASK {}", **{"If-None-Match": tag}).status_code == 200
    posted = client.post("/sparql", data={"query": ALL}, headers={"If-None-Match": tag})
    assert posted.status_code == 200


def test_head(client: TestClient) -> None:
    before = client.head("/sparql", params={"query": ALL})
    got = ask(client)
    after = client.head("/sparql", params={"query": ALL})
    assert before.headers["etag"] == got.headers["etag"] == after.headers["etag"]
    for name in ("content-type", "content-encoding", "vary", "cache-control"):
        assert after.headers.get(name) == got.headers.get(name)
    plain = {"Accept-Encoding": "identity"}
    head = client.head("/sparql", params={"query": ALL}, headers=plain)
    assert int(head.headers["content-length"]) == len(got.content)
    assert not before.content and not after.content


def test_a_store_that_others_write_to_is_not_cached(
    store: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(EmbeddedStore, "is_cacheable", False)
    client = TestClient(app_of(store))
    assert "etag" not in ask(client).headers and not len(cache_of(client))


def test_a_write_makes_all_of_it_old() -> None:
    with closing(open_embedded("memory", bundled=False)) as store:
        load(store, [DATA / "tiny.trig"])
        client = TestClient(app_of(store))
        first = ask(client)
        assert len(cache_of(client)) == 1
        with store.writing() as engine:
            engine.update("INSERT DATA { GRAPH <x:g> { <x:s> <x:p> 'new' } }")
        second = ask(client, **{"If-None-Match": first.headers["etag"]})
        assert second.status_code == 200 and "new" in second.text
        assert second.headers["etag"] != first.headers["etag"]
        assert len(cache_of(client)) == 1


def test_metrics_count(client: TestClient) -> None:
    tag = ask(client).headers["etag"]
    ask(client)
    ask(client, **{"If-None-Match": tag})
    lines = client.get("/metrics").text.splitlines()
    used = cache_of(client).used
    for line in (
        'comity_cache_lookups_total{result="hit"} 2.0',
        "comity_not_modified_total 1.0",
        "comity_cache_answers 1.0",
        f"comity_cache_bytes {float(used)}",
    ):
        assert line in lines, lines


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/queries.json",
        "/queries/positions-of.json?holder=iran",
        "/queries/positions-of.csv?holder=iran",
        "/queries/positions-of.html",
        "/queries/positions-of.rq?holder=iran",
        "/network/everything.gexf",
        # The picture of everything has 3,995,151 bytes: an answer of 4,000,000 is not kept.
        "/network/positions.png",
        "/network/ontology.vowl.json",
        "/data/iran.ttl",
        "/page/iran",
    ],
)
def test_what_else_is_kept(article_client: TestClient, path: str) -> None:
    if path.endswith(".png"):
        need_program("dot")
    counts = cache_of(article_client).counts
    before = counts.hits
    first, second = article_client.get(path), article_client.get(path)
    assert first.status_code == 200 and first.content == second.content
    assert counts.hits == before + 1
    known = {"If-None-Match": first.headers["etag"]}
    assert article_client.get(path, headers=known).status_code == 304


@pytest.mark.parametrize("path", ["/version", "/health", "/id/iran", "/queries/nothing", "/store"])
def test_what_is_not(article_client: TestClient, path: str) -> None:
    before = len(cache_of(article_client))
    article_client.get(path, follow_redirects=False)
    assert len(cache_of(article_client)) == before


@pytest.fixture(scope="module")
def article_client(article: EmbeddedStore) -> TestClient:
    return TestClient(create_app(article, Settings(store="memory")))


# Under writing


@contextmanager
def service(folder: Path) -> Iterator[str]:
    command = [str(COMITY), "serve", "--port", "0", "--no-bundled", "--store", str(folder)]
    environment = os.environ | {"COMITY_TOKEN": "secret"}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        found = re.search(r"http://\S+?(?=/? )", process.stderr.readline())
        assert found
        yield found[0].rstrip("/")
        process.terminate()


COUNT = "SELECT ?n { GRAPH <x:g> { <x:counter> <x:is> ?n } }"
INCREMENT = (
    "DELETE {{ GRAPH <x:g> {{ <x:counter> <x:is> ?n }} }} "
    "INSERT {{ GRAPH <x:g> {{ <x:counter> <x:is> {} }} }} "
    "WHERE {{ OPTIONAL {{ GRAPH <x:g> {{ <x:counter> <x:is> ?n }} }} }}"
)


def test_no_answer_is_older_than_a_write_that_was_acknowledged(tmp_path: Path) -> None:
    """Readers in many ways, while a writer counts; each also asks by the tag that it has."""
    done, written = threading.Event(), 0
    failed: list[tuple[int, int, int]] = []
    answers, known = [0], [0]

    def read(way: int) -> None:
        tag, value = "", 0
        with httpx.Client(base_url=address, trust_env=False, timeout=30) as client:
            while not done.is_set():
                least = written
                headers = {"If-None-Match": tag} if tag and way % 2 else {}
                headers["Accept-Encoding"] = ("identity", "gzip", "zstd")[way % 3]
                if way == 4:
                    response = client.post("/sparql", data={"query": COUNT})
                else:
                    response = client.get("/sparql", params={"query": COUNT}, headers=headers)
                if response.status_code == 304:
                    known[0] += 1
                else:
                    tag = response.headers.get("etag", "")
                    value = int(json.loads(response.text)["results"]["bindings"][0]["n"]["value"])
                answers[0] += 1
                if value < least:
                    failed.append((way, value, least))

    with service(tmp_path / "store") as address, httpx.Client(trust_env=False) as writer:

        def write(number: int) -> None:
            response = writer.post(
                f"{address}/update",
                data={"update": INCREMENT.format(number)},
                headers={"Authorization": "Bearer secret"},
                timeout=30,
            )
            assert response.status_code == 204, response.text

        write(0)
        readers = [threading.Thread(target=read, args=(way,)) for way in range(5)]
        for reader in readers:
            reader.start()
        end = time.monotonic() + 4
        try:
            while time.monotonic() < end or written < 3:
                write(written + 1)
                written += 1
        finally:
            done.set()
            for reader in readers:
                reader.join()
    assert not failed
    assert written >= 3 and answers[0] > 10 * written and known[0]
