"""The store's answer as an HTTP response: streamed, and closed when the client leaves."""

import asyncio
import json
import logging
from collections.abc import AsyncIterator, Coroutine, Mapping
from contextlib import closing
from tempfile import SpooledTemporaryFile
from typing import IO, Any, Final, TypeVar

from fastapi import Request, Response
from starlette.requests import ClientDisconnect
from starlette.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from comity.graph.engines.workers.answer import PooledAnswer
from comity.graph.errors import ComityError, NotAcceptable, TooLarge, unwritable
from comity.graph.store.interface import Answer, Query
from comity.service.http.context import context
from comity.service.http.keepable import keepable
from comity.service.http.media import (
    GRAPH_TYPES,
    TABLE_TYPES,
    AnswerTypes,
    available,
)

COMPLETE_HEADER: Final = "Comity-Complete"
RELEASE_HEADER: Final = "Comity-Release"

log = logging.getLogger("comity")

VERSION_HEADER: Final = "Comity-Data-Version"
MAX_STORED: Final = 256_000_000  # bytes of an answer that must be complete before it is sent
_IN_MEMORY: Final = 1_000_000
_PIECE: Final = 64 * 1024
_SMALL: Final = 0.02  # seconds; work this short is not checked for a client that left
T = TypeVar("T")


class AnswerResponse(StreamingResponse):
    """Streams an answer and closes it, however the response ends.

    A failure midway leaves the response unfinished, so that the server breaks the connection and no
    client mistakes a part for the whole.
    """

    def __init__(self, answer: Answer, **options: Any) -> None:
        super().__init__(aiter(answer), **options)
        self.answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            async with self.answer:
                await super().__call__(scope, receive, send)
        except ComityError as error:  # not a defect: the server cuts an unfinished response
            log.warning("an answer at %s broke off: %s", scope["path"], error)


async def answer_query(request: Request, query: Query, choice: AnswerTypes) -> Response:
    """Run a query in the chosen formats and return its result."""
    if choice.table is None and choice.graph is None:
        raise NotAcceptable(
            "None of the accepted formats is available",
            hint=f"The formats are {available(TABLE_TYPES, GRAPH_TYPES)}",
        )
    if query.whole is None:
        keepable(request, query.text)
    answer = await unless_gone(request, context(request).store.query(query))
    return await respond(request, answer, choice.media_type(answer.format), {"Vary": "Accept"})


async def respond(
    request: Request, answer: Answer, media_type: str, headers: Mapping[str, str]
) -> Response:
    """Respond with what the store streams, or with the headers only."""
    options: dict[str, Any] = {
        "media_type": media_type,
        "headers": {
            **headers,
            VERSION_HEADER: answer.version,
            "X-Content-Type-Options": "nosniff",
        },
    }
    if request.method == "HEAD":
        await answer.aclose()
        return StreamingResponse(_nothing(), **options)
    if isinstance(answer, PooledAnswer) and answer.is_whole:  # then there is no stream to watch
        return Response(await whole(answer), **options)
    if request.scope["http_version"] == "1.0":
        file = SpooledTemporaryFile(_IN_MEMORY)  # noqa: SIM115 (the response closes it)
        try:
            await unless_gone(request, _store(answer, file))
        except BaseException:
            file.close()
            raise
        return StoredResponse(file, **options)
    return AnswerResponse(answer, **options)


async def _store(answer: Answer, file: IO[bytes]) -> None:
    """Write all of an answer to a file, since HTTP/1.0 can't tell a stream's end from a break."""
    async with answer:
        async for chunk in answer:
            if file.tell() + len(chunk) > MAX_STORED:
                raise TooLarge(
                    f"The answer is longer than {MAX_STORED:,} bytes, too long for HTTP/1.0",
                    hint="Use HTTP/1.1 (in nginx: proxy_http_version 1.1), or reduce the answer",
                )
            try:
                file.write(chunk)
            except OSError as error:
                raise unwritable("the answer", error) from error


class StoredResponse(StreamingResponse):
    """Response from the contents of a file, which it closes."""

    def __init__(self, file: IO[bytes], **options: Any) -> None:
        super().__init__(self._pieces(), **options)
        self.headers["Content-Length"] = str(file.tell())
        self._file = file

    async def _pieces(self) -> AsyncIterator[bytes]:
        self._file.seek(0)
        while piece := self._file.read(_PIECE):
            yield piece

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        with closing(self._file):
            await super().__call__(scope, receive, send)


async def whole(answer: Answer) -> bytes:
    """Collect an answer that is known to be small."""
    async with answer:
        return b"".join([chunk async for chunk in answer])


async def unless_gone(request: Request, work: Coroutine[Any, Any, T]) -> T:
    """Return the result of `work`, which is cancelled if the client leaves first."""
    task = asyncio.ensure_future(work)
    try:
        done, _ = await asyncio.wait((task,), timeout=_SMALL)
        if not done:
            await _watch(request, task)
        return task.result()
    finally:
        task.cancel()


async def _watch(request: Request, task: "asyncio.Future[T]") -> None:
    """Wait for the task. Raises ClientDisconnect if the client leaves first."""
    gone = asyncio.ensure_future(_disconnected(request))
    try:
        await asyncio.wait((task, gone), return_when=asyncio.FIRST_COMPLETED)
    finally:
        gone.cancel()
    if not task.done():
        raise ClientDisconnect


async def _disconnected(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


async def _nothing() -> AsyncIterator[bytes]:
    return
    yield


def to_json(document: Any) -> bytes:
    """Encode JSON as UTF-8 on one line."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
