"""Weights for Gephi, which drops edges of weight 0 and warns of negative ones.

Such an edge gets weight 1, and all edges of that file carry the true weight as an attribute.
"""

from collections.abc import Mapping, Sequence
from typing import Final

from comity.graph.networks.elements import TRUE_WEIGHT, Edge, NetworkField, Value, edge_values
from comity.graph.networks.model import Network

_PLAIN: Final = 1.0


def taken(edge: Edge) -> float:
    """Return the weight for a format that takes only weights above 0."""
    return edge.weight if edge.weight > 0 else _PLAIN


def with_true_weight(network: Network, fields: Sequence[NetworkField]) -> tuple[NetworkField, ...]:
    """Return the edge fields, including the true weight if some edge has one not above 0."""
    (refused,) = network.run("SELECT EXISTS (SELECT 1 FROM edge WHERE weight <= 0)")
    return (*fields, TRUE_WEIGHT) if refused[0] else tuple(fields)


def values(edge: Edge) -> Mapping[str, Value]:
    """Return the attributes that an edge has, including its true weight."""
    return {**edge_values(edge), TRUE_WEIGHT.name: edge.weight}
