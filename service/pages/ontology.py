"""The ontology as a document to read, and as Turtle, RDF/XML, N-Triples and JSON-LD."""

from typing import Final

from fastapi import Request, Response

from comity.graph.descriptions.ontology.documents import document, document_names, version
from comity.graph.descriptions.ontology.terms import about, sections, shapes, title
from comity.graph.errors import NotAcceptable
from comity.graph.installed import ontology_folder
from comity.graph.rdf.namespaces import ONTOLOGY
from comity.graph.store.interface import ResultFormat
from comity.service.http.html import page
from comity.service.http.keepable import keepable
from comity.service.http.media import GRAPH_NAMES, GRAPH_TYPES, HTML, available, choose, negotiate
from comity.service.http.problems import Refusal
from comity.service.linked_data.resources import rdf_answer

SVG: Final = "image/svg+xml"


async def ontology(request: Request) -> Response:
    """Return the ontology by Accept or `format=`."""
    return _answer(request, "")


async def part(request: Request) -> Response:
    """Return the shapes, or the release named in the version IRI, with an optional suffix."""
    name = request.path_params["name"]
    return _part(request, "" if name == version() else name)


async def alignment(request: Request) -> Response:
    """Return an alignment, with an optional suffix."""
    return _part(request, f"alignments/{request.path_params['name']}")


def _part(request: Request, name: str) -> Response:
    stem, _, suffix = name.rpartition(".")
    if name in document_names():
        return _answer(request, name)
    if stem == version():
        return _answer(request, "", suffix)
    if stem in document_names()[1:]:
        return _answer(request, stem, suffix)
    known = ", ".join(filter(None, document_names()))
    raise Refusal(
        404,
        f"The ontology has no part {name[:60]}",
        hint=f"The parts are {known}; this release is {version()}",
    )


async def picture(request: Request) -> Response:
    """Return the picture of the ontology."""
    return Response((ontology_folder() / "comity.svg").read_bytes(), media_type=SVG)


def _answer(request: Request, name: str, suffix: str | None = None) -> Response:
    suffix = request.query_params.get("format") or suffix or request.path_params.get("suffix")
    accept = request.headers.get("accept")
    html = suffix == "html" or (not suffix and negotiate(accept, [*GRAPH_TYPES, HTML]) == HTML)
    keepable(request)
    if html:
        response = _page(request, name)
        response.headers["Vary"] = "Accept"
        return response
    # Protégé looks for .owl
    choice = choose(accept, "rdf" if suffix == "owl" else suffix)
    format = choice.graph_format
    if format is None or choice.graph is None:
        raise NotAcceptable(
            "The ontology is not available in an accepted format",
            hint=f"The formats are {available(GRAPH_NAMES)}, owl (RDF/XML) and html",
        )
    return rdf_answer(request, document(name), ResultFormat(format), choice.graph)


def _page(request: Request, name: str) -> Response:
    if name:
        return page(
            request,
            "ontology_part.html",
            name=name,
            title=title(name),
            description=about(name),
            shapes=shapes(name),
        )
    return page(
        request,
        "ontology.html",
        iri=ONTOLOGY,
        release=version(),
        title=title(),
        description=about(),
        sections=sections(),
        parts=[(each, title(each)) for each in document_names() if each],
    )
