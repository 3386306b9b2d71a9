"""Pages of the canned queries: the catalogue, and a form with its answer."""

from collections.abc import Callable, Coroutine, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Any, Final

from fastapi import Request, Response

from comity.graph.catalogue import execution
from comity.graph.catalogue.binding import BoundQuery, bind_request, read_request
from comity.graph.catalogue.parameter_types import TYPES
from comity.graph.catalogue.queries import CannedQuery, Parameter
from comity.graph.catalogue.refinement import PARAMETERS
from comity.graph.errors import ParameterError
from comity.graph.networks.formats.registry import NetworkFormat, fitting
from comity.graph.store.interface import Query, ResultFormat
from comity.graph.tables.display import CellText, display
from comity.graph.tables.registry import installed
from comity.service.http.context import address, context
from comity.service.http.html import page
from comity.service.http.responses import VERSION_HEADER, unless_gone, whole
from comity.service.queries import snippets
from comity.service.queries.state import (
    arguments_of,
    canned,
    encode,
    page_links,
    shown,
    values_of,
)

Answering = Callable[[Request, BoundQuery], Coroutine[Any, Any, dict[str, object]]]
_TABLES: Final = tuple(installed())
_MANY: Final = 1000  # assumed number of things if they are not counted
_FORMATS: Final = {"table": _TABLES, "boolean": _TABLES, "graph": ("ttl", "nt", "rdf", "jsonld")}


@dataclass(frozen=True, slots=True)
class FormField:
    """An input of the form."""

    parameter: Parameter
    value: str
    takes: str
    values: Sequence[Mapping[str, str]]
    problem: ParameterError | None


def catalogue_page(request: Request, *, bundled: bool) -> Response:
    """Return the catalogue by tags; only the `bundled` graphs surely have the examples."""
    here = canned(request.app).catalogue
    queries = sorted(here.queries.values(), key=_group)
    groups = [(tag, list(of)) for (_, tag), of in groupby(queries, key=lambda q: _group(q)[:2])]
    broken = [shown(error) for error in here.broken]
    examples = {query.name: encode(query.examples) if bundled else "" for query in queries}
    return page(request, "queries.html", groups=groups, broken=broken, examples=examples)


async def query_page(
    request: Request,
    query: CannedQuery,
    arguments: Mapping[str, str],
    *,
    template: str = "query.html",
    folder: str = "queries",
    answer: Answering | None = None,
    beside: tuple[str, ...] | None = None,
    **further: object,
) -> Response:
    """Return the form of a query with its answer; without arguments, that of the text as it stands.

    `template` extends that of a query, and gets `further`; `folder` is the start of its address;
    `answer` returns the template's values for the answer; `beside` is as in `read_request`.
    """
    here = canned(request.app)
    asking = any(arguments.values())
    given = arguments if asking else query.examples
    problem, values = None, {}
    try:
        bound = await bind_request(query, read_request(given, query, beside), here.names)
        values = await unless_gone(request, (answer or _answer)(request, bound))
    except ParameterError as error:
        # A store may lack the things of an example.
        problem = error if asking or answer is not None else None
    fields = [await field_of(request, p, given, problem) for p in query.parameters]
    stray = problem if problem and not query.parameter(problem.parameter) else None
    response = page(
        request,
        template,
        status=422 if problem else 200,
        query=query,
        folder=folder,
        fields=fields,
        stray=stray,
        given=encode(given),
        whole=encode(_whole(given)),
        conditions=[(n, v) for n in PARAMETERS for v in given.get(n, "").split("\n") if v],
        sorting=_sorting(query, given) if folder == "queries" else {},
        formats=_FORMATS[query.form],
        snippets=snippets.snippets(address(request), query, given) if folder == "queries" else (),
        networks=_networks(values),
        answered=values,
        **further,
    )
    response.headers["Vary"] = "Accept"
    response.headers[VERSION_HEADER] = context(request).store.version
    return response


def _networks(answered: Mapping[str, Any]) -> list[NetworkFormat]:
    """Return the network formats to offer for an answer: few things exclude some viewers' formats.

    The things of a graph, or of more rows than on the page, are not counted, and the ends of a
    row's records are unknown before they are queried. The page states the requirements.
    """
    rows: Sequence[Sequence[CellText | None]] = answered.get("rows", ())
    things = {cell.iri for row in rows for cell in row if cell and cell.is_thing}
    counted = "graph" not in answered and answered.get("complete", False)
    return fitting(len(things) if counted else _MANY, len(rows))


def _whole(given: Mapping[str, str]) -> dict[str, str]:
    """Return the arguments without those that sort, filter and page."""
    return {n: v for n, v in given.items() if n not in (*PARAMETERS, "limit", "offset")}


def _sorting(query: CannedQuery, given: Mapping[str, str]) -> dict[str, tuple[str, str]]:
    """Return each column's current sort order, and the arguments that reverse it."""
    now = given.get("sort", "")
    kept = {n: v for n, v in given.items() if n not in ("sort", "offset")}
    found = {}
    for column in query.columns:
        up = now == f"asc({column})"
        order = "ascending" if up else "descending" if now == f"desc({column})" else "none"
        found[column] = order, encode({**kept, "sort": f"{'desc' if up else 'asc'}({column})"})
    return found


async def _answer(request: Request, bound: BoundQuery) -> dict[str, object]:
    """Return the template's values for an answer."""
    here, text = canned(request.app), bound.text
    if bound.query.form == "graph":
        asked_graph = Query(
            text, None, ResultFormat.TURTLE, timeout=context(request).settings.timeout
        )
        body = await whole(await context(request).store.query(asked_graph))
        return {"text": text, "graph": body.decode()}
    answered = await execution.answer(bound, here.solve, here.labels)
    shown = display(answered.solutions, answered.labels)
    return {
        "text": text,
        "columns": shown.columns,
        "rows": shown.rows,
        "boolean": answered.solutions.boolean,
        "first": answered.request.offset + 1,
        "total": answered.total,
        "complete": answered.complete,
        "reasons": answered.reasons,
        "pages": page_links(request, answered),
    }


async def field_of(
    request: Request, parameter: Parameter, given: Mapping[str, str], problem: ParameterError | None
) -> FormField:
    """Return the input for a parameter, with its value and any error."""
    language = arguments_of(request).get("lang", "en")
    return FormField(
        parameter,
        given.get(parameter.name, ""),
        TYPES[parameter.type],
        await values_of(canned(request.app), parameter.type, language),
        problem if problem and problem.parameter == parameter.name else None,
    )


def _group(query: CannedQuery) -> tuple[bool, str, str]:
    tag = query.tags[0] if query.tags else ""
    return not tag, tag, query.name
