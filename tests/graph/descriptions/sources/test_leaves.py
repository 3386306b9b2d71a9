"""Leaves of a long source."""

import pytest

from comity.graph.descriptions.sources import leaves
from comity.graph.descriptions.sources.outline import (
    MODALITY,
    PassageOutline,
    RecordOutline,
    SourceOutline,
)

BASE = "https://w3id.org/comity/source/long#"
OUTLINE = SourceOutline(
    [PassageOutline(f"{BASE}s{number}") for number in range(1, 8)],
    [
        RecordOutline(f"{BASE}f1.1", f"{BASE}s1", {MODALITY: {"hoped"}}),
        RecordOutline(f"{BASE}f7.1", f"{BASE}s7", {MODALITY: {"asserted"}}),
        RecordOutline(f"{BASE}f9", "", {MODALITY: {"hoped"}}),
    ],
    version="1",
)


@pytest.fixture(autouse=True)
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leaves, "PER_LEAF", 3)


def test_passages_are_divided_in_order() -> None:
    found = leaves.leaves(OUTLINE, {})
    assert [(leaf.number, leaf.first, leaf.last, leaf.facts) for leaf in found] == [
        (1, 1, 3, 2),
        (2, 4, 6, 0),
        (3, 7, 7, 1),
    ]


def test_only_wanted_facts_are_counted() -> None:
    assert [leaf.facts for leaf in leaves.leaves(OUTLINE, {MODALITY: {"asserted"}})] == [0, 0, 1]


def test_a_leaf_knows_what_stands_on_it() -> None:
    first, _, last = leaves.leaves(OUTLINE, {})
    assert first.has("s2") and first.has("f1.1") and first.has("f9")
    assert last.has("f7.1") and not last.has("f1.1")


def test_a_source_without_passages_has_one_leaf() -> None:
    (leaf,) = leaves.leaves(SourceOutline([], [], "1"), {})
    assert (leaf.first, leaf.last, leaf.facts) == (1, 1, 0)
