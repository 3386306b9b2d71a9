"""The page of time: events with dates as precise as they are told, what is contemplated apart."""

import dataclasses
from collections.abc import Sequence
from typing import Final

from fastapi import Request, Response

from comity.graph.catalogue.execution import CannedAnswer
from comity.graph.store.solutions import Row
from comity.service.http.keepable import keepable
from comity.service.pages.overviews.corrections import remarks_on, verdict_of
from comity.service.pages.overviews.events import (
    EventAccount,
    happenings,
    overview,
    tellings,
    years,
)
from comity.service.pages.overviews.filtered import (
    FilteredQuery,
    answer,
    as_file,
    as_page,
    fields_of,
    narrow,
    page_query,
    suffix_of,
    undated,
    with_column,
)
from comity.service.queries.state import CatalogueState, canned

MOST_ROWS: Final = 1000


async def timeline(request: Request) -> Response:
    """What is told of events, in order of time, as a page or as a file."""
    fields, query = fields_of(request), page_query("timeline")
    keepable(request, query.text)
    suffix = suffix_of(request, fields)
    if suffix != "html":
        return await as_file(request, "timeline", suffix, (), _with_verdicts)

    async def show() -> dict[str, object]:
        return await _chronicle(request, await narrow(request, query, fields, ()))

    return await as_page(request, "timeline.html", fields, query, show, ["lasting"], years=None)


async def _chronicle(request: Request, narrowed: FilteredQuery) -> dict[str, object]:
    """What the template shows: years, what has no date, and what is left out."""
    here = canned(request.app)
    found = await answer(request, narrowed, MOST_ROWS)
    told = tellings(found.solutions.rows, found.labels)
    await _add_remarks(here, told, narrowed.bound.request.language)
    all_of_it = happenings(told, found.labels)
    dated = years(all_of_it)
    without = [each for each in all_of_it if not each.place.is_dated]
    return {
        "years": dated,
        "overview": overview(dated),
        "anchors": {each.title.iri: each.anchor for each in all_of_it if not each.contemplated},
        "undated_told": [each for each in without if not each.contemplated],
        "undated_contemplated": [each for each in without if each.contemplated],
        "counts": (
            sum(not each.contemplated for each in all_of_it),
            sum(each.contemplated for each in all_of_it),
        ),
        "left_out": await undated(request, narrowed, MOST_ROWS),
        "more": found.more,
        "most": MOST_ROWS,
        "lasting": narrowed.bound.is_set("lasting"),
        "text": found.bound.text,
    }


async def _add_remarks(here: CatalogueState, told: Sequence[EventAccount], language: str) -> None:
    remarks = await remarks_on(here, (each.record.iri or "" for each in told), language)
    for each in told:
        each.remarks = remarks.get(each.record.iri or "", ())


async def _with_verdicts(here: CatalogueState, answered: CannedAnswer) -> CannedAnswer:
    """The rows with what is found wrong; in order of time where they are all there."""
    rows = answered.solutions.rows
    records = (row["record"]["value"] for row in rows)
    remarks = await remarks_on(here, records, answered.request.language)
    wrong = {record: found for record, of in remarks.items() if (found := verdict_of(of))}
    if answered.complete and not answered.request.narrowing.sort:
        rows = sorted(rows, key=_order)
    solutions = dataclasses.replace(answered.solutions, rows=rows)
    return with_column(
        dataclasses.replace(answered, solutions=solutions), "record", "verdict", wrong
    )


def _order(row: Row) -> tuple[bool, str, str]:
    """Dates first; those of one form in UTC are in the order of their texts."""
    found = next((n for n in ("earliest", "start", "latest", "end") if n in row), None)
    return found is None, row[found]["value"] if found else "", row["record"]["value"]
