"""OpenAPI descriptions of the routes."""

from typing import Final

from comity.service.http.media import GRAPH_NAMES, HTML
from comity.service.http.openapi import (
    CATALOGUE_FORMAT,
    DEFAULT_PROBLEM,
    STRING,
    Json,
    answers,
    parameter,
)
from comity.service.http.protocol import FORM
from comity.service.http.protocol import UPDATE as UPDATE_TYPE
from comity.service.pages.site.guide import FILES as GUIDE_FILES
from comity.service.sparql.openapi import _GRAPHS, _IRIS, RESULT_FORMAT

_TOKEN: Final[Json] = {"security": [{"token": []}]}
_WRITTEN: Final[Json] = {"description": "Written to disk"}
_USING: Final = (
    parameter("using-graph-uri", "A graph of the default graph to read from", _IRIS),
    parameter("using-named-graph-uri", "A graph that GRAPH may read from", _IRIS),
)
UPDATE: Final[Json] = {
    "summary": "Run a SPARQL update",
    "operation_id": "update",
    "status_code": 204,
    "responses": {204: _WRITTEN},
    "openapi_extra": _TOKEN
    | {
        "parameters": list(_USING),
        "requestBody": {
            "required": True,
            "content": {
                UPDATE_TYPE: {"schema": STRING},
                FORM: {
                    "schema": {
                        "type": "object",
                        "required": ["update"],
                        "properties": {
                            "update": STRING | {"description": "A SPARQL update"},
                            **{
                                p["name"]: p["schema"] | {"description": p["description"]}
                                for p in _USING
                            },
                        },
                    }
                },
            },
        },
    },
}
_TARGET: Final = (
    parameter(
        "graph",
        "IRI of a graph; without this and `default`, all graphs",
        {"type": "string", "format": "iri"},
    ),
    parameter("default", "The default graph; needs no value")
    | {"allowEmptyValue": True, "schema": {"type": "string", "enum": ["", "true"]}},
)
_IF_MATCH: Final[Json] = {
    "name": "If-Match",
    "in": "header",
    "description": "Only if the graph still has this ETag",
    "schema": STRING,
}
_IF_NONE_MATCH: Final[Json] = {
    "name": "If-None-Match",
    "in": "header",
    "description": "Only if the graph has another ETag; * if it must not exist",
    "schema": STRING,
}
_PLAIN_FORMAT: Final = RESULT_FORMAT | {
    "schema": {"type": "string", "enum": list(GRAPH_NAMES)},
}
_RDF: Final[Json] = {
    "required": True,
    "content": {name: {"schema": STRING} for name in _GRAPHS},
}
_FILES: Final[Json] = {
    "schema": {
        "type": "object",
        "additionalProperties": {"type": "string", "contentMediaType": "text/turtle"},
    }
}
GET_STORE: Final[Json] = {
    "summary": "Read a graph, or all of them",
    "operation_id": "getGraph",
    "responses": {
        **answers("The graph; all graphs as TriG, N-Quads or JSON-LD", _GRAPHS),
        304: {"description": "Unchanged since the client's copy"},
    },
    "openapi_extra": {"parameters": [*_TARGET, _PLAIN_FORMAT, _IF_NONE_MATCH]},
}
PUT_STORE: Final[Json] = {
    "summary": "Replace a graph, or all of them",
    "operation_id": "putGraph",
    "status_code": 204,
    "responses": {201: {"description": "The graph was created"}, 204: _WRITTEN},
    "openapi_extra": _TOKEN
    | {"parameters": [*_TARGET, _IF_MATCH, _IF_NONE_MATCH], "requestBody": _RDF},
}
POST_STORE: Final[Json] = {
    "summary": "Add to a graph, or to the graphs named in the data",
    "description": "Triples without a target graph go to a new graph, named by Location",
    "operation_id": "postGraph",
    "status_code": 204,
    "responses": {201: {"description": "The graph was created"}, 204: _WRITTEN},
    "openapi_extra": _TOKEN
    | {
        "parameters": [
            *_TARGET,
            parameter(
                "replace",
                "First empty each graph named in the data; only without graph and default",
                {"type": "string", "enum": ["", "true"]},
            ),
            _IF_MATCH,
            _IF_NONE_MATCH,
        ],
        "requestBody": _RDF | {"content": _RDF["content"] | {"multipart/form-data": _FILES}},
    },
}
BACKUP: Final[Json] = {
    "summary": "Download a backup of the store, for `comity restore`",
    "operation_id": "backup",
    "responses": {
        200: {
            "description": "A tar archive compressed with gzip",
            "content": {"application/gzip": {"schema": {"type": "string", "format": "binary"}}},
        }
    },
    "openapi_extra": _TOKEN,
}
DELETE_STORE: Final[Json] = {
    "summary": "Delete a graph, or all of them",
    "operation_id": "deleteGraph",
    "status_code": 204,
    "responses": {204: _WRITTEN},
    "openapi_extra": _TOKEN | {"parameters": [*_TARGET, _IF_MATCH]},
}
QUERIES: Final[Json] = {
    "summary": "The catalogue of canned queries",
    "description": "Each with its parameters and their types",
    "operation_id": "queries",
    "responses": answers("The catalogue", ["application/json", HTML]),
    "openapi_extra": {"parameters": [CATALOGUE_FORMAT]},
}
NETWORKS: Final[Json] = {
    "summary": "The catalogue of network views",
    "description": "Each with its parameters, and the formats of all of them",
    "operation_id": "networks",
    "responses": answers("The catalogue", ["application/json", HTML]),
    "openapi_extra": {"parameters": [CATALOGUE_FORMAT]},
}
VIEWERS: Final[Json] = {
    "summary": "How to open a network in each viewer",
    "operation_id": "viewers",
    "responses": answers("The page", [HTML]),
}
HOME: Final[Json] = {
    "summary": "Home page",
    "operation_id": "home",
    "responses": answers("The page", [HTML]),
}
ABOUT: Final[Json] = {
    "summary": "What the graph claims and what it does not, how it was coded, how to cite it",
    "operation_id": "about",
    "responses": answers("The page", [HTML]),
}
GUIDE: Final[Json] = {
    "summary": "How to use Comity: the README of the project, and a list of the other pages",
    "operation_id": "guide",
    "responses": answers("The page", [HTML]),
}
GUIDE_PAGE: Final[Json] = {
    "summary": "One page of the guide: the README of a room",
    "operation_id": "guidePage",
    "responses": answers("The page", [HTML]),
    "openapi_extra": {
        "parameters": [
            {
                "name": "name",
                "in": "path",
                "required": True,
                "description": "As /guide lists it",
                "schema": {"type": "string", "enum": [name for name in GUIDE_FILES if name]},
                "example": "queries",
            }
        ]
    },
}
DOWNLOADS: Final[Json] = {
    "summary": "All downloads, with their sizes",
    "operation_id": "downloads",
    "responses": answers("The page", [HTML]),
}
RUNNING: Final[Json] = {
    "summary": "List the running queries; needs the token",
    "operation_id": "running",
    "responses": answers("Their ids, texts and seconds", ["application/json"]),
}
CANCEL: Final[Json] = {
    "summary": "Stop a query; needs the token",
    "operation_id": "cancel",
    "status_code": 204,
    "responses": {204: {"description": "The query is stopped"}},
    "openapi_extra": {
        "parameters": [
            {
                "name": "id",
                "in": "path",
                "required": True,
                "description": "As listed by /running",
                "schema": STRING,
                "example": "q7",
            }
        ]
    },
}
_COUNTED: Final[Json] = {
    "type": "object",
    "required": ["iri", "name", "count"],
    "properties": {"iri": STRING, "name": STRING, "count": {"type": "integer"}},
}
_LISTED: Final[Json] = {"type": "array", "items": STRING}
_BY_LANGUAGE: Final[Json] = {"type": "object", "additionalProperties": STRING}
_TERM: Final[Json] = {
    "iri": STRING,
    "name": STRING | {"description": "With a prefix if there is one"},
    "label": _BY_LANGUAGE,
    "definition": _BY_LANGUAGE,
    "usage": _BY_LANGUAGE,
    "count": {"type": "integer", "description": "Instances of a class, values of a property"},
    "example": {"type": ["string", "null"]},
}


def _terms(further: Json) -> Json:
    properties = _TERM | further
    return {
        "type": "array",
        "items": {"type": "object", "required": list(properties), "properties": properties},
    }


_SCHEMA: Final[Json] = {
    "type": "object",
    "required": ["data", "triples", "prefixes", "graphs", "classes", "properties"],
    "properties": {
        "data": STRING | {"description": "The data version of the counts"},
        "triples": {"type": "integer"},
        "prefixes": _BY_LANGUAGE,
        "graphs": {
            "type": "array",
            "items": {
                "type": "object",
                "required": ["iri", "triples"],
                "properties": {"iri": STRING, "triples": {"type": "integer"}},
            },
        },
        "classes": _terms(
            {
                "subClassOf": _LISTED,
                "properties": {"type": "array", "items": _COUNTED},
                "values": {
                    "type": "array",
                    "description": "The values of a closed list in the ontology",
                    "items": {
                        "type": "object",
                        "required": ["iri", "name", "label", "definition", "usage"],
                        "properties": {
                            **{n: STRING for n in ("iri", "name")},
                            **{n: _BY_LANGUAGE for n in ("label", "definition", "usage")},
                        },
                    },
                },
            }
        ),
        "properties": _terms(
            {
                **{n: _LISTED for n in ("subPropertyOf", "inverseOf", "domain", "range")},
                **{n: {"type": "array", "items": _COUNTED} for n in ("datatypes", "classes")},
            }
        ),
    },
}
SCHEMA: Final[Json] = {
    "summary": "Classes and properties in the data",
    "description": (
        "Classes and properties with labels, ranges and counts, over the union of all graphs. After a "
        "write it describes the previous data until the count is done; see `data`"
    ),
    "operation_id": "schema",
    "responses": {
        200: {
            "description": "The schema",
            "headers": {"Comity-Data-Version": {"description": "As `data`", "schema": STRING}},
            "content": {"application/json": {"schema": _SCHEMA}},
        },
        503: {
            "description": "The first count is in progress",
            "content": DEFAULT_PROBLEM["content"],
        },
    },
}
HEALTH: Final[Json] = {
    "summary": "Check that the service can answer",
    "operation_id": "health",
    "responses": answers("It can", ["application/json"]),
}
LIVE: Final[Json] = HEALTH | {"summary": "Check that the process is alive", "operation_id": "live"}
READY: Final[Json] = {
    "summary": "Check that the store answers; a 503 gives the reason if not",
    "operation_id": "ready",
    "responses": answers("It does", ["application/json"]),
}
METRICS: Final[Json] = {
    "summary": "Metrics for Prometheus",
    "operation_id": "metrics",
    "responses": answers("The metrics", ["text/plain", "application/openmetrics-text"]),
}
DOCS: Final[Json] = {
    "summary": "This document as an interactive page; 501 if its library is not installed",
    "operation_id": "docs",
    "responses": answers("The page", [HTML]),
}
VERSION: Final[Json] = {
    "summary": "Versions of the software and of the data",
    "operation_id": "version",
    "responses": answers("The versions", ["application/json"]),
}
