"""`comity bench`: the graph that it makes, the client, the answers compared, and a whole small run."""

import asyncio
import itertools
import json
import os
import re
import runpy
import signal
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import psutil
import pyoxigraph as ox
import pytest
from outside import need

from comity.graph.errors import DataError
from comity.graph.front_matter import read_folder
from comity.graph.resources import queries_folder
from comity.graph.solutions import select
from comity.graph.synthetic import triples
from comity.service.bench import answers, engines, report
from comity.service.bench.answers import Answer, NoAnswer
from comity.service.bench.client import Client, TooSlow, Unanswered, request
from comity.service.bench.results import Measurement, Results, Run, mean_ratio, read_results
from comity.service.bench.rounds import Plan, Rounds
from comity.service.bench.running import running, write_data
from comity.service.bench.server import EngineFailed, Server, free_port
from comity.service.bench.workloads import CLIENTS, WORKLOADS, Query, analytic, fresh, small
from comity.service.cli import run

COMITY = Path(sys.executable).with_name("comity")
ROOT = Path(__file__).resolve().parent.parent
ALL = os.environ.get("COMITY_TEST_ALL") == "1"
SIZE = 100_000
SELECT = Query("q", "SELECT * {}", exact=True)

pytestmark = pytest.mark.skipif(os.name != "posix", reason="engines are ended as POSIX has it")
Capture = pytest.CaptureFixture[str]


@pytest.fixture(scope="module")
def graph() -> ox.Store:
    store = ox.Store()
    store.bulk_load("".join(triples(SIZE)).encode(), format=ox.RdfFormat.N_TRIPLES)
    return store


class TestGraph:
    """The graph that is made up."""

    def test_it_has_the_size_asked_for_and_no_triple_twice(self, graph: ox.Store) -> None:
        lines = "".join(triples(SIZE)).splitlines()
        assert SIZE <= len(lines) < SIZE + 200
        assert len(set(lines)) == len(lines) == len(graph)

    def test_a_seed_makes_one_graph(self) -> None:
        assert list(triples(9_000, seed=1)) == list(triples(9_000, seed=1))
        assert list(triples(9_000, seed=1)) != list(triples(9_000, seed=2))

    def test_a_smaller_one_is_the_beginning_of_a_larger_one(self) -> None:
        assert list(itertools.islice(triples(30_000), 7_000)) == list(triples(30_000))[:7_000]

    def test_it_uses_the_ontologys_own_words(self, graph: ox.Store) -> None:
        ontology = ox.Store()
        ontology.load(path=ROOT / "ontology" / "comity.ttl")
        terms = {str(quad.subject) for quad in ontology}
        used = {str(quad.predicate) for quad in graph} | {
            str(quad.object) for quad in graph if isinstance(quad.object, ox.NamedNode)
        }
        ours = {term for term in used if term.startswith("<https://w3id.org/comity/ontology#")}
        assert len(ours) > 40
        assert ours <= terms, ours - terms

    @pytest.mark.parametrize("query", [*analytic(), small()], ids=lambda query: query.name)
    def test_every_query_finds_something(self, graph: ox.Store, query: Query) -> None:
        found = graph.query(query.text)
        assert not isinstance(found, ox.QueryBoolean)
        assert any(True for _ in found), query.text

    def test_there_are_twenty_two_shapes_with_a_summary(self) -> None:
        files = read_folder(queries_folder() / "benchmarks" / "analytic")
        assert len(files) == len(analytic()) == 22
        assert all(file.first("summary") for file in files)


def test_fresh_values_come_once_each_and_find_ten_rows(graph: ox.Store) -> None:
    message = request("http://127.0.0.1:1/sparql", small().text)
    made = list(itertools.islice(fresh(message, itertools.count()), 5_000))
    assert len(set(made)) == 5_000
    sizes: Counter[int] = Counter()
    for each in made[:200]:
        text = re.search(rb"\?query=(\S+) HTTP", each)
        assert text
        sizes[len(select(graph, unquote(text[1].decode())))] += 1
    assert set(sizes) <= set(range(11))
    assert sizes.total() == 200
    assert sizes[0] < 100


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

    def test_the_order_of_rows_is_free(self) -> None:
        values = ("uri", "a", None), ("uri", "b", None)
        assert answers.read(SELECT, table(*values)) == answers.read(SELECT, table(*values[::-1]))

    def test_graphs_are_sets(self) -> None:
        query = Query("q", "PREFIX x: <x:>\nCONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", exact=True)
        once, twice = b"<a:b> <a:c> <a:d> .\n", b"<a:b> <a:c> <a:d> .\n<a:b> <a:c> <a:d> .\n"
        assert answers.read(query, once) == answers.read(query, twice)
        assert answers.read(query, once).rows == 1

    @pytest.mark.parametrize("content", [b"", b"<html>", b"{}", b'{"head": {}, "results": 1}'])
    def test_no_answer(self, content: bytes) -> None:
        with pytest.raises(NoAnswer):
            answers.read(SELECT, content)

    def test_the_minority_is_wrong(self) -> None:
        right, other, fewer = Answer(3, "a"), Answer(3, "b"), Answer(2, "c")
        assert answers.disagreeing({"x": right, "y": right}) == {}
        assert answers.disagreeing({"x": right, "y": right, "z": fewer}) == {
            "z": "2 rows where most have 3"
        }
        assert "other rows" in answers.disagreeing({"x": right, "y": right, "z": other})["z"]
        assert set(answers.disagreeing({"x": right, "y": other})) == {"x", "y"}


def table(*values: tuple[str, str, str | None]) -> bytes:
    """A result with one column."""
    xsd = "http://www.w3.org/2001/XMLSchema#"
    rows = [
        {"x": {"type": kind, "value": value} | ({"datatype": xsd + of} if of else {})}
        for kind, value, of in values
    ]
    return json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": rows}}).encode()


class TestClient:
    """The client, against a server of a few lines."""

    def test_an_answer_in_pieces(self) -> None:
        head = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        pieces = [head, b"3\r\nabc\r\n", b"2\r\nde\r\n0\r\n\r\n"]
        with served(pieces, pause=0.05) as at, closing(Client()) as client:
            got = client.fetch(at, request(at, "ASK {}"), limit=5, keep=True)
        assert (got.status, got.content, got.size) == (200, b"abcde", 5)
        assert 0 < got.first_byte < got.seconds
        assert got.seconds > 0.1

    def test_a_late_answer(self) -> None:
        with served([b"HTTP/1.1 200 OK\r\n", b"", b""], pause=5) as at, closing(Client()) as client:
            started = time.monotonic()
            with pytest.raises(TooSlow):
                client.fetch(at, request(at, "ASK {}"), limit=0.2)
            assert time.monotonic() - started < 4

    def test_a_broken_answer(self) -> None:
        pieces = [b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc"]
        with served(pieces, hang_up=True) as at, closing(Client()) as client:
            with pytest.raises(Unanswered):
                client.fetch(at, request(at, "ASK {}"), limit=5)
            with pytest.raises(Unanswered):
                client.load(at, itertools.repeat(request(at, "ASK {}")), 2, 0.2, 5)

    @pytest.mark.parametrize("hang_up", [False, True], ids=["kept open", "closed"])
    def test_load_counts_what_was_answered(self, hang_up: bool) -> None:
        close = b"Connection: close\r\n" if hang_up else b""
        pieces = [b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n" + close + b"\r\nok"]
        asked: list[bytes] = []
        with served(pieces, hang_up=hang_up, asked=asked) as at, closing(Client()) as client:
            messages = (request(at, f"ASK {{ {n} }}") for n in itertools.count())
            load = client.load(at, messages, 4, 0.3, 5)
        assert load.failures == 0
        assert len(load.latencies) == len(asked) == len(set(asked)) > 4
        assert 0.3 <= load.seconds < 3
        assert load.client_seconds > 0

    def test_load_counts_errors_apart(self) -> None:
        pieces = [b"HTTP/1.1 503 Busy\r\nContent-Length: 2\r\n\r\nno"]
        with served(pieces) as at, closing(Client()) as client:
            load = client.load(at, itertools.repeat(request(at, "ASK {}")), 1, 0.1, 5)
        assert not load.latencies
        assert load.failures

    def test_nobody_listens(self) -> None:
        with closing(Client()) as client, pytest.raises(Unanswered, match="no connection"):
            client.fetch("http://127.0.0.1:1/", request("http://127.0.0.1:1/", "ASK {}"), 5)


@contextmanager
def served(
    pieces: list[bytes], pause: float = 0, hang_up: bool = False, asked: list[bytes] | None = None
) -> Iterator[str]:
    """A server that answers each request with these pieces."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while message := await reader.readuntil(b"\r\n\r\n"):
                if asked is not None:
                    asked.append(message)
                for number, piece in enumerate(pieces):
                    await asyncio.sleep(pause if number else 0)
                    writer.write(piece)
                    await writer.drain()
                if hang_up:
                    break
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    ready: list[int] = []
    stop: list[Callable[[], object]] = []
    up = threading.Event()

    async def main() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        done = asyncio.Event()
        loop = asyncio.get_running_loop()
        stop.append(lambda: loop.call_soon_threadsafe(done.set))
        ready.append(server.sockets[0].getsockname()[1])
        up.set()
        await done.wait()
        server.close()
        for task in asyncio.all_tasks() - {asyncio.current_task()}:
            task.cancel()
        await asyncio.sleep(0)

    thread = threading.Thread(target=lambda: asyncio.run(main()))
    thread.start()
    assert up.wait(10)
    try:
        yield f"http://127.0.0.1:{ready[0]}/sparql"
    finally:
        stop[0]()
        thread.join()


class TestServer:
    """An engine's process."""

    def test_one_that_ends_at_once_says_why(self, tmp_path: Path) -> None:
        command = ["sh", "-c", "echo no room >&2; exit 3"]
        server = Server(command, "http://127.0.0.1:1/", tmp_path / "log")
        with pytest.raises(EngineFailed, match="no room"):
            server.wait()
        server.stop()

    def test_it_ends_with_its_children(self, tmp_path: Path) -> None:
        command = ["sh", "-c", f"sleep 100 & echo $! > {tmp_path}/child; trap '' TERM; wait; wait"]
        server = Server(command, "http://127.0.0.1:1/", tmp_path / "log", patience=0.2)
        child = tmp_path / "child"
        wait_until(lambda: child.is_file() and child.read_text().strip())
        assert (server.memory() or 1) > 0
        server.stop()
        wait_until(lambda: not alive(int(child.read_text())))


def wait_until(true: Callable[[], object]) -> None:
    end = time.monotonic() + 20
    while not true():
        assert time.monotonic() < end
        time.sleep(0.02)


def alive(process: int) -> bool:
    stat = Path(f"/proc/{process}/stat")
    try:
        return stat.read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def results(**times: list[float]) -> Results:
    """Results of one analytic query."""
    measurements = [
        Measurement("analytic", "star", name, 1, "ms", runs=[Run(time_) for time_ in runs])
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

    def serve(place: engines.Place) -> Server:
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
    assert any("wrong: 0 rows where most have" in line for line in said)
    assert any("status 500" in line and "no room left" in line for line in said)


def test_an_engine_that_does_not_start_is_left_out(tmp_path: Path) -> None:
    def serve(place: engines.Place) -> Server:
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
    """The command over a tiny graph, with the engines that start fast, or all that are here."""
    folder = tmp_path_factory.mktemp("bench")
    files = ["--output", str(folder / "bench.json"), "--plot", str(folder / "bench.svg")]
    sizes = ["--triples", "10k", "--rounds", "1", "--seconds", "0.1"]
    some = [] if ALL else ["--engine", "oxigraph", "--engine", "rdflib-endpoint"]
    done = subprocess.run(
        [str(COMITY), "bench", *sizes, *some, *files],
        capture_output=True,
        text=True,
        check=False,
        env=os.environ
        | {"TMPDIR": str(folder), "COMITY_UNION": "off", "COMITY_MEMORY": "nonsense"},
    )
    assert done.returncode == 0, done.stderr
    return Whole(done.stdout, done.stderr, json.loads((folder / "bench.json").read_text()), folder)


class TestRun:
    """`comity bench` itself."""

    def test_it_compares_every_engine_that_is_here(self, whole: Whole) -> None:
        assert {"comity", "oxigraph", "rdflib-endpoint"} <= set(whole.names())
        if ALL:
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
        children: set[int] = set()
        for line in bench.stderr:
            if line.startswith("repeated-small"):
                children = {each.pid for each in psutil.Process(bench.pid).children(recursive=True)}
                bench.send_signal(signal.SIGINT)
        assert bench.wait(30) != 0
    assert len(children) >= 2
    wait_until(lambda: not any(map(psutil.pid_exists, children)))
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
    readme = (ROOT / "README.md").read_text(encoding="utf-8")
    assert program["with_figures"](readme, results) == readme
    assert report.summary(results) in readme
    assert report.tables(results) in program["RESULTS"].with_suffix(".md").read_text()
