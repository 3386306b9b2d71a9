"""Parent's side of the writing process: requests and responses are lines of JSON."""

import json
import subprocess
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Any, Final

from comity.graph.engines.workers.wire import unpack_error
from comity.graph.errors import ComityError, EngineCrashed, MemoryLimit, QueryTimeout
from comity.graph.processes import memory_of, ran_out_of_memory

_OPEN_WITHIN: Final = 60.0  # seconds for opening and flushing a copy


class RequestFailed(Exception):
    """A request failed with `error`; `spoilt` is True if it left the copy unusable."""

    def __init__(self, error: ComityError, *, spoilt: bool) -> None:
        self.error, self.spoilt = error, spoilt


class WriterProcess:
    """Parent's side of a writing process."""

    def __init__(self, memory: int) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "comity.graph.engines.writing.copy_writer", str(memory)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
        )
        self._late: float | None = None

    @property
    def is_alive(self) -> bool:
        return self._process.poll() is None

    def ask(self, request: dict[str, Any], within: float = _OPEN_WITHIN) -> dict[str, Any]:
        """Send a request and return its response; raises RequestFailed."""
        assert self._process.stdin is not None and self._process.stdout is not None
        timer = threading.Timer(within, self._end, [within])
        timer.start()
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except OSError:  # broken pipe
            line = b""
        finally:
            timer.cancel()
        if not line.endswith(b"\n") or self._late is not None:  # it may have died half-way
            raise RequestFailed(self._why(), spoilt=True)
        answer: dict[str, Any] = json.loads(line)
        if "error" in answer:
            raise RequestFailed(unpack_error(answer["error"]), spoilt=answer["spoilt"])
        return answer

    def _end(self, within: float) -> None:
        self._late = within
        self._process.kill()

    def _why(self) -> ComityError:
        code = self._process.wait()
        if self._late is not None:
            return QueryTimeout(
                f"the write took longer than {self._late:g} s and was stopped; nothing was changed",
                hint="Split it into smaller requests. COMITY_TIMEOUT sets the limit.",
            )
        if ran_out_of_memory(code):
            return MemoryLimit(
                "the write exceeded its memory limit; nothing was changed",
                hint="Split it into smaller requests. COMITY_MEMORY sets the limit.",
            )
        return EngineCrashed(f"the engine crashed on this write (exit {code}); nothing was changed")

    def memory(self) -> int:
        """Return its resident memory in bytes; 0 if the system does not report it."""
        try:
            text = Path(f"/proc/{self._process.pid}/statm").read_text()
        except OSError:
            return 0
        return memory_of(text)

    def kill(self) -> None:
        """Kill the process and wait for its end."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
