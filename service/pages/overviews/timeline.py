"""Timeline page: events with dates as precise as in the sources, contemplated ones apart."""

from typing import Final

from fastapi import Request, Response

from comity.graph.catalogue.execution import CannedAnswer
from comity.graph.descriptions.overviews.columns import with_verdicts
from comity.graph.descriptions.overviews.lookup import Lookup
from comity.graph.descriptions.overviews.timeline import view_timeline
from comity.graph.store.solutions import Solutions
from comity.service.http.keepable import keepable
from comity.service.pages.overviews.filtered import (
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

MOST_ROWS: Final = 1000


async def timeline(request: Request) -> Response:
    """Return the events in chronological order, as a page or as a file."""
    fields, query = fields_of(request), page_query("timeline")
    keepable(request, query.text)
    suffix = suffix_of(request, fields)
    if suffix != "html":
        return await as_file(request, "timeline", suffix, (), _with_verdicts)

    async def show() -> dict[str, object]:
        return await _chronicle(request, await narrow(request, query, fields, ()))

    return await as_page(request, "timeline.html", fields, query, show, ["lasting"], years=None)


async def _chronicle(request: Request, narrowed: FilteredQuery) -> dict[str, object]:
    """Return the template's values: years, undated events, and what is left out."""
    found = await answer(request, narrowed, MOST_ROWS)
    view = await view_timeline(lookup_of(request, found), found.solutions.rows, found.labels)
    return {
        "years": view.years,
        "overview": view.overview,
        "anchors": view.anchors,
        "undated_told": view.undated_told,
        "undated_contemplated": view.undated_contemplated,
        "counts": view.counts,
        "left_out": await undated(request, narrowed, MOST_ROWS),
        "more": found.more,
        "most": MOST_ROWS,
        "lasting": narrowed.bound.is_set("lasting"),
        "text": found.bound.text,
    }


async def _with_verdicts(lookup: Lookup, answered: CannedAnswer, in_order: bool) -> Solutions:
    return await with_verdicts(lookup, answered.solutions, in_order=in_order)
