"""What an operator sees of a service: health, metrics, the log; each on a real one."""

import os
import signal
import socket
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

import httpx
import pytest
from prometheus_client.parser import text_string_to_metric_families
from service_process import Service, make_store, served

SMALL = "SELECT * { ?s ?p ?o } LIMIT 5"
CARTESIAN = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
ENDLESS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
HOG = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?d ?g"
TOKEN = "a-very-secret-token"

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="the limits are whole on Linux only"
)


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Service]:
    flags = ["--timeout", "2", "--workers", "4", "--memory", "100MB", "--slow-query", "1"]
    log = tmp_path_factory.mktemp("operations") / "log"
    with served(
        log, *flags, COMITY_TOKEN=TOKEN, COMITY_LOG_LEVEL="info", COMITY_LOG_FORMAT="json"
    ) as service:
        yield service


def ask(service: Service, query: str, **headers: str) -> httpx.Response:
    return httpx.post(
        f"{service.address}/sparql",
        data={"query": query},
        headers={"Accept-Encoding": "identity"} | headers,
        timeout=30,
        trust_env=False,
    )


def metrics(service: Service, accept: str = "*/*") -> dict[str, float]:
    """Every sample, by its name and its labels as they stand in the text."""
    response = httpx.get(f"{service.address}/metrics", headers={"Accept": accept}, trust_env=False)
    assert response.status_code == 200
    return {
        sample.name + "".join(f" {k}={v}" for k, v in sorted(sample.labels.items())): sample.value
        for family in text_string_to_metric_families(response.text)
        for sample in family.samples
    }


def until(true: Callable[[], bool], seconds: float = 20) -> None:
    end = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def lines_of(service: Service, id: str, *loggers: str) -> list[dict[str, Any]]:
    """What the log says of a request, once all these loggers have: an answer is out before its line."""

    def found() -> list[dict[str, Any]]:
        return [line for line in service.lines if line.get("id") == id]

    until(lambda: {line["logger"] for line in found()} >= {"comity.requests", *loggers})
    return found()


def begin(service: Service, query: str) -> socket.socket:
    """Ask and read no more than the first bytes of the answer, if any come in time."""
    host, port = service.address.removeprefix("http://").split(":")
    connection = socket.create_connection((host, int(port)), timeout=10)
    connection.sendall(
        b"POST /sparql HTTP/1.1\r\nHost: test\r\nAccept: text/csv\r\n"
        b"Content-Type: application/sparql-query\r\n"
        b"Content-Length: %d\r\n\r\n%s" % (len(query), query.encode())
    )
    return connection


class TestHealth:
    @pytest.mark.parametrize("path", ["/health", "/health/live", "/health/ready"])
    def test_all_is_well(self, service: Service, path: str) -> None:
        response = httpx.get(service.address + path, trust_env=False)
        assert response.status_code == 200
        assert response.headers["cache-control"] == "no-store"

    def test_a_store_that_does_not_answer_is_not_ready_but_alive(self, service: Service) -> None:
        until(lambda: len(service.workers()) == 4)
        stopped = service.workers()
        for worker in stopped:
            os.kill(worker, signal.SIGSTOP)
        try:
            ready = httpx.get(f"{service.address}/health/ready", timeout=20, trust_env=False)
            assert ready.status_code == 503
            assert ready.json()["title"] == "The store does not answer"
            assert "2 s" in ready.json()["detail"]
            assert int(ready.headers["retry-after"]) > 0
            assert httpx.get(f"{service.address}/health", trust_env=False).status_code == 200
        finally:
            for worker in stopped:
                with suppress(ProcessLookupError):  # one has been killed for being late
                    os.kill(worker, signal.SIGCONT)
        until(lambda: httpx.get(f"{service.address}/health/ready").status_code == 200)


class TestMetrics:
    def test_requests_are_counted_by_template_and_status(self, service: Service) -> None:
        before = metrics(service)
        for path in ("/id/iran.ttl", "/id/russia.ttl", "/nothing/1", "/nothing/2"):
            httpx.get(service.address + path, trust_env=False)
        after = metrics(service)
        for name, added in (
            ("comity_requests_total method=GET route=/id/{name} status=303", 2),
            ("comity_requests_total method=GET route=none status=404", 2),
        ):
            assert after[name] - before.get(name, 0) == added
        bucket = "comity_request_seconds_bucket le=+Inf route=/id/{name}"
        assert after[bucket] == after["comity_request_seconds_count route=/id/{name}"] >= 2

    @pytest.mark.parametrize(
        ("query", "status", "outcome"),
        [
            (SMALL, 200, "done"),
            ("SELECT nonsense", 400, "failed"),
            (CARTESIAN, 504, "timeout"),
            (HOG, 507, "memory"),
        ],
    )
    def test_ends_of_queries_are_counted(
        self, service: Service, query: str, status: int, outcome: str
    ) -> None:
        name = f"comity_queries_total outcome={outcome}"
        before = metrics(service)[name]
        assert ask(service, query).status_code == status
        assert metrics(service)[name] == before + 1

    def test_a_client_that_goes_is_counted(self, service: Service) -> None:
        before = metrics(service)
        with begin(service, ENDLESS) as connection:
            connection.recv(1000)
        names = ("comity_queries_total outcome=gone", "comity_broken_answers_total cause=gone")
        until(lambda: all(metrics(service)[name] == before[name] + 1 for name in names))

    def test_a_cancelled_query_is_counted(self, service: Service) -> None:
        name = "comity_queries_total outcome=cancelled"
        before = metrics(service)[name]
        authorised = {"Authorization": f"Bearer {TOKEN}"}
        with begin(service, CARTESIAN):
            running: list[dict[str, str]] = []
            while not running:
                found = httpx.get(f"{service.address}/running", headers=authorised)
                running = found.json()["queries"]
            assert metrics(service)["comity_workers state=busy"] >= 1
            httpx.delete(f"{service.address}/running/{running[0]['id']}", headers=authorised)
            until(lambda: metrics(service)[name] == before + 1)

    def test_a_crash_is_counted(self, service: Service) -> None:
        name = "comity_queries_total outcome=crashed"
        before = metrics(service)[name]
        with begin(service, CARTESIAN):
            until(lambda: metrics(service)["comity_queries_running kind=long"] >= 1)
            for worker in service.workers():
                os.kill(worker, signal.SIGSEGV)
            until(lambda: metrics(service)[name] == before + 1)

    def test_the_store_is_measured(self, service: Service) -> None:
        found = metrics(service)
        assert found["comity_store_bytes"] > 100_000
        assert found["comity_derived_lag_seconds"] == 0
        assert found["process_resident_memory_bytes"] > 10_000_000

    def test_derived_facts_lag_after_a_write_and_catch_up(self, service: Service) -> None:
        update = "INSERT DATA { GRAPH <urn:g> { <urn:a> <urn:b> <urn:c> } }"
        httpx.post(
            f"{service.address}/update",
            data={"update": update},
            headers={"Authorization": f"Bearer {TOKEN}"},
            timeout=30,
        ).raise_for_status()
        assert metrics(service)["comity_derived_lag_seconds"] > 0
        until(lambda: metrics(service)["comity_derived_lag_seconds"] == 0, seconds=120)

    def test_openmetrics_where_it_is_asked_for(self, service: Service) -> None:
        wanted = "application/openmetrics-text; version=1.0.0"
        response = httpx.get(f"{service.address}/metrics", headers={"Accept": wanted})
        assert response.headers["content-type"].startswith("application/openmetrics-text")
        assert response.text.endswith("# EOF\n")


class TestLog:
    def test_each_request_has_a_line_with_its_queries(self, service: Service) -> None:
        fresh = SMALL + " # not in the cache"
        response = ask(service, fresh, **{"X-Request-ID": "from-a-proxy.1"})
        assert response.headers["x-request-id"] == "from-a-proxy.1"
        (line,) = lines_of(service, "from-a-proxy.1")
        assert line["message"] == "POST /sparql"
        assert (line["status"], line["outcome"]) == (200, "done")
        assert line["bytes"] == response.num_bytes_downloaded
        assert 0 < line["seconds"] < 60
        assert len(line["queries"]) == 1
        assert line["client"] == "127.0.0.1"

    @pytest.mark.parametrize("given", ["", "a b", 'x"y', "x" * 200])
    def test_an_id_that_can_not_stand_in_a_log_is_replaced(
        self, service: Service, given: str
    ) -> None:
        taken = ask(service, SMALL, **{"X-Request-ID": given}).headers["x-request-id"]
        assert taken != given
        assert lines_of(service, taken)

    def test_ids_are_no_ones_elses(self, service: Service) -> None:
        ids = {ask(service, SMALL).headers["x-request-id"] for _ in range(5)}
        assert len(ids) == 5

    def test_a_slow_query_is_logged_with_its_text(self, service: Service) -> None:
        id = ask(service, CARTESIAN).headers["x-request-id"]
        lines = lines_of(service, id, "comity.slow")
        (slow,) = [line for line in lines if line["logger"] == "comity.slow"]
        (request,) = [line for line in lines if line["logger"] == "comity.requests"]
        assert (slow["text"], slow["outcome"]) == (CARTESIAN, "timeout")
        assert slow["seconds"] >= 1
        assert [slow["query"]] == request["queries"]
        assert (request["status"], request["outcome"]) == (504, "failed")

    def test_a_broken_answer_is_one_line_of_its_own(self, service: Service) -> None:
        with begin(service, ENDLESS) as connection:
            while connection.recv(1 << 20):
                pass
        until(lambda: any("broke off" in line["message"] for line in service.lines))
        request = [line for line in service.lines if line["logger"] == "comity.requests"][-1]
        assert (request["status"], request["outcome"]) == (200, "failed")

    def test_no_secret_and_no_query_string(self, service: Service) -> None:
        httpx.get(
            f"{service.address}/queries/positions-of.csv?holder=iran&x=private-argument",
            headers={"Authorization": f"Bearer {TOKEN}", "Cookie": "private-cookie"},
        )
        httpx.get(f"{service.address}/running", headers={"Authorization": f"Bearer {TOKEN}"})
        text = service.log.read_text()
        for secret in (TOKEN, "private-argument", "private-cookie", "Bearer"):
            assert secret not in text

    def test_nothing_is_a_defect(self, service: Service) -> None:
        """After all of the above, in whatever order."""
        httpx.get(f"{service.address}/version", trust_env=False)
        until(lambda: bool(service.lines))
        assert not [line for line in service.lines if "traceback" in line]
        assert {line["logger"].partition(".")[0] for line in service.lines} == {"comity"}


def test_requests_are_not_logged_by_default(tmp_path: Path) -> None:
    store = make_store(tmp_path / "store")
    with served(tmp_path / "log", "--no-bundled", store=store) as service:
        ask(service, SMALL)
        assert service.log.read_text().count("\n") == 1
