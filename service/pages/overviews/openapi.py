"""OpenAPI descriptions of the pages of positions and of the timeline."""

from typing import Final

from comity.graph.catalogue.binding import DEFAULT_LIMIT, MAX_LIMIT
from comity.graph.catalogue.parameter_types import TYPES
from comity.graph.catalogue.queries import CannedQuery
from comity.service.http.openapi import Json, answers, parameter
from comity.service.pages.overviews.filtered import ACTOR, page_query
from comity.service.queries import negotiation

_MANY: Final[Json] = {"type": "array", "items": {"type": "string"}}
_BOOLEAN: Final[Json] = {"type": "string", "enum": ["yes", "no"]}


def _parameters(query: CannedQuery, own: list[Json]) -> list[Json]:
    """Return the parameters of a page's query, of the page itself, and of any table."""
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
            "Rows in a file",
            {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": DEFAULT_LIMIT},
        ),
        parameter("offset", "Rows to skip", {"type": "integer", "minimum": 0, "default": 0}),
        parameter("lang", "Language of the labels", example="en"),
        parameter(
            "format",
            "Name of the format; it overrides the Accept header",
            {"type": "string", "enum": [*negotiation.TYPES]},
        ),
    ]


POSITIONS: Final[Json] = {
    "summary": "Stances of actors on issues",
    "description": "A page with a table whose cells open quotations; or a file of statements",
    "operation_id": "positions",
    "responses": answers("The table", negotiation.TYPES.values()),
    "openapi_extra": {
        "parameters": _parameters(
            page_query("positions"),
            [
                parameter(
                    "by",
                    "Rows of the table on the page",
                    {"type": "string", "enum": ["actors", "issues"]},
                ),
                parameter("silent", "Include issues without statements on the page", _BOOLEAN),
            ],
        )
    },
}
TIMELINE: Final[Json] = {
    "summary": "Events, including contemplated ones, in chronological order",
    "description": "A page that draws dates with their precision; or a file of records",
    "operation_id": "timeline",
    "responses": answers("The events", negotiation.TYPES.values()),
    "openapi_extra": {"parameters": _parameters(page_query("timeline"), [])},
}
