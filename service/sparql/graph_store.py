"""The SPARQL 1.1 Graph Store HTTP Protocol, with graphs named by `?graph=` and `?default`.

Without either it is about all graphs together, as other servers have it.
"""

import asyncio
import re
import uuid
from email.message import Message
from pathlib import Path
from typing import Final
from urllib.parse import quote

from fastapi import Request, Response
from pyoxigraph import NamedNode, RdfFormat

from comity.graph.engines.writing.requests import Change, Condition, Payload
from comity.graph.errors import NotAcceptable
from comity.graph.rdf.files import SUFFIXES
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
_DATASETS: Final = (RdfFormat.TRIG, RdfFormat.N_QUADS, RdfFormat.JSON_LD)
# Types that a client sends when it knows none: then the name of the file tells.
_VAGUE: Final = frozenset(
    (None, "application/octet-stream", "text/plain", "application/gzip", "application/x-gzip")
)
_TAG: Final = re.compile(r'\s*(?:(W/)?("[^"]*")|(\*))\s*(?:,|$)')


async def read(request: Request) -> Response:
    """Answer with a graph, or with all of them."""
    graph = _target(request)
    choice = _choice(request, graph)
    here = context(request)
    # Of the tag before and the data after the worst that can be is that the tag is too old.
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
    """Put, add to or delete a graph; the answer comes when it is on the disk."""
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
    """Which methods and types are taken."""
    types = ", ".join((*TAKEN, MULTIPART))
    return Response(status_code=204, headers={"Allow": ALLOWED, "Accept-Post": types})


# What is asked for


def _target(request: Request) -> str | None:
    """The graph that the address names: its IRI, "" for the default graph, None for all."""
    parameters: Parameters = parse_fields(request.scope["query_string"])
    for name in parameters:
        if name not in ("graph", "default", "format", "replace"):
            hint = "There are graph, default, format and replace"
            raise Refusal(400, f"There is no parameter {name}", hint=hint, parameter=name)
    graphs = parameters.get("graph", ())
    if "default" in parameters:
        if graphs:
            raise Refusal(400, "The address names the default graph and another", parameter="graph")
        return DEFAULT_GRAPH
    if not graphs:
        return None
    if len(graphs) > 1:
        raise Refusal(400, f"The address names {len(graphs)} graphs", parameter="graph")
    try:
        return NamedNode(graphs[0]).value
    except ValueError as error:
        hint = "Percent-encode it, a plus sign as %2B, and begin with its scheme"
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
            f"{what} can't be written in a format asked for",
            hint=f"There are {available(types)}; ?graph=IRI and ?default name one graph",
        )
    return format


def _tags(request: Request, name: str, *, weak: bool = False) -> frozenset[str] | None:
    """The entity tags of a header, None where there is none.

    With `weak`, as they stand. Without, the versions of the strong ones: a client may have read the
    graph in any format.
    """
    header = ",".join(request.headers.getlist(name))
    if not header.strip():
        return None
    found, at = set(), 0
    while at < len(header):
        match = _TAG.match(header, at)
        if not match:
            hint = 'It is * or a list of tags in quotes: "…", "…"'
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
    """Whether a POST to all graphs replaces each of those that it brings data for."""
    values = parse_fields(request.scope["query_string"]).get("replace")
    if values is None:
        return False
    if request.method != "POST" or graph is not None or values[-1] not in ("", "true"):
        hint = "POST with ?replace, without a graph; PUT replaces one graph"
        raise Refusal(400, "replace is not for this request", hint=hint, parameter="replace")
    return True


# What is brought


def _media_type(request: Request) -> str:
    kind = media_type_of(request.headers.get("content-type"))
    if kind == MULTIPART and request.method == "POST":
        return MULTIPART
    if kind is None or RdfFormat.from_media_type(kind) is None:
        raise _unsupported(f"The body's type is {kind}" if kind else "The body has no Content-Type")
    return kind


def _unsupported(detail: str) -> Refusal:
    types = ", ".join((*TAKEN, MULTIPART))
    return Refusal(
        415,
        detail,
        hint=f"There are {types}",
        headers={"Accept-Post": types, "Accept": ", ".join(TAKEN)},
    )


def _payloads(request: Request, kind: str, path: Path) -> tuple[Payload, ...]:
    if kind != MULTIPART:
        return (Payload(path, kind, path.stat().st_size),)
    header = Message()
    header["content-type"] = request.headers["content-type"]
    boundary = header.get_param("boundary")
    if not isinstance(boundary, str) or not boundary:
        raise Refusal(400, "The form's Content-Type names no boundary")
    found = parts(path, boundary)
    if not found:
        raise Refusal(400, "There is no file in the form", hint="Send files: curl -F file=@…")
    return tuple(_payload(path, part) for part in found)


def _payload(path: Path, part: FormPart) -> Payload:
    kind = media_type_of(part.content_type)
    with path.open("rb") as file:
        file.seek(part.start)
        compressed = file.read(2) == b"\x1f\x8b"
    if kind in _VAGUE:
        names = [suffix.lower() for suffix in Path(part.filename).suffixes if suffix != ".gz"]
        format = SUFFIXES.get(names[-1]) if names else None
        kind = format.media_type if format else kind if kind == "text/plain" else None
    if kind is None or RdfFormat.from_media_type(kind) is None:
        raise _unsupported(f"The type of {part.filename} is not known, or not taken")
    return Payload(path, kind, part.size, part.start, part.filename, compressed)


def _new_graph(method: str, graph: str | None, payloads: tuple[Payload, ...]) -> str | None:
    """A name for a graph that a POST is to make (§5.5), None where it is not to make one."""
    if graph is not None:
        return None
    datasets = {RdfFormat.from_media_type(p.media_type) in _DATASETS for p in payloads}
    if datasets == {True}:
        return None
    if datasets == {True, False}:
        detail = "Some of the files have graphs of their own, others don't"
        raise Refusal(400, detail, hint="Name a graph by ?graph=IRI, or send them apart")
    if method == "PUT":
        detail = "The address names no graph, and the data are of one"
        raise Refusal(
            400, detail, hint="Name it by ?graph=IRI or ?default; or send TriG or N-Quads"
        )
    return f"urn:uuid:{uuid.uuid4()}"
