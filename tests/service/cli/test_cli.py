"""The command line: in this process, and as a real one where sockets and signals matter."""

import errno
import io
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pyoxigraph
import pyoxigraph as ox
import pytest
from places import COMITY, DATA

from comity.service.cli.main import run

TINY = DATA / "tiny.trig"
LABELS = """
PREFIX comity: <https://w3id.org/comity/ontology#>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
SELECT ?label { ?s a comity:State ; rdfs:label ?label FILTER (LANG(?label) = "en") } ORDER BY ?label
"""
CSV = "label\r\nIran\r\nRussia\r\nUnited States\r\n"
COMMANDS = [
    ["serve"],
    ["query"],
    ["load"],
    ["dump"],
    ["backup"],
    ["restore"],
    ["check"],
    ["bench"],
    ["source", "list"],
    ["source", "attach"],
    ["source", "quote"],
]

Capture = pytest.CaptureFixture[str]


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> Path:
    """A store in a folder, with the tiny graph in it, that the commands use."""
    monkeypatch.setenv("COMITY_STORE", str(tmp_path / "store"))
    monkeypatch.setenv("COMITY_BUNDLED", "off")
    assert run(["load", str(TINY)]) == 0
    capfd.readouterr()
    return tmp_path / "store"


@contextmanager
def served(*flags: str) -> Iterator[tuple[subprocess.Popen[str], str]]:
    """A `comity serve` of its own on any free port, and its address."""
    command = [str(COMITY), "serve", "--port", "0", *flags]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        line = process.stderr.readline()
        try:
            yield process, line.partition(" at ")[2].partition(" ")[0]
        finally:
            process.kill()


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_help_has_a_summary_and_examples(command: list[str], capfd: Capture) -> None:
    assert run([*command, "--help"]) == 0
    out = capfd.readouterr().out
    assert "Examples:" in out
    assert f"comity {' '.join(command)}" in out


def test_version(capfd: Capture) -> None:
    assert run(["--version"]) == 0
    assert capfd.readouterr().out.startswith("comity ")


@pytest.mark.parametrize(
    "arguments", [[], ["nonsense"], ["query"], ["query", "a", "-q", "b"], ["serve", "--port", "x"]]
)
def test_wrong_usage(arguments: list[str]) -> None:
    assert run(arguments) == 2


def test_a_bad_setting(monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> None:
    monkeypatch.setenv("COMITY_TIMEOUT", "soon")
    assert run(["query", "-q", "ASK {}"]) == 2
    lines = capfd.readouterr().err.splitlines()
    assert lines[0].startswith("error: COMITY_TIMEOUT=soon: ")
    assert lines[1].startswith("hint: ")


def test_help_loads_no_engine() -> None:
    code = (
        "import sys\nfrom comity.service.cli.main import run\nrun(['--help'])\n"
        "heavy = {'pyoxigraph', 'fastapi', 'rdflib', 'rich', 'httpx', 'pydantic'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


def test_serving_loads_no_reasoner() -> None:
    code = (
        "import sys\nimport comity.service.cli.actions.serve\n"
        "heavy = {'rdflib', 'pyshacl', 'owlready2', 'owlrl'}\n"
        "sys.exit(', '.join(heavy & set(sys.modules)) or 0)"
    )
    done = subprocess.run([sys.executable, "-c", code], check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr


@pytest.mark.usefixtures("folder")
class TestQuery:
    """`comity query`."""

    def test_inline(self, capfd: Capture) -> None:
        assert run(["query", "-q", LABELS]) == 0
        assert "United States" in capfd.readouterr().out

    def test_file(self, tmp_path: Path) -> None:
        (tmp_path / "q.rq").write_text(LABELS)
        command = [str(COMITY), "query", str(tmp_path / "q.rq")]
        assert subprocess.run(command, check=True, capture_output=True).stdout == CSV.encode()

    def test_stdin(self, monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> None:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(LABELS.encode())))
        assert run(["query", "-"]) == 0
        assert "Iran" in capfd.readouterr().out

    @pytest.mark.parametrize("name", ["json", "xml", "csv", "tsv"])
    def test_formats(self, name: str, capfd: Capture) -> None:
        assert run(["query", "-q", LABELS, "--format", name]) == 0
        assert "United States" in capfd.readouterr().out

    def test_construct(self, capfd: Capture) -> None:
        assert run(["query", "-q", "CONSTRUCT { ?s a ?o } { ?s a ?o }"]) == 0
        out = capfd.readouterr().out
        assert len(list(ox.parse(out, ox.RdfFormat.TURTLE))) > 10

    def test_a_terminal_gets_a_table(self, monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> None:
        monkeypatch.setattr("comity.service.cli.actions.query.is_terminal", lambda: True)
        assert run(["query", "-q", "SELECT ?s ?p { ?s a ?p ; <x:no> ?o }"]) == 0
        assert run(["query", "-q", LABELS]) == 0
        assert run(["query", "-q", "ASK {}"]) == 0
        captured = capfd.readouterr()
        assert "label" in captured.out
        assert "Russia" in captured.out
        assert captured.out.rstrip().endswith("yes")
        assert captured.err.splitlines() == ["0 rows", "3 rows"]

    @pytest.mark.parametrize(
        ("query", "flags", "code", "message"),
        [
            ("SELECT", [], 1, "error: "),
            ("ASK {}", ["--format", "docx"], 2, "error: this answer has no format docx"),
            ("ASK {}", ["--format", "gexf"], 2, "error: gexf is a network"),
            ("ASK {}", ["--format", "ttl"], 1, "error: "),
            ("ASK { SERVICE <http://127.0.0.1:9/> {} }", [], 1, "error: "),
        ],
    )
    def test_errors(
        self, query: str, flags: list[str], code: int, message: str, capfd: Capture
    ) -> None:
        assert run(["query", "-q", query, *flags]) == code
        captured = capfd.readouterr()
        assert captured.err.startswith(message)
        assert captured.out == ""
        assert len(captured.err.splitlines()) <= 2

    def test_a_byte_order_mark(self, tmp_path: Path, capfd: Capture) -> None:
        (tmp_path / "bom.rq").write_bytes(b"\xef\xbb\xbfASK {}")
        assert run(["query", str(tmp_path / "bom.rq")]) == 0
        assert "true" in capfd.readouterr().out

    @pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs /dev/full")
    @pytest.mark.parametrize(
        "command",
        [
            ["query", "-q", "SELECT * { ?s ?p ?o }"],
            ["query", "statistics"],
            ["query", "--list"],
            ["dump"],
            ["source", "list"],
        ],
        ids=" ".join,
    )
    def test_a_full_disk_behind_stdout(self, folder: Path, command: list[str]) -> None:
        with open("/dev/full", "wb") as full:
            done = subprocess.run(
                [COMITY, *command], check=False, stdout=full, stderr=subprocess.PIPE, text=True
            )
        assert done.returncode == 1
        assert done.stderr == "error: can't write the result: No space left on device\n"

    def test_no_such_file(self, capfd: Capture) -> None:
        assert run(["query", "nowhere.rq"]) == 2
        assert "nowhere.rq" in capfd.readouterr().err

    def test_a_time_limit_ends_the_process(self) -> None:
        heavy = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?o ?q }"
        start = time.monotonic()
        done = subprocess.run(
            [COMITY, "query", "-q", heavy, "--timeout", "0.3"],
            check=False,
            capture_output=True,
            text=True,
        )
        assert done.returncode == 1
        assert done.stderr.startswith("error: ")
        assert time.monotonic() - start < 20


class TestData:
    """`comity load` and `comity dump`."""

    def test_load_reports(self, folder: Path, tmp_path: Path, capfd: Capture) -> None:
        (tmp_path / "more.ttl").write_text("<x:a> <x:b> <x:c> .")
        assert run(["load", str(tmp_path / "more.ttl"), "--graph", "https://e.example/g"]) == 0
        captured = capfd.readouterr()
        assert captured.out == ""
        assert "https://e.example/g" in captured.err
        assert run(["query", "-q", "ASK { GRAPH <https://e.example/g> { <x:a> ?p ?o } }"]) == 0
        assert "true" in capfd.readouterr().out

    def test_load_says_what_the_ontology_has_no_longer(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
    ) -> None:
        monkeypatch.setenv("COMITY_STORE", str(tmp_path / "store"))
        old = "https://w3id.org/comity/ontology#formatIssue"
        (tmp_path / "mine.ttl").write_text(f"<x:talks> <{old}> <x:river> .")
        assert run(["load", str(tmp_path / "mine.ttl")]) == 0
        told = capfd.readouterr().err
        assert "comity:formatIssue is comity:about now (1 triple)" in told
        update = told[told.index("PREFIX comity:") : told.rindex("}") + 1]
        store = pyoxigraph.Store()
        store.update(f"INSERT DATA {{ GRAPH <x:mine> {{ <x:talks> <{old}> <x:river> }} }}")
        store.update(update)
        (quad,) = store
        assert quad.predicate.value == "https://w3id.org/comity/ontology#about"

    def test_a_faulty_file_changes_nothing(
        self, folder: Path, tmp_path: Path, capfd: Capture
    ) -> None:
        (tmp_path / "good.ttl").write_text("<x:a> <x:b> <x:c> .")
        (tmp_path / "bad.ttl").write_text("<x:a> <x:b> ")
        assert run(["load", str(tmp_path / "good.ttl"), str(tmp_path / "bad.ttl")]) == 1
        assert "bad.ttl" in capfd.readouterr().err
        assert run(["query", "-q", "ASK { <x:a> ?p ?o }"]) == 0
        assert "false" in capfd.readouterr().out

    def test_replace(self, folder: Path, tmp_path: Path, capfd: Capture) -> None:
        more = tmp_path / "more.ttl"
        for text in ("<x:a> <x:b> 1 .", "<x:a> <x:b> 2 ."):
            more.write_text(text)
            assert run(["load", "--replace", str(more)]) == 0
        capfd.readouterr()
        assert run(["query", "-q", "SELECT ?o { <x:a> <x:b> ?o }"]) == 0
        assert capfd.readouterr().out.split() == ["o", "2"]

    @pytest.mark.parametrize(
        ("format", "syntax"),
        [("trig", ox.RdfFormat.TRIG), ("nq", ox.RdfFormat.N_QUADS), ("ttl", ox.RdfFormat.TURTLE)],
    )
    def test_dump(self, folder: Path, format: str, syntax: ox.RdfFormat, capfd: Capture) -> None:
        assert run(["dump", "--format", format]) == 0
        found = {quad.triple for quad in ox.parse(capfd.readouterr().out, syntax)}
        assert found == {quad.triple for quad in ox.parse(path=str(TINY))}

    def test_dump_one_graph(self, folder: Path, capfd: Capture) -> None:
        assert run(["dump", "-f", "nq", "--graph", "https://w3id.org/comity/graph/states"]) == 0
        graphs = {q.graph_name for q in ox.parse(capfd.readouterr().out, ox.RdfFormat.N_QUADS)}
        assert graphs == {ox.NamedNode("https://w3id.org/comity/graph/states")}

    def test_dump_to_a_file(self, folder: Path, tmp_path: Path) -> None:
        target = tmp_path / "all.nq"
        assert run(["dump", "-f", "nq", "-o", str(target)]) == 0
        assert len(target.read_text().splitlines()) == len(list(ox.parse(path=str(TINY))))
        assert target.stat().st_mode & 0o777 == 0o666 & ~_umask()

    def test_a_failed_dump_leaves_the_file(self, folder: Path, tmp_path: Path) -> None:
        target = tmp_path / "all.nq"
        target.write_text("before")
        assert run(["dump", "-o", str(target), "--graph", "no iri"]) == 1
        assert target.read_text() == "before"
        assert sorted(p.name for p in tmp_path.iterdir() if "all.nq" in p.name) == ["all.nq"]
        assert run(["dump", "-o", str(tmp_path / "no" / "all.nq")]) == 1

    def test_a_dump_that_can_not_be_written(
        self, folder: Path, tmp_path: Path, capfd: Capture
    ) -> None:
        (tmp_path / "folder").mkdir()
        assert run(["dump", "-o", str(tmp_path / "folder")]) == 1
        assert "can't write" in capfd.readouterr().err

    @pytest.mark.skipif(sys.platform == "win32", reason="needs named pipes")
    def test_a_dump_into_a_pipe(self, folder: Path, tmp_path: Path) -> None:
        pipe = tmp_path / "pipe"
        os.mkfifo(pipe)
        with subprocess.Popen([COMITY, "dump", "-f", "nq", "-o", pipe]) as process:
            lines = pipe.read_text().splitlines()
        assert process.returncode == 0
        assert len(lines) == len(list(ox.parse(path=str(TINY))))
        assert pipe.is_fifo()

    def test_a_dump_through_a_link(self, folder: Path, tmp_path: Path) -> None:
        (tmp_path / "link.nq").symlink_to(tmp_path / "all.nq")
        (tmp_path / "all.nq").write_text("before")
        assert run(["dump", "-f", "nq", "-o", str(tmp_path / "link.nq")]) == 0
        assert (tmp_path / "link.nq").is_symlink()
        assert (tmp_path / "all.nq").read_text() != "before"

    def test_an_interrupted_load_says_what_became_of_it(
        self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
    ) -> None:
        def interrupt(*_: object, **__: object) -> None:
            raise KeyboardInterrupt

        monkeypatch.setattr("comity.graph.engines.embedded.load.read_quads", interrupt)
        assert run(["load", str(TINY)]) == 130
        assert "the store is unchanged" in capfd.readouterr().err
        monkeypatch.undo()
        monkeypatch.setenv("COMITY_STORE", str(folder))
        monkeypatch.setenv("COMITY_BUNDLED", "off")
        monkeypatch.setattr(
            "comity.service.cli.actions.load_dump.load_progress", _interrupted_at_the_end
        )
        assert run(["load", str(TINY)]) == 130
        assert "everything was loaded" in capfd.readouterr().err


@contextmanager
def _interrupted_at_the_end() -> Iterator[None]:
    yield None
    raise KeyboardInterrupt


def test_sources(capfd: Capture, tmp_path: Path) -> None:
    assert run(["source", "list"]) == 0
    assert "moscow-tehran-relations\t2021-02-22\tno text" in capfd.readouterr().out
    (tmp_path / "text").write_text("another text")
    assert run(["source", "attach", "moscow-tehran-relations", str(tmp_path / "text")]) == 1
    assert "SHA-256" in capfd.readouterr().err
    assert run(["source", "attach", "nothing", str(tmp_path / "text")]) == 1


def test_check_as_json(tmp_path: Path, capfd: Capture) -> None:
    (tmp_path / "bad.ttl").write_text("<x:a> <x:b> ")
    assert run(["check", str(tmp_path / "bad.ttl"), "--format", "json"]) == 1
    findings = json.loads(capfd.readouterr().out)
    assert [(f["check"], f["severity"]) for f in findings] == [("files", "error")]
    assert run(["check", str(tmp_path / "bad.ttl")]) == 1
    assert "bad.ttl" in capfd.readouterr().out


def test_check_as_a_table(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture) -> None:
    monkeypatch.setattr("comity.service.cli.actions.check.is_terminal", lambda: True)
    (tmp_path / "bad.ttl").write_text("<x:a> <x:b> ")
    assert run(["check", str(tmp_path / "bad.ttl")]) == 1
    captured = capfd.readouterr()
    assert "parse" in captured.out
    assert captured.err.splitlines()[-1] == "error: 1, warning: 0, skipped: 0"


@pytest.mark.skipif(os.name == "nt", reason="signals of POSIX")
class TestServe:
    """`comity serve`."""

    @pytest.mark.parametrize("end", [signal.SIGINT, signal.SIGTERM])
    def test_serves_until_a_signal(self, folder: Path, end: signal.Signals) -> None:
        with served() as (process, address):
            assert httpx.get(f"{address}health", trust_env=False).json() == {"status": "ok"}
            answer = httpx.get(f"{address}sparql", params={"query": LABELS, "format": "csv"})
            assert answer.text == CSV
            process.send_signal(end)
            assert process.wait(20) == 0
            assert process.stderr is not None
            assert process.stderr.read() == ""

    def test_ends_while_a_query_runs(self, folder: Path) -> None:
        heavy = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l . ?m ?o ?q }"
        with served("--timeout", "0.3") as (process, address):
            answer = httpx.get(f"{address}sparql", params={"query": heavy}, timeout=20)
            assert answer.status_code == 504
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0

    def test_a_held_folder(self, folder: Path, capfd: Capture) -> None:
        with served() as (process, address):
            assert run(["serve", "--port", "0"]) == 1
            assert str(process.pid) in capfd.readouterr().err
            assert run(["load", str(TINY)]) == 1
            assert "COMITY_TOKEN" in capfd.readouterr().err
            assert run(["query", "-q", LABELS]) == 0
            assert "United States" in capfd.readouterr().out
            assert run(["query", "-q", "SELECT"]) == 1
            assert capfd.readouterr().err.startswith("error: ")
            assert httpx.get(f"{address}health", trust_env=False).status_code == 200

    def test_loading_through_the_service(
        self, folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capfd: Capture
    ) -> None:
        (tmp_path / "one.ttl").write_text("_:x <x:p> 1 .")
        (tmp_path / "two.ttl").write_text("_:x <x:p> 2 .")
        (tmp_path / "bad.ttl").write_text("_:x <x:p> .")
        one, two, bad = (str(tmp_path / f"{name}.ttl") for name in ("one", "two", "bad"))
        numbers = "SELECT ?n { ?s <x:p> ?n } ORDER BY ?n"
        graphs = "https://w3id.org/comity/graph"
        monkeypatch.setenv("COMITY_TOKEN", "secret")
        with served() as (process, address):

            def found() -> list[str]:
                asked = {"query": numbers, "format": "csv"}
                return httpx.get(f"{address}sparql", params=asked).text.split()[1:]

            monkeypatch.setenv("COMITY_TOKEN", "other")
            assert run(["load", one]) == 1
            assert "token is wrong" in capfd.readouterr().err
            monkeypatch.setenv("COMITY_TOKEN", "secret")
            assert run(["load", one, bad]) == 1
            assert "bad.ttl:1:" in capfd.readouterr().err
            assert found() == []
            assert run(["load", one, two]) == 0
            said = capfd.readouterr().err
            assert f"1 into <{graphs}/one>" in said and f"1 into <{graphs}/two>" in said
            assert found() == ["1", "2"]
            assert run(["load", one, "--graph", f"{graphs}/two", "--replace"]) == 0
            assert found() == ["1", "1"]
            assert run(["load", one, "--graph", "no iri"]) == 1
            process.send_signal(signal.SIGINT)
            assert process.wait(20) == 0

    def test_writing_and_reading_in_turn(
        self, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        """The writer, the processes that read, and the deriving in the background together."""
        monkeypatch.setenv("COMITY_STORE", str(tmp_path / "store"))
        monkeypatch.setenv("COMITY_TOKEN", "secret")
        person = "<x:p> a <https://w3id.org/comity/ontology#Person>"
        derived = "ASK { GRAPH <https://w3id.org/comity/graph/derived> { <x:p> a ?class } }"
        with served() as (process, address):
            with httpx.Client(base_url=address, timeout=60) as client:
                headers = {"Authorization": "Bearer secret"}

                def ask(query: str) -> bool:
                    return bool(client.get("sparql", params={"query": query}).json()["boolean"])

                for number in range(5):
                    update = f"INSERT DATA {{ GRAPH <x:g> {{ <x:s> <x:n> {number} . {person} }} }}"
                    answer = client.post("update", data={"update": update}, headers=headers)
                    assert answer.status_code == 204
                    assert ask(f"ASK {{ <x:s> <x:n> {number} }}")
                deadline = time.monotonic() + 60
                while not ask(derived) and time.monotonic() < deadline:
                    time.sleep(0.5)
                assert ask(derived)
                assert client.get("version").json()["derived"] == "current"
                tag = client.get("store?graph=x:g").headers["etag"]
                put = {"content-type": "text/turtle", "if-match": tag} | headers
                assert client.put("store?graph=x:g", content="", headers=put).status_code == 204
                assert not ask("ASK { <x:s> ?p ?o }")
            process.send_signal(signal.SIGTERM)
            assert process.wait(20) == 0
        assert len(list((tmp_path / "store").glob("data-*"))) == 1

    def test_port_in_use(self, folder: Path, capfd: Capture) -> None:
        with socket.create_server(("127.0.0.1", 0)) as taken:
            port = taken.getsockname()[1]
            assert run(["serve", "--port", str(port)]) == 1
        lines = capfd.readouterr().err.splitlines()
        assert (
            lines[0] == f"error: can't listen on 127.0.0.1:{port}: {os.strerror(errno.EADDRINUSE)}"
        )
        assert lines[1].startswith("hint: ")

    def test_no_such_host(self, folder: Path, capfd: Capture) -> None:
        assert run(["serve", "--host", "203.0.113.1", "--port", "0"]) == 1
        assert "error: can't listen on 203.0.113.1:0" in capfd.readouterr().err


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
