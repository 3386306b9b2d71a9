"""A store's record of its bundled and derived graphs, kept in a graph of its own."""

from collections.abc import Iterator, Mapping, Sized
from importlib.metadata import version
from typing import Final

from pyoxigraph import Literal, NamedNode, Quad, Store

from comity.graph.installed import query_file
from comity.graph.rdf.namespaces import (
    DERIVED_GRAPH,
    ONTOLOGY_GRAPH,
    PREFIXES,
    RECORD_GRAPH,
)
from comity.graph.store.solutions import Library, Solve

_TYPE: Final = NamedNode(PREFIXES["rdf"] + "type")
_DATASET: Final = NamedNode(PREFIXES["void"] + "Dataset")
_VERSION: Final = NamedNode(PREFIXES["dcterms"] + "hasVersion")
_SUBSET: Final = NamedNode(PREFIXES["void"] + "subset")
_TRIPLES: Final = NamedNode(PREFIXES["void"] + "triples")
_HASH: Final = NamedNode(PREFIXES["dcterms"] + "identifier")


def forget_derived(engine: Store) -> None:
    """Mark the derived graph as stale: a write does so first, `renew` undoes it."""
    for quad in list(engine.quads_for_pattern(DERIVED_GRAPH, None, None, RECORD_GRAPH)):
        engine.remove(quad)


def is_lagging(store: Library) -> bool:
    """True if the store was written to since its derived graph was made."""
    recorded = store.engine.quads_for_pattern(DERIVED_GRAPH, _HASH, None, RECORD_GRAPH)
    return installed_hash(store) is not None and not any(True for _ in recorded)


def installed_hash(store: Library) -> str | None:
    """Return the release hash of the store's bundled graphs, None if it has none."""
    for quad in store.engine.quads_for_pattern(RECORD_GRAPH, _HASH, None, RECORD_GRAPH):
        if isinstance(quad.object, Literal):
            return quad.object.value
    return None


async def release_of(solve: Solve) -> str | None:
    """Query the hash of the bundled graphs in a store; None if there are none."""
    found = (await solve(query_file("home/release"))).rows
    return str(found[0]["hash"]["value"]) if found else None


def protected_graphs(store: Library) -> frozenset[str]:
    """Return the graphs that refuse writes: none in a store without the bundled graphs."""
    if installed_hash(store) is None:
        return frozenset()
    own = (RECORD_GRAPH, DERIVED_GRAPH, ONTOLOGY_GRAPH)
    return frozenset(name.value for name in (*own, *recorded_graphs(store)))


def recorded_graphs(store: Library) -> list[NamedNode]:
    """Return the store's bundled graphs, by its own record."""
    record = store.engine.quads_for_pattern(RECORD_GRAPH, _SUBSET, None, RECORD_GRAPH)
    return [quad.object for quad in record if isinstance(quad.object, NamedNode)]


def record_of(graphs: Mapping[NamedNode, Sized], release_hash: str) -> Iterator[Quad]:
    """Return the record of bundled graphs that are being installed."""
    yield Quad(RECORD_GRAPH, _TYPE, _DATASET, RECORD_GRAPH)
    yield Quad(RECORD_GRAPH, _VERSION, Literal(version("comity")), RECORD_GRAPH)
    yield Quad(RECORD_GRAPH, _HASH, Literal(release_hash), RECORD_GRAPH)
    for name, triples in graphs.items():
        yield Quad(RECORD_GRAPH, _SUBSET, name, RECORD_GRAPH)
        yield Quad(name, _TRIPLES, Literal(len(triples)), RECORD_GRAPH)


def derivation_record(triples: int, rules_hash: str) -> list[Quad]:
    """Return the record of a derivation, its size and the hash of its rules, for `is_lagging`."""
    return [
        Quad(DERIVED_GRAPH, _TRIPLES, Literal(triples), RECORD_GRAPH),
        Quad(DERIVED_GRAPH, _HASH, Literal(rules_hash), RECORD_GRAPH),
    ]
