"""An engine's process: started, waited for, measured and ended with all that it started."""

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

START = 600.0  # seconds that a start may take: rdflib-endpoint reads its data meanwhile
END = 20.0


class EngineFailed(ComityError):
    """An engine that does not load, start or go on."""


def free_port() -> int:
    """A port of the loopback that nobody listens at now."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def run(command: Sequence[str], log: Path, env: Mapping[str, str] | None = None) -> None:
    """Run a command to its end. Raises EngineFailed, with the last line that it said."""
    process = _start(command, log, env)
    try:
        process.wait()
    finally:
        _end_group(process)
    if process.returncode:
        raise EngineFailed(f"`{' '.join(command)}` failed: {_last_line(log)}")


class Server:
    """A server in a session of its own, so that Ctrl-C reaches this program alone."""

    def __init__(
        self,
        command: Sequence[str],
        address: str,
        log: Path,
        env: Mapping[str, str] | None = None,
        patience: float = END,
    ) -> None:
        """Start it; `patience` are the seconds that it has when it is to end."""
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
        """End it and its children: by signal, and by force where that does not help."""
        if self.process.poll() is None:
            self.process.terminate()
            with suppress(subprocess.TimeoutExpired):
                self.process.wait(self._patience)
        _end_group(self.process)

    def memory(self) -> int | None:
        """Bytes of memory of it and its children, pages that they share counted once.

        None where psutil is not installed. Without Linux it is the resident memory of each.
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
    return next((line.strip() for line in reversed(lines) if line.strip()), "it said nothing")
