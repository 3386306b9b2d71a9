"""A `comity serve` of its own, for the tests that look at it from outside."""

import json
import os
import re
import signal
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from places import COMITY

from comity.graph.engines.embedded.load import load
from comity.graph.engines.opening import open_embedded

TINY = Path(__file__).resolve().parent.with_name("data") / "tiny.trig"


@dataclass(frozen=True)
class Service:
    """A service: its process, its address, and the file that its log goes to."""

    process: subprocess.Popen[bytes]
    address: str
    log: Path

    @property
    def lines(self) -> list[dict[str, Any]]:
        """What it has logged as JSON so far."""
        return [json.loads(line) for line in self.log.read_text().split("\n")[1:-1]]

    def workers(self) -> list[int]:
        """The ids of its worker processes."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = (folder / "stat").read_text().rsplit(")", 1)[1].split()[1]
                command = (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if (
                int(parent) == self.process.pid
                and b"comity.graph.engines.workers.worker" in command
            ):
                found.append(int(folder.name))
        return found


def make_store(folder: Path) -> Path:
    """A store with the tiny graph alone, on which a service starts in no time: --no-bundled."""
    with closing(open_embedded(folder, bundled=False)) as store:
        load(store, [TINY])
    return folder


@contextmanager
def served(
    log: Path, *flags: str, store: str | Path = "memory", **environment: str
) -> Iterator[Service]:
    """A service on a fresh store or another, at any free port, with its messages in a file."""
    command = [str(COMITY), "serve", "--port", "0", "--store", str(store), *flags]
    with (
        log.open("wb") as messages,
        subprocess.Popen(command, env=os.environ | environment, stderr=messages) as process,
    ):
        try:
            yield Service(process, _address(process, log), log)
        finally:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()


def _address(process: subprocess.Popen[bytes], log: Path) -> str:
    end = time.monotonic() + 60
    while time.monotonic() < end and process.poll() is None:
        if found := re.search(r"http://\S+?(?=/? )", log.read_text()):
            return found[0].rstrip("/")
        time.sleep(0.02)
    raise AssertionError(f"the service did not start: {log.read_text()}")
