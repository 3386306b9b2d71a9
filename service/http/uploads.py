"""Uploads: the body of a request in a file, and the parts of a form in it."""

import asyncio
import email
import email.policy
import mmap
import os
import tempfile
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from fastapi import Request

from comity.graph.errors import unwritable
from comity.service.http.decoding import Sink, is_compressed
from comity.service.http.problems import Refusal

PREFIX: Final = "upload-"  # of file names; see `comity.graph.engines.embedded.folder`
MAX_PARTS: Final = 1000
_PIECE: Final = 256 * 1024


@dataclass(frozen=True, slots=True)
class FormPart:
    """One file of a form: its position in the upload, and the client's name for it."""

    start: int
    size: int
    filename: str
    content_type: str | None


@asynccontextmanager
async def uploaded(request: Request, folder: Path, limit: int) -> AsyncIterator[Path]:
    """Store the body of a request as a file in `folder`, decompressed, during the block.

    Raises Refusal, TooLarge past `limit` bytes, DiskFull.
    """
    compressed = is_compressed(request)
    handle, name = tempfile.mkstemp(prefix=PREFIX, dir=folder)
    try:
        with os.fdopen(handle, "wb") as file:
            sink = Sink(file, limit, "COMITY_MAX_UPLOAD", compressed=compressed)
            sink.expect(request)
            await _receive(request, sink)
        yield Path(name)
    finally:
        Path(name).unlink(missing_ok=True)


async def _receive(request: Request, sink: Sink) -> None:
    held = bytearray()
    try:
        async for chunk in request.stream():
            held += chunk
            if len(held) >= _PIECE:
                await asyncio.to_thread(sink.take, bytes(held))
                held.clear()
        await asyncio.to_thread(sink.end, bytes(held))
    except OSError as error:
        raise unwritable("the upload", error) from error


def parts(path: Path, boundary: str) -> list[FormPart]:
    """Return the files of a form (RFC 7578) in an upload; raises Refusal."""
    if not path.stat().st_size:
        raise _no_form("it is empty")
    with path.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        return list(_parts(data, b"--" + boundary.encode("latin-1")))


def _parts(data: mmap.mmap, delimiter: bytes) -> Iterator[FormPart]:
    begin = 0 if data[: len(delimiter)] == delimiter else data.find(b"\r\n" + delimiter) + 2
    if begin == 1:
        raise _no_form("its boundary is missing")
    for _ in range(MAX_PARTS):
        at = begin + len(delimiter)
        if data[at : at + 2] == b"--":
            return
        line_end = data.find(b"\r\n", at)
        head_end = data.find(b"\r\n\r\n", at)
        end = data.find(b"\r\n" + delimiter, max(head_end, at))
        if data[at:line_end].strip() or not at <= line_end <= head_end < end:
            raise _no_form("it is incomplete")
        yield _part(data[line_end + 2 : head_end + 4], head_end + 4, end)
        begin = end + 2
    raise Refusal(400, f"There are more than {MAX_PARTS} parts in the form")


def _part(head: bytes, start: int, end: int) -> FormPart:
    header = email.message_from_bytes(head, policy=email.policy.HTTP)
    filename = header.get_filename()
    name = header.get_param("name", "?", "content-disposition")
    content_type = header["content-type"]
    if filename is None and content_type is None:
        raise Refusal(400, f"The field {name} is not a file", hint="Send files: curl -F file=@…")
    return FormPart(start, max(end - start, 0), filename or str(name), content_type)


def _no_form(why: str) -> Refusal:
    return Refusal(400, f"The body is not valid multipart/form-data: {why}")
