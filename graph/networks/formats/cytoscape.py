"""Cytoscape's formats: cyjs for Cytoscape and Cytoscape.js, CX2 for Cytoscape, its Web and NDEx.

cyjs: manual.cytoscape.org, Supported Network File Formats; js.cytoscape.org, Elements JSON. CX2:
cytoscape.org/cx/cx2, Cytoscape Exchange Format Specification (Version 2), and Visual Styles. In
both, positions are pixels that grow rightwards and downwards.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import IO, Any, Final, Self

from comity.graph.networks.elements import (
    EDGE_FIELDS,
    NODE_FIELDS,
    Attribute,
    Edge,
    NetworkField,
    Node,
    Type,
    Value,
    edge_values,
    node_values,
)
from comity.graph.networks.encoding.json import about, dumped, free_names, named, write_array
from comity.graph.networks.model import Network
from comity.graph.networks.palette import GROUPS, OTHER, STANCES, Style, edge_style

# Names with a meaning in one of the programs: `parent` makes a node a part of another, `alias` is a
# list; SUID and the shared columns are filled by Cytoscape.
_OWN: Final = frozenset(
    (
        *("id", "value", "name", "slug", "key", "source", "target", "interaction", "parent"),
        *("represents", "alias", "selected", "SUID", "shared name", "shared interaction"),
    )
)
# Integers are unbounded here; in CX2 long has 64 bits and integer 32.
_CX2_TYPES: Final[Mapping[Type, str]] = {
    "string": "string",
    "integer": "long",
    "double": "double",
    "boolean": "boolean",
}
_LONG: Final = range(-(2**63), 2**63)
# Graphviz's names of shapes in CX2.
SHAPES: Final[Mapping[str, str]] = {
    "box": "rectangle",
    "ellipse": "ellipse",
    "hexagon": "hexagon",
    "octagon": "octagon",
    "note": "round-rectangle",
}


@dataclass(frozen=True, slots=True)
class _Names:
    """Names of the further attributes of nodes and edges."""

    nodes: Mapping[str, str]
    edges: Mapping[str, str]

    @classmethod
    def of(cls, network: Network) -> Self:
        return cls(
            free_names(network.node_attributes, _OWN | {f.name for f in NODE_FIELDS}),
            free_names(network.edge_attributes, _OWN | {f.name for f in EDGE_FIELDS}),
        )


def write_cyjs(network: Network, out: IO[bytes]) -> None:
    """Write the network as cyjs in its array form, the only one that Cytoscape reads.

    `value`, `key` and the two flags at the top are for networkx.cytoscape_graph, which otherwise
    fails or keeps only one of parallel edges.
    """
    names = _Names.of(network)
    out.write(b'{"format_version":"1.0","directed":true,"multigraph":true,\n"data":')
    out.write(dumped(about(network.header)))
    out.write(b',\n"elements":{"nodes":')
    write_array((_cyjs_node(node, names) for node in network.nodes()), out)
    out.write(b',\n"edges":')
    write_array((_cyjs_edge(edge, names) for edge in network.edges()), out)
    out.write(b"}}\n")


def _cyjs_node(node: Node, names: _Names) -> dict[str, Any]:
    data = {"id": node.id, "value": node.id, "name": node.label}
    x, y = _position(node)
    return {"data": data | named(node_values(node), names.nodes), "position": {"x": x, "y": y}}


def _cyjs_edge(edge: Edge, names: _Names) -> dict[str, Any]:
    data = {
        "id": edge.id,
        "key": edge.id,
        "source": edge.source,
        "target": edge.target,
        "name": edge.label,
        "interaction": edge.type,
    }
    return {"data": data | named(edge_values(edge), names.edges)}


def _position(node: Node) -> tuple[float, float]:
    """Return the position, rightwards and downwards; avoids negative zero."""
    return node.x, 0.0 - node.y


def write_cx2(network: Network, out: IO[bytes]) -> None:
    """Write the network as CX2, with its style; all counts are known before the first element."""
    names = _Names.of(network)
    network_attributes = _network_attributes(network)
    numbers: dict[str, int] = {}
    out.write(b'[{"CXVersion":"2.0","hasFragments":false},\n')
    out.write(dumped({"metaData": _meta_data(network)}) + b",\n")
    declared = {
        "networkAttributes": {name: {"d": "string"} for name in network_attributes},
        "nodes": _declared(("name", "slug"), NODE_FIELDS, network.node_attributes, names.nodes),
        "edges": _declared(
            ("name", "interaction", "slug"), EDGE_FIELDS, network.edge_attributes, names.edges
        ),
    }
    out.write(dumped({"attributeDeclarations": [declared]}) + b",\n")
    out.write(dumped({"networkAttributes": [network_attributes]}) + b',\n{"nodes":')
    write_array(_cx2_nodes(network, names, numbers), out)
    out.write(b'},\n{"edges":')
    write_array(_cx2_edges(network, names, numbers), out)
    out.write(b"},\n" + dumped({"visualProperties": [VISUAL_PROPERTIES]}) + b",\n")
    out.write(dumped({"visualEditorProperties": [_EDITOR]}) + b",\n")
    out.write(dumped({"status": [{"success": True, "error": ""}]}) + b"]\n")


def _network_attributes(network: Network) -> dict[str, Value]:
    """Return the metadata of the file; `version` is CX2's name for the data version."""
    said = about(network.header)
    return {"version" if name == "data_version" else name: text for name, text in said.items()}


def _meta_data(network: Network) -> list[dict[str, str | int]]:
    counts = {
        "attributeDeclarations": 1,
        "networkAttributes": 1,
        "nodes": network.node_count,
        "edges": network.edge_count,
        "visualProperties": 1,
        "visualEditorProperties": 1,
    }
    return [{"name": name, "elementCount": number} for name, number in counts.items()]


def _declared(
    own: tuple[str, ...],
    fields: tuple[NetworkField, ...],
    further: tuple[Attribute, ...],
    names: Mapping[str, str],
) -> dict[str, dict[str, str]]:
    """Declare the attributes with their types: CX2's own texts, the fixed ones, the query's."""
    types: dict[str, Type] = dict.fromkeys(own, "string")
    types |= {field.name: field.type for field in fields}
    types |= {names[attribute.name]: attribute.type for attribute in further}
    return {name: {"d": _CX2_TYPES[type]} for name, type in types.items()}


def _cx2_nodes(
    network: Network, names: _Names, numbers: dict[str, int]
) -> Iterator[dict[str, Any]]:
    """Yield the nodes, and record the number of each in the file in `numbers`."""
    for number, node in enumerate(network.nodes(), 1):
        numbers[node.id] = number
        said = {"name": node.label, "slug": node.id}
        x, y = _position(node)
        held = _held(said | named(node_values(node), names.nodes))
        yield {"id": number, "x": x, "y": y, "v": held}


def _cx2_edges(
    network: Network, names: _Names, numbers: Mapping[str, int]
) -> Iterator[dict[str, Any]]:
    for number, edge in enumerate(network.edges(), 1):
        said = {"name": edge.label, "interaction": edge.type, "slug": edge.id}
        held = _held(said | named(edge_values(edge), names.edges))
        yield {"id": number, "s": numbers[edge.source], "t": numbers[edge.target], "v": held}


def _held(said: Mapping[str, Value]) -> dict[str, Value]:
    """Drop what CX2 can't hold: integers of more than 64 bits."""
    return {n: v for n, v in said.items() if not isinstance(v, int) or v in _LONG}


def _discrete(attribute: str, type: Type, looks: Mapping[Any, str]) -> dict[str, Any]:
    """Map the values of an attribute to styles."""
    pairs = [{"v": value, "vp": look} for value, look in looks.items()]
    definition = {"attribute": attribute, "type": _CX2_TYPES[type], "map": pairs}
    return {"type": "DISCRETE", "definition": definition}


def _passthrough(attribute: str) -> dict[str, Any]:
    return {"type": "PASSTHROUGH", "definition": {"attribute": attribute, "type": "string"}}


_BY_GROUP: Final[Mapping[str, Style]] = {style.group: style for style in (*GROUPS.values(), OTHER)}
_EDITOR: Final = {"arrowColorMatchesEdge": True, "nodeSizeLocked": False}
_ARROW: Final = "triangle"
_FACT: Final = edge_style(None, contemplated=False)
_HOPE: Final = edge_style(None, contemplated=True)
VISUAL_PROPERTIES: Final[Mapping[str, Any]] = {
    "default": {
        "network": {"NETWORK_BACKGROUND_COLOR": "#FFFFFF"},
        "node": {
            "NODE_BACKGROUND_COLOR": OTHER.fill,
            "NODE_BORDER_COLOR": "#555555",
            "NODE_BORDER_STYLE": "solid",
            "NODE_BORDER_WIDTH": 1.0,
            "NODE_HEIGHT": 35.0,
            "NODE_LABEL_COLOR": "#000000",
            "NODE_LABEL_FONT_SIZE": 11,
            "NODE_LABEL_MAX_WIDTH": 120.0,
            "NODE_SHAPE": SHAPES[OTHER.shape],
            "NODE_WIDTH": 75.0,
        },
        "edge": {
            "EDGE_CURVED": True,
            "EDGE_LABEL_COLOR": "#333333",
            "EDGE_LABEL_FONT_SIZE": 9,
            "EDGE_LINE_COLOR": _FACT.colour,
            "EDGE_LINE_STYLE": _FACT.line,
            "EDGE_TARGET_ARROW_COLOR": _FACT.colour,
            "EDGE_TARGET_ARROW_SHAPE": _ARROW,
            "EDGE_WIDTH": 1.5,
        },
    },
    "nodeMapping": {
        "NODE_LABEL": _passthrough("name"),
        "NODE_BACKGROUND_COLOR": _discrete(
            "group", "string", {group: style.fill for group, style in _BY_GROUP.items()}
        ),
        "NODE_BORDER_STYLE": _discrete("group", "string", {"proposition": "dashed"}),
        "NODE_SHAPE": _discrete(
            "group", "string", {group: SHAPES[style.shape] for group, style in _BY_GROUP.items()}
        ),
    },
    "edgeMapping": {
        "EDGE_LABEL": _passthrough("name"),
        "EDGE_LINE_COLOR": _discrete("stance", "string", STANCES),
        "EDGE_LINE_STYLE": _discrete(
            "contemplated", "boolean", {True: _HOPE.line, False: _FACT.line}
        ),
        "EDGE_TARGET_ARROW_COLOR": _discrete("stance", "string", STANCES),
        "EDGE_TARGET_ARROW_SHAPE": _discrete("directed", "boolean", {True: _ARROW, False: "none"}),
    },
}
