"""Evidence of anything: of a triple, a record, an edge of a network, down to the quoted words."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final
from urllib.parse import urlencode

import pyoxigraph as ox
from fastapi import Request, Response

from comity.graph.descriptions.description import Description, describe_records
from comity.graph.descriptions.links import Link
from comity.graph.descriptions.records.evidence import evidence_of
from comity.graph.descriptions.records.views import Views
from comity.graph.errors import NotAcceptable, ParameterError, QueryError
from comity.graph.rdf.namespaces import COMITY, PREFIXES
from comity.graph.rdf.terms import local_name, read_term, read_triple, shorten
from comity.graph.reasoning.explanation import STATED, why
from comity.graph.reasoning.rules import rules_folder
from comity.graph.store.interface import Query, ResultFormat
from comity.service.http.context import address, context
from comity.service.http.html import page
from comity.service.http.keepable import keepable
from comity.service.http.media import GRAPH_NAMES, GRAPH_TYPES, HTML, available, choose, negotiate
from comity.service.http.problems import Refusal
from comity.service.http.responses import VERSION_HEADER, unless_gone, whole
from comity.service.linked_data.resources import rdf_answer
from comity.service.networks.edges import EdgeMatch, find_edge
from comity.service.queries.state import arguments_of, canned
from comity.service.queries.tables import to_json

JSON: Final = "application/json"
PARAMETERS: Final = ("s", "p", "o", "record", "edge", "view", "format")
_HINT: Final = "Say s, p and o of a triple, or record, or edge: /why?s=russia&p=memberOf&o=nato"
_RDF, _PROV = PREFIXES["rdf"], PREFIXES["prov"]

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a derivation, as the page shows it."""

    terms: Sequence[Link]
    rule: str
    graphs: Sequence[Link]
    premises: Sequence["Step"]


@dataclass(frozen=True, slots=True)
class Reasons:
    """All that answers a question: the derivation if it was of a triple, and the records."""

    question: Json
    derivation: Json | None
    records: Sequence[ox.NamedNode]
    described: Description
    edge: EdgeMatch | None = None


async def evidence(request: Request) -> Response:
    """Why a triple holds, or what a record or an edge rests on."""
    arguments = {name: value for name, value in arguments_of(request).items() if value}
    for name in arguments:
        if name not in PARAMETERS:
            raise Refusal(
                422, f"There is no parameter {name[:60]}", hint=_HINT, parameter=name[:60]
            )
    format, media_type = _format(request, arguments.pop("format", None))
    if not request.query_params and negotiate(request.headers.get("accept"), [HTML]):
        return page(request, "why.html", reasons=None)
    keepable(request)
    reasons = await unless_gone(request, _reasons(request, arguments))
    if format == HTML:
        return _page(request, reasons)
    if format == JSON:
        response = Response(to_json(_document(reasons)), media_type=JSON)
        response.headers.update({"Vary": "Accept", VERSION_HEADER: reasons.described.version})
        return response
    return rdf_answer(request, _as_rdf(request, reasons), ResultFormat[format], media_type)


def _format(request: Request, name: str | None) -> tuple[str, str]:
    """HTML, JSON or the name of a format of RDF; and the media type."""
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
            "The evidence can't be written in the format asked for",
            hint=f"There are html, json, {available(GRAPH_NAMES)}",
        )
    return choice.graph_format.name, choice.graph


async def _reasons(request: Request, arguments: Mapping[str, str]) -> Reasons:
    given = set(arguments)
    if given == {"s", "p", "o"}:
        return await _of_triple(request, _triple(arguments))
    if given == {"record"}:
        return await _of_record(request, arguments["record"])
    if given in ({"edge"}, {"edge", "view"}):
        return await _of_edge(request, arguments["edge"], arguments.get("view"))
    missing = next((name for name in ("s", "p", "o") if name not in given), None)
    detail = "The question is not complete" if given & {"s", "p", "o"} else "There is no question"
    if given & {"s", "p", "o"} and given & {"record", "edge", "view"}:
        detail, missing = "There is more than one question", None
    raise Refusal(422, detail, hint=_HINT, parameter=missing)


def _triple(arguments: Mapping[str, str]) -> ox.Triple:
    try:
        return read_triple(arguments["s"], arguments["p"], arguments["o"])
    except QueryError as error:
        raise Refusal(422, str(error), hint=error.hint) from None


async def _of_triple(request: Request, triple: ox.Triple) -> Reasons:
    here = context(request)
    said = " ".join(map(shorten, triple))
    query = Query(f"# why {said}", timeout=here.settings.timeout, why=why(triple))
    body = await whole(await here.store.query(query))
    derivation = json.loads(body)
    if derivation is None:
        raise Refusal(
            404,
            f"{said}: not stated, and not derivable",
            hint="Its terms are slugs (iran), names (id:iran), IRIs, or literals in quotes",
        )
    records = [ox.NamedNode(iri) for iri in dict.fromkeys(_records(derivation))]
    steps = [_read(step["triple"]) for step in _steps(derivation)]
    graphs = [
        ox.Triple(ox.NamedNode(iri), ox.NamedNode(_RDF + "type"), ox.NamedNode(iri))
        for step in _steps(derivation)
        for iri in step["graphs"]
        if iri
    ]
    described = await describe_records(
        here.store, records, here.settings.timeout, [*steps, *graphs]
    )
    names = ("subject", "predicate", "object")
    question = dict(zip(names, map(str, triple), strict=True))
    return Reasons(question, derivation, records, described)


async def _of_record(request: Request, written: str) -> Reasons:
    here = context(request)
    try:
        if written.startswith("#"):
            names = canned(request.app).names
            record: object = await names.resolve("record", "record", written, {})
        else:
            record = read_term(written)
    except (QueryError, ParameterError) as error:
        raise Refusal(422, str(error), hint=error.hint, parameter="record") from None
    if not isinstance(record, ox.NamedNode):
        raise Refusal(422, "A record is an IRI", parameter="record")
    described = await describe_records(here.store, [record], here.settings.timeout)
    if record not in described.records():
        raise Refusal(
            404,
            f"The graph has no record {shorten(record)}",
            hint="Records are like source:moscow-tehran-relations#f24.3, written with %23",
        )
    return Reasons({"record": record.value}, None, [record], described)


async def _of_edge(request: Request, id: str, view: str | None) -> Reasons:
    here = context(request)
    found = await find_edge(request, id, view)
    question: Json = {
        "edge": id,
        "view": found.view,
        "query": f"{address(request)}/network/{found.view}.rq",
    }
    triple = None if found.records else await _triple_of(request, found)
    if triple is not None:
        reasons = await _of_triple(request, triple)
        return Reasons(
            question | reasons.question,
            reasons.derivation,
            reasons.records,
            reasons.described,
            found,
        )
    records = [ox.NamedNode(iri) for iri in found.records]
    described = await describe_records(here.store, records, here.settings.timeout)
    return Reasons(question, None, records, described, found)


async def _triple_of(request: Request, found: EdgeMatch) -> ox.Triple | None:
    """The triple that an edge without a record draws: of its ends, with a property of that name.

    None for what the view alone makes, as the line of a property from its domain to its range.
    """
    if found.source and found.target:
        source, target = ox.NamedNode(found.source), ox.NamedNode(found.target)
        rows = await canned(request.app).solve(
            f"SELECT DISTINCT ?property WHERE {{ {source} ?property {target} }} ORDER BY ?property"
        )
        for row in rows.rows:
            if local_name(row["property"]["value"]) == found.edge.type:
                return ox.Triple(source, ox.NamedNode(row["property"]["value"]), target)
    return None


def _steps(derivation: Json) -> Iterator[Json]:
    yield derivation
    for premise in derivation["premises"]:
        yield from _steps(premise)


def _records(derivation: Json) -> Iterator[str]:
    for step in _steps(derivation):
        yield from (item["record"] for item in step["evidence"])


def _read(terms: Sequence[str]) -> ox.Triple:
    (quad,) = ox.parse(f"{' '.join(terms)} .", ox.RdfFormat.N_TRIPLES)
    return ox.Triple(quad.subject, quad.predicate, quad.object)


def _rules(derivation: Json | None) -> dict[str, str]:
    """The text of each rule that a derivation uses."""
    used = {step["rule"] for step in _steps(derivation)} if derivation else set()
    files = {file.name: file for file in rules_folder().glob("*.rq") if file.name in used}
    return {name: file.read_text(encoding="utf-8") for name, file in sorted(files.items())}


def _document(reasons: Reasons) -> Json:
    return {
        "question": reasons.question,
        "derivation": reasons.derivation,
        "rules": _rules(reasons.derivation),
        "records": [_record(reasons.described, record) for record in reasons.records],
    }


def _record(described: Description, record: ox.NamedNode) -> Json:
    holders = [
        {"iri": holder.value, "label": described.label(holder) or shorten(holder)}
        for holder in described.nodes(record, "holder")
    ]
    return {**asdict(evidence_of(described, record)), "holders": holders}


def _page(request: Request, reasons: Reasons) -> Response:
    views = Views(reasons.described)
    derivation = reasons.derivation
    given = urlencode({k: v for k, v in request.query_params.items() if k != "format"})
    response = page(
        request,
        "why.html",
        reasons=reasons,
        step=_shown(derivation, views) if derivation else None,
        rules=_rules(derivation),
        records=[views.record(record.value) for record in reasons.records],
        suffix=f"?{given}",
    )
    response.headers.update({"Vary": "Accept", VERSION_HEADER: reasons.described.version})
    return response


def _shown(derivation: Json, views: Views) -> Step:
    return Step(
        [views.link(term) for term in _read(derivation["triple"])],
        derivation["rule"],
        [
            views.link(ox.NamedNode(iri)) if iri else Link("the default graph")
            for iri in derivation["graphs"]
        ],
        [_shown(premise, views) for premise in derivation["premises"]],
    )


def _as_rdf(request: Request, reasons: Reasons) -> Description:
    """The records, and each step as a rdf:Statement that was derived from others (PROV-O)."""
    triples = set(reasons.described.triples)
    about = reasons.described.iri
    if reasons.derivation:
        for step in _steps(reasons.derivation):
            triples.update(_statement(request, step))
        about = _statement_iri(request, reasons.derivation)
    return Description(about, sorted(triples, key=str), reasons.described.version)


def _statement(request: Request, step: Json) -> Iterator[ox.Triple]:
    iri, said = _statement_iri(request, step), _read(step["triple"])
    yield ox.Triple(iri, ox.NamedNode(_RDF + "type"), ox.NamedNode(_RDF + "Statement"))
    for name, term in zip(("subject", "predicate", "object"), said, strict=True):
        yield ox.Triple(iri, ox.NamedNode(_RDF + name), term)
    derived = ox.NamedNode(_PROV + "wasDerivedFrom")
    for premise in step["premises"]:
        yield ox.Triple(iri, derived, _statement_iri(request, premise))
    for item in step["evidence"]:
        yield ox.Triple(iri, derived, ox.NamedNode(item["record"]))
    for graph in filter(None, step["graphs"]):
        yield ox.Triple(iri, ox.NamedNode(PREFIXES["dcterms"] + "isPartOf"), ox.NamedNode(graph))
    if step["rule"] != STATED:
        rule = ox.NamedNode(COMITY + "rule")
        yield ox.Triple(iri, rule, ox.Literal(step["rule"]))


def _statement_iri(request: Request, step: Json) -> ox.NamedNode:
    """A statement is named by the address of its evidence."""
    terms = [t[1:-1] if t.startswith("<") else t for t in step["triple"]]
    query = urlencode(dict(zip("spo", terms, strict=True)))
    return ox.NamedNode(f"{address(request)}/why?{query}")
