"""Index of the names of things in memory: whole names, their words, and near misses."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Final

from rapidfuzz.distance import OSA
from rapidfuzz.process import extract

from comity.graph.descriptions.labels import best
from comity.graph.rdf.namespaces import PREFIXES
from comity.graph.rdf.terms import shorten
from comity.graph.search.folding import fold
from comity.graph.search.index import words
from comity.graph.store.solutions import Cell, Row

_LONGEST_MISSPELT: Final = 100  # characters of a name to find near misses for
_NEAR: Final = 5
_ALIKE: Final = 0.7  # likeness of letters from which a name may be misspelt
_BEGUN: Final = 3  # letters from which a word may be the beginning of another
_LABELS: Final = frozenset(PREFIXES[p] + n for p, n in (("rdfs", "label"), ("skos", "prefLabel")))
_OTHER: Final = PREFIXES["skos"] + "altLabel"
_Rating = tuple[int, float, int]  # shared words, likeness of letters, words of the name, negative
# Words that tell no things apart; “s” is the English genitive.
_SMALL: Final = frozenset(
    (
        *("a", "an", "and", "for", "in", "of", "on", "s", "the", "to"),
        *("de", "del", "des", "du", "el", "et", "la", "le", "les", "y"),
        *("в", "и", "на", "по", "و"),
    )
)


@dataclass(slots=True)
class NamedThing:
    """A thing with its names, by kind of name."""

    iri: str
    labels: list[Cell] = field(default_factory=list)
    codes: list[str] = field(default_factory=list)
    others: list[str] = field(default_factory=list)

    @property
    def slug(self) -> str:
        """Last part of the IRI."""
        return self.iri.rstrip("/#").rpartition("#" if "#" in self.iri else "/")[2]

    def label(self, language: str = "en") -> str:
        """Return its label in a language, or the next best name."""
        return best(self.labels, language) if self.labels else shorten(self.iri)

    def names(self) -> tuple[list[str], ...]:
        """Return its names by kind, the kind that wins over others first."""
        labels = [str(cell["value"]) for cell in self.labels]
        return [self.slug], labels, self.codes, self.others


@dataclass(frozen=True, slots=True)
class _WordedName:
    """A name as its words, without small ones."""

    iri: str
    words: tuple[str, ...]


class NameIndex:
    """Index of the things of one type by name."""

    def __init__(self, rows: Iterable[Row]) -> None:
        self.things: dict[str, NamedThing] = {}
        for row in rows:
            self._add(row)

    def _add(self, row: Row) -> None:
        if row["thing"]["type"] != "uri":
            return
        iri = row["thing"]["value"]
        thing = self.things.setdefault(iri, NamedThing(iri))
        if "name" not in row:
            return
        kind = row["property"]["value"]
        if kind in _LABELS:
            thing.labels.append(row["name"])
        else:
            (thing.others if kind == _OTHER else thing.codes).append(row["name"]["value"])

    def named(self, name: str) -> list[str]:
        """Return the IRIs with this whole name: by slug, else by label, code or other name."""
        folded = fold(name)
        return next((way[folded] for way in self._ways if folded in way), [])

    def containing(self, part: str) -> list[str]:
        """Return the IRIs with a name that has these words, small ones aside.

        Names with no other words win over names in which these follow each other, and those over
        the rest. Words are whole: “Iran” would otherwise mean all that is Iranian.
        """
        sought = _telling_words(part)
        known = [set(self._places.get(word, ())) for word in sought]
        all_of = [self._worded[at] for at in sorted(set.intersection(*known))] if known else []
        same = (name for name in all_of if sorted(name.words) == sorted(sought))
        run = (name for name in all_of if _follow(sought, name.words))
        found = (list(dict.fromkeys(name.iri for name in names)) for names in (same, run, all_of))
        return next(filter(None, found), [])

    def near(self, name: str) -> list[NamedThing]:
        """Return up to five things with similar names: by shared words, then by letters."""
        sought = _telling_words(name)
        if not sought or len(name) > _LONGEST_MISSPELT:
            return []
        rated: dict[str, _Rating] = {}
        for near, rating in self._rated(sought):
            rated[near.iri] = max(rated.get(near.iri, rating), rating)
        return [self.things[iri] for iri in sorted(rated, key=rated.__getitem__, reverse=True)][
            :_NEAR
        ]

    def _rated(self, sought: Sequence[str]) -> Iterator[tuple[_WordedName, _Rating]]:
        """Yield similar names with their rating."""
        alike = [self._alike(word) for word in sought]
        whole = dict(_extract("".join(sought), ["".join(name.words) for name in self._worded]))
        places = {at for words in alike for word in words for at in self._places[word]}
        for at in sorted(places | whole.keys()):
            name = self._worded[at]
            likeness = [max(each.get(word, 0.0) for word in name.words) for each in alike]
            letters = max(sum(likeness) / len(sought), whole.get(at, 0.0))
            shared = len(set(sought).intersection(name.words))
            yield name, (shared, letters, -len(name.words))

    def _alike(self, word: str) -> dict[str, float]:
        """Return the words of names that are like a word or begin with it, with their likeness."""
        begun = (known for known in self._places if known.startswith(word))
        found = dict.fromkeys(begun if len(word) >= _BEGUN else (), _ALIKE)
        known = [*self._places]
        return found | {known[at]: likeness for at, likeness in _extract(word, known)}

    @cached_property
    def _ways(self) -> tuple[Mapping[str, list[str]], ...]:
        ways: tuple[dict[str, list[str]], ...] = ({}, {}, {}, {})
        for iri, thing in self.things.items():
            for way, names in zip(ways, thing.names(), strict=True):
                for name in {fold(name) for name in names}:
                    way.setdefault(name, []).append(iri)
        return ways

    @cached_property
    def _worded(self) -> list[_WordedName]:
        named = (
            (iri, _telling_words(name))
            for iri, thing in self.things.items()
            for names in thing.names()
            for name in names
        )
        return list(dict.fromkeys(_WordedName(iri, tuple(words)) for iri, words in named if words))

    @cached_property
    def _places(self) -> Mapping[str, list[int]]:
        """Places in `_worded` of the names with each word."""
        places: dict[str, list[int]] = {}
        for at, name in enumerate(self._worded):
            for word in set(name.words):
                places.setdefault(word, []).append(at)
        return places


def _telling_words(name: str) -> list[str]:
    return [word for word in words(name) if word not in _SMALL]


def _follow(sought: Sequence[str], among: Sequence[str]) -> bool:
    return f" {' '.join(sought)} " in f" {' '.join(among)} "


def _extract(text: str, choices: Sequence[str]) -> Iterator[tuple[int, float]]:
    """Yield the places of the choices that are like a text, with their likeness."""
    found = extract(
        text, choices, scorer=OSA.normalized_similarity, score_cutoff=_ALIKE, limit=None
    )
    return ((at, likeness) for _, likeness, at in found)
