"""Registry of network formats by suffix: their writers and the programs that open them."""

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import IO, Final

from comity.graph.errors import QueryError
from comity.graph.networks.formats import (
    cytoscape,
    dot,
    gephi_tables,
    gexf,
    graphml,
    graphviz,
    kumu,
    neo4j,
    rdf,
    vosviewer,
)
from comity.graph.networks.model import Network

Write = Callable[[Network, IO[bytes]], None]


@dataclass(frozen=True, slots=True)
class NetworkFormat:
    """A format: `opens_in` names programs, `flavours` are writers for some of them.

    `laid_out` is True if it carries positions of nodes; `shown` if a browser shows it. Its readers
    reject a network of less than `fewest` nodes; a picture of more than `most` nodes and edges is
    unreadable.
    """

    suffix: str
    media_type: str
    opens_in: str
    write: Write
    flavours: Mapping[str, Write] = field(default_factory=dict)
    laid_out: bool = False
    shown: bool = False
    fewest: int = 0
    most: tuple[float, float] = (math.inf, math.inf)

    @property
    def drawn(self) -> bool:
        """True if Graphviz makes it."""
        return self.most != (math.inf, math.inf)

    def takes(self, nodes: int, edges: int) -> bool:
        """True if a network of this size can be written and opens in the intended programs."""
        return nodes >= self.fewest and nodes <= self.most[0] and edges <= self.most[1]

    def check(self, network: Network) -> None:
        """Raise QueryError if a network has too few nodes for the readers of the format."""
        if (count := network.node_count) < self.fewest:
            raise QueryError(
                f"{self.opens_in.split(',')[0]} needs at least {self.fewest} nodes,"
                f" but this network has {count}",
                hint="Use fewer restrictions, or another format, such as .gexf",
            )


_DRAWN: Final = (graphviz.MAX_NODES, graphviz.MAX_EDGES)

# In order of preference for a client that accepts anything.
FORMATS: Final[Mapping[str, NetworkFormat]] = {
    format.suffix: format
    for format in (
        NetworkFormat(
            "gexf",
            "application/gexf+xml",
            "Gephi, Gephi Lite, networkx, sigma.js",
            gexf.write,
            laid_out=True,
        ),
        NetworkFormat(
            "graphml",
            "application/graphml+xml",
            "Cytoscape, igraph in R and Python, Gephi; with flavor=yed yEd",
            graphml.write,
            {"plain": graphml.write, "yed": graphml.write_yed},
            laid_out=True,
        ),
        NetworkFormat(
            "cyjs",
            "application/json",
            "Cytoscape, Cytoscape.js",
            cytoscape.write_cyjs,
            laid_out=True,
        ),
        NetworkFormat(
            "cx2",
            "application/json",
            "Cytoscape, Cytoscape Web, NDEx",
            cytoscape.write_cx2,
            laid_out=True,
        ),
        NetworkFormat("dot", "text/vnd.graphviz", "Graphviz", dot.write),
        NetworkFormat(
            "svg",
            "image/svg+xml",
            "a browser, Inkscape",
            graphviz.write_svg,
            shown=True,
            most=_DRAWN,
        ),
        NetworkFormat(
            "png",
            "image/png",
            "any image viewer",
            graphviz.write_png,
            shown=True,
            most=_DRAWN,
        ),
        NetworkFormat(
            "gephi.zip",
            "application/zip",
            "Gephi's spreadsheet import, pandas, R",
            gephi_tables.write,
        ),
        NetworkFormat("neo4j.zip", "application/zip", "Neo4j", neo4j.write),
        NetworkFormat("kumu.json", "application/json", "Kumu", kumu.write),
        NetworkFormat(
            "vos.json",
            "application/json",
            "VOSviewer, VOSviewer Online",
            vosviewer.write,
            fewest=vosviewer.FEWEST,
        ),
        NetworkFormat("ttl", "text/turtle", "everything RDF", rdf.write_turtle, shown=True),
        NetworkFormat(
            "jsonld", "application/ld+json", "any RDF or JSON tool", rdf.write_jsonld, shown=True
        ),
    )
}
# WebVOWL draws only ontologies; see `comity.graph.networks.formats.vowl`.
VOWL: Final = "vowl.json"


def fitting(nodes: int, edges: int) -> list[NetworkFormat]:
    """Return the formats available here for a network of this size."""
    return [
        each
        for each in FORMATS.values()
        if each.takes(nodes, edges) and (not each.drawn or graphviz.is_installed())
    ]
