"""GEXF 1.3, dynamic: for Gephi, Gephi Lite, sigma.js and networkx.

See https://gexf.net/schema.html; how Gephi reads it is in its ImporterGEXF. Gephi drops edges of
weight 0 with a warning: see `comity.graph.networks.encoding.weights`.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
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
    node_values,
)
from comity.graph.networks.encoding.parallel_edges import with_kinds
from comity.graph.networks.encoding.weights import taken, values, with_true_weight
from comity.graph.networks.encoding.xml import TYPES, about, columns, escape, stream, written
from comity.graph.networks.model import Network
from comity.graph.networks.palette import edge_style, node_style

Interval = tuple[str | None, str | None]

_KEYWORDS: Final = "diplomacy, international relations, knowledge graph"
# Gephi and its exporter write this namespace without "www.".
_NAMESPACE: Final = "http://gexf.net/1.3"
# The same as attributes of the elements, so that viewers recognise them.
_ON_NODE: Final = frozenset(("label",))
_ON_EDGE: Final = frozenset(("label", "weight", "start", "end"))
# Columns that Gephi already has, and the names of networkx and graphology for the rest of an
# element.
_TAKEN: Final = (
    *("id", "label", "timeset", "weight", "kind", "start", "end", "spells", "slices", "parents"),
    *("pid", "viz", "networkx_key", "color", "size", "shape", "thickness", "x", "y", "z"),
)
_SIZE: Final = 20
# Shapes of nodes in the format, by those of the palette.
_SHAPES: Final = {"box": "square", "note": "triangle", "hexagon": "diamond", "octagon": "diamond"}
# Gephi draws no dashes, so edges that are not facts are paler.
_OPACITY: Final = {"solid": "1.0", "dashed": "0.5"}
# Open bounds, as texts that sort before and after all dates.
_EVER: Final = ""
_FOREVER: Final = "~"
_DATE: Final = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


def write(network: Network, out: IO[bytes]) -> None:
    """Write a network."""
    stream(_document(network), out)


def _document(network: Network) -> Iterator[str]:
    yield '<?xml version="1.0" encoding="UTF-8"?>\n'
    yield f'<gexf xmlns="{_NAMESPACE}" xmlns:viz="{_NAMESPACE}/viz" version="1.3">\n'
    yield _meta(network.header)
    # Without timeformat Gephi reads dates as numbers.
    yield (
        '<graph defaultedgetype="directed" mode="dynamic" timeformat="date"'
        ' timerepresentation="interval" idtype="string">\n'
    )
    node_fields = [field for field in NODE_FIELDS if field.name not in _ON_NODE]
    edge_fields = with_true_weight(network, [f for f in EDGE_FIELDS if f.name not in _ON_EDGE])
    of_nodes = columns(node_fields, network.node_attributes, _TAKEN)
    of_edges = columns(edge_fields, network.edge_attributes, _TAKEN)
    yield from _declared("node", (*node_fields, *network.node_attributes), of_nodes)
    yield from _declared("edge", (*edge_fields, *network.edge_attributes), of_edges)
    yield f'<nodes count="{network.node_count}">\n'
    yield from (_node(node, of_nodes) for node in network.nodes())
    yield f'</nodes>\n<edges count="{network.edge_count}">\n'
    yield from (_edge(edge, kind, of_edges) for edge, kind in with_kinds(network))
    yield "</edges>\n</graph>\n</gexf>\n"


def _meta(header: Header) -> str:
    day = f' lastmodifieddate="{header.created}"' if _is_date(header.created) else ""
    return (
        f"<meta{day}>\n<creator>{escape(header.creator)}</creator>\n"
        f"<keywords>{_KEYWORDS}</keywords>\n"
        f"<description>{escape(about(header))}</description>\n</meta>\n"
    )


def _declared(
    of: str, attributes: Iterable[NetworkField | Attribute], names: Mapping[str, str]
) -> Iterator[str]:
    yield f'<attributes class="{of}" mode="static">\n'
    for attribute in attributes:
        # graphology finds attributes by identifier, networkx by title.
        name, type_ = names[attribute.name], TYPES[attribute.type]
        yield f'<attribute id="{name}" title="{name}" type="{type_}"/>\n'
    yield "</attributes>\n"


def _node(node: Node, names: Mapping[str, str]) -> str:
    style = node_style(node.cls)
    return (
        f'<node id="{node.id}" label="{escape(node.label)}">{_values(node_values(node), names)}'
        f'{_colour(style.rgb, "1.0")}<viz:position x="{node.x}" y="{node.y}"/>'
        f'<viz:size value="{_SIZE}"/><viz:shape value="{_SHAPES.get(style.shape, "disc")}"/>'
        "</node>\n"
    )


def _edge(edge: Edge, kind: str, names: Mapping[str, str]) -> str:
    style = edge_style(edge.stance, edge.contemplated)
    found = intervals(edge)
    on_edge, spells = (_bounds(*found[0]), "") if len(found) == 1 else ("", _spells(found))
    return (
        f'<edge id="{edge.id}" source="{edge.source}" target="{edge.target}"'
        f' label="{escape(edge.label)}" kind="{escape(kind)}" weight="{taken(edge)}"{on_edge}>'
        f"{_values(values(edge), names)}{spells}"
        f'{_colour(style.rgb, _OPACITY[style.line])}<viz:shape value="{style.line}"/></edge>\n'
    )


def _values(said: Mapping[str, Value], names: Mapping[str, str]) -> str:
    found = "".join(
        f'<attvalue for="{names[name]}" value="{written(value)}"/>'
        for name, value in said.items()
        if name in names
    )
    return f"<attvalues>{found}</attvalues>" if found else ""


def _colour(rgb: tuple[int, int, int], opacity: str) -> str:
    # Not in hexadecimal, which networkx does not read.
    return '<viz:color r="{}" g="{}" b="{}" a="{}"/>'.format(*rgb, opacity)


def _spells(found: Iterable[Interval]) -> str:
    spells = "".join(f"<spell{_bounds(start, end)}/>" for start, end in found)
    return f"<spells>{spells}</spells>" if spells else ""


def _bounds(start: str | None, end: str | None) -> str:
    """Return the attributes of an interval; a missing one is open."""
    return (f' start="{start}"' if start else "") + (f' end="{end}"' if end else "")


def intervals(edge: Edge) -> tuple[Interval, ...]:
    """Return when an edge holds: disjoint, ordered intervals; None is an open bound.

    There are none if a bound is not a date for Gephi: half of an interval would claim more than is
    known. Gephi shows edges without an interval at all times, and so also edges merged from one
    such. It rejects overlapping intervals, so they are joined.
    """
    spells = edge.spells or ((edge.start, edge.end),)
    if not all(_is_interval(*spell) for spell in spells):
        return ()
    found: list[tuple[str, str]] = []
    for start, end in sorted((start or _EVER, end or _FOREVER) for start, end in spells):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(found[-1][1], end))
        else:
            found.append((start, end))
    return tuple((start or None, None if end == _FOREVER else end) for start, end in found)


def _is_interval(start: str | None, end: str | None) -> bool:
    if not all(bound is None or _is_date(bound) for bound in (start, end)):
        return False
    return start is None or end is None or start <= end


def _is_date(text: str) -> bool:
    """True if a text is an xsd:date of the years 1 to 9999 without a time zone."""
    try:
        return _DATE.fullmatch(text) is not None and bool(date.fromisoformat(text))
    except ValueError:
        return False
