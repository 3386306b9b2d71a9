"""`comity serve`: a store behind a socket, until Ctrl-C."""

import asyncio
import errno
import os
import signal
import socket
import sys
from collections.abc import Awaitable, Callable, Iterator
from contextlib import closing, contextmanager, suppress
from importlib.metadata import version
from typing import Final

import uvicorn

from comity.graph.embedded import EmbeddedStore, open_store
from comity.graph.errors import ComityError, QueryTimeout
from comity.graph.pool import WorkerPool
from comity.graph.store import Store
from comity.graph.writer import Writer
from comity.service.app import create_app
from comity.service.connection import Connection
from comity.service.console import say
from comity.service.deriving import Deriving
from comity.service.logs import set_up
from comity.service.rows import query_text, rows
from comity.service.schema import schemas
from comity.service.settings import Settings

_TO_BREAK_OFF: Final = 1.0  # seconds that cancelled answers have


_COUNTING: Final = 2  # seconds for what the first line says of the store


class ListenError(ComityError):
    """The address can't be listened at."""


class AnnouncingServer(uvicorn.Server):
    """A server that says so once it listens, and ends the worker processes when it ends.

    At a signal it takes no further connections; what is being answered has the time of grace to
    end in. A second Ctrl-C ends at once.
    """

    def __init__(
        self,
        config: uvicorn.Config,
        announce: Callable[[], Awaitable[None]],
        pool: WorkerPool | None,
    ) -> None:
        super().__init__(config)
        self.announce, self.pool = announce, pool

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        await self.announce()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        tasks = set(self.server_state.tasks)
        await super().shutdown(sockets)
        if self.force_exit:
            for task in tasks:
                task.cancel()
        if tasks:  # those cancelled break their answers off
            await asyncio.wait(tasks, timeout=_TO_BREAK_OFF)
        if self.pool is not None:
            self.pool.close()


def serve(settings: Settings) -> None:
    """Serve the store of `settings` until a signal ends it."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that opening ends in order too
    set_up(settings.log_level, settings.log_format)
    with (
        closing(
            open_store(settings.store, union=settings.union, bundled=settings.bundled)
        ) as store,
        closing(listen(settings.host, settings.port)) as listener,
        closing(Deriving(store)) as deriving,
        _writing(store, settings, deriving) as writer,
    ):
        # The port may have been 0, which means any: from here on it is the real one.
        settings = settings.model_copy(update={"port": listener.getsockname()[1]})
        pool = _pool(store, settings)
        app = create_app(pool or store, settings, writer, deriving)
        config = uvicorn.Config(
            app,
            http=Connection,
            access_log=False,
            lifespan="off",
            log_config=None,
            server_header=False,
            proxy_headers=bool(settings.proxy),
            forwarded_allow_ips=list(settings.proxy),
            timeout_graceful_shutdown=settings.grace,  # type: ignore[arg-type]
        )

        async def announce() -> None:
            if pool is not None:
                await pool.start()
            store.set_address(public_address(settings))
            _say(settings, await count_triples(pool or store))
            deriving.start()
            schemas(app).start()

        with suppress(KeyboardInterrupt):  # uvicorn shuts down in order, then raises it again
            AnnouncingServer(config, announce, pool).run(sockets=[listener])


@contextmanager
def _writing(
    store: EmbeddedStore, settings: Settings, deriving: Deriving
) -> Iterator[Writer | None]:
    """What writes to the store, where there is a token for it."""
    if settings.token is None:
        yield None
        return
    writer = Writer(
        store, timeout=settings.timeout, memory=settings.memory, written=deriving.written
    )
    with closing(writer):
        yield writer


def _pool(store: EmbeddedStore, settings: Settings) -> WorkerPool | None:
    """Worker processes for the queries, where the system has what they need."""
    if os.name != "posix":
        say(
            "On this system queries run in threads: a late one can't be stopped, nor its memory limited"
        )
        return None
    if not sys.platform.startswith("linux"):
        say(
            "On this system the memory of queries is not limited, nor are they kept from the network"
        )
    return WorkerPool(
        store, size=settings.workers, memory=settings.memory, allowed=settings.service_allow
    )


def listen(host: str, port: int) -> socket.socket:
    """A socket that listens at the address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        hint = None
        if error.errno == errno.EADDRINUSE:
            hint = f"something listens there already; try --port {port + 1}, or --port 0 for any"
        named = isinstance(error, socket.gaierror) or error.errno is None
        reason = error.strerror if named else os.strerror(error.errno or 0)
        raise ListenError(f"can't listen at {host}:{port}: {reason}", hint=hint) from None


async def count_triples(store: Store) -> int | None:
    """How many triples a query over the store sees; None where they take long to count."""
    try:
        return int((await rows(store, query_text("home/triples"), _COUNTING))[0]["triples"])
    except QueryTimeout:
        return None


def public_address(settings: Settings) -> str:
    """The address to click."""
    if settings.base:
        return f"{settings.base}/"
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{settings.port}/"


def _say(settings: Settings, triples: int | None) -> None:
    what = "the graph" if triples is None else f"{triples:,} triples"
    say(f"Comity {version('comity')} serves {what} at {public_address(settings)} (Ctrl-C stops)")
