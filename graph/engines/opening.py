"""Opening a store in a folder, with the bundled graphs in it."""

from pathlib import Path

from comity.graph.engines import bundle
from comity.graph.engines.embedded.folder import StoreFolder
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.errors import StoreError
from comity.graph.store.address import is_remote, without_secrets


def open_embedded(
    location: str | Path, *, union: bool = True, bundled: bool = True
) -> EmbeddedStore:
    """Open the store in a folder, or in a private temporary one for "memory".

    A missing folder is created. `union` makes the union of all graphs the default graph of queries
    that name no dataset. `bundled` installs or updates this release's bundled graphs in one
    transaction.

    Raises StoreInUse if another process holds the folder, StoreError if it is unusable, DataError
    if a bundled file is broken.
    """
    folder = _hold(location)
    try:
        store = EmbeddedStore(folder, str(location), union=union)
    except BaseException:
        folder.release()
        raise
    try:
        if bundled:
            bundle.install(store)
    except BaseException:
        store.close()
        raise
    return store


def _hold(location: str | Path) -> StoreFolder:
    if is_remote(location):
        raise StoreError(
            f"{without_secrets(str(location))} is a remote store; a local one is needed here",
            hint='Give a folder, or "memory".',
        )
    if location == "memory":
        return StoreFolder.private()
    return StoreFolder.hold(Path(location))
