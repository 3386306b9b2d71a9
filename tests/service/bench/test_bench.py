"""`comity bench`: answers compared, figures, who fails, and a whole small run."""

import json
import os
import runpy
import signal
import subprocess
import sys
from collections import Counter
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import psutil
import pytest
from hypothesis import given
from hypothesis import strategies as st
from needs import need
from places import COMITY, ROOT

from comity.graph.errors import DataError
from comity.service.bench import answers, engines, report
from comity.service.bench.answers import ComparedAnswer, NoAnswer
from comity.service.bench.engine_processes import running, write_data
from comity.service.bench.results import Measurement, Results, RoundResult, mean_ratio, read_results
from comity.service.bench.rounds import Plan, Rounds
from comity.service.bench.server import EngineFailed, Server, free_port
from comity.service.bench.workloads import CLIENTS, WORKLOADS, BenchmarkQuery
from comity.service.cli.main import run

SELECT = BenchmarkQuery("q", "SELECT * {}", exact=True)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="engines are ended as POSIX has it")
Capture = pytest.CaptureFixture[str]


class TestAnswers:
    """Answers of different engines are the same where they say the same."""

    @pytest.mark.parametrize(
        ("one", "other"),
        [
            (("literal", "7", "integer"), ("typed-literal", "7", "int")),
            (("literal", "0.5", "decimal"), ("literal", "5.0E-1", "double")),
            (
                ("literal", "2021-02-22T00:00:00Z", "dateTime"),
                ("typed-literal", "2021-02-22T00:00:00+00:00", "dateTime"),
            ),
            (("literal", "a", "string"), ("literal", "a", None)),
        ],
    )
    def test_alike(self, one: tuple[str, str, str], other: tuple[str, str, str | None]) -> None:
        assert answers.read(SELECT, table(one)) == answers.read(SELECT, table(other))

    def test_different(self) -> None:
        values = [("literal", "7", "integer"), ("uri", "7", None), ("literal", "7", "string")]
        found = {answers.read(SELECT, table(value)) for value in values}
        found.add(answers.read(SELECT, table(*values[:2])))
        assert len(found) == 4

    @given(st.lists(st.text(max_size=4), min_size=1))
    def test_the_order_of_rows_is_free_and_their_number_is_not(self, texts: list[str]) -> None:
        values: list[tuple[str, str, str | None]] = [("literal", text, None) for text in texts]
        answer = answers.read(SELECT, table(*values))
        assert answer.rows == len(texts)
        assert answers.read(SELECT, table(*values[::-1])) == answer
        assert answers.read(SELECT, table(*values[1:])) != answer
        assert answers.read(SELECT, table(*values, values[0])) != answer

    def test_graphs_are_sets(self) -> None:
        query = BenchmarkQuery(
            "q", "PREFIX x: <x:>\nCONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", exact=True
        )
        once, twice = b"<a:b> <a:c> <a:d> .\n", b"<a:b> <a:c> <a:d> .\n<a:b> <a:c> <a:d> .\n"
        assert answers.read(query, once) == answers.read(query, twice)
        assert answers.read(query, once).rows == 1

    @pytest.mark.parametrize("content", [b"", b"<html>", b"{}", b'{"head": {}, "results": 1}'])
    def test_no_answer(self, content: bytes) -> None:
        with pytest.raises(NoAnswer):
            answers.read(SELECT, content)

    def test_the_minority_is_wrong(self) -> None:
        right, other, fewer = ComparedAnswer(3, "a"), ComparedAnswer(3, "b"), ComparedAnswer(2, "c")
        assert answers.disagreeing({"x": right, "y": right}) == {}
        assert answers.disagreeing({"x": right, "y": right, "z": fewer}) == {
            "z": "2 rows; most have 3"
        }
        assert "different ones" in answers.disagreeing({"x": right, "y": right, "z": other})["z"]
        assert set(answers.disagreeing({"x": right, "y": other})) == {"x", "y"}


def table(*values: tuple[str, str, str | None]) -> bytes:
    """A result with one column."""
    xsd = "http://www.w3.org/2001/XMLSchema#"
    rows = [
        {"x": {"type": kind, "value": value} | ({"datatype": xsd + of} if of else {})}
        for kind, value, of in values
    ]
    return json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": rows}}).encode()


def results(**times: list[float]) -> Results:
    """Results of one analytic query."""
    measurements = [
        Measurement("analytic", "star", name, 1, "ms", runs=[RoundResult(time_) for time_ in runs])
        for name, runs in times.items()
    ]
    machine: dict[str, str | int] = {"processor": "x", "processors": 2, "memory": 2**30}
    made = Results(
        "0", "2021-02-22", "comity bench", machine, 1, 1, 3, 20, {}, [], {}, measurements
    )
    made.finish()
    return made


class TestResults:
    """What is made of the figures."""

    def test_medians_and_ratios(self) -> None:
        ours, theirs = results(comity=[3, 1, 2], oxigraph=[4, 4, 100]).measurements
        assert (ours.median, theirs.median, ours.ratio, theirs.ratio) == (2, 4, 1, 2)

    def test_more_answers_are_better(self) -> None:
        made = results(comity=[200], oxigraph=[100])
        for each in made.measurements:
            each.unit = "requests/s"
        made.finish()
        assert made.measurements[1].ratio == 2

    def test_who_failed_has_no_median(self) -> None:
        made = results(comity=[1], oxigraph=[1])
        made.measurements[1].outcome = "timeout"
        made.measurements[1].median = None
        made.finish()
        assert made.measurements[1].median is None

    def test_the_mean_is_geometric(self) -> None:
        each = results(comity=[1], a=[2], b=[8]).measurements[1:]
        assert mean_ratio(each) == pytest.approx(4)
        assert mean_ratio([]) is None

    def test_a_file_comes_back(self, tmp_path: Path) -> None:
        made = results(comity=[1, 2], oxigraph=[3])
        made.write(tmp_path / "r.json")
        assert read_results(tmp_path / "r.json") == made

    @pytest.mark.parametrize("text", ["", "{}", '{"engines": []}', "[]"])
    def test_another_file_does_not(self, text: str, tmp_path: Path) -> None:
        (tmp_path / "r.json").write_text(text)
        with pytest.raises(DataError):
            read_results(tmp_path / "r.json")


# Answers the first query that it gets, by which it is known to be up, and then as it is told to.
STRANGE = """
import http.server, sys, time
how, port = sys.argv[1], int(sys.argv[2])
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        if "ASK" not in self.path:
            if how == "late": time.sleep(60)
            if how == "broken": return
            if how == "failing": return self.send_error(500, "no room left")
        body = b'{"head": {"vars": []}, "results": {"bindings": []}}'
        self.send_response(200)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
http.server.ThreadingHTTPServer(("127.0.0.1", port), Handler).serve_forever()
"""


def strange(how: str, name: str) -> engines.Engine:
    """An engine that is wrong, late, failing or broken."""

    def serve(place: engines.EngineFolder) -> Server:
        port = free_port()
        command = [sys.executable, "-c", STRANGE, how, str(port)]
        return Server(command, f"http://127.0.0.1:{port}/", place.log)

    return engines.Engine(name, "1", lambda place: None, serve)


def test_who_is_late_or_wrong_is_named_and_not_timed(tmp_path: Path) -> None:
    (oxigraph,), _ = engines.found(["oxigraph"], 10_000)
    kinds = ["wrong", "late", "failing", "broken"]
    some = [replace(oxigraph, name="one"), replace(oxigraph, name="two")]
    some += [strange(kind, kind) for kind in kinds]
    write_data(tmp_path / "bench.nt", 10_000, 1)
    plan = Plan(2, 0.1, 1.5, 1, ["repeated-small", "large-result"])
    said: list[str] = []
    with (
        running(some, tmp_path, tmp_path / "bench.nt", 1.5, {}, said.append) as started,
        closing(Rounds(plan, started, said.append)) as rounds,
    ):
        before = {each.name: each.server.process.pid for each in started}
        rounds.run()
        anew = {each.name for each in started if each.server.process.pid != before[each.name]}
    outcomes = {(each.engine, each.query): each.outcome for each in rounds.measurements}
    for query in ("small", "big-select"):
        assert outcomes["one", query] == outcomes["two", query] == "ok"
        expected = dict(zip(kinds, ["wrong", "timeout", "error", "error"], strict=True))
        assert {kind: outcomes[kind, query] for kind in kinds} == expected
    for each in rounds.measurements:
        assert len(each.runs) == (2 if each.engine in ("one", "two") else 0), each
        assert (each.detail is None) == (each.outcome == "ok")
    assert anew == {"late", "broken"}
    assert any("wrong: 0 rows; most have" in line for line in said)
    assert any("status 500" in line and "no room left" in line for line in said)


def test_an_engine_that_does_not_start_is_left_out(tmp_path: Path) -> None:
    def serve(place: engines.EngineFolder) -> Server:
        return Server(["sh", "-c", "echo no room; exit 1"], "http://127.0.0.1:1/", place.log)

    absent: dict[str, str] = {}
    bad = engines.Engine("bad", "1", lambda place: None, serve)
    with running([bad], tmp_path, tmp_path / "none", 1, absent, lambda _: None) as started:
        assert not started
    assert "no room" in absent["bad"]
    with (
        pytest.raises(EngineFailed),
        running([replace(bad, name="comity")], tmp_path, tmp_path, 1, {}, lambda _: None),
    ):
        pass


@dataclass(frozen=True)
class Whole:
    """A run of the command: what it printed and said, and what it wrote."""

    out: str
    err: str
    found: dict[str, Any]
    folder: Path

    def names(self) -> list[str]:
        return [each["name"] for each in self.found["engines"]]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Whole:
    """The command over a tiny graph, with all engines that are here."""
    folder = tmp_path_factory.mktemp("bench")
    files = ["--output", str(folder / "bench.json"), "--plot", str(folder / "bench.svg")]
    sizes = ["--triples", "10k", "--rounds", "1", "--seconds", "0.1"]
    done = subprocess.run(
        [str(COMITY), "bench", *sizes, *files],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ
        | {"TMPDIR": str(folder), "COMITY_UNION": "off", "COMITY_MEMORY": "nonsense"},
    )
    assert done.returncode == 0, done.stderr
    return Whole(done.stdout, done.stderr, json.loads((folder / "bench.json").read_text()), folder)


@pytest.mark.slow
class TestRun:
    """`comity bench` itself."""

    def test_it_compares_every_engine_that_is_here(self, whole: Whole) -> None:
        assert {"comity", "oxigraph", "rdflib-endpoint"} <= set(whole.names())
        assert {*whole.names(), *whole.found["absent"]} == {kind.name for kind in engines.KINDS}
        need("virtuoso" in whole.names(), "Virtuoso: apt-get install virtuoso-opensource")

    def test_its_results_have_what_is_promised(self, whole: Whole) -> None:
        found = read_results(whole.folder / "bench.json")
        assert json.loads(json.dumps(asdict(found))) == whole.found
        assert 10_000 <= found.triples < 10_200
        assert found.machine["processors"]
        assert found.command.startswith("comity bench --triples 10k ")
        assert set(found.client_microseconds) == set(whole.names())
        for engine in found.engines:
            assert engine.memory_idle
            assert (engine.memory_peak or 0) > 1e6
            assert engine.start_seconds > 0
        asked = Counter((each.workload, each.clients) for each in found.measurements)
        expected = {(each, clients): 1 for each in WORKLOADS[:2] for clients in CLIENTS}
        expected |= {("large-result", 1): 1, ("analytic", 1): 22}
        assert asked == {key: n * len(found.engines) for key, n in expected.items()}

    def test_every_engine_gives_the_same_answers(self, whole: Whole) -> None:
        """A slow machine may make one late; nothing may be wrong."""
        for each in read_results(whole.folder / "bench.json").measurements:
            assert each.outcome in ("ok", "timeout"), each
            if each.engine == "comity":
                assert each.outcome == "ok", each
                assert each.median, each
            if each.workload == "analytic" and each.outcome == "ok":
                assert each.rows is not None  # 10,000 triples are too few for some
                assert each.first_byte

    def test_it_prints_tables(self, whole: Whole) -> None:
        header = next(line for line in whole.out.splitlines() if line.startswith("|"))
        assert [cell.strip() for cell in header.split("|")[2:-1]] == whole.names()
        for name in ("fresh-small, 1 client: p50, ms", "opposed-pairs", "memory at most, MB"):
            assert f"| {name} " in whole.out

    def test_it_draws(self, whole: Whole) -> None:
        picture = (whole.folder / "bench.svg").read_text()
        assert picture.startswith("<?xml")
        for text in ("opposed-pairs", "oxigraph, repeated", "milliseconds"):
            assert text in picture

    def test_nothing_stays_behind(self, whole: Whole) -> None:
        assert {each.name for each in whole.folder.iterdir()} == {"bench.json", "bench.svg"}


def test_an_interruption_ends_the_engines(tmp_path: Path) -> None:
    command = [str(COMITY), "bench", "--triples", "10k", "--engine", "oxigraph", "--seconds", "30"]
    environment = os.environ | {"TMPDIR": str(tmp_path)}
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env=environment) as bench:
        assert bench.stderr
        children: list[psutil.Process] = []
        for line in bench.stderr:
            if line.startswith("repeated-small"):
                children = psutil.Process(bench.pid).children(recursive=True)
                bench.send_signal(signal.SIGINT)
        assert bench.wait(30) != 0
    assert len(children) >= 2
    assert not psutil.wait_procs(children, timeout=20)[1]
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["--triples", "9"], "--triples 9: should be a number from 10k to 10M"),
        (["--triples", "many"], "--triples many"),
        (["--triples", "1e99"], "--triples 1e99"),
        (["--engine", "sqlite"], "oxigraph, virtuoso, rdflib-endpoint"),
        (["--workload", "other"], "repeated-small, fresh-small, large-result, analytic"),
        (["--plot", "x.gif"], ".svg, .png or .pdf"),
        (["--output", "/nowhere/x.json"], "no folder /nowhere"),
        (["--output", "/"], "/ is a folder"),
    ],
    ids=lambda value: " ".join(value) if isinstance(value, list) else "",
)
def test_wrong_usage(arguments: list[str], said: str, capfd: Capture) -> None:
    assert run(["bench", *arguments]) == 2
    assert said in capfd.readouterr().err


def test_the_readme_has_the_figures_that_were_measured() -> None:
    program = runpy.run_path(str(ROOT / "tests" / "benchmarks" / "readme.py"))
    results = read_results(program["RESULTS"])
    readme = program["README"].read_text(encoding="utf-8")
    assert program["with_figures"](readme, results) == readme
    assert report.summary(results) in readme
    assert report.tables(results) in program["RESULTS"].with_suffix(".md").read_text()
