"""Limits over HTTP, with a service as `comity serve` starts it."""

import http.client
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import httpx
import pytest

COMITY = Path(sys.executable).with_name("comity")
LIMIT = 3  # seconds
SMALL = "SELECT * { ?s ?p ?o } LIMIT 5"
CARTESIAN = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
ENDLESS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
HOG = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?d ?g"

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the limits are whole on Linux only"
)


@pytest.fixture(scope="module")
def service() -> Iterator[tuple[subprocess.Popen[str], str]]:
    command = [str(COMITY), "serve", "--port", "0", "--store", "memory"]
    command += ["--timeout", str(LIMIT), "--workers", "4", "--memory", "100MB"]
    command += ["--cache", "0"]  # the limits are those of queries that run
    environment = os.environ | {"COMITY_TOKEN": "secret"}
    with subprocess.Popen(command, env=environment, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr
        found = re.search(r"http://\S+?(?=/? )", process.stderr.readline())
        assert found
        yield process, found[0].rstrip("/")
        process.terminate()


@pytest.fixture(scope="module")
def address(service: tuple[subprocess.Popen[str], str]) -> str:
    return service[1]


def ask(address: str, query: str, **said: str) -> httpx.Response:
    return httpx.post(
        f"{address}/sparql", data={"query": query, **said}, timeout=30, trust_env=False
    )


def workers(service: tuple[subprocess.Popen[str], str]) -> dict[int, float]:
    """The worker processes of the service: seconds of processor time of each."""
    found = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rsplit(")", 1)[1].split()
        except OSError:
            continue
        if int(stat[1]) == service[0].pid and stat[0] != "Z":
            found[int(folder.name)] = (int(stat[11]) + int(stat[12])) / 100
    return found


def test_a_late_query_is_a_504_and_leaves_no_work_behind(
    service: tuple[subprocess.Popen[str], str], address: str
) -> None:
    start = time.monotonic()
    answer = ask(address, CARTESIAN)
    assert answer.status_code == 504 and time.monotonic() - start < LIMIT + 10
    assert "took longer than 3 s" in answer.json()["detail"]
    before = workers(service)
    time.sleep(1)
    after = workers(service)
    assert sum(after.values()) - sum(before.get(pid, 0) for pid in after) < 0.5


def test_a_request_may_ask_for_less(address: str) -> None:
    start = time.monotonic()
    assert ask(address, CARTESIAN, timeout="0.2").status_code == 504
    assert time.monotonic() - start < 2


def test_a_memory_hog_is_a_507(address: str) -> None:
    answer = ask(address, HOG)
    assert answer.status_code == 507, answer.text
    assert "COMITY_MEMORY" in answer.json()["hint"]
    assert ask(address, SMALL).status_code == 200


def test_heavy_queries_leave_the_way_free(address: str) -> None:
    """Eight heavy queries beside four clients: an answer, or a clean 503, and soon."""
    small: list[tuple[int, float]] = []
    done = threading.Event()

    def client() -> None:
        while not done.is_set():
            start = time.monotonic()
            answer = ask(address, SMALL)
            small.append((answer.status_code, time.monotonic() - start))
            time.sleep(0.02)

    with ThreadPoolExecutor(12) as threads:
        heavy = [threads.submit(ask, address, CARTESIAN) for _ in range(8)]
        time.sleep(0.2)
        clients = [threads.submit(client) for _ in range(4)]
        statuses = {each.result().status_code for each in heavy}
        done.set()
        for each in clients:
            each.result()
    assert statuses <= {504, 503}
    assert {status for status, _ in small} <= {200, 503}
    times = sorted(seconds for status, seconds in small if status == 200)
    assert times[int(len(times) * 0.95)] < 10  # a second is meant
    print(f"{len(times)} small answers, p95 {times[int(len(times) * 0.95)]:.3f} s")


class TestBrokenAnswers:
    """A limit after the first byte breaks the connection: no client takes it for whole."""

    def test_httpx(self, address: str) -> None:
        with pytest.raises(httpx.RemoteProtocolError):
            ask(address, ENDLESS, timeout="0.5")

    def test_urllib(self, address: str) -> None:
        query = urllib.parse.urlencode({"query": ENDLESS, "timeout": "0.5"})
        with (
            pytest.raises(http.client.IncompleteRead),
            urllib.request.urlopen(f"{address}/sparql?{query}") as answer,
        ):
            answer.read()

    def test_curl(self, address: str, tmp_path: Path) -> None:
        command = ["curl", "-s", "-o", str(tmp_path / "out"), f"{address}/sparql"]
        command += ["--data-urlencode", f"query={ENDLESS}", "-d", "timeout=0.5"]
        assert subprocess.run(command, check=False).returncode == 18  # partial file

    def test_a_raw_socket_sees_no_last_chunk(self, address: str) -> None:
        host, port = address.removeprefix("http://").split(":")
        query = urllib.parse.urlencode({"query": ENDLESS, "timeout": "0.5"})
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(f"GET /sparql?{query} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            end = b""
            while part := connection.recv(1 << 20):
                end = (end + part)[-5:]
        assert end != b"0\r\n\r\n"

    def test_http_1_0_gets_an_error(self, address: str) -> None:
        """It has no chunks, so the whole answer is made before its first byte."""
        host, port = address.removeprefix("http://").split(":")
        query = urllib.parse.urlencode({"query": ENDLESS, "timeout": "0.5"})
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(f"GET /sparql?{query} HTTP/1.0\r\n\r\n".encode())
            answer = b""
            while part := connection.recv(1 << 20):
                answer += part
        assert answer.startswith((b"HTTP/1.1 504", b"HTTP/1.0 504"))


def test_who_leaves_frees_the_worker(
    service: tuple[subprocess.Popen[str], str], address: str
) -> None:
    host, port = address.removeprefix("http://").split(":")
    query = urllib.parse.urlencode({"query": CARTESIAN})
    busy = set(workers(service))
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(f"GET /sparql?{query} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        time.sleep(0.5)
    deadline = time.monotonic() + 2
    while busy <= set(workers(service)) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not busy <= set(workers(service)), "its worker goes on"


def test_the_tokens_holder_sees_and_stops_queries(address: str) -> None:
    token = {"Authorization": "Bearer secret"}
    for headers, status in (({}, 401), ({"Authorization": "Bearer wrong"}, 401), (token, 200)):
        answer = httpx.get(f"{address}/running", headers=headers, trust_env=False)
        assert answer.status_code == status
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(ask, address, CARTESIAN)
        for _ in range(100):
            found = httpx.get(f"{address}/running", headers=token, trust_env=False).json()
            mine = [each for each in found["queries"] if each["query"] == CARTESIAN]
            if mine:
                break
            time.sleep(0.02)
        assert mine[0]["seconds"] >= 0
        url = f"{address}/running/{mine[0]['id']}"
        assert httpx.delete(url, trust_env=False).status_code == 401
        assert httpx.delete(url, headers=token, trust_env=False).status_code == 204
        answer = asked.result()
    assert answer.status_code == 504 and "cancelled" in answer.json()["detail"]
    assert httpx.delete(url, headers=token, trust_env=False).status_code == 404
