"""GraphML: plain for igraph, R, Cytoscape, networkx and Gephi; with yFiles' graphics for yEd.

See http://graphml.graphdrawing.org/specification.html. How Gephi reads attributes is in its
ImporterGraphML; yEd's part is as yEd itself writes it.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from math import ceil
from typing import IO, Final

from comity.graph.networks.elements import (
    EDGE_FIELDS,
    NODE_FIELDS,
    Attribute,
    Edge,
    Header,
    NetworkField,
    Node,
    Value,
    edge_values,
    node_values,
)
from comity.graph.networks.encoding.parallel_edges import with_kinds
from comity.graph.networks.encoding.xml import TYPES, about, columns, escape, stream, written
from comity.graph.networks.model import Network
from comity.graph.networks.palette import EdgeStyle, edge_style, node_style

# Names or identifiers of keys that Gephi reads as the style of a node or an edge, and the names of
# networkx and igraph for the rest.
_TAKEN: Final = (
    *("id", "name", "label", "d3", "d7", "x", "y", "z", "xpos", "ypos", "size", "r", "g", "b"),
    *("color", "edgelabel", "edgeid", "weight", "edge weight", "shape_type", "url", "description"),
)
_SIZE: Final = 20
_TOKEN: Final = re.compile(r"[A-Za-z][A-Za-z0-9_.-]*")
_SHAPES: Final = {
    "box": "rectangle",
    "ellipse": "ellipse",
    "hexagon": "hexagon",
    "octagon": "octagon",
    "note": "parallelogram",
}
_LINES: Final = {"solid": "line", "dashed": "dashed"}
# The longest line of a label in yEd, in characters.
_WIDEST: Final = 40


@dataclass(frozen=True, slots=True)
class _Key:
    """A declared attribute of `of`: graph, node or edge. `spec` has its name and type."""

    of: str
    id: str
    spec: str

    @property
    def written(self) -> str:
        return f'<key id="{self.id}" for="{self.of}" {self.spec}/>\n'


@dataclass(frozen=True, slots=True)
class _Flavour:
    """Additions for a program besides the attributes; the functions return `<data>` elements."""

    namespaces: str
    keys: tuple[_Key, ...]
    node: Callable[[Node], str]
    edge: Callable[[Edge], str]
    graph: Callable[[Header], Mapping[str, str]]
    # True if the element of an edge gives its kind; the specification has no attribute for it.
    kinds: bool


def write(network: Network, out: IO[bytes]) -> None:
    """Write a network with positions and colours for Gephi and igraph."""
    stream(_document(network, _PLAIN), out)


def write_yed(network: Network, out: IO[bytes]) -> None:
    """Write a network for yEd: with labels, shapes, colours and dashes."""
    stream(_document(network, _YED), out)


def _document(network: Network, flavour: _Flavour) -> Iterator[str]:
    of_nodes = columns(NODE_FIELDS, network.node_attributes, _TAKEN)
    of_edges = columns(EDGE_FIELDS, network.edge_attributes, _TAKEN)
    node_keys = _keys("node", (*NODE_FIELDS, *network.node_attributes), of_nodes)
    edge_keys = _keys("edge", (*EDGE_FIELDS, *network.edge_attributes), of_edges)
    said = flavour.graph(network.header)
    graph_keys = [_key("graph", name, name, "string") for name in said]
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<graphml xmlns="http://graphml.graphdrawing.org/xmlns"{flavour.namespaces}>\n'
    yield f"<desc>{escape(about(network.header))}</desc>\n"
    for key in (*graph_keys, *node_keys.values(), *edge_keys.values(), *flavour.keys):
        yield key.written
    yield '<graph edgedefault="directed">\n'
    # Before the nodes, the only place where graphology looks for them.
    yield from (f"{_datum(f'graph_{name}', value)}\n" for name, value in said.items())
    for node in network.nodes():
        values = _values(node_values(node), node_keys)
        yield f'<node id="{node.id}">{values}{flavour.node(node)}</node>\n'
    for edge, kind in with_kinds(network):
        named = f' label="{escape(kind)}"' if flavour.kinds else ""
        values = _values(edge_values(edge), edge_keys)
        ends = f'source="{edge.source}" target="{edge.target}"'
        yield f'<edge id="{edge.id}" {ends}{named}>{values}{flavour.edge(edge)}</edge>\n'
    yield "</graph>\n</graphml>\n"


def _keys(
    of: str, attributes: Iterable[NetworkField | Attribute], names: Mapping[str, str]
) -> dict[str, _Key]:
    """Return the keys by the names of the attributes in the network."""
    found = {}
    for number, attribute in enumerate(attributes):
        name = names[attribute.name]
        id = name if _TOKEN.fullmatch(name) else str(number)
        found[attribute.name] = _key(of, id, name, TYPES[attribute.type])
    return found


def _key(of: str, id: str, name: str, type_: str) -> _Key:
    return _Key(of, f"{of}_{id}", f'attr.name="{name}" attr.type="{type_}"')


def _values(values: Mapping[str, Value], keys: Mapping[str, _Key]) -> str:
    return "".join(
        f'<data key="{keys[name].id}">{written(value)}</data>' for name, value in values.items()
    )


def _datum(key: str, value: str) -> str:
    return f'<data key="{key}">{escape(value)}</data>'


# Plain: keys that Gephi reads as the style.


def _plain_graph(header: Header) -> dict[str, str]:
    said = {
        "name": header.title,
        "description": header.description,
        "licence": header.licence,
        "release": header.release,
        "data_version": header.data_version,
        "created": header.created,
        "creator": header.creator,
        "url": header.url,
        "query": header.query,
        "multi": header.multi,
    }
    return {name: value for name, value in said.items() if value}


def _plain_node(node: Node) -> str:
    return (
        f'<data key="node_x">{node.x}</data><data key="node_y">{node.y}</data>'
        f'<data key="node_size">{_SIZE}</data>{_colour("node", node_style(node.cls).rgb)}'
    )


def _plain_edge(edge: Edge) -> str:
    return _colour("edge", _faded(edge_style(edge.stance, edge.contemplated)))


def _colour(of: str, rgb: tuple[int, int, int]) -> str:
    """Write a colour in parts for Gephi, and whole for igraph's own drawings."""
    red, green, blue = rgb
    return (
        f'<data key="{of}_r">{red}</data><data key="{of}_g">{green}</data>'
        f'<data key="{of}_b">{blue}</data>'
        f'<data key="{of}_color">#{red:02X}{green:02X}{blue:02X}</data>'
    )


def _faded(style: EdgeStyle) -> tuple[int, int, int]:
    """Return the colour, at half strength instead of dashes, which the format lacks."""
    red, green, blue = style.rgb
    if style.line == "solid":
        return red, green, blue
    return (red + 255) // 2, (green + 255) // 2, (blue + 255) // 2


_PLAIN: Final = _Flavour(
    namespaces="",
    keys=(
        *(_key("node", name, name, "double") for name in ("x", "y", "size")),
        *(_key(of, name, name, "int") for of in ("node", "edge") for name in "rgb"),
        *(_key(of, "color", "color", "string") for of in ("node", "edge")),
    ),
    node=_plain_node,
    edge=_plain_edge,
    graph=_plain_graph,
    kinds=True,
)


# yEd: graphics, and the address and description of its elements.


def _yed_graph(header: Header) -> dict[str, str]:
    return {"Description": about(header)}


def _yed_node(node: Node) -> str:
    style = node_style(node.cls)
    lines = node.label.split("\n")
    width = 8 * min(max(map(len, lines)), _WIDEST) + 24
    height = 16 * sum(max(1, ceil(len(line) / _WIDEST)) for line in lines) + 14
    # The corner; in yEd y grows downwards.
    x, y = node.x - width / 2, -node.y - height / 2
    return (
        f'{_address("node", node.iri)}<data key="nodegraphics"><y:ShapeNode>'
        f'<y:Geometry height="{height}" width="{width}" x="{x:.1f}" y="{y:.1f}"/>'
        f'<y:Fill color="{style.fill}" transparent="false"/>'
        '<y:BorderStyle color="#666666" type="line" width="1.0"/>'
        '<y:NodeLabel autoSizePolicy="node_size" configuration="CroppingLabel" modelName="internal"'
        f' modelPosition="c" xml:space="preserve">{_label(node.label)}</y:NodeLabel>'
        f'<y:Shape type="{_SHAPES[style.shape]}"/></y:ShapeNode></data>'
    )


def _yed_edge(edge: Edge) -> str:
    style = edge_style(edge.stance, edge.contemplated)
    told = edge.evidence or edge.statement
    return (
        f"{_address('edge', edge.iri)}{_datum('edge_description', told) if told else ''}"
        '<data key="edgegraphics"><y:PolyLineEdge><y:Path sx="0.0" sy="0.0" tx="0.0" ty="0.0"/>'
        f'<y:LineStyle color="{style.colour}" type="{_LINES[style.line]}" width="1.0"/>'
        f'<y:Arrows source="none" target="{"standard" if edge.directed else "none"}"/>'
        f'<y:EdgeLabel xml:space="preserve">{_label(edge.label)}</y:EdgeLabel>'
        '<y:BendStyle smoothed="false"/></y:PolyLineEdge></data>'
    )


def _address(of: str, iri: str | None) -> str:
    """Write the address that yEd opens; a merged edge would have several, so it has none."""
    follows = iri is not None and iri.startswith(("http://", "https://")) and " " not in iri
    return _datum(f"{of}_url", iri) if iri and follows else ""


def _label(text: str) -> str:
    """Escape the text of a node or an edge; yEd renders texts that begin as HTML."""
    return escape(f" {text}" if text.lower().startswith("<html>") else text)


_YED: Final = _Flavour(
    namespaces=' xmlns:y="http://www.yworks.com/xml/graphml"'
    ' xmlns:yed="http://www.yworks.com/xml/yed/3"',
    keys=(
        *(_key(of, "url", "url", "string") for of in ("node", "edge")),
        _key("edge", "description", "description", "string"),
        # Distinct from those of attributes, which contain an underscore.
        _Key("node", "nodegraphics", 'yfiles.type="nodegraphics"'),
        _Key("edge", "edgegraphics", 'yfiles.type="edgegraphics"'),
    ),
    node=_yed_node,
    edge=_yed_edge,
    graph=_yed_graph,
    kinds=False,
)
