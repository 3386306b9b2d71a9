"""cyjs and CX2 in their readers: cytoscape.js, networkx, ndex2, the specification of CX2."""

import copy
import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import IO, Any

import pytest
import read_cytoscape
import sample as networks
from hypothesis import given, settings
from outside import Read, held, ordered
from texts import EDGES, NASTY, NODES, fill

from comity.graph.networks.elements import (
    Edge,
    Header,
    Node,
    edge_values,
    node_values,
)
from comity.graph.networks.formats.cytoscape import write_cx2, write_cyjs
from comity.graph.networks.model import Network

Write = Callable[[Network, IO[bytes]], None]


def written(network: Network, write: Write = write_cyjs) -> bytes:
    out = io.BytesIO()
    write(network, out)
    return out.getvalue()


def document(network: Network, write: Write = write_cyjs) -> Any:
    return json.loads(written(network, write))


def aspect(cx2: list[dict[str, Any]], name: str) -> list[dict[str, Any]]:
    (found,) = (block[name] for block in cx2 if name in block)
    assert isinstance(found, list)
    return found


@pytest.fixture(params=["sample", "merged"])
def network(request: pytest.FixtureRequest) -> Network:
    found: Network = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize(
    ("write", "read"),
    [
        (write_cyjs, read_cytoscape.networkx),
        (write_cx2, read_cytoscape.ndex),
        (write_cx2, read_cytoscape.cx2),
    ],
)
def test_every_node_and_edge_is_read(
    network: Network, write: Write, read: Callable[[bytes], Read]
) -> None:
    assert ordered(read(written(network, write))) == held(network)


def test_cytoscape_js_reads_every_node_and_edge(
    sample: Network, merged: Network, tmp_path: Path
) -> None:
    files = []
    for network in (sample, merged):
        files.append(tmp_path / f"{network.header.multi}.cyjs")
        files[-1].write_bytes(written(network))
    found = [ordered(read) for read in read_cytoscape.cytoscape_js(files)]
    assert found == [held(sample), held(merged)]


def test_what_cytoscape_js_reads(sample: Network, tmp_path: Path) -> None:
    file = tmp_path / "sample.cyjs"
    file.write_bytes(written(sample))
    (graph,) = read_cytoscape.cytoscape_js_graphs([file])
    assert [n for n, said in graph.nodes.items() if said["name"] == "Namibia"] == ["namibia"]
    assert graph.nodes["namibia"]["iso2"] == "NA" and graph.nodes["namibia"]["group"] == "state"
    assert graph.nodes["cote-d-ivoire"]["label"] == "Côte d'Ivoire"
    assert graph.nodes["russia"]["label"] == networks.QUOTES
    assert graph.nodes["iran"]["note"] == networks.PERSIAN
    assert "iri" not in graph.nodes["text_56b9385605a7"]
    pair = [edge for edge in graph.edges if set(edge[1:3]) == {"namibia", "cote-d-ivoire"}]
    assert len({id for id, *_ in pair}) == 3
    assert [said["interaction"] for *_, said in pair] == ["recognises", "meets", "meets"]
    assert [said["contemplated"] for *_, said in pair] == [False, False, True]
    assert [said["name"] for *_, said in pair] == ["recognises", "meets", "meets (planned)"]
    assert pair[0][3]["start"] == pair[0][3]["valid_from"] == "1990-03-21"
    assert "end" not in pair[0][3]
    assert graph.said["name"] == networks.HEADER.title
    assert graph.said["licence"] == networks.HEADER.licence
    assert graph.said["query"] == networks.HEADER.query


def test_networkx_keeps_parallel_edges(sample: Network) -> None:
    graph = read_cytoscape.networkx_graph(written(sample))
    pair = graph.get_edge_data("namibia", "cote-d-ivoire")
    assert [said["weight"] for said in pair.values()] == [1.0, 1.0, 2.5]
    assert set(pair) == {said["id"] for said in pair.values()}
    assert graph.graph["release"] == "abc123"


def test_what_grows_upwards_here_grows_downwards_there(sample: Network, tmp_path: Path) -> None:
    """The second node lies below the first in the network: further down on the screen, so more."""
    sample.place([("namibia", 10.0, 200.0), ("cote-d-ivoire", 10.0, -50.0), ("iran", 3.0, 0.0)])
    file = tmp_path / "placed.cyjs"
    file.write_bytes(written(sample))
    (graph,) = read_cytoscape.cytoscape_js_graphs([file])
    found = {id: (said["x"], said["y"]) for id, said in graph.nodes.items()}
    assert found["namibia"] == (10, -200) and found["cote-d-ivoire"] == (10, 50)
    by_slug = {n["v"]["slug"]: n for n in aspect(document(sample, write_cx2), "nodes")}
    assert {id: (by_slug[id]["x"], by_slug[id]["y"]) for id in found} == found
    assert b"-0.0" not in written(sample) + written(sample, write_cx2)


@pytest.mark.parametrize("write", [write_cyjs, write_cx2])
def test_it_is_utf_8(sample: Network, write: Write) -> None:
    assert f'"{networks.PERSIAN}"'.encode() in written(sample, write)


def test_a_merged_network_says_so(merged: Network) -> None:
    said = document(merged)["data"]
    assert said["multi"] == "merge" and "One edge stands for all" in said["description"]
    (said,) = aspect(document(merged, write_cx2), "networkAttributes")
    assert said["multi"] == "merge" and "One edge stands for all" in said["description"]


def test_a_file_says_nothing_that_is_not_known() -> None:
    with Network(Header("A title")) as network:
        assert document(network)["data"] == {
            "name": "A title",
            "creator": "Comity",
            "multi": "keep",
        }
        data = written(network, write_cx2)
    assert read_cytoscape.cx2(data) == read_cytoscape.ndex(data) == (set(), [])


def test_what_ndex_reads(sample: Network) -> None:
    network = read_cytoscape.ndex_network(written(sample, write_cx2))
    said = network.get_network_attributes()
    assert said["name"] == networks.HEADER.title and said["version"] == "7"
    assert said["licence"] == networks.HEADER.licence and said["query"] == networks.HEADER.query
    nodes = {node["v"]["slug"]: node for node in network.get_nodes().values()}
    assert nodes["namibia"]["v"]["name"] == "Namibia"
    assert nodes["russia"]["v"]["name"] == networks.QUOTES
    assert network.get_declared_type("nodes", "population") == "double"
    assert network.get_declared_type("edges", "start_year") == "long"
    edges = [edge["v"] for edge in network.get_edges().values()]
    assert [edge["contemplated"] for edge in edges if edge["interaction"] == "meets"] == [
        False,
        True,
    ]
    assert network.get_status() == {"success": True, "error": ""}


def test_what_is_contemplated_is_dashed_and_stances_have_colours(sample: Network) -> None:
    (looks,) = aspect(document(sample, write_cx2), "visualProperties")
    line = looks["edgeMapping"]["EDGE_LINE_STYLE"]["definition"]
    assert (line["attribute"], line["type"]) == ("contemplated", "boolean")
    assert {"v": True, "vp": "dashed"} in line["map"]
    assert looks["default"]["edge"]["EDGE_LINE_STYLE"] == "solid"
    colour = looks["edgeMapping"]["EDGE_LINE_COLOR"]["definition"]
    assert colour["attribute"] == "stance" and {"v": "opposed", "vp": "#CC3311"} in colour["map"]
    fill = looks["nodeMapping"]["NODE_BACKGROUND_COLOR"]["definition"]
    assert fill["attribute"] == "group" and {"v": "state", "vp": "#77AADD"} in fill["map"]
    groups = {node["v"]["group"] for node in aspect(document(sample, write_cx2), "nodes")}
    assert groups <= {pair["v"] for pair in fill["map"]}


# What programs take for their own, or for one column with another.
TAKEN = {name: f"as {name}" for name in ("parent", "SUID", "Label", "value", "key", "shared name")}


def test_a_querys_own_attributes_stand_in_nobodys_way(tmp_path: Path) -> None:
    """With a column called parent, cytoscape.js would draw one node within another."""
    with Network(networks.HEADER) as network:
        one = network.add_node("uri", "https://example.org/1", extra=TAKEN)
        two = network.add_node("uri", "https://example.org/2", extra={"parent": "one", "": "no"})
        network.add_edge(one, two, "key", type="meets", extra=TAKEN | {"source": "s"})
        file = tmp_path / "taken.cyjs"
        file.write_bytes(written(network))
        read_cytoscape.cx2(written(network, write_cx2))
        ends = held(network)
    (graph,) = read_cytoscape.cytoscape_js_graphs([file])
    assert ordered(graph.read) == ends
    first, second = graph.nodes.values()
    assert set(TAKEN.values()) <= set(first.values()) and "parent" not in first
    assert not [name for name in TAKEN if first.get(name) == f"as {name}"]
    assert second["parent_"] == "one" and second["_"] == "no"
    ((_, _, _, said),) = graph.edges
    assert set(TAKEN.values()) <= set(said.values()) and said["source_"] == "s"


def test_numbers_that_are_none_in_json_are_left_out() -> None:
    with Network(networks.HEADER) as network:
        extra = {"far": float("inf"), "long": 2**63, "short": -(2**63)}
        one = network.add_node("uri", "https://example.org/1", extra=extra)
        network.add_edge(one, one, "key", type="meets", weight=float("inf"), extra=extra)
        read_cytoscape.networkx(written(network))
        (node,) = document(network)["elements"]["nodes"]
        assert "far" not in node["data"] and node["data"]["long"] == 2**63
        cx2 = written(network, write_cx2)
        read_cytoscape.cx2(cx2)
        (said,) = (node["v"] for node in aspect(json.loads(cx2), "nodes"))
        assert "long" not in said and said["short"] == -(2**63)
        (edge,) = aspect(json.loads(cx2), "edges")
        assert not {"weight", "far", "long"} & set(edge["v"])


def wanted(item: Node | Edge) -> set[str]:
    """What a reader must have of a node or an edge, as texts that tell types apart."""
    values = node_values(item) if isinstance(item, Node) else edge_values(item)
    return {repr(value) for value in values.values()}


@settings(deadline=None)
@given(NODES, EDGES)
def test_readers_read_what_was_written(nodes: Any, edges: Any) -> None:
    with Network(networks.HEADER) as network:
        fill(network, nodes, edges)
        graph = read_cytoscape.networkx_graph(written(network))
        cx2 = written(network, write_cx2)
        assert ordered(read_cytoscape.cx2(cx2)) == held(network)
        ndex = read_cytoscape.ndex_network(cx2)
        by_slug = {each["v"]["slug"]: each["v"] for each in ndex.get_nodes().values()}
        for node in network.nodes():
            for said in (graph.nodes[node.id], by_slug[node.id]):
                assert said["name"] == said.get("label", "") == node.label
                assert wanted(node) <= {repr(value) for value in said.values()}
        by_slug = {each["v"]["slug"]: each["v"] for each in ndex.get_edges().values()}
        found = {said["id"]: said for _, _, said in graph.edges(data=True)}
        for edge in network.edges():
            for said in (found[edge.id], by_slug[edge.id]):
                assert (said["name"], said["interaction"]) == (edge.label, edge.type)
                assert wanted(edge) <= {repr(value) for value in said.values()}


def test_cytoscape_js_reads_every_character(tmp_path: Path) -> None:
    header = replace(networks.HEADER, query="".join(NASTY))
    with Network(header) as network:
        for character in NASTY:
            text = f" {character}<{character} "
            network.add_node("literal", text, extra={"more": text})
        file = tmp_path / "characters.cyjs"
        file.write_bytes(written(network))
        expected = [node.label for node in network.nodes()]
    (graph,) = read_cytoscape.cytoscape_js_graphs([file])
    assert [said["label"] for said in graph.nodes.values()] == expected
    assert [said["more"] for said in graph.nodes.values()] == expected
    assert graph.said["query"] == header.query


@pytest.mark.parametrize("write", [write_cyjs, write_cx2])
def test_it_is_written_in_pieces_and_always_the_same(write: Write) -> None:
    class Counting(io.BytesIO):
        largest = 0

        def write(self, data: Any) -> int:
            self.largest = max(self.largest, len(data))
            return super().write(data)

    outs = [Counting(), Counting()]
    for out in outs:
        with Network(networks.HEADER) as network:
            one = network.add_node("literal", "one")
            for number in range(2000):
                network.add_edge(one, one, str(number), type="meets", evidence="words " * 20)
            write(network, out)
            assert out.getvalue() == written(network, write)
    assert outs[0].getvalue() == outs[1].getvalue()
    assert len(outs[0].getvalue()) > 500_000
    assert outs[0].largest < 10_000


# The check by the specification of CX2 sees what it is for. ndex2 takes all but the last.
def _broken(cx2: list[dict[str, Any]], fault: str) -> list[dict[str, Any]]:
    cx2 = copy.deepcopy(cx2)
    match fault:
        case "no status":
            cx2.pop()
        case "status before the end":
            cx2.append({"more": []})
        case "a count that is not true":
            aspect(cx2, "metaData")[2]["elementCount"] += 1
        case "an edge to nothing":
            aspect(cx2, "edges")[0]["t"] = 99
        case "an attribute that nobody declared":
            aspect(cx2, "nodes")[0]["v"]["more"] = "more"
        case "a value of another type":
            aspect(cx2, "edges")[0]["v"]["weight"] = "heavy"
        case "an attribute called id":
            aspect(cx2, "attributeDeclarations")[0]["nodes"]["id"] = {"d": "string"}
        case "columns that differ in case":
            aspect(cx2, "attributeDeclarations")[0]["nodes"]["Name"] = {"d": "string"}
        case "elements before their declaration":
            cx2.insert(1, cx2.pop(4))
        case "two nodes of one number":
            aspect(cx2, "nodes")[1]["id"] = 1
        case "a node without a place":
            del aspect(cx2, "nodes")[1]["x"]
        case "a look that there is not":
            aspect(cx2, "visualProperties")[0]["default"]["edge"]["EDGE_LINE_STYLE"] = "dash"
        case "a look for an attribute that there is not":
            mapping = aspect(cx2, "visualProperties")[0]["nodeMapping"]["NODE_SHAPE"]
            mapping["definition"]["attribute"] = "groups"
        case "a number that is none":
            aspect(cx2, "edges")[0]["v"]["weight"] = float("nan")
        case _:
            aspect(cx2, "nodes")[0]["id"] = "namibia"
    return cx2


FAULTS = (
    "no status",
    "status before the end",
    "a count that is not true",
    "an edge to nothing",
    "an attribute that nobody declared",
    "a value of another type",
    "an attribute called id",
    "columns that differ in case",
    "elements before their declaration",
    "two nodes of one number",
    "a node without a place",
    "a look that there is not",
    "a look for an attribute that there is not",
    "a number that is none",
    "an identifier that is a text",
)


@pytest.mark.parametrize("fault", FAULTS)
def test_the_check_sees_faults(sample: Network, fault: str) -> None:
    sound = document(sample, write_cx2)
    read_cytoscape.cx2(json.dumps(sound).encode())
    with pytest.raises((AssertionError, KeyError, ValueError)):
        read_cytoscape.cx2(json.dumps(_broken(sound, fault)).encode())
