"""Action of `comity query NAME`: a canned query, on the store or through its service."""

import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from functools import partial
from pathlib import Path
from typing import Any, Final, NamedTuple, TypeVar

import httpx

from comity.graph.catalogue.binding import bind_request, read_request
from comity.graph.catalogue.citation import CitationMetadata
from comity.graph.catalogue.execution import answer
from comity.graph.catalogue.names import Names
from comity.graph.catalogue.queries import CannedQuery, Catalogue, load_catalogue, parse_canned
from comity.graph.catalogue.refinement import LABEL, PARAMETERS
from comity.graph.descriptions.labels import Labels
from comity.graph.errors import ComityError, ParameterError, StoreInUse, UsageError
from comity.graph.rdf.terms import shorten
from comity.graph.store.interface import Query, ResultFormat, Store
from comity.graph.store.record import release_of
from comity.graph.store.solutions import Solutions, Solve, read, solve
from comity.graph.tables import registry
from comity.graph.tables.canned_answer import table_of
from comity.service.cli.actions.query import counted, no_format, refusal
from comity.service.cli.actions.store import open_any
from comity.service.cli.terminal.console import is_terminal, put, put_table, say, stdout
from comity.service.http.media import GRAPH_NAMES, available
from comity.service.networks.options import COUNT_HEADER
from comity.service.queries.negotiation import read_bom
from comity.service.settings import Settings

T = TypeVar("T")
_TABLES: Final = tuple(registry.FORMATS)
_FILES: Final = frozenset(name for name, of in registry.FORMATS.items() if not of.shown)
_USAGE: Final = frozenset((404, 406, 422))


class _CommandAnswer(NamedTuple):
    """An answer; whether it is a JSON table, whether it is complete, and why it is empty."""

    body: bytes
    json: bool
    complete: bool
    reasons: Sequence[str] = ()


def list_catalogue(settings: Settings) -> None:
    """Print the catalogue, one line each: name, summary and parameters."""
    catalogue = load_catalogue(settings.queries)
    width = max(map(len, catalogue.queries), default=0)
    for name in sorted(catalogue.queries):
        query = catalogue.queries[name]
        names = ", ".join(parameter.name for parameter in query.parameters)
        put(f"{name:{width}}  {query.summary}{f' ({names})' if names else ''}")
    for error in catalogue.broken:
        say(f"skipped: {error}")


def run_canned(name: str, given: Sequence[str], format: str | None, settings: Settings) -> None:
    """Print the answer to a canned query: a table on a terminal, CSV for a program."""
    arguments = read_given(given)
    if format in _FILES and is_terminal():
        raise UsageError(f"{format} can't be shown on a terminal", hint=f"… > {name}.{format}")
    got = with_store(
        settings,
        lambda store: _from_store(store, name, arguments, format, settings),
        lambda address: _from_service(address, name, arguments, format, settings),
    )
    if got.json and format is None:
        _write_table(json.loads(got.body))
    else:
        with stdout() as out:
            out.write(got.body)
    for reason in got.reasons:
        say(reason)
    if not got.complete:
        say("this is one page; use --param offset=… and limit=… for others")


def bind_text(text: str, given: Sequence[str], settings: Settings) -> str:
    """Insert parameters into the query of a file that declares them in its front matter."""
    query, arguments = parse_canned("query", text, Path("query")), read_given(given)

    async def bound(solver: Solve) -> str:
        request = read_request(arguments, query)
        return (await bind_request(query, request, Names(solver, lambda: ""))).text

    return with_store(
        settings,
        lambda store: bound(partial(solve, store, timeout=settings.timeout)),
        lambda address: bound(partial(solve_at, address, settings)),
    )


def read_given(given: Sequence[str]) -> dict[str, str]:
    """Parse `--param name=value`: unique names; repeated sort, filter, require become lines.

    Raises UsageError.
    """
    found: dict[str, str] = {}
    for each in given:
        name, equals, value = each.partition("=")
        if not equals or not name:
            raise UsageError(f"--param {each}: not name=value", hint="--param state=Iran")
        if name in found and name not in PARAMETERS:
            raise UsageError(f"--param {name} is given twice")
        found[name] = f"{found[name]}\n{value}" if name in found else value
    return found


def find(catalogue: Catalogue, name: str) -> CannedQuery:
    """Return a query by name. Raises UsageError with near misses."""
    if name in catalogue.queries:
        return catalogue.queries[name]
    near = catalogue.near(name)
    hint = f"Did you mean {', '.join(near)}?" if near else "`comity query --list` lists them"
    raise UsageError(f"{name} is neither a file nor a query of the catalogue", hint=hint)


def with_store(
    settings: Settings,
    here: Callable[[Store], Awaitable[T]],
    there: Callable[[str], Awaitable[T]],
) -> T:
    """Work on the store, or through the service that holds it."""

    async def run(work: Awaitable[T]) -> T:
        return await work

    try:
        try:
            opened = open_any(settings)
        except StoreInUse as held:
            if held.address is None:
                raise
            return asyncio.run(run(there(held.address.rstrip("/"))))
        with closing(opened) as store:
            return asyncio.run(run(here(store)))
    except ParameterError as error:
        raise UsageError(f"--param {error.parameter}: {error}", hint=error.hint) from None


async def _from_store(
    store: Store,
    name: str,
    arguments: Mapping[str, str],
    format: str | None,
    settings: Settings,
) -> _CommandAnswer:
    query = find(load_catalogue(settings.queries), name)
    solver = partial(solve, store, timeout=settings.timeout)
    names = Names(solver, lambda: store.version)
    bound = await bind_request(query, read_request(arguments, query), names)
    if query.form == "graph":
        graph = GRAPH_NAMES.get(format or "ttl")
        if graph is None:
            raise no_format(format, available(GRAPH_NAMES))
        return _CommandAnswer(
            await _graph(store, Query(bound.text, None, graph, timeout=settings.timeout)),
            False,
            True,
        )
    suffix = _suffix(format)
    bom = read_bom(arguments.get("bom", ""), suffix)
    labelled = registry.FORMATS[suffix].labelled
    labels = Labels(solver, lambda: store.version) if labelled else None
    answered = await answer(bound, solver, labels)
    about = CitationMetadata(answered, await release_of(solver))
    body = registry.encode(table_of(about), suffix, bom=bom)
    return _CommandAnswer(body, suffix == "json", answered.complete, answered.reasons)


async def _graph(store: Store, query: Query) -> bytes:
    async with await store.query(query) as answer:
        return b"".join([chunk async for chunk in answer])


async def _from_service(
    address: str, name: str, arguments: Mapping[str, str], format: str | None, settings: Settings
) -> _CommandAnswer:
    """Query /queries/{name} of a service; a graph comes as Turtle if no format is given."""
    accept = f"{registry.FORMATS[_default()].media_type}, {ResultFormat.TURTLE.media_type}"
    suffix = f".{format}" if format else ""
    response = await request(
        settings,
        "GET",
        f"{address}/queries/{name}{suffix}",
        params={n: v.split("\n") if n in PARAMETERS else v for n, v in arguments.items()},
        headers={"Accept": accept},
    )
    if COUNT_HEADER in response.headers:
        raise no_format(format, ", ".join(_TABLES))
    kind = response.headers.get("content-type", "").partition(";")[0]
    complete = response.headers.get("comity-complete", "true") == "true"
    is_json = kind == registry.FORMATS["json"].media_type
    reasons = response.json().get("reasons", ()) if is_json else ()
    return _CommandAnswer(response.content, is_json, complete, reasons)


async def solve_at(address: str, settings: Settings, text: str) -> Solutions:
    """Run a SELECT or ASK on a service."""
    accept = {"Accept": ResultFormat.JSON.media_type}
    response = await request(
        settings, "POST", f"{address}/sparql", data={"query": text}, headers=accept
    )
    return read(response.content)


async def request(settings: Settings, method: str, url: str, **options: Any) -> httpx.Response:
    """Send a request to a service and read the response; its errors are raised."""
    async with streamed(settings, method, url, **options) as response:
        await response.aread()
        return response


@asynccontextmanager
async def streamed(
    settings: Settings, method: str, url: str, **options: Any
) -> AsyncIterator[httpx.Response]:
    """Send a request to a service and yield the response for streaming."""
    async with AsyncExitStack() as stack:
        try:
            client = await stack.enter_async_context(
                httpx.AsyncClient(timeout=settings.timeout + 5, trust_env=False)
            )
            response = await stack.enter_async_context(client.stream(method, url, **options))
            if response.is_error:
                await response.aread()
                _refuse(response)
            yield response
        except httpx.HTTPError as error:
            raise ComityError(f"the connection to the service at {url} was lost: {error}") from None


def _refuse(response: httpx.Response) -> None:
    problem = refusal(response, response.content)
    if response.status_code in _USAGE:
        raise UsageError(str(problem), hint=problem.hint)
    raise problem


def _default() -> str:
    return "json" if is_terminal() else "csv"


def _suffix(format: str | None) -> str:
    suffix = format or _default()
    if suffix not in _TABLES:
        raise no_format(format, ", ".join(_TABLES))
    return suffix


def _write_table(document: Mapping[str, Any]) -> None:
    """Print a table with labels instead of IRIs."""
    columns, rows = document["columns"], document["rows"]
    labels = {name + LABEL for name in columns} & set(columns)
    names = [name for name in columns if name not in labels]
    put_table(names, ([_cell(row, name) for name in names] for row in rows))
    say(counted(len(rows)))


def _cell(row: Mapping[str, Any], name: str) -> str:
    value = row[name]
    if label := row.get(name + LABEL):
        fragment = str(value).partition("#")[2] if name == "record" else ""
        return fragment or str(label)
    if value is None:
        return ""
    return shorten(value) if isinstance(value, str) else json.dumps(value)
