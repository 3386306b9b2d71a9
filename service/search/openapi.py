"""OpenAPI descriptions of search and reconciliation."""

from typing import Final

from comity.graph.catalogue.parameter_types import CLASSES
from comity.graph.search.index import LONGEST
from comity.service.http.media import HTML
from comity.service.http.openapi import CATALOGUE_FORMAT, Json, answers, parameter
from comity.service.http.protocol import FORM
from comity.service.search.routes import LIMIT, MAX_LIMIT

_JSON: Final = "application/json"
_STRING: Final[Json] = {"type": "string"}


_CALLBACK: Final = parameter("callback", "Name of a function to wrap the answer in (JSONP)")
_PREFIX: Final = parameter("prefix", "Beginning of a name", example="Ira")
SEARCH: Final[Json] = {
    "summary": "Search names, descriptions and quotations",
    "operation_id": "search",
    "responses": answers("The matches, best first", [_JSON, HTML]),
    "openapi_extra": {
        "parameters": [
            parameter(
                "q",
                "A name in any language, a code, or quoted words; the last word may be incomplete",
                {"type": "string", "maxLength": LONGEST},
                "Hormuz",
            ),
            parameter(
                "type", "Type of the things", {"type": "string", "enum": ["", *sorted(CLASSES)]}
            ),
            parameter(
                "limit",
                "Matches per page",
                {"type": "integer", "minimum": 1, "maximum": MAX_LIMIT, "default": LIMIT},
            ),
            parameter(
                "offset",
                "Matches to skip",
                {"type": "integer", "minimum": 0, "maximum": 9999, "default": 0},
            ),
            parameter("lang", "Language of the labels", example="en"),
            CATALOGUE_FORMAT,
        ]
    },
}
_QUERIES: Final = parameter(
    "queries", 'JSON: {"q0": {"query": "Iran", "type": "state", "limit": 3}}'
)
_EXTEND: Final = parameter("extend", 'JSON: {"ids": ["iran"], "properties": [{"id": "isoAlpha3"}]}')
RECONCILE: Final[Json] = {
    "summary": "Reconcile names with identifiers (W3C Reconciliation API 0.2)",
    "operation_id": "reconcile",
    "responses": answers("The manifest of the service, or the answers", [_JSON]),
    "openapi_extra": {"parameters": [_QUERIES, _EXTEND, _CALLBACK]},
}
POST_RECONCILE: Final[Json] = {
    "summary": "Reconcile names with identifiers (W3C Reconciliation API 0.2)",
    "operation_id": "postReconcile",
    "responses": answers("The answers", [_JSON]),
    "openapi_extra": {
        "requestBody": {
            "required": True,
            "content": {
                FORM: {
                    "schema": {
                        "type": "object",
                        "properties": {
                            p["name"]: p["schema"] | {"description": p["description"]}
                            for p in (_QUERIES, _EXTEND)
                        },
                    }
                }
            },
        }
    },
}
SUGGEST: Final[Json] = {
    "summary": "Suggest things, types or properties for the beginning of a name",
    "operation_id": "suggest",
    "responses": answers("The suggestions", [_JSON]),
    "openapi_extra": {
        "parameters": [
            {
                "name": "what",
                "in": "path",
                "required": True,
                "schema": {"type": "string", "enum": ["entity", "type", "property"]},
            },
            _PREFIX,
            parameter("cursor", "Suggestions to skip", {"type": "integer", "minimum": 0}),
            _CALLBACK,
        ]
    },
}
PROPOSE: Final[Json] = {
    "summary": "Properties for extending a table",
    "operation_id": "proposeProperties",
    "responses": answers("The properties", [_JSON]),
    "openapi_extra": {"parameters": [parameter("type", "A type", example="state"), _CALLBACK]},
}
PREVIEW: Final[Json] = {
    "summary": "A small page about a thing",
    "operation_id": "preview",
    "responses": {200: {"description": "The page", "content": {HTML: {"schema": _STRING}}}},
    "openapi_extra": {"parameters": [parameter("id", "An identifier", example="iran")]},
}
