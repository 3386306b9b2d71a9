"""Load, dump and derivation for a remote store: done here, on a copy, and sent."""

import tempfile
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import BinaryIO, Final

import pyoxigraph
from pyoxigraph import Quad

from comity.graph.engines import bundle
from comity.graph.engines.bundle import Bundle
from comity.graph.engines.embedded.dump import DumpFormat, write_quads
from comity.graph.engines.embedded.load import LoadProgress, LoadReport, read_sources
from comity.graph.engines.oxigraph import graph_name
from comity.graph.engines.remote.spool import Spool, clear, require_writable, send, update
from comity.graph.engines.remote.store import RemoteStore
from comity.graph.engines.remote.writer import forget_derived
from comity.graph.errors import QueryError
from comity.graph.rdf.namespaces import DERIVED_GRAPH, RECORD_GRAPH
from comity.graph.reasoning.materialisation import Derived
from comity.graph.store.record import (
    installed_hash,
    is_lagging,
    protected_graphs,
    record_of,
    recorded_graphs,
)

_WITHIN: Final = 3600.0  # seconds for one request of a load


def load(
    store: RemoteStore,
    sources: Sequence[str | Path],
    *,
    graph: str | None = None,
    replace: bool = False,
    with_bundle: bool = False,
    progress: Callable[[LoadProgress], None] | None = None,
) -> LoadReport:
    """Load files, folders and addresses as `embedded.load.load` does, into a remote store.

    Everything is read before anything is sent; then the graphs are written one by one, and an error
    does not undo earlier ones. `with_bundle` installs or updates this release's bundled graphs. If
    they are there, the derived graph is rebuilt, for which all data of the store are fetched.

    Raises DataError, NotAllowed, RemoteError.
    """
    start = time.monotonic()
    require_writable(store)
    if with_bundle:
        install(store)
    protected = protected_graphs(store)
    with Spool() as spool:
        reading = read_sources(sources, graph, protected, progress)
        spool.add(reading.quads)
        if protected and spool.graphs:
            forget_derived(store, _WITHIN)
        send(store, spool, replace=replace, within=_WITHIN)
    derived = None
    if protected and is_lagging(store):
        derived = renew(store, reading.tell).triples
    return reading.report(time.monotonic() - start, derived)


def install(store: RemoteStore, files: Bundle | None = None) -> bool:
    """Install this release's bundled graphs unless the store has them; True if it did.

    The record of them is written last: after a failure the next call tries again.
    """
    files = files or Bundle.installed()
    release_hash = files.release_hash()
    if installed_hash(store) == release_hash:
        return False
    graphs = files.graphs()
    gone = {name.value for name in recorded_graphs(store)} - {n.value for n in graphs}
    with Spool() as spool, Spool() as record:
        spool.add(bundle.quads_of(graphs))
        record.add(record_of(graphs, release_hash))
        for name in sorted({*gone, RECORD_GRAPH.value}):
            update(store, clear(name), _WITHIN)
        send(store, spool, replace=True, within=_WITHIN)
        send(store, record, replace=True, within=_WITHIN)
    return True


def renew(store: RemoteStore, progress: Callable[[str], None] | None = None) -> Derived:
    """Rebuild the derived graph of a store on a copy of its data, and send it there.

    Raises DataError for a faulty rule; QueryError in a store without the bundled graphs.
    """
    if installed_hash(store) is None:
        raise QueryError(
            "the store has no bundled graphs, so nothing is derived in it",
            hint="Install them with `comity load --bundled`.",
        )
    with tempfile.TemporaryDirectory(prefix="comity-") as folder, Spool() as spool:
        engine = pyoxigraph.Store(folder)
        with store.engine.asking(_WITHIN) as asking:
            for name in asking.graphs():
                if name != DERIVED_GRAPH.value:
                    engine.bulk_extend(asking.quads(name))
        derived = bundle.renew(engine, progress=progress)
        for each in (DERIVED_GRAPH, RECORD_GRAPH):
            spool.add(engine.quads_for_pattern(None, None, None, each))
        del engine  # closed before its files go
        send(store, spool, replace=True, within=_WITHIN)
    return derived


def dump(
    store: RemoteStore, out: BinaryIO, format: DumpFormat | str, graph: str | None = None
) -> None:
    """Write the store to `out` as a stream, as `embedded.dump.dump` does.

    It may or may not include what others write meanwhile.
    """
    if graph is not None:
        graph_name(graph)
    format = DumpFormat(format)
    with store.engine.asking(_WITHIN) as asking:
        if format is not DumpFormat.TURTLE or graph is not None:
            write_quads(asking.quads(graph), out, format)
            return
        with tempfile.TemporaryDirectory(prefix="comity-") as folder:  # each triple once
            engine = pyoxigraph.Store(folder)
            engine.bulk_extend(Quad(q.subject, q.predicate, q.object) for q in asking.quads())
            write_quads(engine.quads_for_pattern(None, None, None, None), out, format)
            del engine  # closed before its files go
