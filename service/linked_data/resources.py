"""Dereferencing: every IRI of Comity, at this service's address, leads to a description."""

import re
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from comity.graph.descriptions import jsonld
from comity.graph.descriptions.description import Description, describe, described_graph
from comity.graph.descriptions.ontology.documents import version as ontology_version
from comity.graph.errors import NotAcceptable
from comity.graph.rdf.namespaces import GRAPH, ID, SOURCE
from comity.graph.store.interface import ResultFormat
from comity.service.http.context import address, context, prefix
from comity.service.http.keepable import keepable
from comity.service.http.media import (
    GRAPH_NAMES,
    GRAPH_TYPES,
    HTML,
    available,
    choose,
    negotiate,
)
from comity.service.http.problems import Refusal
from comity.service.http.responses import VERSION_HEADER, unless_gone

_NAME: Final = re.compile(r"(?P<slug>[a-z0-9-]+)(?:\.(?P<suffix>[a-z0-9+-]+))?\Z")
Endpoint = Callable[[Request], Awaitable[Response]]


@dataclass(frozen=True, slots=True)
class ResourceFamily:
    """The resources below one base, with the addresses of their pages and data."""

    base: str
    page: str
    data: str


FAMILIES: Final = {
    "id": ResourceFamily(ID, "/page/", "/data/"),
    "source": ResourceFamily(SOURCE, "/sources/", "/data/source/"),
    "graph": ResourceFamily(GRAPH, "/page/graph/", "/data/graph/"),
}


def identifier(family: ResourceFamily) -> Endpoint:
    """Return an endpoint that redirects people to the page of a resource, programs to its data."""

    async def answer(request: Request) -> Response:
        slug, suffix = parse_name(request)
        suffix = request.query_params.get("format") or suffix
        if suffix == "html":
            path = family.page + slug
        elif suffix:
            path = f"{family.data}{slug}.{_known_suffix(suffix)}"
        else:
            path = _preferred(request.headers.get("accept"), family) + slug
        return RedirectResponse(prefix(request) + path, 303, headers={"Vary": "Accept"})

    return answer


async def edge(request: Request) -> Response:
    """Redirect to the evidence of an edge, by its IRI in the RDF of a network."""
    query = urlencode({"edge": request.path_params["id"]})
    return RedirectResponse(f"{prefix(request)}/why?{query}", 303)


async def of_network(request: Request) -> Response:
    """Redirect to the description of nodes and relations that only networks have."""
    kind = request.url.path.rstrip("/").rpartition("/")[0].rpartition("/")[2]
    return RedirectResponse(f"{prefix(request)}/network#{kind}", 303)


def data(family: ResourceFamily) -> Endpoint:
    """Return an endpoint that describes a resource in RDF."""

    async def answer(request: Request) -> Response:
        slug, suffix = parse_name(request)
        suffix = request.query_params.get("format") or suffix
        if suffix:
            suffix = _known_suffix(suffix)
        choice = choose(request.headers.get("accept"), suffix)
        format = choice.graph_format
        if format is None or choice.graph is None:
            raise _no_such_format()
        keepable(request)
        described = await description(request, family, slug)
        return rdf_answer(request, described, format, choice.graph)

    return answer


def rdf_answer(
    request: Request, described: Description, format: ResultFormat, media_type: str
) -> Response:
    """Return a description in a format of RDF."""
    return Response(
        _body(request, described, format),
        media_type=media_type,
        headers={
            "Vary": "Accept",
            VERSION_HEADER: described.version,
            "X-Content-Type-Options": "nosniff",
        },
    )


def _body(request: Request, described: Description, format: ResultFormat) -> bytes:
    try:
        if format is ResultFormat.JSON_LD:
            return jsonld.written(jsonld.framed(described, context_address(request)))
        return described.written(format)
    except (TypeError, ValueError, OSError) as error:  # triple terms, names that XML can't write
        raise NotAcceptable(
            f"{format.name} can't hold this description: {error}", hint="Use Turtle"
        ) from None


async def description(request: Request, family: ResourceFamily, slug: str) -> Description:
    """Return the description of a resource; 404 if there is none."""
    here, iri = context(request), family.base + slug
    found = await unless_gone(request, describe(here.store, iri, here.settings.timeout))
    if family.base == GRAPH:
        dump = f"{address(request)}/store?{urlencode({'graph': iri})}"
        counting = described_graph(here.store, found, iri, dump, here.settings.timeout)
        found = await unless_gone(request, counting)
    if found is None:
        raise unknown(slug)
    return found


async def json_ld_context(request: Request) -> Response:
    """Return the JSON-LD context of this release."""
    if request.path_params["version"] != ontology_version():
        raise Refusal(
            404,
            f"There is no context {request.path_params['version']}",
            hint=f"This release has /context/{ontology_version()}.jsonld",
        )
    headers = {"Access-Control-Allow-Origin": "*", "Cache-Control": "max-age=3600"}
    body = jsonld.written({"@context": jsonld.context()})
    return Response(body, media_type=ResultFormat.JSON_LD.media_type, headers=headers)


def context_address(request: Request) -> str:
    """Return the address of the JSON-LD context on this service."""
    return f"{address(request)}/context/{ontology_version()}.jsonld"


def parse_name(request: Request) -> tuple[str, str | None]:
    """Split the last part of an address into slug and suffix."""
    name = request.path_params["name"]
    match = _NAME.match(name)
    if not match:
        raise Refusal(404, f"{name} is not a name", hint="Names look like iran or astana-format")
    return match["slug"], match["suffix"]


def unknown(slug: str) -> Refusal:
    """Return the error for a name without a description."""
    return Refusal(
        404,
        f"The graph has nothing about {slug}",
        hint="/queries lists the queries; their forms complete the names in the graph",
    )


def _preferred(accept: str | None, family: ResourceFamily) -> str:
    media_type = negotiate(accept, [*GRAPH_TYPES, HTML])
    if media_type is None:
        raise _no_such_format()
    return family.page if media_type == HTML else family.data


def _known_suffix(suffix: str) -> str:
    choice = choose(None, suffix)
    if choice.graph_format is None:
        raise _no_such_format()
    return choice.graph_format.extension


def _no_such_format() -> NotAcceptable:
    return NotAcceptable(
        "The description is not available in an accepted format",
        hint=f"The formats are {available(GRAPH_NAMES)} and, at its page, html",
    )
