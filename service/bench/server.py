"""An engine's process with its children: started, awaited, measured and stopped."""

import os
import signal
import socket
import subprocess
import time
from collections.abc import Mapping, Sequence
from contextlib import closing, suppress
from pathlib import Path

from comity.graph.errors import ComityError
from comity.service.bench.client import Client, ConnectionLost, TooSlow, request

START = 600.0  # seconds for a start, during which rdflib-endpoint reads its data
END = 20.0


class EngineFailed(ComityError):
    """An engine failed to load, start or continue."""


def free_port() -> int:
    """Return a loopback port that is free now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def run(command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
    """Run a command to its end. Raises EngineFailed with its last line of output."""
    process = _start(command, log, env)
    try:
        process.wait()
    finally:
        _end_group(process)
    if process.returncode:
        raise EngineFailed(f"`{' '.join(command)}` failed: {_last_line(log)}")


class Server:
    """A server in its own session, so that Ctrl-C reaches only this program."""

    def __init__(
        self,
        command: Sequence[str],
        address: str,
        log: Path,
        env: Mapping[str, str] | None = None,
        patience: float = END,
    ) -> None:
        """Start it; `patience` is the time in seconds for it to end."""
        self.address, self.log, self.command = address, log, command
        self._patience = patience
        self.process = _start(command, log, env)

    def wait(self) -> None:
        """Wait until it answers a query. Raises EngineFailed."""
        ask = request(self.address, "ASK {}")
        end = time.monotonic() + START
        with closing(Client()) as client:
            while time.monotonic() < end:
                if self.process.poll() is not None:
                    raise EngineFailed(f"`{self.command[0]}` ended: {_last_line(self.log)}")
                with suppress(ConnectionLost, TooSlow):
                    status = client.fetch(self.address, ask, limit=5).status
                    if status == 200:
                        return
                    if status < 500:
                        raise EngineFailed(f"{self.address} answers {status} to a query")
                time.sleep(0.05)
        raise EngineFailed(f"`{self.command[0]}` did not answer within {START:g} s")

    def stop(self) -> None:
        """Stop it and its children: by signal, then by force."""
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(self._patience)
        _end_group(self.process)

    def memory(self) -> int | None:
        """Return the memory of it and its children in bytes, shared pages counted once.

        None without psutil. On systems other than Linux it is the sum of resident memory.
        """
        try:
            import psutil
        except ImportError:
            return None
        total = 0
        with suppress(psutil.NoSuchProcess):
            parent = psutil.Process(self.process.pid)
            for each in (parent, *parent.children(recursive=True)):
                with suppress(psutil.NoSuchProcess, psutil.AccessDenied):
                    info = each.memory_full_info()
                    total += getattr(info, "pss", info.rss)
        return total


def _start(
    command: Sequence[str], log: Path, env: Mapping[str, str] | None
) -> subprocess.Popen[bytes]:
    with log.open("ab") as out:
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            env=env,
            start_new_session=True,
        )


def _end_group(process: subprocess.Popen[bytes]) -> None:
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").split("\n")
    return next((line.strip() for line in reversed(lines) if line.strip()), "it printed nothing")
