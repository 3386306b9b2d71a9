"""Queries in worker processes: stopped when late, cancelled, left or too hungry, and apart."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any

import pyoxigraph
import pytest

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.engines.workers.pool import LONG, WorkerPool
from comity.graph.errors import (
    Busy,
    ComityError,
    EngineCrashed,
    MemoryLimit,
    NotAcceptable,
    NotAllowed,
    QueryError,
    QuerySyntaxError,
    QueryTimeout,
    StoreError,
)
from comity.graph.sparql.dataset import Dataset
from comity.graph.store.interface import Query, ResultFormat

MEMORY = 400_000_000
SMALL = "SELECT * { ?s ?p ?o } LIMIT 5"
# Three patterns without a shared variable: as many rows as the cube of the graph.
CARTESIAN = "SELECT (COUNT(*) AS ?n) { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i }"
HOG = "SELECT * { ?a ?b ?c . ?d ?e ?f . ?g ?h ?i } ORDER BY ?a ?d ?g"

pytestmark = pytest.mark.skipif(os.name != "posix", reason="worker processes need POSIX")


@pytest.fixture(scope="module")
def thousand() -> Iterator[EmbeddedStore]:
    with closing(open_embedded("memory", bundled=False)) as store:
        with store.writing() as engine:
            engine.bulk_extend(
                pyoxigraph.Quad(
                    pyoxigraph.NamedNode(f"urn:s{number}"),
                    pyoxigraph.NamedNode("urn:p"),
                    pyoxigraph.Literal(number),
                )
                for number in range(5000)
            )
        yield store


@asynccontextmanager
async def pool_of(store: EmbeddedStore, size: int = 2, **options: Any) -> AsyncIterator[WorkerPool]:
    pool = WorkerPool(store, size=size, memory=MEMORY, **options)
    await pool.start()
    try:
        yield pool
    finally:
        pool.close()


async def ask(pool: WorkerPool, text: str, timeout: float | None = 30, **said: Any) -> bytes:
    async with await pool.query(Query(text, timeout=timeout, **said)) as answer:
        return b"".join([chunk async for chunk in answer])


def run(store: EmbeddedStore, work: Callable[[WorkerPool], Awaitable[Any]], **options: Any) -> Any:
    async def within() -> Any:
        async with pool_of(store, **options) as pool:
            return await work(pool)

    return asyncio.run(within())


def test_a_question_may_come_while_the_first_worker_starts(thousand: EmbeddedStore) -> None:
    async def work() -> bytes:
        pool = WorkerPool(thousand, size=1, memory=MEMORY)
        starting = asyncio.create_task(pool.start())
        try:
            answer = await ask(pool, SMALL)
            await starting
        finally:
            pool.close()
        return answer

    assert b"bindings" in asyncio.run(work())


def children() -> set[int]:
    """The worker processes of this process that are alive."""
    found = set()
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            stat = (folder / "stat").read_text().rsplit(")", 1)[1].split()
            command = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if (
            int(stat[1]) == os.getpid()
            and stat[0] != "Z"
            and b"comity.graph.engines.workers.worker" in command
        ):
            found.add(int(folder.name))
    return found


async def until(true: Callable[[], bool], seconds: float = 10) -> bool:
    deadline = time.monotonic() + seconds
    while not true() and time.monotonic() < deadline:
        await asyncio.sleep(0.02)
    return true()


class TestAnswers:
    @pytest.mark.parametrize(
        ("query", "said"),
        [
            ("SELECT * { ?s ?p ?o } ORDER BY ?o LIMIT 3", {"table": ResultFormat.CSV}),
            ("SELECT * { ?s ?p ?o } ORDER BY ?o", {"table": ResultFormat.JSON}),
            ("ASK { ?s ?p 7 }", {"table": ResultFormat.XML}),
            ("CONSTRUCT { ?s ?p ?o } WHERE { ?s ?p ?o }", {"graph": ResultFormat.N_TRIPLES}),
            ("SELECT * { <x> ?p ?o }", {"base": "https://example.org/", "table": ResultFormat.TSV}),
            ("SELECT * { ?s ?p ?o }", {"dataset": Dataset(("urn:none",), ()), "table": ResultFormat.TSV}),
        ],
    )  # fmt: skip
    def test_they_are_those_of_the_store(
        self, thousand: EmbeddedStore, query: str, said: dict[str, Any]
    ) -> None:
        async def of_store() -> bytes:
            async with await thousand.query(Query(query, **said)) as answer:
                return b"".join([chunk async for chunk in answer])

        assert run(thousand, lambda pool: ask(pool, query, **said)) == asyncio.run(of_store())

    @pytest.mark.parametrize(
        ("query", "kind", "said"),
        [
            ("SELECT * {", QuerySyntaxError, {}),
            ("INSERT DATA { <urn:a> <urn:b> 1 }", QuerySyntaxError, {}),
            ("SELECT * { SERVICE <http://127.0.0.1:1/> { ?s ?p ?o } }", NotAllowed, {}),
            ("SELECT * { ?s ?p ?o }", NotAcceptable, {"table": None}),
            ("SELECT (COUNT(*) AS ?n) ?s { ?s ?p ?o }", QueryError, {}),
            ("SELECT * {" + "{" * 30_000 + "}" * 30_000 + "}", QuerySyntaxError, {}),
        ],
    )
    def test_errors_are_those_of_the_store(
        self, thousand: EmbeddedStore, query: str, kind: type[ComityError], said: dict[str, Any]
    ) -> None:
        async def of_store() -> None:
            await thousand.query(Query(query, **said))

        with pytest.raises(kind) as here:
            asyncio.run(of_store())
        with pytest.raises(kind) as there:
            run(thousand, lambda pool: ask(pool, query, **said))
        assert str(here.value) == str(there.value)
        assert here.value.hint == there.value.hint
        assert getattr(here.value, "place", None) == getattr(there.value, "place", None)

    def test_a_reader_that_is_slow_holds_the_worker_back(self, thousand: EmbeddedStore) -> None:
        text = "SELECT * { ?a ?p ?b . ?c ?q ?d } LIMIT 300000"

        async def slowly(pool: WorkerPool) -> int:
            async with await pool.query(Query(text, timeout=60)) as answer:
                await asyncio.sleep(1)
                (running,) = pool.running()
                held = sum(len(body) for _, body in running.worker._frames)
                assert held < 2_000_000
                return sum([len(chunk) async for chunk in answer])

        assert run(thousand, slowly) > 30_000_000

    def test_what_was_written_is_read(self, empty: EmbeddedStore) -> None:
        async def write_and_read(pool: WorkerPool) -> None:
            for number in range(5):
                with empty.writing() as engine:
                    engine.update(f"INSERT DATA {{ <urn:s> <urn:p> {number} }}")
                answers = [ask(pool, f"ASK {{ <urn:s> <urn:p> {number} }}") for _ in range(3)]
                for found in await asyncio.gather(*answers):
                    assert b"true" in found
                async with await pool.query(Query(SMALL)) as answer:
                    assert answer.version == pool.version == empty.version

        run(empty, write_and_read)

    def test_old_checkpoints_are_removed(self, tmp_path: Path) -> None:
        with closing(open_embedded(tmp_path / "store", bundled=False)) as store:

            async def write(pool: WorkerPool) -> None:
                for number in range(5):
                    with store.writing() as engine:
                        engine.update(f"INSERT DATA {{ <urn:s> <urn:p> {number} }}")
                    await asyncio.gather(*(ask(pool, SMALL) for _ in range(2)))
                # the live data, the snapshot, and what an idle worker still has open
                assert len(list((tmp_path / "store").glob("data-*"))) <= 4

            run(store, write)
            assert len(list((tmp_path / "store").glob("data-*"))) == 1


class TestLimits:
    def test_a_late_query_is_stopped_and_its_worker_gone(self, thousand: EmbeddedStore) -> None:
        async def late(pool: WorkerPool) -> None:
            before = children()
            start = time.monotonic()
            with pytest.raises(QueryTimeout):
                await ask(pool, CARTESIAN, timeout=0.5)
            assert time.monotonic() - start < 5
            assert pool.running() == []
            assert await until(lambda: len(before - children()) == 1)
            assert await ask(pool, SMALL)

        run(thousand, late)

    def test_a_limit_in_the_middle_of_an_answer_is_an_error(self, thousand: EmbeddedStore) -> None:
        async def half(pool: WorkerPool) -> None:
            text = "SELECT * { ?a ?p ?b . ?c ?q ?d . ?e ?r ?f }"
            async with await pool.query(Query(text, timeout=0.5)) as answer:
                with pytest.raises(QueryTimeout, match="in the middle"):
                    async for _ in answer:
                        pass

        run(thousand, half)

    @pytest.mark.skipif(not Path("/proc").is_dir(), reason="the memory limit needs Linux")
    def test_a_memory_hog_ends_and_the_next_query_finds_a_worker(
        self, thousand: EmbeddedStore
    ) -> None:
        async def hog(pool: WorkerPool) -> None:
            with pytest.raises(MemoryLimit, match="memory"):
                await ask(pool, HOG, timeout=120)
            assert await ask(pool, SMALL)

        run(thousand, hog)

    def test_who_leaves_frees_the_worker(self, thousand: EmbeddedStore) -> None:
        async def leave(pool: WorkerPool) -> None:
            task = asyncio.create_task(ask(pool, CARTESIAN))
            assert await until(lambda: len(pool.running()) == 1)
            (running,) = pool.running()
            task.cancel()
            assert await until(lambda: running.worker.process.pid not in children())
            async with await pool.query(Query("SELECT * { ?a ?p ?b . ?c ?q ?d }")) as answer:
                (running,) = pool.running()
                await anext(aiter(answer))
            assert await until(lambda: running.worker.process.pid not in children())

        run(thousand, leave)

    def test_cancelling(self, thousand: EmbeddedStore) -> None:
        async def cancel(pool: WorkerPool) -> None:
            task = asyncio.create_task(ask(pool, CARTESIAN))
            assert await until(lambda: len(pool.running()) == 1)
            (running,) = pool.running()
            assert running.text == CARTESIAN and running.age >= 0
            assert pool.cancel(running.id) and not pool.cancel("q0")
            with pytest.raises(QueryTimeout, match="cancelled"):
                await task

        run(thousand, cancel)

    def test_heavy_queries_leave_the_way_free(self, thousand: EmbeddedStore) -> None:
        """Eight heavy ones at once: small ones are answered, at the latest when they have moved."""

        async def beside(pool: WorkerPool) -> None:
            heavy = [asyncio.create_task(ask(pool, CARTESIAN, timeout=20)) for _ in range(8)]
            await asyncio.sleep(8 * LONG)
            times = []
            for _ in range(20):
                start = time.monotonic()
                assert await ask(pool, SMALL)
                times.append(time.monotonic() - start)
            assert sorted(times)[18] < 5
            # Four have the places for long ones, the others were refused.
            assert await until(lambda: len(pool.running()) == 4)
            for task in heavy:
                task.cancel()
            ends = await asyncio.gather(*heavy, return_exceptions=True)
            assert sum(isinstance(end, Busy) for end in ends) == 4

        run(thousand, beside)

    def test_beyond_the_queue_is_a_clean_refusal(self, thousand: EmbeddedStore) -> None:
        async def crowd(pool: WorkerPool) -> None:
            tasks = [asyncio.create_task(ask(pool, CARTESIAN, timeout=1)) for _ in range(5)]
            await asyncio.sleep(0.2)
            with pytest.raises(Busy) as error:
                await ask(pool, SMALL)
            assert error.value.retry_after >= 1
            await asyncio.gather(*tasks, return_exceptions=True)
            assert await ask(pool, SMALL)

        run(thousand, crowd, size=1, queue=3)


class TestFaults:
    @pytest.mark.parametrize("signal_", [signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL])
    def test_a_worker_that_dies(self, thousand: EmbeddedStore, signal_: signal.Signals) -> None:
        async def die(pool: WorkerPool) -> None:
            task = asyncio.create_task(ask(pool, CARTESIAN))
            assert await until(lambda: len(pool.running()) == 1)
            os.kill(pool.running()[0].worker.process.pid, signal_)
            with pytest.raises((EngineCrashed, MemoryLimit)) as error:
                await task
            assert isinstance(error.value, EngineCrashed) == (signal_ == signal.SIGSEGV)
            assert await ask(pool, SMALL)

        run(thousand, die)

    def test_idle_workers_that_die_are_not_asked(self, thousand: EmbeddedStore) -> None:
        async def die(pool: WorkerPool) -> None:
            assert await until(lambda: len(children()) >= 1)
            for pid in children():
                os.kill(pid, signal.SIGKILL)
            assert await until(lambda: not children())
            assert await ask(pool, SMALL)

        run(thousand, die)

    def test_workers_die_with_the_pool(self, thousand: EmbeddedStore) -> None:
        async def leave(pool: WorkerPool) -> None:
            task = asyncio.create_task(ask(pool, CARTESIAN))
            assert await until(lambda: len(pool.running()) == 1)
            pool.close()
            with pytest.raises(ComityError):
                await task
            with pytest.raises(StoreError):
                await ask(pool, SMALL)
            assert await until(lambda: not children())

        run(thousand, leave)


class TestCallingOut:
    def test_only_allowed_addresses_are_called(self, thousand: EmbeddedStore) -> None:
        called: list[bytes] = []

        async def within() -> None:
            async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
                called.append(await reader.readuntil(b"\r\n\r\n"))
                body = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"literal","value":"there"}}]}}'
                head = "HTTP/1.1 200 OK\r\nContent-Type: application/sparql-results+json\r\n"
                writer.write(f"{head}Content-Length: {len(body)}\r\n\r\n".encode() + body)
                await writer.drain()
                writer.close()

            server = await asyncio.start_server(answer, "127.0.0.1", 0)
            address = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/sparql"
            async with server, pool_of(thousand, allowed=(address,)) as pool:
                text = "SELECT ?x { SERVICE <%s> { ?x ?p ?o } }"
                assert b"there" in await ask(pool, text % address)
                assert len(called) == 1
                refused = [
                    text % (address + "x"),
                    text % "http://127.0.0.1:1/",
                    f"SELECT * {{ VALUES ?s {{ <{address}> }} SERVICE ?s {{ ?x ?p ?o }} }}",
                    f"PREFIX a: <{address}> SELECT * {{ SERVICE a: {{ ?x ?p ?o }} }}",
                    f"SELECT * {{ \\u0053ERVICE <{address}> {{ ?x ?p ?o }} }}",
                    f"SELECT * {{ SERVICE <{address}> {{}} SERVICE <urn:b> {{ ?x ?p ?o }} }}",
                ]
                for each in refused:
                    with pytest.raises((NotAllowed, QuerySyntaxError)):
                        await ask(pool, each)
                assert len(called) == 1

        asyncio.run(within())

    @pytest.mark.skipif(os.geteuid() != 0, reason="who may take the network away depends")
    def test_workers_have_no_network(self, thousand: EmbeddedStore) -> None:
        async def look(pool: WorkerPool) -> None:
            await ask(pool, "ASK {}")
            assert pool._idle
            for worker in pool._idle:
                assert worker.fenced
                text = Path(f"/proc/{worker.process.pid}/net/dev").read_text()
                assert text.split("\n", 2)[2].split(":")[0].strip() == "lo"

        run(thousand, look)
