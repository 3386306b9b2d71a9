"""Loading: into which graphs, all or nothing, whatever goes wrong."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pyoxigraph import NamedNode

from comity.graph.engines.bundle import Bundle, install
from comity.graph.engines.embedded.load import LoadProgress, graph_name_for, load
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.errors import DataError, NotAllowed, QueryError, StoreError

GRAPH = "https://w3id.org/comity/graph/"
MINE = "http://example.org/mine"


@pytest.fixture
def store() -> Iterator[EmbeddedStore]:
    store = open_embedded("memory", bundled=False)
    yield store
    store.close()


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Three files, one of them packed and in a folder below, and one that is not RDF."""
    (tmp_path / "below").mkdir()
    (tmp_path / "One Étude.ttl").write_text("<http://e/a> <http://e/p> 1, 2 .")
    (tmp_path / "below" / "two.nt").write_text("<http://e/b> <http://e/p> <http://e/c> .\n")
    (tmp_path / "three.trig").write_text(
        "<http://e/g> { <http://e/d> <http://e/p> 3 } <http://e/x> <http://e/p> 4 ."
    )
    (tmp_path / "README.md").write_text("not RDF")
    return tmp_path


def contents(store: EmbeddedStore) -> dict[str, int]:
    """The size of each graph."""
    found: dict[str, int] = {}
    for quad in store.engine:
        name = getattr(quad.graph_name, "value", "")
        found[name] = found.get(name, 0) + 1
    return found


def test_a_folder_and_the_names_of_its_graphs(store: EmbeddedStore, folder: Path) -> None:
    report = load(store, [folder])
    expected = {
        GRAPH + "one-etude": 2,
        GRAPH + "two": 1,
        "http://e/g": 1,
        GRAPH + "three": 1,
    }
    assert contents(store) == expected == report.graphs
    assert (len(report.sources), report.quads) == (3, 5)
    assert report.seconds > 0
    assert "loaded 5 quads of 3 files" in str(report)
    assert f"2 into <{GRAPH}one-etude>" in str(report)


@pytest.mark.parametrize(
    ("source", "slug"),
    [
        ("x/UN votes (1946).ttl.gz", "un-votes-1946"),
        ("https://example.org/a/b%20c.ttl?d=e.f", "b-c"),
        ("v1.2.nt", "v1-2"),
        ("Ω.ttl", "loaded"),
        ("https://example.org/", "loaded"),
    ],
)
def test_slugs(source: str, slug: str) -> None:
    assert graph_name_for(source).value == GRAPH + slug


def test_a_graph_of_ones_own(store: EmbeddedStore, folder: Path) -> None:
    load(store, [str(folder / "One Étude.ttl"), str(folder / "three.trig")], graph=MINE)
    assert contents(store) == {MINE: 3, "http://e/g": 1}


def test_loading_adds_and_replacing_replaces_only_the_graphs_of_the_files(
    store: EmbeddedStore, folder: Path
) -> None:
    load(store, [folder])
    (folder / "more.nt").write_text("<http://e/n> <http://e/p> <http://e/c> .\n")
    load(store, [folder / "more.nt"], graph=GRAPH + "one-etude")
    assert contents(store)[GRAPH + "one-etude"] == 3
    report = load(store, [folder / "more.nt"], graph=GRAPH + "one-etude", replace=True)
    assert contents(store) == {
        GRAPH + "one-etude": 1,
        GRAPH + "two": 1,
        "http://e/g": 1,
        GRAPH + "three": 1,
    }
    assert report.graphs == {GRAPH + "one-etude": 1}


def test_a_replaced_graph_may_come_from_many_files(store: EmbeddedStore, tmp_path: Path) -> None:
    for n in range(3):
        (tmp_path / f"{n}.nt").write_text(
            "".join(f"<http://e/{n}> <http://e/p> <http://e/{m}> .\n" for m in range(20_000))
        )
    load(store, [tmp_path / "0.nt"], graph=MINE)
    load(store, [tmp_path / "1.nt", tmp_path / "2.nt"], graph=MINE, replace=True)
    assert contents(store) == {MINE: 40_000}
    subjects = {quad.subject for quad in store.engine}
    assert subjects == {NamedNode("http://e/1"), NamedNode("http://e/2")}


def test_progress_is_told(store: EmbeddedStore, tmp_path: Path) -> None:
    path = tmp_path / "a.nt"
    path.write_text("".join(f"<http://e/{n}> <http://e/p> <http://e/o> .\n" for n in range(25_000)))
    seen: list[LoadProgress] = []
    load(store, [path], progress=seen.append)
    assert [p.quads for p in seen] == sorted(p.quads for p in seen)
    assert seen[-1].bytes_read == seen[-1].bytes_total == path.stat().st_size
    assert (seen[-1].source, seen[-1].index, seen[-1].sources) == (str(path), 0, 1)


@pytest.mark.parametrize("bad", ["broken.ttl", "missing.ttl", "empty"])
def test_one_bad_source_and_nothing_is_loaded(store: EmbeddedStore, folder: Path, bad: str) -> None:
    load(store, [folder / "three.trig"])
    before, version = contents(store), store.version
    (folder / "broken.ttl").write_text("<http://e/1> <http://e/p> 1 .\nnonsense")
    (folder / "empty").mkdir()
    with pytest.raises(DataError):
        load(store, [folder / "One Étude.ttl", folder / bad], replace=True)
    assert (contents(store), store.version) == (before, version)


def test_a_graph_that_is_no_iri(store: EmbeddedStore, folder: Path) -> None:
    with pytest.raises(QueryError, match="not an IRI"):
        load(store, [folder], graph="no iri")


def test_an_empty_name_is_not_the_current_folder(
    store: EmbeddedStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(folder)
    with pytest.raises(DataError, match="name is empty"):
        load(store, [""])


def test_a_broken_address(store: EmbeddedStore) -> None:
    with pytest.raises(DataError, match="not a web address"):
        load(store, ["http://[::1"])


def test_a_folder_without_rdf_says_how_rdf_is_named(store: EmbeddedStore, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("none")
    with pytest.raises(DataError, match="no RDF file") as caught:
        load(store, [tmp_path])
    assert ".ttl" in (caught.value.hint or "")


def test_a_folder_that_can_not_be_listed_is_not_left_out(
    store: EmbeddedStore, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    closed = folder / "closed"
    closed.mkdir()
    scandir = os.scandir

    def refuse(path: str | Path | int) -> object:  # chmod holds nobody back who is root
        if path in (closed, str(closed)):
            raise PermissionError(13, "Permission denied", str(path))
        return scandir(path)

    monkeypatch.setattr(os, "scandir", refuse)
    with pytest.raises(DataError, match="closed: Permission denied"):
        load(store, [folder])


@pytest.fixture
def bundled(store: EmbeddedStore, tmp_path: Path) -> EmbeddedStore:
    ontology = tmp_path / "ontology"
    ontology.mkdir()
    (ontology / "comity.ttl").write_text("<http://e/C> <http://e/p> 'class' .")
    install(store, Bundle(ontology, tmp_path / "graph"))
    return store


@pytest.mark.parametrize("name", ["ontology", "derived", "bundle"])
def test_protected_graphs_are_not_written(bundled: EmbeddedStore, folder: Path, name: str) -> None:
    before = contents(bundled)
    with pytest.raises(NotAllowed, match=name):
        load(bundled, [folder / "One Étude.ttl"], graph=GRAPH + name)
    (folder / "sneaky.trig").write_text(
        f"<http://e/g> {{ <http://e/d> <http://e/p> 3 }} <{GRAPH}{name}> {{ <x:a> <x:b> 1 }}"
    )
    with pytest.raises(NotAllowed, match=r"sneaky\.trig: .*" + name):
        load(bundled, [folder / "sneaky.trig"])
    assert contents(bundled) == before


def test_nothing_is_protected_without_the_bundle(store: EmbeddedStore, folder: Path) -> None:
    load(store, [folder / "One Étude.ttl"], graph=GRAPH + "ontology")
    assert contents(store) == {GRAPH + "ontology": 2}


LOADER = """
import sys
from comity.graph.engines.opening import open_embedded
from comity.graph.engines.embedded.load import load

def tell(progress):
    print(progress.quads, flush=True)

store = open_embedded(sys.argv[1], bundled=False)
try:
    load(store, sys.argv[2:], graph="http://example.org/mine", replace=True, progress=tell)
finally:
    store.close()
"""


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_a_load_that_is_stopped_leaves_the_store_as_it_was(
    tmp_path: Path, sign: signal.Signals
) -> None:
    small, big, place = tmp_path / "small.nt", tmp_path / "big.nt", tmp_path / "store"
    small.write_text("<http://e/a> <http://e/p> <http://e/b> .\n")
    big.write_text("".join(f"<http://e/{n}> <http://e/p> <http://e/b> .\n" for n in range(400_000)))
    store = open_embedded(place, bundled=False)
    load(store, [small], graph=MINE)
    store.close()
    with subprocess.Popen(
        [sys.executable, "-c", LOADER, str(place), str(big)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    ) as loader:
        assert loader.stdout is not None
        while int(loader.stdout.readline()) < 50_000:
            pass
        os.kill(loader.pid, sign)
        _, errors = loader.communicate(timeout=20)
        assert loader.returncode != 0
        assert ("KeyboardInterrupt" in errors) == (sign == signal.SIGINT)
    store = open_embedded(place, bundled=False)
    assert contents(store) == {MINE: 1}
    assert len(list(place.glob("data-*"))) == 1
    store.close()


def test_a_full_disk_is_an_error_and_reading_goes_on(tmp_path: Path) -> None:
    """A limit on the size of files stands in for a full disk: it needs no mount."""
    script = """
import resource, signal, sys
from comity.graph.engines.opening import open_embedded
from comity.graph.errors import StoreError
from comity.graph.engines.embedded.load import load
store = open_embedded(sys.argv[1], bundled=False)
load(store, [sys.argv[2]], graph="http://example.org/mine")
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
try:
    load(store, [sys.argv[3]], graph="http://example.org/other")
except StoreError as error:
    print("error:", error)
print(len(list(store.select("SELECT * { ?s ?p ?o }"))))
store.close()
"""
    small, big = tmp_path / "small.nt", tmp_path / "big.nt"
    small.write_text("<http://e/a> <http://e/p> <http://e/b> .\n")
    big.write_text("".join(f"<http://e/{n}> <http://e/p> <http://e/b> .\n" for n in range(50_000)))
    place = str(tmp_path / "store")
    out = subprocess.run(
        [sys.executable, "-c", script, place, str(small), str(big)],
        check=False,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert out.stdout.startswith("error: "), out
    assert out.stdout.endswith("\n1\n"), out


def test_loading_is_not_slower_than_it_need_be(store: EmbeddedStore, tmp_path: Path) -> None:
    path = tmp_path / "a.nt"
    path.write_text(
        "".join(f"<http://e/{n}> <http://e/p> <http://e/o> .\n" for n in range(100_000))
    )
    start = time.monotonic()
    load(store, [path])
    assert time.monotonic() - start < 30  # about 1 s


def test_a_closed_store_does_not_load(tmp_path: Path, folder: Path) -> None:
    store = open_embedded(tmp_path / "store", bundled=False)
    store.close()
    with pytest.raises(StoreError, match="closed"):
        load(store, [folder])
