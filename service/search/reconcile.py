"""Reconciliation of names in a table with identifiers of the graph, as in OpenRefine.

The W3C Reconciliation Service API 0.2
(https://www.w3.org/community/reports/reconciliation/CG-FINAL-specs-0.2-20230410/): manifest,
queries, suggest, preview and data extension. Identifiers are slugs for our things, IRIs for others.
"""

import asyncio
import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Annotated, Any, Final, Literal, TypeVar

from fastapi import Request, Response
from pydantic import BaseModel, Field, TypeAdapter, ValidationError

from comity.graph.catalogue.parameter_types import CLASSES
from comity.graph.errors import ParameterError
from comity.graph.rdf.namespaces import COMITY, ID
from comity.graph.rdf.terms import absolute_iri
from comity.graph.search.details import Details, PropertyValue, details, property_values
from comity.graph.search.index import LONGEST, Match, SearchIndex
from comity.service.http.context import address, context
from comity.service.http.html import page
from comity.service.http.problems import Refusal
from comity.service.http.protocol import FORM, media_type_of, merge, parse_fields, read_body
from comity.service.queries.state import CatalogueState, canned
from comity.service.search.routes import url_of

MOST: Final = 100  # queries, or things to extend, in one request
_LIMIT: Final = 5
_MAX_LIMIT: Final = 50
_SURE: Final = 100.0  # the score of a name equal except for case and accents
_NAME_SHARE: Final = 0.7  # share of the name in a score, if properties are given as well
_HINTS: Final = {
    "queries": '{"q0": {"query": "Iran", "type": "state"}}',
    "extend": '{"ids": ["iran"], "properties": [{"id": "isoAlpha3"}]}',
}
_CALLBACK: Final = re.compile(r"[A-Za-z_$][\w$.]{0,99}", re.ASCII)
_PROPERTIES: Final = {  # names of property identifiers in a table
    "isoAlpha2": "ISO 3166-1 alpha-2 code",
    "isoAlpha3": "ISO 3166-1 alpha-3 code",
    "m49": "UN M49 code",
    "label": "name",
    "altLabel": "other name",
    "exactMatch": "the same elsewhere",
    "type": "type",
}

Json = dict[str, Any]
Fields = Mapping[str, Sequence[str]]
T = TypeVar("T")


class PropertyCondition(BaseModel):
    """A condition on a property of the wanted thing; any of the values is enough."""

    pid: str
    v: Any = None

    @property
    def values(self) -> set[str]:
        return {_plain(value) for value in (self.v if isinstance(self.v, list) else [self.v])}


class ReconciliationQuery(BaseModel):
    """A name to find a thing for (§3.1)."""

    query: Annotated[str, Field(max_length=LONGEST)] = ""
    type: str | list[str] | None = None
    limit: Annotated[int, Field(ge=1)] | None = None
    properties: list[PropertyCondition] | None = None

    @property
    def classes(self) -> list[str]:
        types = [self.type] if isinstance(self.type, str) else self.type or []
        return [CLASSES.get(type) or (type if ":" in type else COMITY + type) for type in types]


class ExtensionColumn(BaseModel):
    """A property to add to a table as a column."""

    id: Literal["isoAlpha2", "isoAlpha3", "m49", "label", "altLabel", "exactMatch", "type"]


class Extension(BaseModel):
    """Things of a table, and the columns to add (§7.2)."""

    ids: Annotated[list[str], Field(max_length=MOST)]
    properties: list[ExtensionColumn] = []


_BATCH: Final = TypeAdapter(Annotated[dict[str, ReconciliationQuery], Field(max_length=MOST)])
_EXTENSION: Final = TypeAdapter(Extension)


async def reconcile(request: Request) -> Response:
    """Return the manifest or, for `queries` or `extend`, their answers."""
    fields: Fields = parse_fields(request.scope["query_string"])
    if request.method == "POST":
        body = await read_body(request, context(request).settings.max_body)
        if media_type_of(request.headers.get("content-type")) != FORM:
            raise Refusal(415, f"The body has to be {FORM}", headers={"Accept-Post": FORM})
        fields = merge(fields, parse_fields(body))
    if "queries" in fields:
        return _answer(fields, await _queries(request, _parsed(fields, "queries", _BATCH)))
    if "extend" in fields:
        return _answer(fields, await _extend(request, _parsed(fields, "extend", _EXTENSION)))
    return _answer(fields, _manifest(request))


async def suggest(request: Request) -> Response:
    """Suggest things, types or properties whose name begins with a prefix (§5)."""
    fields: Fields = parse_fields(request.scope["query_string"])
    prefix, what = _text(fields, "prefix"), request.path_params["what"]
    here = canned(request.app)
    if what == "entity":
        index, _ = await here.searching.index()
        found = await asyncio.to_thread(index.search, prefix, limit=10, offset=_cursor(fields))
        things = [match.thing for match in found.matches]
        about = await details(here.solve, things)
        classes = [iri for each in about.values() for iri in each.classes]
        labels = await here.labels.of([*things, *classes])
        result = [
            {
                "id": _id(iri),
                "name": labels.get(iri, iri),
                "description": about[iri].description,
                "notable": [_type(of, labels) for of in about[iri].classes],
            }
            for iri in things
        ]
    elif what == "type":
        result = [t for t in await _types(here) if prefix.lower() in t["name"].lower()]
    elif what == "property":
        result = [
            {"id": id, "name": name}
            for id, name in _PROPERTIES.items()
            if prefix.lower() in name.lower() or prefix.lower() in id.lower()
        ]
    else:
        raise Refusal(404, f"No suggestions for {what[:40]}")
    return _answer(fields, {"result": result})


async def propose(request: Request) -> Response:
    """Return the properties for extending a table of a type (§7.1)."""
    fields: Fields = parse_fields(request.scope["query_string"])
    type = _text(fields, "type")
    coded = CLASSES.get(type, type) == CLASSES["state"]  # a tool may give the type by its IRI
    names = [n for n in _PROPERTIES if coded or n not in ("isoAlpha2", "isoAlpha3", "m49")]
    properties = [{"id": name, "name": _PROPERTIES[name]} for name in names]
    return _answer(fields, {"type": type, "properties": properties, "limit": len(properties)})


async def preview(request: Request) -> Response:
    """Return a small page about one thing, for a frame in a tool (§4)."""
    iri = _iri(_text(parse_fields(request.scope["query_string"]), "id"))
    here = canned(request.app)
    about = (await details(here.solve, [iri]))[iri]
    labels = await here.labels.of([iri, *about.classes])
    if iri not in labels:
        raise Refusal(404, "Nothing in the graph has this identifier", parameter="id")
    response = page(
        request,
        "preview.html",
        label=labels[iri],
        classes=[labels.get(each, each) for each in about.classes],
        description=about.description,
        url=url_of(iri, address(request)),
    )
    # A page of a tool on another host frames it: there is nothing on it to clickjack.
    policy = response.headers["content-security-policy"]
    response.headers["content-security-policy"] = policy.replace(
        "frame-ancestors 'none'", "frame-ancestors *"
    )
    return response


def _manifest(request: Request) -> Json:
    root = address(request)
    service = f"{root}/reconcile"
    return {
        "versions": ["0.1", "0.2"],
        "name": "Comity: a knowledge graph of diplomacy",
        "identifierSpace": ID,
        "schemaSpace": COMITY,
        "documentation": f"{root}/search",
        "defaultTypes": [
            {"id": type, "name": type} for type in ("state", "organisation", "person")
        ],
        "view": {"url": f"{root}/id/{{{{id}}}}"},
        "preview": {"url": f"{service}/preview?id={{{{id}}}}", "width": 430, "height": 240},
        "suggest": {
            what: {"service_url": root, "service_path": f"/reconcile/suggest/{what}"}
            for what in ("entity", "type", "property")
        },
        "extend": {
            "propose_properties": {"service_url": root, "service_path": "/reconcile/properties"},
            "property_settings": [],
        },
        "batchSize": MOST,
    }


async def _queries(request: Request, asked: dict[str, ReconciliationQuery]) -> Json:
    here = canned(request.app)
    index, _ = await here.searching.index()
    matches = await asyncio.to_thread(
        lambda: {key: _candidates(index, wanted) for key, wanted in asked.items()}
    )
    things = list(dict.fromkeys(m.thing for found in matches.values() for m in found))
    about = await details(here.solve, things)
    classes = [iri for each in about.values() for iri in each.classes]
    labels = await here.labels.of([*things, *classes])
    values = await _values(here, asked.values(), things)
    return {
        key: {"result": _rated(matches[key], wanted, about, labels, values)}
        for key, wanted in asked.items()
    }


def _candidates(index: SearchIndex, wanted: ReconciliationQuery) -> list[Match]:
    limit = min(wanted.limit or _LIMIT, _MAX_LIMIT)
    return index.resembling(wanted.query, classes=wanted.classes, limit=limit)


def _rated(
    matches: Sequence[Match],
    wanted: ReconciliationQuery,
    about: Mapping[str, Details],
    labels: Mapping[str, str],
    values: Mapping[tuple[str, str], set[str]],
) -> list[Json]:
    """Score the candidates of one query; a certain one is a match (§3.2)."""
    given = wanted.properties or []
    rated = []
    for match in matches:
        score = match.score
        if given:
            same = sum(bool(values.get((match.thing, g.pid), set()) & g.values) for g in given)
            score = score * _NAME_SHARE + 100 * (1 - _NAME_SHARE) * same / len(given)
        rated.append((round(score, 1), match))
    rated.sort(key=lambda each: -each[0])
    sure = [match for score, match in rated if score >= _SURE]
    return [
        {
            "id": _id(match.thing),
            "name": labels.get(match.thing) or match.text,
            "description": about[match.thing].description,
            "type": [_type(iri, labels) for iri in about[match.thing].classes],
            "score": score,
            "match": len(sure) == 1 and match is sure[0],
        }
        for score, match in rated
    ]


async def _values(
    here: CatalogueState, asked: Iterable[ReconciliationQuery], things: Sequence[str]
) -> dict[tuple[str, str], set[str]]:
    """Return the things' values of the properties in the queries, as plain text."""
    if not any(wanted.properties for wanted in asked):
        return {}
    found: dict[tuple[str, str], set[str]] = {}
    for each in await property_values(here.solve, things):
        found.setdefault((each.thing, each.property), set()).add(_plain(each.value))
    return found


async def _extend(request: Request, asked: Extension) -> Json:
    """Return the columns for identified things (§7.2)."""
    here, columns = canned(request.app), [column.id for column in asked.properties]
    rows: Json = {id: {name: [] for name in columns} for id in asked.ids}
    iris = {_iri(id): id for id in asked.ids}
    found = await property_values(here.solve, list(iris))
    labels = await here.labels.of(each.value for each in found if each.is_iri)
    for each in found:
        if each.property in columns:
            rows[iris[each.thing]][each.property].append(_cell(each, labels))
    return {"meta": [{"id": n, "name": _PROPERTIES[n]} for n in columns], "rows": rows}


def _cell(of: PropertyValue, labels: Mapping[str, str]) -> Json:
    if of.is_iri:
        return {"id": _id(of.value), "name": labels.get(of.value, of.value)}
    return {"str": of.value}


async def _types(here: CatalogueState) -> list[Json]:
    labels = await here.labels.of(CLASSES.values())
    return [{"id": type, "name": labels.get(iri, type)} for type, iri in sorted(CLASSES.items())]


def _type(iri: str, labels: Mapping[str, str]) -> Json:
    known = {of: type for type, of in CLASSES.items()}
    return {"id": known.get(iri) or iri.removeprefix(COMITY), "name": labels.get(iri, iri)}


def _id(iri: str) -> str:
    return iri.removeprefix(ID)


def _iri(id: str) -> str:
    iri = id if ":" in id else ID + id
    try:
        return absolute_iri(iri)
    except ValueError:
        raise ParameterError("id", f"{id[:60]} is not an identifier") from None


def _plain(value: Any) -> str:
    if isinstance(value, dict):
        value = value.get("id") or value.get("str") or ""
    return str(value).removeprefix(ID).casefold()


def _parsed(fields: Fields, name: str, adapter: TypeAdapter[T]) -> T:
    try:
        return adapter.validate_json(_text(fields, name))
    except ValidationError as error:
        first = error.errors(include_url=False, include_input=False)[0]
        where = "".join(f"{part}: " for part in first["loc"])
        raise ParameterError(name, f"{where[:100]}{first['msg']}", hint=_HINTS[name]) from None


def _text(fields: Fields, name: str) -> str:
    return next(iter(fields.get(name, ())), "")


def _cursor(fields: Fields) -> int:
    text = _text(fields, "cursor") or "0"
    if not text.isdecimal() or len(text) > 4:
        raise ParameterError("cursor", "it must be a number")
    return int(text)


def _answer(fields: Fields, document: Json) -> Response:
    """Return JSON that any page may read, since everything in it is public (§2.2)."""
    body = json.dumps(document, ensure_ascii=False)
    headers = {"Access-Control-Allow-Origin": "*", "X-Content-Type-Options": "nosniff"}
    if callback := _text(fields, "callback"):
        if not _CALLBACK.fullmatch(callback):
            raise ParameterError("callback", "it must be the name of a function")
        script = f"/**/{callback}({body});".replace("\u2028", "\\u2028").replace(
            "\u2029", "\\u2029"
        )
        return Response(script, media_type="text/javascript", headers=headers)
    return Response(body, media_type="application/json", headers=headers)
