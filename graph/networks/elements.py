"""Elements of a network: nodes and edges with time, status, evidence and further attributes."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from comity.graph.descriptions.records.modalities import FACTUAL
from comity.graph.networks.identifiers import edge_id
from comity.graph.networks.palette import node_style
from comity.graph.rdf.terms import in_words

Value = str | int | float | bool
Type = Literal["string", "integer", "double", "boolean"]
Multi = Literal["keep", "merge"]

# Between the values of an attribute that has several.
SEPARATOR: Final = " | "


@dataclass(frozen=True, slots=True)
class Header:
    """Metadata of a file; `created` is an ISO date, `multi` how parallel edges are treated."""

    title: str
    description: str = ""
    query: str = ""
    url: str = ""
    created: str = ""
    release: str = ""
    licence: str = ""
    data_version: str = ""
    creator: str = "Comity"
    multi: Multi = "keep"


@dataclass(frozen=True, slots=True)
class Attribute:
    """An attribute of nodes or edges beyond the fixed fields: one name, one type."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Node:
    """A thing. `cls` is the name of its class (see `class_name`), "" if unknown.

    `x` and `y` grow rightwards and upwards, neighbours about 100 apart. `iri` is None for a
    literal.
    """

    id: str
    iri: str | None
    label: str
    cls: str
    class_label: str
    iso3: str | None
    x: float
    y: float
    extra: Mapping[str, Value]

    @property
    def group(self) -> str:
        """Name of its group in the palette."""
        return node_style(self.cls).group


@dataclass(frozen=True, slots=True)
class Edge:
    """A relation between two nodes, given by their identifiers.

    `start` and `end` are ISO dates (2021-02-22), None if open or unknown. `iri` is that of the
    record behind it, `evidence` its quotations, `citation` the IRIs of the sources, `sources` their
    number. A `contemplated` edge is not a fact: hoped, planned, believed, or an undertaking. For a
    merged edge `relations` counts the originals, and `spells` has the interval of each. An edge
    that is not `directed` means the same in both directions.
    """

    id: str
    source: str
    target: str
    type: str
    label: str
    weight: float = 1.0
    directed: bool = True
    start: str | None = None
    end: str | None = None
    iri: str | None = None
    modality: str | None = None
    stance: str | None = None
    status: str | None = None
    role: str | None = None
    contemplated: bool = False
    statement: str | None = None
    evidence: str | None = None
    sentence: str | None = None
    citation: str | None = None
    extra: Mapping[str, Value] = field(default_factory=dict)
    relations: int = 1
    spells: tuple[tuple[str | None, str | None], ...] = ()

    @property
    def sources(self) -> int:
        return len(self.citation.split(SEPARATOR)) if self.citation else 0

    @property
    def start_year(self) -> int | None:
        return _year(self.start)

    @property
    def end_year(self) -> int | None:
        return _year(self.end)


Getter = Callable[[Any], Value | None]


@dataclass(frozen=True, slots=True)
class NetworkField:
    """An attribute that every format writes if the node or edge has it."""

    name: str
    type: Type
    get: Getter


def _fields(*named: tuple[str, Type], **other: Getter) -> tuple[NetworkField, ...]:
    def getter(name: str) -> Getter:
        return other.get(name) or (lambda item: getattr(item, name))

    return tuple(NetworkField(name, type, getter(name)) for name, type in named)


NODE_FIELDS: Final = _fields(
    ("label", "string"),
    ("class", "string"),
    ("class_label", "string"),
    ("group", "string"),
    ("iri", "string"),
    ("iso3", "string"),
    **{"class": lambda node: node.cls},
)
# `valid_from` and `valid_to` repeat `start` and `end`: readers without dynamic networks show
# ordinary attributes only.
EDGE_FIELDS: Final = _fields(
    ("label", "string"),
    ("type", "string"),
    ("weight", "double"),
    ("directed", "boolean"),
    ("start", "string"),
    ("end", "string"),
    ("valid_from", "string"),
    ("valid_to", "string"),
    ("start_year", "integer"),
    ("end_year", "integer"),
    ("iri", "string"),
    ("modality", "string"),
    ("stance", "string"),
    ("status", "string"),
    ("role", "string"),
    ("contemplated", "boolean"),
    ("statement", "string"),
    ("evidence", "string"),
    ("sentence", "string"),
    ("citation", "string"),
    ("sources", "integer"),
    ("relations", "integer"),
    valid_from=lambda edge: edge.start,
    valid_to=lambda edge: edge.end,
)

# Written for formats that take only weights above 0: see `comity.graph.networks.encoding.weights`.
TRUE_WEIGHT: Final = NetworkField("true_weight", "double", lambda edge: edge.weight)


def node_values(node: Node) -> dict[str, Value]:
    """Return the attributes that a node has, by name, in a fixed order."""
    return _values(NODE_FIELDS, node)


def edge_values(edge: Edge) -> dict[str, Value]:
    """Return the attributes that an edge has, by name, in a fixed order."""
    return _values(EDGE_FIELDS, edge)


def _values(of: tuple[NetworkField, ...], item: Node | Edge) -> dict[str, Value]:
    fixed = {f.name: value for f in of if (value := f.get(item)) not in (None, "")}
    return {**fixed, **item.extra}


def is_contemplated(modality: str | None, status: str | None) -> bool:
    """True if an edge is not a fact: planned with some status, or hoped, predicted, believed …"""
    return bool(status) or any(m not in FACTUAL for m in (modality or "").split(SEPARATOR) if m)


def edge_label(said: Mapping[str, Any]) -> str:
    """Return the label of an edge, with its status if it is not a fact or found to be wrong."""
    label = said["label"] or in_words(said["type"])
    marks = [said["status"] or said["modality"]] if said["contemplated"] else []
    if verdict := said["extra"].get("verdict"):
        marks.append(str(verdict).replace("comity:", ""))
    return f"{label} ({', '.join(marks)})" if marks else str(label)


def merged(source: str, target: str, edges: list[Edge]) -> Edge:
    """Merge the edges of a pair into one: weights summed, texts joined, every interval a spell."""

    def joined(name: str) -> str | None:
        found = (getattr(edge, name) for edge in edges)
        parts = (part for text in found if text for part in text.split(SEPARATOR))
        return SEPARATOR.join(dict.fromkeys(parts)) or None

    spells = tuple(dict.fromkeys((edge.start, edge.end) for edge in edges))
    starts, ends = [s for s, _ in spells], [e for _, e in spells]
    return Edge(
        id=edge_id(f"{source} {target} {edges[0].contemplated}"),
        source=source,
        target=target,
        type=joined("type") or "related",
        label=joined("label") or "",
        weight=_finite(sum(edge.weight for edge in edges)),
        directed=any(edge.directed for edge in edges),
        start=None if None in starts else min(filter(None, starts), key=_order),
        end=None if None in ends else max(filter(None, ends), key=_order),
        contemplated=edges[0].contemplated,
        relations=len(edges),
        spells=spells if len(spells) > 1 else (),
        iri=joined("iri"),
        modality=joined("modality"),
        stance=joined("stance"),
        status=joined("status"),
        role=joined("role"),
        statement=joined("statement"),
        evidence=joined("evidence"),
        sentence=joined("sentence"),
        citation=joined("citation"),
    )


def joined_texts(one: object, other: object) -> str | None:
    """Join two texts; a part that is in both appears once."""
    parts = [part for text in (one, other) if text for part in str(text).split(SEPARATOR)]
    return SEPARATOR.join(dict.fromkeys(parts)) or None


def _finite(number: float) -> float:
    """Clamp a sum to a finite number, since files can't hold infinity."""
    return max(-sys.float_info.max, min(number, sys.float_info.max))


def _order(date: str) -> tuple[int, str]:
    """Sort key of a date; before Christ a greater year is earlier."""
    return _year(date) or 0, date.lstrip("-")


def _year(date: str | None) -> int | None:
    try:
        return int(date[: date.index("-", 1)]) if date else None
    except ValueError:
        return int(date) if date and date.lstrip("-").isdecimal() else None
