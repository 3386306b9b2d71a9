"""Content codings: which one a client gets, and that nothing breaks by them."""

import gzip
import http.client
import json
import socket
import subprocess
import time
import zlib
from collections.abc import Callable
from contextlib import closing

import anyio
import pytest
from fastapi import FastAPI
from hypothesis import given
from hypothesis import strategies as st
from needs import need_program
from pydantic import ByteSize
from starlette.testclient import TestClient
from starlette.types import Message, Receive, Scope, Send

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.service.app import create_app
from comity.service.http.middleware.content_coding import (
    CODINGS,
    Encoder,
    is_compressible,
    negotiate_coding,
    zstd,
)
from comity.service.settings import Settings

Serve = Callable[[FastAPI], int]
ALL = "SELECT ?s ?p ?o { ?s ?p ?o }"
ENDLESS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
NOISE = (
    "SELECT (SHA512(CONCAT(STR(?a), STR(?f), STR(?i), STR(?l))) AS ?x) "
    "{ ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"
)
DECODE: dict[str, Callable[[bytes], bytes]] = {
    "gzip": gzip.decompress,
    "zstd": zstd.decompress,
}


@pytest.mark.parametrize(
    ("header", "coding"),
    [
        ("", ""),
        ("identity", ""),
        ("gzip", "gzip"),
        ("GZIP", "gzip"),
        ("x-gzip", "gzip"),
        ("gzip, deflate, br, zstd", "zstd"),
        ("zstd;q=0.5, gzip", "gzip"),
        ("zstd ; q=0, gzip;q=0.001", "gzip"),
        ("gzip;q=0, zstd;q=0.000", ""),
        ("gzip;q=0.5, identity", ""),
        ("*", "zstd"),
        ("zstd;q=0, *", "gzip"),
        ("*;q=0", ""),
        ("br", ""),
        ("gzip;q=2", ""),
        ("gzip;q=x, ,;", ""),
        ("\xff", ""),
    ],
)
def test_the_coding_that_a_client_takes(header: str, coding: str) -> None:
    assert negotiate_coding(header.encode("latin-1")) == coding


@given(st.binary())
def test_any_header_is_understood_or_passed_over(header: bytes) -> None:
    assert negotiate_coding(header) in (*CODINGS, "")


def test_what_is_worth_it() -> None:
    for kind in ("text/csv", "application/sparql-results+json", "image/svg+xml", "text/html; a=b"):
        assert is_compressible(kind)
    for kind in ("application/n-triples", "application/trig", "application/rdf+xml"):
        assert is_compressible(kind)
    for kind in ("image/png", "application/zip", "application/gzip", "application/x-tar", ""):
        assert not is_compressible(kind)


LARGE = st.binary(min_size=5, max_size=9).map(lambda piece: piece * 30_000)


@given(st.sampled_from(CODINGS), st.lists(st.binary() | LARGE))
def test_what_went_in_can_be_read_at_once(coding: str, pieces: list[bytes]) -> None:
    async def run() -> None:
        encoder = Encoder(coding)
        decoder = zstd.ZstdDecompressor() if coding == "zstd" else zlib.decompressobj(31)
        for piece in pieces:
            coded = await encoder.feed(piece)
            assert (decoder.decompress(coded) if coded else b"") == piece
            assert not decoder.eof
        assert decoder.decompress(await encoder.end(b"end")) == b"end"
        assert decoder.eof

    anyio.run(run)


def ask(
    client: TestClient, accept: str, query: str = ALL, **headers: str
) -> tuple[bytes, str | None]:
    """The body as it came, and its coding."""
    headers |= {"Accept-Encoding": accept}
    with client.stream("GET", "/sparql", params={"query": query}, headers=headers) as response:
        assert response.status_code == 200
        body = b"".join(response.iter_raw())
        if "content-length" in response.headers:
            assert int(response.headers["content-length"]) == len(body)
        assert response.headers["vary"] == "Accept, Accept-Encoding"
        return body, response.headers.get("content-encoding")


@pytest.mark.parametrize("accept", ["zstd", "gzip"])
@pytest.mark.parametrize("cache", [0, 10_000_000])
def test_coded_answers_are_the_plain_ones(store: EmbeddedStore, accept: str, cache: int) -> None:
    client = TestClient(create_app(store, Settings(store="memory", cache=ByteSize(cache))))
    plain = ask(client, "identity")
    assert plain[1] is None
    for _ in range(2):  # made, then kept
        body, coding = ask(client, accept)
        assert coding == accept and DECODE[coding](body) == plain[0] and len(body) < len(plain[0])
    assert ask(client, "identity") == plain


def test_what_is_small_stays_plain(client: TestClient) -> None:
    for _ in range(2):
        body, coding = ask(client, "gzip", "ASK {}")
        assert coding is None and json.loads(body)["boolean"]


def test_other_bytes_have_another_tag(client: TestClient) -> None:
    tags = set()
    for accept in ("identity", "gzip", "zstd"):
        headers = {"Accept-Encoding": accept}
        first, again = (
            client.get("/sparql", params={"query": ALL}, headers=headers) for _ in range(2)
        )
        assert first.headers["etag"] == again.headers["etag"]
        tags.add(first.headers["etag"])
        for other in ("identity", "gzip", "zstd"):
            asked = {"Accept-Encoding": other, "If-None-Match": first.headers["etag"]}
            response = client.get("/sparql", params={"query": ALL}, headers=asked)
            assert response.status_code == (304 if other == accept else 200)
    assert len(tags) == 3


def test_routes_with_tags_of_their_own(client: TestClient) -> None:
    plain = client.get("/static/style.css", headers={"Accept-Encoding": "identity"})
    coded = client.get("/static/style.css", headers={"Accept-Encoding": "gzip"})
    assert plain.headers["etag"] != coded.headers["etag"] and plain.text == coded.text
    asked = {"Accept-Encoding": "gzip", "If-None-Match": coded.headers["etag"]}
    again = client.get("/static/style.css", headers=asked)
    assert (again.status_code, again.headers["etag"]) == (304, coded.headers["etag"])
    asked = {"Accept-Encoding": "gzip", "If-None-Match": '"x-gzip"'}
    assert client.get("/static/style.css", headers=asked).status_code == 200


@pytest.mark.parametrize("path", ["/static/style.css", "/openapi.json"])
def test_head_says_what_get_would(client: TestClient, path: str) -> None:
    for accept in ("identity", "gzip"):
        headers = {"Accept-Encoding": accept}
        with client.stream("GET", path, headers=headers) as got:
            got.read()
        head = client.head(path, headers=headers)
        if head.status_code == 405:
            return
        for name in ("content-type", "content-encoding", "etag", "vary"):
            assert head.headers.get(name) == got.headers.get(name), name
        assert head.headers.get("content-length") in (None, got.headers.get("content-length"))


def test_curl_reads_both(store: EmbeddedStore, serve: Serve) -> None:
    need_program("curl")
    port = serve(create_app(store, Settings(store="memory")))
    address = f"http://127.0.0.1:{port}/sparql"
    command = ["curl", "-sS", "-G", address, "--data-urlencode", f"query={ALL}", "-H"]
    plain = subprocess.run([*command, "Accept: text/csv"], capture_output=True, check=True).stdout
    for coding in ("gzip", "zstd"):
        header = ["Accept: text/csv", "-H", f"Accept-Encoding: {coding}"]
        coded = subprocess.run([*command, *header], capture_output=True, check=True).stdout
        assert DECODE[coding](coded) == plain != coded
    done = subprocess.run(
        [*command, "Accept: text/csv", "--compressed"], capture_output=True, check=True
    )
    assert done.stdout == plain


@pytest.mark.parametrize("coding", ["gzip", "zstd"])
def test_a_broken_stream_stays_broken(store: EmbeddedStore, serve: Serve, coding: str) -> None:
    app = create_app(store, Settings(store="memory", timeout=0.5, cache=ByteSize(2**30)))
    headers = {"Accept-Encoding": coding, "Content-Type": "application/sparql-query"}
    decoder = zstd.ZstdDecompressor() if coding == "zstd" else zlib.decompressobj(31)
    with closing(http.client.HTTPConnection("127.0.0.1", serve(app), timeout=30)) as connection:
        connection.request("POST", "/sparql", ENDLESS, headers)
        with connection.getresponse() as response:
            assert response.status == 200 and response.headers["content-encoding"] == coding
            start = decoder.decompress(response.read1(2**16))
            assert start.startswith(b'{"head"')  # long before the end
            with pytest.raises(http.client.IncompleteRead) as broken:
                response.read()
    decoder.decompress(broken.value.partial)
    assert not decoder.eof
    time.sleep(0.1)
    assert not len(app.state.cache) and not app.state.cache.used


def test_a_slow_reader_holds_a_coded_answer_back(store: EmbeddedStore, serve: Serve) -> None:
    app = create_app(store, Settings(store="memory", timeout=60))
    pieces: list[Message] = []

    async def counting(scope: Scope, receive: Receive, send: Send) -> None:
        async def count(message: Message) -> None:
            pieces.append(message)
            await send(message)

        await app(scope, receive, count)

    with closing(socket.socket()) as connection:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
        connection.connect(("127.0.0.1", serve(counting)))  # type: ignore[arg-type]
        head = f"POST /sparql HTTP/1.1\r\nHost: a\r\nContent-Length: {len(NOISE)}\r\n"
        head += "Content-Type: application/sparql-query\r\nAccept-Encoding: gzip\r\n\r\n"
        connection.sendall((head + NOISE).encode())
        before, end = 0, time.monotonic() + 40
        while before < 3 or before != len(pieces):  # until no more goes out
            assert time.monotonic() < end and before < 2000
            before = len(pieces)
            time.sleep(1)


def test_http_1_0_gets_it_plain(store: EmbeddedStore, serve: Serve) -> None:
    need_program("curl")
    port = serve(create_app(store, Settings(store="memory")))
    url = f"http://127.0.0.1:{port}/sparql?query=ASK+%7B%7D"
    command = ["curl", "-sSi", "--http1.0", url, "-H", "Accept-Encoding: gzip"]
    done = subprocess.run(command, capture_output=True, check=True, text=True)
    assert "content-length" in done.stdout and "content-encoding" not in done.stdout
