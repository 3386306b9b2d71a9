"""Bundled graphs of a release: installed in a store and kept up to date there."""

import hashlib
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Protocol, Self

from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, Store, Triple

from comity.graph.errors import DataError
from comity.graph.rdf.files import read_quads
from comity.graph.rdf.namespaces import DERIVED_GRAPH, GRAPH, RECORD_GRAPH
from comity.graph.reasoning.materialisation import Derived, derive
from comity.graph.reasoning.rules import rule_files, rules_hash
from comity.graph.store.record import (
    derivation_record,
    forget_derived,
    installed_hash,
    record_of,
    recorded_graphs,
)

_OWN_GRAPH: Final = {"shapes.ttl": "shapes", "issues.ttl": "issues"}
# Increase when the same files give other graphs or other derived facts.
_LAYOUT: Final = b"2"


@dataclass(frozen=True, slots=True)
class BundleFile:
    """One file of the bundle; `graph_name` is None if the file names its graphs itself."""

    path: Path
    name: str
    graph_name: NamedNode | None


@dataclass(frozen=True, slots=True)
class Bundle:
    """Folders of the bundled files: the ontology's, and the graph's data."""

    ontology: Path
    graph: Path

    @classmethod
    def installed(cls) -> Self:
        """Find the folders beside this module, in a checkout and in the wheel."""
        graph = Path(__file__).resolve().parents[1]
        return cls(graph.with_name("ontology"), graph)

    def files(self) -> list[BundleFile]:
        """List the bundled files, sorted by name; a missing folder has none."""
        found = [self._ontology_file(p) for p in self.ontology.glob("**/*.ttl")]
        for pattern in ("sources/*/*.trig", "reference/*.trig"):
            found += [
                BundleFile(p, f"graph/{p.relative_to(self.graph).as_posix()}", None)
                for p in self.graph.glob(pattern)
            ]
        return sorted(found, key=lambda file: file.name)

    def _ontology_file(self, path: Path) -> BundleFile:
        name = path.relative_to(self.ontology).as_posix()
        graph = "alignments" if name.startswith("alignments/") else _OWN_GRAPH.get(name, "ontology")
        return BundleFile(path, f"ontology/{name}", NamedNode(GRAPH + graph))

    def release_hash(self) -> str:
        """Hash the names and bytes of files and rules (SHA-256, hexadecimal)."""
        digest = hashlib.sha256(_LAYOUT + self.rules_hash().encode())
        for file in self.files():
            data = file.path.read_bytes()
            digest.update(f"\0{file.name}\0{len(data)}\0".encode())
            digest.update(data)
        return digest.hexdigest()

    def rules_hash(self) -> str:
        """Hash the names and bytes of the shortcut rules (SHA-256, hexadecimal)."""
        return rules_hash(rule_files(self.ontology))

    def graphs(self) -> dict[NamedNode, set[Triple]]:
        """Read every bundled graph.

        Raises DataError for a file that is not RDF, has a blank node, or has a triple outside of
        graphs.
        """
        graphs: dict[NamedNode, set[Triple]] = {}
        for file in self.files():
            for quad in read_quads(file.path, file.graph_name):
                graphs.setdefault(_checked(quad, file), set()).add(quad.triple)
        return graphs


class Replaceable(Protocol):
    """A store whose data can be replaced as a whole, in one transaction."""

    @property
    def engine(self) -> Store: ...

    def replacing(self) -> AbstractContextManager[Store]: ...


def install(store: Replaceable, bundle: Bundle | None = None) -> bool:
    """Install this release's bundled graphs unless the store has them; True if it did.

    Atomic: graphs of an older release are removed, including those no longer in this one; a user's
    own graphs stay. The derived graph is rebuilt. Raises DataError, StoreError.
    """
    bundle = bundle or Bundle.installed()
    release_hash = bundle.release_hash()
    if installed_hash(store) == release_hash:
        return False
    graphs = bundle.graphs()
    old = recorded_graphs(store)
    with store.replacing() as engine:
        for name in sorted({RECORD_GRAPH, *old, *graphs}, key=str):
            engine.remove_graph(name)
        engine.bulk_extend(quads_of(graphs))
        engine.extend(record_of(graphs, release_hash))
        renew(engine, bundle)
    return True


def renew(
    engine: Store, bundle: Bundle | None = None, progress: Callable[[str], None] | None = None
) -> Derived:
    """Rebuild the derived graph of a database that has the bundled graphs, and record it.

    Raises DataError for a faulty rule.
    """
    bundle = bundle or Bundle.installed()
    forget_derived(engine)
    derived = derive(engine, bundle.ontology / "rules", progress)
    engine.extend(derivation_record(derived.triples, bundle.rules_hash()))
    return derived


def _checked(quad: Quad, file: BundleFile) -> NamedNode:
    if isinstance(quad.graph_name, DefaultGraph):
        raise DataError(f"{file.path}: {quad.triple} is outside of every GRAPH")
    if not isinstance(quad.graph_name, NamedNode) or _has_blank(quad.triple):
        raise DataError(
            f"{file.path}: {quad.triple} has a blank node",
            hint="Blank nodes are not allowed in bundled graphs: give the thing an IRI.",
        )
    if quad.graph_name in (RECORD_GRAPH, DERIVED_GRAPH):
        raise DataError(f"{file.path}: {quad.graph_name} is reserved for Comity")
    return quad.graph_name


def _has_blank(triple: Triple) -> bool:
    return any(
        isinstance(term, BlankNode) or (isinstance(term, Triple) and _has_blank(term))
        for term in (triple.subject, triple.object)
    )


def quads_of(graphs: dict[NamedNode, set[Triple]]) -> Iterator[Quad]:
    """Yield graphs as one stream of quads."""
    for name, triples in graphs.items():
        for triple in triples:
            yield Quad(triple.subject, triple.predicate, triple.object, name)
