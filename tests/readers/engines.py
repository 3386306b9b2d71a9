"""Engines that no one here wrote, each started on a folder and a free port of its own."""

import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx
from needs import need, need_program

from comity.graph.engines.remote.connection import Endpoint
from comity.service.bench.server import free_port

_WITHIN = 60  # seconds that an engine has to start
VIRTUOSO = """
[Database]
DatabaseFile = virtuoso.db
ErrorLogFile = virtuoso.log
LockFile = virtuoso.lck
TransactionFile = virtuoso.trx
xa_persistent_file = virtuoso.pxa
FileExtend = 200
TempStorage = TempDatabase
[TempDatabase]
DatabaseFile = temp.db
TransactionFile = temp.trx
[Parameters]
ServerPort = 127.0.0.1:{sql}
DisableUnixSocket = 1
CaseMode = 2
DirsAllowed = .
NumberOfBuffers = 4000
MaxDirtyBuffers = 3000
MaxQueryMem = 200M
ThreadsPerQuery = 2
[HTTPServer]
ServerPort = 127.0.0.1:{port}
ServerRoot = .
ServerThreads = 20
MaxKeepAlives = 20
KeepAliveTimeout = 10
Charset = UTF-8
[SPARQL]
ResultSetMaxRows = {rows}
MaxQueryExecutionTime = {seconds}
"""


@dataclass
class Engine:
    """An engine: `stop` and `start` it again at the same address."""

    name: str
    endpoint: Endpoint
    command: Sequence[str]
    folder: Path
    process: subprocess.Popen[bytes] | None = field(default=None, repr=False)

    def start(self) -> None:
        """Start it and wait until it answers."""
        with (self.folder / "output").open("ab") as output:
            self.process = subprocess.Popen(
                self.command, cwd=self.folder, stdout=output, stderr=output
            )
        end = time.monotonic() + _WITHIN
        while True:
            assert self.process.poll() is None, (self.folder / "output").read_text()
            try:
                httpx.get(self.endpoint.address, params={"query": "ASK {}"}, trust_env=False)
                return
            except httpx.TransportError:
                assert time.monotonic() < end, "the engine does not start"
                time.sleep(0.1)

    def stop(self) -> None:
        """Kill it."""
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        # Virtuoso leaves it behind, and would not start again.
        (self.folder / "virtuoso.lck").unlink(missing_ok=True)


@contextmanager
def oxigraph(folder: Path) -> Iterator[Engine]:
    """`oxigraph serve`."""
    program = Path(sys.executable).with_name("oxigraph")
    need(program.exists(), "the engine of Oxigraph: pip install oxigraph")
    folder.mkdir()
    port = free_port()
    at = f"http://127.0.0.1:{port}"
    command = [str(program), "serve", "--location", "data", "--bind", f"127.0.0.1:{port}"]
    endpoint = Endpoint(f"{at}/query", f"{at}/update", f"{at}/store")
    with _started(Engine("oxigraph", endpoint, command, folder)) as engine:
        yield engine


@contextmanager
def virtuoso(folder: Path, *, rows: int = 100_000, seconds: int = 60) -> Iterator[Engine]:
    """Virtuoso; `rows` is where it cuts answers off, `seconds` its own time limit."""
    program = need_program("virtuoso-t")
    folder.mkdir()
    port, sql = free_port(), free_port()
    at = f"http://127.0.0.1:{port}"
    settings = VIRTUOSO.format(sql=sql, port=port, rows=rows, seconds=seconds)
    (folder / "virtuoso.ini").write_text(settings)
    command = [program, "-f", "+configfile", "virtuoso.ini"]
    endpoint = Endpoint(
        f"{at}/sparql", f"{at}/sparql-auth", f"{at}/sparql-graph-crud-auth", "dba:dba"
    )
    with _started(Engine("virtuoso", endpoint, command, folder)) as engine:
        yield engine


@contextmanager
def _started(engine: Engine) -> Iterator[Engine]:
    try:
        engine.start()
        yield engine
    finally:
        engine.stop()
