"""Reasons why an answer is empty: what the sources don't speak of, and what the question left out."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from pyoxigraph import NamedNode

from comity.graph.catalogue.binding import BoundQuery
from comity.graph.errors import ComityError
from comity.graph.installed import query_file
from comity.graph.rdf.namespaces import ID
from comity.graph.rdf.terms import shorten
from comity.graph.sparql.substitution import Term, cut, replace
from comity.graph.store.solutions import Row, Solve

_PATIENCE: Final = 3.0  # seconds for reasons, beyond which an answer does without
_NO_FACTS: Final = "The store has no derived facts, which Comity's own queries read; they come with the bundled graphs."
_SILENCE: Final = (
    "No record says so. The silence of the loaded sources does not prove that it is not so."
)


async def why_empty(bound: BoundQuery, solve: Solve, labels: Mapping[str, str]) -> list[str]:
    """Return the sentences that say why an answer is empty.

    `labels` are those of the IRIs in the parameters. There are none where they would take too
    long: the answer is right without them.
    """
    try:
        async with asyncio.timeout(_PATIENCE):
            return [each async for each in _reasons(bound, solve, labels)] or [_SILENCE]
    except (ComityError, TimeoutError):
        return []


async def _reasons(
    bound: BoundQuery, solve: Solve, labels: Mapping[str, str]
) -> AsyncIterator[str]:
    if await _rows(solve, "derived", {}):
        async for each in _silences(bound, solve, labels):
            yield each
    else:
        yield _NO_FACTS
    if wider := await emptied_by(bound, solve):
        yield f"If you leave out {' or '.join(wider)}, there are rows."


async def emptied_by(bound: BoundQuery, solve: Solve) -> list[str]:
    """Return the parameters whose removal alone would leave something in an empty answer."""
    optional = {p.name for p in bound.query.parameters if p.need != "required"}
    given = [name for name in bound.given if name in optional]
    return [name for name in given if (await solve(cut(bound.without(name).text, 1))).rows]


async def _silences(
    bound: BoundQuery, solve: Solve, labels: Mapping[str, str]
) -> AsyncIterator[str]:
    """Yield what no record speaks of, or none of the source that is asked."""
    source = bound.terms.get("source")
    for thing in bound.terms.values():
        if not isinstance(thing, NamedNode) or not thing.value.startswith(ID):
            continue
        name = labels.get(thing.value) or shorten(thing)
        if not await _rows(solve, "records", {"thing": thing, "source": None}):
            yield f"No record is about {name}."
        elif isinstance(source, NamedNode) and not await _rows(
            solve, "records", {"thing": thing, "source": source}
        ):
            told = labels.get(source.value) or shorten(source)
            yield f"{told} has no record of {name}; other sources have."
        if persons := await _rows(solve, "through", {"thing": thing}):
            names = ", ".join(_name(row) for row in persons)
            yield f"In the records {name} acts through its holders: {names}."


def _name(row: Row) -> str:
    return (
        str(row["name"]["value"]) if "name" in row else shorten(NamedNode(row["person"]["value"]))
    )


async def _rows(solve: Solve, name: str, terms: Mapping[str, Term | None]) -> Sequence[Row]:
    return (await solve(replace(query_file(f"empty/{name}"), terms))).rows
