"""Every view and every canned query, in every format, through the readers of that format."""

import asyncio
import io
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Final

import pytest
import read_cytoscape
import read_dot
import read_gexf
import read_graphml
import read_kumu
import read_rdf
import read_tables
import read_vosviewer
from needs import need_program
from outside import Read, held, ordered

from comity.graph.catalogue.binding import BoundQuery
from comity.graph.catalogue.names import Names
from comity.graph.catalogue.queries import CannedQuery, load_catalogue, load_views
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.errors import NotAcceptable
from comity.graph.networks.elements import Header
from comity.graph.networks.export import Options, canned_network
from comity.graph.networks.formats.registry import FORMATS
from comity.graph.networks.model import Network
from comity.graph.store.solutions import solve

# What reads the bytes of one file, and what reads many files at once (each a process of its own).
ONE: Final[dict[str, Sequence[Callable[[bytes], Read]]]] = {
    "gexf": (read_gexf.networkx, read_gexf.schema, read_gexf.gephi),
    "graphml": (read_graphml.networkx, read_graphml.structure),
    "graphml yed": (read_graphml.networkx, read_graphml.structure),
    "cyjs": (read_cytoscape.networkx,),
    "cx2": (read_cytoscape.ndex, read_cytoscape.cx2),
    "dot": (read_dot.graphviz, read_dot.pydot),
    "svg": (read_dot.svg,),
    "png": (),
    "gephi.zip": (read_tables.pandas_gephi, read_tables.gephi),
    "neo4j.zip": (read_tables.pandas_neo4j, read_tables.neo4j, read_tables.cypher),
    "kumu.json": (read_kumu.blueprint,),
    "vos.json": (read_vosviewer.schema,),
    "ttl": (
        lambda data: read_rdf.read(read_rdf.turtle(data)),
        lambda data: read_rdf.read(read_rdf.rdflib_turtle(data)),
    ),
    "jsonld": (
        lambda data: read_rdf.read(read_rdf.jsonld(data)),
        lambda data: read_rdf.read(read_rdf.pyld_jsonld(data)),
    ),
}
MANY: Final[dict[str, Sequence[Callable[[Sequence[Path]], list[Read]]]]] = {
    "gexf": (read_gexf.graphology,),
    "graphml": (
        read_graphml.graphology,
        read_graphml.r_igraph,
        lambda files: [read_graphml.igraph(file) for file in files],
    ),
    "graphml yed": (read_graphml.graphology,),
    "cyjs": (read_cytoscape.cytoscape_js,),
}
# What takes a minute for all: in `make test` these read the views alone.
SLOW: Final = (read_dot.pydot, read_graphml.r_igraph)


def test_every_format_has_readers() -> None:
    assert {name.split()[0] for name in ONE} == set(FORMATS)


@pytest.fixture(scope="module")
def networks(article: EmbeddedStore) -> Iterator[dict[str, Network]]:
    """The networks of all views and canned queries by name; views merged as well."""
    solver = partial(solve, article)
    names = Names(solver, lambda: article.version)
    found: dict[str, Network] = {}

    def add(name: str, query: CannedQuery, options: Options) -> None:
        header = Header(query.summary, query=query.text)
        work = canned_network(article, BoundQuery(query), header, options, names, solver, None)
        try:
            found[name] = asyncio.run(work)
        except NotAcceptable as error:
            assert "not a network" in str(
                error
            )  # a yes or no, or a table of mere numbers and texts

    for view in load_views().queries.values():
        add(f"{view.name}", view, Options())
        add(f"{view.name} merged", view, Options(multi="merge"))
    for query in load_catalogue().queries.values():
        add(f"queries/{query.name}", query, Options())
    yield found
    for network in found.values():
        network.close()


def written(network: Network, format: str) -> bytes:
    suffix, _, flavour = format.partition(" ")
    out, chosen = io.BytesIO(), FORMATS[suffix]
    (chosen.flavours[flavour] if flavour else chosen.write)(network, out)
    return out.getvalue()


def expected(network: Network, format: str) -> Read:
    nodes, edges = held(network)
    if format != "vos.json":
        return nodes, edges
    # Links without direction, one a pair, of what is told as fact.
    factual = {
        frozenset((edge.source, edge.target))
        for edge in network.edges()
        if not edge.contemplated and edge.source != edge.target
    }
    return nodes, sorted(tuple(sorted(pair)) for pair in factual)  # type: ignore[misc]


def comparable(read: Read, format: str) -> Read:
    nodes, edges = ordered(read)
    if format == "vos.json":
        edges = sorted((min(pair), max(pair)) for pair in edges)
    return nodes, edges


def test_views_are_there(networks: dict[str, Network]) -> None:
    assert sum(name.startswith("queries/") for name in networks) > 50
    for name in ("actors", "positions", "participation", "meetings", "proposals", "sources"):
        assert networks[name].edge_count > 10
        assert 0 < networks[f"{name} merged"].edge_count <= networks[name].edge_count
    assert networks["everything"].edge_count > 300


@pytest.mark.parametrize(
    ("format", "everything"),
    [
        *((format, False) for format in ONE),
        *(pytest.param(format, True, marks=pytest.mark.slow) for format in ("dot", "graphml")),
    ],
)
def test_every_network_in(
    format: str, everything: bool, networks: dict[str, Network], tmp_path: Path
) -> None:
    def passes(reader: object, name: str) -> bool:
        return reader in SLOW and not everything and name.startswith("queries/")

    if format in ("dot", "svg", "png"):
        need_program("dot")
    files: dict[str, Path] = {}
    for number, (name, network) in enumerate(networks.items()):
        if format in ("svg", "png") and name.endswith(" merged"):
            continue  # a picture takes a second
        data = written(network, format)
        if format == "png":
            assert min(read_dot.png(data)) > 0
        for reader in ONE[format]:
            if passes(reader, name) or (reader is read_dot.pydot and network.edge_count > 100):
                continue
            found = comparable(reader(data), format)
            assert found == expected(network, format), (name, reader)
        files[name] = tmp_path / f"{number}.{format.split()[0]}"
        files[name].write_bytes(data)
    for many in MANY.get(format, ()):
        read = {name: file for name, file in files.items() if not passes(many, name)}
        for name, found in zip(read, many(list(read.values())), strict=True):
            assert ordered(found) == held(networks[name]), (name, many)
