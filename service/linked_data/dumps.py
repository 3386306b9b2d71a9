"""Routes `/dump.trig`, `.nq`, `.ttl`, each also with `.gz`: the whole store as a stream."""

import zlib
from collections.abc import AsyncIterator
from typing import Final, Self

from fastapi import Request, Response

from comity.graph.store.interface import Answer, Query, ResultFormat, Whole
from comity.service.http.context import context
from comity.service.http.problems import Refusal
from comity.service.http.responses import respond, unless_gone

FORMATS: Final = {
    "trig": ResultFormat.TRIG,
    "nq": ResultFormat.N_QUADS,
    "ttl": ResultFormat.TURTLE,
}
GZIP: Final = "application/gzip"
_WITH_HEADER: Final = 31  # zlib: a window of 32 KiB, with gzip header and trailer


async def dump(request: Request) -> Response:
    """Stream the whole store: Turtle is the union of all graphs, each triple once."""
    suffix, dot, packing = request.path_params["suffix"].partition(".")
    if suffix not in FORMATS or (dot and packing != "gz"):
        known = ", ".join(f"/dump.{name}, /dump.{name}.gz" for name in FORMATS)
        raise Refusal(404, f"There is no dump.{request.path_params['suffix'][:60]}", hint=known)
    here, format = context(request), FORMATS[suffix]
    query = Query("# dump", None, format, timeout=here.settings.timeout, whole=Whole(None))
    answer = await unless_gone(request, here.store.query(query))
    packed = packing == "gz"
    name = f"comity-{answer.version}.{suffix}{'.gz' if packed else ''}"
    return await respond(
        request,
        _GzipStream(answer) if packed else answer,
        GZIP if packed else format.media_type,
        {"Content-Disposition": f'attachment; filename="{name}"'},
    )


class _GzipStream:
    """An answer compressed while streaming; without a trailer if it breaks off."""

    def __init__(self, answer: Answer) -> None:
        self._answer = answer

    @property
    def format(self) -> ResultFormat:
        return self._answer.format

    @property
    def version(self) -> str:
        return self._answer.version

    async def __aiter__(self) -> AsyncIterator[bytes]:
        packing = zlib.compressobj(6, zlib.DEFLATED, _WITH_HEADER)
        async for chunk in self._answer:
            if piece := packing.compress(chunk):
                yield piece
        yield packing.flush()

    async def aclose(self) -> None:
        await self._answer.aclose()

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *exc: object) -> None:
        await self.aclose()
