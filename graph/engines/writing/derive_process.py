"""Derivation in a separate process: `python -m comity…writing.derive_process DIRECTORY`.

The directory contains a database that no other process has open. The process ends as soon as its
standard input does, and so with its parent; the directory is then unusable.
"""

import os
import sys
import threading
from typing import Final

import pyoxigraph

from comity.graph.engines.bundle import renew
from comity.graph.errors import ComityError

_NICE: Final = 10  # niceness, so that other processes take precedence


def main() -> None:
    """Rebuild the derived facts in the database of the first argument, and print the result."""
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
    # Not sys.stdin, which the interpreter could not close at exit while this thread reads it.
    while os.read(0, 1):
        pass
    os._exit(1)


if __name__ == "__main__":
    main()
