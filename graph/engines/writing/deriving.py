"""Derivation in the background, while the service answers with stale derived facts."""

import logging
import sys
import threading
import time
from collections.abc import Sequence
from pathlib import Path
from subprocess import PIPE, STDOUT, Popen
from typing import Final

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.errors import ComityError, StoreError, WriteConflict
from comity.graph.store.record import is_lagging

QUIET: Final = 1.0  # seconds without a write before deriving begins
_COMMAND: Final = (sys.executable, "-m", "comity.graph.engines.writing.derive_process")

log = logging.getLogger("comity")


class BackgroundDerivation:
    """Rebuilds derived facts after writes, once after several in a row.

    A separate process does it, on a copy that then replaces the data: neither queries nor writers
    wait. A write in the meantime restarts it, so as long as writes come without a pause, derived
    facts stay stale. After a failure it waits for the next write.
    """

    def __init__(
        self, store: EmbeddedStore, *, quiet: float = QUIET, command: Sequence[str] = _COMMAND
    ) -> None:
        self._store = store
        self._quiet = quiet
        self._command = command
        self._due = threading.Event()
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._process: Popen[str] | None = None
        self._behind: float | None = None  # since when (time.monotonic)
        self._thread = threading.Thread(target=self._run, name="comity-deriving", daemon=True)

    @property
    def lag(self) -> float:
        """Seconds since derived facts became stale, 0 if they are current."""
        behind = self._behind
        return 0.0 if behind is None else time.monotonic() - behind

    def start(self) -> None:
        """Begin to wait for writes; facts that are stale already are rebuilt."""
        self._due.set()
        self._thread.start()

    def written(self) -> None:
        """Note a write to the store; call this after each."""
        with self._lock:
            self._behind = self._behind or time.monotonic()
            self._due.set()
        self._stop()

    def close(self) -> None:
        """Stop at once; a running derivation is dropped, and the store stays as it is."""
        self._ending.set()
        self.written()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while self._is_due():
            self._derive()

    def _is_due(self) -> bool:
        """Wait for a write, and then until writes pause; False at the end."""
        self._due.wait()
        while self._due.is_set() and not self._ending.is_set():
            self._due.clear()
            self._ending.wait(self._quiet)
        return not self._ending.is_set()

    def _derive(self) -> None:
        try:
            if not is_lagging(self._store):
                self._caught_up()
                return
            self._behind = self._behind or time.monotonic()
            log.info("rebuilding derived facts")
            with self._store.exchanging() as data:
                derived = self._renew(data)
            self._caught_up()
            log.info("%s", derived)
        except WriteConflict:
            self._due.set()
        except ComityError as error:
            log.error("derived facts could not be rebuilt: %s", error)

    def _caught_up(self) -> None:
        with self._lock:
            if not self._due.is_set():  # no write since
                self._behind = None

    def _renew(self, data: Path) -> str:
        """Derive in a directory in a process; return the last line of its output."""
        with Popen(
            [*self._command, str(data)], stdin=PIPE, stdout=PIPE, stderr=STDOUT, text=True
        ) as process:
            with self._lock:
                self._process = process
            if self._due.is_set():  # set before there was a process to stop
                self._stop()
            assert process.stdout is not None
            lines = process.stdout.read().splitlines() or [""]
        with self._lock:
            self._process = None
        if self._due.is_set():
            raise WriteConflict("the store was written to in the meantime")
        if process.returncode:
            raise StoreError(f"{lines[-1]} (exit {process.returncode})")
        return lines[-1]

    def _stop(self) -> None:
        with self._lock:
            if self._process is not None:
                self._process.kill()
