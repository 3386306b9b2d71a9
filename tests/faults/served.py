"""A `comity serve` with all of its processes, to be killed, starved and started again."""

import os
import re
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Any, Final, Self

import httpx
from places import COMITY

TOKEN: Final = "secret"
START: Final = 60.0  # seconds that is waited for a start, on a busy machine; two are meant
_ADDRESS = re.compile(r" at (http://\S+?)/ ")


@dataclass(frozen=True, slots=True)
class Process:
    """A process of a service: `kind` is the module that it runs, `seconds` its processor time."""

    pid: int
    kind: str
    seconds: float
    started: int


class Service:
    """A service on a store, on any free port; `starts` counts how often it was started."""

    def __init__(
        self,
        store: Path,
        *flags: str,
        environment: Mapping[str, str] | None = None,
        through: Sequence[str] = (),
        log: Path | None = None,
    ) -> None:
        self._command = [*through, str(COMITY), "serve", "--port", "0", "--store", str(store)]
        self._command += flags
        self._environment = os.environ | {"COMITY_TOKEN": TOKEN} | dict(environment or {})
        self._log = log or store.parent / f"{store.name}.log"
        self._process: subprocess.Popen[bytes] | None = None
        self._address = ""
        self.starts = 0
        self.is_up = False

    @property
    def address(self) -> str:
        return self._address

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    @property
    def log(self) -> str:
        """What all starts of it wrote."""
        return self._log.read_text("utf-8", "replace") if self._log.exists() else ""

    def begin(self) -> None:
        """Start it and return at once."""
        self._begun = len(self.log)
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(self._command, env=self._environment, stderr=log)
        self.starts += 1

    def start(self) -> float:
        """Start it and wait until it says its address; gives the seconds that this took."""
        start = time.monotonic()
        self.begin()
        self.wait()
        return time.monotonic() - start

    def wait(self) -> None:
        """Wait until it says its address."""
        assert self._process is not None
        end = time.monotonic() + START
        while not (found := _ADDRESS.search(self.log[self._begun :])):
            assert self._process.poll() is None, f"it did not start:\n{self.log}"
            assert time.monotonic() < end, f"it takes too long to start:\n{self.log}"
            time.sleep(0.01)
        self._address = found[1]
        self.is_up = True

    def end(self, signal_: signal.Signals = signal.SIGTERM) -> int:
        """Send it a signal and wait for its end; gives the exit code."""
        assert self._process is not None
        self.is_up = False
        self._process.send_signal(signal_)
        return self._process.wait(START)

    def children(self, kind: str | None = None) -> list[Process]:
        """Its processes, of one kind or all: worker, copy_writer, derive_process."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                stat = (folder / "stat").read_text().rsplit(")", 1)[1].split()
                command = (folder / "cmdline").read_bytes().split(b"\0")
            except OSError:
                continue
            if int(stat[1]) != self.pid or stat[0] == "Z":
                continue
            name = next((c for c in command if c.startswith(b"comity.graph.")), b"other").decode()
            name = name.rpartition(".")[2]
            if kind in (None, name):
                seconds = (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")
                found.append(Process(int(folder.name), name, seconds, int(stat[19])))
        return found

    def memory(self, *, children: bool = True) -> int:
        """Bytes that it has in memory, its processes included or not."""
        pids = [self.pid, *(child.pid for child in self.children() if children)]
        pages = 0
        for pid in pids:
            with suppress(OSError):
                pages += int(Path(f"/proc/{pid}/statm").read_text().split()[1])
        return pages * os.sysconf("SC_PAGESIZE")

    def ask(self, query: str, timeout: float = 30, **said: str) -> httpx.Response:
        """Put a query by a connection of its own."""
        return httpx.post(
            f"{self.address}/sparql",
            data={"query": query, **said},
            timeout=timeout,
            trust_env=False,
        )

    def rows(self, query: str) -> list[list[str]]:
        """The rows of an answer as CSV has them."""
        answer = self.ask(query, format="csv")
        assert answer.status_code == 200, answer.text
        return [line.split(",") for line in answer.text.splitlines()[1:]]

    def update(self, text: str) -> httpx.Response:
        """Send an update with the token."""
        return self.write("POST", "update", data={"update": text})

    def write(self, method: str, path: str, **said: Any) -> httpx.Response:
        """Send something with the token."""
        headers = {"Authorization": f"Bearer {TOKEN}"} | said.pop("headers", {})
        address = f"{self.address}/{path}"
        return httpx.request(method, address, headers=headers, timeout=60, trust_env=False, **said)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._process is not None and self._process.poll() is None:
            self.end(signal.SIGKILL)


def until(true: Callable[[], object], within: float = 10) -> float:
    """Wait until something is so; gives the seconds that this took."""
    start = time.monotonic()
    while not true():
        assert time.monotonic() - start < within, "it did not come about"
        time.sleep(0.01)
    return time.monotonic() - start
