"""Tables of any SPARQL query for people: labels beside IRIs, typed cells.

The W3C formats stay unchanged and are streamed, however large. These tables are made in memory,
completely or not at all.
"""

import asyncio
from collections.abc import Mapping
from dataclasses import replace
from typing import Final

from fastapi import Request, Response

from comity.graph.catalogue.citation import CitationMetadata
from comity.graph.catalogue.execution import adhoc_answer
from comity.graph.catalogue.parameter_types import read_language
from comity.graph.errors import NotAcceptable
from comity.graph.store.interface import Query, ResultFormat, Store
from comity.graph.store.solutions import Solutions, iris, read
from comity.graph.tables import registry
from comity.graph.tables.canned_answer import table_of
from comity.service.http.context import context
from comity.service.http.keepable import keepable
from comity.service.http.protocol import Operation
from comity.service.http.responses import VERSION_HEADER, unless_gone
from comity.service.queries.state import canned

TYPES: Final[Mapping[str, str]] = {
    name: registry.FORMATS[name].media_type for name in ("xlsx", "parquet", "ndjson")
}
_LARGEST: Final = 16_000_000  # bytes of JSON; a table needs ten times as much memory


async def answer_table(
    request: Request, operation: Operation, query: Query, suffix: str
) -> Response:
    """Answer a SELECT or ASK in one of these formats. Raises NotAcceptable if it is too large."""
    here = canned(request.app)
    keepable(request, operation.text)
    language = read_language(operation.further.get("lang", ""))
    solutions = await unless_gone(request, _solve(context(request).store, query, suffix))
    labels = await here.labels.of(iris(solutions.rows), language)
    answered = adhoc_answer(query.text, solutions, labels)
    about = CitationMetadata(answered, await here.release())
    licence = {"Link": f'<{about.licence}>; rel="license"'} if about.licence else {}
    return Response(
        await asyncio.to_thread(registry.encode, table_of(about), suffix),
        media_type=TYPES[suffix],
        headers={
            "Vary": "Accept",
            VERSION_HEADER: solutions.version,
            "X-Content-Type-Options": "nosniff",
            "Content-Disposition": f'attachment; filename="{about.name}.{suffix}"',
            **licence,
        },
    )


async def _solve(store: Store, query: Query, suffix: str) -> Solutions:
    body = bytearray()
    asked = replace(query, table=ResultFormat.JSON, graph=None)
    async with await store.query(asked) as answer:
        async for chunk in answer:
            body += chunk
            if len(body) > _LARGEST:
                raise NotAcceptable(
                    f"The answer is too large for {suffix}",
                    hint="Use csv, tsv, srj or srx, which have no limit, or add a LIMIT",
                )
        return read(bytes(body), answer.version)
