"""Derived facts made anew in the background: after writes, beside queries and writers, or not at all."""

import logging
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from threading import Thread

import httpx
import pyoxigraph as ox
import pytest
from fastapi import FastAPI
from places import COMITY

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.engines.writing.deriving import BackgroundDerivation
from comity.graph.errors import StoreError, WriteConflict
from comity.graph.rdf import namespaces
from comity.graph.store.record import is_lagging
from comity.service.app import create_app
from comity.service.settings import Settings

Log = pytest.LogCaptureFixture
EVENT = f"ASK {{ <https://example.org/m> a <{namespaces.COMITY}Event> }}"


@pytest.fixture
def store(tmp_path: Path) -> Iterator[EmbeddedStore]:
    """A store in a folder, with the bundled graphs."""
    with closing(open_embedded(tmp_path / "store")) as store:
        yield store


@pytest.fixture(autouse=True)
def all_lines(caplog: Log) -> None:
    caplog.set_level(logging.INFO, "comity")


def write(store: EmbeddedStore, name: str = "m") -> None:
    """Write what has a consequence: a meeting, which is an event."""
    with store.writing() as engine:
        engine.update(
            f"INSERT DATA {{ GRAPH <https://example.org/g> {{ "
            f"<https://example.org/{name}> a <{namespaces.COMITY}Meeting> }} }}"
        )


def until(condition: Callable[[], object], seconds: float = 30) -> None:
    end = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < end, "it did not come about"
        time.sleep(0.01)


def gated(gate: Path) -> list[str]:
    """A command that derives once a file is there, and says that it waits by another."""
    code = (
        "import pathlib, sys, time\nfrom comity.graph.engines.writing.derive_process import main\n"
        f"gate = pathlib.Path({str(gate)!r})\ngate.with_name('waiting').touch()\n"
        "while not gate.exists(): time.sleep(0.01)\n"
        "main()\n"
    )
    return [sys.executable, "-c", code]


def begun(caplog: Log) -> int:
    return sum(line.startswith("rebuilding derived facts") for line in caplog.messages)


def ended(caplog: Log) -> int:
    return sum(line.startswith("derived ") for line in caplog.messages)


def directories(folder: Path) -> int:
    return sum(path.is_dir() for path in (folder / "store").iterdir())


def test_what_lags_at_the_start_is_derived_anew(store: EmbeddedStore, caplog: Log) -> None:
    write(store)
    assert not store.select(EVENT)
    with closing(BackgroundDerivation(store, quiet=0)) as deriving:
        deriving.start()
        until(lambda: not is_lagging(store))
    assert store.select(EVENT)
    assert [begun(caplog), ended(caplog)] == [1, 1]


def test_what_is_current_is_left_alone(store: EmbeddedStore, caplog: Log) -> None:
    version = store.version
    with closing(BackgroundDerivation(store, quiet=0)) as deriving:
        deriving.start()
        deriving.written()
        time.sleep(0.2)
    assert store.version == version
    assert not begun(caplog)


def test_a_store_without_the_bundled_graphs_never_lags(empty: EmbeddedStore) -> None:
    write(empty)
    assert not is_lagging(empty)


def test_many_writes_are_one_deriving(store: EmbeddedStore, caplog: Log) -> None:
    with closing(BackgroundDerivation(store, quiet=0.3)) as deriving:
        deriving.start()
        for n in range(5):
            write(store, f"m{n}")
            deriving.written()
            time.sleep(0.02)
        until(lambda: not is_lagging(store))
    assert [begun(caplog), ended(caplog)] == [1, 1]
    for n in range(5):
        assert store.select(EVENT.replace("/m>", f"/m{n}>"))


def test_queries_and_writers_go_on_and_the_version_says_it_lags(
    store: EmbeddedStore, tmp_path: Path, serve: Callable[[FastAPI], int], caplog: Log
) -> None:
    address = f"http://127.0.0.1:{serve(create_app(store, Settings(store='memory')))}"
    gate = tmp_path / "gate"

    def derived() -> str:
        return str(httpx.get(f"{address}/version").json()["derived"])

    assert derived() == "current"
    write(store)
    with closing(BackgroundDerivation(store, quiet=0, command=gated(gate))) as deriving:
        deriving.start()
        until((tmp_path / "waiting").exists)
        assert derived() == "lagging"
        assert httpx.get(f"{address}/sparql", params={"query": EVENT}).json()["boolean"] is False
        store.snapshot()
        write(store, "n")  # without a word to the deriving, which sees it at its end
        gate.touch()
        until(lambda: derived() == "current")
        for name in ("m", "n"):
            query = EVENT.replace("/m>", f"/{name}>")
            assert httpx.get(f"{address}/sparql", params={"query": query}).json()["boolean"]
    assert [begun(caplog), ended(caplog)] == [2, 1]


def test_a_write_ends_what_it_makes_out_of_date(
    store: EmbeddedStore, tmp_path: Path, caplog: Log
) -> None:
    gate = tmp_path / "gate"
    write(store)
    with closing(BackgroundDerivation(store, quiet=0, command=gated(gate))) as deriving:
        deriving.start()
        until((tmp_path / "waiting").exists)
        write(store, "n")
        deriving.written()
        until(lambda: begun(caplog) == 2)
        gate.touch()
        until(lambda: not is_lagging(store))
    assert store.select(EVENT.replace("/m>", "/n>"))
    assert ended(caplog) == 1


def test_a_failure_is_told_and_leaves_the_store_as_it_was(
    store: EmbeddedStore, tmp_path: Path, caplog: Log
) -> None:
    write(store)
    version, before = store.version, directories(tmp_path)
    command = [sys.executable, "-c", "import sys; print('more'); sys.exit('the rule is faulty')"]
    with closing(BackgroundDerivation(store, quiet=0, command=command)) as deriving:
        deriving.start()
        until(lambda: any("could not be rebuilt" in line for line in caplog.messages))
        assert "the rule is faulty (exit 1)" in caplog.messages[-1]
        assert is_lagging(store)
        assert (store.version, directories(tmp_path)) == (version, before)
        deriving.written()
        until(lambda: begun(caplog) == 2)


def test_the_end_of_the_service_ends_it_at_once(
    store: EmbeddedStore, tmp_path: Path, caplog: Log
) -> None:
    write(store)
    before = directories(tmp_path)
    deriving = BackgroundDerivation(store, quiet=0, command=gated(tmp_path / "gate"))
    deriving.start()
    until((tmp_path / "waiting").exists)
    deriving.close()
    assert is_lagging(store)
    assert directories(tmp_path) == before
    assert not ended(caplog)
    assert not any(record.levelno > logging.INFO for record in caplog.records)


def test_one_that_was_never_started_can_be_closed(store: EmbeddedStore) -> None:
    deriving = BackgroundDerivation(store)
    deriving.close()
    assert "comity-deriving" not in {thread.name for thread in threading.enumerate()}


def test_the_process_ends_with_the_one_that_began_it(tmp_path: Path) -> None:
    ox.Store(str(tmp_path / "data")).flush()
    command = [
        sys.executable,
        "-m",
        "comity.graph.engines.writing.derive_process",
        str(tmp_path / "data"),
    ]
    orphan = subprocess.run(command, stdin=subprocess.DEVNULL, check=False, capture_output=True)
    assert orphan.returncode == 1
    assert not orphan.stdout


def test_the_process_says_what_is_wrong(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("no database")
    command = [
        sys.executable,
        "-m",
        "comity.graph.engines.writing.derive_process",
        str(tmp_path / "data"),
    ]
    with subprocess.Popen(
        command, stdin=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        (line,) = process.stderr.read().splitlines()
    assert process.returncode == 1
    assert "data" in line


# --- the store


def test_a_copy_takes_the_place_of_the_data(store: EmbeddedStore) -> None:
    version = store.version
    with store.exchanging() as data:
        engine = ox.Store(str(data))
        engine.update("INSERT DATA { GRAPH <x:g> { <x:a> <x:b> <x:c> } }")
        engine.flush()
        del engine
        assert not store.select("ASK { <x:a> <x:b> <x:c> }")
    assert store.select("ASK { <x:a> <x:b> <x:c> }")
    assert store.version != version


def test_a_copy_that_is_overtaken_is_dropped(store: EmbeddedStore, tmp_path: Path) -> None:
    before = directories(tmp_path)
    with pytest.raises(WriteConflict), store.exchanging():
        write(store)
    assert directories(tmp_path) == before


def test_a_copy_of_a_store_that_was_closed_is_dropped(store: EmbeddedStore, tmp_path: Path) -> None:
    before = directories(tmp_path)
    with pytest.raises(WriteConflict), store.exchanging():
        store.close()
    assert directories(tmp_path) == before


def test_a_copy_that_is_broken_is_an_error(store: EmbeddedStore, tmp_path: Path) -> None:
    before, version = directories(tmp_path), store.version
    with pytest.raises(StoreError, match="can't be written"), store.exchanging() as data:
        (data / "CURRENT").write_text("nonsense")
    assert (directories(tmp_path), store.version) == (before, version)


def test_a_snapshot_waits_for_no_load(store: EmbeddedStore) -> None:
    with store.replacing():
        thread = Thread(target=store.snapshot)
        thread.start()
        thread.join(10)
        assert not thread.is_alive()


# --- comity serve


@contextmanager
def served(store: Path) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A `comity serve` of its own on any free port, and its address."""
    command = [str(COMITY), "serve", "--port", "0", "--store", str(store), "--log-level", "info"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        try:
            yield process, line.partition(" at ")[2].partition(" ")[0]
        finally:
            process.kill()


def test_serving_derives_anew_what_lags(tmp_path: Path) -> None:
    with closing(open_embedded(tmp_path / "store")) as store:
        write(store)
    with served(tmp_path / "store") as (process, address):
        until(lambda: httpx.get(f"{address}version").json()["derived"] == "current")
        assert httpx.get(f"{address}sparql", params={"query": EVENT}).json()["boolean"]
        process.terminate()
        assert process.wait(20) == 0
        assert process.stderr is not None
        lines = [line for line in process.stderr.read().splitlines() if " deriv" in line]
    assert lines[0].endswith(" INFO rebuilding derived facts")
    assert " INFO derived " in lines[1]
    with closing(open_embedded(tmp_path / "store")) as store:
        assert not is_lagging(store)
        assert store.select(EVENT)


def test_serving_that_is_stopped_while_it_derives(tmp_path: Path) -> None:
    with closing(open_embedded(tmp_path / "store")) as store:
        write(store)
    with served(tmp_path / "store") as (process, _):
        assert process.stderr is not None
        assert "rebuilding derived facts" in process.stderr.readline()
        process.terminate()
        assert process.wait(20) == 0
    with closing(open_embedded(tmp_path / "store")) as store:
        assert directories(tmp_path) == 1
        assert store.select(EVENT) or is_lagging(store)
