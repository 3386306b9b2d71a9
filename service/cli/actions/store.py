"""The store named in the settings: a local folder, or a remote engine."""

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.engines.remote.connection import Endpoint
from comity.graph.engines.remote.store import RemoteStore
from comity.graph.engines.renamed import notice, old_terms
from comity.graph.store.address import is_remote
from comity.service.cli.terminal.console import say
from comity.service.settings import Settings


def open_any(settings: Settings) -> EmbeddedStore | RemoteStore:
    """Open the store; the caller closes it. Raises StoreInUse, StoreError, DataError."""
    if not is_remote(settings.store):
        return open_embedded(settings.store, union=settings.union, bundled=settings.bundled)
    return RemoteStore(
        Endpoint(settings.store, settings.store_update, settings.store_graphs, settings.store_auth),
        union=settings.union,
        threads=3 * settings.workers,  # as many queries at once as in the embedded store
        immutable=settings.store_immutable,
    )


def say_old_terms(store: EmbeddedStore | RemoteStore) -> None:
    """Say which terms of the store's own graphs the ontology has no longer, and what renames them."""
    if isinstance(store, EmbeddedStore):
        for line in notice(old_terms(store)):
            say(line)
