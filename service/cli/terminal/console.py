"""Messages for the person at the terminal: all on stderr, so that stdout is the result alone."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

import typer

from comity.graph.errors import ComityError, OutputError


def report(error: ComityError) -> None:
    """An error in one line, and what to do about it in another."""
    typer.secho(f"error: {one_line(str(error))}", err=True, fg=typer.colors.RED)
    if error.hint:
        typer.echo(f"hint: {one_line(error.hint)}", err=True)


def say(message: str) -> None:
    """A line about what is being done."""
    typer.echo(message, err=True)


def put(line: str) -> None:
    """A line of the result."""
    with stdout() as out:
        out.write(f"{line}\n".encode())


def put_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """A result for a person: a table as wide as the terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns)
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)


def is_terminal() -> bool:
    """Whether a person reads the result, rather than a program."""
    return sys.stdout.isatty()


def one_line(text: str) -> str:
    """The text without its line breaks."""
    return " ".join(text.split())


@contextmanager
def stdout() -> Iterator[BinaryIO]:
    """Standard output, for the bytes of a result; a full disk there is an error like another."""
    out = sys.stdout.buffer
    try:
        yield out
        out.flush()
    except BrokenPipeError:
        raise  # a reader such as `head` has what it wants
    except OSError as error:
        # What is buffered still can't be written: not at the process's end either.
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        raise OutputError(f"can't write the result: {error.strerror}") from None
