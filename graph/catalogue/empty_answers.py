"""Reasons why an answer is empty: what the sources don't speak of, and what the question left out."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Final

from pyoxigraph import NamedNode

from comity.graph.catalogue.binding import BoundQuery
from comity.graph.installed import query_file
from comity.graph.rdf.namespaces import ID
from comity.graph.rdf.terms import shorten
from comity.graph.sparql.substitution import Term, cut, replace
from comity.graph.store.solutions import Row, Solve

_NO_FACTS: Final = (
    "The store has no derived facts, which this query reads: they come with the bundled graphs."
)
_SILENCE: Final = (
    "No record says so. The silence of the loaded sources does not prove that it is not so."
)


async def why_empty(bound: BoundQuery, solve: Solve, labels: Mapping[str, str]) -> list[str]:
    """Return the sentences that say why an answer is empty, at least one.

    `labels` are those of the IRIs in the parameters.
    """
    if not await _rows(solve, "derived", {}):
        return [_NO_FACTS]
    found = [each async for each in _silences(bound, solve, labels)]
    wider = await emptied_by(bound, solve)
    if wider:
        found.append(f"If you leave out {' or '.join(wider)}, there are rows.")
    return found or [_SILENCE]


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
            names = ", ".join(shorten(NamedNode(row["person"]["value"])) for row in persons)
            yield f"{name} acts through its holders: {names}."


async def _rows(solve: Solve, name: str, terms: Mapping[str, Term | None]) -> Sequence[Row]:
    return (await solve(replace(query_file(f"empty/{name}"), terms))).rows
