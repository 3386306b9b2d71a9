"""What is known to be wrong never answers as true, and a state's acts are its own everywhere.

Each record of the bundle is changed: found erroneous, turned into a hope, or told of a state's
office or of a person who then held it instead of the state. What each query answered about the
record, and what its answer rested on, must follow. Refuted, a record counts like one that was
never told; only its own rows may stay, with the verdict.
"""

from typing import Final

import pytest
from asks import Selection, all_queries
from trial import Trial, all_records, graphs, kinds_of, sample

_SAMPLE: Final = 15  # tests of the sample
_SOON: Final = 7  # of them in `make test`
_PARTS: Final = 4  # of the queries, for each record of the sample
_GROUPS: Final = 31  # tests of all records


@pytest.mark.parametrize(
    "at",
    [pytest.param(n, marks=[pytest.mark.slow] if n >= _SOON else []) for n in range(_SAMPLE)],
)
def test_a_record_of_each_kind(at: int, thorough: bool) -> None:
    """Each record by a part of the queries, and in `make test-slow` by all."""
    base, other, _ = graphs()
    part = dict(list(all_queries().items())[at % _PARTS :: _PARTS])
    selection = Selection(base, None if thorough else part)
    for record in sample()[at::_SAMPLE]:
        assert Trial(base, other, selection, [record]).run() == []


def test_the_sample_has_every_kind() -> None:
    kinds = [kinds_of(graphs()[0], record) for record in (*sample(), *all_records())]
    assert set().union(*kinds[: len(sample())]) == set().union(*kinds)


@pytest.mark.mutation
@pytest.mark.parametrize("at", range(_GROUPS))
def test_every_record(at: int) -> None:
    faults = [f for r in all_records()[at::_GROUPS] for f in Trial(*graphs(), [r]).run()]
    assert faults == []
