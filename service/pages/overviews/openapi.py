"""What the OpenAPI document says of the pages of positions and of time."""

from typing import Final

from comity.graph.catalogue.binding import DEFAULT_LIMIT, MAX_LIMIT
from comity.graph.catalogue.parameter_types import TYPES
from comity.graph.catalogue.queries import CannedQuery
from comity.service.http.openapi import Json, answers, parameter
from comity.service.pages.overviews.filtered import ACTOR, page_query
from comity.service.queries import tables

_MANY: Final[Json] = {"type": "array", "items": {"type": "string"}}
_BOOLEAN: Final[Json] = {"type": "string", "enum": ["yes", "no"]}


def _parameters(query: CannedQuery, own: list[Json]) -> list[Json]:
    """The parameters of a page's query, those of the page itself, and those of any table."""
    schemas: dict[str, Json] = {ACTOR: _MANY, "undated": _BOOLEAN, "lasting": _BOOLEAN}
    return [
        *(
            parameter(
                p.name, f"{p.meaning}: {TYPES[p.type]}", schemas.get(p.name, {"type": "string"})
            )
            for p in query.parameters
        ),
        *own,
        parameter(
            "limit",
            "How many rows of a file",
            {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        ),
        parameter(
            "offset", "How many rows to leave out", {"type": "integer", "minimum": 0, "default": 0}
        ),
        parameter("lang", "Language of the labels", example="en"),
        parameter(
            "format",
            "Name of the format; it beats the Accept header",
            {"type": "string", "enum": [*tables.TYPES]},
        ),
    ]


POSITIONS: Final[Json] = {
    "summary": "Who takes which stance on which issue",
    "description": "A page with a table whose cells open their quotations; or one row for each statement",
    "operation_id": "positions",
    "responses": answers("The table", tables.TYPES.values()),
    "openapi_extra": {
        "parameters": _parameters(
            page_query("positions"),
            [
                parameter(
                    "by",
                    "What the rows of the page are",
                    {"type": "string", "enum": ["actors", "issues"]},
                ),
                parameter("silent", "Also issues of which nothing is told, on the page", _BOOLEAN),
            ],
        )
    },
}
TIMELINE: Final[Json] = {
    "summary": "What is told of events, and of what is contemplated, in order of time",
    "description": "A page on which a date is drawn as precisely as it is told; or one row for each record",
    "operation_id": "timeline",
    "responses": answers("The events", tables.TYPES.values()),
    "openapi_extra": {"parameters": _parameters(page_query("timeline"), [])},
}
