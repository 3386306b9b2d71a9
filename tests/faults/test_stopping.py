"""What becomes of running answers when a service is stopped."""

import signal
import socket
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from service_process import Service, make_store, served

ROWS = 200_000  # more than the sockets of both sides hold
# As many rows as wanted, small and at once.
NUMBERED = f"SELECT ?s ?p ?o {{ ?s ?p ?o . ?a ?b ?c . ?d ?e ?f }} LIMIT {ROWS}"
ENDLESS = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
SILENT = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?n ?o }"
END = b"\r\n0\r\n\r\n"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="signals need POSIX")


class Reader:
    """A client on a socket of its own, whose answer has begun."""

    def __init__(self, service: Service, query: str, *, begun: bool = True) -> None:
        host, port = service.address.removeprefix("http://").split(":")
        self.connection = socket.socket()
        self.connection.setsockopt(
            socket.SOL_SOCKET, socket.SO_RCVBUF, 20_000
        )  # so it waits for us
        self.connection.settimeout(60)
        self.connection.connect((host, int(port)))
        self.connection.sendall(
            b"POST /sparql HTTP/1.1\r\nHost: test\r\nAccept: text/csv\r\n"
            b"Content-Type: application/sparql-query\r\n"
            b"Content-Length: %d\r\n\r\n%s" % (len(query), query.encode())
        )
        self.received = self.connection.recv(1000) if begun else b""

    def rest(self) -> bytes:
        """All there is, until the service closes the connection."""
        parts = [self.received]
        try:
            while chunk := self.connection.recv(1 << 20):
                parts.append(chunk)
        except ConnectionResetError:
            pass
        return b"".join(parts)

    def close(self) -> None:
        self.connection.close()


@pytest.fixture(scope="module")
def store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_store(tmp_path_factory.mktemp("stopping") / "store")


@pytest.fixture
def patient(store: Path, tmp_path: Path) -> Iterator[Service]:
    flags = ["--no-bundled", "--grace", "60", "--timeout", "120"]
    with served(tmp_path / "log", *flags, store=store) as service:
        yield service


@pytest.fixture
def hasty(store: Path, tmp_path: Path) -> Iterator[Service]:
    flags = ["--no-bundled", "--grace", "1", "--timeout", "120"]
    with served(tmp_path / "log", *flags, store=store) as service:
        yield service


def refuses(service: Service) -> bool:
    """Whether no one can connect any more."""
    host, port = service.address.removeprefix("http://").split(":")
    try:
        socket.create_connection((host, int(port)), timeout=5).close()
    except ConnectionRefusedError:
        return True
    return False


def wait_until_it_refuses(service: Service) -> None:
    end = time.monotonic() + 20
    while not refuses(service):
        assert time.monotonic() < end
        time.sleep(0.02)


@pytest.mark.parametrize("sign", [signal.SIGTERM, signal.SIGINT])
def test_an_answer_that_has_begun_is_given_whole(patient: Service, sign: signal.Signals) -> None:
    with closing(Reader(patient, NUMBERED)) as reader:
        patient.process.send_signal(sign)
        wait_until_it_refuses(patient)
        time.sleep(0.5)
        assert patient.process.poll() is None
        whole = reader.rest()
    assert whole.endswith(END)
    assert whole.count(b"http") > ROWS
    assert patient.process.wait(20) == 0
    assert "rror" not in patient.log.read_text()


def test_what_takes_longer_than_the_grace_breaks_off(hasty: Service) -> None:
    with (
        closing(Reader(hasty, ENDLESS)) as streaming,
        closing(Reader(hasty, SILENT, begun=False)) as silent,
    ):
        time.sleep(1)  # it is asked, and at work
        read: dict[str, bytes] = {}
        threads = [
            threading.Thread(target=lambda name, of: read.update({name: of.rest()}), args=each)
            for each in (("streaming", streaming), ("silent", silent))
        ]
        for thread in threads:
            thread.start()
        hasty.process.send_signal(signal.SIGTERM)
        for thread in threads:
            thread.join(30)
    assert read["streaming"].startswith(b"HTTP/1.1 200")
    assert not read["streaming"].endswith(END)
    head, _, body = read["silent"].partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503")
    assert b"application/problem+json" in head
    assert b"is stopping" in body
    assert hasty.process.wait(20) == 0
    assert "Traceback" not in hasty.log.read_text()


def test_a_second_interrupt_ends_at_once(patient: Service) -> None:
    with closing(Reader(patient, ENDLESS)) as reader:
        patient.process.send_signal(signal.SIGINT)
        wait_until_it_refuses(patient)
        begin = time.monotonic()
        patient.process.send_signal(signal.SIGINT)
        assert patient.process.wait(30) == 0
        assert time.monotonic() - begin < 30
        assert not reader.rest().endswith(END)
    assert "Traceback" not in patient.log.read_text()


def test_no_process_is_left(hasty: Service) -> None:
    workers = hasty.workers()
    hasty.process.send_signal(signal.SIGTERM)
    assert hasty.process.wait(20) == 0
    assert workers
    assert not any(Path(f"/proc/{worker}").exists() for worker in workers)
