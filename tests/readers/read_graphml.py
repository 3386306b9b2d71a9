"""Readers of GraphML: networkx, igraph for Python and for R, graphology."""

import io
import re
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import igraph as python_igraph
import networkx as nx
import outside
from outside import Read

GRAPHML = "{http://graphml.graphdrawing.org/xmlns}"
# Of what may be an identifier (NMTOKEN in the specification's schema) the part in ASCII.
_TOKEN = re.compile(r"[A-Za-z0-9_.-]+")
YFILES = "{http://www.yworks.com/xml/graphml}"


def networkx(data: bytes) -> Read:
    graph = networkx_graph(data)
    return set(graph.nodes), list(graph.edges())


def networkx_graph(data: bytes) -> nx.MultiDiGraph:
    graph = nx.read_graphml(io.BytesIO(data), force_multigraph=True)
    assert isinstance(graph, nx.MultiDiGraph)
    return graph


def igraph(file: Path) -> Read:
    graph = igraph_graph(file)
    ids = graph.vs["id"] if graph.vcount() else []
    return set(ids), [(ids[edge.source], ids[edge.target]) for edge in graph.es]


def igraph_graph(file: Path) -> python_igraph.Graph:
    graph = python_igraph.Graph.Read_GraphML(str(file))
    assert graph.is_directed()
    return graph


def r_igraph(files: Sequence[Path]) -> list[Read]:
    """R warns of yFiles' graphics, so only of the plain flavour."""
    return [graph.read for graph in outside.r_igraph(files)]


def graphology(files: Sequence[Path]) -> list[Read]:
    return [graph.read for graph in outside.graphology("graphml", files)]


def structure(data: bytes) -> Read:
    """By the specification: keys come first, are used as declared, and nothing has two names."""
    root = ElementTree.fromstring(data)
    assert [child.tag.removeprefix(GRAPHML) for child in root] == [
        "desc",
        *["key"] * (len(root) - 2),
        "graph",
    ]
    keys = {key.attrib["id"]: key.attrib for key in root.iter(f"{GRAPHML}key")}
    assert len(keys) == len(root) - 2
    assert all(_TOKEN.fullmatch(id) for id in keys)
    names = {(key["for"], key.get("attr.name", key.get("yfiles.type"))) for key in keys.values()}
    assert len(names) == len(keys), "igraph refuses them"
    types = {key["attr.type"] for key in keys.values() if "attr.type" in key}
    assert types <= {"boolean", "int", "long", "float", "double", "string"}
    nodes, edges = set(), {}
    for element in root[-1].iter():
        of = element.tag.removeprefix(GRAPHML)
        if of in ("graph", "node", "edge"):
            said = [datum.attrib["key"] for datum in element.findall(f"{GRAPHML}data")]
            assert len(set(said)) == len(said)
            assert all(keys[key]["for"] == of for key in said)
        if of in ("node", "edge"):
            assert _TOKEN.fullmatch(element.attrib["id"])
        if of == "node":
            assert element.attrib["id"] not in nodes
            nodes.add(element.attrib["id"])
        elif of == "edge":
            assert element.attrib["id"] not in edges
            edges[element.attrib["id"]] = (element.attrib["source"], element.attrib["target"])
    assert not nodes & set(edges), "yEd wants them apart"
    assert {end for ends in edges.values() for end in ends} <= nodes
    return nodes, list(edges.values())
