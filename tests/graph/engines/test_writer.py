"""The one writer: each request whole or not at all, on the disk before it is answered."""

import asyncio
import os
import shutil
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Any

import pyoxigraph as ox
import pytest

from comity.graph.engines.embedded.folder import StoreFolder
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.engines.writing import process, writer
from comity.graph.engines.writing.copy_writer import CopyWriter
from comity.graph.engines.writing.requests import Change, Condition, Payload, Update, WriteResult
from comity.graph.engines.writing.writer import Writer
from comity.graph.errors import (
    Busy,
    ComityError,
    DataError,
    DiskFull,
    EngineCrashed,
    MemoryLimit,
    NoSuchGraph,
    NotAllowed,
    PreconditionFailed,
    QueryError,
    QuerySyntaxError,
    QueryTimeout,
    StoreError,
    TooLarge,
)
from comity.graph.rdf.namespaces import DERIVED_GRAPH, RECORD_GRAPH
from comity.graph.sparql.dataset import Dataset
from comity.graph.store.record import is_lagging

STATES = "https://w3id.org/comity/graph/states"
NO_UPDATE = "INSERT DATA {"
# Four patterns without a shared variable, of which the last condition never holds.
ENDLESS = "INSERT { ?a ?b 0 } WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l FILTER(?c + ?f + ?i < ?l) }"
HOG = "INSERT { ?a ?e ?i } WHERE { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i . ?j ?k ?l }"


def insert(number: int, graph: str | None = None) -> str:
    triple = f"<x:s> <x:p> {number}"
    return f"INSERT DATA {{ {f'GRAPH <{graph}> {{ {triple} }}' if graph else triple} }}"


@contextmanager
def writing(store: EmbeddedStore, **options: Any) -> Iterator[Writer]:
    with closing(Writer(store, **({"timeout": 30, "memory": 1_000_000_000} | options))) as writer:
        yield writer


def run(store: EmbeddedStore, work: Callable[[Writer], Awaitable[Any]], **options: Any) -> Any:
    async def within() -> Any:
        with writing(store, **options) as writer:
            return await work(writer)

    return asyncio.run(within())


def update(text: str, **said: Any) -> Callable[[Writer], Awaitable[WriteResult]]:
    return lambda writer: writer.write(Update(text, **said))


def numbers(store: EmbeddedStore) -> list[int]:
    quads = store.engine.quads_for_pattern(None, ox.NamedNode("x:p"), None, None)
    return sorted(int(quad.object.value) for quad in quads)  # type: ignore[union-attr]


def payload(path: Path, text: str, media_type: str = "text/turtle", **said: Any) -> Payload:
    path.write_text(text)
    return Payload(path, media_type, len(text.encode()), **said)


@pytest.fixture
def filled(empty: EmbeddedStore) -> EmbeddedStore:
    """Enough for an update that does not come to an end."""
    with empty.writing() as engine:
        engine.bulk_extend(
            ox.Quad(ox.NamedNode(f"x:{n}"), ox.NamedNode("x:q"), ox.Literal(n)) for n in range(500)
        )
    return empty


class TestUpdates:
    def test_what_was_written_is_read(self, empty: EmbeddedStore) -> None:
        async def write(writer: Writer) -> None:
            versions = {empty.version}
            for number in range(3):
                written = await writer.write(Update(insert(number)))
                assert numbers(empty) == list(range(number + 1))
                assert written.version == empty.version
                versions.add(written.version)
            assert len(versions) == 4

        run(empty, write)

    @pytest.mark.parametrize(
        ("text", "kind"),
        [
            (NO_UPDATE, QuerySyntaxError),
            ("SELECT * {}", QuerySyntaxError),
            ("CLEAR GRAPH <x:none>", QueryError),
            (f"{insert(1)} ; CREATE GRAPH <x:g> ; CREATE GRAPH <x:g>", QueryError),
            (f"{insert(1)} ; LOAD <http://127.0.0.1:1/>", NotAllowed),
        ],
    )
    def test_a_failure_changes_nothing(
        self, empty: EmbeddedStore, text: str, kind: type[ComityError]
    ) -> None:
        before = empty.version
        with pytest.raises(kind):
            run(empty, update(text))
        assert (empty.version, numbers(empty)) == (before, [])
        assert len(list(empty.folder.glob("data-*"))) == 1

    def test_errors_have_a_place(self, empty: EmbeddedStore) -> None:
        with pytest.raises(QuerySyntaxError) as caught:
            run(empty, update("INSERT DATA {\n <x:s> <x:p> }"))
        assert caught.value.place and caught.value.place.line == 2

    def test_dataset_and_base(self, empty: EmbeddedStore) -> None:
        run(empty, update(f"{insert(1, 'x:one')} ; {insert(2, 'x:two')}"))
        text = "INSERT { GRAPH <new> { ?s ?p ?o } } WHERE { ?s ?p ?o }"
        run(empty, update(text, using=Dataset(("x:two",), ()), base="http://e/d/"))
        new = ox.NamedNode("http://e/d/new")
        assert len(list(empty.engine.quads_for_pattern(None, None, None, new))) == 1
        assert numbers(empty) == [1, 2, 2]

    def test_an_update_that_does_nothing_is_no_commit(self, empty: EmbeddedStore) -> None:
        before = empty.version
        assert run(empty, update("PREFIX x: <x:>")).version == before

    def test_the_disk_has_it(self, tmp_path: Path) -> None:
        with closing(open_embedded(tmp_path, bundled=False)) as store:
            run(store, update(insert(7)))
        with closing(open_embedded(tmp_path, bundled=False)) as store:
            assert numbers(store) == [7]


class TestTogether:
    def test_requests_that_wait_share_a_copy(
        self, empty: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        switches = []
        switch = StoreFolder.switch

        def counted(folder: StoreFolder, data: Path) -> None:
            switches.append(data)
            switch(folder, data)

        monkeypatch.setattr(StoreFolder, "switch", counted)

        async def many(writer: Writer) -> None:
            await asyncio.gather(*(writer.write(Update(insert(n))) for n in range(40)))
            assert numbers(empty) == list(range(40))

        run(empty, many)
        assert len(switches) < 20

    def test_one_that_fails_does_not_touch_the_others(self, empty: EmbeddedStore) -> None:
        async def mixed(writer: Writer) -> list[Any]:
            texts = [insert(0), NO_UPDATE, insert(1), "DROP GRAPH <x:none>", insert(2)]
            works = [writer.write(Update(text)) for text in texts]
            return await asyncio.gather(*works, return_exceptions=True)

        results = run(empty, mixed)
        assert numbers(empty) == [0, 1, 2]
        assert [isinstance(result, ComityError) for result in results] == [0, 1, 0, 1, 0]

    def test_order_is_that_of_asking(self, empty: EmbeddedStore) -> None:
        async def ordered(writer: Writer) -> None:
            texts = [insert(1), "DELETE WHERE { ?s ?p ?o }", insert(2), "CLEAR DEFAULT", insert(3)]
            await asyncio.gather(*(writer.write(Update(text)) for text in texts))
            assert numbers(empty) == [3]

        run(empty, ordered)

    def test_one_that_is_given_up_is_not_done(self, filled: EmbeddedStore) -> None:
        async def give_up(writer: Writer) -> None:
            first = asyncio.create_task(writer.write(Update(ENDLESS)))
            await asyncio.sleep(0.1)
            second = asyncio.create_task(writer.write(Update(insert(1))))
            await asyncio.sleep(0)
            second.cancel()
            with pytest.raises(QueryTimeout):
                await first
            await writer.write(Update(insert(2)))
            assert numbers(filled) == [2]

        run(filled, give_up, timeout=1)

    def test_too_many_are_refused(
        self, filled: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr(writer, "MAX_WAITING", 2)

        async def crowd(writer: Writer) -> list[Any]:
            works = [writer.write(Update(text)) for text in (ENDLESS, *map(insert, range(9)))]
            return await asyncio.gather(*works, return_exceptions=True)

        results = run(filled, crowd, timeout=1)
        refused = [result for result in results if isinstance(result, Busy)]
        assert refused and all(error.retry_after >= 1 for error in refused)


class TestLimits:
    def test_a_late_update_is_stopped(self, filled: EmbeddedStore) -> None:
        async def late(writer: Writer) -> None:
            before = filled.version
            start = time.monotonic()
            with pytest.raises(QueryTimeout, match="nothing was changed"):
                await writer.write(Update(ENDLESS))
            assert time.monotonic() - start < 20
            assert filled.version == before
            await writer.write(Update(insert(1)))
            assert numbers(filled) == [1]

        run(filled, late, timeout=1)

    def test_those_before_a_late_one_do_not_wait_for_it(self, filled: EmbeddedStore) -> None:
        async def beside(writer: Writer) -> None:
            await writer.write(Update(insert(0)))
            before = [asyncio.create_task(writer.write(Update(insert(n)))) for n in (1, 2)]
            late = asyncio.create_task(writer.write(Update(ENDLESS)))
            after = asyncio.create_task(writer.write(Update(insert(3))))
            await asyncio.gather(*before)
            assert not late.done()
            with pytest.raises(QueryTimeout):
                await late
            await after
            assert numbers(filled) == [0, 1, 2, 3]

        run(filled, beside, timeout=3)

    def test_readers_do_not_wait(self, filled: EmbeddedStore) -> None:
        async def read(writer: Writer) -> None:
            late = asyncio.create_task(writer.write(Update(ENDLESS)))
            await asyncio.sleep(0.5)
            start = time.monotonic()
            folder, version = await asyncio.to_thread(filled.snapshot)
            assert version == filled.version
            assert len(ox.Store.read_only(str(folder))) == 500
            assert time.monotonic() - start < 2
            assert not late.done()
            with pytest.raises(QueryTimeout):
                await late

        run(filled, read, timeout=2)

    @pytest.mark.skipif(not sys.platform.startswith("linux"), reason="the limit needs Linux")
    def test_a_memory_hog_is_stopped(self, filled: EmbeddedStore) -> None:
        async def hog(writer: Writer) -> None:
            with pytest.raises(MemoryLimit, match="nothing was changed"):
                await writer.write(Update(HOG))
            await writer.write(Update(insert(1)))

        run(filled, hog, timeout=300, memory=150_000_000)

    @pytest.mark.skipif(os.name != "posix", reason="signals")
    @pytest.mark.parametrize("signal_", [signal.SIGSEGV, signal.SIGKILL])
    def test_a_process_that_dies(self, filled: EmbeddedStore, signal_: signal.Signals) -> None:
        async def die(writer: Writer) -> None:
            late = asyncio.create_task(writer.write(Update(ENDLESS)))
            await asyncio.sleep(1)
            assert writer._copyist is not None
            first = writer._copyist._process.pid
            os.kill(first, signal_)
            with pytest.raises((EngineCrashed, MemoryLimit), match="nothing was changed"):
                await late
            while writer._copyist is None or writer._copyist._process.pid == first:
                await asyncio.sleep(0.02)  # until another is there
            os.kill(writer._copyist._process.pid, signal_)  # while it has nothing to do
            await asyncio.sleep(0.2)
            await writer.write(Update(insert(1)))
            assert numbers(filled) == [1]

        run(filled, die)

    def test_closing_ends_what_runs(self, filled: EmbeddedStore) -> None:
        async def close(writer: Writer) -> None:
            works = [writer.write(Update(text)) for text in (ENDLESS, insert(1))]
            tasks = [asyncio.create_task(work) for work in works]
            await asyncio.sleep(0.5)
            await asyncio.to_thread(writer.close)
            for task in tasks:
                with pytest.raises(ComityError):
                    await task
            with pytest.raises(StoreError, match="closed"):
                await writer.write(Update(insert(1)))
            assert numbers(filled) == []

        run(filled, close)
        assert "comity-writer" not in {thread.name for thread in threading.enumerate()}


class TestChanges:
    """Graphs as wholes; the rest is in test_graph_store."""

    def test_put_post_delete(self, empty: EmbeddedStore, tmp_path: Path) -> None:
        one = payload(tmp_path / "1", "<x:s> <x:p> 1")
        two = payload(tmp_path / "2", "<x:s> <x:p> 2 .")
        with pytest.raises(DataError, match="body:1:"):
            run(empty, lambda writer: writer.write(Change("PUT", "x:g", (two, one))))
        one = payload(tmp_path / "1", "<x:s> <x:p> 1 .")

        async def changes(writer: Writer) -> None:
            for method, payloads, created, found in (
                ("PUT", (one,), True, [1]),
                ("POST", (two,), False, [1, 2]),
                ("PUT", (two,), False, [2]),
                ("PUT", (), False, []),
                ("DELETE", (), False, []),
            ):
                written = await writer.write(Change(method, "x:g", payloads))
                assert (written.created, numbers(empty)) == (created, found)
            with pytest.raises(NoSuchGraph):
                await writer.write(Change("DELETE", "x:g"))

        run(empty, changes)

    def test_large_data_are_loaded_alone(self, empty: EmbeddedStore, tmp_path: Path) -> None:
        lines = [f"<x:s> <x:p> {n} .\n" for n in range(200_000)]
        large = payload(tmp_path / "large", "".join(lines))
        broken = payload(tmp_path / "broken", "".join([*lines, "<x:s> <x:p>"]))
        assert Change("POST", "x:g", (large,)).is_large

        async def load(writer: Writer) -> list[Any]:
            works: list[Update | Change] = [
                Update(insert(-1)),
                Change("POST", "x:broken", (broken,)),
                Update(insert(-2)),
                Change("POST", "x:large", (large,)),
                Update(insert(-3)),
            ]
            return await asyncio.gather(*map(writer.write, works), return_exceptions=True)

        results = run(empty, load)
        assert [isinstance(result, DataError) for result in results] == [0, 1, 0, 0, 0]
        assert "body:200001:" in str(results[1])
        assert numbers(empty) == list(range(-3, 200_000))

    def test_compressed_parts_are_limited(self, empty: EmbeddedStore, tmp_path: Path) -> None:
        import gzip

        data = gzip.compress(b"<x:s> <x:p> 1 . " * 100_000)
        (tmp_path / "bomb").write_bytes(data)
        part = Payload(tmp_path / "bomb", "text/turtle", len(data), compressed=True)

        async def load(writer: Writer, limit: int) -> None:
            await writer.write(Change("POST", "", (part,), limit=limit))

        with pytest.raises(TooLarge):
            run(empty, lambda writer: load(writer, 100_000))
        assert numbers(empty) == []
        run(empty, lambda writer: load(writer, 2_000_000))
        assert numbers(empty) == [1]

    def test_conditions(self, empty: EmbeddedStore) -> None:
        async def conditions(writer: Writer) -> None:
            async def put(**said: set[str]) -> bool:
                condition = Condition(**{name: frozenset(tags) for name, tags in said.items()})
                try:
                    await writer.write(Change("PUT", "x:g", condition=condition))
                except PreconditionFailed:
                    return False
                return True

            assert not await put(match={"*"})
            assert await put(none_match={"*"})
            assert not await put(none_match={"*"})
            assert await put(match={"*"})
            tag = writer.tag("x:g")
            assert await put(match={tag, "other"})
            assert not await put(match={tag})
            await writer.write(Update("CREATE GRAPH <x:other>"))
            tag = writer.tag("x:g")
            await writer.write(Update("INSERT DATA { GRAPH <x:other> { <x:s> <x:p> 1 } }"))
            assert writer.tag("x:g") == tag
            assert await put(match={tag})
            assert not await put(none_match={writer.tag("x:g")})
            tag = writer.tag("x:g")
            await writer.write(
                Update("INSERT { GRAPH ?g { <x:s> <x:p> 2 } } WHERE { GRAPH ?g {} }")
            )
            assert writer.tag("x:g") != tag
            # Of two that have seen the same, one is the first, also within one copy.
            tag = writer.tag("x:g")
            assert sorted(await asyncio.gather(put(match={tag}), put(match={tag}))) == [0, 1]

        run(empty, conditions)


class TestProtected:
    @pytest.fixture
    def bundled(self) -> Iterator[EmbeddedStore]:
        with closing(open_embedded("memory")) as store:
            yield store

    def test_they_refuse_and_the_others_do_not(
        self, bundled: EmbeddedStore, tmp_path: Path
    ) -> None:
        called: list[str] = []

        async def write(writer: Writer) -> None:
            before = {
                str(quad)
                for quad in bundled.engine
                if getattr(quad.graph_name, "value", "") != RECORD_GRAPH.value
            }
            data = (payload(tmp_path / "x", "<x:s> <x:p> 9 ."),)
            works: list[Update | Change] = [
                Update(insert(1, STATES)),
                Update("DROP ALL"),
                Update(f"DELETE WHERE {{ GRAPH <{STATES}> {{ ?s ?p ?o }} }}"),
                Change("PUT", STATES, data),
                Change("POST", DERIVED_GRAPH.value, data),
                Change("DELETE", RECORD_GRAPH.value),
                Change("DELETE", None),
                Change("PUT", None, data),
            ]
            for work in works:
                with pytest.raises(NotAllowed):
                    await writer.write(work)
            assert not is_lagging(bundled) and not called
            await writer.write(Update("INSERT { ?s <x:p> 1 } WHERE { VALUES ?s { <x:s> } }"))
            await writer.write(Change("POST", "x:g", data))
            assert is_lagging(bundled) and len(called) == 2
            assert numbers(bundled) == [1, 9]
            assert before <= {str(quad) for quad in bundled.engine}

        run(bundled, write, written=lambda: called.append("written"))

    def test_quads_of_a_protected_graph(self, bundled: EmbeddedStore, tmp_path: Path) -> None:
        text = f"<x:g> {{ <x:s> <x:p> 1 }} <{STATES}> {{ <x:s> <x:p> 2 }}"
        trig = payload(tmp_path / "x", text, "application/trig")
        with pytest.raises(NotAllowed, match=STATES):
            run(bundled, lambda writer: writer.write(Change("POST", None, (trig,))))
        assert numbers(bundled) == []

    def test_the_seal_of_a_copy_is_looked_at_before_it_is_used(
        self, bundled: EmbeddedStore
    ) -> None:
        """The second fence, where the first would let an update through."""
        folder, _ = bundled.snapshot()
        copyist = CopyWriter()
        request = {"do": "open", "folder": str(folder), "protected": [STATES, DERIVED_GRAPH.value]}
        assert copyist.answer(request) == {}
        text = "INSERT { ?s <x:p> 1 } WHERE { VALUES ?s { <x:s> } }"
        copyist.update(text, None, None)
        copyist.engine.add(
            ox.Quad(ox.NamedNode("x:s"), ox.NamedNode("x:p"), ox.Literal(1), ox.NamedNode(STATES))
        )
        assert copyist.commit() == {"sound": False}

    def test_a_copy_with_a_broken_seal_is_dropped(
        self, bundled: EmbeddedStore, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        ask = process.WriterProcess.ask

        def broken(self: Any, request: dict[str, Any], *within: float) -> dict[str, Any]:
            answer = ask(self, request, *within)
            asked.append(request)
            if request["do"] == "commit":
                bad = any("bad" in each.get("text", "") for each in asked)
                asked.clear()
                return {"sound": not bad}
            return answer

        asked: list[dict[str, Any]] = []
        monkeypatch.setattr(process.WriterProcess, "ask", broken)

        async def write(writer: Writer) -> list[Any]:
            texts = [insert(1), insert(2) + "#bad", insert(3)]
            works = [writer.write(Update(text)) for text in texts]
            return await asyncio.gather(*works, return_exceptions=True)

        results = run(bundled, write)
        assert [isinstance(result, NotAllowed) for result in results] == [False, True, False]
        assert numbers(bundled) == [1, 3]


# --- what may befall a machine

LOOP = """
import asyncio, sys
from comity.graph.engines.opening import open_embedded
from comity.graph.engines.writing.requests import Update
from comity.graph.engines.writing.writer import Writer
async def main():
    writer = Writer(open_embedded(sys.argv[1], bundled=False), timeout=30, memory=10**9)
    async def one(n):
        await writer.write(Update(f"INSERT DATA {{ <x:a> <x:p> {n} . <x:b> <x:p> {n} }}"))
        print(n, flush=True)
    for start in range(0, 10**6, 5):
        await asyncio.gather(*(one(start + n) for n in range(5)))
asyncio.run(main())
"""


@pytest.mark.skipif(os.name != "posix", reason="signals")
@pytest.mark.parametrize("seconds", [0.05, 0.4, 1.0])
def test_a_kill_at_any_moment(tmp_path: Path, seconds: float) -> None:
    with subprocess.Popen(
        [sys.executable, "-c", LOOP, str(tmp_path / "store")], stdout=subprocess.PIPE, text=True
    ) as process:
        assert process.stdout is not None
        acknowledged = [int(process.stdout.readline())]
        time.sleep(seconds)
        os.kill(process.pid, signal.SIGKILL)
        acknowledged += [int(line) for line in process.stdout if line.endswith("\n")]
    with closing(open_embedded(tmp_path / "store", bundled=False)) as store:
        found = numbers(store)
        assert set(acknowledged) <= set(found)
        assert all(found.count(number) == 2 for number in found)  # each update whole
        run(store, update(insert(-1)))
        assert numbers(store)[0] == -1
        assert len(list((tmp_path / "store").glob("data-*"))) == 1


def test_a_full_disk(small_disk: Path) -> None:
    with closing(open_embedded(small_disk / "store", bundled=False)) as store:

        async def fill(writer: Writer) -> None:
            rows, large = 0, "x" * 50_000
            with pytest.raises(DiskFull, match="disk is full") as caught:
                while True:
                    triples = " ".join(f'<x:s> <x:q> "{rows + n} {large}" .' for n in range(10))
                    await writer.write(Update(f"INSERT DATA {{ {triples} }}"))
                    rows += 10
            assert caught.value.hint
            assert len(store.engine) == rows > 50
            for _ in range(4):  # as readers do
                folder, _ = store.snapshot()
                assert len(ox.Store.read_only(str(folder))) == rows
                shutil.rmtree(folder)
            await writer.write(Change("DELETE", ""))
            await writer.write(Update(insert(1)))
            assert numbers(store) == [1]

        run(store, fill)
