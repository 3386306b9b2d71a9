"""A tiny store, a client of a service on it, and a real server for what needs a socket."""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path

import pytest
import sample as networks
import uvicorn
from engines import Engine, oxigraph, virtuoso
from fastapi import FastAPI
from places import DATA
from starlette.testclient import TestClient

from comity.graph.engines.embedded.load import load
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.engines.remote import data as remote_data
from comity.graph.engines.remote.store import RemoteStore
from comity.graph.networks.model import Network
from comity.service.app import create_app
from comity.service.http.middleware.connection import Connection
from comity.service.settings import Settings

pytest_plugins = ["chromium", "held_store", "run"]

# Who runs the tests in the background of a shell has them ignore Ctrl-C, and all that they start.
if signal.getsignal(signal.SIGINT) is signal.SIG_IGN:
    signal.signal(signal.SIGINT, signal.default_int_handler)


@pytest.fixture(autouse=True)
def own_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Keep the user's settings and data out of the tests."""
    for name in list(os.environ):
        if name.startswith("COMITY_") and name not in ("COMITY_TEST_DATA", "COMITY_PICTURES"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path / "data-home"))


@pytest.fixture(params=[False, pytest.param(True, marks=pytest.mark.slow)], ids=["", "thorough"])
def thorough(request: pytest.FixtureRequest) -> bool:
    """Whether all is tried of what `make test` tries a part of."""
    return bool(request.param)


@pytest.fixture
def empty() -> Iterator[EmbeddedStore]:
    with closing(open_embedded("memory", bundled=False)) as store:
        yield store


@pytest.fixture(scope="session")
def store() -> Iterator[EmbeddedStore]:
    """The tiny graph, for all tests that only read."""
    with closing(open_embedded("memory", bundled=False)) as store:
        load(store, [DATA / "tiny.trig"])
        yield store


@pytest.fixture(scope="session")
def article() -> Iterator[EmbeddedStore]:
    """The bundled graphs, for all tests that only read."""
    with closing(open_embedded("memory")) as store:
        yield store


@pytest.fixture(scope="session", params=["oxigraph", "virtuoso"])
def engine(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Engine]:
    """An engine elsewhere with the bundled graphs, for tests that leave these as they are."""
    start = {"oxigraph": oxigraph, "virtuoso": virtuoso}[request.param]
    with start(tmp_path_factory.mktemp("engine") / "home") as engine:
        with closing(RemoteStore(engine.endpoint)) as store:
            remote_data.load(store, [], with_bundle=True)
        yield engine


@pytest.fixture
def remote(engine: Engine) -> Iterator[RemoteStore]:
    with closing(RemoteStore(engine.endpoint)) as store:
        yield store


@pytest.fixture
def settings() -> Settings:
    return Settings(store="memory", bundled=False)


@pytest.fixture
def client(store: EmbeddedStore, settings: Settings) -> TestClient:
    return TestClient(create_app(store, settings), follow_redirects=False)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Path]:
    """A disk of 24 MB."""
    disk = tmp_path / "disk"
    disk.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o", "size=24m", "tmpfs", str(disk)]
    try:
        done = subprocess.run(mount, capture_output=True, text=True, check=False)
    except FileNotFoundError:
        pytest.skip("there is no mount here")
    if done.returncode:
        pytest.skip(f"a small disk can't be mounted here: {done.stderr.strip()}")
    try:
        yield disk
    finally:
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


@pytest.fixture
def serve() -> Iterator[Callable[[FastAPI], int]]:
    """Serve an application on a real socket for the length of the test; gives the port."""
    with ExitStack() as stack:
        yield lambda app: stack.enter_context(running(app))


@contextmanager
def running(app: FastAPI) -> Iterator[int]:
    """A server in a thread, as `comity serve` sets it up."""
    config = uvicorn.Config(
        app, port=0, http=Connection, lifespan="off", access_log=False, log_level="critical"
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run)
    thread.start()
    try:
        while not server.started:
            time.sleep(0.005)
        yield server.servers[0].sockets[0].getsockname()[1]
    finally:
        server.should_exit = True
        thread.join()


@pytest.fixture
def sample() -> Iterator[Network]:
    """The network with all that has ever broken a reader."""
    with Network(networks.HEADER) as network:
        networks.fill(network)
        yield network


@pytest.fixture
def merged() -> Iterator[Network]:
    """The same with one edge for each pair of nodes."""
    with Network(replace(networks.HEADER, multi="merge")) as network:
        networks.fill(network)
        yield network
