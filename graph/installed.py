"""Locations of the installed data folders: the ontology and the queries.

They stand beside this package, in a checkout and in the wheel.
"""

from functools import cache
from pathlib import Path


def ontology_folder() -> Path:
    """Return the folder of comity.ttl."""
    return Path(__file__).resolve().parent.with_name("ontology")


def queries_folder() -> Path:
    """Return the folder of the canned queries, with `checks/` and `questions/` below it."""
    return Path(__file__).resolve().parent.with_name("queries")


@cache
def query_file(name: str) -> str:
    """Return the text of `queries/<name>.rq`, one of the project's own queries."""
    return (queries_folder() / f"{name}.rq").read_text(encoding="utf-8")
