"""OpenAPI descriptions of the explorer."""

from typing import Any, Final

from comity.graph.networks.formats.registry import FORMATS
from comity.service.http.media import HTML
from comity.service.http.openapi import NETWORK_OPTIONS, Json, answers, parameter
from comity.service.http.protocol import FORM
from comity.service.pages.networks.explore import LIMIT, MAX_EXPANDED, MAX_LIMIT

_JSON: Final = "application/json"
_STRING: Final[Json] = {"type": "string"}
_IDS: Final[Json] = {"type": "array", "items": _STRING}
_SOURCE: Final = [
    parameter("view", "The view to draw; further parameters are its own", example="actors"),
    parameter("canned", "Or a query of the catalogue; further parameters are its own"),
    parameter("query", "Or the text of a query"),
    *NETWORK_OPTIONS,
    parameter(
        "expand",
        "Things about which everything is added: names, slugs or IRIs",
        _IDS | {"maxItems": MAX_EXPANDED},
    ),
]
_LIMIT: Final = parameter(
    "limit",
    "Maximum number of edges; the answer has the total count",
    {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": LIMIT},
)


def _body(kind: str, properties: dict[str, Any], required: list[str]) -> Json:
    schema = {"type": "object", "properties": properties, "required": required}
    return {"required": True, "content": {kind: {"schema": schema}}}


EXPLORE: Final[Json] = {
    "summary": "The explorer: an interactive drawing of a view or query",
    "operation_id": "explore",
    "responses": answers("The page", [HTML]),
    "openapi_extra": {"parameters": _SOURCE},
}
DATA: Final[Json] = {
    "summary": "A network for the explorer: a limited number of edges, with the total count",
    "operation_id": "exploreData",
    "responses": answers(
        "{total, shown, complete, rule, notes, expanded, network}, the last as .cyjs", [_JSON]
    ),
    "openapi_extra": {"parameters": [*_SOURCE, _LIMIT]},
}
POST_DATA: Final[Json] = DATA | {
    "operation_id": "postExploreData",
    "openapi_extra": {
        "requestBody": _body(
            FORM,
            {
                p["name"]: p["schema"] | {"description": p["description"]}
                for p in (*_SOURCE, _LIMIT)
            },
            [],
        )
    },
}
EXPORT: Final[Json] = {
    "summary": "Exactly what the explorer shows, as a file",
    "operation_id": "exploreExport",
    "responses": answers("The file", dict.fromkeys(f.media_type for f in FORMATS.values())),
    "openapi_extra": {
        "parameters": [
            {
                "name": "suffix",
                "in": "path",
                "required": True,
                "schema": {"type": "string", "enum": list(FORMATS)},
            },
            parameter(
                "flavor",
                "A variant of the format",
                {"type": "string", "enum": ["", "plain", "yed"]},
            ),
        ],
        "requestBody": _body(
            _JSON,
            {
                "of": _STRING
                | {"description": "The query string of the explorer", "example": "view=actors"},
                "nodes": _IDS | {"description": "The identifiers of the shown nodes"},
                "edges": _IDS | {"description": "The identifiers of the shown edges"},
                "positions": {
                    "type": "object",
                    "description": "Positions of nodes by identifier: [x, y], y downwards",
                    "additionalProperties": {
                        "type": "array",
                        "items": {"type": "number"},
                        "minItems": 2,
                        "maxItems": 2,
                    },
                },
            },
            ["of", "nodes", "edges"],
        ),
    },
}
