"""The embedded store: its folder, its queries, its streams and its refusals."""

import asyncio
import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import closing
from pathlib import Path

import pytest
from places import DATA
from pyoxigraph import Literal, NamedNode, Quad

from comity.graph.engines.embedded.folder import StoreFolder
from comity.graph.engines.embedded.load import load
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.errors import (
    NotAcceptable,
    NotAllowed,
    QueryError,
    QuerySyntaxError,
    QueryTimeout,
    StoreError,
    StoreInUse,
    TextPosition,
)
from comity.graph.sparql.dataset import Dataset
from comity.graph.store.interface import Query, ResultFormat

G1, G2 = "http://example.org/g1", "http://example.org/g2"
TINY = f"""
INSERT DATA {{
  <http://example.org/d> <http://example.org/p> 0 .
  GRAPH <{G1}> {{ <http://example.org/a> <http://example.org/p> 1 }}
  GRAPH <{G2}> {{ <http://example.org/a> <http://example.org/p> 1 .
                  <http://example.org/b> <http://example.org/p> 2 }}
}}
"""
SUBJECTS = "SELECT ?s { ?s ?p ?o }"
GRAPHS = "SELECT DISTINCT ?g { GRAPH ?g { ?s ?p ?o } }"
MANY = NamedNode("http://example.org/many")


def tiny() -> EmbeddedStore:
    store = open_embedded("memory", bundled=False)
    update(store, TINY)
    return store


def grown(store: EmbeddedStore) -> EmbeddedStore:
    """Add what makes answers of megabytes: more than a stream holds in flight."""
    with store.replacing() as engine:
        p = NamedNode("http://example.org/a-rather-long-name-of-a-predicate-to-fill-bytes")
        engine.bulk_extend(
            Quad(NamedNode(f"http://example.org/{n}"), p, Literal(n), MANY) for n in range(30_000)
        )
    return store


@pytest.fixture(scope="module")
def store() -> Iterator[EmbeddedStore]:
    """A store to read only, shared by the tests that do."""
    with closing(tiny()) as store:
        yield store


@pytest.fixture(scope="module")
def many() -> Iterator[EmbeddedStore]:
    """A store with large answers, to read only."""
    with closing(grown(tiny())) as store:
        yield store


@pytest.fixture
def own() -> Iterator[EmbeddedStore]:
    """A store to write to."""
    with closing(tiny()) as store:
        yield store


def update(store: EmbeddedStore, text: str) -> None:
    """One transaction; the engine's name goes with this frame, or the store could not close."""
    with store.writing() as engine:
        engine.update(text)


def ask(store: EmbeddedStore, query: Query | str) -> bytes:
    """The whole answer."""

    async def read() -> bytes:
        question = Query(query) if isinstance(query, str) else query
        async with await store.query(question) as answer:
            return b"".join([chunk async for chunk in answer])

    return asyncio.run(read())


def values(store: EmbeddedStore, query: Query | str) -> list[str]:
    """The first column, by last segment of the IRI, sorted."""
    result = json.loads(ask(store, query))
    (name, *_) = result["head"]["vars"]
    return sorted(row[name]["value"].rpartition("/")[2] for row in result["results"]["bindings"])


# --- dataset


def test_the_default_is_the_union_with_its_duplicates(store: EmbeddedStore) -> None:
    assert values(store, SUBJECTS) == ["a", "a", "b", "d"]


def test_without_union_the_default_graph_is_itself() -> None:
    store = open_embedded("memory", union=False, bundled=False)
    update(store, TINY)
    assert values(store, SUBJECTS) == ["d"]
    store.close()


@pytest.mark.parametrize(
    ("clause", "subjects", "graphs"),
    [
        (f"FROM <{G1}>", ["a"], []),
        (f"FROM NAMED <{G1}>", [], ["g1"]),
        (f"FROM <{G2}> FROM NAMED <{G1}>", ["a", "b"], ["g1"]),
    ],
)
def test_from_switches_the_union_off(
    store: EmbeddedStore, clause: str, subjects: list[str], graphs: list[str]
) -> None:
    assert values(store, SUBJECTS.replace("{", clause + " {", 1)) == subjects
    assert values(store, GRAPHS.replace("{", clause + " {", 1)) == graphs


@pytest.mark.parametrize("clause", ["", f"FROM <{G2}> ", f"FROM NAMED <{G2}> "])
@pytest.mark.parametrize(
    ("dataset", "subjects", "graphs"),
    [
        (Dataset((G1,), ()), ["a"], []),
        (Dataset((), (G1,)), [], ["g1"]),
        (Dataset((G2,), (G1,)), ["a", "b"], ["g1"]),
        (Dataset((), ()), [], []),
        (Dataset(("http://example.org/none",), ()), [], []),
    ],
)
def test_a_dataset_beside_the_query_replaces_its_from(
    store: EmbeddedStore, clause: str, dataset: Dataset, subjects: list[str], graphs: list[str]
) -> None:
    text = SUBJECTS.replace("{", clause + "{", 1)
    assert values(store, Query(text, dataset=dataset)) == subjects
    text = GRAPHS.replace("{", clause + "{", 1)
    assert values(store, Query(text, dataset=dataset)) == graphs


def test_a_graph_that_is_no_iri_is_refused(store: EmbeddedStore) -> None:
    with pytest.raises(QueryError, match="not an IRI"):
        ask(store, Query(SUBJECTS, dataset=Dataset(("no iri",), ())))


# --- formats


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (ResultFormat.JSON, b'"boolean":true'),
        (ResultFormat.XML, b"<boolean>true</boolean>"),
        (ResultFormat.CSV, b"true"),
        (ResultFormat.TSV, b"true"),
    ],
)
def test_tables(store: EmbeddedStore, wanted: ResultFormat, expected: bytes) -> None:
    assert expected in ask(store, Query("ASK {}", table=wanted, graph=None))


@pytest.mark.parametrize(
    ("wanted", "expected"),
    [
        (ResultFormat.TURTLE, b"ex:a ex:p 1"),
        (ResultFormat.N_TRIPLES, b"<http://example.org/a> <http://example.org/p> "),
        (ResultFormat.RDF_XML, b"<ex:p rdf:datatype="),
        (ResultFormat.JSON_LD, b'"@id":"http://example.org/a"'),
    ],
)
def test_graphs_with_the_prefixes_of_the_query(
    store: EmbeddedStore, wanted: ResultFormat, expected: bytes
) -> None:
    text = "PREFIX ex: <http://example.org/> CONSTRUCT WHERE { ex:a ?p ?o }"
    assert expected in ask(store, Query(text, table=None, graph=wanted))


def test_the_answer_says_its_format_and_version(store: EmbeddedStore) -> None:
    async def read() -> tuple[ResultFormat, str]:
        query = Query("CONSTRUCT WHERE { ?s ?p ?o }", graph=ResultFormat.RDF_XML)
        async with await store.query(query) as answer:
            return answer.format, answer.version

    assert asyncio.run(read()) == (ResultFormat.RDF_XML, store.version)


def test_no_format_for_the_kind_of_result(store: EmbeddedStore) -> None:
    with pytest.raises(NotAcceptable, match="a table"):
        ask(store, Query("ASK {}", table=None))
    with pytest.raises(NotAcceptable, match="a graph"):
        ask(store, Query("DESCRIBE <http://example.org/a>", graph=None))


def test_what_a_format_can_not_hold(store: EmbeddedStore) -> None:
    text = "CONSTRUCT { <http://e/x> <http://e/y> <<( <http://e/a> <http://e/b> 1 )>> } {}"
    assert b"<<( " in ask(store, Query(text, graph=ResultFormat.TURTLE))
    with pytest.raises(NotAcceptable, match="JSON-LD"):
        ask(store, Query(text, graph=ResultFormat.JSON_LD))


def test_base(store: EmbeddedStore) -> None:
    query = Query("SELECT ?o { <a> <p> ?o }", base="http://example.org/")
    assert values(store, query) == ["1", "1"]


# --- refusals


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }",
        "SELECT * { SERVICE SILENT ?x { ?s ?p ?o } }",
        "SELECT * { FILTER(1<2)SERVICE#>\n<http://127.0.0.1:1/> { ?s ?p ?o } }",
    ],
)
def test_calls_out_are_refused(store: EmbeddedStore, text: str) -> None:
    with pytest.raises(NotAllowed) as caught:
        ask(store, text)
    assert caught.value.hint


@pytest.mark.parametrize("word", ["INSERT DATA {}", "delete where {}", "LOAD <x>", "CLEAR ALL"])
def test_an_update_is_named(store: EmbeddedStore, word: str) -> None:
    with pytest.raises(QuerySyntaxError, match="this is an update") as caught:
        ask(store, "PREFIX insert: <http://e/>\n  " + word)
    assert caught.value.place == TextPosition(2, 3)
    assert "comity load" in (caught.value.hint or "")


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("SELECT * { ?s skos:note ?o }", (1, 15), "the prefix skos:", "PREFIX skos: <http://www.w"),
        ("SELECT *\n{ ?s zz:x ?o }", (2, 6), "the prefix zz:", "PREFIX zz: <…>"),
        ("SELEC * {}", (1, 1), "unexpected SELEC", "begins with SELECT"),
        ("SELECT * {\n ?s ?p ?o ?x }", (2, 11), r"unexpected \?x", "by dots"),
        ("SELECT * {\n BIND(1 ?x) }", (2, 9), r"unexpected \?x", None),
        ("SELECT * { ?s ?p ?o FILTER ?o }", (1, 28), r"unexpected \?o", "in brackets"),
        ("SELECT * { ?s ?p ?o FILTER(?o == 1) }", (1, 32), "unexpected =", "one ="),
        ("SELECT * { ?s ?p ?o FILTER(?o and 1) }", (1, 31), "unexpected and", "&&"),
        ("SELECT * { ?s ?p ?o FILTER(FOO(?o)) }", (1, 28), "unexpected FOO", "begin with ?"),
        ("SELECT * { ?s ?p TRUE }", (1, 18), "unexpected TRUE", "true and false"),
        ("SELECT ?x, ?y { ?x ?p ?y }", (1, 10), "unexpected ,", "by spaces"),
        ("SELECT COUNT(*) { ?x ?p ?y }", (1, 8), "unexpected COUNT", r"(COUNT(…) AS ?name)"),
        ("SELECT ?s (COUNT(*) AS ?n) { ?s ?p ?o }", None, "is unbound", "an aggregate"),
        ("SELECT * { ?s ?p “x” }", (1, 18), "unexpected “", "straight"),
        ("SELECT\u00a0* { ?s ?p ?o }", (1, 7), r"U\+00A0 NO-BREAK SPACE", "Delete"),
        ("SELECT * { ?s ?p '\\q' }", (1, 18), r"unexpected '\\q'", "twice, unless"),
        ("SELECT * { ?s ?p ?o } LIMIT 9;", (1, 30), "unexpected ;", "without a semicolon"),
        ("@prefix e: <a:b> . SELECT * { ?s e:p ?o }", (1, 1), "unexpected @prefix", "PREFIX"),
        ("PREFIX e <a:b> SELECT * { ?s e:p ?o }", (1, 8), "unexpected e", "colon"),
        ("PREFIX e: <a: b> SELECT * { ?s e:p ?o }", (1, 11), "this IRI is not closed", ">"),
        ("SELECT * { ?s ?p <http://a b> }", (1, 18), "this IRI is not closed", "no space"),
        ("SELECT * { ?s http://e/p ?o }", (1, 15), "the prefix http:", "angle brackets"),
        ("SELECT * {\n OPTIONL {} }", (2, 2), "unexpected OPTIONL", "mean OPTIONAL"),
        ("SELECT ?é {\n ?s 'é\U0001f600' é ?x }", (2, 5), "unexpected 'é", None),
        ("SELECT * { ?s ?p 'abc }", (1, 18), "this string is not closed", None),
        ("SELECT * {\n ?s ?p ?o .\n", (2, 12), "ends too early", "missing at the end"),
        ("SELECT * { <a> ?p ?o }", (1, 12), "unexpected <a>", "BASE"),
        ("SELECT * { ?s ?p ?o } GROUP BY ?s", None, r"SELECT \* is not authorized", None),
        ("", (1, 1), "ends too early", "begins with SELECT"),
    ],
)
def test_syntax_errors_are_explained(
    store: EmbeddedStore,
    text: str,
    place: tuple[int, int] | None,
    message: str,
    hint: str | None,
) -> None:
    with pytest.raises(QuerySyntaxError, match=message) as caught:
        ask(store, text)
    if place is not None:
        assert caught.value.place == TextPosition(*place)
    if hint is None:
        assert caught.value.hint is None
    else:
        assert hint in (caught.value.hint or "")


NESTINGS: dict[str, Callable[[int], str]] = {
    "group": lambda n: "ASK " + "{" * n + "}" * n,
    "brackets": lambda n: "ASK { FILTER" + "(" * n + "1" + ")" * n + " }",
    "not": lambda n: "ASK { FILTER(" + "!" * n + "?x) }",
    "if": lambda n: "ASK { FILTER(" + "IF(1," * n + "1" + ",2)" * n + ") }",
    "exists": lambda n: "ASK " + "{ FILTER EXISTS" * n + "{}" + "}" * n,
    "or": lambda n: "ASK { FILTER(1" + "||1" * n * 4 + ") }",
    "mixed": lambda n: (
        "ASK { FILTER(" + ("!" * 99 + "(") * (n // 50) + "1" + ")" * (n // 50) + ")}"
    ),
    "path": lambda n: "ASK { ?s " + "(" * n + "<http://p>" + ")" * n + " ?o }",
    "minus": lambda n: "ASK { " + "MINUS { ?s ?p ?o } " * n * 4 + "}",
    "triples": lambda n: "ASK { " + "?s ?p ?o . " * n + "}",
    "collection": lambda n: "ASK { ?s ?p (" + "1 " * (n // 4) + ") }",
    "expressions": lambda n: "SELECT " + "".join(f"(1 AS ?x{i}) " for i in range(n * 4)) + "{}",
    "order": lambda n: "SELECT * { ?s ?p ?o } ORDER BY " + "(?s + 1) " * n * 4,
    "describe": lambda n: "DESCRIBE " + "<http://e/> " * n * 4,
}


@pytest.mark.parametrize("shape", NESTINGS)
def test_deep_nesting_is_refused_before_the_engine_falls_over(
    store: EmbeddedStore, shape: str
) -> None:
    with pytest.raises(QuerySyntaxError, match="nests deeper"):
        ask(store, NESTINGS[shape](20_000))
    ask(store, NESTINGS[shape](95))


def test_an_unknown_function_is_the_querys_fault(store: EmbeddedStore) -> None:
    with pytest.raises(QueryError, match="custom function"):
        ask(store, "SELECT * { ?s ?p ?o FILTER(<http://example.org/f>(?o)) }")


# --- time, streaming, cancelling

# Some seconds of work before the first row, but not more: the engine can't be interrupted.
SLOW = "SELECT (COUNT(*) AS ?n) { ?a ?p ?b . ?c ?p ?d FILTER(?b + ?d < 300) }"
ALL = Query("SELECT * { GRAPH ?g { ?s ?p ?o } }")


def test_the_deadline_passes_before_the_first_byte(many: EmbeddedStore) -> None:
    text = SLOW.replace("{", "{ VALUES ?c { <http://example.org/1> <http://example.org/2> } ", 1)
    text = text.replace("?c ?p ?d", "?c ?p ?d . ?e ?p ?f . FILTER(?f + ?b = -1)")
    text = text.replace("?a ?p ?b .", "?a ?p ?b . FILTER(?b < 300)")
    start = time.monotonic()
    with pytest.raises(QueryTimeout, match=r"longer than 0\.05 s"):
        ask(many, Query(text, timeout=0.05))
    assert time.monotonic() - start < 5


def test_the_deadline_passes_in_the_middle(many: EmbeddedStore) -> None:
    async def read() -> int:
        answer = await many.query(Query(ALL.text, timeout=0.5))
        size = 0
        async for chunk in answer:
            size += len(chunk)
            await asyncio.sleep(0.2)
        return size

    with pytest.raises(QueryTimeout, match="middle"):
        asyncio.run(read())


def test_a_slow_reader_holds_the_writer_back_and_loses_nothing(many: EmbeddedStore) -> None:
    async def read() -> tuple[int, int]:
        answer = await many.query(ALL)
        await asyncio.sleep(0.5)
        held = len(answer._stream._chunks)
        return held, sum([len(chunk) async for chunk in answer])

    held, size = asyncio.run(read())
    assert held <= 8
    assert size == len(ask(many, ALL)) > 2_000_000


@pytest.mark.parametrize("how", ["close", "leave", "cancel"])
def test_a_reader_that_goes_frees_its_thread(many: EmbeddedStore, how: str) -> None:
    async def go() -> None:
        for _ in range(20):  # more than there are threads
            answer = await many.query(ALL)
            if how == "close":
                await answer.aclose()
            elif how == "leave":
                async with answer:
                    async for _chunk in answer:
                        break
            else:
                reading = asyncio.ensure_future(anext(aiter(answer)))
                await asyncio.sleep(0)
                reading.cancel()
                await answer.aclose()

    asyncio.run(asyncio.wait_for(go(), 30))
    assert b"true" in ask(many, Query("ASK {}", timeout=10))


def test_awaiting_a_query_can_be_cancelled(many: EmbeddedStore) -> None:
    async def go() -> None:
        tasks = [asyncio.ensure_future(many.query(ALL)) for _ in range(20)]
        await asyncio.sleep(0)
        for task in tasks:
            task.cancel()
        results = await asyncio.gather(*tasks, return_exceptions=True)
        assert all(isinstance(r, asyncio.CancelledError) for r in results)

    asyncio.run(go())
    assert b"true" in ask(many, Query("ASK {}", timeout=10))


def test_a_closed_answer_does_not_end_as_if_complete(many: EmbeddedStore) -> None:
    async def go() -> None:
        answer = await many.query(ALL)
        chunks = aiter(answer)
        await anext(chunks)
        await answer.aclose()
        await anext(chunks)

    with pytest.raises(StoreError, match="closed"):
        asyncio.run(go())


def test_a_closed_store_answers_no_more(own: EmbeddedStore) -> None:
    own.close()
    with pytest.raises(StoreError, match="is closed"):
        ask(own, SUBJECTS)
    own.close()


# --- versions and writes


def test_each_commit_has_a_version_of_its_own(own: EmbeddedStore) -> None:
    seen = [own.version]
    update(own, "INSERT DATA { <http://e/a> <http://e/p> 1 }")
    seen.append(own.version)
    with own.replacing() as engine:
        engine.update("INSERT DATA { <http://e/a> <http://e/p> 2 }")
    seen.append(own.version)
    other = open_embedded("memory", bundled=False)
    seen.append(other.version)
    other.close()
    assert len(set(seen)) == 4


def test_a_running_query_keeps_its_data_and_its_version(own: EmbeddedStore) -> None:
    many = grown(own)

    async def go() -> None:
        before = many.version
        data = many._generation.data
        answer = await many.query(ALL)
        with many.replacing() as engine:
            engine.update("DROP ALL")
        assert data.exists()
        rows = b"".join([chunk async for chunk in answer]).count(b'"s":')
        assert (answer.version, rows) == (before, 30_003)
        assert many.version != before

    asyncio.run(go())
    assert values(many, SUBJECTS) == []
    many.close()


def test_replaced_data_is_removed_after_its_last_query(own: EmbeddedStore) -> None:
    many = grown(own)
    folder = many._folder.path
    with many.replacing() as engine:
        engine.update("DROP ALL")
    ask(many, "ASK {}")
    assert len(list(folder.glob("data-*"))) == 1


def test_a_failed_replacement_changes_nothing(own: EmbeddedStore) -> None:
    before = own.version
    with pytest.raises(ZeroDivisionError), own.replacing() as engine:
        engine.update("DROP ALL")
        raise ZeroDivisionError
    assert (own.version, values(own, SUBJECTS)) == (before, ["a", "a", "b", "d"])
    assert len(list(own._folder.path.glob("data-*"))) == 1


# --- the folder


def test_an_interrupt_after_the_switch_leaves_store_and_disk_agreed(
    own: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    switch = StoreFolder.switch

    def interrupted(folder: StoreFolder, data: Path) -> None:
        switch(folder, data)
        raise KeyboardInterrupt

    before = own.version
    monkeypatch.setattr(StoreFolder, "switch", interrupted)
    with pytest.raises(KeyboardInterrupt):
        load(own, [DATA / "tiny.trig"])
    assert own.version != before
    assert len(own.engine) > 0
    assert own.select("ASK { ?s ?p ?o }")


def test_memory_leaves_nothing_behind() -> None:
    store = open_embedded("memory", bundled=False)
    folder = store._folder.path
    assert folder.is_dir()
    store.close()
    assert not folder.exists()


def test_memory_leaves_nothing_behind_even_if_closed_under_a_query() -> None:
    store = grown(tiny())
    folder = store._folder.path

    async def go() -> None:
        answer = await store.query(ALL)
        store.close()
        with pytest.raises(StoreError, match="closed"):
            await anext(aiter(answer))

    asyncio.run(go())
    store._threads.shutdown(wait=True)
    assert not folder.exists()


def test_a_folder_is_made_and_found_again(tmp_path: Path) -> None:
    location = tmp_path / "new" / "store"
    store = open_embedded(location, bundled=False)
    update(store, TINY)
    assert store.location == str(location)
    store.close()
    store = open_embedded(str(location), bundled=False)
    assert values(store, SUBJECTS) == ["a", "a", "b", "d"]
    store.close()


def test_leftovers_are_removed(tmp_path: Path) -> None:
    open_embedded(tmp_path, bundled=False).close()
    (tmp_path / "data-77").mkdir()
    (tmp_path / "data-77" / "x").touch()
    store = open_embedded(tmp_path, bundled=False)
    assert [p.name for p in tmp_path.glob("data-*")] == ["data-1"]
    store.close()


@pytest.mark.parametrize("name", ["thesis.doc", "data-1", "lockers"])
def test_a_folder_of_something_else_is_not_touched(tmp_path: Path, name: str) -> None:
    (tmp_path / name).write_text("mine")
    with pytest.raises(StoreError, match="not a store of Comity"):
        open_embedded(tmp_path, bundled=False)
    assert [p.name for p in tmp_path.iterdir()] == [name]


def test_what_is_no_folder_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="not a folder"):
        open_embedded(tmp_path / "file", bundled=False)
    with pytest.raises(StoreError):
        open_embedded(tmp_path / "file" / "below", bundled=False)


def test_a_broken_database_is_an_error_and_lets_go(tmp_path: Path) -> None:
    open_embedded(tmp_path, bundled=False).close()
    (tmp_path / "data-1" / "CURRENT").write_text("rubbish")
    for _ in range(2):
        with pytest.raises(StoreError, match="can't be opened"):
            open_embedded(tmp_path, bundled=False)


@pytest.mark.parametrize("current", [None, "", "data-99", "../other", "\udcff"])
def test_a_store_that_lost_its_way_loses_no_data(tmp_path: Path, current: str | None) -> None:
    folder = tmp_path / "store"
    with closing(open_embedded(folder, bundled=False)) as store:
        load(store, [DATA / "tiny.trig"])
    right = (folder / "CURRENT").read_text()
    (tmp_path / "other").mkdir()
    if current is None:
        (folder / "CURRENT").unlink()
    else:
        (folder / "CURRENT").write_text(current, errors="surrogateescape")
    for _ in range(2):  # the second time too: the first let go of the folder
        with pytest.raises(StoreError, match="is damaged: its file CURRENT") as caught:
            open_embedded(folder, bundled=False)
        assert not isinstance(caught.value, StoreInUse)
    (folder / "CURRENT").write_text(right)
    with closing(open_embedded(folder, bundled=False)) as store:
        assert len(store.engine) > 0


def test_a_folder_that_can_not_be_written_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "mkdir", refuse)  # chmod holds nobody back who is root
    with pytest.raises(StoreError, match="can't be used as a store: Permission denied") as caught:
        open_embedded(tmp_path / "new", bundled=False)
    assert "writable" in (caught.value.hint or "")


def test_a_remote_store_is_none_of_this_machine() -> None:
    with pytest.raises(StoreError, match="is a remote store"):
        open_embedded("https://example.org/sparql")


HOLDER = """
import sys
from comity.graph.engines.opening import open_embedded
store = open_embedded(sys.argv[1], bundled=False)
store.set_address("http://127.0.0.1:7878")
with store.writing() as engine:
    engine.update("INSERT DATA { <http://e/a> <http://e/p> 1 }")
print("open", flush=True)
sys.stdin.read()
"""


def test_a_second_opener_is_told_who_holds_it(tmp_path: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", HOLDER, str(tmp_path)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == b"open\n"
        with pytest.raises(StoreInUse) as caught:
            open_embedded(tmp_path, bundled=False)
        message = str(caught.value)
        assert f"process {holder.pid} (-c {tmp_path})" in message
        assert caught.value.address == "http://127.0.0.1:7878" and caught.value.address in message
        assert caught.value.hint
        os.kill(holder.pid, signal.SIGKILL)
    store = open_embedded(tmp_path, bundled=False)  # what was acknowledged is there
    assert values(store, SUBJECTS) == ["a"]
    store.close()


def test_a_second_store_of_this_process_is_refused_too(tmp_path: Path) -> None:
    store = open_embedded(tmp_path, bundled=False)
    with pytest.raises(StoreInUse, match=str(os.getpid())):
        open_embedded(tmp_path, bundled=False)
    assert b"true" in ask(store, "ASK {}")
    store.close()


def test_select_is_for_library_code(store: EmbeddedStore) -> None:
    result = store.select("SELECT ?s { ?s ?p 2 }")
    assert [row["s"].value for row in result] == ["http://example.org/b"]  # type: ignore[union-attr]
    with pytest.raises(QuerySyntaxError):
        store.select("SELEC")
