"""Actions of `comity backup` and `comity restore`."""

import logging
import shutil
from contextlib import closing
from pathlib import Path
from typing import IO, Any, cast

import httpx

from comity.graph.engines.embedded import backup
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.errors import ComityError, StoreInUse, UsageError, unwritable
from comity.graph.library.output import replacing
from comity.graph.store.address import is_remote
from comity.service.cli.actions.query import refusal
from comity.service.cli.terminal.console import say
from comity.service.settings import Settings

log = logging.getLogger("comity")


def back_up(target: Path, settings: Settings) -> None:
    """Write a backup of the store, or request one from the service that holds it."""
    _require_local(settings)
    try:
        opened = open_embedded(settings.store, bundled=False)
    except StoreInUse as held:
        if held.address is None or settings.token is None:
            hint = "Set COMITY_TOKEN to the token of that service, or stop it."
            raise StoreInUse(str(held), address=held.address, hint=hint) from None
        _from_service(held.address, settings.token, target)
    else:
        with closing(opened) as store:
            _from_store(store, target)
    say(f"wrote {target}")


def restore(source: Path, settings: Settings, *, replace: bool) -> None:
    """Replace a store's data by a backup."""
    _require_local(settings)
    if settings.store == "memory":
        raise UsageError("can't restore to a temporary store", hint="Give a folder with --store.")
    location = Path(settings.store)
    if (location / "CURRENT").exists() and not replace:
        raise UsageError(f"{location} has data already", hint="Use --replace to overwrite them.")
    quads = backup.restore(source, location)
    say(f"restored {quads:,} quads to {location}")


def _require_local(settings: Settings) -> None:
    if is_remote(settings.store):
        raise UsageError(
            "back up a remote store with its own engine",
            hint="`comity dump -f nq` writes its contents.",
        )


def _from_store(store: EmbeddedStore, target: Path) -> None:
    data, _ = store.snapshot()
    try:
        if backup.is_packed(target):
            with replacing(target) as out:
                backup.pack(data, out)
        else:
            backup.copy(data, target)
    finally:
        shutil.rmtree(data, ignore_errors=True)


def _from_service(address: str, token: str, target: Path) -> None:
    headers = {"Authorization": f"Bearer {token}"}
    try:
        with httpx.stream(
            "GET", f"{address.rstrip('/')}/backup", headers=headers, timeout=60, trust_env=False
        ) as response:
            if response.is_error:
                raise refusal(response, response.read())
            if backup.is_packed(target):
                with replacing(target) as out:
                    for piece in response.iter_raw():
                        out.write(piece)
            else:
                backup.unpack(cast(IO[bytes], _BodyReader(response)), target)
    except httpx.HTTPError as error:
        raise ComityError(f"the connection to the service at {address} was lost: {error}") from None
    except OSError as error:
        raise unwritable(str(target), error) from error


class _BodyReader:
    """Body of a response as a file."""

    def __init__(self, response: httpx.Response) -> None:
        self._pieces: Any = response.iter_raw()
        self._rest = b""

    def read(self, size: int) -> bytes:
        while len(self._rest) < size and (piece := next(self._pieces, None)) is not None:
            self._rest += piece
        data, self._rest = self._rest[:size], self._rest[size:]
        return data
