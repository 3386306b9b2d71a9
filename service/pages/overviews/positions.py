"""The page of positions: actors and issues in a table, and in each cell the words."""

import dataclasses
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from fastapi import Request, Response

from comity.graph.catalogue.execution import CannedAnswer
from comity.graph.catalogue.parameter_types import plain_iri
from comity.graph.descriptions.links import Link, link
from comity.graph.descriptions.records.stances import SIGNS
from comity.graph.errors import ParameterError
from comity.graph.installed import query_file
from comity.service.http.keepable import keepable
from comity.service.pages.overviews.corrections import remarks_on
from comity.service.pages.overviews.filtered import (
    Fields,
    FilteredQuery,
    answer,
    as_file,
    as_page,
    fields_of,
    narrow,
    page_query,
    related,
    suffix_of,
    undated,
    with_column,
)
from comity.service.pages.overviews.matrix import Matrix, Statement, gather, statements
from comity.service.queries.state import CatalogueState, canned

MOST_ROWS: Final = 2000
MOST_ACTORS: Final = 60
MOST_ISSUES: Final = 150
_DEEPEST: Final = 12  # of the tree of issues
_WIDEST: Final = 12  # issues side by side, where they are not given another place
_OWN: Final = ("by", "silent")
_SIDES: Final = ("actors", "issues")
_YES_NO: Final = ("yes", "no")


async def positions(request: Request) -> Response:
    """Who takes which stance on which issue: a table of cells that open, or the statements as a file."""
    fields, query = fields_of(request), page_query("positions")
    keepable(request, query.text)
    suffix = suffix_of(request, fields)
    if suffix != "html":
        return await as_file(request, "positions", suffix, _OWN, _with_further_columns)

    async def show() -> dict[str, object]:
        _check_own(fields)
        return await _matrix(request, await narrow(request, query, fields, _OWN), fields)

    own = {name: fields[name][0] for name in _OWN if name in fields}
    values = {"own": own, "signs": SIGNS, "slug": _slug, "matrix": None}
    return await as_page(request, "positions.html", fields, query, show, _OWN, **values)


def _slug(to: Link) -> str:
    """How an address names a thing."""
    return plain_iri(to.iri) if to.iri else to.text


def _check_own(fields: Fields) -> None:
    for name, allowed in zip(_OWN, (_SIDES, _YES_NO), strict=True):
        if (value := fields.get(name, [""])[0]) and value not in allowed:
            message = f"{name} is \u201c{value[:60]}\u201d"
            raise ParameterError(name, message, hint=f"It is {allowed[0]} or {allowed[1]}")


async def _matrix(request: Request, narrowed: FilteredQuery, fields: Fields) -> dict[str, object]:
    """What the template shows: the matrix, and what is left out of it."""
    here, language = canned(request.app), narrowed.bound.request.language
    found = await answer(request, narrowed, MOST_ROWS)
    told = statements(found.solutions.rows, found.labels)
    await _add_further(here, told, language)
    issues, hidden = await _silent_issues(here, narrowed, fields, told)
    actors = narrowed.actors
    paths = await _paths(here, [*(each.on for each in told), *issues])
    things = [
        *found.labels,
        *actors,
        *issues,
        *(above for path in paths.values() for above in path),
    ]
    labels = {**found.labels, **await here.labels.of(things, language)}
    whole = gather(told, labels, paths, actors, issues)
    shown = _cut(whole)
    by = fields.get("by", ["actors" if _is_wide_enough(shown) else "issues"])[0]
    return {
        "matrix": shown,
        "by": by,
        "count": len({each.record.iri for each in told}),
        "more": found.more,
        "most": MOST_ROWS,
        "cut_actors": len(whole.actors) - len(shown.actors),
        "cut_issues": len(whole.issues) - len(shown.issues),
        "hidden": hidden,
        "silent": fields.get("silent", [""])[0] == "yes",
        "undated": await undated(request, narrowed, MOST_ROWS),
        "unheard": [link(a, labels) for a in actors if not any(each.holder == a for each in told)],
        "text": found.bound.text,
    }


def _is_wide_enough(matrix: Matrix) -> bool:
    return len(matrix.issues) <= max(_WIDEST, len(matrix.actors))


def _cut(matrix: Matrix) -> Matrix:
    """The matrix without what would make the page too long; those who say most come first."""
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


async def _silent_issues(
    here: CatalogueState, narrowed: FilteredQuery, fields: Fields, told: Sequence[Statement]
) -> tuple[list[str], int]:
    """The issues of which nothing is told and that are to be shown, and how many are not."""
    chosen = narrowed.bound.value("issue")
    if chosen is not None:
        inside = await _below(here, chosen)
    else:
        inside = [
            row["issue"]["value"] for row in (await here.solve(query_file("positions/issues"))).rows
        ]
    spoken = {each.on for each in told}
    silent = [issue for issue in inside if issue not in spoken]
    if fields.get("silent", [""])[0] == "yes":
        return silent, 0
    return ([chosen] if chosen is not None and not spoken else []), len(silent)


async def _below(here: CatalogueState, issue: str) -> list[str]:
    """An issue and all that are narrower."""
    found, level = {issue: None}, [issue]
    for _ in range(_DEEPEST):
        rows = await related(here, "positions/narrower", "issue", level) if level else []
        level = [row["narrower"]["value"] for row in rows if row["narrower"]["value"] not in found]
        found |= dict.fromkeys(level)
    return list(found)


async def _paths(here: CatalogueState, issues: Iterable[str]) -> dict[str, list[str]]:
    """For each issue those above it, the broadest first. What is no IRI has none, and is no key."""
    wanted = [
        issue for issue in dict.fromkeys(issues) if issue.startswith(("http:", "https:", "urn:"))
    ]
    above: dict[str, str] = {}
    level = wanted
    for _ in range(_DEEPEST):
        rows = await related(here, "positions/broader", "issue", level) if level else []
        level = []
        for row in rows:
            issue, broader = row["issue"]["value"], row["broader"]["value"]
            if above.setdefault(issue, broader) == broader and broader not in above:
                level.append(broader)
    return {issue: _path(issue, above) for issue in wanted}


def _path(issue: str, above: Mapping[str, str]) -> list[str]:
    found: list[str] = []
    while (issue := above.get(issue, "")) and issue not in found:
        found.insert(0, issue)
    return found


async def _add_further(here: CatalogueState, told: Sequence[Statement], language: str) -> None:
    """Put in who holds a joint position as well, and what the editors remark."""
    partners = await _partners(
        here, (each.record.iri or "" for each in told if each.joint), language
    )
    remarks = await remarks_on(here, (each.record.iri or "" for each in told), language)
    for each in told:
        record = each.record.iri or ""
        each.partners = [
            name for iri, name in partners.get(record, {}).items() if iri != each.holder
        ]
        each.remarks = remarks.get(record, ())


async def _partners(
    here: CatalogueState, records: Iterable[str], language: str
) -> dict[str, dict[str, str]]:
    rows = await related(here, "positions/holders", "record", records)
    labels = await here.labels.of((row["holder"]["value"] for row in rows), language)
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        holder = row["holder"]["value"]
        found.setdefault(row["record"]["value"], {})[holder] = link(holder, labels).text
    return found


async def _with_further_columns(here: CatalogueState, answered: CannedAnswer) -> CannedAnswer:
    """The rows with who holds a position jointly, and what is found wrong; in order where whole."""
    told = statements(answered.solutions.rows, answered.labels)
    await _add_further(here, told, answered.request.language)
    together: dict[str, set[str]] = {}
    for each in told:
        if each.partners:
            holder = answered.labels.get(each.holder, each.holder)
            together.setdefault(each.record.iri or "", set()).update(each.partners, {holder})
    names = {record: "; ".join(sorted(found)) for record, found in together.items()}
    wrong = {each.record.iri or "": each.verdict for each in told if each.verdict}
    rows = answered.solutions.rows
    if answered.complete and not answered.request.narrowing.sort:
        rows = sorted(rows, key=lambda row: [row.get(n, {"value": ""})["value"] for n in _ORDER])
    answered = dataclasses.replace(
        answered, solutions=dataclasses.replace(answered.solutions, rows=rows)
    )
    return with_column(
        with_column(answered, "record", "verdict", wrong), "joint", "jointHolders", names
    )


_ORDER: Final = ("actor", "issue", "record", "words")
