"""Actions of `comity load` and `comity dump`."""

import gzip
import tempfile
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path
from typing import IO, BinaryIO, cast

import httpx

from comity.graph.engines.embedded.dump import dump
from comity.graph.engines.embedded.load import collect, load
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.remote import data as remote_data
from comity.graph.engines.remote.store import RemoteStore
from comity.graph.errors import ComityError, StoreInUse
from comity.graph.library.output import replacing
from comity.service.cli.actions.query import refusal
from comity.service.cli.actions.store import open_any, say_old_terms
from comity.service.cli.terminal.console import say, stdout
from comity.service.cli.terminal.progress import load_progress
from comity.service.settings import Settings


def load_files(
    sources: Sequence[str], graph: str | None, replace: bool, bundled: bool, settings: Settings
) -> None:
    """Load files into the store, all or none; into a remote one graph by graph."""
    try:
        opened = open_any(settings)
    except StoreInUse as held:
        if held.address is None or settings.token is None:
            hint = "Set COMITY_TOKEN to the token of that service, or stop it."
            raise StoreInUse(str(held), address=held.address, hint=hint) from None
        _load_through_service(held.address, settings.token, sources, graph, replace)
        return
    with closing(opened) as store:
        if isinstance(store, RemoteStore):
            _load_remote(store, sources, graph, replace, bundled)
            return
        before = store.version
        try:
            with load_progress() as progress:
                report = load(store, sources, graph=graph, replace=replace, progress=progress)
        except KeyboardInterrupt:
            if store.version == before:
                say("interrupted: the store is unchanged")
            else:
                say("interrupted after everything was loaded")
            raise
        say_old_terms(store)
    say(str(report))


def _load_remote(
    store: RemoteStore, sources: Sequence[str], graph: str | None, replace: bool, bundled: bool
) -> None:
    with load_progress() as progress:
        report = remote_data.load(
            store, sources, graph=graph, replace=replace, with_bundle=bundled, progress=progress
        )
    say(str(report))


def _load_through_service(
    address: str, token: str, sources: Sequence[str], graph: str | None, replace: bool
) -> None:
    """Send the contents of the files to the service in one request, which is atomic."""
    with tempfile.TemporaryFile() as file:
        with load_progress() as progress, gzip.open(file, "wb", compresslevel=1) as packed:
            report = collect(sources, cast(IO[bytes], packed), graph=graph, progress=progress)
        say(f"sending {file.tell():,} bytes to {address}")
        file.seek(0)
        try:
            response = httpx.post(
                f"{address.rstrip('/')}/store" + ("?replace" if replace else ""),
                content=file,
                headers={
                    "Authorization": f"Bearer {token}",
                    "Content-Type": "application/trig",
                    "Content-Encoding": "gzip",
                },
                timeout=None,
                trust_env=False,
            )
        except httpx.HTTPError as error:
            raise ComityError(
                f"the connection to the service at {address} was lost: {error}"
            ) from None
    if response.is_error:
        raise refusal(response, response.content)
    say(str(report))


def dump_store(format: str, graph: str | None, output: Path | None, settings: Settings) -> None:
    """Write the whole store, or one graph, to stdout or to a file."""
    with closing(open_any(settings)) as store:
        if output is None:
            with stdout() as out:
                _dump(store, out, format, graph)
            return
        with replacing(output) as out:
            _dump(store, out, format, graph)
    say(f"wrote {output}" + (f" ({output.stat().st_size:,} bytes)" if output.is_file() else ""))


def _dump(
    store: EmbeddedStore | RemoteStore, out: BinaryIO, format: str, graph: str | None
) -> None:
    if isinstance(store, RemoteStore):
        remote_data.dump(store, out, format, graph)
    else:
        dump(store, out, format, graph)
