"""Input and findings of the checks."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import pyoxigraph as ox

from comity.graph.descriptions.sources.texts import FOLDER
from comity.graph.engines.bundle import Bundle
from comity.graph.errors import DataError
from comity.graph.rdf.files import read_quads
from comity.graph.rdf.namespaces import COMITY, GRAPH
from comity.graph.rdf.terms import shorten
from comity.graph.reasoning.materialisation import derive
from comity.graph.store.solutions import Term, select

if TYPE_CHECKING:
    import rdflib

Severity = Literal["error", "warning", "skipped"]


@dataclass(frozen=True, slots=True)
class Finding:
    """A defect, or a check that could not run here.

    `record` is the node concerned and `passage` the place of its words, both as prefixed names and
    empty if there is none; `rule` names the check's file or clause, `message` says what to do.
    """

    check: str
    rule: str
    message: str
    record: str = ""
    passage: str = ""
    severity: Severity = "error"


@dataclass
class Material:
    """Input of all checks, in memory: the quads of every file, in their named graphs.

    `sources` is the folder of sources with quotations, `texts` that of the attached texts.
    """

    files: list[tuple[Path, list[ox.Quad]]]
    texts: Path | None = None
    sources: Path = FOLDER
    store: ox.Store = field(default_factory=ox.Store)

    def __post_init__(self) -> None:
        for _, quads in self.files:
            self.store.extend(quads)

    def rows(self, text: str) -> list[dict[str, Term]]:
        """Return the solutions of a SELECT over all graphs, without unbound variables."""
        return select(self.store, text)

    def passage(self, node: Term) -> str:
        """Return the passage that carries a record as a prefixed name, empty if there is none."""
        if not isinstance(node, ox.NamedNode):
            return ""
        rows = self.rows(
            f"SELECT ?passage WHERE {{ {node} (<{COMITY}evidence>/<{COMITY}passage>)"
            f"|<{COMITY}passage> ?passage }} LIMIT 1"
        )
        return shorten(rows[0]["passage"]) if rows else ""

    @cached_property
    def derived(self) -> ox.Store:
        """Copy of the store with the derived graph, which queries read."""
        copy = ox.Store()
        copy.extend(self.store)
        derive(copy)
        return copy

    @cached_property
    def union(self) -> "rdflib.Graph":
        """Union of all graphs for rdflib, without the shapes and the alignments."""
        import rdflib

        graph = rdflib.Graph()
        apart = {ox.NamedNode(GRAPH + "shapes"), ox.NamedNode(GRAPH + "alignments")}
        triples = {q.triple for q in self.store if q.graph_name not in apart}
        graph.parse(data=ox.serialize(triples, format=ox.RdfFormat.N_TRIPLES), format="nt")
        return graph


def read_material(
    extra: Sequence[Path] = (), texts: Path | None = None
) -> tuple[Material, list[Finding]]:
    """Read the bundle and further files, and findings for files that can't be read."""
    files: list[tuple[Path, list[ox.Quad]]] = []
    broken: list[Finding] = []
    bundled = [(file.path, file.graph_name) for file in Bundle.installed().files()]
    for path, graph_name in bundled + [(path, _own_graph(path)) for path in extra]:
        try:
            files.append((path, list(read_quads(path, graph_name))))
        except DataError as error:
            broken.append(Finding("files", "parse", str(error)))
    return Material(files, texts), broken


def _own_graph(file: Path) -> ox.NamedNode:
    return ox.NamedNode(GRAPH + (re.sub("[^a-z0-9]+", "-", file.stem.lower()) or "file"))
