"""Deriving in a store without the bundled graphs, of which pages read the derived properties."""

from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from places import DATA

from comity.graph.engines.embedded.load import load
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
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


@contextmanager
def derived_tiny() -> Iterator[EmbeddedStore]:
    """The tiny graph with what follows from it."""
    with closing(open_embedded("memory", bundled=False)) as store:
        load_and_derive(store, DATA / "tiny.trig")
        yield store
