"""OpenAPI descriptions of /sparql and /snippets."""

from typing import Final

from comity.graph.networks.formats.registry import FORMATS as NETWORK_FORMATS
from comity.service.http.media import GRAPH_NAMES, TABLE_NAMES
from comity.service.http.openapi import (
    NETWORK_OPTIONS,
    STRING,
    Json,
    answers,
    parameter,
)
from comity.service.http.protocol import FORM, QUERY
from comity.service.queries import any_query_tables

_IRIS: Final[Json] = {"type": "array", "items": {"type": "string", "format": "iri"}}
_TABLES: Final = tuple(dict.fromkeys(f.media_type for f in TABLE_NAMES.values()))
_GRAPHS: Final = tuple(dict.fromkeys(f.media_type for f in GRAPH_NAMES.values()))
RESULT_FORMAT: Final = parameter(
    "format",
    "Name of the result's format; it overrides the Accept header",
    {"type": "string", "enum": list(dict.fromkeys([*TABLE_NAMES, *GRAPH_NAMES]))},
)
_QUERY_FORMAT: Final = RESULT_FORMAT | {
    "schema": {
        "type": "string",
        "enum": list(
            dict.fromkeys([*TABLE_NAMES, *GRAPH_NAMES, *any_query_tables.TYPES, *NETWORK_FORMATS])
        ),
    }
}

_QUERY: Final = parameter(
    "query", "A SPARQL query", example="SELECT * { ?subject ?predicate ?object } LIMIT 10"
)
_DATASET: Final = (
    parameter("default-graph-uri", "A graph of the default graph; can be repeated", _IRIS),
    parameter("named-graph-uri", "A graph that GRAPH may reach; can be repeated", _IRIS),
    parameter(
        "timeout",
        "Time limit in seconds, if lower than the service's",
        {"type": "number", "exclusiveMinimum": 0},
    ),
    _QUERY_FORMAT,
    *NETWORK_OPTIONS,
)
_RESULT: Final = answers(
    "The result of the query", [*_TABLES, *_GRAPHS, *any_query_tables.TYPES.values()]
)

# Per route: what `add_api_route` takes.
GET_SPARQL: Final[Json] = {
    "summary": "Run a SPARQL query",
    "operation_id": "query",
    "responses": _RESULT,
    "openapi_extra": {"parameters": [_QUERY, *_DATASET]},
}
POST_SPARQL: Final[Json] = {
    "summary": "Run a SPARQL query",
    "operation_id": "postQuery",
    "responses": _RESULT,
    "openapi_extra": {
        "parameters": list(_DATASET),
        "requestBody": {
            "required": True,
            "content": {
                QUERY: {"schema": STRING},
                FORM: {
                    "schema": {
                        "type": "object",
                        "required": ["query"],
                        "properties": {
                            p["name"]: p["schema"] | {"description": p["description"]}
                            for p in (_QUERY, *_DATASET)
                        },
                    }
                },
            },
        },
    },
}

_SUMMARY: Final = "The formats of a query's answer, and code to run it"
_ANSWER: Final = answers(
    "`form` (table, boolean or graph), `formats` and `snippets`; the query is not run",
    ["application/json"],
)
GET_SNIPPETS: Final[Json] = {
    "summary": _SUMMARY,
    "operation_id": "snippets",
    "responses": _ANSWER,
    "openapi_extra": {"parameters": GET_SPARQL["openapi_extra"]["parameters"][:3]},
}
POST_SNIPPETS: Final[Json] = {
    "summary": _SUMMARY,
    "operation_id": "postSnippets",
    "responses": _ANSWER,
    "openapi_extra": {"requestBody": POST_SPARQL["openapi_extra"]["requestBody"]},
}
