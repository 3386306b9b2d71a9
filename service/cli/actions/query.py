"""Action of `comity query`: runs a query on the store, or on the service that holds it."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, closing

import httpx

from comity.graph.errors import ComityError, QueryError, StoreInUse, UsageError
from comity.graph.networks.formats.registry import FORMATS
from comity.graph.store.cells import short
from comity.graph.store.interface import Query, ResultFormat
from comity.graph.store.solutions import read
from comity.service.cli.actions.store import open_any
from comity.service.cli.terminal.console import is_terminal, put, put_table, say, stdout
from comity.service.http.media import GRAPH_NAMES, TABLE_NAMES, AnswerTypes, available, choose
from comity.service.networks.options import is_network
from comity.service.settings import Settings


def run_query(text: str, format: str | None, settings: Settings) -> None:
    """Print the result of a query: a table on a terminal, CSV or Turtle for a program."""
    choice, pretty = _choice(format)
    if is_network(format, text):
        raise no_format(format, available(TABLE_NAMES))
    text = text.removeprefix("\ufeff")  # byte order mark, as written by Windows
    try:
        asyncio.run(_from_store(text, choice, pretty, settings))
    except StoreInUse as held:
        if held.address is None:
            raise
        asyncio.run(_from_service(held.address, text, choice, pretty, settings))


def _choice(format: str | None) -> tuple[AnswerTypes, bool]:
    if format is None and is_terminal():
        return AnswerTypes(ResultFormat.JSON.media_type, ResultFormat.TURTLE.media_type), True
    if format is None:
        return AnswerTypes(ResultFormat.CSV.media_type, ResultFormat.TURTLE.media_type), False
    choice = choose(None, format)
    if choice.table is None and choice.graph is None:
        raise no_format(format, available(TABLE_NAMES, GRAPH_NAMES))
    return choice, False


def no_format(format: str | None, listed: str) -> UsageError:
    """Return the error for a format that `comity query` can't write."""
    if format in FORMATS:
        return UsageError(f"{format} is a network", hint=f"comity export … -f {format} writes it")
    return UsageError(f"this answer has no format {format}", hint=f"The formats are {listed}")


async def _from_store(text: str, choice: AnswerTypes, pretty: bool, settings: Settings) -> None:
    query = Query(text, choice.table_format, choice.graph_format, timeout=settings.timeout)
    opened = open_any(settings)
    with closing(opened) as store:
        async with await store.query(query) as answer:
            await _write(aiter(answer), pretty and answer.format is ResultFormat.JSON)


async def _from_service(
    address: str, text: str, choice: AnswerTypes, pretty: bool, settings: Settings
) -> None:
    accept = ", ".join(filter(None, (choice.table, choice.graph)))
    async with AsyncExitStack() as stack:
        client = await stack.enter_async_context(
            httpx.AsyncClient(timeout=settings.timeout + 5, trust_env=False)
        )
        try:
            response = await stack.enter_async_context(
                client.stream(
                    "POST",
                    f"{address.rstrip('/')}/sparql",
                    data={"query": text, "timeout": str(settings.timeout)},
                    headers={"Accept": accept},
                )
            )
            if response.is_error:
                raise refusal(response, await response.aread())
            media_type = response.headers.get("content-type", "").partition(";")[0]
            table = pretty and media_type == ResultFormat.JSON.media_type
            await _write(response.aiter_bytes(), table)
        except httpx.HTTPError as error:
            raise ComityError(
                f"the connection to the service at {address} was lost: {error}"
            ) from None


def refusal(response: httpx.Response, body: bytes) -> ComityError:
    """Convert a service's problem document to an error."""
    try:
        problem = json.loads(body)
    except ValueError:
        problem = {}
    detail = problem.get("detail") or f"the service answered {response.status_code}"
    return QueryError(detail, hint=problem.get("hint"))


async def _write(chunks: AsyncIterator[bytes], table: bool) -> None:
    if table:
        _write_table(b"".join([chunk async for chunk in chunks]))
        return
    with stdout() as out:
        async for chunk in chunks:
            out.write(chunk)


def _write_table(body: bytes) -> None:
    found = read(body)
    if found.boolean is not None:
        put("yes" if found.boolean else "no")
        return
    names, rows = found.columns, found.rows
    put_table(names, ([short(row[name]) if name in row else "" for name in names] for row in rows))
    say(counted(len(rows)))


def counted(rows: int) -> str:
    """Return the number of rows in words."""
    return f"{rows:,} {'row' if rows == 1 else 'rows'}"
