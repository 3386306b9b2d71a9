"""Engine processes: loaded, started, restarted, watched and stopped."""

import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path

from comity.service.bench.engines import Engine, EngineFolder
from comity.service.bench.generator import triples
from comity.service.bench.results import OURS, EngineFacts
from comity.service.bench.server import EngineFailed, Server

SAMPLE = 0.05  # seconds between two samples of an engine's memory
Say = Callable[[str], None]


class RunningEngine:
    """An engine that is loaded and answers."""

    def __init__(self, engine: Engine, place: EngineFolder) -> None:
        """Load and start it; the data file must exist. Raises EngineFailed."""
        self.engine, self.place = engine, place
        self.lost: str | None = None
        """Why it no longer answers."""
        place.folder.mkdir()
        started = time.monotonic()
        engine.load(place)
        loaded = time.monotonic()
        self.server = self._start()
        self.facts = EngineFacts(
            name=engine.name,
            version=engine.version,
            load_seconds=loaded - started,
            start_seconds=time.monotonic() - loaded,
            bytes=_size(place.folder),
            memory_idle=self.server.memory(),
        )

    @property
    def name(self) -> str:
        """Its name in the results."""
        return self.engine.name

    @property
    def address(self) -> str:
        """Its address for queries."""
        return self.server.address

    def stop(self) -> None:
        """Stop it."""
        self.server.stop()

    def restart(self) -> None:
        """Restart it: not every engine stops a query whose client has left."""
        self.server.stop()
        try:
            self.server = self._start()
        except EngineFailed as error:
            self.lost = str(error)

    def _start(self) -> Server:
        server = self.engine.serve(self.place)
        try:
            server.wait()
        except BaseException:
            server.stop()
            raise
        return server

    @contextmanager
    def watched(self) -> Iterator[None]:
        """Record its peak memory during the block."""
        done = threading.Event()

        def look() -> None:
            # What takes less time than a sample is looked at once, at its end.
            while True:
                ended = done.wait(SAMPLE)
                if (memory := self.server.memory()) is not None:
                    self.facts.memory_peak = max(self.facts.memory_peak or 0, memory)
                if ended:
                    return

        thread = threading.Thread(target=look)
        thread.start()
        try:
            yield
        finally:
            done.set()
            thread.join()


def _size(folder: Path) -> int:
    """Sum the bytes of the files below, each once: Comity's checkpoints are hard links."""
    found = [file.stat() for file in folder.rglob("*") if file.is_file()]
    return sum({each.st_ino: each.st_size for each in found}.values())


def write_data(file: Path, size: int, seed: int) -> int:
    """Write the graph, and return the number of its triples."""
    written = 0
    with file.open("w", encoding="utf-8") as out:
        for lines in triples(size, seed):
            out.write(lines)
            written += lines.count("\n")
    return written


@contextmanager
def running(
    engines: Sequence[Engine],
    folder: Path,
    data: Path,
    limit: float,
    absent: dict[str, str],
    say: Say,
) -> Iterator[list[RunningEngine]]:
    """Load and start the engines one after another; stop them at the end.

    An engine that fails is put into `absent` with the reason; only Comity's failure raises
    EngineFailed.
    """
    with ExitStack() as stack:
        started = []
        for engine in engines:
            say(f"{engine.name} {engine.version}: loading and starting")
            try:
                each = RunningEngine(engine, EngineFolder(folder / engine.name, data, limit))
            except EngineFailed as error:
                if engine.name == OURS:
                    raise
                absent[engine.name] = str(error)
                say(f"without {engine.name}: {error}")
                continue
            stack.callback(each.stop)
            started.append(each)
            facts = each.facts
            say(
                f"{engine.name}: loaded in {facts.load_seconds:.1f} s, "
                f"answered {facts.start_seconds:.1f} s after its start"
            )
        yield started
