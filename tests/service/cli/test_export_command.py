"""`comity export`, on a store and through the service that holds it."""

import io
import os
import resource
import signal
import subprocess
import time
import zipfile
from contextlib import suppress
from pathlib import Path

import networkx as nx
import pyoxigraph as ox
import pytest
from held_store import held
from places import COMITY
from service_process import make_store

from comity.graph.networks.formats.registry import FORMATS
from comity.service.cli.main import run
from comity.service.cli.terminal import progress

ID = "https://w3id.org/comity/id/"
PAIRS = f"""PREFIX id: <{ID}> SELECT ?source ?target ?type
{{ VALUES (?source ?target ?type) {{ (id:iran id:russia "one") (id:iran id:russia "two")
  (id:russia id:river-format "in") }} }}"""
CONSTRUCT = f"CONSTRUCT {{ <{ID}iran> <urn:p> <{ID}russia> }} WHERE {{}}"
LONG = "SELECT ?source ?target { ?source ?a ?b . ?c ?d ?e . ?f ?g ?h . ?i ?j ?k . ?l ?m ?target }"

Capture = pytest.CaptureFixture[bytes]


def export(capfdbinary: Capture, *arguments: str) -> bytes:
    """What a command that succeeds writes to stdout."""
    assert run(["export", *arguments]) == 0, capfdbinary.readouterr().err
    return capfdbinary.readouterr().out


def gexf(data: bytes) -> nx.MultiDiGraph:
    return nx.MultiDiGraph(nx.read_gexf(io.BytesIO(data)))


def triples(data: bytes, format: ox.RdfFormat = ox.RdfFormat.TURTLE) -> set[ox.Quad]:
    """What a file says, but for what it says of itself: its address, its title, its version."""
    found = list(ox.parse(data, format))
    itself = {quad.subject for quad in found if quad.predicate.value.endswith("/network#node")}
    return {quad for quad in found if quad.subject not in itself}


class TestOptions:
    def test_a_view_is_gexf_on_stdout(self, asked: str, capfdbinary: Capture) -> None:
        assert run(["export", "everything"]) == 0
        out, err = capfdbinary.readouterr()
        assert "iran" in gexf(out)
        assert err == b""

    def test_a_query_of_the_catalogue_with_a_parameter(
        self, asked: str, capfdbinary: Capture
    ) -> None:
        graph = gexf(export(capfdbinary, "taking-part", "-p", "who=IRAN"))
        assert ("iran", "river-format") in graph.edges()

    def test_a_text_a_file_and_stdin_are_the_same(
        self, asked: str, capfdbinary: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        file = tmp_path / "mine.rq"
        file.write_text(PAIRS, encoding="utf-8")
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(PAIRS.encode())))
        for arguments in (["-q", PAIRS], [str(file)], ["-"]):
            graph = gexf(export(capfdbinary, *arguments))
            assert (len(graph), graph.number_of_edges()) == (3, 3), arguments

    def test_what_narrows_and_merges(self, asked: str, capfdbinary: Capture) -> None:
        near = gexf(export(capfdbinary, "-q", PAIRS, "--around", "iran"))
        assert set(near) == {"iran", "russia"}
        far = gexf(export(capfdbinary, "-q", PAIRS, "--around", "iran", "--hops", "2"))
        assert set(far) == {"iran", "russia", "river-format"}
        merged = gexf(export(capfdbinary, "-q", PAIRS, "--multi", "merge"))
        assert merged.number_of_edges() == 2

    def test_language_and_flavour(self, asked: str, capfdbinary: Capture) -> None:
        assert gexf(export(capfdbinary, "-q", PAIRS)).nodes["iran"]["label"] == "Iran"
        russian = gexf(export(capfdbinary, "-q", PAIRS, "--lang", "ru"))
        assert russian.nodes["iran"]["label"] == "Иран"
        yed = export(capfdbinary, "-q", PAIRS, "-f", "graphml", "--flavor", "yed")
        assert b"yworks" in yed and b"yworks" not in export(
            capfdbinary, "-q", PAIRS, "-f", "graphml"
        )

    @pytest.mark.parametrize("suffix", sorted(set(FORMATS) - {"svg", "png"}))
    def test_each_format_by_the_name_of_the_file(
        self, asked: str, capfdbinary: Capture, tmp_path: Path, suffix: str
    ) -> None:
        file = tmp_path / f"mine.{suffix}"
        assert run(["export", "-q", PAIRS, "-o", str(file)]) == 0
        out, err = capfdbinary.readouterr()
        assert out == b"" and b"wrote " in err and b"(3 nodes, " in err
        data = file.read_bytes()
        assert zipfile.is_zipfile(file) == suffix.endswith(".zip")
        assert suffix.endswith(".zip") or "Иран" in data.decode() or "Iran" in data.decode()
        assert [each.name for each in tmp_path.glob("*mine*")] == [file.name]

    def test_the_list(self, asked: str, capfdbinary: Capture) -> None:
        assert run(["export", "--list"]) == 0
        out, err = capfdbinary.readouterr()
        lines = out.decode().splitlines()
        assert any(line.startswith("everything ") for line in lines)
        assert not any(line.startswith("gexf ") for line in lines)
        assert all(f"\n{suffix} " in err.decode() for suffix in (*FORMATS, "vowl.json"))

    def test_an_empty_network_says_so(self, asked: str, capfdbinary: Capture) -> None:
        assert run(["export", "-q", "SELECT ?source ?target { ?source <urn:no> ?target }"]) == 0
        out, err = capfdbinary.readouterr()
        assert len(gexf(out)) == 0 and b"the network is empty" in err


class TestTurtle:
    """What `-f ttl` means: of a table its network, of a graph the graph itself."""

    @pytest.mark.parametrize("suffix", ["ttl", "jsonld"])
    def test_of_a_table(self, asked: str, capfdbinary: Capture, suffix: str) -> None:
        data = export(capfdbinary, "-q", PAIRS, "-f", suffix)
        format = ox.RdfFormat.TURTLE if suffix == "ttl" else ox.RdfFormat.JSON_LD
        # Each of the three relations, as a node of its own.
        weights = [quad for quad in triples(data, format) if "weight" in quad.predicate.value]
        assert len(weights) == 3

    def test_of_a_graph(self, asked: str, capfdbinary: Capture) -> None:
        ends = [ox.NamedNode(ID + slug) for slug in ("iran", "russia")]
        only = {ox.Quad(ends[0], ox.NamedNode("urn:p"), ends[1])}
        assert triples(export(capfdbinary, "-q", CONSTRUCT, "-f", "ttl")) == only
        assert triples(export(capfdbinary, "names-of", "-p", "of=iran", "-f", "ttl"))
        assert gexf(export(capfdbinary, "-q", CONSTRUCT)).number_of_edges() == 1

    def test_a_graph_itself_is_not_narrowed(self, asked: str, capfdbinary: Capture) -> None:
        assert run(["export", "-q", CONSTRUCT, "-f", "ttl", "--around", "iran"]) == 2
        assert b"--around applies to networks" in capfdbinary.readouterr().err


def test_from_a_service_as_from_the_store(
    capfdbinary: Capture, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMITY_STORE", str(make_store(tmp_path / "store")))
    monkeypatch.setenv("COMITY_BUNDLED", "off")
    texts = [PAIRS, CONSTRUCT]

    def everything() -> list[set[ox.Quad]]:
        return [
            triples(export(capfdbinary, "-q", text, "-f", suffix), format)
            for text in texts
            for suffix, format in (("ttl", ox.RdfFormat.TURTLE), ("jsonld", ox.RdfFormat.JSON_LD))
        ]

    here = everything()
    with held({}):
        there = everything()
    assert here == there and all(here)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ([], "give the name of a view or query"),
        (["everything", "-q", PAIRS], "give the name of a view or query"),
        (["everythin"], "Did you mean everything"),
        (["taking-parts"], "taking-part"),
        (["./nothing.rq"], "can't read"),
        (["everything", "-f", "gefx"], "The formats are gexf"),
        (["everything", "-o", "FOLDER/x.gefx"], "has no known suffix"),
        (["everything", "-p", "actr=iran"], "actor"),
        (["taking-part", "-p", "who=Irann"], "Did you mean Iran"),
        (["everything", "-p", "actor"], "not name=value"),
        (["everything", "-p", "limit=3"], "always complete"),
        (["everything", "--multi", "both"], "keep or merge"),
        (["everything", "--hops", "2"], "hops without around"),
        (["everything", "--around", "Irann"], "Iran"),
        (["everything", "--flavor", "yed"], "gexf has no"),
        (["everything", "-f", "vowl.json"], "only ontologies"),
        (["ontology", "-f", "vowl.json", "--around", "x"], "takes no parameter"),
        (["ontology", "-f", "vowl.json", "-p", "x=y"], "takes no parameter"),
        (["-q", "ASK {}"], "yes or no"),
    ],
)
def test_wrong_usage(
    asked: str, capfdbinary: Capture, tmp_path: Path, arguments: list[str], message: str
) -> None:
    arguments = [each.replace("FOLDER", str(tmp_path)) for each in arguments]
    code = run(["export", *arguments])
    out, err = capfdbinary.readouterr()
    assert (code, out) == (2, b""), err
    assert message in err.decode()


class TestFiles:
    def test_a_missing_folder_fails_before_the_work(
        self, asked: str, capfdbinary: Capture, tmp_path: Path
    ) -> None:
        file = tmp_path / "none" / "x.gexf"
        assert run(["export", "-q", LONG, "-o", str(file)]) == 1
        assert b"there is no folder" in capfdbinary.readouterr().err
        assert not file.parent.exists()

    @pytest.mark.parametrize(("text", "code"), [("SELECT * {", 1), ("ASK {}", 2)])
    def test_a_file_stays_where_the_work_fails(
        self, asked: str, capfdbinary: Capture, tmp_path: Path, text: str, code: int
    ) -> None:
        file = tmp_path / "x.gexf"
        file.write_bytes(b"before")
        assert run(["export", "-q", text, "-o", str(file)]) == code
        assert file.read_bytes() == b"before"
        assert [each.name for each in tmp_path.glob("*.gexf*")] == ["x.gexf"]

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
    @pytest.mark.parametrize("given", [[], ["-o", "/dev/full", "-f", "gexf"]])
    def test_a_full_disk_is_an_error(self, asked: str, given: list[str]) -> None:
        command = [str(COMITY), "export", "-q", PAIRS, *given]
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                command, check=False, stdout=full, stderr=subprocess.PIPE, timeout=60
            )
        assert done.returncode == 1
        assert b"error: can't write" in done.stderr and b"Traceback" not in done.stderr

    def test_a_disk_that_is_full_half_way_leaves_what_was_there(
        self, asked: str, tmp_path: Path
    ) -> None:
        if asked == "store":
            pytest.skip("the limit would be that of the store's own files, too")
        file = tmp_path / "x.gexf"
        file.write_bytes(b"before")
        done = subprocess.run(
            [str(COMITY), "export", "-q", PAIRS, "-o", str(file)],
            check=False,
            stderr=subprocess.PIPE,
            preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1000, 1000)),
        )
        assert done.returncode == 1 and b"can't write" in done.stderr
        assert file.read_bytes() == b"before"
        assert [each.name for each in tmp_path.glob("*.gexf*")] == ["x.gexf"]

    def test_an_interrupt_leaves_nothing(self, asked: str, tmp_path: Path) -> None:
        file = tmp_path / "x.gexf"
        environment = {**os.environ, "COMITY_TIMEOUT": "50"}
        command = [str(COMITY), "export", "-q", LONG, "-o", str(file)]
        with subprocess.Popen(command, stderr=subprocess.PIPE, env=environment) as work:
            assert work.stderr is not None
            said = work.stderr.readline()  # by then it is at work
            work.send_signal(signal.SIGINT)
            began = time.monotonic()
            _, further = work.communicate(timeout=40)
        assert said.startswith(b"asking for the answer, for ")
        assert work.returncode not in (0, 1) and time.monotonic() - began < 30
        assert b"Traceback" not in further
        assert not list(tmp_path.glob("*.gexf*"))


class TestProgress:
    def test_plain_lines_where_it_takes_long(
        self, asked: str, capfdbinary: Capture, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(progress, "PATIENCE", 0.001)
        assert run(["export", "-q", PAIRS]) == 0
        out, err = capfdbinary.readouterr()
        assert len(gexf(out)) == 3
        first, *_ = err.decode().splitlines()
        assert first.startswith("asking for the answer, for 0 s")

    def test_a_bar_on_a_terminal(self, asked: str, tmp_path: Path) -> None:
        command = [str(COMITY), "export", "-q", PAIRS, "-o", str(tmp_path / "x.gexf")]
        master, slave = os.openpty()
        environment = {**os.environ, "TERM": "xterm", "COLUMNS": "100"}
        done = subprocess.run(
            command, check=False, stdout=subprocess.PIPE, stderr=slave, env=environment
        )
        os.close(slave)
        shown = ""
        with suppress(OSError):  # which the end of a terminal is
            while piece := os.read(master, 1 << 16).decode(errors="replace"):
                shown += piece
        os.close(master)
        assert done.returncode == 0 and done.stdout == b""
        assert "asking for the answer" in shown and "━" in shown and "wrote " in shown
