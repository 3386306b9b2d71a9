"""The look of nodes and edges, the same in every format: by class, by stance, by standing.

The colours are Paul Tol's `light` and `vibrant` schemes (SRON/EPS/TN/09-002, 2021): apart for
colour-blind eyes, and the light ones readable beneath black text.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Final, Literal

import pyoxigraph as ox

from comity.graph.namespaces import COMITY, PREFIXES
from comity.graph.resources import ontology_folder


@dataclass(frozen=True, slots=True)
class Style:
    """How a node looks: `fill` as #RRGGBB, `shape` by its Graphviz name."""

    group: str
    fill: str
    shape: str

    @property
    def rgb(self) -> tuple[int, int, int]:
        return rgb(self.fill)


@dataclass(frozen=True, slots=True)
class EdgeStyle:
    """How an edge looks; `line` is dashed for what is contemplated."""

    colour: str
    line: Literal["solid", "dashed"]

    @property
    def rgb(self) -> tuple[int, int, int]:
        return rgb(self.colour)


OTHER: Final = Style("other", "#DDDDDD", "ellipse")
# By the class that begins a group: what is below it in the ontology belongs to the group too.
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
    # What is only hoped, planned or said to be is pale, and no event.
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
    """The style for a class, given by its local name in the ontology of Comity; "" for none."""
    chain = _chain(cls)
    return next((GROUPS[each] for each in chain if each in GROUPS), OTHER)


def edge_style(stance: str | None, contemplated: bool) -> EdgeStyle:
    """The style for an edge of a stance, dashed where it is no fact."""
    return EdgeStyle(STANCES.get(stance or "", _EDGE), "dashed" if contemplated else "solid")


def rgb(colour: str) -> tuple[int, int, int]:
    """#RRGGBB as three numbers from 0 to 255."""
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def depth(cls: str) -> int:
    """How far below the top of the ontology a class lies; 0 for one that is not in it."""
    return len(_chain(cls)) if cls in _parents() else 0


@cache
def _chain(cls: str) -> tuple[str, ...]:
    """The class and those above it, the nearest first."""
    found, level = [cls], [cls]
    while level:
        above = [p for each in level for p in _parents().get(each, ()) if p not in found]
        level = list(dict.fromkeys(above))
        found += level
    return tuple(found)


@cache
def _parents() -> Mapping[str, tuple[str, ...]]:
    """The classes of the ontology with those directly above them, by local names."""
    store = ox.Store()
    store.load(path=ontology_folder() / "comity.ttl", format=ox.RdfFormat.TURTLE)
    above: dict[str, tuple[str, ...]] = {}
    type_ = ox.NamedNode(PREFIXES["rdf"] + "type")
    for quad in store.quads_for_pattern(None, type_, ox.NamedNode(PREFIXES["owl"] + "Class")):
        above[_local(quad.subject)] = ()
    for quad in store.quads_for_pattern(None, ox.NamedNode(PREFIXES["rdfs"] + "subClassOf"), None):
        name = _local(quad.subject)
        above[name] = (*above.get(name, ()), _local(quad.object))
    return above


def _local(term: object) -> str:
    value = term.value if isinstance(term, ox.NamedNode) else str(term)
    return value.removeprefix(COMITY)
