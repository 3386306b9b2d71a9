"""SPARQL 1.1 Protocol, updates: by form and by direct POST."""

from typing import Final

from fastapi import Request, Response

from comity.graph.engines.writing.requests import Update
from comity.graph.sparql.dataset import Dataset
from comity.service.http.bearer import writer_for
from comity.service.http.context import address, context
from comity.service.http.problems import Refusal
from comity.service.http.protocol import (
    FORM,
    UPDATE,
    Parameters,
    decode,
    graph_names,
    media_type_of,
    merge,
    parse_fields,
    read_body,
)
from comity.service.http.responses import VERSION_HEADER

ALLOWED: Final = "OPTIONS, POST"


async def update(request: Request) -> Response:
    """Run an update; responds once it is on disk."""
    writer = writer_for(request)
    asked = await _read(request, context(request).settings.max_body)
    written = await writer.write(asked)
    return Response(status_code=204, headers={VERSION_HEADER: written.version})


async def options(request: Request) -> Response:
    """Return the supported methods and types."""
    return Response(status_code=204, headers={"Allow": ALLOWED, "Accept-Post": f"{UPDATE}, {FORM}"})


async def _read(request: Request, max_body: int) -> Update:
    parameters: Parameters = parse_fields(request.scope["query_string"])
    body = await read_body(request, max_body)
    kind = media_type_of(request.headers.get("content-type"))
    if kind == FORM:
        parameters = merge(parameters, parse_fields(body))
    elif kind == UPDATE:
        parameters = merge(parameters, {"update": [decode(body)]})
    else:
        raise Refusal(
            415,
            f"The body's type is {kind}" if kind else "The body has no Content-Type",
            hint=f"Send an update as {UPDATE}, or as the parameter `update` of {FORM}",
            headers={"Accept-Post": f"{UPDATE}, {FORM}"},
        )
    return Update(_text(parameters), _dataset(parameters), f"{address(request)}/update")


def _text(parameters: Parameters) -> str:
    if "query" in parameters:
        hint = "Send queries to /sparql"
        detail = "This address takes updates, not queries"
        raise Refusal(400, detail, hint=hint, parameter="query")
    texts = parameters.get("update", ())
    if len(texts) != 1:
        count = f"{len(texts)} updates were sent; send one" if texts else "The update is missing"
        hint = "One request may contain several operations, separated by ;"
        raise Refusal(400, count, hint=hint, parameter="update")
    return texts[0]


def _dataset(parameters: Parameters) -> Dataset | None:
    """Return the dataset that the update reads from (SPARQL 1.1 Protocol §2.2.3)."""
    default = graph_names(parameters, "using-graph-uri")
    named = graph_names(parameters, "using-named-graph-uri")
    return Dataset(default, named) if default or named else None
