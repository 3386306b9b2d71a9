"""SPARQL 1.1 Graph Store HTTP Protocol, with graphs named by `?graph=` and `?default`.

Without either, a request concerns all graphs, as in other servers.
"""

import asyncio
import re
import uuid
from email.message import Message
from pathlib import Path
from typing import Final
from urllib.parse import quote

from fastapi import Request, Response

from comity.graph.engines.writing.requests import Change, Condition, Payload
from comity.graph.errors import NotAcceptable
from comity.graph.rdf.formats import holds_graphs, is_rdf_type, media_type_of_name
from comity.graph.rdf.terms import absolute_iri
from comity.graph.sparql.updates import DEFAULT_GRAPH
from comity.graph.store.interface import Query, ResultFormat, Whole
from comity.service.http.bearer import writer_for
from comity.service.http.context import address, context
from comity.service.http.media import GRAPH_TYPES, AnswerTypes, available, choose, negotiate
from comity.service.http.problems import Refusal
from comity.service.http.protocol import Parameters, media_type_of, parse_fields
from comity.service.http.responses import VERSION_HEADER, answer_query
from comity.service.http.uploads import FormPart, parts, uploaded

ALLOWED: Final = "DELETE, GET, HEAD, OPTIONS, POST, PUT"
MULTIPART: Final = "multipart/form-data"
DATASET_TYPES: Final = {
    ResultFormat.TRIG.media_type: ResultFormat.TRIG,
    ResultFormat.N_QUADS.media_type: ResultFormat.N_QUADS,
    ResultFormat.JSON_LD.media_type: ResultFormat.JSON_LD,
    "application/json": ResultFormat.JSON_LD,
}
TAKEN: Final = tuple(dict.fromkeys(format.media_type for format in GRAPH_TYPES.values()))
# Types that clients send if they know none: then the file name decides.
_VAGUE: Final = frozenset(
    (None, "application/octet-stream", "text/plain", "application/gzip", "application/x-gzip")
)
_TAG: Final = re.compile(r'\s*(?:(W/)?("[^"]*")|(\*))\s*(?:,|$)')


async def read(request: Request) -> Response:
    """Return a graph, or all of them."""
    graph = _target(request)
    choice = _choice(request, graph)
    here = context(request)
    # At worst the tag is older than the data: it is read first.
    version = here.writer.tag(graph) if here.writer else here.store.version
    headers = {"Cache-Control": "no-cache"}
    if here.store.is_cacheable:
        headers["ETag"] = f'"{version}.{choice.extension}"'
    asked = _tags(request, "if-none-match", weak=True) or frozenset()
    if "ETag" in headers and ("*" in asked or headers["ETag"] in asked):
        return Response(status_code=304, headers=headers | {"Vary": "Accept"})
    query = Query("", None, choice, timeout=here.settings.timeout, whole=Whole(graph))
    response = await answer_query(request, query, AnswerTypes(None, choice.media_type))
    response.headers.update(headers)
    return response


async def write(request: Request) -> Response:
    """Put, add to or delete a graph; responds once it is on disk."""
    writer = writer_for(request)
    graph, method = _target(request), request.method
    condition = Condition(_tags(request, "if-match"), _tags(request, "if-none-match"))
    emptying = _emptying(request, graph)
    base = graph or f"{address(request)}/store"
    if method == "DELETE":
        written = await writer.write(Change(method, graph, base=base, condition=condition))
        return Response(status_code=204, headers={VERSION_HEADER: written.version})
    limit = context(request).settings.max_upload
    kind = _media_type(request)
    async with uploaded(request, writer.folder, limit) as path:
        payloads = await asyncio.to_thread(_payloads, request, kind, path)
        made = _new_graph(method, graph, payloads)
        change = Change(method, made or graph, payloads, base, emptying, condition, limit=limit)
        written = await writer.write(change)
    headers = {VERSION_HEADER: written.version}
    if made:
        headers["Location"] = f"{address(request)}/store?graph={quote(made, safe='')}"
    return Response(status_code=201 if written.created else 204, headers=headers)


async def options(request: Request) -> Response:
    """Return the supported methods and types."""
    types = ", ".join((*TAKEN, MULTIPART))
    return Response(status_code=204, headers={"Allow": ALLOWED, "Accept-Post": types})


# Request


def _target(request: Request) -> str | None:
    """Return the graph named in the address: its IRI, "" for the default graph, None for all."""
    parameters: Parameters = parse_fields(request.scope["query_string"])
    for name in parameters:
        if name not in ("graph", "default", "format", "replace"):
            hint = "The parameters are graph, default, format and replace"
            raise Refusal(400, f"Unknown parameter {name}", hint=hint, parameter=name)
    graphs = parameters.get("graph", ())
    if "default" in parameters:
        if graphs:
            raise Refusal(
                400, "The address names the default graph and another one", parameter="graph"
            )
        return DEFAULT_GRAPH
    if not graphs:
        return None
    if len(graphs) > 1:
        raise Refusal(400, f"The address names {len(graphs)} graphs", parameter="graph")
    try:
        return absolute_iri(graphs[0])
    except ValueError as error:
        hint = "Percent-encode it, including plus signs as %2B, and begin with the scheme"
        detail = f"{graphs[0]} is not an absolute IRI: {error}"
        raise Refusal(400, detail, hint=hint, parameter="graph") from None


def _choice(request: Request, graph: str | None) -> ResultFormat:
    accept = request.headers.get("accept")
    name = parse_fields(request.scope["query_string"]).get("format", [None])[-1]
    if graph is not None or name is not None:
        format = choose(accept, name).graph_format
    else:
        format = DATASET_TYPES.get(negotiate(accept, list(DATASET_TYPES)) or "")
    if format is None or (graph is None and format not in DATASET_TYPES.values()):
        types = GRAPH_TYPES if graph is not None else DATASET_TYPES
        what = "A graph" if graph is not None else "The whole dataset"
        raise NotAcceptable(
            f"{what} is not available in an accepted format",
            hint=f"The formats are {available(types)}; ?graph=IRI and ?default name one graph",
        )
    return format


def _tags(request: Request, name: str, *, weak: bool = False) -> frozenset[str] | None:
    """Return the entity tags of a header, None without the header.

    With `weak` the tags are returned as written; otherwise the versions in the strong ones, since a
    client may have read the graph in any format.
    """
    header = ",".join(request.headers.getlist(name))
    if not header.strip():
        return None
    found, at = set(), 0
    while at < len(header):
        match = _TAG.match(header, at)
        if not match:
            hint = 'Send * or a list of quoted tags: "…", "…"'
            raise Refusal(400, f"{name} can't be read: {header}", hint=hint)
        at = match.end()
        if match[3]:
            found.add("*")
        elif weak:
            found.add(match[2])
        elif not match[1]:
            found.add(match[2].strip('"').rpartition(".")[0])
    return frozenset(found)


def _emptying(request: Request, graph: str | None) -> bool:
    """True if a POST to all graphs replaces each graph in its data."""
    values = parse_fields(request.scope["query_string"]).get("replace")
    if values is None:
        return False
    if request.method != "POST" or graph is not None or values[-1] not in ("", "true"):
        hint = "Use POST with ?replace and without a graph; PUT replaces one graph"
        raise Refusal(400, "replace does not apply to this request", hint=hint, parameter="replace")
    return True


# Payload


def _media_type(request: Request) -> str:
    kind = media_type_of(request.headers.get("content-type"))
    if kind == MULTIPART and request.method == "POST":
        return MULTIPART
    if kind is None or not is_rdf_type(kind):
        raise _unsupported(f"The body's type is {kind}" if kind else "The body has no Content-Type")
    return kind


def _unsupported(detail: str) -> Refusal:
    types = ", ".join((*TAKEN, MULTIPART))
    return Refusal(
        415,
        detail,
        hint=f"The types are {types}",
        headers={"Accept-Post": types, "Accept": ", ".join(TAKEN)},
    )


def _payloads(request: Request, kind: str, path: Path) -> tuple[Payload, ...]:
    if kind != MULTIPART:
        return (Payload(path, kind, path.stat().st_size),)
    header = Message()
    header["content-type"] = request.headers["content-type"]
    boundary = header.get_param("boundary")
    if not isinstance(boundary, str) or not boundary:
        raise Refusal(400, "The form's Content-Type has no boundary")
    found = parts(path, boundary)
    if not found:
        raise Refusal(400, "The form contains no file", hint="Send files: curl -F file=@…")
    return tuple(_payload(path, part) for part in found)


def _payload(path: Path, part: FormPart) -> Payload:
    kind = media_type_of(part.content_type)
    with path.open("rb") as file:
        file.seek(part.start)
        compressed = file.read(2) == b"\x1f\x8b"
    if kind in _VAGUE:
        kind = media_type_of_name(part.filename) or (kind if kind == "text/plain" else None)
    if kind is None or not is_rdf_type(kind):
        raise _unsupported(f"The type of {part.filename} is unknown or not supported")
    return Payload(path, kind, part.size, part.start, part.filename, compressed)


def _new_graph(method: str, graph: str | None, payloads: tuple[Payload, ...]) -> str | None:
    """Return a name for a graph created by a POST (§5.5), None if none is created."""
    if graph is not None:
        return None
    datasets = {holds_graphs(payload.media_type) for payload in payloads}
    if datasets == {True}:
        return None
    if datasets == {True, False}:
        detail = "Some of the files have graphs of their own, others do not"
        raise Refusal(400, detail, hint="Name a graph by ?graph=IRI, or send them separately")
    if method == "PUT":
        detail = "Neither the address nor the data name a graph"
        raise Refusal(
            400, detail, hint="Name it by ?graph=IRI or ?default; or send TriG or N-Quads"
        )
    return f"urn:uuid:{uuid.uuid4()}"
