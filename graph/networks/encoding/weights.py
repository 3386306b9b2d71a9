"""Weights as Gephi takes them: it leaves out an edge of weight 0, and warns of one below.

There such an edge has the weight 1, and all edges of that file say the true one beside it.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from comity.graph.networks.elements import TRUE_WEIGHT, Edge, NetworkField, Value, edge_values
from comity.graph.networks.model import Network

_PLAIN: Final = 1.0


def taken(edge: Edge) -> float:
    """The weight of an edge where none but those above 0 are taken."""
    return edge.weight if edge.weight > 0 else _PLAIN


def with_true_weight(network: Network, fields: Sequence[NetworkField]) -> tuple[NetworkField, ...]:
    """The fields of edges, and that of the true weight where some edge may have one not above 0."""
    (refused,) = network.run("SELECT EXISTS (SELECT 1 FROM edge WHERE weight <= 0)")
    return (*fields, TRUE_WEIGHT) if refused[0] else tuple(fields)


def values(edge: Edge) -> Mapping[str, Value]:
    """The attributes that an edge has, its true weight among them."""
    return {**edge_values(edge), TRUE_WEIGHT.name: edge.weight}
