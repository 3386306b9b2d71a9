"""Page of positions: actors and issues in a table, with the words in each cell."""

from typing import Final

from fastapi import Request, Response

from comity.graph.catalogue.execution import CannedAnswer
from comity.graph.catalogue.parameter_types import plain_iri
from comity.graph.descriptions.links import Link
from comity.graph.descriptions.overviews.columns import with_partners
from comity.graph.descriptions.overviews.lookup import Lookup
from comity.graph.descriptions.overviews.matrix import Matrix
from comity.graph.descriptions.overviews.positions import view_positions
from comity.graph.descriptions.records.stances import SIGNS
from comity.graph.errors import ParameterError
from comity.graph.store.own_queries import query_text, rows
from comity.graph.store.solutions import Solutions
from comity.service.http.context import context
from comity.service.http.keepable import keepable
from comity.service.http.responses import unless_gone
from comity.service.pages.overviews.filtered import (
    Fields,
    FilteredQuery,
    answer,
    as_file,
    as_page,
    fields_of,
    lookup_of,
    narrow,
    page_query,
    suffix_of,
    undated,
)
from comity.service.queries.state import canned

MOST_ROWS: Final = 2000
_WIDEST: Final = 12  # issues side by side by default
_OWN: Final = ("by", "silent")
_SIDES: Final = ("actors", "issues")
_YES_NO: Final = ("yes", "no")


async def positions(request: Request) -> Response:
    """Return the table of stances by actor and issue, or the statements as a file."""
    fields, query = fields_of(request), page_query("positions")
    keepable(request, query.text)
    suffix = suffix_of(request, fields)
    if suffix != "html":
        return await as_file(request, "positions", suffix, _OWN, _with_partners)

    async def show() -> dict[str, object]:
        _check_own(fields)
        return await _matrix(request, await narrow(request, query, fields, _OWN), fields)

    own = {name: fields[name][0] for name in _OWN if name in fields}
    values = {"own": own, "signs": SIGNS, "slug": _slug, "matrix": None}
    return await as_page(request, "positions.html", fields, query, show, _OWN, **values)


def _slug(to: Link) -> str:
    """Return the name of a thing for an address."""
    return plain_iri(to.iri) if to.iri else to.text


def _check_own(fields: Fields) -> None:
    for name, allowed in zip(_OWN, (_SIDES, _YES_NO), strict=True):
        if (value := fields.get(name, [""])[0]) and value not in allowed:
            message = f"{name} is \u201c{value[:60]}\u201d"
            raise ParameterError(name, message, hint=f"Write {allowed[0]} or {allowed[1]}")


async def _matrix(request: Request, narrowed: FilteredQuery, fields: Fields) -> dict[str, object]:
    """Return the template's values: the matrix, and what it leaves out."""
    found = await answer(request, narrowed, MOST_ROWS)
    silent = fields.get("silent", [""])[0] == "yes"
    view = await view_positions(
        lookup_of(request, found),
        found.solutions.rows,
        found.labels,
        narrowed.actors,
        narrowed.bound.value("issue"),
        silent=silent,
    )
    by = fields.get("by", ["actors" if _is_wide_enough(view.matrix) else "issues"])[0]
    return {
        "matrix": view.matrix,
        "by": by,
        "count": view.count,
        "more": found.more,
        "most": MOST_ROWS,
        "cut_actors": view.cut_actors,
        "cut_issues": view.cut_issues,
        "hidden": view.hidden,
        "silent": silent,
        "undated": await undated(request, narrowed, MOST_ROWS),
        "unheard": view.unheard,
        "untold": [] if view.count else await _untold(request, narrowed),
        "text": found.bound.text,
    }


async def _untold(request: Request, narrowed: FilteredQuery) -> list[str]:
    """Return the issue and the actors of which the chosen source has no record at all."""
    source, issue = (narrowed.bound.value(name) for name in ("source", "issue"))
    if source is None:
        return []
    here, told = context(request), set()
    for name in ("issues", "actors"):
        text = query_text(f"reading/{name}", source=source)
        found = await unless_gone(request, rows(here.store, text, here.settings.timeout))
        told |= {row[name.removesuffix("s")] for row in found}
    wanted = [each for each in (issue, *narrowed.actors) if each]
    labels = await canned(request.app).labels.of(wanted)
    return [labels.get(each, each) for each in wanted if each not in told]


def _is_wide_enough(matrix: Matrix) -> bool:
    return len(matrix.issues) <= max(_WIDEST, len(matrix.actors))


async def _with_partners(lookup: Lookup, answered: CannedAnswer, in_order: bool) -> Solutions:
    return await with_partners(lookup, answered.solutions, answered.labels, in_order=in_order)
