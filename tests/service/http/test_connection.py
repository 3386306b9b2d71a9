"""What comes before a body: too long, too slow, or no HTTP; each a problem document that can be read."""

import json
import socket
import time
from collections.abc import Callable, Iterable

import httpx
import pytest
from fastapi import FastAPI

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.service.app import create_app
from comity.service.http.middleware import connection
from comity.service.http.middleware.connection import MAX_ADDRESS, MAX_HEADERS
from comity.service.settings import Settings

END = b" HTTP/1.1\r\nHost: test\r\nConnection: close\r\n\r\n"


@pytest.fixture
def port(store: EmbeddedStore, serve: Callable[[FastAPI], int]) -> int:
    return serve(create_app(store, Settings(store="memory")))


def exchange(port: int, pieces: Iterable[bytes]) -> bytes:
    """What the server answers until it closes."""
    received = bytearray()
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        for piece in pieces:
            client.sendall(piece)
        while chunk := client.recv(1 << 20):
            received += chunk
    return bytes(received)


def problem(answer: bytes) -> tuple[int, str]:
    """The status of an answer that is a problem document, and its hint."""
    head, _, body = answer.partition(b"\r\n\r\n")
    said = json.loads(body)
    assert b"content-type: application/problem+json" in head
    assert f"content-length: {len(body)}".encode() in head
    assert int(head.split(b" ", 2)[1]) == said["status"] and said["detail"]
    return said["status"], said.get("hint", "")


def comment(size: int) -> bytes:
    """The target of a query that is so many bytes long, by a comment."""
    target = b"/sparql?query=ASK%20%7B%7D%23"
    return target + b"x" * (size - len(target))


def test_the_longest_address_is_answered(port: int) -> None:
    assert b'"boolean":true' in exchange(port, [b"GET " + comment(MAX_ADDRESS) + END])


@pytest.mark.parametrize("size", [MAX_ADDRESS + 1, 70_000, 1_000_000])
def test_a_longer_address_is_a_414(port: int, size: int) -> None:
    status, hint = problem(exchange(port, [b"GET " + comment(size) + END]))
    assert (status, "POST" in hint) == (414, True)


def test_a_client_reads_it_though_it_is_still_sending(port: int) -> None:
    with httpx.Client(trust_env=False) as client:
        for _ in range(5):
            address = f"http://127.0.0.1:{port}{comment(60_000).decode()}"
            assert client.get(address).status_code == 200
            # httpx itself takes no longer addresses
            answer = client.get(f"http://127.0.0.1:{port}/", headers={"X": "x" * 500_000})
            assert answer.status_code == 431


@pytest.mark.parametrize(
    "header",
    [
        b"X: " + b"x" * (MAX_HEADERS + 1),
        b"\r\n".join(b"X: " + b"x" * 1000 for _ in range(100)),
        b"x" * (MAX_HEADERS + 1) + b": x",
    ],
)
def test_headers_that_are_too_long(port: int, header: bytes) -> None:
    status, _ = problem(exchange(port, [b"GET /health HTTP/1.1\r\n", header + b"\r\n\r\n"]))
    assert status == 431


@pytest.mark.parametrize("start", [b"GET /", b"GET / HTTP/1.1\r\nX: "])
def test_a_head_without_an_end_is_not_kept(port: int, start: bytes) -> None:
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(start)
        sent = 0
        client.setblocking(False)
        end = time.monotonic() + 10
        answer = b""
        while not answer and time.monotonic() < end:
            try:
                sent += client.send(b"x" * 10_000)
            except BlockingIOError:
                time.sleep(0.001)
            try:
                answer = client.recv(10_000)
            except BlockingIOError:
                time.sleep(0.001)
    assert problem(answer)[0] in (414, 431)


@pytest.mark.parametrize(
    "sent", [b"nonsense\r\n\r\n", b"\x16\x03\x01\x00\xff", b"GET // HTTP/9.9\r\n\r\n"]
)
def test_what_is_no_http(port: int, sent: bytes) -> None:
    assert problem(exchange(port, [sent]))[0] == 400


@pytest.mark.parametrize("start", [b"", b"GET /health HTTP/1.1\r\nHost: t"])
def test_who_says_nothing_is_not_waited_for(
    port: int, start: bytes, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(connection, "HEAD_WITHIN", 0.2)
    assert problem(exchange(port, [start]))[0] == 408


def test_who_sends_a_body_slowly_is(port: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(connection, "HEAD_WITHIN", 0.2)
    head = b"POST /sparql HTTP/1.1\r\nHost: t\r\nContent-Type: application/sparql-query\r\n"
    head += b"Content-Length: 6\r\nConnection: close\r\n\r\n"

    def slowly() -> Iterable[bytes]:
        for piece in (head, b"ASK", b" {}"):
            yield piece
            time.sleep(0.3)

    assert b'"boolean":true' in exchange(port, slowly())


def test_who_asks_again_slowly_gets_the_first_answer(
    store: EmbeddedStore, serve: Callable[[FastAPI], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Half a request does not end the answer before it."""
    monkeypatch.setattr(connection, "HEAD_WITHIN", 0.2)
    port = serve(create_app(store, Settings(store="memory")))
    late = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j a ?k }"
    body = f"query={late}&timeout=1.5".replace(" ", "+").encode()
    head = (
        b"POST /sparql HTTP/1.1\r\nHost: t\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    )
    head += f"Content-Length: {len(body)}\r\n\r\n".encode()
    answer = exchange(port, [head + body + b"GET /health HT"])
    assert answer.startswith(b"HTTP/1.1 504 ") and b"HTTP/1.1 408 " in answer


def test_requests_in_a_row(port: int) -> None:
    """On one connection, also without waiting for the answers, and with an error in the end."""
    one = b"GET /health HTTP/1.1\r\nHost: t\r\n\r\n"
    answer = exchange(port, [one * 3, b"GET /health" + END])
    assert answer.count(b"HTTP/1.1 200 OK") == 4
    with socket.create_connection(("127.0.0.1", port), timeout=30) as client:
        client.sendall(one)
        assert client.recv(10_000).startswith(b"HTTP/1.1 200 OK")
        client.sendall(b"GET " + comment(MAX_ADDRESS + 1) + END)
        assert client.recv(10_000).startswith(b"HTTP/1.1 414 ")


def test_a_body_that_is_too_long_gets_its_answer(
    store: EmbeddedStore, serve: Callable[[FastAPI], int]
) -> None:
    """Not a broken connection, though the client is still sending."""
    port = serve(create_app(store, Settings(store="memory", max_body=1000)))  # type: ignore[arg-type]
    with httpx.Client(trust_env=False, base_url=f"http://127.0.0.1:{port}") as client:
        for _ in range(3):
            answer = client.post("/sparql", data={"query": "ASK {} #" + "x" * 5_000_000})
            assert answer.status_code == 413
            assert "COMITY_MAX_BODY" in answer.json()["hint"]
        assert client.get("/health").status_code == 200
