"""Lookup of things by what people call them: a name in any language or a part of it, a code, an IRI."""

import asyncio
from collections.abc import Callable, Mapping, Sequence
from typing import Final

from pyoxigraph import Literal, NamedNode

from comity.graph.catalogue.parameter_types import CLASSES
from comity.graph.errors import ParameterError, quoted
from comity.graph.installed import query_file
from comity.graph.rdf.namespaces import COMITY, ID, PREFIXES, SOURCE
from comity.graph.rdf.terms import shorten
from comity.graph.search.name_index import NamedThing, NameIndex
from comity.graph.sparql.substitution import replace, replace_all
from comity.graph.store.solutions import Row, Solve

_LONGEST: Final = 500  # characters of a name to look up
_LISTED: Final = 20  # things of a small type that are listed
_MOST: Final = 200  # candidates whose classes are asked for
_SHOWN: Final = 10  # candidates that are listed, at least three of each class
_PERSON: Final = COMITY + "Person"


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

        A value is an IRI, a whole name, or else words that only one thing has in a name. Of several
        things with these words a single person is meant: talks and visits are named after people.

        Raises ParameterError: with near misses if the name is unknown, with the candidates if it is
        ambiguous.
        """
        if len(value) > _LONGEST:
            raise ParameterError(parameter, f"{quoted(value)} is too long for a name")
        iri = _iri(value, {**PREFIXES, **prefixes})
        index = await (self._records(value, iri) if type == "record" else self.index(type))
        if type == "record":
            found = list(index.things)
        elif iri is not None:
            found = [iri] if iri in index.things else []
        else:
            found = index.named(value) or await self._containing(value, index)
        if len(found) == 1:
            return found[0]
        if found:
            raise _ambiguous(parameter, value, await self._by_class(found, index), len(found))
        near = await asyncio.to_thread(index.near, NamedThing(iri).slug if iri else value)
        raise _unknown(parameter, type, value, index, near)

    async def _containing(self, part: str, index: NameIndex) -> list[str]:
        found = await asyncio.to_thread(index.containing, part)
        if len(found) < 2:
            return found
        persons = {row["thing"]["value"] for row in await self._classes(found) if _is_person(row)}
        return [*persons] if len(persons) == 1 else found

    async def _by_class(
        self, found: Sequence[str], index: NameIndex
    ) -> Mapping[str, list[NamedThing]]:
        """Group things by the label of their class, both in alphabetical order."""
        classes: dict[str, str] = {}
        for row in await self._classes(found):
            known = str(row["label"]["value"] if "label" in row else shorten(row["class"]["value"]))
            classes.setdefault(row["thing"]["value"], known)
        groups: dict[str, list[NamedThing]] = {}
        for iri in sorted(found[:_MOST], key=lambda iri: index.things[iri].label()):
            groups.setdefault(classes.get(iri, "thing"), []).append(index.things[iri])
        return dict(sorted(groups.items()))

    async def _classes(self, found: Sequence[str]) -> Sequence[Row]:
        """Return the classes of things, of the first ones if they are very many."""
        nodes = [NamedNode(iri) for iri in found[:_MOST]]
        return (await self._solve(replace_all(query_file("resource/classes"), "thing", nodes))).rows

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


def _ambiguous(
    parameter: str, value: str, groups: Mapping[str, list[NamedThing]], count: int
) -> ParameterError:
    most = max(3, _SHOWN // len(groups))
    shown = "; ".join(f"{label}: {_listed(things, most)}" for label, things in groups.items())
    more = f"; and {count - _MOST} more" if count > _MOST else ""
    message = f"{quoted(value)} may mean {count} things"
    hint = f"Give the identifier of one: {shown}{more}"
    return ParameterError(parameter, message, hint=hint)


def _listed(things: Sequence[NamedThing], most: int) -> str:
    more = f" and {len(things) - most} more" if len(things) > most else ""
    return ", ".join(map(_shown, things[:most])) + more


def _unknown(
    parameter: str, type: str, value: str, index: NameIndex, near: Sequence[NamedThing]
) -> ParameterError:
    message = f"the graph has no {type} {quoted(value)}"
    if near:
        hint = f"Did you mean {', '.join(map(_shown, near))}?"
    elif type == "record":
        hint = f"Records are like {SOURCE}moscow-tehran-relations#f39.1"
    elif index.things:
        known = sorted(thing.slug for thing in index.things.values())
        some = len(known) > _LISTED
        hint = f"There {'are, among others,' if some else 'are'} {', '.join(known[:_LISTED])}"
    else:
        hint = f"The graph has none of the type {type}"
    return ParameterError(parameter, message, hint=hint)


def _shown(thing: NamedThing) -> str:
    return f"{thing.label()} ({shorten(thing.iri)})"


def _is_person(row: Row) -> bool:
    return bool(row["class"]["value"] == _PERSON)
