"""OpenAPI building blocks shared by several routes."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from comity.graph.networks.build import MAX_HOPS
from comity.service.http.media import PROBLEM

Json = dict[str, Any]

STRING: Final[Json] = {"type": "string"}
DEFAULT_PROBLEM: Final[Json] = {
    "description": "An error (RFC 9457)",
    "content": {
        PROBLEM: {
            "schema": {
                "type": "object",
                "required": ["type", "title", "status"],
                "properties": {
                    "type": STRING,
                    "title": STRING,
                    "status": {"type": "integer"},
                    "detail": STRING,
                    "line": {"type": "integer"},
                    "column": {"type": "integer"},
                    "parameter": STRING,
                    "hint": STRING,
                },
            }
        }
    },
}


def parameter(
    name: str, description: str, schema: Json = STRING, example: str | None = None
) -> Json:
    found: Json = {"name": name, "in": "query", "description": description, "schema": schema}
    return found | ({"example": example} if example is not None else {})


# Options for the network of any answer.
NETWORK_OPTIONS: Final = (
    parameter("around", "Only the part of a network around a thing: a name, a slug or an IRI"),
    parameter(
        "hops",
        "Number of edges from `around`",
        {"type": "integer", "minimum": 0, "maximum": MAX_HOPS, "default": 1},
    ),
    parameter(
        "multi",
        "Keep parallel edges of a network, or merge them",
        {"type": "string", "enum": ["keep", "merge"], "default": "keep"},
    ),
    parameter(
        "flavor", "Variant of a network format", {"type": "string", "enum": ["plain", "yed"]}
    ),
)
SECURITY: Final[Json] = {
    "token": {"type": "http", "scheme": "bearer", "description": "The service's COMITY_TOKEN"}
}
CATALOGUE_FORMAT: Final = parameter(
    "format",
    "Name of the format; it overrides the Accept header",
    {"type": "string", "enum": ["json", "html"]},
)


def answers(description: str, media_types: Iterable[str]) -> Mapping[int | str, Json]:
    """Describe an answer in any of these types."""
    return {200: {"description": description, "content": _content(media_types)}}


def _content(media_types: Iterable[str]) -> Json:
    return {name: {"schema": STRING} for name in media_types}
