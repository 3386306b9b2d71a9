"""Deriving anew in a process of its own: `python -m comity.graph.engines.writing.derive_process DIRECTORY`.

The directory is that of a database which no other process has open. The process ends as soon as its
standard input does, so with the one that began it; the directory is then good for nothing.
"""

import os
import sys
import threading
from typing import Final

import pyoxigraph

from comity.graph.engines.bundle import renew
from comity.graph.errors import ComityError

_NICE: Final = 10  # how far other processes go first


def main() -> None:
    """Derive anew in the database of the first argument, and print what was derived."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    if hasattr(os, "nice"):  # not on Windows
        os.nice(_NICE)
    try:
        engine = pyoxigraph.Store(sys.argv[1])
        derived = renew(engine)
        engine.flush()
    except (ComityError, OSError, RuntimeError) as error:
        sys.exit(str(error))
    print(derived)


def _end_with_parent() -> None:
    # Not sys.stdin, which the interpreter could not close at its end while this thread reads it.
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
