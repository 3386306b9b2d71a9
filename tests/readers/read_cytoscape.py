"""Readers of cyjs: cytoscape.js and networkx; of CX2: ndex2, and the specification by its rules."""

import json
import re
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import networkx as nx
import outside
from ndex2.cx2 import CX2Network, RawCX2NetworkFactory
from needs import need, need_program
from outside import HERE, Graph, Read


def cytoscape_js(files: Sequence[Path]) -> list[Read]:
    return [graph.read for graph in cytoscape_js_graphs(files)]


def cytoscape_js_graphs(files: Sequence[Path]) -> list[Graph]:
    """What cytoscape.js reads of files of cyjs, all in one process; nodes say their x and y too."""
    need_program("node")
    need((HERE / "node_modules" / "cytoscape").is_dir(), f"its readers: cd {HERE}; npm ci")
    command = ["node", "cytoscape.mjs", *(path.resolve() for path in files)]
    found = json.loads(outside.run(command))
    assert len(found) == len(files)
    return [Graph(**graph) for graph in found]


def networkx(data: bytes) -> Read:
    graph = networkx_graph(data)
    return set(graph.nodes), list(graph.edges())


def networkx_graph(data: bytes) -> nx.MultiDiGraph:
    graph = nx.cytoscape_graph(_json(data))
    assert isinstance(graph, nx.MultiDiGraph)
    return graph


def ndex(data: bytes) -> Read:
    network = ndex_network(data)
    slugs = {number: node["v"]["slug"] for number, node in network.get_nodes().items()}
    edges = network.get_edges().values()
    return set(slugs.values()), [(slugs[edge["s"]], slugs[edge["t"]]) for edge in edges]


def ndex_network(data: bytes) -> CX2Network:
    network = RawCX2NetworkFactory().get_cx2network(_json(data))
    assert isinstance(network, CX2Network)
    return network


def _json(data: bytes) -> Any:
    """The document, by strict JSON: Python's own reader takes NaN, and the last of equal names."""

    def refuse(text: str) -> None:
        raise ValueError(f"{text} is no JSON")

    def unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        found = dict(pairs)
        assert len(found) == len(pairs), [name for name, _ in pairs]
        return found

    text = data.decode("utf-8", "strict")
    return json.loads(text, parse_constant=refuse, object_pairs_hook=unique)


# CX2, by its specification and what Cytoscape Web's validator reports: both say more than ndex2,
# which takes edges to nothing, attributes that nobody declared, and a file that ends too early.
_TYPES: Mapping[str, Callable[[Any], bool]] = {
    "string": lambda value: isinstance(value, str),
    "double": lambda value: isinstance(value, float),
    "boolean": lambda value: isinstance(value, bool),
    "integer": lambda value: type(value) is int and -(2**31) <= value < 2**31,
    "long": lambda value: type(value) is int and -(2**63) <= value < 2**63,
}
_COLOUR = re.compile(r"#[0-9A-Fa-f]{6}")
_LINES = {"solid", "dashed", "dotted", "double"}
# Visual Styles, sections 2.1 to 2.3: what may be said of each, by test of one value.
_LOOKS: Mapping[str, Callable[[Any], bool]] = {
    **{
        name: lambda value: bool(_COLOUR.fullmatch(value))
        for name in (
            *("NETWORK_BACKGROUND_COLOR", "NODE_BACKGROUND_COLOR", "NODE_BORDER_COLOR"),
            *("NODE_LABEL_COLOR", "EDGE_LABEL_COLOR", "EDGE_LINE_COLOR", "EDGE_TARGET_ARROW_COLOR"),
        )
    },
    **{
        name: lambda value: isinstance(value, float) and value > 0
        for name in (
            *("NODE_BORDER_WIDTH", "NODE_HEIGHT", "NODE_WIDTH"),
            *("NODE_LABEL_MAX_WIDTH", "EDGE_WIDTH"),
        )
    },
    **{
        name: lambda value: type(value) is int and value > 0
        for name in ("NODE_LABEL_FONT_SIZE", "EDGE_LABEL_FONT_SIZE")
    },
    "NODE_BORDER_STYLE": _LINES.__contains__,
    "EDGE_LINE_STYLE": _LINES.__contains__,
    "EDGE_CURVED": lambda value: isinstance(value, bool),
    "EDGE_TARGET_ARROW_SHAPE": {"none", "triangle", "tee", "arrow"}.__contains__,
    "NODE_SHAPE": {
        *("ellipse", "triangle", "rectangle", "round-rectangle", "parallelogram"),
        *("diamond", "hexagon", "octagon", "vee"),
    }.__contains__,
}
_LABELS = {"NODE_LABEL", "EDGE_LABEL"}


def cx2(data: bytes) -> Read:
    """What the specification makes of a file; raises AssertionError for what it forbids."""
    document = _json(data)
    assert document[0] == {"CXVersion": "2.0", "hasFragments": False}
    assert document[-1] == {"status": [{"success": True, "error": ""}]}
    for block in document[1:]:
        assert len(block) == 1 and isinstance(next(iter(block.values())), list)
    names = [next(iter(block)) for block in document[1:]]
    assert names[:2] == ["metaData", "attributeDeclarations"] and len(set(names)) == len(names)
    parts = {name: block[name] for name, block in zip(names, document[1:], strict=True)}
    counts = {each["name"]: each["elementCount"] for each in parts["metaData"]}
    assert counts == {name: len(parts[name]) for name in names[1:-1]}
    (declared,) = parts["attributeDeclarations"]
    _check_declared(declared["networkAttributes"], parts["networkAttributes"])
    (looks,) = parts["visualProperties"]
    _check_looks(looks, declared)
    return _check_elements(parts["nodes"], parts["edges"], declared)


def _check_declared(declared: Mapping[str, Any], elements: Sequence[Mapping[str, Any]]) -> None:
    """Every attribute is declared and of its type; Cytoscape's columns have no case."""
    assert len({name.casefold() for name in declared}) == len(declared)
    assert not {"id", "represents", "alias"} & set(declared)
    for name in declared:
        assert set(declared[name]) == {"d"} and declared[name]["d"] in _TYPES
    for said in elements:
        for name, value in said.items():
            assert _TYPES[declared[name]["d"]](value), (name, value)


def _check_elements(
    nodes: Sequence[Mapping[str, Any]],
    edges: Sequence[Mapping[str, Any]],
    declared: Mapping[str, Any],
) -> Read:
    _check_declared(declared["nodes"], [node["v"] for node in nodes])
    _check_declared(declared["edges"], [edge["v"] for edge in edges])
    slugs = {node["id"]: node["v"]["slug"] for node in nodes}
    for elements in (nodes, edges):
        assert all(_TYPES["long"](each["id"]) for each in elements)
        assert len({each["id"] for each in elements}) == len(elements)
        assert len({each["v"]["slug"] for each in elements}) == len(elements)
    for node in nodes:
        assert set(node) == {"id", "x", "y", "v"}
        assert _TYPES["double"](node["x"]) and _TYPES["double"](node["y"])
    assert all(set(edge) == {"id", "s", "t", "v"} for edge in edges)
    return set(slugs.values()), [(slugs[edge["s"]], slugs[edge["t"]]) for edge in edges]


def _check_looks(looks: Mapping[str, Any], declared: Mapping[str, Any]) -> None:
    assert set(looks) == {"default", "nodeMapping", "edgeMapping"}
    assert set(looks["default"]) == {"network", "node", "edge"}
    for said in looks["default"].values():
        for name, value in said.items():
            assert _LOOKS[name](value), (name, value)
    for part, owner in (("nodeMapping", "nodes"), ("edgeMapping", "edges")):
        for name, mapping in looks[part].items():
            definition = mapping["definition"]
            type = declared[owner][definition["attribute"]]["d"]
            assert definition["type"] == type
            if name in _LABELS:
                assert mapping["type"] == "PASSTHROUGH" and type == "string"
                continue
            assert mapping["type"] == "DISCRETE" and definition["map"]
            for pair in definition["map"]:
                assert _TYPES[type](pair["v"]) and _LOOKS[name](pair["vp"]), (name, pair)
