"""Errors of the graph and of its commands, as one tree.

ComityError
├── QueryError                the request is at fault
│   ├── QuerySyntaxError      not SPARQL: line, column and a hint
│   ├── NotAllowed            SERVICE, LOAD, a protected graph
│   ├── NotAcceptable         no accepted format can hold the result
│   ├── NoSuchGraph           the graph to be read or deleted does not exist
│   └── ParameterError        an invalid value for a parameter, which it names
├── PreconditionFailed        a condition on a graph does not hold; nothing was written
├── TooLarge                  the request body is over the limit
├── QueryTimeout              the deadline passed before the first byte
├── MemoryLimit               the query exceeded its memory limit
├── Busy                      too many queries run or wait; says when to retry
├── EngineCrashed             the engine process crashed; the next query gets a new one
├── DataError                 a file that is not valid RDF: file, line, column
│   └── QueryFileError        an invalid canned query in the catalogue
├── StoreError                the store can't be opened, read or written
│   ├── StoreInUse            another process holds the folder, which it names
│   ├── DiskFull              the disk is full; existing data are untouched
│   ├── WriteConflict         another writer committed first; this change is dropped
│   └── RemoteError           the remote engine is down or fails; says when to retry
├── SourceError               a text does not match its source, or a quotation its text
├── MissingProgram            a program outside of Comity is not installed
├── UsageError                an invalid flag or setting; the command exits 2
└── OutputError               a result can't be written to its destination
"""

import errno
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


class ComityError(Exception):
    """An error reported to the user, as opposed to a defect of Comity.

    `str(error)` says what is wrong and where; `hint` says what to do about it.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class QueryError(ComityError):
    """A request that can't be answered as it stands."""


@dataclass(frozen=True)
class TextPosition:
    """Position in a text: line and column, both from 1, columns in code points."""

    line: int
    column: int


class QuerySyntaxError(QueryError):
    """A text that is not a SPARQL query; `place` is where the parser stopped, if known."""

    def __init__(self, message: str, *, place: TextPosition | None = None, hint: str | None = None):
        super().__init__(message, hint=hint)
        self.place = place


class NotAllowed(QueryError):
    """A query that calls another server, or a write to a protected graph."""


class NotAcceptable(QueryError):
    """No accepted format can hold this kind of result (table or graph)."""


class NoSuchGraph(QueryError):
    """A graph that is not in the store."""


class ParameterError(QueryError):
    """An invalid value for a parameter of a canned query; `parameter` is its name."""

    def __init__(self, parameter: str, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.parameter = parameter


class PreconditionFailed(ComityError):
    """A graph exists, does not exist, or has changed, against a condition of the request."""


class TooLarge(ComityError):
    """A request body over the limit, compressed or decompressed."""


class QueryTimeout(ComityError):
    """The deadline passed before the first byte of the answer."""


class MemoryLimit(ComityError):
    """The query exceeded its memory limit; its memory is free again."""


class Busy(ComityError):
    """Too many queries run or wait already; `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: int = 1, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class EngineCrashed(ComityError):
    """The engine crashed while running a query, in its worker process."""


class DataError(ComityError):
    """A file that could not be read as RDF; the message begins with file:line:column."""

    def __init__(self, message: str, *, place: TextPosition | None = None, hint: str | None = None):
        super().__init__(message, hint=hint)
        self.place = place


class QueryFileError(DataError):
    """An invalid canned query; the message begins with file:line."""

    def __init__(self, file: Path, line: int, message: str) -> None:
        super().__init__(f"{file}:{line}: {message}", place=TextPosition(line, 1))
        self.file = file


class StoreError(ComityError):
    """The store can't be opened, read or written."""


class StoreInUse(StoreError):
    """Another process holds the store's folder; `address` is where it serves, if it does."""

    def __init__(self, message: str, *, address: str | None = None, hint: str | None = None):
        super().__init__(message, hint=hint)
        self.address = address


class DiskFull(StoreError):
    """The disk is full."""


class WriteConflict(StoreError):
    """Another writer committed first, so this copy of the data is no longer the newest."""


class RemoteError(StoreError):
    """A remote store that is down or gives an unusable answer; `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: int = 5, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class SourceError(ComityError):
    """An unknown source, or a text that does not match its record."""


class MissingProgram(ComityError):
    """A required program is not installed; the hint says how to install it."""


class UsageError(ComityError):
    """An invalid flag or setting; the command exits 2."""


class OutputError(ComityError):
    """A result that can't be written to its destination."""


def bare(error: ComityError) -> ComityError:
    """Remove the traceback: its frames hold engine results, which must not change threads."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def quoted(value: str) -> str:
    """Quote a value for a message: at most 60 characters, control characters replaced."""
    shown = value if len(value) <= 60 else value[:59] + "…"
    printable = "".join(char if char.isprintable() else "\ufffd" for char in shown)
    return f"“{printable}”"


def unwritable(location: str, error: Exception) -> StoreError:
    """Turn a failed write into DiskFull, or else into a StoreError with the reason."""
    full = getattr(error, "errno", None) in _FULL or "No space left" in str(error)
    if not full:
        return StoreError(f"{location} can't be written: {error}")
    return DiskFull(
        f"{location} can't be written: its disk is full",
        hint="Nothing was changed, and reading goes on. Make room, then try again.",
    )
