"""Dereferencing: /id/… sends on to the page or the data of a thing."""

import re
from typing import Final

from fastapi import Request, Response
from starlette.responses import RedirectResponse

from comity.graph.errors import NotAcceptable
from comity.graph.namespaces import ID
from comity.graph.store import Query
from comity.service.answers import answer_query
from comity.service.context import context, prefix
from comity.service.media import (
    GRAPH_NAMES,
    GRAPH_TYPES,
    HTML,
    Choice,
    available,
    choose,
    negotiate,
)
from comity.service.problems import Refusal
from comity.service.rows import ask, query_text

_NAME: Final = re.compile(r"(?P<slug>[a-z0-9-]+)(?:\.(?P<suffix>[a-z0-9+-]+))?\Z")


async def identifier(request: Request) -> Response:
    """Send on to what describes a thing: its page for a person, its data for a program."""
    slug, suffix = parse_name(request)
    suffix = request.query_params.get("format") or suffix
    if suffix == "html":
        path = f"/page/{slug}"
    elif suffix:
        path = f"/data/{slug}.{_known_suffix(suffix)}"
    else:
        path = _preferred(request.headers.get("accept"), slug)
    return RedirectResponse(prefix(request) + path, 303, headers={"Vary": "Accept"})


async def data(request: Request) -> Response:
    """Describe a thing in RDF."""
    slug, suffix = parse_name(request)
    suffix = request.query_params.get("format") or suffix
    if suffix:
        suffix = _known_suffix(suffix)
    choice = choose(request.headers.get("accept"), suffix)
    if choice.graph is None:
        raise _no_such_format()
    here, iri = context(request), ID + slug
    if not await ask(here.store, query_text("resource/known", thing=iri), here.settings.timeout):
        raise unknown(slug)
    text = query_text("resource/description", thing=iri)
    query = Query(text, None, choice.graph_format, timeout=here.settings.timeout)
    return await answer_query(request, query, Choice(None, choice.graph))


def parse_name(request: Request) -> tuple[str, str | None]:
    """The slug and the suffix in the last part of an address."""
    name = request.path_params["name"]
    match = _NAME.match(name)
    if not match:
        raise Refusal(404, f"{name} is not a name", hint="Names are like iran or astana-format")
    return match["slug"], match["suffix"]


def unknown(slug: str) -> Refusal:
    """The answer for a name that nothing is said of."""
    return Refusal(
        404,
        f"The graph says nothing of {slug}",
        hint="/queries lists what may be asked; its forms complete the names that the graph knows",
    )


def _preferred(accept: str | None, slug: str) -> str:
    media_type = negotiate(accept, [*GRAPH_TYPES, HTML])
    if media_type is None:
        raise _no_such_format()
    return f"/page/{slug}" if media_type == HTML else f"/data/{slug}"


def _known_suffix(suffix: str) -> str:
    choice = choose(None, suffix)
    if choice.graph_format is None:
        raise _no_such_format()
    return choice.graph_format.extension


def _no_such_format() -> NotAcceptable:
    return NotAcceptable(
        "A thing can't be described in the format asked for",
        hint=f"There are {available(GRAPH_NAMES)} and, at /page/…, html",
    )
