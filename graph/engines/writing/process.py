"""The parent's side of the process that writes: a request is a line of JSON, and so is its answer."""

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

_OPEN_WITHIN: Final = 60.0  # seconds that opening and flushing a copy may take


class RequestFailed(Exception):
    """A request failed with `error`; where it left the copy unfit for use, that is `spoilt`."""

    def __init__(self, error: ComityError, *, spoilt: bool) -> None:
        self.error, self.spoilt = error, spoilt


class WriterProcess:
    """The parent's side of a process that writes."""

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
        """Have it do something; raises RequestFailed."""
        assert self._process.stdin is not None and self._process.stdout is not None
        timer = threading.Timer(within, self._end, [within])
        timer.start()
        try:
            self._process.stdin.write(json.dumps(request).encode() + b"\n")
            self._process.stdin.flush()
            line = self._process.stdout.readline()
        except OSError:  # a pipe that is broken
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
                f"it took longer than {self._late:g} s, so it was stopped; nothing was changed",
                hint="Do less in one request. COMITY_TIMEOUT sets the limit.",
            )
        if ran_out_of_memory(code):
            return MemoryLimit(
                "it needed more memory than it may have; nothing was changed",
                hint="Do less in one request. COMITY_MEMORY sets the limit.",
            )
        return EngineCrashed(f"the engine broke down over it (exit {code}); nothing was changed")

    def memory(self) -> int:
        """Bytes that the process has in memory; 0 where the system doesn't tell."""
        try:
            text = Path(f"/proc/{self._process.pid}/statm").read_text()
        except OSError:
            return 0
        return memory_of(text)

    def kill(self) -> None:
        """End the process and wait for its end."""
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                with suppress(OSError):
                    pipe.close()
