"""Messages at the terminal, all on stderr, so that stdout carries only the result."""

import os
import sys
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import BinaryIO

import typer

from comity.graph.errors import ComityError, OutputError


def report(error: ComityError) -> None:
    """Print an error on one line, and its hint on another."""
    typer.secho(f"error: {one_line(str(error))}", err=True, fg=typer.colors.RED)
    if error.hint:
        typer.echo(f"hint: {one_line(error.hint)}", err=True)


def say(message: str) -> None:
    """Print a line about what is being done."""
    typer.echo(message, err=True)


def put(line: str) -> None:
    """Print a line of the result."""
    with stdout() as out:
        out.write(f"{line}\n".encode())


def put_table(columns: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Print a result as a table as wide as the terminal."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    table = Table(*columns)
    for row in rows:
        table.add_row(*map(Text, row))
    Console().print(table)


def is_terminal() -> bool:
    """True if a person reads the result, rather than a program."""
    return sys.stdout.isatty()


def one_line(text: str) -> str:
    """Remove line breaks from a text."""
    return " ".join(text.split())


@contextmanager
def stdout() -> Iterator[BinaryIO]:
    """Yield standard output for the bytes of a result; a full disk becomes an OutputError."""
    out = sys.stdout.buffer
    try:
        yield out
        out.flush()
    except BrokenPipeError:
        raise  # a reader such as `head` has enough
    except OSError as error:
        # The buffered rest can't be written either, not even at exit.
        os.dup2(os.open(os.devnull, os.O_WRONLY), out.fileno())
        raise OutputError(f"can't write the result: {error.strerror}") from None
