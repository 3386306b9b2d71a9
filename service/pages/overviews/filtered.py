"""Pages over one query: its filters, its answer, and the same as a file."""

import asyncio
import dataclasses
from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final
from urllib.parse import urlencode

from fastapi import Request, Response

from comity.graph.catalogue import execution
from comity.graph.catalogue.binding import BoundQuery, bind_request, read_request
from comity.graph.catalogue.citation import CitationMetadata
from comity.graph.catalogue.execution import CannedAnswer
from comity.graph.catalogue.parameter_types import TYPES
from comity.graph.catalogue.queries import CannedQuery, Parameter, read_canned
from comity.graph.descriptions.overviews.columns import count_undated
from comity.graph.descriptions.overviews.lookup import Lookup
from comity.graph.errors import ParameterError, quoted
from comity.graph.installed import queries_folder
from comity.graph.store.solutions import Solutions
from comity.graph.tables import registry
from comity.graph.tables.canned_answer import table_of
from comity.service.http.context import address, context
from comity.service.http.html import page
from comity.service.http.problems import Refusal
from comity.service.http.protocol import parse_fields
from comity.service.http.responses import (
    COMPLETE_HEADER,
    RELEASE_HEADER,
    VERSION_HEADER,
    unless_gone,
)
from comity.service.queries import negotiation
from comity.service.queries.state import canned, values_of

Fields = dict[str, list[str]]
Completing = Callable[[Lookup, CannedAnswer, bool], Awaitable[Solutions]]
ACTOR: Final = "actor"
_PAGING: Final = ("limit", "offset")
_FILES: Final = ("csv", "xlsx", "json", "tsv", "ndjson")  # linked from a page


@dataclass(frozen=True, slots=True)
class FilteredQuery:
    """A page's query with the filters of a request; `actors` are all actors in them."""

    bound: BoundQuery
    actors: Sequence[str]


@dataclass(frozen=True, slots=True)
class FilterField:
    """An input of the filter form of a page."""

    parameter: Parameter
    value: str
    takes: str
    values: Sequence[Mapping[str, str]]
    problem: ParameterError | None = None


@cache
def page_query(name: str) -> CannedQuery:
    """Return the query of a page, `queries/<name>/<name>.rq`."""
    return read_canned(queries_folder() / name / f"{name}.rq")


def fields_of(request: Request) -> Fields:
    """Return the non-blank arguments of an address. Only `actor` may be repeated."""
    found: Fields = {}
    for name, values in parse_fields(request.scope["query_string"]).items():
        kept = [value.strip() for value in values if value.strip()]
        if len(kept) > 1 and name != ACTOR:
            raise Refusal(422, f"{name[:60]} is given {len(kept)} times", parameter=name[:60])
        if kept:
            found[name] = list(dict.fromkeys(kept))
    return found


def arguments(fields: Mapping[str, Sequence[str]], **changed: str) -> str:
    """Write fields as the end of an address, with some changed, or removed if blank."""
    wanted = {**fields, **{name: [value] for name, value in changed.items()}}
    given = urlencode([(n, value) for n, values in wanted.items() for value in values if value])
    return f"?{given}" if given else ""


async def narrow(
    request: Request, query: CannedQuery, fields: Fields, beside: tuple[str, ...]
) -> FilteredQuery:
    """Apply the fields of a request to the query; `beside` are the page's own fields.

    Raises ParameterError, which names the parameter and similar values.
    """
    names = canned(request.app).names
    named = [*fields.get(ACTOR, ())]
    actors = [await names.resolve(ACTOR, "agent", each, query.prefixes) for each in named]
    given = {n: values[0] for n, values in fields.items() if n not in (*beside, ACTOR)}
    if len(actors) == 1:
        given[ACTOR] = named[0]
    wanted = read_request(given, query, (*_PAGING, *beside, "lang", "format"))
    bound = await bind_request(query, wanted, names)
    return FilteredQuery(bound.with_any_of(ACTOR, actors) if len(actors) > 1 else bound, actors)


async def answer(
    request: Request, narrowed: FilteredQuery, limit: int | None = None
) -> CannedAnswer:
    """Return at most `limit` rows if given, with the labels of everything in them."""
    here = canned(request.app)
    bound = narrowed.bound
    if limit is not None:
        first = dataclasses.replace(bound.request, limit=limit, offset=0)
        bound = dataclasses.replace(bound, request=first)
    return await unless_gone(request, execution.answer(bound, here.solve, here.labels))


async def undated(request: Request, narrowed: FilteredQuery, limit: int) -> int:
    """Count the records that the period leaves out as undated; 0 without a period."""
    if not narrowed.bound.has_period or narrowed.bound.is_set("undated"):
        return 0
    wider = dataclasses.replace(narrowed, bound=narrowed.bound.without("from", "to"))
    found = await answer(request, wider, limit)
    return count_undated(found.solutions.rows)


def lookup_of(request: Request, found: CannedAnswer) -> Lookup:
    """Return the lookup of further rows and labels for an answer."""
    here = canned(request.app)
    return Lookup(here.solve, here.labels, found.request.language)


def suffix_of(request: Request, fields: Fields) -> str:
    """Return the requested format, `html` for the page, and take `format` out of the fields."""
    suffix = request.path_params.get("suffix") or fields.pop("format", [""])[0]
    return negotiation.choose_suffix(request.headers.get("accept"), suffix, negotiation.TYPES)


async def as_page(
    request: Request,
    template: str,
    fields: Fields,
    query: CannedQuery,
    show: Callable[[], Awaitable[Mapping[str, object]]],
    beside: Iterable[str],
    **values: object,
) -> Response:
    """Return the page: the values from `show`, or the form with its error (422).

    `beside` are arguments that do not filter; `values` are used if `show` returns none.
    """
    problem = None
    try:
        values |= await show()
    except ParameterError as error:
        problem = error
    known = [parameter.name for parameter in query.parameters]
    response = page(
        request,
        template,
        status=422 if problem else 200,
        fields=await form(request, query, fields, problem),
        given=fields,
        named=chosen(fields, problem),
        stray=problem if problem and problem.parameter not in known else None,
        is_narrowed=bool(fields.keys() - {*beside, "lang"}),
        arguments=arguments,
        files=_FILES,
        **values,
    )
    response.headers["Vary"] = "Accept"
    response.headers[VERSION_HEADER] = context(request).store.version
    return response


async def as_file(
    request: Request, name: str, suffix: str, beside: tuple[str, ...], completing: Completing
) -> Response:
    """Return the answer of a page's query as a file, with the columns that the page adds."""
    fields = fields_of(request)
    fields.pop("format", None)
    bom = negotiation.read_bom(fields.pop("bom", [""])[0], suffix)
    found = await answer(request, await narrow(request, page_query(name), fields, beside))
    here = canned(request.app)
    if registry.FORMATS[suffix].labelled:
        in_order = found.complete and not found.request.narrowing.sort
        solutions = await completing(lookup_of(request, found), found, in_order)
        found = dataclasses.replace(found, solutions=solutions)
    release = await here.release()
    path, following = f"{address(request)}/{name}.{suffix}", found.pages.get("next")
    onward = path + arguments(fields, offset=str(following)) if following else None
    about = CitationMetadata(found, release, path + arguments(fields), onward)
    # In a thread: a workbook of ten thousand rows takes a second.
    body = await asyncio.to_thread(registry.encode, table_of(about), suffix, bom=bom)
    return Response(body, media_type=negotiation.TYPES[suffix], headers=_headers(about, suffix))


def _headers(about: CitationMetadata, suffix: str) -> dict[str, str]:
    links = [f'<{about.next}>; rel="next"'] if about.next else []
    links += [f'<{about.licence}>; rel="license"'] if about.licence else []
    return {
        "Vary": "Accept",
        VERSION_HEADER: about.answered.solutions.version,
        COMPLETE_HEADER: str(about.answered.complete).lower(),
        "Content-Disposition": negotiation.disposition(about.name, suffix),
        "X-Content-Type-Options": "nosniff",
        **({RELEASE_HEADER: about.release} if about.release else {}),
        **({"Link": ", ".join(links)} if links else {}),
    }


async def form(
    request: Request, query: CannedQuery, fields: Fields, problem: ParameterError | None
) -> list[FilterField]:
    """Return the inputs of a page's form, each with its accepted values and any error."""
    here, language = canned(request.app), fields.get("lang", ["en"])[0]
    named = set(chosen(fields, problem))
    return [
        FilterField(
            parameter,
            next((v for v in fields.get(parameter.name, ()) if v not in named), ""),
            TYPES[parameter.type],
            await values_of(here, parameter.type, language),
            problem if problem and problem.parameter == parameter.name else None,
        )
        for parameter in query.parameters
    ]


def chosen(fields: Fields, problem: ParameterError | None) -> list[str]:
    """Return the actors given, except an invalid one, which stays in the input for correction."""
    named = fields.get(ACTOR, [])
    if problem is None or problem.parameter != ACTOR:
        return named
    return [name for name in named if quoted(name) not in str(problem)]
