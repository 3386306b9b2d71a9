"""What has no direction is drawn without an arrow, where a format can say so of one edge."""

import io
import json
import re
from collections.abc import Callable, Iterator
from typing import IO
from xml.etree import ElementTree

import pytest
import read_gexf
import read_graphml
import read_tables

from comity.graph.networks.elements import Header
from comity.graph.networks.formats import cytoscape, dot, gephi_tables, gexf, graphml, kumu
from comity.graph.networks.model import Network


def fill(network: Network) -> Network:
    one, two = (network.add_node("uri", f"https://w3id.org/comity/id/{n}") for n in ("one", "two"))
    network.add_edge(one, two, "1", type="meets")
    network.add_edge(two, one, "2", type="meets", directed=False)
    network.add_edge(two, one, "3", type="meets")
    return network


@pytest.fixture
def network() -> Iterator[Network]:
    with Network(Header("direction")) as network:
        yield fill(network)


def written(network: Network, write: Callable[[Network, IO[bytes]], None]) -> bytes:
    out = io.BytesIO()
    write(network, out)
    return out.getvalue()


def test_ends_without_direction_stand_in_one_order(network: Network) -> None:
    assert [(e.source, e.target, e.directed) for e in network.edges()] == [
        ("one", "two", True),
        ("one", "two", False),
        ("two", "one", True),
    ]


def test_dot(network: Network) -> None:
    lines = [line for line in written(network, dot.write).decode().splitlines() if " -> " in line]
    assert ['dir="none"' in line for line in lines] == [False, True, False]


def test_yed(network: Network) -> None:
    data = written(network, graphml.write_yed)
    read_graphml.structure(data)
    root = ElementTree.fromstring(data)
    arrows = [a.get("target") for a in root.iter("{http://www.yworks.com/xml/graphml}Arrows")]
    assert arrows == ["standard", "none", "standard"]


def test_kumu(network: Network) -> None:
    found = json.loads(written(network, kumu.write))["connections"]
    assert [each["direction"] for each in found] == ["directed", "undirected", "directed"]


def test_cx2(network: Network) -> None:
    looks = cytoscape.VISUAL_PROPERTIES["edgeMapping"]["EDGE_TARGET_ARROW_SHAPE"]["definition"]
    assert looks["attribute"] == "directed"
    arrows = {pair["v"]: pair["vp"] for pair in looks["map"]}
    assert arrows == {True: "triangle", False: "none"}
    aspects = json.loads(written(network, cytoscape.write_cx2))
    (edges,) = [aspect["edges"] for aspect in aspects if "edges" in aspect]
    assert [edge["v"]["directed"] for edge in edges] == [True, False, True]


def test_cyjs(network: Network) -> None:
    edges = json.loads(written(network, cytoscape.write_cyjs))["elements"]["edges"]
    assert [edge["data"]["directed"] for edge in edges] == [True, False, True]


def test_tables_for_gephi(network: Network) -> None:
    """It takes both directions of a pair for one, where an edge has none: so no kind comes twice."""
    files = read_tables.members(written(network, gephi_tables.write))
    found = read_tables.rows(files["edges.csv"])
    assert [row["Type"] for row in found] == ["Directed", "Undirected", "Directed"]
    assert len({row["Kind"] for row in found}) == 3
    assert 'graph type "Mixed"' in files["README.txt"].decode()


@pytest.mark.parametrize("write", [gexf.write, graphml.write])
def test_what_may_not_mix_says_so_in_an_attribute(
    network: Network, write: Callable[[Network, IO[bytes]], None]
) -> None:
    """networkx refuses a file that mixes, and Gephi drops edges of it."""
    data = written(network, write)
    read = read_gexf.networkx_graph if write is gexf.write else read_graphml.networkx_graph
    said = [d["directed"] for _, _, d in read(data).edges(data=True)]
    assert sorted(said) == [False, True, True]
    assert not re.search(rb'(?:type|directed)="(?:undirected|false)"', data)


def test_merged_with_one_that_has_a_direction_it_has_one() -> None:
    with Network(Header("direction", multi="merge")) as network:
        assert [edge.directed for edge in fill(network).edges()] == [True, True]
    with Network(Header("direction", multi="merge")) as network:
        one, two = (network.add_node("uri", f"urn:{n}") for n in ("one", "two"))
        for number, ends in enumerate([(one, two), (two, one)]):
            network.add_edge(*ends, str(number), type="meets", directed=False)
        (edge,) = network.edges()
        assert not edge.directed and edge.relations == 2
