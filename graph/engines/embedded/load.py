"""Atomic loading of RDF files into a store."""

import os
import re
import time
import unicodedata
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import IO

import pyoxigraph
from pyoxigraph import BlankNode, DefaultGraph, NamedNode, Quad, RdfFormat

from comity.graph.engines.bundle import renew
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.oxigraph import graph_name
from comity.graph.errors import DataError, NotAllowed
from comity.graph.rdf.files import read_quads
from comity.graph.rdf.formats import SUFFIXES, is_rdf_name
from comity.graph.rdf.namespaces import GRAPH, PREFIXES
from comity.graph.rdf.streams import address_path, is_address
from comity.graph.store.record import protected_graphs

_EVERY = 10_000  # quads between two reports of progress


@dataclass(frozen=True, slots=True)
class LoadProgress:
    """Progress of a load: index and number of sources, bytes read and in total (None if unknown).

    `deriving` describes what is being derived, once all sources are read.
    """

    source: str
    index: int
    sources: int
    bytes_read: int
    bytes_total: int | None
    quads: int
    deriving: str = ""


@dataclass(frozen=True, slots=True)
class LoadReport:
    """Result of a load; `graphs` maps each graph's IRI to the quads read for it.

    `derived` is the size of the derived graph, None in a store without the bundled graphs. Quads
    are counted as read: duplicates, and quads already in the store, are included.
    """

    sources: tuple[str, ...]
    quads: int
    graphs: dict[str, int]
    seconds: float
    derived: int | None = None

    def __str__(self) -> str:
        into = "".join(f"\n  {count:,} into <{name}>" for name, count in self.graphs.items())
        files = "1 file" if len(self.sources) == 1 else f"{len(self.sources):,} files"
        derived = "" if self.derived is None else f"\n  {self.derived:,} derived from all graphs"
        return f"loaded {self.quads:,} quads of {files} in {self.seconds:.1f} s{into}{derived}"


@dataclass
class _Tally:
    """Counts of what has been read."""

    sources: int
    progress: Callable[[LoadProgress], None] | None
    graphs: dict[str, int] = field(default_factory=dict)
    quads: int = 0
    now: tuple[str, int, int, int | None] = ("", 0, 0, None)

    def at(self, source: str, index: int, read: int, total: int | None) -> None:
        self.now = (source, index, read, total)
        self.tell()

    def add(self, graph_name: str) -> None:
        self.graphs[graph_name] = self.graphs.get(graph_name, 0) + 1
        self.quads += 1
        if self.quads % _EVERY == 0:
            self.tell()

    def tell(self, deriving: str = "") -> None:
        if self.progress is not None:
            source, index, read, total = self.now
            at = LoadProgress(source, index, self.sources, read, total, self.quads, deriving)
            self.progress(at)


def load(
    store: EmbeddedStore,
    sources: Sequence[str | Path],
    *,
    graph: str | None = None,
    replace: bool = False,
    progress: Callable[[LoadProgress], None] | None = None,
) -> LoadReport:
    """Load files, folders (all RDF files below them) and http(s) addresses, all or nothing.

    Triples in a named graph of their file stay in it. The others go to `graph` (an IRI); without
    it, to a graph named after their file: `https://w3id.org/comity/graph/<stem>`, the stem in
    lower-case ASCII with hyphens, so two files of one stem share a graph. `replace` first empties
    every graph that the sources write to. In a store with the bundled graphs the derived graph is
    rebuilt. Ctrl-C, an error, or the death of the process at any moment leaves the store as it was;
    running queries keep the data that they started with.

    Raises DataError for unreadable input, NotAllowed for a protected graph, StoreError.
    """
    start = time.monotonic()
    protected = protected_graphs(store)
    reading = read_sources(sources, graph, protected, progress)
    with store.replacing() as engine:
        engine.bulk_extend(_emptying(engine, reading.quads) if replace else reading.quads)
        derived = renew(engine, progress=reading.tell).triples if protected else None
    return reading.report(time.monotonic() - start, derived)


class SourceReader:
    """Sources that are read while `quads` is consumed, and the report of the load."""

    def __init__(self, files: list[str], tally: _Tally, quads: Iterator[Quad]) -> None:
        self._files, self._tally, self.quads = files, tally, quads

    def tell(self, deriving: str) -> None:
        """Report what is being derived."""
        self._tally.tell(deriving)

    def report(self, seconds: float, derived: int | None = None) -> LoadReport:
        """Return the report, after all quads are taken."""
        tally = self._tally
        return LoadReport(tuple(self._files), tally.quads, tally.graphs, seconds, derived)


def read_sources(
    sources: Sequence[str | Path],
    graph: str | None = None,
    protected: frozenset[str] = frozenset(),
    progress: Callable[[LoadProgress], None] | None = None,
) -> SourceReader:
    """Read files, folders and addresses one after the other, as `load` does."""
    files = list(_expand(sources))
    tally = _Tally(len(files), progress)
    return SourceReader(files, tally, _all_quads(files, graph, protected, tally))


def collect(
    sources: Sequence[str | Path],
    out: IO[bytes],
    *,
    graph: str | None = None,
    progress: Callable[[LoadProgress], None] | None = None,
) -> LoadReport:
    """Write as TriG what `load` would load from the same sources, for another store."""
    start = time.monotonic()
    reading = read_sources(sources, graph, progress=progress)
    pyoxigraph.serialize(reading.quads, out, RdfFormat.TRIG, prefixes=PREFIXES)
    return reading.report(time.monotonic() - start)


def _emptying(engine: pyoxigraph.Store, quads: Iterator[Quad]) -> Iterator[Quad]:
    """Empty each graph just before its first quad, since its name comes with the data."""
    emptied: set[NamedNode | BlankNode | DefaultGraph] = set()
    for quad in quads:
        if quad.graph_name not in emptied:
            emptied.add(quad.graph_name)
            engine.clear_graph(quad.graph_name)
        yield quad


def _expand(sources: Sequence[str | Path]) -> Iterator[str]:
    for source in sources:
        if not str(source):
            raise DataError("the file name is empty", hint="Write a dot for the current folder.")
        if is_address(source) or not Path(source).is_dir():
            yield str(source)
            continue
        found = sorted(p for p in _below(Path(source)) if p.is_file() and is_rdf_name(p))
        if not found:
            raise DataError(
                f"{source}: no RDF file in this folder",
                hint=f"RDF file names end in {', '.join(SUFFIXES)}, optionally followed by .gz.",
            )
        yield from map(str, found)


def _below(folder: Path) -> Iterator[Path]:
    """Yield the files below a folder; a folder that can't be listed is an error."""

    def refuse(error: OSError) -> None:
        raise DataError(f"{error.filename}: {error.strerror or error}") from error

    for parent, _, names in os.walk(folder, onerror=refuse):
        yield from (Path(parent, name) for name in names)


def _all_quads(
    files: list[str], graph: str | None, protected: frozenset[str], tally: _Tally
) -> Iterator[Quad]:
    for index, source in enumerate(files):
        name = graph_name(graph) if graph is not None else graph_name_for(source)

        def moved(read: int, total: int | None, source: str = source, index: int = index) -> None:
            tally.at(source, index, read, total)

        last: object = None
        graph_iri = ""
        for quad in read_quads(source, name, progress=moved):
            if quad.graph_name != last:
                last = quad.graph_name
                graph_iri = _iri(quad.graph_name)
                if graph_iri in protected:
                    raise NotAllowed(
                        f"{source}: the graph <{graph_iri}> belongs to Comity and is protected",
                        hint="Load it into a graph of your own, with --graph IRI.",
                    )
            tally.add(graph_iri)
            yield quad


def graph_name_for(source: str) -> NamedNode:
    """Choose the graph name for the triples of a source without graphs."""
    path = address_path(source) if is_address(source) else Path(source).absolute().name
    stem = PurePosixPath(path).name
    while is_rdf_name(Path(stem)) or stem.endswith(".gz"):
        stem = PurePosixPath(stem).stem
    plain = unicodedata.normalize("NFKD", stem).encode("ascii", "ignore").decode().lower()
    slug = re.sub(r"[^a-z0-9]+", "-", plain).strip("-")
    return NamedNode(GRAPH + (slug or "loaded"))


def _iri(graph_name: NamedNode | BlankNode | DefaultGraph) -> str:
    return graph_name.value if isinstance(graph_name, NamedNode) else str(graph_name)
