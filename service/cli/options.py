"""Options that several commands share."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from comity.graph.errors import UsageError

if TYPE_CHECKING:
    from comity.service.settings import Settings

StoreOption = Annotated[
    str | None,
    typer.Option(
        metavar="FOLDER|URL",
        help="Folder of the store, `memory`, or a SPARQL endpoint; else COMITY_STORE.",
    ),
]


def settings_with(**flags: Any) -> "Settings":
    """Return the settings of this process; flags override the environment."""
    from comity.service.settings import read_settings

    return read_settings(**flags)


def is_file(name: str) -> bool:
    """True if a name is or looks like a file: then its absence is the error to report."""
    return Path(name).is_file() or "/" in name or name.endswith(".rq")


def read_text(file: str) -> str:
    """Read the text of a file, - for stdin. Raises UsageError."""
    try:
        found = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        return found.decode()
    except OSError as error:
        raise UsageError(f"can't read {file}: {error.strerror}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"{file} is not UTF-8 at byte {error.start}") from None
