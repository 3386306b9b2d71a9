"""OpenAPI operations of the canned queries, one each, generated from the catalogue."""

from collections.abc import Iterable, Iterator
from typing import Any, Final

from fastapi import FastAPI

from comity.graph.catalogue.binding import DEFAULT_LIMIT, MAX_LIMIT
from comity.graph.catalogue.expected_answers import expected_rows, iri_columns
from comity.graph.catalogue.parameter_types import TYPES
from comity.graph.catalogue.queries import CannedQuery, Catalogue, Parameter
from comity.graph.catalogue.refinement import LABEL
from comity.graph.networks.formats.registry import FORMATS, VOWL
from comity.graph.tables.registry import FORMATS as TABLE_FORMATS
from comity.service.http.media import GRAPH_NAMES, HTML, PROBLEM
from comity.service.http.openapi import DEFAULT_PROBLEM, NETWORK_OPTIONS, SECURITY, Json
from comity.service.http.protocol import QUERY
from comity.service.queries import negotiation

_STRING: Final[Json] = {"type": "string"}
_ANY: Final[Json] = {"type": ["string", "number", "boolean", "null"]}
_LABEL: Final[Json] = {"type": ["string", "null"]}
_IRI: Final[Json] = {"type": ["string", "null"], "format": "iri"}
_COMPLETE: Final[Json] = {
    "description": "True if this is the whole answer",
    "schema": {"type": "string", "enum": ["true", "false"]},
}
_LINK: Final[Json] = {
    "description": "first, prev and next page, the query (describedby), the license (RFC 8288)",
    "schema": _STRING,
}
_RELEASE: Final[Json] = {"description": "Hash of the bundled graphs", "schema": _STRING}
_BOM: Final[Json] = {"type": "string", "enum": ["0", "1"], "default": "0"}
_BINARY: Final[Json] = {"type": "string", "format": "binary"}


def _repeated(name: str, description: str, pattern: str) -> Json:
    items = _STRING | {"pattern": pattern}
    return {
        "name": name,
        "in": "query",
        "description": description,
        "schema": {"type": "array", "items": items},
        "style": "form",
        "explode": True,
    }


_NARROWING: Final = (
    _repeated(
        "sort", "asc(column) or desc(column); the first takes precedence", r"^(asc|desc)\(\w+\)$"
    ),
    _repeated(
        "filter",
        "column:pattern, a regular expression that ignores case; or column:=value, <, >, <=, >=, !=",
        r"^\w+:(=|!=|<|>|<=|>=)?.+$",
    ),
    _repeated("require", "A column that must not be empty", r"^\w+$"),
)


def describe_in(app: FastAPI, catalogue: Catalogue, views: Catalogue) -> None:
    """Add the operations of a catalogue and of network views to an application's document."""
    of_routes = app.openapi

    def openapi() -> dict[str, Any]:
        if app.openapi_schema is None:
            of_routes()["paths"].update(paths(catalogue, views))
            of_routes().setdefault("components", {})["securitySchemes"] = SECURITY
            for operations in of_routes()["paths"].values():
                for operation in operations.values():
                    operation.setdefault(
                        "tags", ["service"]
                    )  # otherwise viewers show it as default
        found = app.openapi_schema
        assert found is not None
        return found

    app.openapi = openapi  # type: ignore[method-assign]


def paths(catalogue: Catalogue, views: Catalogue) -> dict[str, Any]:
    """Return the paths of all queries and views, and that of the queries' texts."""
    found = {
        f"/queries/{query.name}": {"get": _operation(query)} for query in catalogue.queries.values()
    }
    found["/queries/{name}.rq"] = {"get": _text(sorted(catalogue.queries))}
    return found | {
        f"/network/{view.name}": {"get": _view(view)} for view in views.queries.values()
    }


def _operation(query: CannedQuery) -> Json:
    described = {"description": query.description} if query.description else {}
    return {
        "operationId": query.name,
        "summary": query.summary,
        **described,
        "tags": list(query.tags) or ["queries"],
        "parameters": [*map(_parameter, query.parameters), *_further(query)],
        "responses": {
            "200": _graph() if query.form == "graph" else _table(query),
            "406": _problem("None of the accepted formats is available"),
            "422": _problem(
                "A parameter is missing, unknown or invalid; `hint` says what is valid"
            ),
            "501": _problem("A program or library is missing on the server"),
            "default": DEFAULT_PROBLEM,
        },
    }


def _view(view: CannedQuery) -> Json:
    types = dict.fromkeys(format.media_type for format in FORMATS.values())
    formats = {**_STRING, "enum": [*FORMATS, *([VOWL] if view.name == "ontology" else []), "html"]}
    return {
        "operationId": f"network-{view.name}",
        "summary": view.summary,
        "description": view.description or view.summary,
        "tags": ["networks"],
        "parameters": [
            *map(_parameter, view.parameters),
            *NETWORK_OPTIONS,
            _own("lang", "Language of the labels", {**_STRING, "default": "en"}),
            _own("format", "Format of the network; it overrides Accept", formats),
        ],
        "responses": {
            "200": {
                "description": "The whole network",
                "content": {type: {"schema": _STRING} for type in (*types, HTML)},
            },
            "406": _problem("None of the accepted formats is available"),
            "422": _problem("A parameter is unknown or invalid; `hint` says what is valid"),
            "501": _problem("A program is missing on the server; `hint` says which"),
            "default": DEFAULT_PROBLEM,
        },
    }


def _problem(description: str) -> Json:
    return {"description": description, "content": DEFAULT_PROBLEM["content"]}


def _parameter(parameter: Parameter) -> Json:
    schema: Json = {"type": "integer"} if parameter.type == "integer" else dict(_STRING)
    if parameter.type == "boolean":
        schema["enum"] = ["yes", "no"]
    example: str | int = parameter.example_text
    if parameter.type == "integer" and example:
        example = int(example)
    if parameter.need == "default" and example:
        schema["default"] = example
    takes = TYPES[parameter.type]
    return {
        "name": parameter.name,
        "in": "query",
        "required": parameter.need == "required",
        "description": f"{parameter.meaning} ({parameter.type}: {takes})".strip(),
        "schema": schema,
        **({"example": example} if example else {}),
    }


def _further(query: CannedQuery) -> Iterator[Json]:
    """Yield the parameters of every address besides those of its query."""
    if query.form == "table":
        yield _own("limit", "Rows in one page", _bounded(1, MAX_LIMIT, DEFAULT_LIMIT))
        yield _own("offset", "Rows to skip", _bounded(0, None, 0))
        yield from _NARROWING
        yield _own("bom", "A byte order mark before csv and tsv, for Excel", _BOM)
    if query.form != "boolean":
        yield from NETWORK_OPTIONS
    yield _own("lang", "Language of the labels", {**_STRING, "default": "en"})
    if query.parameter("format") is None:
        names: Iterable[str] = GRAPH_NAMES if query.form == "graph" else negotiation.TYPES
        networks: Iterable[str] = () if query.form == "boolean" else FORMATS
        enum = list(dict.fromkeys([*names, *networks, "html", "rq", "ipynb"]))
        yield _own("format", "Format of the answer; it overrides Accept", {**_STRING, "enum": enum})


def _own(name: str, description: str, schema: Json) -> Json:
    return {"name": name, "in": "query", "description": description, "schema": schema}


def _bounded(least: int, most: int | None, default: int) -> Json:
    bound = {} if most is None else {"maximum": most}
    return {"type": "integer", "minimum": least, **bound, "default": default}


def _graph() -> Json:
    types = dict.fromkeys(format.media_type for format in GRAPH_NAMES.values())
    return {"description": "The graph", "content": {type: {"schema": _STRING} for type in types}}


def _table(query: CannedQuery) -> Json:
    columns = _columns(query)
    content: Json = {type: {"schema": _STRING} for type in negotiation.TYPES.values()}
    content[negotiation.TYPES["srj"]] = {"schema": {"type": "object"}}
    for format in TABLE_FORMATS.values():
        if not format.shown:
            content[format.media_type] = {"schema": _BINARY}
    content[negotiation.TYPES["json"]] = {
        "schema": _schema(columns),
        "example": {
            "columns": list(columns),
            "rows": list(expected_rows(query, list(columns)))[:1],
            "total": None if query.partial else len(query.answers) or None,
            "complete": True,
            "next": None,
        },
    }
    return {
        "description": "The answer, or one page of it",
        "headers": {"Comity-Complete": _COMPLETE, "Comity-Release": _RELEASE, "Link": _LINK},
        "content": content,
    }


def _schema(columns: Json) -> Json:
    return {
        "type": "object",
        "required": ["columns", "rows", "total", "complete", "next"],
        "properties": {
            "columns": {"type": "array", "items": _STRING},
            "rows": {"type": "array", "items": {"type": "object", "properties": columns}},
            "total": {"type": ["integer", "null"]},
            "complete": {"type": "boolean"},
            "next": {"type": ["string", "null"], "format": "uri"},
            "reasons": {
                "type": "array",
                "items": _STRING,
                "description": "Sentences that say why there are no rows, as far as the graph tells",
            },
            "query": {"type": "object", "description": "The parameters as interpreted"},
            "cite": {
                "type": "object",
                "description": "What to cite, with licence and data version",
            },
        },
    }


def _columns(query: CannedQuery) -> Json:
    """Return the schema of each column, as far as the expected answer shows it."""
    if query.form == "boolean":
        return {"answer": {"type": "boolean"}}
    found: Json = {}
    with_iris = iri_columns(query)
    for name in query.columns:
        found[name] = _IRI if name in with_iris else _ANY
        if name in with_iris and name + LABEL not in query.columns:
            found[name + LABEL] = _LABEL
    return found


def _text(names: list[str]) -> Json:
    return {
        "operationId": "queryText",
        "summary": "The text of a canned query, with the given values of parameters",
        "tags": ["queries"],
        "parameters": [
            {
                "name": "name",
                "in": "path",
                "required": True,
                "description": "Name of the query",
                "schema": {"type": "string", "enum": names},
            }
        ],
        "responses": {
            "200": {"description": "The text", "content": {QUERY: {"schema": _STRING}}},
            "404": {"description": "No such query", "content": {PROBLEM: {"schema": {}}}},
            "default": DEFAULT_PROBLEM,
        },
    }
