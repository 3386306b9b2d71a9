"""Where the installed data folders are: the ontology and the queries.

They stand beside this package, in the checkout as in the wheel.
"""

from functools import cache
from pathlib import Path


def ontology_folder() -> Path:
    """The folder of comity.ttl."""
    return Path(__file__).resolve().parent.with_name("ontology")


def queries_folder() -> Path:
    """The folder of the canned queries, with `checks/` and `questions/` below it."""
    return Path(__file__).resolve().parent.with_name("queries")


@cache
def query_file(name: str) -> str:
    """The text of `queries/<name>.rq`, one of the project's own queries."""
    return (queries_folder() / f"{name}.rq").read_text(encoding="utf-8")
