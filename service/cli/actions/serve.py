"""Action of `comity serve`: serves a store until Ctrl-C."""

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
from comity.graph.engines.remote.store import RemoteStore
from comity.graph.engines.remote.writer import RemoteWriter
from comity.graph.engines.workers.pool import WorkerPool
from comity.graph.engines.writing.deriving import BackgroundDerivation
from comity.graph.engines.writing.writer import Writer
from comity.graph.errors import ComityError, QueryTimeout, RemoteError
from comity.graph.store.address import is_remote
from comity.graph.store.interface import Store
from comity.graph.store.own_queries import query_text, rows
from comity.service.app import create_app
from comity.service.cli.actions.store import open_any, say_old_terms
from comity.service.cli.terminal.console import say
from comity.service.http.middleware.connection import Connection
from comity.service.http.middleware.logs import set_up
from comity.service.linked_data.schema import schemas
from comity.service.settings import Settings

_TO_BREAK_OFF: Final = 1.0  # seconds for cancelled answers to end


_COUNTING: Final = 2  # seconds for counting triples for the first line


class ListenError(ComityError):
    """The address is not available for listening."""


class AnnouncingServer(uvicorn.Server):
    """A server that announces when it listens, and stops the worker processes when it ends.

    After a signal it accepts no further connections; running answers get the grace period. A second
    Ctrl-C ends at once.
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
        if tasks and not self.force_exit:  # cancelled tasks cut their answers
            await asyncio.wait(tasks, timeout=_TO_BREAK_OFF)
        if self.pool is not None:
            self.pool.close()


def serve(settings: Settings) -> None:
    """Serve the store of `settings` until a signal arrives."""
    signal.signal(signal.SIGTERM, signal.default_int_handler)  # to end opening too
    set_up(settings.log_level, settings.log_format)
    with (
        closing(open_any(settings)) as store,
        closing(listen(settings.host, settings.port)) as listener,
        _deriving(store) as deriving,
        _writing(store, settings, deriving) as writer,
    ):
        say_old_terms(store)
        # Port 0 means any free port; from here on the setting is the real one.
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

        with suppress(KeyboardInterrupt):  # uvicorn shuts down cleanly, then raises it again
            AnnouncingServer(config, announce, pool).run(sockets=[listener])


@contextmanager
def _deriving(store: EmbeddedStore | RemoteStore) -> Iterator[BackgroundDerivation | None]:
    """Rebuild derived facts after writes; in a remote store only `comity reason` does so."""
    if isinstance(store, RemoteStore):
        yield None
        return
    with closing(BackgroundDerivation(store)) as deriving:
        yield deriving


@contextmanager
def _writing(
    store: EmbeddedStore | RemoteStore, settings: Settings, deriving: BackgroundDerivation | None
) -> Iterator[Writer | RemoteWriter | None]:
    """Yield the writer of the store, None without a token."""
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
    """Return worker processes for the queries, None if they run elsewhere or can't run here."""
    if isinstance(store, RemoteStore):
        return None
    if os.name != "posix":
        say(
            "On this system queries run in threads: they can't be stopped, nor their memory limited"
        )
        return None
    if not sys.platform.startswith("linux"):
        say("On this system queries run without a memory limit and without a network fence")
    return WorkerPool(
        store, size=settings.workers, memory=settings.memory, allowed=settings.service_allow
    )


def listen(host: str, port: int) -> socket.socket:
    """Return a socket that listens at the address."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    try:
        return socket.create_server((host, port), family=family)
    except OSError as error:
        hint = None
        if error.errno == errno.EADDRINUSE:
            hint = f"The port is in use; try --port {port + 1}, or --port 0 for any free port"
        named = isinstance(error, socket.gaierror) or error.errno is None
        reason = error.strerror if named else os.strerror(error.errno or 0)
        raise ListenError(f"can't listen on {host}:{port}: {reason}", hint=hint) from None


async def count_triples(store: Store) -> int | None:
    """Count the triples that a query sees; None if that takes long."""
    try:
        return int((await rows(store, query_text("home/triples"), _COUNTING))[0]["triples"])
    except QueryTimeout:
        return None


def public_address(settings: Settings) -> str:
    """Return the address to open in a browser."""
    if settings.base:
        return f"{settings.base}/"
    host = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(settings.host, settings.host)
    host = f"[{host}]" if ":" in host else host
    return f"http://{host}:{settings.port}/"


async def _announce(store: Store, settings: Settings) -> None:
    """Print what is served, and where. A remote store need not be up yet."""
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
        say("It lacks the bundled graphs: install them with `comity load --bundled`")
