"""Results of a run as written to a file; source of tables and plot."""

import json
import math
import os
import platform
from collections.abc import Iterable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from statistics import median
from typing import Literal

from comity.graph.errors import DataError

Unit = Literal["requests/s", "ms"]
Outcome = Literal["ok", "timeout", "wrong", "error"]
OURS = "comity"
_MEDIANS = ("median", "value"), ("first_byte", "first_byte"), ("p50", "p50"), ("p99", "p99")


@dataclass
class RoundResult:
    """One round: the figure itself, and further measurements in milliseconds."""

    value: float
    first_byte: float | None = None
    p50: float | None = None
    p99: float | None = None


@dataclass
class Measurement:
    """One query on one engine; `median` and those below it are medians over the rounds.

    `ratio` is above 1 if Comity does better: its rate by the other's, or the other's time by its
    own.
    """

    workload: str
    query: str
    engine: str
    clients: int
    unit: Unit
    outcome: Outcome = "ok"
    detail: str | None = None
    rows: int | None = None
    runs: list[RoundResult] = field(default_factory=list)
    median: float | None = None
    ratio: float | None = None
    first_byte: float | None = None
    p50: float | None = None
    p99: float | None = None


@dataclass
class EngineFacts:
    """An engine that took part; `bytes` is the size of its data on disk.

    `memory_idle` is after the start, `memory_peak` the maximum while it answered all queries once.
    """

    name: str
    version: str
    load_seconds: float
    start_seconds: float
    bytes: int
    memory_idle: int | None = None
    memory_peak: int | None = None


@dataclass
class Results:
    """A whole run."""

    comity: str
    date: str
    command: str
    machine: dict[str, str | int]
    triples: int
    seed: int
    rounds: int
    limit_seconds: float
    client_microseconds: dict[str, float]
    """Processor time of the client for one small answer of each engine."""
    engines: list[EngineFacts]
    absent: dict[str, str]
    measurements: list[Measurement]

    def write(self, file: Path) -> None:
        """Write the results as JSON."""
        file.write_text(json.dumps(asdict(self), indent=1) + "\n", encoding="utf-8")

    def get(self, workload: str, query: str, clients: int) -> dict[str, Measurement]:
        """Return each engine's measurement of one query."""
        return {
            each.engine: each
            for each in self.measurements
            if (each.workload, each.query, each.clients) == (workload, query, clients)
        }

    def finish(self) -> None:
        """Compute the medians and compare them with Comity's."""
        for each in self.measurements:
            if each.outcome == "ok":
                for name, attribute in _MEDIANS:
                    values = [getattr(run, attribute) for run in each.runs]
                    setattr(each, name, median(values) if values and None not in values else None)
        for each in self.measurements:
            ours = self.get(each.workload, each.query, each.clients).get(OURS)
            if ours and ours.median and each.median:
                ratio = each.median / ours.median
                each.ratio = ratio if each.unit == "ms" else 1 / ratio


def read_results(file: Path) -> Results:
    """Read the file written by `Results.write`. Raises DataError."""
    try:
        found = json.loads(file.read_text(encoding="utf-8"))
        found["engines"] = [EngineFacts(**each) for each in found["engines"]]
        found["measurements"] = [
            Measurement(**each | {"runs": [RoundResult(**run) for run in each["runs"]]})
            for each in found["measurements"]
        ]
        return Results(**found)
    except (OSError, ValueError, TypeError, KeyError) as error:
        raise DataError(f"{file} has no results of `comity bench`: {error}") from None


def mean_ratio(measurements: Iterable[Measurement]) -> float | None:
    """Return the geometric mean of the available ratios."""
    ratios = [each.ratio for each in measurements if each.ratio]
    return math.exp(math.fsum(map(math.log, ratios)) / len(ratios)) if ratios else None


def machine() -> dict[str, str | int]:
    """Describe the machine of the run."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "processor": _processor(),
        "processors": _processors(),
        "memory": memory,
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
    }


def _processors() -> int:
    """Return the number of processors available to this process."""
    own = getattr(os, "sched_getaffinity", None)
    return len(own(0)) if own else os.cpu_count() or 1


def _processor() -> str:
    file = Path("/proc/cpuinfo")
    lines = file.read_text(encoding="utf-8").splitlines() if file.is_file() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())
