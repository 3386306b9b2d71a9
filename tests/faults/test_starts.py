"""A service that starts on what a crash has left, on what is broken, and with little to open files with."""

import json
import os
import socket
import subprocess
import sys
from contextlib import ExitStack, closing
from pathlib import Path

import pytest
from places import COMITY
from served import Service, until

from comity.graph.engines.opening import open_embedded

ALONE = {"COMITY_BUNDLED": "off"}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A store with one triple."""
    with (
        closing(open_embedded(tmp_path / "store", bundled=False)) as store,
        store.writing() as engine,
    ):
        engine.update("INSERT DATA { <x:s> <x:p> 1 }")
    return tmp_path / "store"


def test_what_a_crash_has_left(folder: Path) -> None:
    current = (folder / "CURRENT").read_text()
    for name in ("data-77", "data-78.tmp", "data-"):
        (folder / name).mkdir()
        (folder / name / "000001.sst").write_bytes(b"half")
    for name in ("CURRENT.new", "holder.json.new", "upload-abc"):
        (folder / name).write_bytes(b"half")
    (folder / "lock").touch()
    (folder / "holder.json").write_text(json.dumps({"pid": os.getpid(), "command": "comity serve"}))
    with Service(folder, environment=ALONE) as service:
        service.start()
        assert service.rows("SELECT ?o { ?s ?p ?o }") == [["1"]]
        assert service.update("INSERT DATA { <x:s> <x:p> 2 }").status_code == 204
        assert service.end() == 0
    assert (folder / "CURRENT").read_text() != current
    names = {path.name for path in folder.iterdir()}
    assert {name for name in names if name.startswith("data-")} == {
        (folder / "CURRENT").read_text()
    }
    assert not {"upload-abc", "CURRENT.new", "holder.json.new"} & names


@pytest.mark.parametrize("broken", ["data-99", "manifest", "table"])
def test_what_is_broken_is_named_and_left_as_it_is(folder: Path, broken: str) -> None:
    data = folder / (folder / "CURRENT").read_text()
    if broken == "manifest":
        next(data.glob("MANIFEST-*")).write_bytes(b"half")
    elif broken == "table":
        for table in data.glob("*.sst"):
            table.unlink()
    else:
        (folder / "CURRENT").write_text(broken)
    before = {path for path in folder.rglob("*") if path.is_file() and path.suffix != ".old"}
    command = [str(COMITY), "serve", "--port", "0", "--store", str(folder)]
    done = subprocess.run(
        command, env=os.environ | ALONE, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.returncode == 1
    assert str(folder) in done.stderr and "Traceback" not in done.stderr
    after = {path for path in folder.rglob("*") if path.is_file()}
    assert {path for path in before if path.parent.name.startswith("data-")} - after == set()


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the shell's ulimit")
def test_more_connections_than_it_may_have(folder: Path) -> None:
    through = ("sh", "-c", 'ulimit -n 150; exec "$@"', "sh")
    with Service(folder, environment=ALONE, through=through) as service:
        service.start()
        host, port = service.address.removeprefix("http://").split(":")
        with ExitStack() as crowd:
            for _ in range(300):
                crowd.enter_context(socket.create_connection((host, int(port)), timeout=30))
        until(lambda: service.ask("ASK {}").status_code == 200)
        assert service.update("INSERT DATA { <x:s> <x:p> 2 }").status_code == 204
        assert service.end() == 0
        assert "Traceback" not in service.log
