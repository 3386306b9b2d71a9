"""Progress of long work: a bar on a terminal, plain lines elsewhere."""

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final

from comity.graph.engines.embedded.load import LoadProgress
from comity.service.cli.terminal.console import say

# Seconds after which work reports its current step, and the interval of further reports.
PATIENCE: Final = 3.0


@contextmanager
def load_progress() -> Iterator[Callable[[LoadProgress], None]]:
    """Yield the progress callback of a load."""
    if not sys.stderr.isatty():
        yield _Lines().show
        return
    from rich.console import Console
    from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn

    columns = TextColumn("{task.description}"), BarColumn(), DownloadColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task("", total=None)

        def show(at: LoadProgress) -> None:
            text = f"{at.index + 1}/{at.sources} {at.source} {at.quads:,} quads"
            if at.deriving:
                text = f"deriving: {at.deriving}"
            bar.update(task, description=text, completed=at.bytes_read, total=at.bytes_total)

        yield show


@contextmanager
def work_progress(what: str) -> Iterator[Callable[[str], None]]:
    """Yield a callback that describes the current step of work of unknown length; `what` at first.

    Short work prints nothing.
    """
    if not sys.stderr.isatty():
        with _ticking(what) as show:
            yield show
        return
    from rich.console import Console
    from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

    columns = TextColumn("{task.description}"), BarColumn(), TimeElapsedColumn()
    with Progress(*columns, console=Console(stderr=True), transient=True) as bar:
        task = bar.add_task(what, total=None)
        yield lambda text: bar.update(task, description=text)


@contextmanager
def _ticking(what: str) -> Iterator[Callable[[str], None]]:
    """Print the step as a line now and then, from a thread, since steps may take long."""
    at, began, done = [what], time.monotonic(), threading.Event()

    def tick() -> None:
        while not done.wait(PATIENCE):
            say(f"{at[0]}, for {time.monotonic() - began:.0f} s so far")

    def show(text: str) -> None:
        at[0] = text

    thread = threading.Thread(target=tick, daemon=True)
    thread.start()
    try:
        yield show
    finally:
        done.set()
        thread.join()


class _Lines:
    """Prints one line for each source, and one for each million quads."""

    def __init__(self) -> None:
        self.shown: tuple[int, int] | None = None

    def show(self, at: LoadProgress) -> None:
        step = (at.sources if at.deriving else at.index, at.quads // 1_000_000)
        if step == self.shown:
            return
        if at.deriving:
            self.shown = step
            say("deriving facts from all graphs")
        else:
            self.shown = step
            say(f"loading {at.source} ({at.index + 1} of {at.sources}), {at.quads:,} quads so far")
