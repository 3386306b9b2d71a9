"""Which queries some work asks, for whoever watches it: a log, a list of slow queries."""

from contextvars import ContextVar
from typing import Protocol


class TracedQuery(Protocol):
    """A query that was put to a store, as it is now."""

    @property
    def id(self) -> str: ...

    @property
    def text(self) -> str: ...

    @property
    def age(self) -> float:
        """Seconds that it has run, or ran."""

    @property
    def outcome(self) -> str | None:
        """How it ended: `done`, `failed` or what stopped it; None while it runs."""


# A list, since tasks and threads that the work starts have a copy of the variable, not of the list.
_watched: ContextVar[list[TracedQuery] | None] = ContextVar("watched", default=None)


def watch() -> list[TracedQuery]:
    """The queries that this task asks from now on; the list grows as they come."""
    asked: list[TracedQuery] = []
    _watched.set(asked)
    return asked


def note(query: TracedQuery) -> None:
    """Tell whoever watches the task that it asks this query: for stores."""
    asked = _watched.get()
    if asked is not None:
        asked.append(query)
