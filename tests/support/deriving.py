"""Deriving in a store without the bundled graphs, of which pages read the derived properties."""

from pathlib import Path

from comity.graph.engines.embedded.load import load
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.reasoning.materialisation import derive

# Without the ontology nothing tells that what is contemplated is a proposition.
_PROPOSITION = """PREFIX comity: <https://w3id.org/comity/ontology#>
INSERT { GRAPH ?graph { ?event a comity:Proposition } }
WHERE { GRAPH ?graph { ?event a comity:ContemplatedEvent } }"""


def load_and_derive(store: EmbeddedStore, *files: Path) -> None:
    """Load files, and derive what follows from all graphs."""
    load(store, files)
    with store.replacing() as engine:
        engine.update(_PROPOSITION)
        derive(engine)
