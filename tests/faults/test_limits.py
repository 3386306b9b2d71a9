"""Limits over HTTP, with a service as `comity serve` starts it."""

import http.client
import itertools
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
from contextlib import suppress
from pathlib import Path

import httpx
import pytest
from needs import need_program
from served import Service, until

LIMIT = 2  # seconds, but for what is not to be late
PATIENCE = 20
MIDWAY = "1.5"  # seconds after which the first bytes are there, also on a busy machine
SMALL = "SELECT * { ?s ?p ?o } LIMIT 5"
CARTESIAN = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
ENDLESS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
HOG = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?d ?g"

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the limits are whole on Linux only"
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    flags = ["--timeout", str(PATIENCE), "--workers", "4", "--memory", "100MB"]
    flags += ["--cache", "0"]  # the limits are those of queries that run
    with Service(tmp_path_factory.mktemp("limits") / "store", *flags) as service:
        service.start()
        yield service
        assert "Traceback" not in service.log


@pytest.fixture
def address(service: Service) -> str:
    return service.address


def ask(address: str, query: str, **said: str) -> httpx.Response:
    return httpx.post(
        f"{address}/sparql", data={"query": query, **said}, timeout=30, trust_env=False
    )


def is_idle(service: Service) -> bool:
    """Whether its processes take next to no processor time for half a second."""
    before = {child.pid: child.seconds for child in service.children()}
    time.sleep(0.5)
    children = service.children()
    return sum(child.seconds - before.get(child.pid, 0) for child in children) < 0.1


def test_a_late_query_is_a_504_and_leaves_no_work_behind(service: Service, address: str) -> None:
    before = {child.pid for child in service.children("worker")}
    start = time.monotonic()
    answer = ask(address, CARTESIAN, timeout=str(LIMIT))
    assert answer.status_code == 504 and time.monotonic() - start < LIMIT + 10
    assert f"took longer than {LIMIT} s" in answer.json()["detail"]
    until(lambda: not before <= {child.pid for child in service.children("worker")})
    until(lambda: is_idle(service), 20)


def test_a_request_may_ask_for_less(address: str) -> None:
    start = time.monotonic()
    assert ask(address, CARTESIAN, timeout="0.2").status_code == 504
    assert time.monotonic() - start < 2


def test_a_memory_hog_is_a_507_and_the_memory_comes_back(service: Service, address: str) -> None:
    before = service.memory()
    answer = ask(address, HOG)
    assert answer.status_code == 507, answer.text
    assert "COMITY_MEMORY" in answer.json()["hint"]
    assert ask(address, SMALL).status_code == 200
    until(lambda: service.memory() < before + 100_000_000)  # new workers count


def test_memory_stays_flat_under_a_large_answer(service: Service, address: str) -> None:
    """Nothing of it is kept by the service itself."""
    before, size = service.memory(children=False), 0
    data = {"query": ENDLESS, "format": "csv"}
    plain = httpx.Client(headers={"Accept-Encoding": "identity"}, timeout=30, trust_env=False)
    with (
        plain,
        suppress(httpx.RemoteProtocolError),
        plain.stream("POST", f"{address}/sparql", data=data) as answer,
    ):
        for piece in answer.iter_raw():
            size += len(piece)
            if size > 50_000_000:
                break
    assert size > 100_000  # the time limit comes first where the machine is busy
    assert service.memory(children=False) < before + 25_000_000


def test_heavy_queries_leave_the_way_free(address: str) -> None:
    """Eight heavy queries beside four clients: an answer, or a clean 503, and soon."""
    small: list[tuple[int, float]] = []
    done = threading.Event()
    numbers = itertools.count()

    def client() -> None:
        while not done.is_set():
            start = time.monotonic()
            # Another text each time: the same would come from the cache, past the workers.
            answer = ask(address, f"{SMALL} # {next(numbers)}")
            small.append((answer.status_code, time.monotonic() - start))
            time.sleep(0.02)

    with ThreadPoolExecutor(12) as threads:
        heavy = [threads.submit(ask, address, CARTESIAN, timeout=str(LIMIT)) for _ in range(8)]
        time.sleep(0.2)
        clients = [threads.submit(client) for _ in range(4)]
        statuses = {each.result().status_code for each in heavy}
        done.set()
        for each in clients:
            each.result()
    assert statuses <= {504, 503}
    assert {status for status, _ in small} <= {200, 503}
    until(lambda: ask(address, SMALL).status_code == 200)
    times = sorted(seconds for status, seconds in small if status == 200)
    assert times, "no small query got an answer"
    assert times[int(len(times) * 0.95)] < 10  # a second is meant
    print(
        f"{len(times)} of {len(small)} small queries answered, p95 {times[int(len(times) * 0.95)]:.3f} s"
    )


class TestBrokenAnswers:
    """A limit after the first byte breaks the connection: no client takes it for whole."""

    @pytest.fixture(autouse=True)
    def a_worker_waits(self, address: str) -> None:
        until(lambda: ask(address, SMALL).elapsed.total_seconds() < 0.5, PATIENCE)

    def test_httpx(self, address: str) -> None:
        with pytest.raises(httpx.RemoteProtocolError):
            ask(address, ENDLESS, timeout=MIDWAY)

    def test_urllib(self, address: str) -> None:
        query = urllib.parse.urlencode({"query": ENDLESS, "timeout": MIDWAY})
        with (
            pytest.raises(http.client.IncompleteRead),
            urllib.request.urlopen(f"{address}/sparql?{query}") as answer,
        ):
            answer.read()

    def test_curl(self, address: str, tmp_path: Path) -> None:
        need_program("curl")
        command = ["curl", "-s", "-o", str(tmp_path / "out"), f"{address}/sparql"]
        command += ["--data-urlencode", f"query={ENDLESS}", "-d", f"timeout={MIDWAY}"]
        assert subprocess.run(command, check=False).returncode == 18  # partial file

    def test_a_raw_socket_sees_no_last_chunk(self, address: str) -> None:
        host, port = address.removeprefix("http://").split(":")
        query = urllib.parse.urlencode({"query": ENDLESS, "timeout": MIDWAY})
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(f"GET /sparql?{query} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
            end = b""
            while part := connection.recv(1 << 20):
                end = (end + part)[-5:]
        assert end != b"0\r\n\r\n"

    def test_http_1_0_gets_an_error(self, address: str) -> None:
        """It has no chunks, so the whole answer is made before its first byte."""
        host, port = address.removeprefix("http://").split(":")
        query = urllib.parse.urlencode({"query": ENDLESS, "timeout": MIDWAY})
        with socket.create_connection((host, int(port))) as connection:
            connection.sendall(f"GET /sparql?{query} HTTP/1.0\r\n\r\n".encode())
            answer = b""
            while part := connection.recv(1 << 20):
                answer += part
        assert answer.startswith((b"HTTP/1.1 504", b"HTTP/1.0 504"))


def test_who_leaves_frees_the_worker(service: Service, address: str) -> None:
    host, port = address.removeprefix("http://").split(":")
    query = urllib.parse.urlencode({"query": CARTESIAN, "timeout": str(PATIENCE)})
    with socket.create_connection((host, int(port))) as connection:
        connection.sendall(f"GET /sparql?{query} HTTP/1.1\r\nHost: {host}\r\n\r\n".encode())
        until(lambda: running(service, CARTESIAN))
    assert until(lambda: not running(service, CARTESIAN)) < 10, "its worker goes on"


def running(service: Service, query: str) -> list[dict[str, object]]:
    """What the token's holder sees of one query."""
    answer = service.write("GET", "running")
    assert answer.status_code == 200
    return [each for each in answer.json()["queries"] if each["query"] == query]


def test_the_tokens_holder_sees_and_stops_queries(service: Service, address: str) -> None:
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        answer = httpx.get(f"{address}/running", headers=headers, trust_env=False)
        assert answer.status_code == 401
    with ThreadPoolExecutor(1) as thread:
        asked = thread.submit(ask, address, CARTESIAN)
        until(lambda: running(service, CARTESIAN))
        (found,) = running(service, CARTESIAN)
        seconds, path = found["seconds"], f"running/{found['id']}"
        assert isinstance(seconds, float) and seconds >= 0
        assert httpx.delete(f"{address}/{path}", trust_env=False).status_code == 401
        assert service.write("DELETE", path).status_code == 204
        answer = asked.result()
    assert answer.status_code == 504 and "cancelled" in answer.json()["detail"]
    assert service.write("DELETE", path).status_code == 404
