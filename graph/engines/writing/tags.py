"""Tags of graphs, the basis of ETags in the Graph Store Protocol."""

import threading
from typing import Final

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.rdf.namespaces import DERIVED_GRAPH, RECORD_GRAPH

_OWN: Final = frozenset((DERIVED_GRAPH.value, RECORD_GRAPH.value))


class GraphTags:
    """A string for each graph that changes with each write to it."""

    def __init__(self, store: EmbeddedStore) -> None:
        self._store = store
        self._lock = threading.Lock()
        self._all = store.version
        self._of: dict[str, str] = {}

    def of(self, graph: str | None) -> str:
        if graph is None or graph in _OWN:  # derivation changes these too
            return self._store.version
        with self._lock:
            return self._of.get(graph, self._all)

    def change(self, written: list[frozenset[str] | None]) -> None:
        """Renew the tags of graphs that were written to; None stands for any graph."""
        version = self._store.version
        with self._lock:
            if None in written:
                self._all = version
                self._of.clear()
                return
            for graphs in written:
                self._of.update(dict.fromkeys(graphs or (), version))
