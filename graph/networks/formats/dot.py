"""DOT, for Graphviz (graphviz.org/doc/info/lang.html): for pictures, not for data.

The file names its best layout engine, so that `dot -Tsvg` is enough.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import IO, Final, Literal
from urllib.parse import quote

from comity.graph.networks.characters import holdable
from comity.graph.networks.elements import SEPARATOR, Edge, Header, Node
from comity.graph.networks.encoding.xml import about
from comity.graph.networks.model import Network
from comity.graph.networks.palette import EdgeStyle, Style, edge_style, node_style

Engine = Literal["dot", "sfdp"]

# Liberation Sans replaces Arial on Linux with the same widths; DejaVu has the glyphs that it lacks.
FONTS: Final = "Arial,Helvetica,DejaVu Sans,sans-serif"
_NODE_WIDTH: Final = 22  # characters per line of a label
_EDGE_WIDTH: Final = 18
_LINES: Final = 5
_LONGEST_TOOLTIP: Final = 1000
_LINKED: Final = ("http://", "https://")

# Graphviz decodes these in texts, which would change the text.
_ENTITY: Final = re.compile(r"&(?=#?[A-Za-z0-9]+;)")


@dataclass(frozen=True, slots=True)
class DrawingStyle:
    """Best drawing style for a network of its size.

    With `brief`, merged edges show their number instead of their names, which would hide
    everything.
    """

    engine: Engine
    attributes: str
    edge_labels: bool = True
    brief: bool = True


@dataclass(slots=True)
class Legend:
    """Palette entries used in a network, in order of appearance, for its legend."""

    nodes: dict[str, Style] = field(default_factory=dict)
    edges: dict[str, EdgeStyle] = field(default_factory=dict)
    contemplated: bool = False


def look(nodes: int, edges: int) -> DrawingStyle:
    """Return the style for this many nodes and edges; found by trial."""
    if nodes <= 20 and edges <= 40:
        return DrawingStyle("dot", "rankdir=LR; nodesep=0.25; ranksep=0.6")
    sfdp = f"K=1; overlap=prism; {packing(nodes, edges)}"
    if edges <= 150:
        # Routing edges around nodes takes seconds if there are many of both.
        splines = "true" if nodes * edges <= 5000 else "line"
        return DrawingStyle("sfdp", f'{sfdp}; sep="+26,14"; splines={splines}')
    return DrawingStyle("sfdp", f'{sfdp}; sep="+6"; splines=line', edge_labels=False)


def packing(nodes: int, edges: int) -> str:
    """Return how unconnected parts are packed: tightly, unless there are hundreds."""
    return "packmode=array; pack=12" if nodes - edges > 200 else "pack=12"


def write(network: Network, out: IO[bytes]) -> None:
    """Write the network as DOT; edges keep their labels however many there are."""
    found = look(network.node_count, network.edge_count)
    used = Legend()
    for line in lines(network, replace(found, edge_labels=True, brief=False), used):
        out.write(line.encode())
    note = r"\nDashed: not a fact, but planned, hoped, believed …" if used.contemplated else ""
    label = quoted(network.header.title)[:-1] + note
    out.write(f'  label={label}";\n}}\n'.encode())


def lines(network: Network, found: DrawingStyle, used: Legend) -> Iterator[str]:
    """Yield the lines of the file except the last, label and bracket; fills `used`."""
    yield from _head(network.header, found)
    for node in network.nodes():
        yield _node(node, used)
    for edge in network.edges():
        label = _brief(edge) if found.brief else edge.label
        yield _edge(edge, used, label if found.edge_labels else None)


def _head(header: Header, found: DrawingStyle) -> Iterator[str]:
    yield f"digraph {quoted(header.title)} {{\n"
    yield f"  comment={quoted(about(header))};\n"
    yield f"  layout={found.engine}; {found.attributes};\n"
    yield f"  fontname={quoted(FONTS)}; fontsize=14; labelloc=b; bgcolor=white; outputorder=edgesfirst;\n"
    yield f'  node [fontname={quoted(FONTS)}, fontsize=11, style=filled, color="#555555", margin="0.12,0.06"];\n'
    yield f"  edge [fontname={quoted(FONTS)}, fontsize=9, arrowsize=0.7];\n"


def _node(node: Node, used: Legend) -> str:
    style = node_style(node.cls)
    used.nodes.setdefault(style.group, style)
    said = {
        "id": node.id,
        "label": wrapped(node.label, _NODE_WIDTH),
        "tooltip": "\n".join(filter(None, (node.label, node.class_label, node.iri))),
        "shape": style.shape if node.iri else "box",
        "fillcolor": style.fill,
    }
    if style.group == "proposition":
        said["style"] = "filled,dashed"
    link = f", URL={_link(node.iri)}" if node.iri and node.iri.startswith(_LINKED) else ""
    return f"  {quoted(node.id)} [{_attributes(said)}{link}];\n"


def _brief(edge: Edge) -> str:
    if SEPARATOR not in edge.label or edge.relations == 1:
        return edge.label
    return f"{edge.relations} relations" + (", not facts" if edge.contemplated else "")


def _edge(edge: Edge, used: Legend, label: str | None) -> str:
    style = edge_style(edge.stance, edge.contemplated)
    used.contemplated |= edge.contemplated
    if edge.stance and edge_style(None, edge.contemplated) != style:
        used.edges.setdefault(edge.stance, style)
    said = {
        "id": edge.id,
        "tooltip": _tooltip(edge),
        "color": style.colour,
        "fontcolor": style.colour,
        "style": style.line,
    }
    if not edge.directed:
        said["dir"] = "none"
    if label is not None:
        said = {"label": wrapped(label, _EDGE_WIDTH), **said}
    if edge.weight > 0 and edge.weight != 1:
        said |= {"weight": f"{edge.weight:g}", "penwidth": f"{min(1 + edge.weight / 4, 5):.2f}"}
    return f"  {quoted(edge.source)} -> {quoted(edge.target)} [{_attributes(said)}];\n"


def _tooltip(edge: Edge) -> str:
    begin = f"from {edge.start}" if edge.start else ""
    when = " ".join(filter(None, (begin, f"until {edge.end}" if edge.end else "")))
    evidence = f"“{edge.evidence}”" if edge.evidence else ""
    text = "\n".join(filter(None, (edge.label, when, edge.statement, evidence)))
    return text if len(text) <= _LONGEST_TOOLTIP else text[:_LONGEST_TOOLTIP] + "…"


def _attributes(said: dict[str, str]) -> str:
    return ", ".join(f"{name}={quoted(text)}" for name, text in said.items())


def _link(iri: str) -> str:
    """Quote an IRI as the address of a link, since Graphviz 2 does not escape it in SVG."""
    return '"' + quote(iri, safe="%/:?#[]@!$&()*+,;=~").replace("&", "&amp;") + '"'


def wrapped(text: str, width: int) -> str:
    """Wrap the text at spaces to about this width; long texts get wider lines."""
    width = max(width, len(text) // _LINES)
    found: list[str] = []
    for word in text.split(" "):
        if found and len(found[-1]) + len(word) < width:
            found[-1] += f" {word}"
        else:
            found.append(word)
    return "\n".join(found)


def quoted(text: str) -> str:
    """Quote a text so that Graphviz shows it unchanged."""
    escaped = _ENTITY.sub("&amp;", holdable(text)).replace("\\", "\\\\").replace('"', '\\"')
    return '"' + escaped.replace("\n", "\\n") + '"'
