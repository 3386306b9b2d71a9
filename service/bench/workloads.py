"""Queries of the workloads: texts of `queries/benchmarks`, values for fresh small queries."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from comity.graph.catalogue.front_matter import read_query
from comity.graph.installed import queries_folder
from comity.service.bench.client import GRAPH, TABLE
from comity.service.bench.generator import DAYS, STATES

SMALL: Final = "small"
LARGE: Final = "big-select"
WORKLOADS: Final = ("repeated-small", "fresh-small", "large-result", "analytic")
CLIENTS: Final = (1, 4, 16)

# The values of the small query as they are encoded in a request's address.
_STATE: Final = b"t%3As7%20"
_DAY: Final = b"1994-05-17"
_STRIDE: Final = 100_003  # prime, so that successive queries hit distant data


@dataclass(frozen=True)
class BenchmarkQuery:
    """One query; `exact` is True if engines must give the same rows, not just as many."""

    name: str
    text: str
    exact: bool

    @property
    def accept(self) -> str:
        """Media type to request."""
        return GRAPH if re.search(r"^CONSTRUCT", self.text, re.MULTILINE) else TABLE


def small() -> BenchmarkQuery:
    """Return the small query."""
    return _read(f"{SMALL}.rq")


def analytic() -> list[BenchmarkQuery]:
    """Return the analytic queries, sorted by name."""
    folder = queries_folder() / "benchmarks" / "analytic"
    return [_read(f"analytic/{file.name}") for file in sorted(folder.glob("*.rq"))]


def fresh(message: bytes, numbers: Iterator[int]) -> Iterator[bytes]:
    """Yield a request for the small query with new values for each number, to bypass caches.

    The days are in the first third: the query then finds ten rows after them. The values repeat
    after 672,000 numbers.
    """
    days = [day.encode() for day in DAYS[: len(DAYS) // 3]]
    for number in numbers:
        state, day = divmod(number * _STRIDE % (STATES * len(days)), len(days))
        yield message.replace(_STATE, b"t%%3As%d%%20" % state).replace(_DAY, days[day])


def _read(name: str) -> BenchmarkQuery:
    found = read_query(queries_folder() / "benchmarks" / name)
    return BenchmarkQuery(found.name, found.text, found.first("compare") != "count")
