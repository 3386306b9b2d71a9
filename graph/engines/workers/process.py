"""Parent's side of a worker process: frames over a socket, and the end of the process."""

import asyncio
import contextlib
import json
import os
import socket
import subprocess
import sys
from collections import deque
from collections.abc import Collection
from typing import Final, cast

from comity.graph.engines.workers.snapshot import Snapshot
from comity.graph.engines.workers.worker import END, HEAD, OPEN, READY
from comity.graph.errors import ComityError, EngineCrashed, MemoryLimit
from comity.graph.processes import memory_of, ran_out_of_memory

_HIGH: Final = 512 * 1024  # bytes of one answer buffered for a slow reader
_READY_WITHIN: Final = 30.0  # seconds for a worker to start


class WorkerProcess(asyncio.Protocol):
    """Parent's side of one worker process, all on the event loop."""

    def __init__(
        self,
        loop: asyncio.AbstractEventLoop,
        memory: int,
        union: bool,
        fence: bool,
        allowed: Collection[str] = (),
    ) -> None:
        self._loop = loop
        ours, theirs = socket.socketpair()
        with theirs:
            self.process = subprocess.Popen(
                [
                    *(sys.executable, "-m", "comity.graph.engines.workers.worker"),
                    *(str(memory), "union" if union else "apart", "fence" if fence else "open"),
                    *allowed,
                ],
                stdin=theirs.fileno(),
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )
        self._statm: int | None = None  # kept open, since it is read after each query
        with contextlib.suppress(OSError):
            self._statm = os.open(f"/proc/{self.process.pid}/statm", os.O_RDONLY | os.O_CLOEXEC)
        ours.setblocking(False)
        self._socket = ours
        self._buffer = bytearray()
        self._frames: deque[tuple[bytes, bytes]] = deque()
        self._held = 0
        self._paused = False
        self._arrived = asyncio.Event()
        self._ended = False
        self._transport: asyncio.Transport | None = None
        self.snapshot: Snapshot | None = None
        self.fenced = False
        self.base = 0  # bytes of memory once it is ready

    async def start(self, snapshot: Snapshot) -> None:
        """Wait until it has opened a snapshot."""
        await self._loop.create_connection(lambda: self, sock=self._socket)
        async with asyncio.timeout(_READY_WITHIN):
            kind, body = await self.receive()
            if kind != READY:
                raise EngineCrashed("a worker process did not start")
            self.fenced = json.loads(body)["fence"]
            await self.open(snapshot)
        self.base = self.memory()

    async def open(self, snapshot: Snapshot) -> None:
        """Move to another snapshot."""
        snapshot.users += 1
        before, self.snapshot = self.snapshot, snapshot
        if before is not None:
            before.leave()
        self.send(OPEN, str(snapshot.folder).encode())
        kind, _ = await self.receive()
        if kind != READY:
            raise EngineCrashed("a worker process could not open the data")

    def send(self, kind: bytes, body: bytes) -> None:
        if self._transport is not None:
            self._transport.write(HEAD.pack(kind, len(body)) + body)

    async def receive(self) -> tuple[bytes, bytes]:
        """Return the next frame; raises EOFError once the process is gone."""
        while not self._frames:
            if self._ended:
                raise EOFError
            self._arrived.clear()
            await self._arrived.wait()
        frame = self._frames.popleft()
        self._held -= len(frame[1])
        if self._paused and self._held < _HIGH // 2 and self._transport is not None:
            self._paused = False
            self._transport.resume_reading()
        return frame

    @property
    def has_ended_answer(self) -> bool:
        """True if the next frame has arrived and ends an answer."""
        return bool(self._frames) and self._frames[0][0] == END

    @property
    def is_alive(self) -> bool:
        return not self._ended and self.process.poll() is None

    def memory(self) -> int:
        """Return its resident memory in bytes; 0 if the system does not report it."""
        if self._statm is None:
            return 0
        try:
            return memory_of(os.pread(self._statm, 200, 0))
        except OSError:
            return 0

    def make_way(self, nice: int) -> bool:
        """Set the niceness; few users may lower it again (nice(2))."""
        try:
            os.setpriority(os.PRIO_PROCESS, self.process.pid, nice)
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """Kill the process at once, and release its snapshot."""
        with contextlib.suppress(OSError):
            self.process.kill()
        self._ended = True
        self._arrived.set()
        if self._statm is not None:
            os.close(self._statm)
            self._statm = None
        if self._transport is not None:
            self._transport.abort()
        else:
            self._socket.close()
        if self.snapshot is not None:
            snapshot, self.snapshot = self.snapshot, None
            snapshot.leave()

    async def why(self) -> ComityError:
        """Return the reason why the process ended by itself."""
        code = await asyncio.to_thread(self.process.wait)
        if ran_out_of_memory(code):
            return MemoryLimit(
                "the query exceeded its memory limit",
                hint="Narrow it, or split it into smaller queries. COMITY_MEMORY sets the limit.",
            )
        return EngineCrashed(
            f"the engine crashed on this query (exit {code})",
            hint="Other queries are not affected. Try to write this one differently.",
        )

    # asyncio.Protocol

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's is none by its class

    def data_received(self, data: bytes) -> None:
        buffer = self._buffer
        buffer += data
        at = 0
        while len(buffer) - at >= HEAD.size:
            kind, size = HEAD.unpack_from(buffer, at)
            if len(buffer) - at < HEAD.size + size:
                break
            body = bytes(buffer[at + HEAD.size : at + HEAD.size + size])
            at += HEAD.size + size
            self._frames.append((kind, body))
            self._held += size
        if at:
            del buffer[:at]
            self._arrived.set()
        if self._held > _HIGH and not self._paused and self._transport is not None:
            self._paused = True
            self._transport.pause_reading()

    def connection_lost(self, exc: Exception | None) -> None:
        self._ended = True
        self._arrived.set()
