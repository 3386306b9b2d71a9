"""OpenAPI descriptions of linked data: identifiers, descriptions, pages, evidence."""

from typing import Final, NamedTuple

from comity.graph.store.interface import LISTED, MOST_LISTED
from comity.service.http.media import GRAPH_NAMES, HTML
from comity.service.http.openapi import CATALOGUE_FORMAT, Json, answers, parameter

_GRAPHS: Final = tuple(dict.fromkeys(f.media_type for f in GRAPH_NAMES.values()))
_EXAMPLES: Final = {"id": "iran", "source": "moscow-tehran-relations", "graph": "states"}
_WORDS: Final = {"id": "thing", "source": "source", "graph": "graph"}
_SEE_OTHER: Final[Json] = {"description": "The address of its description, by Accept or suffix"}
_RDF_FORMAT: Final = parameter(
    "format",
    "Name of the format; it overrides the Accept header",
    {"type": "string", "enum": list(GRAPH_NAMES)},
)


class FamilyDescriptions(NamedTuple):
    """Descriptions of a family's two routes."""

    identifier: Json
    data: Json


def _name(family: str, *, suffix: bool = True) -> Json:
    return {
        "name": "name",
        "in": "path",
        "required": True,
        "description": f"The slug of the {_WORDS[family]}"
        + (", optionally with the suffix of a format" if suffix else ""),
        "schema": {
            "type": "string",
            "pattern": r"^[a-z0-9-]+(\.[a-z0-9+-]+)?$" if suffix else "^[a-z0-9-]+$",
        },
        "example": _EXAMPLES[family],
    }


def family(name: str) -> FamilyDescriptions:
    """Return the descriptions of the routes of things, sources or graphs."""
    word = _WORDS[name]
    return FamilyDescriptions(
        {
            "summary": f"Find the description of a {word}",
            "operation_id": "identifier" if name == "id" else f"{word}Identifier",
            "status_code": 303,
            "responses": {303: _SEE_OTHER},
            "openapi_extra": {"parameters": [_name(name), _RDF_FORMAT]},
        },
        {
            "summary": f"Describe a {word} in RDF",
            "operation_id": "data" if name == "id" else f"{word}Data",
            "responses": answers("The description", _GRAPHS),
            "openapi_extra": {"parameters": [_name(name), _RDF_FORMAT]},
        },
    )


_TEXT: Final[Json] = {"type": "string"}

THING: Final[Json] = {
    "summary": "Show a thing with every record of it",
    "operation_id": "page",
    "responses": answers("The page", [HTML]),
    "openapi_extra": {"parameters": [_name("id", suffix=False)]},
}
GRAPH: Final[Json] = {
    "summary": "Show a graph with the things described in it",
    "operation_id": "graphPage",
    "responses": answers("The page", [HTML]),
    "openapi_extra": {
        "parameters": [
            _name("graph", suffix=False),
            parameter("offset", "Things to skip", {"type": "integer", "minimum": 0}),
        ]
    },
}
SOURCES: Final[Json] = {
    "summary": "List the sources",
    "operation_id": "listSources",
    "responses": answers("The sources, with their sizes", ["application/json", HTML]),
    "openapi_extra": {"parameters": [CATALOGUE_FORMAT]},
}
SOURCE: Final[Json] = {
    "summary": "Read a source: its passages in order, with their facts",
    "operation_id": "readSource",
    "responses": answers("The page", [HTML]),
    "openapi_extra": {
        "parameters": [
            _name("source", suffix=False),
            parameter("modality", "Show only facts of this modality; can be repeated", _TEXT),
            parameter("actor", "Show only facts in which this agent acts or speaks", _TEXT),
            parameter("issue", "Show only facts on this issue or one below it", _TEXT),
            parameter("page", "Page of a long source", {"type": "integer", "minimum": 1}),
            parameter("at", "Show the page that has this passage or record, such as f24.3", _TEXT),
        ]
    },
}
CONTEXT: Final[Json] = {
    "summary": "The JSON-LD context of a release",
    "operation_id": "context",
    "responses": answers("The context", ["application/ld+json"]),
    "openapi_extra": {
        "parameters": [
            {
                "name": "version",
                "in": "path",
                "required": True,
                "description": "The version of the ontology",
                "schema": {"type": "string"},
                "example": "0.1.0",
            }
        ]
    },
}


def _part(description: str, example: str) -> Json:
    return {
        "name": "name",
        "in": "path",
        "required": True,
        "description": f"{description}; optionally with the suffix of a format",
        "schema": {"type": "string"},
        "example": example,
    }


ONTOLOGY: Final[Json] = {
    "summary": "The ontology: its document, or its triples",
    "operation_id": "readOntology",
    "responses": answers("The ontology", [*_GRAPHS, HTML]),
    "openapi_extra": {"parameters": [_RDF_FORMAT]},
}
PICTURE: Final[Json] = {
    "summary": "Overview picture of the ontology",
    "operation_id": "ontologyPicture",
    "responses": answers("The picture", ["image/svg+xml"]),
}
ONTOLOGY_PART: Final[Json] = {
    "summary": "The shapes, or the release of the ontology named in its version IRI",
    "operation_id": "ontologyPart",
    "responses": answers("The document, or its triples", [*_GRAPHS, HTML]),
    "openapi_extra": {"parameters": [_part("shapes, or the version", "shapes"), _RDF_FORMAT]},
}
ALIGNMENT: Final[Json] = {
    "summary": "The mapping of the ontology to another vocabulary",
    "operation_id": "alignment",
    "responses": answers("The document, or its triples", [*_GRAPHS, HTML]),
    "openapi_extra": {"parameters": [_part("The vocabulary", "prov"), _RDF_FORMAT]},
}
_WHY_FORMATS: Final = ("html", "json", *GRAPH_NAMES)
WHY: Final[Json] = {
    "summary": "Show why a triple holds, or the evidence of a record or an edge",
    "description": "Records, rules, quotations with their offsets, the sentences that they point "
    "to, sources. Give s, p and o, or record, or edge. All derivations of a triple are counted, "
    "and the first are listed, each premise with one derivation of its own. The total is a lower "
    "bound if it is not exact.",
    "operation_id": "why",
    "responses": answers("The evidence", ["application/json", *_GRAPHS, HTML]),
    "openapi_extra": {
        "parameters": [
            parameter("s", "Subject of a triple: a slug, a prefixed name or an IRI"),
            parameter("p", "Its predicate: memberOf, a prefixed name or an IRI"),
            parameter("o", "Its object: as the subject, or a literal in quotes"),
            parameter("record", "A record: its IRI, or source:name#f24.3"),
            parameter("edge", "The identifier of an edge of a network view"),
            parameter("view", "The view with the edge; without it, all are searched"),
            parameter(
                "limit",
                "Derivations to list; all are counted",
                {"type": "integer", "minimum": 1, "maximum": MOST_LISTED, "default": LISTED},
            ),
            parameter(
                "format",
                "Name of the format; it overrides the Accept header",
                {"type": "string", "enum": list(dict.fromkeys(_WHY_FORMATS))},
            ),
        ]
    },
}


def _of_network(what: str, parameter: str, leads: str, example: str) -> Json:
    return {
        "summary": f"Find {leads}",
        "operation_id": what,
        "status_code": 303,
        "responses": {303: {"description": "Its address"}},
        "openapi_extra": {
            "parameters": [
                {
                    "name": parameter,
                    "in": "path",
                    "required": True,
                    "description": "As in the RDF of a network",
                    "schema": {"type": "string"},
                    "example": example,
                }
            ]
        },
    }


EDGE: Final = _of_network("edge", "id", "the evidence of an edge", "rel_0123456789ab")
RELATION: Final = _of_network(
    "relation", "name", "the definition of a type of edge", "tookPartWith"
)
NODE: Final = _of_network(
    "node", "name", "the description of a node that is not a thing", "text_0123456789ab"
)
DUMP: Final[Json] = {
    "summary": "The contents of the store",
    "description": "Turtle is the union of all graphs, each triple once",
    "operation_id": "dump",
    "responses": answers(
        "The data", ["application/trig", "application/n-quads", "text/turtle", "application/gzip"]
    ),
    "openapi_extra": {
        "parameters": [
            {
                "name": "suffix",
                "in": "path",
                "required": True,
                "description": "The format, with .gz compressed",
                "schema": {
                    "type": "string",
                    "enum": ["trig", "nq", "ttl", "trig.gz", "nq.gz", "ttl.gz"],
                },
                "example": "nq.gz",
            }
        ]
    },
}
VOID: Final[Json] = {
    "summary": "Describe the dataset: VoID and DCAT",
    "operation_id": "void",
    "responses": answers("The description", _GRAPHS),
    "openapi_extra": {"parameters": [_RDF_FORMAT]},
}
SITE_MAP: Final[Json] = {
    "summary": "The index of the site maps",
    "operation_id": "siteMap",
    "responses": answers("The index", ["application/xml"]),
}
SITE_MAP_PART: Final[Json] = {
    "summary": "One of the site maps",
    "operation_id": "siteMapPart",
    "responses": answers("The addresses of pages", ["application/xml"]),
    "openapi_extra": {
        "parameters": [
            {
                "name": "number",
                "in": "path",
                "required": True,
                "description": "As listed in /sitemap.xml",
                "schema": {"type": "integer", "minimum": 1},
                "example": 1,
            }
        ]
    },
}
ROBOTS: Final[Json] = {
    "summary": "Rules for crawlers",
    "operation_id": "robots",
    "responses": answers("The rules", ["text/plain"]),
}
