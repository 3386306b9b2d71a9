"""What is asked: the texts of `queries/benchmarks`, and the values that make a small one fresh."""

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

# The values that the small query has, as they stand in a request's address.
_STATE: Final = b"t%3As7%20"
_DAY: Final = b"1994-05-17"
_STRIDE: Final = 100_003  # prime, so that neighbours in time are strangers in the data


@dataclass(frozen=True)
class BenchmarkQuery:
    """One text; `exact` says whether two engines must give the same rows, not only as many."""

    name: str
    text: str
    exact: bool

    @property
    def accept(self) -> str:
        """The media type to ask for."""
        return GRAPH if re.search(r"^CONSTRUCT", self.text, re.MULTILINE) else TABLE


def small() -> BenchmarkQuery:
    """The small query."""
    return _read(f"{SMALL}.rq")


def analytic() -> list[BenchmarkQuery]:
    """The analytic queries, by name."""
    folder = queries_folder() / "benchmarks" / "analytic"
    return [_read(f"analytic/{file.name}") for file in sorted(folder.glob("*.rq"))]


def fresh(message: bytes, numbers: Iterator[int]) -> Iterator[bytes]:
    """A request for the small query, with other values for each number: no kept answer fits.

    The days are of the first third: the query then finds its ten rows among those after it. After
    672,000 numbers the values come again.
    """
    days = [day.encode() for day in DAYS[: len(DAYS) // 3]]
    for number in numbers:
        state, day = divmod(number * _STRIDE % (STATES * len(days)), len(days))
        yield message.replace(_STATE, b"t%%3As%d%%20" % state).replace(_DAY, days[day])


def _read(name: str) -> BenchmarkQuery:
    found = read_query(queries_folder() / "benchmarks" / name)
    return BenchmarkQuery(found.name, found.text, found.first("compare") != "count")
