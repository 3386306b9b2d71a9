"""Tracing of the queries that a task runs, for a log or a list of slow queries."""

from contextvars import ContextVar
from typing import Protocol


class TracedQuery(Protocol):
    """A query that was put to a store, in its current state."""

    @property
    def id(self) -> str: ...

    @property
    def text(self) -> str: ...

    @property
    def age(self) -> float:
        """Seconds that it has run, or ran."""

    @property
    def outcome(self) -> str | None:
        """Outcome: `done`, `failed` or what stopped it; None while it runs."""


# A list, since tasks and threads that the work starts copy the variable but share the list.
_watched: ContextVar[list[TracedQuery] | None] = ContextVar("watched", default=None)


def watch() -> list[TracedQuery]:
    """Return a list to which every query of this task is added from now on."""
    asked: list[TracedQuery] = []
    _watched.set(asked)
    return asked


def note(query: TracedQuery) -> None:
    """Add a query to the lists of those who watch this task; called by stores."""
    asked = _watched.get()
    if asked is not None:
        asked.append(query)
