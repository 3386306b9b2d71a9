"""`kill -9` at random moments of every process, while clients write and ask.

What was acknowledged is there afterwards, nothing is half-written, and the service answers again.
"""

import os
import random
import signal
import sys
import time
from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

import httpx
import pytest
from clients import Client, ReadingClient, WritingClient, compare
from served import TOKEN, Service, until

KINDS = ("worker", "spare", "copy_writer", "derive_process", "start", "service")
KILLS = 100
SEED = 20260101
AGAIN = 10.0  # seconds after which the service answers again; one is meant

pytestmark = pytest.mark.skipif(
    not sys.platform.startswith("linux"), reason="processes are found by /proc"
)


@contextmanager
def at_work(service: Service) -> Iterator[list[WritingClient]]:
    """Two clients that write, and two that ask; nothing may surprise them."""
    writers = [WritingClient(service, number) for number in (1, 2)]
    clients: list[Client] = [*writers, ReadingClient(service), ReadingClient(service)]
    for client in clients:
        client.start()
    try:
        yield writers
    finally:
        for client in clients:
            client.stop()
    assert [fault for client in clients for fault in client.faults] == []


def strike(service: Service, kind: str, moment: random.Random) -> None:
    """Kill a process of a kind; one of the service's own is started again."""
    if kind in ("service", "start"):
        orphans = {child.pid for child in service.children()}
        service.end(signal.SIGKILL)
        until(lambda: not orphans & _alive())
        if kind == "start":  # and again, while it starts
            service.begin()
            time.sleep(moment.uniform(0, 3))
            service.end(signal.SIGKILL)
        service.start()
        return
    name = {"spare": "worker"}.get(kind, kind)
    end = time.monotonic() + 30
    while not (found := service.children(name)):
        assert time.monotonic() < end, f"there is no process to kill: {name}"
        time.sleep(0.005)
    if kind == "derive_process":
        time.sleep(moment.uniform(0, 0.5))
    chosen = max(found, key=lambda each: each.started if kind == "spare" else each.seconds)
    with suppress(ProcessLookupError):
        os.kill(chosen.pid, signal.SIGKILL)


def _alive() -> set[int]:
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if (folder / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z":
                found.add(int(folder.name))
    return found


def answers(service: Service) -> bool:
    try:
        return service.ask("ASK { ?s ?p ?o }", AGAIN).status_code == 200
    except httpx.TransportError:
        return False


def writes(service: Service) -> bool:
    try:
        text = "INSERT DATA { GRAPH <https://example.org/probe> { <x:s> <x:p> 1 } }"
        return service.update(text).status_code == 204
    except httpx.TransportError:
        return False


@pytest.mark.slow
def test_kills(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    moment = random.Random(SEED)
    kinds = [KINDS[n % len(KINDS)] for n in range(KILLS)]
    moment.shuffle(kinds)
    times = defaultdict(list)
    with Service(tmp_path / "store", "--timeout", "20", "--cache", "0") as service:
        service.start()
        with at_work(service) as writers:
            for kind in kinds:
                time.sleep(moment.uniform(0, 0.5))
                if kind == "derive_process":  # which begins when no one writes
                    for writer in writers:
                        writer.rest()
                strike(service, kind, moment)
                times[kind].append(until(lambda: answers(service), AGAIN))
                compare(service, writers)
                until(lambda: writes(service), AGAIN)
                for writer in writers:
                    writer.resume()
            done = sum(len(writer.states) for writer in writers)
        compare(service, writers)
        headers = {"Authorization": f"Bearer {TOKEN}"}
        version = f"{service.address}/version"
        until(
            lambda: (
                httpx.get(version, headers=headers, trust_env=False).json()["derived"] == "current"
            ),
            60,
        )
        assert service.end() == 0
        assert len(list((tmp_path / "store").glob("data-*"))) == 1
        assert not list((tmp_path / "store").glob("upload-*"))
        assert "Traceback" not in service.log
    with capsys.disabled():
        slowest = {kind: f"{max(seconds):.2f} s" for kind, seconds in times.items()}
        print(f"\n{KILLS} kills among {done} writes; answered again after at most {slowest}")
