"""Kumu's JSON blueprint (docs.kumu.io/guides/import/blueprints): elements and connections.

A remote blueprint may have only elements, connections and loops. So each element carries the
metadata, licence and address, that other formats keep in a header; Kumu's profile shows both.
"""

from collections.abc import Mapping
from typing import IO, Any, Final

from comity.graph.networks.elements import (
    EDGE_FIELDS,
    NODE_FIELDS,
    SEPARATOR,
    Edge,
    Header,
    Node,
    edge_values,
    node_values,
)
from comity.graph.networks.encoding.json import free_names, named, write_array
from comity.graph.networks.model import Network

# Keys with a meaning for Kumu, in its spelling.
_ELEMENT: Final = frozenset(("id", "label", "type", "tags", "licence", "retrieved from"))
_CONNECTION: Final = frozenset(("id", "label", "type", "tags", "from", "to", "direction"))
# The tag of a connection that is not a fact.
CONTEMPLATED: Final = "contemplated"


def write(network: Network, out: IO[bytes]) -> None:
    """Write the network as a blueprint.

    A contemplated connection has a tag, by which Kumu decorates, filters and colours.
    """
    nodes = free_names(network.node_attributes, _ELEMENT | {f.name for f in NODE_FIELDS})
    edges = free_names(network.edge_attributes, _CONNECTION | {f.name for f in EDGE_FIELDS})
    origin = _origin(network.header)
    out.write(b'{"elements":')
    write_array((_element(node, nodes) | origin for node in network.nodes()), out)
    out.write(b',\n"connections":')
    write_array((_connection(edge, edges) for edge in network.edges()), out)
    out.write(b"}\n")


def _origin(header: Header) -> dict[str, str]:
    said = {"licence": header.licence, "retrieved from": header.url}
    return {name: text for name, text in said.items() if text}


def _element(node: Node, names: Mapping[str, str]) -> dict[str, Any]:
    # The label is among the values, unless it is empty: Kumu requires one.
    own: dict[str, Any] = {"id": node.id, "label": node.id, "tags": [node.group]}
    type = {"type": node.class_label} if node.class_label else {}
    return own | type | named(node_values(node), names)


def _connection(edge: Edge, names: Mapping[str, str]) -> dict[str, Any]:
    direction = "directed" if edge.directed else "undirected"
    ends = {"id": edge.id, "from": edge.source, "to": edge.target, "direction": direction}
    stances = edge.stance.split(SEPARATOR) if edge.stance else []
    tags = dict.fromkeys([CONTEMPLATED, *stances] if edge.contemplated else stances)
    return ends | {"tags": list(tags)} | named(edge_values(edge), names)
