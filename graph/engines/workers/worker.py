"""Worker process: answers queries in turn on a read-only copy of the data, and may be killed.

It talks to its parent over a socket, its standard input. A frame is a byte for its kind, its length
as four bytes (big-endian), and its bytes. From the parent come b"O" (a directory to open) and b"Q"
(a query, JSON); the responses are b"R" (ready), then b"F" (the format of the answer), b"D" (a piece
of it) and b"Z" (its end), or b"E" (an error, JSON) in place of any of these.
"""

import errno
import json
import os
import signal
import socket
import struct
import sys
from typing import TYPE_CHECKING, Any, Final

from comity.graph.processes import die_with_parent, fence, limit_memory

if TYPE_CHECKING:
    from comity.graph.store.interface import ResultFormat

HEAD: Final = struct.Struct(">cI")
OPEN, READY, QUERY, FORMAT, DATA, END, ERROR = b"O", b"R", b"Q", b"F", b"D", b"Z", b"E"

_CHUNK: Final = 64 * 1024  # the engine writes pieces of 8 KiB; sending each alone would cost more
_FIRST: Final = 4096  # bytes before an answer is sent; a shorter one is sent whole


def main() -> None:
    """Serve the parent until it closes the socket.

    Arguments: memory limit, `union` or not, `fence` or not, and the addresses that SERVICE may
    call.
    """
    memory, union, fenced = int(sys.argv[1]), sys.argv[2] == "union", sys.argv[3] == "fence"
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    has_fence = fenced and fence()  # before the engine starts threads
    from comity.graph.engines.workers.wire import WorkerEngine

    connection = socket.socket(fileno=os.dup(0))
    _put_out(connection, _frame(READY, json.dumps({"fence": has_fence}).encode()))
    answering = WorkerEngine(union=union, allowed=frozenset(sys.argv[4:]))
    limited = False
    while frame := _receive(connection):
        kind, body = frame
        if kind == OPEN:
            answering.open(body.decode())
            if not limited:
                limit_memory(memory)
                limited = True
            _put_out(connection, _frame(READY, b"{}"))
        else:
            output = _Output(connection)
            error = answering.answer(json.loads(body), output)
            if error is None:
                output.end()
            else:
                output.fail(json.dumps(error).encode())


class _Output:
    """Destination of an answer: frames to the parent, which may be slow.

    A small answer is sent in one go with all its frames: each send wakes the parent.
    """

    _format: "ResultFormat"

    def __init__(self, connection: socket.socket) -> None:
        self._connection = connection
        self._frames = b""  # frames before the buffered data
        self._held: list[bytes] = []
        self._size = 0
        self._next = _FIRST

    @property
    def format(self) -> "ResultFormat":
        return self._format

    @format.setter
    def format(self, format: "ResultFormat") -> None:
        self._format = format
        self._frames = _frame(FORMAT, format.name.encode())

    def write(self, data: bytes) -> int:
        self._held.append(bytes(data))
        self._size += len(data)
        if self._size >= self._next:
            self._put_out(self._take())
            self._next = _CHUNK
        return len(data)

    def flush(self) -> None:
        """Do nothing when the engine flushes: buffered data are sent with the end."""

    def end(self) -> None:
        self._put_out(self._take() + _frame(END, b""))

    def fail(self, error: bytes) -> None:
        if self._frames:  # nothing was sent yet, so the error is clean
            self._held.clear()
        self._put_out(self._take() + _frame(ERROR, error))

    def _take(self) -> bytes:
        data = _frame(DATA, b"".join(self._held)) if self._held else b""
        self._held.clear()
        self._size = 0
        taken, self._frames = self._frames + data, b""
        return taken

    def _put_out(self, frames: bytes) -> None:
        _put_out(self._connection, frames)


def _frame(kind: bytes, body: bytes) -> bytes:
    return HEAD.pack(kind, len(body)) + body


def _put_out(connection: socket.socket, frames: bytes) -> None:
    try:
        connection.sendall(frames)
    except OSError as error:
        if error.errno in (errno.EPIPE, errno.ECONNRESET):
            os._exit(0)  # the parent is gone
        raise


def _receive(connection: socket.socket) -> tuple[bytes, bytes] | None:
    head = _read(connection, HEAD.size)
    if head is None:
        return None
    kind, size = HEAD.unpack(head)
    body = _read(connection, size)
    return None if body is None else (kind, body)


def _read(connection: socket.socket, size: int) -> bytes | None:
    parts: list[bytes] = []
    while size:
        part: Any = connection.recv(min(size, 1 << 20))
        if not part:
            return None
        parts.append(part)
        size -= len(part)
    return b"".join(parts)


if __name__ == "__main__":
    main()
