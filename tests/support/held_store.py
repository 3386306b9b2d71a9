"""A store that commands read: in a free folder, and through the service that holds it."""

import os
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext

import pytest
from places import COMITY, DATA
from service_process import make_store


@pytest.fixture(scope="module", params=["store", "service"])
def place(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, dict[str, str]]]:
    """The tiny graph, once in a free folder, once held by a service; and the settings of both."""
    settings = {
        "COMITY_STORE": str(make_store(tmp_path_factory.mktemp("place") / "store")),
        "COMITY_BUNDLED": "off",
        "COMITY_QUERIES": str(DATA / "queries"),
    }
    with held(settings) if request.param == "service" else nullcontext():
        yield request.param, settings


@pytest.fixture
def asked(place: tuple[str, dict[str, str]], monkeypatch: pytest.MonkeyPatch) -> str:
    """Which of the two this process asks: what they hold is for all tests that only read."""
    for name, value in place[1].items():
        monkeypatch.setenv(name, value)
    return place[0]


@contextmanager
def held(settings: dict[str, str]) -> Iterator[None]:
    """A service that holds the store."""
    command = [str(COMITY), "serve", "--port", "0"]
    environment = {**os.environ, **settings}
    with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment) as service:
        assert service.stderr is not None
        service.stderr.readline()
        try:
            yield
        finally:
            service.kill()
