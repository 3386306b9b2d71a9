"""Backups: never half of one, neither written nor restored."""

import io
import json
import tarfile
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import httpx
import pytest
from fastapi import FastAPI

from comity.graph.engines.embedded import backup
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.engines.writing.writer import Writer
from comity.graph.errors import DataError, StoreError, StoreInUse
from comity.service.app import create_app
from comity.service.cli.main import run
from comity.service.settings import Settings

TRIPLES = " ".join(f'<x:s> <x:p> "{n}" .' for n in range(1000))


def fill(folder: Path, triples: str = TRIPLES) -> None:
    with closing(open_embedded(folder, bundled=False)) as store, store.writing() as engine:
        engine.update(f"INSERT DATA {{ {triples} GRAPH <x:g> {{ {triples} }} }}")


def count(folder: Path) -> int:
    with closing(open_embedded(folder, bundled=False)) as store:
        return len(store.engine)


def back_up(folder: Path, target: Path) -> None:
    with closing(open_embedded(folder, bundled=False)) as store:
        data, _ = store.snapshot()
        if backup.is_packed(target):
            with target.open("wb") as out:
                backup.pack(data, out)
        else:
            backup.copy(data, target)


@pytest.fixture
def store_folder(tmp_path: Path) -> Path:
    fill(tmp_path / "store")
    return tmp_path / "store"


@pytest.fixture(params=["backup.tar.gz", "backup.tgz", "backup"])
def made(request: pytest.FixtureRequest, store_folder: Path, tmp_path: Path) -> Path:
    """A backup, packed or as a folder."""
    target = tmp_path / str(request.param)
    back_up(store_folder, target)
    return target


def test_there_and_back(made: Path, tmp_path: Path) -> None:
    assert backup.restore(made, tmp_path / "new") == 2000
    assert count(tmp_path / "new") == 2000
    # In the place of other data, and again.
    fill(tmp_path / "other", "<x:s> <x:p> 1 .")
    for _ in range(2):
        backup.restore(made, tmp_path / "other")
        assert count(tmp_path / "other") == 2000
    assert len(list((tmp_path / "other").glob("data-*"))) == 1


def test_a_backup_does_not_follow_the_store(made: Path, store_folder: Path, tmp_path: Path) -> None:
    with closing(open_embedded(store_folder, bundled=False)) as store, store.writing() as engine:
        engine.clear()
    assert backup.restore(made, tmp_path / "new") == 2000


def test_a_damaged_store_is_mended(made: Path, store_folder: Path) -> None:
    (store_folder / "CURRENT").unlink()
    (store_folder / "data-1").rename(store_folder / "data-9")
    with pytest.raises(StoreError, match="damaged"):
        open_embedded(store_folder, bundled=False)
    backup.restore(made, store_folder)
    assert count(store_folder) == 2000


def test_not_while_it_is_held(made: Path, store_folder: Path) -> None:
    with closing(open_embedded(store_folder, bundled=False)) as store:
        with pytest.raises(StoreInUse):
            backup.restore(made, store_folder)
        assert len(store.engine) == 2000


def unpacked(path: Path, target: Path) -> Path:
    with path.open("rb") as file:
        backup.unpack(file, target)
    return target


def test_packed_ones_unpack_to_folders(store_folder: Path, tmp_path: Path) -> None:
    back_up(store_folder, tmp_path / "x.tgz")
    folder = unpacked(tmp_path / "x.tgz", tmp_path / "folder")
    assert json.loads((folder / "backup.json").read_text())["format"] == 1
    assert backup.restore(folder, tmp_path / "new") == 2000


@pytest.mark.parametrize(
    "damage", ["cut", "flipped", "lost", "added", "unlisted", "later", "foreign", "empty"]
)
def test_a_damaged_backup_is_refused(store_folder: Path, tmp_path: Path, damage: str) -> None:
    made = tmp_path / "x.tar.gz"
    back_up(store_folder, made)
    data = made.read_bytes()
    if damage in ("cut", "flipped", "empty"):
        middle = len(data) // 2
        made.write_bytes(
            {
                "cut": data[:middle],
                "flipped": data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :],
                "empty": b"",
            }[damage]
        )
    else:
        made = unpacked(made, tmp_path / "folder")
        manifest = json.loads((made / "backup.json").read_text())
        table = max((made / "data-1").iterdir(), key=lambda path: path.stat().st_size)
        if damage == "lost":
            table.unlink()
        elif damage == "added":
            (made / "data-1" / "999999.sst").write_bytes(b"x")
        elif damage == "unlisted":
            (made / "backup.json").unlink()
        elif damage == "later":
            (made / "backup.json").write_text(json.dumps(manifest | {"format": 2}))
        else:
            made = tmp_path / "foreign.tar.gz"
            with tarfile.open(made, "w:gz") as archive:
                entry = tarfile.TarInfo("../../outside")
                archive.addfile(entry, io.BytesIO())
    fill(tmp_path / "other", "<x:s> <x:p> 1 .")
    with pytest.raises(DataError):
        backup.restore(made, tmp_path / "other")
    assert count(tmp_path / "other") == 2
    assert not (tmp_path.parent / "outside").exists()


def test_what_is_there_is_not_written_over(store_folder: Path, tmp_path: Path) -> None:
    (tmp_path / "full").mkdir()
    (tmp_path / "full" / "thesis.doc").touch()
    with pytest.raises(StoreError, match="already exists"):
        back_up(store_folder, tmp_path / "full")
    assert [path.name for path in (tmp_path / "full").iterdir()] == ["thesis.doc"]


# --- the commands


def test_the_commands(
    store_folder: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    stored = ["--store", str(store_folder)]
    for target in (tmp_path / "x.tar.gz", tmp_path / "folder"):
        assert run(["backup", str(target), *stored]) == 0
        assert run(["restore", str(target), *stored]) == 2
        assert "--replace" in capsys.readouterr().err
        assert run(["restore", str(target), "--replace", *stored]) == 0
        assert "2,000 quads" in capsys.readouterr().err
    assert run(["backup", str(tmp_path / "folder"), *stored]) == 1
    assert run(["restore", str(tmp_path / "none"), "--replace", *stored]) == 1
    assert run(["restore", str(tmp_path / "folder"), "--store", "memory"]) == 2
    assert count(store_folder) == 2000


@pytest.mark.parametrize("name", ["x.tar.gz", "folder"])
def test_while_it_is_served(
    store_folder: Path,
    tmp_path: Path,
    name: str,
    serve: Callable[[FastAPI], int],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    arguments = ["backup", str(tmp_path / name), "--store", str(store_folder)]
    with (
        closing(open_embedded(store_folder, bundled=False)) as store,
        closing(Writer(store, timeout=10, memory=500_000_000)) as writer,
    ):
        port = serve(create_app(store, Settings(store="memory", token="secret"), writer))
        store.set_address(f"http://127.0.0.1:{port}/")
        assert run(arguments) == 1
        assert "COMITY_TOKEN" in capsys.readouterr().err
        monkeypatch.setenv("COMITY_TOKEN", "other")
        assert run(arguments) == 1
        assert "token is wrong" in capsys.readouterr().err
        assert not (tmp_path / name).exists()
        monkeypatch.setenv("COMITY_TOKEN", "secret")
        assert run(arguments) == 0
        assert len(list(store_folder.glob("data-*"))) == 1
        address = f"http://127.0.0.1:{port}/backup"
        response = httpx.get(address, headers={"Authorization": "Bearer secret"})
        assert response.headers["content-type"] == "application/gzip"
        assert ".tar.gz" in response.headers["content-disposition"]
    assert backup.restore(tmp_path / name, tmp_path / "new") == 2000


def test_a_service_that_breaks_off_leaves_no_backup(
    empty: EmbeddedStore,
    tmp_path: Path,
    serve: Callable[[FastAPI], int],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def broken(data: Path, out: io.BufferedIOBase) -> None:
        out.write(b"x" * 100_000)
        raise OSError("broken")

    monkeypatch.setattr(backup, "pack", broken)
    with closing(Writer(empty, timeout=10, memory=500_000_000)) as writer:
        app = create_app(empty, Settings(store="memory", token="secret"), writer)
        port = serve(app)
        headers = {"Authorization": "Bearer secret"}
        with pytest.raises(httpx.RemoteProtocolError):
            httpx.get(f"http://127.0.0.1:{port}/backup", headers=headers)
    assert len(list(empty.folder.glob("data-*"))) == 1
