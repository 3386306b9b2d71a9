"""Search for things by name, description and quotation: an index in SQLite.

`comity.graph.search.indexer` writes the file. Names are compared folded
(`comity.graph.search.folding.fold`), so case, accents, dashes and the two kinds of Persian letters
make no difference, in any script.
"""

import re
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import IntEnum
from functools import cached_property
from math import log
from pathlib import Path
from typing import Final

from rapidfuzz.distance import OSA

from comity.graph.search.folding import fold

LONGEST: Final = 300  # characters of a search text
MOST: Final = 500  # matches examined; beyond that the total is unknown
_WORDS: Final = re.compile(r"\w+")
_MISSPELT: Final = range(3, 25)  # lengths of words that are corrected
_NEAR: Final = 8  # corrections of one word
_ALIKE: Final = 0.7  # likeness above which one word may be a misspelling of another
_COMMON: Final = 5_000  # names that may contain a word for it to count among several


_Row = tuple[str, str, str, int, str]  # thing, text, language, kind, folded text


class EntryKind(IntEnum):
    """Role of a text for its thing, most significant first."""

    LABEL = 0
    CODE = 1
    OTHER_NAME = 2
    DESCRIPTION = 3
    QUOTATION = 4


NAMES: Final = (EntryKind.LABEL, EntryKind.CODE, EntryKind.OTHER_NAME)


@dataclass(frozen=True, slots=True)
class Match:
    """A thing with the text of it that best matches the search.

    `score` is between 0 and 100; 100 is the same name except for case and accents.
    """

    thing: str
    text: str
    language: str
    kind: EntryKind
    score: float


@dataclass(frozen=True, slots=True)
class SearchHit:
    """One page of matches; `total` is None if there are too many to count.

    `corrected` is True if nothing contains all the words as written: likely misspellings were
    corrected, or some of the words ignored.
    """

    matches: Sequence[Match]
    total: int | None
    corrected: bool = False


def words(text: str) -> list[str]:
    """Return the folded words of a text, as in the index."""
    return _WORDS.findall(fold(text[:LONGEST]))


def slips(word: str) -> set[str]:
    """Return a word and its variants without one letter: words one slip apart share a variant."""
    if len(word) not in _MISSPELT:
        return {word}
    return {word, *(word[:at] + word[at + 1 :] for at in range(len(word)))}


class SearchIndex:
    """A finished index, read-only; use it from one thread at a time."""

    def __init__(self, file: Path) -> None:
        self._db = sqlite3.connect(f"file:{file}?mode=ro", uri=True, check_same_thread=False)

    def close(self) -> None:
        self._db.close()

    @cached_property
    def size(self) -> int:
        """Number of texts."""
        return int(self._db.execute("SELECT COUNT(*) FROM name").fetchone()[0])

    def search(
        self, text: str, *, classes: Sequence[str] = (), limit: int = 20, offset: int = 0
    ) -> SearchHit:
        """Search for a text, best matches first; the last word may be incomplete.

        `classes` are IRIs; a match must belong to one of them.
        """
        sought = words(text)
        if not sought:
            return SearchHit((), 0)
        typed = self._typed(classes)
        found = [*self._same(text, typed), *self._matching(_all_of(sought), typed, MOST)]
        corrected = False
        for expression in (self._mended, self._any_of):
            if not found:
                found = self._matching(expression(sought), typed, MOST)
                corrected = bool(found)
        best = self._rank(text, found)
        total = None if len(found) >= MOST else len(best)
        return SearchHit(best[offset : offset + limit], total, corrected)

    def resembling(self, name: str, *, classes: Sequence[str] = (), limit: int = 5) -> list[Match]:
        """Return things with a similar name; for names from other data."""
        sought = words(name)
        if not sought:
            return []
        typed = self._typed(classes)
        names = f"AND kind IN ({','.join(str(int(kind)) for kind in NAMES)})"
        found = [*self._same(name, typed, names)]
        for expression in (_all_of, self._mended, self._any_of):
            if len({row[0] for row in found}) < limit:
                found += self._matching(expression(sought), typed, MOST, names)
        folded = fold(name)
        best: dict[str, Match] = {}
        for thing, text, language, kind, own in found:
            if own != folded and kind == EntryKind.CODE:
                continue
            score = 100.0 if own == folded else min(99.0, self._likeness(sought, words(own)))
            if thing not in best or score > best[thing].score:
                best[thing] = Match(thing, text, language, EntryKind(kind), round(score, 1))
        return sorted(best.values(), key=lambda match: (-match.score, match.kind, match.thing))[
            :limit
        ]

    def _rank(self, text: str, found: Iterable[_Row]) -> list[Match]:
        folded = fold(text[:LONGEST])
        best: dict[str, Match] = {}
        for thing, own, language, kind, name in found:
            score = _score(folded, name, EntryKind(kind))
            if thing not in best or score > best[thing].score:
                best[thing] = Match(thing, own, language, EntryKind(kind), round(score, 1))
        return sorted(best.values(), key=lambda m: (-m.score, len(m.text), m.text, m.thing))

    def _likeness(self, one: Sequence[str], other: Sequence[str]) -> float:
        """Rate the likeness of two names from 0 to 100 by their words; rare ones weigh more.

        A name wholly contained in the search text is likely the one meant.
        """
        ours, theirs = sum(map(self._weight, one)), sum(map(self._weight, other))
        said, covered = _shared(one, other, self._weight), _shared(other, one, self._weight)
        return 50 * ((said + covered) / (ours + theirs) + covered / theirs)

    def _weight(self, word: str) -> float:
        return log(1 + self.size / (1 + self._frequency(word)))

    def _typed(self, classes: Sequence[str]) -> tuple[str, list[int]]:
        if not classes:
            return "", []
        marks = ",".join("?" * len(classes))
        ids = self._db.execute(f"SELECT id FROM class WHERE iri IN ({marks})", classes).fetchall()
        marks = ",".join("?" * len(ids))
        return (
            f"AND EXISTS (SELECT 1 FROM typed WHERE class IN ({marks}) AND typed.thing = name.thing)",
            [id for (id,) in ids],
        )

    def _same(self, text: str, typed: tuple[str, list[int]], more: str = "") -> Iterator[_Row]:
        """Yield the names equal to the text after folding."""
        condition, values = typed
        yield from self._db.execute(
            f"SELECT iri, text, language, kind, folded FROM name JOIN thing ON thing.id = name.thing"
            f" WHERE folded = ? AND kind < ? {condition} {more} LIMIT ?",
            [fold(text[:LONGEST]), EntryKind.DESCRIPTION, *values, MOST],
        )

    def _matching(
        self, match: str | None, typed: tuple[str, list[int]], most: int, more: str = ""
    ) -> list[_Row]:
        """Return the texts for a full-text expression in index order, best and short first."""
        if match is None:
            return []
        condition, values = typed
        return self._db.execute(
            f"SELECT iri, text, language, kind, name.folded FROM words JOIN name ON name.id = words.rowid"
            f" JOIN thing ON thing.id = name.thing WHERE words MATCH ? {condition} {more}"
            f" ORDER BY words.rowid LIMIT ?",
            [match, *values, most],
        ).fetchall()

    def _mended(self, sought: Sequence[str]) -> str | None:
        """Require every word, as written or corrected; None if a word has no correction."""
        parts = []
        for at, word in enumerate(sought):
            choices = [f'"{near}"' for near in self._near(word)]
            if self._frequency(word):
                choices.append(f'"{word}"')
            elif at == len(sought) - 1 and self._begins(word):
                choices.append(f'"{word}"*')
            if not choices:
                return None
            parts.append(f"({' OR '.join(dict.fromkeys(choices))})")
        return " AND ".join(parts)

    def _any_of(self, sought: Sequence[str]) -> str | None:
        """Match some of the words, without those in very many names."""
        counted = sorted((count, word) for word in set(sought) if (count := self._frequency(word)))
        rare = [word for count, word in counted if count <= _COMMON]
        chosen = rare or [word for _, word in counted[:1]]
        unknown = (word for word in sought if not self._frequency(word))
        near = [near for word in unknown for near in self._near(word)]
        return " OR ".join(f'"{word}"' for word in [*chosen, *near]) or None

    def _frequency(self, word: str) -> int:
        row = self._db.execute("SELECT doc FROM vocabulary WHERE term = ?", [word]).fetchone()
        return int(row[0]) if row else 0

    def _begins(self, word: str) -> bool:
        return (
            self._db.execute(
                "SELECT 1 FROM vocabulary WHERE term >= ? AND term < ? LIMIT 1",
                [word, word + "\U0010ffff"],
            ).fetchone()
            is not None
        )

    def _near(self, word: str) -> list[str]:
        """Return words of the index one slip away, two for a long word, nearest first."""
        if len(word) not in _MISSPELT:
            return []
        keys = list(slips(word))
        marks = ",".join("?" * len(keys))
        rows = self._db.execute(f"SELECT DISTINCT term FROM slip WHERE rest IN ({marks})", keys)
        allowed = 1 if len(word) < 6 else 2
        rated = ((OSA.distance(word, term, score_cutoff=allowed), term) for (term,) in rows)
        return [term for distance, term in sorted(rated) if 0 < distance <= allowed][:_NEAR]


def _all_of(sought: Sequence[str]) -> str:
    """Build an FTS5 expression for all words, the last one as a prefix (SQLite FTS5 §3)."""
    *whole, begun = (f'"{word}"' for word in sought)
    return " AND ".join([*whole, f"{begun}*"])


def _shared(one: Sequence[str], other: Sequence[str], weight: Callable[[str], float]) -> float:
    """Return the weight of the words that the other name contains too, or nearly."""
    likest = (
        (word, max((OSA.normalized_similarity(word, each) for each in other), default=0.0))
        for word in one
    )
    return sum(weight(word) * alike for word, alike in likest if alike >= _ALIKE)


_OF_KIND: Final = {
    EntryKind.LABEL: 0,
    EntryKind.CODE: 2,
    EntryKind.OTHER_NAME: 3,
    EntryKind.DESCRIPTION: 45,
    EntryKind.QUOTATION: 40,
}


def _score(sought: str, name: str, kind: EntryKind) -> float:
    """Score the same name highest, then prefixes, then names with the words, short before long."""
    if name == sought:
        likeness = 100.0
    elif name.startswith(sought):
        likeness = 80 + 10 * len(sought) / len(name)
    else:
        likeness = 55 + 20 * min(1.0, len(sought) / max(1, len(name)))
    return max(0.0, likeness - _OF_KIND[kind])
