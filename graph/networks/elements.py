"""What a network is made of: nodes and edges with time, standing and evidence, and what they say."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal

from comity.graph.networks.identifiers import edge_id
from comity.graph.networks.palette import node_style
from comity.graph.rdf.terms import in_words

Value = str | int | float | bool
Type = Literal["string", "integer", "double", "boolean"]
Multi = Literal["keep", "merge"]

# What stands between the values of an attribute that has several.
SEPARATOR: Final = " | "
_FACTUAL: Final = frozenset(("asserted", "presupposed"))


@dataclass(frozen=True, slots=True)
class Header:
    """What a file says of itself; `created` is an ISO date, `multi` what became of parallel edges."""

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
    """What nodes or edges may say beyond the fixed fields: one name, one type."""

    name: str
    type: Type


@dataclass(frozen=True, slots=True)
class Node:
    """A thing. `cls` is the name of its class (see `class_name`), "" if it is not known; `x` and `y` grow
    rightwards and upwards, neighbours about 100 apart. `iri` is None for a mere text."""

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
        """The name of its group in the palette."""
        return node_style(self.cls).group


@dataclass(frozen=True, slots=True)
class Edge:
    """A relation of two nodes, by their identifiers.

    `start` and `end` are ISO dates (2021-02-22), None where they are open or not known. `iri` is
    that of the record that says so, `evidence` its quotations, `citation` the IRIs of the sources,
    `sources` their number. What is `contemplated` is no fact: hoped, planned, believed, or an undertaking. Of merged
    edges `relations` counts how many they were, and `spells` has the interval of each. What is not
    `directed` says the same of both ends.
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
    """An attribute that every format writes, where the node or edge has it."""

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
# `valid_from` and `valid_to` say `start` and `end` once more: readers that know no dynamic networks
# show ordinary attributes alone.
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

# Written where a format takes no weight that is not above 0: see `comity.graph.networks.encoding.weights`.
TRUE_WEIGHT: Final = NetworkField("true_weight", "double", lambda edge: edge.weight)


def node_values(node: Node) -> dict[str, Value]:
    """The attributes that a node has, by name, in a fixed order."""
    return _values(NODE_FIELDS, node)


def edge_values(edge: Edge) -> dict[str, Value]:
    """The attributes that an edge has, by name, in a fixed order."""
    return _values(EDGE_FIELDS, edge)


def _values(of: tuple[NetworkField, ...], item: Node | Edge) -> dict[str, Value]:
    fixed = {f.name: value for f in of if (value := f.get(item)) not in (None, "")}
    return {**fixed, **item.extra}


def is_contemplated(modality: str | None, status: str | None) -> bool:
    """Whether an edge is no fact: planned with some status, or hoped, predicted, believed …"""
    return bool(status) or any(m not in _FACTUAL for m in (modality or "").split(SEPARATOR) if m)


def edge_label(said: Mapping[str, Any]) -> str:
    """What is written along an edge: for what is no fact, or found wrong, its standing as well."""
    label = said["label"] or in_words(said["type"])
    marks = [said["status"] or said["modality"]] if said["contemplated"] else []
    if verdict := said["extra"].get("verdict"):
        marks.append(str(verdict).replace("comity:", ""))
    return f"{label} ({', '.join(marks)})" if marks else str(label)


def merged(source: str, target: str, edges: list[Edge]) -> Edge:
    """One edge for all of a pair: weights summed, texts joined, every interval a spell."""

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
    """Two texts as one, a part that is in both once."""
    parts = [part for text in (one, other) if text for part in str(text).split(SEPARATOR)]
    return SEPARATOR.join(dict.fromkeys(parts)) or None


def _finite(number: float) -> float:
    """A sum that a file can hold, where two very large numbers have none."""
    return max(-sys.float_info.max, min(number, sys.float_info.max))


def _order(date: str) -> tuple[int, str]:
    """Dates before Christ are earlier the greater their year."""
    return _year(date) or 0, date.lstrip("-")


def _year(date: str | None) -> int | None:
    try:
        return int(date[: date.index("-", 1)]) if date else None
    except ValueError:
        return int(date) if date and date.lstrip("-").isdecimal() else None
