"""What the OpenAPI document says of /snippets."""

from typing import Final

from comity.service.openapi import GET_SPARQL, POST_SPARQL, Json, answers

_SUMMARY: Final = "The formats that a query's answer comes in, and code that asks it"
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
