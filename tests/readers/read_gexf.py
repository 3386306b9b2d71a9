"""Readers of GEXF: networkx, graphology, the official schema, and Gephi by the rules of its source."""

import io
import re
from collections.abc import Iterator, Sequence
from datetime import date
from functools import cache
from pathlib import Path
from xml.etree import ElementTree

import networkx as nx
import outside
from lxml import etree
from needs import need_data
from outside import Read
from places import OUTSIDE

SCHEMA = OUTSIDE / "viewers" / "gexf-1.3" / "gexf.xsd"
GEXF = "{http://gexf.net/1.3}"
VIZ = "{http://gexf.net/1.3/viz}"


def networkx(data: bytes) -> Read:
    graph = networkx_graph(data)
    return set(graph.nodes), list(graph.edges())


def networkx_graph(data: bytes) -> nx.MultiDiGraph:
    graph = nx.read_gexf(io.BytesIO(data))
    assert graph.is_directed()
    return nx.MultiDiGraph(graph)


def graphology(files: Sequence[Path]) -> list[Read]:
    return [graph.read for graph in outside.graphology("gexf", files)]


def schema(data: bytes) -> Read:
    """The official schema of GEXF 1.3. It has no place for Gephi's own namespace of looks."""
    need_data(SCHEMA)
    document = etree.fromstring(data)
    looks = document.findall(f".//{VIZ}*")
    for look in looks:
        look.getparent().remove(look)
    _schema().assertValid(document)
    return _read(ElementTree.fromstring(data))


@cache
def _schema() -> etree.XMLSchema:
    return etree.XMLSchema(etree.parse(SCHEMA))


def _read(root: ElementTree.Element) -> Read:
    edges = [(edge.attrib["source"], edge.attrib["target"]) for edge in root.iter(f"{GEXF}edge")]
    return {node.attrib["id"] for node in root.iter(f"{GEXF}node")}, edges


# Gephi, by what its ImporterGEXF, ImportContainerImpl, ElementDraftImpl and graphstore refuse,
# warn of, or silently change. Java's numbers, which are not Python's.
_JAVA = {
    "string": re.compile(r".*", re.DOTALL),
    "long": re.compile(r"-?\d{1,19}"),
    "double": re.compile(r"-?\d+(\.\d+)?([eE][+-]?\d+)?"),
    "boolean": re.compile(r"true|false"),
}
# The columns that its tables have of themselves.
_COLUMNS = {"id", "label", "timeset", "weight"}


def gephi(data: bytes) -> Read:
    """What Gephi makes of a file, which must go without any line in its import report."""
    root = ElementTree.fromstring(data)
    assert root.tag == f"{GEXF}gexf" and root.get("version") == "1.3"
    graph = root.find(f"{GEXF}graph")
    assert graph is not None
    # Without timeformat it takes times for numbers; other representations can't be mixed in.
    assert graph.attrib == {
        "defaultedgetype": "directed",
        "mode": "dynamic",
        "timeformat": "date",
        "timerepresentation": "interval",
        "idtype": "string",
    }
    columns = {of.attrib["class"]: dict(_columns(of)) for of in graph.iter(f"{GEXF}attributes")}
    ids: set[str] = set()
    for node in graph.iter(f"{GEXF}node"):
        assert set(node.attrib) == {"id", "label"}
        _check_element(node, columns["node"], ids)
        position, size = node.find(f"{VIZ}position"), node.find(f"{VIZ}size")
        assert position is not None and size is not None
        assert all(_JAVA["double"].fullmatch(position.attrib[axis]) for axis in "xy")
        assert list(size.attrib) == ["value"] and float(size.attrib["value"]) > 0
        shape = node.find(f"{VIZ}shape")
        assert shape is not None and shape.get("value") in {"disc", "square", "triangle", "diamond"}
    nodes, keys = set(ids), set()
    for edge in graph.iter(f"{GEXF}edge"):
        assert {"source", "target", "kind", "label", "weight"} <= set(edge.attrib)
        assert {edge.attrib["source"], edge.attrib["target"]} <= nodes, "it would make the node"
        _check_element(edge, columns["edge"], ids)
        assert _JAVA["double"].fullmatch(edge.attrib["weight"])
        assert float(edge.attrib["weight"]) > 0, "it would leave the edge out, or warn"
        keys.add(key := tuple(edge.attrib[name] for name in ("source", "target", "kind")))
        assert all(key), "it would take an empty kind for none"
        _check_time(edge)
    found = _read(root)
    assert len(keys) == len(found[1]), "it would merge edges of one kind"
    return found


def _columns(attributes: ElementTree.Element) -> Iterator[tuple[str, str]]:
    assert attributes.get("mode") == "static"
    used = set(_COLUMNS)
    for column in attributes:
        id, type_ = column.attrib["id"], column.attrib["type"]
        assert id and column.get("title") and type_ in _JAVA
        assert id.lower() not in used, "its tables know no case"
        used.add(id.lower())
        yield id, type_


def _check_element(element: ElementTree.Element, columns: dict[str, str], ids: set[str]) -> None:
    assert element.get("id") and element.attrib["id"] not in ids
    ids.add(element.attrib["id"])
    said = [value.attrib for value in element.iter(f"{GEXF}attvalue")]
    assert len({one["for"] for one in said}) == len(said)
    for one in said:
        assert _JAVA[columns[one["for"]]].fullmatch(one["value"]), one
    colour = element.find(f"{VIZ}color")
    assert colour is not None and list(colour.attrib) == ["r", "g", "b", "a"]
    assert all(0 <= int(colour.attrib[part]) <= 255 for part in "rgb")
    assert 0 <= float(colour.attrib["a"]) <= 1


def _check_time(edge: ElementTree.Element) -> None:
    """Intervals must be in order, not empty and apart; it would drop others."""
    spells = list(edge.iter(f"{GEXF}spell"))
    assert not (spells and {"start", "end"} & set(edge.attrib)), "it would take the spells alone"
    last = ""
    for number, spell in enumerate(spells):
        assert set(spell.attrib) <= {"start", "end"} and spell.attrib
        assert "start" in spell.attrib or number == 0
        assert "end" in spell.attrib or number == len(spells) - 1
        assert number == 0 or last < spell.attrib["start"]
        last = spell.get("end", "")
    for interval in (edge, *spells):
        bounds = [interval.attrib[name] for name in ("start", "end") if name in interval.attrib]
        assert bounds == sorted(bounds)
        assert all(date.fromisoformat(bound).isoformat() == bound for bound in bounds)
