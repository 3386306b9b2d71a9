"""Errors of the graph and of its commands, as one tree.

ComityError
├── QueryError                the request's fault
│   ├── QuerySyntaxError      not SPARQL: line, column and a hint
│   ├── NotAllowed            SERVICE, LOAD, a protected graph
│   ├── NotAcceptable         the result can't be written in any format asked for
│   ├── NoSuchGraph           a graph that is asked for, or to be deleted, is not there
│   └── ParameterError        a value that a canned query can't take; names the parameter
├── PreconditionFailed        a graph is not as the request requires, so nothing was written
├── TooLarge                  more data than a request may bring
├── QueryTimeout              the deadline passed before the first byte
├── MemoryLimit               the query needed more memory than it may have
├── Busy                      too many queries run or wait; says when to come again
├── EngineCrashed             the engine broke down over a query; the next one finds another
├── DataError                 a file that is not the RDF it should be: file, line, column
│   └── QueryFileError        a file of the catalogue that is no sound canned query
├── StoreError                the store can't be opened, read or written
│   ├── StoreInUse            another process holds the folder; says which
│   ├── DiskFull              no room for what was to be written; what was there is untouched
│   ├── Overtaken             another writer was first; what was made meanwhile is dropped
│   └── RemoteError           the engine behind this service is away, or fails; says when to come again
├── SourceError               a text that is not the source's, or a quotation that is not in it
├── MissingProgram            a program that Comity does not bring along is not installed
├── UsageError                a flag or a setting that can't be used; the command exits 2
└── OutputError               a result that can't be written where it should go
"""

import errno
from dataclasses import dataclass
from pathlib import Path
from typing import Final

_FULL: Final = (errno.ENOSPC, errno.EDQUOT)


class ComityError(Exception):
    """Anything that Comity reports to its user rather than as a defect of its own.

    `str(error)` says what is wrong and where; `hint` says what to do about it.
    """

    def __init__(self, message: str, *, hint: str | None = None) -> None:
        super().__init__(message)
        self.hint = hint


class QueryError(ComityError):
    """A request that can't be answered as it stands."""


@dataclass(frozen=True)
class TextPosition:
    """Where in a text: line and column count from 1, columns in code points."""

    line: int
    column: int


class QuerySyntaxError(QueryError):
    """A text that is not a SPARQL query; `place` is where the parser gave up, if it said."""

    def __init__(self, message: str, *, place: TextPosition | None = None, hint: str | None = None):
        super().__init__(message, hint=hint)
        self.place = place


class NotAllowed(QueryError):
    """A query that reaches out of the store, or a write to a graph that is protected."""


class NotAcceptable(QueryError):
    """No format that was asked for can hold this kind of result (table or graph)."""


class NoSuchGraph(QueryError):
    """A graph that is not in the store."""


class ParameterError(QueryError):
    """A value that a canned query can't take; `parameter` names it."""

    def __init__(self, parameter: str, message: str, *, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.parameter = parameter


class PreconditionFailed(ComityError):
    """A graph is there, is not there, or has changed, and the request required otherwise."""


class TooLarge(ComityError):
    """More data than a request may bring, compressed or not."""


class QueryTimeout(ComityError):
    """The deadline passed before the first byte of the answer."""


class MemoryLimit(ComityError):
    """The query needed more memory than it may have; what it took is free again."""


class Busy(ComityError):
    """Too many queries run or wait already; `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: int = 1, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class EngineCrashed(ComityError):
    """The engine broke down over a query, in a process of its own."""


class DataError(ComityError):
    """A file that could not be read as RDF; the message begins with file:line:column."""

    def __init__(self, message: str, *, place: TextPosition | None = None, hint: str | None = None):
        super().__init__(message, hint=hint)
        self.place = place


class QueryFileError(DataError):
    """A file that is no sound canned query; the message begins with file:line."""

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
    """There is no room on the disk for what was to be written."""


class WriteConflict(StoreError):
    """Another writer was first, so that a copy of the data is not the newest any more."""


class RemoteError(StoreError):
    """A remote store that is away or answers what can't be used; `retry_after` is in seconds."""

    def __init__(self, message: str, *, retry_after: int = 5, hint: str | None = None) -> None:
        super().__init__(message, hint=hint)
        self.retry_after = retry_after


class SourceError(ComityError):
    """A source that is unknown, or a text that does not match what is known of it."""


class MissingProgram(ComityError):
    """A program that Comity does not bring along is needed; the hint says how to install it."""


class UsageError(ComityError):
    """A flag or a setting that can't be used; the command exits 2."""


class OutputError(ComityError):
    """A result that can't be written where it should go."""


def bare(error: ComityError) -> ComityError:
    """Take off the traceback: its frames hold results of the engine, which may not change threads."""
    error.__cause__ = error.__context__ = None
    return error.with_traceback(None)


def quoted(value: str) -> str:
    """A value for a message: in quotation marks, and not longer than a line."""
    shown = value if len(value) <= 60 else value[:59] + "…"
    printable = "".join(char if char.isprintable() else "\ufffd" for char in shown)
    return f"“{printable}”"


def unwritable(location: str, error: Exception) -> StoreError:
    """Say of a failed write that the disk is full, or what else it is."""
    full = getattr(error, "errno", None) in _FULL or "No space left" in str(error)
    if not full:
        return StoreError(f"{location} can't be written: {error}")
    return DiskFull(
        f"{location} can't be written: its disk is full",
        hint="Nothing was changed, and reading goes on. Make room, then try again.",
    )
