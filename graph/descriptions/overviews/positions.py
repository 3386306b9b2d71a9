"""Positions as a matrix: statements, issues without any, and what is cut."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from comity.graph.descriptions.links import Link, link
from comity.graph.descriptions.overviews.issues import paths_of, silent_issues
from comity.graph.descriptions.overviews.lookup import Lookup
from comity.graph.descriptions.overviews.matrix import Matrix, cut, gather
from comity.graph.descriptions.overviews.statements import add_further, statements
from comity.graph.store.cells import texts
from comity.graph.store.solutions import Row


@dataclass(frozen=True, slots=True)
class PositionsView:
    """A matrix, the number of its records, and the numbers of actors and issues cut from it.

    `hidden` is the number of issues without statements that are not shown, `unheard` are the
    requested actors without statements.
    """

    matrix: Matrix
    count: int
    cut_actors: int
    cut_issues: int
    hidden: int
    unheard: Sequence[Link]


async def view_positions(
    lookup: Lookup,
    rows: Iterable[Row],
    labels: Mapping[str, str],
    actors: Sequence[str],
    issue: str | None,
    *,
    silent: bool,
) -> PositionsView:
    """View the rows of `queries/positions/positions.rq`.

    `actors` and `issue` are the requested ones; `silent` shows all issues without statements.
    """
    told = statements(map(texts, rows), labels)
    await add_further(lookup, told)
    spoken = {each.on for each in told}
    issues, hidden = await silent_issues(lookup, issue, spoken, all_of_them=silent)
    paths = await paths_of(lookup, [*(each.on for each in told), *issues])
    above = [each for path in paths.values() for each in path]
    known = {**labels, **await lookup.labels_of([*labels, *actors, *issues, *above])}
    whole = gather(told, known, paths, actors, issues)
    shown = cut(whole)
    records = [each.record.iri or "" for each in told]
    held = await lookup.rows("positions/holders", "record", records if actors else ())
    # A state is heard through its ministers too.
    heard = {each.holder for each in told} | {row["speaker"] for row in held}
    return PositionsView(
        shown,
        len({each.record.iri for each in told}),
        len(whole.actors) - len(shown.actors),
        len(whole.issues) - len(shown.issues),
        hidden,
        [link(actor, known) for actor in actors if actor not in heard],
    )
