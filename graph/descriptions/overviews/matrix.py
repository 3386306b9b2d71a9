"""Matrix of actors and issues, with the stances of statements in its cells."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from comity.graph.descriptions.links import Link, link
from comity.graph.descriptions.overviews.statements import Statement
from comity.graph.descriptions.records.stances import NO_STANCE, SIGNS

MOST_ACTORS: Final = 60
MOST_ISSUES: Final = 150


@dataclass(frozen=True, slots=True)
class Chip:
    """Summary of similar statements in a cell."""

    stance: str
    sign: str
    word: str
    beside: str
    partners: Sequence[str]
    verdict: str


@dataclass(frozen=True, slots=True)
class Cell:
    """Statements on one actor and one issue; `anchor` is the place of their words on the page."""

    anchor: str
    chips: Sequence[Chip]
    count: int


@dataclass(frozen=True, slots=True)
class Words:
    """The statements of a cell, shared by actors with the same ones, as in a joint position."""

    anchor: str
    actors: Sequence[Link]
    issue: Link
    statements: Sequence[Statement]


@dataclass(frozen=True)  # without slots, for the cached property
class Matrix:
    """A table of actors and issues, the issues grouped under the broadest ones."""

    actors: Sequence[Link]
    groups: Sequence[tuple[str, Sequence[Link]]]
    cells: Mapping[tuple[str, str], Cell]
    words: Sequence[Words]

    @cached_property
    def issues(self) -> list[Link]:
        """Issues of all groups, in order."""
        return [issue for _, issues in self.groups for issue in issues]

    def cell(self, actor: Link, issue: Link) -> Cell | None:
        """Return the cell of an actor and an issue; None without statements."""
        return self.cells.get((actor.iri or "", issue.iri or issue.text))


def gather(
    told: Sequence[Statement],
    labels: Mapping[str, str],
    paths: Mapping[str, Sequence[str]],
    actors: Iterable[str] = (),
    issues: Iterable[str] = (),
) -> Matrix:
    """Gather statements into a matrix, with further actors and issues that have none.

    `paths` has the broader issues of each issue, broadest first.
    """
    cells: dict[tuple[str, str], list[Statement]] = {}
    for each in told:
        cells.setdefault((each.holder, each.on), []).append(each)
    rows = dict.fromkeys([*(each.holder for each in told), *actors])
    columns = dict.fromkeys([*(each.on for each in told if each.on), *issues])
    ordered = sorted(columns, key=lambda on: _place(on, labels, paths))
    groups: dict[str, list[Link]] = {}
    for on in ordered:
        top = next(iter(paths.get(on, ())), on if on in paths else "")
        groups.setdefault(labels.get(top, "other matters"), []).append(link(on, labels))
    words: dict[tuple[str, ...], Words] = {}
    shown = {}
    people = sorted((link(iri, labels) for iri in rows), key=lambda each: each.text.casefold())
    people.sort(key=lambda each: -sum(len(of) for (a, _), of in cells.items() if a == each.iri))
    for on in ordered:
        for actor in people:
            if of := cells.get((actor.iri or "", on)):
                shown[actor.iri or "", on] = _cell(of, actor, link(on, labels), words)
    return Matrix(people, list(groups.items()), shown, list(words.values()))


def _place(
    on: str, labels: Mapping[str, str], paths: Mapping[str, Sequence[str]]
) -> tuple[object, ...]:
    return on not in paths, [labels.get(each, each).casefold() for each in (*paths.get(on, ()), on)]


def _cell(
    of: Sequence[Statement], actor: Link, issue: Link, words: dict[tuple[str, ...], Words]
) -> Cell:
    ordered = sorted(of, key=lambda each: (not each.has_stance, each.record.iri or ""))
    key = (issue.iri or issue.text, *(each.record.iri or "" for each in ordered))
    known = words.get(key)
    anchor = known.anchor if known else f"words-{len(words) + 1}"
    words[key] = Words(anchor, [*(known.actors if known else ()), actor], issue, ordered)
    return Cell(anchor, _chips(ordered), len(ordered))


def _chips(of: Sequence[Statement]) -> list[Chip]:
    """Return a chip per stance; one for salience if there is no stance at all."""
    taken = [each for each in of if each.has_stance]
    if not taken:
        partners = dict.fromkeys(partner for each in of for partner in each.partners)
        verdict = next((each.verdict for each in of if each.verdict), "")
        return [Chip(NO_STANCE, *SIGNS[NO_STANCE], "", tuple(partners), verdict)]
    chips = (
        Chip(
            each.stance,
            *SIGNS.get(each.stance, ("\u00b7", each.stance)),
            "" if each.is_asserted else _beside(each),
            tuple(each.partners),
            each.verdict,
        )
        for each in taken
    )
    return list(dict.fromkeys(chips))


def _beside(statement: Statement) -> str:
    """Return a short qualification of a stance that is not a fact."""
    return f"{statement.modality} by others" if statement.attributed else statement.modality


def cut(matrix: Matrix) -> Matrix:
    """Cut a matrix to a readable size, keeping those with most statements."""
    kept = {issue.iri or issue.text for issue in matrix.issues[:MOST_ISSUES]}
    groups = [
        (name, inside)
        for name, issues in matrix.groups
        if (inside := [issue for issue in issues if (issue.iri or issue.text) in kept])
    ]
    actors = matrix.actors[:MOST_ACTORS]
    if len(actors) == len(matrix.actors) and len(kept) == len(matrix.issues):
        return matrix
    people = {actor.iri for actor in actors}
    cells = {key: cell for key, cell in matrix.cells.items() if key[0] in people and key[1] in kept}
    anchors = {cell.anchor for cell in cells.values()}
    words = [each for each in matrix.words if each.anchor in anchors]
    return Matrix(actors, groups, cells, words)
