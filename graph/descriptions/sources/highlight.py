"""Splitting of sentences into pieces, so that overlapping runs of words can be marked.

Works with and without the text: if only the marked words are known, gaps with a length in
characters lie between them.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import pairwise


@dataclass(frozen=True, slots=True)
class MarkedRun:
    """Words with their position, in code points of the whole text; `key` is for the caller."""

    start: int
    end: int
    words: str
    key: str


@dataclass(frozen=True, slots=True)
class SentencePiece:
    """A piece of a sentence: its text or, if unknown, the number of omitted characters.

    `within` has the runs around it, widest first; `opens` those that begin or resume here after
    another had to end; `closes` those that end or are interrupted, narrowest first.
    """

    text: str
    gap: int
    start: int
    end: int
    within: Sequence[MarkedRun]
    opens: Sequence[MarkedRun]
    closes: Sequence[MarkedRun]


def cut(start: int, end: int, runs: Iterable[MarkedRun], text: str = "") -> list[SentencePiece]:
    """Split the sentence from `start` to `end` into pieces; `text` is "" if unknown."""
    kept = [run for run in runs if start <= run.start < run.end <= end]
    kept.sort(key=lambda run: (run.start, -run.end))
    known: list[str | None] = [*text[: end - start]] if text else [None] * (end - start)
    for run in kept:
        if len(run.words) == run.end - run.start:
            known[run.start - start : run.end - start] = run.words
    bounds = sorted({start, end, *(r.start for r in kept), *(r.end for r in kept)})
    slots = [(a, b, [r for r in kept if r.start <= a and b <= r.end]) for a, b in pairwise(bounds)]
    pieces: list[SentencePiece] = []
    for at, (a, b, within) in enumerate(slots):
        before = slots[at - 1][2] if at else []
        after = slots[at + 1][2] if at + 1 < len(slots) else []
        chars = [char for char in known[a - start : b - start] if char is not None]
        whole = len(chars) == b - a
        pieces.append(
            SentencePiece(
                "".join(chars) if whole else "",
                0 if whole else b - a,
                a,
                b,
                within,
                within[_shared(before, within) :],
                within[_shared(within, after) :][::-1],
            )
        )
    return pieces


def _shared(one: Sequence[MarkedRun], other: Sequence[MarkedRun]) -> int:
    """Count the common enclosing runs of two pieces, from the widest on."""
    count = 0
    for a, b in zip(one, other, strict=False):
        if a != b:
            break
        count += 1
    return count
