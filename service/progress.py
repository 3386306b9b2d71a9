"""How far a long load is: a bar on a terminal, plain lines elsewhere."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from comity.graph.load import LoadProgress
from comity.service.console import say


@contextmanager
def load_progress() -> Iterator[Callable[[LoadProgress], None]]:
    """What to tell a load's progress to."""
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


class _Lines:
    """One line for each source, and one for each million quads."""

    def __init__(self) -> None:
        self.shown: tuple[int, int] | None = None

    def show(self, at: LoadProgress) -> None:
        step = (at.sources if at.deriving else at.index, at.quads // 1_000_000)
        if step == self.shown:
            return
        if at.deriving:
            self.shown = step
            say("deriving what follows from all graphs")
        else:
            self.shown = step
            say(f"loading {at.source} ({at.index + 1} of {at.sources}), {at.quads:,} quads so far")
