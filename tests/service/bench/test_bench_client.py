"""The benchmark's client, against a server of a few lines, and the processes of engines."""

import asyncio
import itertools
import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pytest

from comity.service.bench.client import Client, ConnectionLost, TooSlow, request
from comity.service.bench.server import EngineFailed, Server

pytestmark = pytest.mark.skipif(os.name != "posix", reason="engines are ended as POSIX has it")


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
            with pytest.raises(ConnectionLost):
                client.fetch(at, request(at, "ASK {}"), limit=5)
            with pytest.raises(ConnectionLost):
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
        with closing(Client()) as client, pytest.raises(ConnectionLost, match="no connection"):
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
