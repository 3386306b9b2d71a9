"""Readers of DOT: Graphviz itself, and pydot; and of the pictures that Graphviz draws."""

import re
import struct
import subprocess
import warnings
from xml.etree import ElementTree

from needs import need_program
from outside import Read

# pydot 4.0 warns of its own use of pyparsing, when it is imported.
with warnings.catch_warnings(action="ignore", category=DeprecationWarning):
    from pydot import Dot, Node
    from pydot.dot_parser import parse_dot_data

SVG = "{http://www.w3.org/2000/svg}"
XLINK = "{http://www.w3.org/1999/xlink}"
_WORD = re.compile(r'"((?:[^"\\]|\\.)*)"|(\S+)')


def graphviz(data: bytes) -> Read:
    """What Graphviz draws, by its plain output."""
    nodes, edges = set(), []
    for line in drawn(data, "plain").decode().splitlines():
        kind, *words = (quoted or bare for quoted, bare in _WORD.findall(line))
        if kind == "node":
            nodes.add(words[0])
        elif kind == "edge":
            edges.append((words[0], words[1]))
    return nodes, edges


def drawn(data: bytes, format: str) -> bytes:
    """What Graphviz makes of a file; it must not warn."""
    need_program("dot")
    done = subprocess.run(["dot", f"-T{format}"], input=data, capture_output=True, check=False)
    assert done.returncode == 0, done.stderr
    assert not done.stderr, done.stderr
    return done.stdout


def pydot(data: bytes) -> Read:
    """What pydot reads."""
    graph = pydot_graph(data)
    names = [text(node.get_name()) for node in pydot_nodes(graph)]
    edges = [
        (text(str(edge.get_source())), text(str(edge.get_destination())))
        for edge in graph.get_edges()
    ]
    assert len(set(names)) == len(names)
    return set(names), edges


def pydot_graph(data: bytes) -> Dot:
    graphs = parse_dot_data(data.decode())
    assert graphs and len(graphs) == 1
    graph: Dot = graphs[0]
    assert not graph.get_strict() and graph.get_type() == "digraph"
    return graph


def pydot_nodes(graph: Dot) -> list[Node]:
    """The nodes, without pydot's own for defaults, which are called node, edge and graph."""
    return [node for node in graph.get_nodes() if node.get_name()[0] == '"']


def text(written: str) -> str:
    """A text between quotation marks as it is shown, its lines joined."""
    assert written[0] == written[-1] == '"', written
    unescaped = re.sub(r"\\(.)", lambda found: {"n": " "}.get(found[1], found[1]), written[1:-1])
    return unescaped.replace("&amp;", "&")


def svg(data: bytes) -> Read:
    """The nodes and edges of a picture, by their titles; it must be safe to show in a page."""
    root = ElementTree.fromstring(data)
    assert root.tag == f"{SVG}svg"
    for element in root.iter():
        assert element.tag.removeprefix(SVG) in _SAFE, element.tag
        assert not [name for name in element.attrib if name.lower().startswith("on")]
        link = element.get(f"{XLINK}href", "http://")
        assert link.startswith(("http://", "https://")), link
    nodes = {title(group) for group in groups(root, "node")}
    edges = [title(group).split("->") for group in groups(root, "edge")]
    return nodes, [(source, target) for source, target in edges]


_SAFE = ["svg", "g", "title", "polygon", "polyline", "ellipse", "path", "text", "a"]


def groups(root: ElementTree.Element, kind: str) -> list[ElementTree.Element]:
    return [group for group in root.iter(f"{SVG}g") if group.get("class") == kind]


def title(group: ElementTree.Element) -> str:
    return group.findtext(f"{SVG}title") or ""


def shown(group: ElementTree.Element) -> str:
    """The text that stands in a picture of a node or edge."""
    return " ".join("".join(line.itertext()) for line in group.iter(f"{SVG}text"))


def png(data: bytes) -> tuple[int, int]:
    """The width and height of a picture in pixels."""
    assert data.startswith(b"\x89PNG\r\n\x1a\n") and data.endswith(b"IEND\xaeB`\x82")
    width, height = struct.unpack(">II", data[16:24])
    return width, height
