"""Networks of any text, as hypothesis draws it, and what XML makes of that."""

import re
from typing import Any

from hypothesis import strategies as st

from comity.graph.networks.model import Network

# What XML 1.0 has no place for: 2.2 of its specification.
_UNWRITABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
# A character of each kind that some parser has a rule for, and of some writings.
NASTY = [
    chr(i) for i in (*range(0x300), *range(0x2000, 0x2070), 0xFEFF, 0xFFFD, 0xFFFE, 0xFFFF, 0x1F30D)
]

TEXT = st.text(st.characters(exclude_categories=["Cs"]))
VALUES = (
    TEXT
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False, allow_infinity=False, allow_subnormal=False)
)
EXTRA = st.dictionaries(st.text(st.characters(exclude_categories=["C"])), VALUES, max_size=4)
NODES = st.lists(st.tuples(TEXT, TEXT, EXTRA), min_size=1, max_size=4)
EDGES = st.lists(EXTRA, max_size=4)


def clean(value: Any) -> Any:
    """A value as it can stand in XML."""
    return _UNWRITABLE.sub("\ufffd", value) if isinstance(value, str) else value


def fill(
    network: Network, nodes: list[tuple[str, str, dict[str, Any]]], edges: list[dict[str, Any]]
) -> None:
    """Add nodes of a value, a label and further attributes, and from each the edges to the first."""
    for kind, (value, label, extra) in zip(("uri", "literal") * 2, nodes, strict=False):
        number = network.add_node(kind, value, label=label or None, extra=extra)
        for key, said in enumerate(edges):
            words = {"type": label, "statement": value, "extra": said}
            network.add_edge(number, 1, f"{number} {key}", **words)


def differences(said: dict[str, Any], extra: dict[str, Any]) -> list[str]:
    """Which further attributes a reader has not got as they are.

    One that has got another name, as it stood in the way of a second, is among all that is said.
    """
    found = []
    for name, value in extra.items():
        got = [said.get(name), *(other for at, other in said.items() if at.endswith("_"))]
        if (type(value), clean(value)) not in [(type(one), one) for one in got]:
            found.append(name)
    return found
