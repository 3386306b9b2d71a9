"""Answers on a real socket: whole, broken or given up."""

import json
import socket
import time
from collections.abc import Callable, Iterator

import pytest
from fastapi import FastAPI

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.service.app import create_app
from comity.service.http import responses
from comity.service.settings import Settings

Serve = Callable[[FastAPI], int]

SMALL = "SELECT ?s ?p ?o { ?s ?p ?o }"
ENDLESS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
SILENT = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j a ?k }"


def request(query: str, version: str = "1.1") -> bytes:
    head = (
        f"POST /sparql HTTP/{version}\r\nHost: test\r\nAccept: text/csv\r\n"
        f"Content-Type: application/sparql-query\r\nContent-Length: {len(query)}\r\n"
        "Connection: close\r\n\r\n"
    )
    return (head + query).encode()


def exchange(port: int, sent: bytes) -> tuple[bytes, bytes]:
    """The head and the body of what the server answers until it closes."""
    received = bytearray()
    with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
        connection.sendall(sent)
        try:
            while chunk := connection.recv(1 << 20):
                received += chunk
        except ConnectionResetError:
            pass
    head, _, body = bytes(received).partition(b"\r\n\r\n")
    return head.lower(), body


@pytest.fixture
def port(store: EmbeddedStore, serve: Serve) -> int:
    return serve(create_app(store, Settings(store="memory", timeout=0.5)))


def test_a_whole_answer_ends_with_the_last_chunk(port: int) -> None:
    head, body = exchange(port, request(SMALL))
    assert b"200 ok" in head
    assert b"transfer-encoding: chunked" in head
    assert body.endswith(b"\r\n0\r\n\r\n")


def test_an_answer_cut_midway_never_ends(port: int) -> None:
    head, body = exchange(port, request(ENDLESS))
    assert b"200 ok" in head
    assert len(body) > 100_000
    assert not body.endswith(b"\r\n0\r\n\r\n")


def test_an_answer_cut_midway_is_a_line_in_the_log_and_no_defect(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    exchange(port, request(ENDLESS))
    ours = [record for record in caplog.records if record.name == "comity"]
    assert [record.levelname for record in ours] == ["WARNING"]
    assert "time limit" in ours[0].getMessage()
    assert not any(record.exc_info for record in caplog.records)


def test_a_client_that_leaves_early_is_no_defect(
    port: int, caplog: pytest.LogCaptureFixture
) -> None:
    for sent in (request(SMALL)[:-5], request(SILENT)):
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(sent)
            time.sleep(0.1)
    exchange(port, request(SMALL))  # the server has seen both go
    time.sleep(0.2)
    assert not any(record.exc_info or record.name == "comity" for record in caplog.records)


def test_http_1_0_gets_the_whole_with_its_length(port: int) -> None:
    head, body = exchange(port, request(SMALL, "1.0"))
    assert b"transfer-encoding" not in head
    assert f"content-length: {len(body)}".encode() in head
    assert body.count(b"\r\n") > 50


def test_http_1_0_gets_what_does_not_fit_into_memory(port: int) -> None:
    text = "SELECT ?a ?b ?c { ?a ?x ?b . ?c ?y ?z } LIMIT 30000"
    head, body = exchange(port, request(text, "1.0"))
    assert len(body) > responses._IN_MEMORY
    assert f"content-length: {len(body)}".encode() in head
    again = request(f"{text} # so that it is streamed, and not the answer from before")
    assert body == b"".join(chunks(exchange(port, again)[1]))


def chunks(body: bytes) -> Iterator[bytes]:
    """What the chunks of an answer hold (RFC 9112 §7.1)."""
    while size := int(body[: body.index(b"\r\n")], 16):
        start = body.index(b"\r\n") + 2
        yield body[start : start + size]
        body = body[start + size + 2 :]


def test_http_1_0_gets_an_error_for_what_is_too_long(
    port: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(responses, "MAX_STORED", 100_000)
    head, body = exchange(port, request(ENDLESS, "1.0"))
    assert b" 413 " in head.partition(b"\r\n")[0]
    assert "HTTP/1.1" in json.loads(body)["hint"]


def test_http_1_0_gets_an_error_for_what_is_cut(port: int) -> None:
    head, _ = exchange(port, request(ENDLESS, "1.0"))
    assert b" 504 " in head.partition(b"\r\n")[0]


def test_a_timeout_before_the_first_byte_is_an_error(port: int) -> None:
    head, body = exchange(port, request(SILENT))
    assert b" 504 " in head.partition(b"\r\n")[0]
    assert b"problem+json" in head
    assert body


@pytest.mark.parametrize("query", [ENDLESS, SILENT])
def test_a_client_that_goes_is_noticed(store: EmbeddedStore, serve: Serve, query: str) -> None:
    """Else eight such clients would hold every thread of the store."""
    port = serve(create_app(store, Settings(store="memory", timeout=60)))
    for _ in range(9 if query is ENDLESS else 1):
        with socket.create_connection(("127.0.0.1", port), timeout=30) as connection:
            connection.sendall(request(query))
            time.sleep(0.05)
    head, _ = exchange(port, request(SMALL))
    assert b"200 ok" in head
