"""Lookup of things by what people call them: a name in any language, a code, a slug, an IRI."""

import asyncio
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import cached_property
from typing import Final

from pyoxigraph import Literal, NamedNode

from comity.graph.catalogue.parameter_types import CLASSES
from comity.graph.descriptions.labels import best
from comity.graph.errors import ParameterError, quoted
from comity.graph.installed import query_file
from comity.graph.rdf.namespaces import COMITY, ID, PREFIXES, SOURCE
from comity.graph.rdf.terms import shorten
from comity.graph.search.folding import fold
from comity.graph.sparql.substitution import replace
from comity.graph.store.solutions import Cell, Row, Solve

_LONGEST: Final = 500  # characters of a name to look up
_LONGEST_MISSPELT: Final = 100  # characters of a name to find near misses for, which is slow
_NEAR: Final = 5
_LABELS: Final = frozenset(PREFIXES[p] + n for p, n in (("rdfs", "label"), ("skos", "prefLabel")))
_OTHER: Final = PREFIXES["skos"] + "altLabel"


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


class NameIndex:
    """Index of the things of one type by name; of several kinds of name, the earlier wins."""

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

    @cached_property
    def _ways(self) -> tuple[Mapping[str, list[str]], ...]:
        ways: tuple[dict[str, list[str]], ...] = ({}, {}, {}, {})
        for iri, thing in self.things.items():
            labels = [str(cell["value"]) for cell in thing.labels]
            named = ([thing.slug], labels, thing.codes, thing.others)
            for way, names in zip(ways, named, strict=True):
                for name in {fold(name) for name in names}:
                    way.setdefault(name, []).append(iri)
        return ways

    def find(self, name: str) -> list[str]:
        """Return the IRIs with this name: by slug, else by label, code or other name."""
        folded = fold(name)
        return next((way[folded] for way in self._ways if folded in way), [])

    def near(self, name: str) -> list[NamedThing]:
        """Return up to five things with similar names, most likely first."""
        folded = fold(name)
        if not folded or len(folded) > _LONGEST_MISSPELT:
            return []
        names = sorted(set().union(*self._ways))
        close = get_close_matches(folded, names, _NEAR * 2, 0.65)
        close += [n for n in names if len(folded) > 2 and folded in n]
        found = (iri for n in close for way in self._ways for iri in way.get(n, ()))
        return [self.things[iri] for iri in list(dict.fromkeys(found))[:_NEAR]]


class Names:
    """Names in one store, read when a type is first used and again for each data version."""

    def __init__(self, solve: Solve, version: Callable[[], str]) -> None:
        self._solve, self._version = solve, version
        self._indexes: dict[str, tuple[str, NameIndex]] = {}

    async def index(self, type: str) -> NameIndex:
        """Return the things of a type of `catalogue.parameter_types`, except record."""
        version = self._version()
        known = self._indexes.get(type)
        if known is None or known[0] != version:
            known = version, NameIndex((await self._solve(_text(type))).rows)
            self._indexes[type] = known
        return known[1]

    async def resolve(
        self, parameter: str, type: str, value: str, prefixes: Mapping[str, str]
    ) -> str:
        """Resolve a value to a thing; `prefixes` may be used in it besides the usual ones.

        Raises ParameterError: with near misses if the name is unknown, with the candidates if it is
        ambiguous.
        """
        if len(value) > _LONGEST:
            raise ParameterError(parameter, f"{quoted(value)} is too long for a name")
        iri = _iri(value, {**PREFIXES, **prefixes})
        if type == "record":
            index = await self._records(value, iri)
            found = list(index.things)
        else:
            index = await self.index(type)
            found = [iri] if iri in index.things else index.find(value)
        if len(found) == 1:
            return found[0]
        if found:
            raise _ambiguous(parameter, value, [index.things[each] for each in found])
        raise await asyncio.to_thread(_unknown, parameter, type, value, index)

    async def _records(self, value: str, iri: str | None) -> NameIndex:
        """Return the records that a value may mean: they may be too many for an index."""
        end = iri or (value if value.startswith("#") else f"{'/' if '#' in value else '#'}{value}")
        text = replace(query_file("resource/fragment"), {"end": Literal(end)})
        return NameIndex((await self._solve(text)).rows)


def _text(type: str) -> str:
    if type in CLASSES:
        return replace(query_file("resource/names"), {"class": NamedNode(CLASSES[type])})
    base = COMITY if type == "term" else ID
    return replace(query_file("resource/names-below"), {"base": NamedNode(base)})


def _iri(value: str, prefixes: Mapping[str, str]) -> str | None:
    """Return the IRI that a value is or abbreviates; None for a name."""
    if value.startswith("<") and value.endswith(">"):
        return value[1:-1]
    prefix, colon, local = value.partition(":")
    if colon and prefix in prefixes and not local.startswith("//"):
        return prefixes[prefix] + local
    return value if colon and local.startswith("//") else None


def _ambiguous(parameter: str, value: str, things: list[NamedThing]) -> ParameterError:
    shown = ", ".join(map(_shown, things[:10]))
    more = f" and {len(things) - 10} more" if len(things) > 10 else ""
    message = f"{quoted(value)} may mean {len(things)} things"
    return ParameterError(parameter, message, hint=f"Give one of {shown}{more}")


def _unknown(parameter: str, type: str, value: str, index: NameIndex) -> ParameterError:
    message = f"the graph has no {type} {quoted(value)}"
    if near := index.near(value):
        hint = f"Did you mean {', '.join(map(_shown, near))}?"
    elif type == "record":
        hint = f"Records are like {SOURCE}moscow-tehran-relations#f39.1"
    elif index.things:
        known = sorted(thing.slug for thing in index.things.values())
        some = len(known) > _NEAR * 4
        hint = f"There {'are, among others,' if some else 'are'} {', '.join(known[: _NEAR * 4])}"
    else:
        hint = f"The graph has none of the type {type}"
    return ParameterError(parameter, message, hint=hint)


def _shown(thing: NamedThing) -> str:
    return f"{thing.label()} ({shorten(thing.iri)})"
