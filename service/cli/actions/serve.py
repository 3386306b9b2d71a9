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

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.remote.store import RemoteStore, is_remote
from comity.graph.engines.remote.writer import RemoteWriter
from comity.graph.engines.workers.pool import WorkerPool
from comity.graph.engines.writing.deriving import BackgroundDerivation
from comity.graph.engines.writing.writer import Writer
from comity.graph.errors import ComityError, QueryTimeout, RemoteError
from comity.graph.store.interface import Store
from comity.graph.store.own_queries import query_text, rows
from comity.service.app import create_app
from comity.service.cli.actions.store import open_any
from comity.service.cli.terminal.console import say
from comity.service.http.middleware.connection import Connection
from comity.service.http.middleware.logs import set_up
from comity.service.linked_data.schema import schemas
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
        if tasks and not self.force_exit:  # those cancelled break their answers off
            await asyncio.wait(tasks, timeout=_TO_BREAK_OFF)
        if self.pool is not None:
            self.pool.close()


def serve(settings: Settings) -> None:
    """Serve the store of `settings` until a signal ends it."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # so that opening ends in order too
    set_up(settings.log_level, settings.log_format)
    with (
        closing(open_any(settings)) as store,
        closing(listen(settings.host, settings.port)) as listener,
        _deriving(store) as deriving,
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
            if isinstance(store, EmbeddedStore):
                store.set_address(public_address(settings))
            await _announce(pool or store, settings)
            if deriving is not None:
                deriving.start()
            schemas(app).start()

        with suppress(KeyboardInterrupt):  # uvicorn shuts down in order, then raises it again
            AnnouncingServer(config, announce, pool).run(sockets=[listener])


@contextmanager
def _deriving(store: EmbeddedStore | RemoteStore) -> Iterator[BackgroundDerivation | None]:
    """What derives anew after writes; in a remote store only `comity reason` does, when told to."""
    if isinstance(store, RemoteStore):
        yield None
        return
    with closing(BackgroundDerivation(store)) as deriving:
        yield deriving


@contextmanager
def _writing(
    store: EmbeddedStore | RemoteStore, settings: Settings, deriving: BackgroundDerivation | None
) -> Iterator[Writer | RemoteWriter | None]:
    """What writes to the store, where there is a token for it."""
    if settings.token is None:
        yield None
        return
    if isinstance(store, RemoteStore):
        with closing(RemoteWriter(store, timeout=settings.timeout)) as remote:
            yield remote
        return
    assert deriving is not None
    writer = Writer(
        store, timeout=settings.timeout, memory=settings.memory, written=deriving.written
    )
    with closing(writer):
        yield writer


def _pool(store: EmbeddedStore | RemoteStore, settings: Settings) -> WorkerPool | None:
    """Worker processes for the queries, where they run here and the system has what they need."""
    if isinstance(store, RemoteStore):
        return None
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


async def _announce(store: Store, settings: Settings) -> None:
    """Say what is served, and where. A remote store need not be there yet."""
    name, at = f"Comity {version('comity')}", f"{public_address(settings)} (Ctrl-C stops)"
    try:
        triples = await count_triples(store)
        release = await rows(store, query_text("home/release"), settings.timeout)
    except (QueryTimeout, RemoteError) as error:
        say(f"{name} serves {store.location} at {at}, which does not answer yet: {error}")
        return
    what = "the graph" if triples is None else f"{triples:,} triples"
    say(f"{name} serves {what} at {at}")
    if is_remote(settings.store) and settings.bundled and not release:
        say("The bundled graphs are not in it: `comity load --bundled` puts them there")
