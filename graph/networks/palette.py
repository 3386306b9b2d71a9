"""Style of nodes and edges, the same in every format: by class, stance and status.

The colours are Paul Tol's `light` and `vibrant` schemes (SRON/EPS/TN/09-002, 2021): distinct for
colour-blind readers, and the light ones readable beneath black text.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final, Literal

from comity.graph.descriptions.ontology.vocabulary import chain, depth


@dataclass(frozen=True, slots=True)
class Style:
    """Style of a node: `fill` as #RRGGBB, `shape` by its Graphviz name."""

    group: str
    fill: str
    shape: str

    @property
    def rgb(self) -> tuple[int, int, int]:
        return rgb(self.fill)


@dataclass(frozen=True, slots=True)
class EdgeStyle:
    """Style of an edge; `line` is dashed if it is contemplated."""

    colour: str
    line: Literal["solid", "dashed"]

    @property
    def rgb(self) -> tuple[int, int, int]:
        return rgb(self.colour)


OTHER: Final = Style("other", "#DDDDDD", "ellipse")
# By the top class of a group: its subclasses in the ontology belong to the group too.
GROUPS: Final[Mapping[str, Style]] = {
    "State": Style("state", "#77AADD", "box"),
    "Organisation": Style("organisation", "#99DDFF", "box"),
    "Organ": Style("organisation", "#99DDFF", "box"),
    "Group": Style("organisation", "#99DDFF", "box"),
    "Person": Style("person", "#EE8866", "ellipse"),
    "Office": Style("person", "#EE8866", "ellipse"),
    "Format": Style("format", "#44BB99", "hexagon"),
    "Agreement": Style("agreement", "#BBCC33", "note"),
    "Document": Style("agreement", "#BBCC33", "note"),
    "Event": Style("event", "#EEDD88", "octagon"),
    "Issue": Style("issue", "#FFAABB", "ellipse"),
    "Proposal": Style("proposal", "#AAAA00", "note"),
    # What is only hoped, planned or claimed is pale, and not an event.
    "Proposition": Style("proposition", "#FFFFFF", "ellipse"),
}
STANCES: Final[Mapping[str, str]] = {
    "supportive": "#0077BB",
    "opposed": "#CC3311",
    "conditional": "#EE7733",
    "interested": "#33BBEE",
}
_EDGE: Final = "#666666"


def node_style(cls: str) -> Style:
    """Return the style for a class, given by its name (see `class_name`); "" for none."""
    return next((GROUPS[each] for each in chain(cls) if each in GROUPS), OTHER)


def narrowest_style(classes: Iterable[str]) -> Style:
    """Return the style of the narrowest of some classes that has one."""
    ordered = sorted(classes, key=lambda name: (-depth(name), name))
    return next((GROUPS[n] for each in ordered for n in chain(each) if n in GROUPS), OTHER)


def edge_style(stance: str | None, contemplated: bool) -> EdgeStyle:
    """Return the style for an edge by stance, dashed if it is not a fact."""
    return EdgeStyle(STANCES.get(stance or "", _EDGE), "dashed" if contemplated else "solid")


def rgb(colour: str) -> tuple[int, int, int]:
    """Convert #RRGGBB to three numbers from 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)
