"""Route `/backup`: a packed copy of the store."""

import asyncio
import shutil
from collections.abc import AsyncIterator
from contextlib import suppress
from pathlib import Path
from typing import BinaryIO, cast

from fastapi import Request, Response
from starlette.responses import StreamingResponse

from comity.graph.engines.embedded import backup
from comity.graph.engines.writing.writer import Writer
from comity.graph.errors import ComityError, StoreError
from comity.graph.store.stream import ByteStream, ReaderGone
from comity.service.http.bearer import writer_for
from comity.service.http.problems import Refusal


async def serve_backup(request: Request) -> Response:
    """Return a packed backup of the current store."""
    writer = writer_for(request)
    if not isinstance(writer, Writer):
        raise Refusal(501, "Back up a remote store with its own engine")
    store = writer.store
    data, version = await asyncio.to_thread(store.snapshot)
    return StreamingResponse(
        _packed(data),
        media_type="application/gzip",
        headers={
            "Content-Disposition": f'attachment; filename="comity-{version}.tar.gz"',
            "Cache-Control": "no-store",
        },
    )


async def _packed(data: Path) -> AsyncIterator[bytes]:
    """Pack in a thread; a failure breaks the answer off, so that it can't pass as complete."""
    stream = ByteStream(asyncio.get_running_loop())
    packing = asyncio.ensure_future(asyncio.to_thread(_pack, data, stream))
    try:
        while (chunk := await stream.read()) is not None:
            yield chunk
    finally:
        stream.stop()
        await asyncio.shield(packing)


def _pack(data: Path, stream: ByteStream) -> None:
    error: ComityError | None = StoreError("the backup broke off")
    try:
        backup.pack(data, cast(BinaryIO, stream))
        stream.flush()
        error = None
    except ReaderGone:
        return
    except OSError as failure:
        error = StoreError(f"the backup broke off: {failure}")
    finally:
        shutil.rmtree(data, ignore_errors=True)
        with suppress(ReaderGone):
            stream.end(error)
