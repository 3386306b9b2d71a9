"""How a run of the tests goes: slow files first, or any order; what took longest is kept in a file."""

import os
import random
from collections import defaultdict
from collections.abc import Mapping
from typing import Final

import pytest
from hypothesis import settings
from places import ROOT

# A worker takes a file at a time: with the longest first, none is left alone with one at the end.
# What `make test` keeps in build/durations.txt tells which these are.
SLOW_FIRST: Final = (
    "test_package.py",
    "service/linked_data/test_linked_data.py",
    "readers/test_all.py",
    "test_docs.py",
)
DURATIONS: Final = ROOT / "build" / "durations.txt"
_MOST: Final = 30

# How long an example takes says nothing on a busy machine; and a failure is there again next time.
settings.register_profile("comity", deadline=None, derandomize=True)
settings.load_profile("comity")


def pytest_addoption(parser: pytest.Parser) -> None:
    parser.addoption("--shuffle", metavar="SEED", help="run files and their tests in any order")


def pytest_xdist_auto_num_workers() -> int:
    """Run three workers on two processors: a third of the time, tests wait for limits and for pages."""
    return max(2, (os.cpu_count() or 1) * 3 // 2)


# Tried first, as pytest then puts those together that share a parameter of a session's fixture.
@pytest.hookimpl(tryfirst=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if seed := config.getoption("shuffle"):
        dice = random.Random(seed)
        place = {path: dice.random() for path in dict.fromkeys(item.path for item in items)}
        items.sort(key=lambda item: (place[item.path], dice.random()))
    else:
        slow = [ROOT / "tests" / name for name in SLOW_FIRST]
        items.sort(key=lambda item: slow.index(item.path) if item.path in slow else len(slow))


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):  # only where the reports of all come together
        config.pluginmanager.register(_Durations())


class _Durations:
    """The seconds of each test and of each file, with what was set up for them."""

    def __init__(self) -> None:
        self.tests: defaultdict[str, float] = defaultdict(float)
        self.files: defaultdict[str, float] = defaultdict(float)

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        self.tests[report.nodeid] += report.duration
        self.files[report.nodeid.partition("::")[0]] += report.duration

    def pytest_sessionfinish(self) -> None:
        DURATIONS.parent.mkdir(exist_ok=True)
        parts = ["The slowest tests", *_slowest(self.tests), "", "The slowest files"]
        DURATIONS.write_text("\n".join([*parts, *_slowest(self.files)]) + "\n", encoding="utf-8")


def _slowest(seconds: Mapping[str, float]) -> list[str]:
    found = sorted(seconds.items(), key=lambda item: -item[1])[:_MOST]
    return [f"{took:8.2f} s  {name}" for name, took in found]
