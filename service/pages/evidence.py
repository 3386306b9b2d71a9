"""Evidence of a triple, a record or an edge of a network, down to the quoted words."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import Request, Response

from comity.graph.errors import NotAcceptable, QueryError
from comity.graph.rdf.terms import shorten
from comity.graph.reasoning.reasons import (
    Reasons,
    read_question,
    read_record,
    reasons_of_record,
    reasons_of_records,
    reasons_of_triple,
    shorten_question,
    triple_between,
)
from comity.graph.store.interface import LISTED, MOST_LISTED, ResultFormat, Why
from comity.service.http.context import address, context
from comity.service.http.html import page
from comity.service.http.keepable import keepable
from comity.service.http.media import GRAPH_NAMES, GRAPH_TYPES, HTML, available, choose, negotiate
from comity.service.http.paths import why_path
from comity.service.http.problems import Refusal
from comity.service.http.responses import VERSION_HEADER, to_json, unless_gone
from comity.service.linked_data.resources import rdf_answer
from comity.service.networks.edges import EdgeMatch, find_edge
from comity.service.queries.state import arguments_of, canned

JSON: Final = "application/json"
PARAMETERS: Final = ("s", "p", "o", "record", "edge", "view", "limit", "format")
_HINT: Final = "Give s, p and o of a triple, or record, or edge: /why?s=russia&p=memberOf&o=nato"

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class EvidenceAnswer:
    """The request as interpreted, the reasons, and the edge if it was one."""

    question: Json
    reasons: Reasons
    edge: EdgeMatch | None = None


async def evidence(request: Request) -> Response:
    """Return why a triple holds, or the evidence of a record or an edge."""
    arguments = {name: value for name, value in arguments_of(request).items() if value}
    for name in arguments:
        if name not in PARAMETERS:
            raise Refusal(422, f"Unknown parameter {name[:60]}", hint=_HINT, parameter=name[:60])
    format, media_type = _format(request, arguments.pop("format", None))
    if not request.query_params and negotiate(request.headers.get("accept"), [HTML]):
        return page(request, "why.html", reasons=None)
    keepable(request)
    limit = _limit(arguments.pop("limit", None))
    found = await unless_gone(request, _answer(request, arguments, limit))
    if format == HTML:
        return _page(request, found)
    described = found.reasons.described
    if format == JSON:
        document = {"question": found.question, **found.reasons.document()}
        response = Response(to_json(document), media_type=JSON)
        response.headers.update({"Vary": "Accept", VERSION_HEADER: described.version})
        return response
    root = address(request)
    described = found.reasons.as_rdf(lambda triple: root + why_path(triple))
    return rdf_answer(request, described, ResultFormat[format], media_type)


def _format(request: Request, name: str | None) -> tuple[str, str]:
    """Return HTML, JSON or the name of an RDF format, and the media type."""
    if name in ("html", "json"):
        return {"html": (HTML, HTML), "json": (JSON, JSON)}[name]
    offered = [JSON, *(type for type in GRAPH_TYPES if type != JSON), HTML]
    if name is None:
        chosen = negotiate(request.headers.get("accept"), offered)
        if chosen in (HTML, JSON):
            return chosen, chosen
        name = chosen or ""
    choice = choose(None, name)
    if choice.graph_format is None or choice.graph is None:
        raise NotAcceptable(
            "The evidence is not available in an accepted format",
            hint=f"The formats are html, json, {available(GRAPH_NAMES)}",
        )
    return choice.graph_format.name, choice.graph


def _limit(text: str | None) -> int:
    if text is None:
        return LISTED
    if not (text.isdecimal() and len(text) < 10 and 1 <= int(text) <= MOST_LISTED):
        raise Refusal(422, f"limit must be a number from 1 to {MOST_LISTED}", parameter="limit")
    return int(text)


async def _answer(request: Request, arguments: Mapping[str, str], limit: int) -> EvidenceAnswer:
    given = set(arguments)
    if given == {"s", "p", "o"}:
        return await _of_triple(request, replace(_question(arguments), limit=limit))
    if given == {"record"}:
        return await _of_record(request, arguments["record"])
    if given in ({"edge"}, {"edge", "view"}):
        return await _of_edge(request, arguments["edge"], arguments.get("view"), limit)
    missing = next((name for name in ("s", "p", "o") if name not in given), None)
    detail = "The triple is incomplete" if given & {"s", "p", "o"} else "The request names nothing"
    if given & {"s", "p", "o"} and given & {"record", "edge", "view"}:
        detail, missing = "The request names more than one thing", None
    raise Refusal(422, detail, hint=_HINT, parameter=missing)


def _question(arguments: Mapping[str, str]) -> Why:
    try:
        return read_question(arguments["s"], arguments["p"], arguments["o"])
    except QueryError as error:
        raise Refusal(422, str(error), hint=error.hint) from None


async def _of_triple(request: Request, asked: Why) -> EvidenceAnswer:
    here = context(request)
    reasons = await reasons_of_triple(here.store, asked, here.settings.timeout)
    if reasons is None:
        raise Refusal(
            404,
            f"{shorten_question(asked)}: not stated, and not derivable",
            hint="Write terms as slugs (iran), names (id:iran), IRIs, or literals in quotes",
        )
    return EvidenceAnswer(asdict(asked), reasons)


async def _of_record(request: Request, written: str) -> EvidenceAnswer:
    here = context(request)
    try:
        record = await read_record(written, canned(request.app).names)
    except QueryError as error:
        raise Refusal(422, str(error), hint=error.hint, parameter="record") from None
    reasons = await reasons_of_record(here.store, record, here.settings.timeout)
    if reasons is None:
        raise Refusal(
            404,
            f"The graph has no record {shorten(record)}",
            hint="Records look like source:moscow-tehran-relations#f24.3, with # written as %23",
        )
    return EvidenceAnswer({"record": record}, reasons)


async def _of_edge(request: Request, id: str, view: str | None, limit: int) -> EvidenceAnswer:
    here = context(request)
    edge = await find_edge(request, id, view)
    question: Json = {
        "edge": id,
        "view": edge.view,
        "query": f"{address(request)}/network/{edge.view}.rq",
    }
    if (asked := await _triple_of(request, edge)) is not None:
        found = await _of_triple(request, replace(asked, limit=limit))
        return EvidenceAnswer(question | found.question, found.reasons, edge)
    reasons = await reasons_of_records(here.store, edge.records, here.settings.timeout)
    return EvidenceAnswer(question, reasons, edge)


async def _triple_of(request: Request, edge: EdgeMatch) -> Why | None:
    """Return the triple that an edge without a record draws.

    None for edges that only the view makes, such as the line of a property from domain to range.
    """
    if edge.records or not (edge.source and edge.target):
        return None
    here = context(request)
    ends = edge.source, edge.target
    return await triple_between(here.store, *ends, edge.edge.type, here.settings.timeout)


def _more(reasons: Reasons, given: Mapping[str, str]) -> str | None:
    """Return the query string of the page with more derivations, None if it can't have more."""
    found = reasons.explanation
    if not found or len(found["derivations"]) == found["total"] or found["limit"] == MOST_LISTED:
        return None
    return "?" + urlencode({**given, "limit": str(min(found["total"], MOST_LISTED))})


def _page(request: Request, found: EvidenceAnswer) -> Response:
    given = {k: v for k, v in request.query_params.items() if k != "format"}
    response = page(
        request,
        "why.html",
        reasons=found.reasons,
        edge=found.edge,
        derivations=found.reasons.steps(),
        more=_more(found.reasons, given),
        rules=found.reasons.rules(),
        records=found.reasons.views(),
        suffix=f"?{urlencode(given)}",
    )
    version = found.reasons.described.version
    response.headers.update({"Vary": "Accept", VERSION_HEADER: version})
    return response
