"""What can go wrong before the graph is asked."""

from comity.graph.errors import ComityError


class UsageError(ComityError):
    """A flag or a setting that can't be used; the command exits 2."""


class OutputError(ComityError):
    """A result that can't be written where it should go."""
