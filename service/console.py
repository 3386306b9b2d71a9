"""Messages for the person at the terminal: all on stderr, so that stdout is the result alone."""

import sys

import typer

from comity.graph.errors import ComityError


def report(error: ComityError) -> None:
    """An error in one line, and what to do about it in another."""
    typer.secho(f"error: {one_line(str(error))}", err=True, fg=typer.colors.RED)
    if error.hint:
        typer.echo(f"hint: {one_line(error.hint)}", err=True)


def say(message: str) -> None:
    """A line about what is being done."""
    typer.echo(message, err=True)


def is_terminal() -> bool:
    """Whether a person reads the result, rather than a program."""
    return sys.stdout.isatty()


def one_line(text: str) -> str:
    """The text without its line breaks."""
    return " ".join(text.split())
