"""GraphML in its readers: networkx, igraph for Python and R, graphology; and yEd's flavour of it."""

import io
import re
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import IO, Any
from xml.etree import ElementTree

import outside
import pytest
import read_graphml
import sample as networks
from hypothesis import given, settings
from outside import held, ordered
from read_graphml import GRAPHML, YFILES
from texts import EDGES, NASTY, NODES, clean, differences, fill

from comity.graph.networks.elements import EDGE_FIELDS, NODE_FIELDS, Header
from comity.graph.networks.formats import graphml
from comity.graph.networks.model import Network

Write = Callable[[Network, IO[bytes]], None]

FLAVOURS = pytest.mark.parametrize("write", [graphml.write, graphml.write_yed])


def written(network: Network, write: Write = graphml.write) -> bytes:
    out = io.BytesIO()
    write(network, out)
    return out.getvalue()


def saved(network: Network, file: Path, write: Write = graphml.write) -> Path:
    file.write_bytes(written(network, write))
    return file


def elements(data: bytes, name: str) -> Iterator[ElementTree.Element]:
    return ElementTree.fromstring(data).iter(GRAPHML + name)


@pytest.fixture(params=["sample", "merged"])
def network(request: pytest.FixtureRequest) -> Network:
    found: Network = request.getfixturevalue(request.param)
    return found


@FLAVOURS
@pytest.mark.parametrize("read", [read_graphml.networkx, read_graphml.structure])
def test_every_node_and_edge_is_read(network: Network, write: Write, read: Any) -> None:
    assert ordered(read(written(network, write))) == held(network)


@FLAVOURS
def test_igraph_reads_every_node_and_edge(network: Network, write: Write, tmp_path: Path) -> None:
    file = saved(network, tmp_path / "network.graphml", write)
    assert ordered(read_graphml.igraph(file)) == held(network)


@FLAVOURS
def test_graphology_reads_every_node_and_edge(
    sample: Network, merged: Network, write: Write, tmp_path: Path
) -> None:
    files = [saved(n, tmp_path / f"{n.header.multi}.graphml", write) for n in (sample, merged)]
    found = read_graphml.graphology(files)
    assert [ordered(read) for read in found] == [held(sample), held(merged)]


def test_r_reads_every_node_and_edge(sample: Network, merged: Network, tmp_path: Path) -> None:
    files = [saved(n, tmp_path / f"{n.header.multi}.graphml") for n in (sample, merged)]
    found = read_graphml.r_igraph(files)
    assert [ordered(read) for read in found] == [held(sample), held(merged)]


def test_networks_of_little(tmp_path: Path) -> None:
    files, expected = [], []
    for nodes in range(2):
        with Network(networks.HEADER) as network:
            for number in range(nodes):
                network.add_node("literal", str(number))
            data = written(network)
            expected.append(held(network))
            assert read_graphml.networkx(data) == read_graphml.structure(data) == held(network)
            files.append(saved(network, tmp_path / f"{nodes}.graphml"))
            assert read_graphml.igraph(files[-1]) == held(network)
    assert read_graphml.r_igraph(files) == read_graphml.graphology(files) == expected


def test_a_file_says_nothing_that_is_not_known() -> None:
    with Network(Header("A title")) as network:
        graph = read_graphml.networkx_graph(written(network))
    said = {name: value for name, value in graph.graph.items() if not name.endswith("_default")}
    assert said == {"name": "A title", "creator": "Comity", "multi": "keep"}


@FLAVOURS
def test_what_networkx_reads(sample: Network, write: Write) -> None:
    graph = read_graphml.networkx_graph(written(sample, write))
    assert [n for n, said in graph.nodes(data=True) if said["label"] == "Namibia"] == ["namibia"]
    assert graph.nodes["namibia"]["iso2"] == "NA"
    assert graph.nodes["namibia"]["population"] == 2_600_000
    assert graph.nodes["cote-d-ivoire"]["label"] == "Côte d'Ivoire"
    assert graph.nodes["russia"]["label"] == networks.QUOTES
    assert graph.nodes["iran"]["note"] == networks.PERSIAN
    pair = graph.get_edge_data("namibia", "cote-d-ivoire").values()
    assert [one["type"] for one in pair] == ["recognises", "meets", "meets"]
    assert [one["contemplated"] for one in pair] == [False, False, True]
    assert [one["weight"] for one in pair] == [1, 1, 2.5]
    assert [one["start"] for one in pair if "start" in one] == ["1990-03-21", "1992-04-27"]
    (said,) = graph.get_edge_data("iran", "hormuz-peace-initiative").values()
    assert said["evidence"] == "first | second" and said["sources"] == 2
    (said,) = graph.get_edge_data("hormuz-peace-initiative", "text_56b9385605a7").values()
    assert (said["start"], said["start_year"]) == ("-0431-01-01", -431)


@FLAVOURS
def test_every_fixed_attribute_is_declared(sample: Network, write: Write) -> None:
    keys = [key.attrib for key in elements(written(sample, write), "key")]
    declared = {(key["for"], key.get("attr.name"), key.get("attr.type")) for key in keys}
    types = {"integer": "long"}
    for of, fields in (("node", NODE_FIELDS), ("edge", EDGE_FIELDS)):
        assert {(of, f.name, types.get(f.type, f.type)) for f in fields} <= declared


def test_what_igraph_reads(sample: Network, tmp_path: Path) -> None:
    graph = read_graphml.igraph_graph(saved(sample, tmp_path / "sample.graphml"))
    assert graph["licence"] == networks.HEADER.licence
    assert graph["query"] == networks.HEADER.query
    russia = graph.vs.find(id="russia")
    assert russia["label"] == networks.QUOTES
    assert (russia["color"], russia["size"]) == ("#77AADD", 20)
    assert graph.es["contemplated"] == [False, False, True, *[False] * 5]
    assert graph.es[0]["start_year"] == 1990
    # Its edges have the identifiers of nodes (python-igraph 1.0), but their records are there.
    assert graph.es[0]["iri"].endswith("#f24.3")


def test_what_r_reads(sample: Network, tmp_path: Path) -> None:
    (graph,) = outside.r_igraph([saved(sample, tmp_path / "sample.graphml")])
    assert graph.said["licence"] == networks.HEADER.licence
    assert graph.said["name"] == networks.HEADER.title
    assert graph.said["created"] == "2026-11-24" and graph.said["multi"] == "keep"
    assert graph.nodes["russia"]["label"] == networks.QUOTES
    assert graph.nodes["namibia"]["iso2"] == "NA"
    assert graph.nodes["iran"]["note"] == networks.PERSIAN
    assert [id for id, *_ in graph.edges] == [edge.id for edge in sample.edges()]
    assert [said["contemplated"] for *_, said in graph.edges[:3]] == ["FALSE", "FALSE", "TRUE"]
    assert graph.edges[6][3]["start_year"] == "-431"


def test_what_graphology_reads(sample: Network, tmp_path: Path) -> None:
    (graph,) = outside.graphology("graphml", [saved(sample, tmp_path / "sample.graphml")])
    assert graph.nodes["russia"]["label"] == networks.QUOTES
    assert graph.nodes["namibia"]["color"] == "#77aadd"
    assert graph.said["licence"] == networks.HEADER.licence
    assert graph.said["description"] == "A network for the tests.\nOf two lines."
    assert [said["color"] for *_, said in graph.edges[1:3]] == ["#666666", "#b2b2b2"]


# What Gephi takes for the look of a node or an edge by the name of the key, as its
# ImporterGraphML has it, which asks the identifier of the key first.
GEPHI = {
    "node": {"label", "x", "y", "z", "xpos", "ypos", "size", "r", "g", "b", "color", "d3"},
    "edge": {"label", "edgelabel", "weight", "Edge Weight", "id", "edgeid", "r", "g", "b", "color"}
    | {"d7"},
}


def test_gephi_sees_positions_and_colours(sample: Network) -> None:
    data = written(sample)
    keys = {key.attrib["id"]: key.attrib for key in elements(data, "key")}
    looks = {id: key for id, key in keys.items() if key["attr.name"] in GEPHI.get(key["for"], ())}
    assert not looks.keys() & {*GEPHI["node"], *GEPHI["edge"]}
    for of in ("node", "edge"):
        names = {key["attr.name"] for key in looks.values() if key["for"] == of}
        more = {"x", "y", "size"} if of == "node" else {"weight"}
        assert names == {"label", "r", "g", "b", "color", *more}
        for element in elements(data, of):
            said = {
                looks[d.attrib["key"]]["attr.name"]: d.text
                for d in element
                if d.get("key") in looks
            }
            assert set(said) == names
            red, green, blue = (int(said[part] or "") for part in "rgb")
            assert said["color"] == f"#{red:02X}{green:02X}{blue:02X}"
    namibia = next(elements(data, "node"))
    assert [d.text for d in namibia if d.get("key") in ("node_x", "node_y")] == ["-44.2", "40.5"]


def test_gephi_keeps_parallel_edges_apart(sample: Network) -> None:
    """The attribute `label` of an edge is its type to Gephi, which merges edges of one type."""
    edges = [edge.attrib for edge in elements(written(sample), "edge")]
    assert [edge["label"] for edge in edges[:3]] == ["recognises", "meets", "meets 2"]
    assert len({(edge["source"], edge["target"], edge["label"]) for edge in edges}) == len(edges)


CLASHES = (
    "id",
    "name",
    "graphics",
    "7",
    "é",
    "x",
    "z",
    "r",
    "R",
    "size",
    "color",
    "d3",
    "label",
    "shape_type",
    "url",
)


@FLAVOURS
def test_attributes_with_taken_names_get_others(write: Write, tmp_path: Path) -> None:
    with Network(networks.HEADER) as network:
        extra = {name: f"as {name}" for name in CLASHES}
        one = network.add_node("uri", "https://example.org/1", extra=extra)
        network.add_edge(one, one, "loop", type="meets", extra=extra)
        file = saved(network, tmp_path / "clash.graphml", write)
    data = file.read_bytes()
    read_graphml.structure(data)
    graph, other = read_graphml.networkx_graph(data), read_graphml.igraph_graph(file)
    (node,), ((_, _, edge),) = dict(graph.nodes(data=True)).values(), graph.edges(data=True)
    for said in (node, edge, other.vs[0].attributes(), other.es[0].attributes()):
        assert {f"as {name}" for name in CLASHES} <= {str(value) for value in said.values()}


@settings(deadline=None)
@given(NODES, EDGES)
@FLAVOURS
def test_networkx_reads_what_was_written(write: Write, nodes: Any, edges: Any) -> None:
    with Network(networks.HEADER) as network:
        fill(network, nodes, edges)
        data = written(network, write)
        assert ordered(read_graphml.structure(data)) == held(network)
        graph = read_graphml.networkx_graph(data)
        for node in network.nodes():
            said = graph.nodes[node.id]
            assert (said.get("label") or "").strip() == clean(node.label).strip()
            assert said.get("iri", "") == clean(node.iri or "")
            assert not differences(said, dict(node.extra))
        found = {key: said for _, _, key, said in graph.edges(keys=True, data=True)}
        for edge in network.edges():
            said = found[edge.id]
            assert said["type"] == clean(edge.type)
            assert said.get("statement", "") == clean(edge.statement or "")
            assert not differences(said, dict(edge.extra))


@settings(deadline=None)
@given(NODES, EDGES)
def test_igraph_reads_what_was_written(nodes: Any, edges: Any) -> None:
    with Network(networks.HEADER) as network, TemporaryDirectory() as folder:
        fill(network, nodes, edges)
        file = saved(network, Path(folder, "network.graphml"))
        assert ordered(read_graphml.igraph(file)) == held(network)
        graph = read_graphml.igraph_graph(file)
        assert graph.vs["label"] == [clean(node.label) for node in network.nodes()]
        assert graph.es["type"] == [clean(edge.type) for edge in network.edges()]
        said = [edge.attributes() for edge in graph.es]
        for one, edge in zip(said, network.edges(), strict=True):
            numbers = {n: float(v) for n, v in edge.extra.items() if type(v) in (int, float)}
            # It has "&#38;" for an ampersand in a name (C core 1.0).
            extra = {n: v for n, v in {**edge.extra, **numbers}.items() if "&" not in n}
            assert not differences(one, extra)


def test_igraph_reads_the_smallest_numbers(tmp_path: Path) -> None:
    """It refuses a whole file for a number that is denormal."""
    small = {"smallest": sys.float_info.min, "denormal": 5e-324}
    with Network(networks.HEADER) as network:
        network.add_node("literal", "small", extra=small)
        graph = read_graphml.igraph_graph(saved(network, tmp_path / "small.graphml"))
    assert (graph.vs[0]["smallest"], graph.vs[0]["denormal"]) == (sys.float_info.min, 0)


def test_every_reader_reads_every_character(tmp_path: Path) -> None:
    with Network(replace(networks.HEADER, query="".join(NASTY))) as network:
        for character in NASTY:
            text = f" {character}<{character} "
            network.add_node("literal", text, extra={"more": text})
        file = saved(network, tmp_path / "characters.graphml")
        expected = [clean(node.label) for node in network.nodes()]
    query = clean("".join(NASTY))
    (r,), (js,) = outside.r_igraph([file]), outside.graphology("graphml", [file])
    python = read_graphml.igraph_graph(file)
    for said in (r.said, js.said, {"query": python["query"]}):
        assert said["query"] == query
    for name in ("label", "more"):
        for graph in (r, js):
            assert [said[name] for said in graph.nodes.values()] == expected
        assert python.vs[name] == expected


def test_it_is_always_the_same(sample: Network) -> None:
    for write in (graphml.write, graphml.write_yed):
        with Network(networks.HEADER) as network:
            networks.fill(network)
            assert written(network, write) == written(sample, write)


# yEd: what it shows is in elements of its own.


def look(data: bytes, of: str, number: int) -> dict[str, dict[str, str]]:
    """The attributes of the elements that make the look of a node or an edge, by their names."""
    element = list(elements(data, of))[number]
    (graphics,) = (datum for datum in element if datum.get("key") == f"{of}graphics")
    (shape,) = graphics
    assert shape.tag == YFILES + {"node": "ShapeNode", "edge": "PolyLineEdge"}[of]
    return {
        part.tag.removeprefix(YFILES): dict(part.attrib) | {"text": part.text or ""}
        for part in shape
    }


def test_yed_finds_its_graphics(sample: Network) -> None:
    data = written(sample, graphml.write_yed)
    kinds = {key.get("yfiles.type"): key.attrib for key in elements(data, "key")}
    assert kinds["nodegraphics"]["for"] == "node" and kinds["edgegraphics"]["for"] == "edge"
    for number, node in enumerate(sample.nodes()):
        assert look(data, "node", number)["NodeLabel"]["text"] == clean(node.label)
    for number, edge in enumerate(sample.edges()):
        assert look(data, "edge", number)["EdgeLabel"]["text"] == edge.label


def test_yed_shows_labels_shapes_and_colours(sample: Network) -> None:
    data = written(sample, graphml.write_yed)
    namibia, proposal, text = (look(data, "node", number) for number in (0, 4, 5))
    assert [part["Shape"]["type"] for part in (namibia, proposal, text)] == [
        "rectangle",
        "parallelogram",
        "ellipse",
    ]
    assert namibia["Fill"] == {"color": "#77AADD", "transparent": "false", "text": ""}
    # Its corner is half of it away from the middle, and y grows downwards.
    place = {name: float(value) for name, value in namibia["Geometry"].items() if value}
    assert (place["x"] + place["width"] / 2, place["y"] + place["height"] / 2) == (-44.2, -40.5)
    assert float(text["Geometry"]["height"]) > place["height"], "it has two lines"


def test_yed_shows_what_is_no_fact_dashed(sample: Network) -> None:
    data = written(sample, graphml.write_yed)
    lines = [look(data, "edge", number)["LineStyle"]["type"] for number in range(8)]
    assert lines == ["dashed" if edge.contemplated else "line" for edge in sample.edges()]
    assert lines.count("dashed") == 1
    assert look(data, "edge", 5)["LineStyle"]["color"] == "#0077BB"
    assert look(data, "edge", 0)["Arrows"] == {"source": "none", "target": "standard", "text": ""}


def test_yed_opens_addresses_and_shows_the_words(sample: Network) -> None:
    graph = read_graphml.networkx_graph(written(sample, graphml.write_yed))
    assert graph.nodes["namibia"]["url"] == "https://w3id.org/comity/id/namibia"
    assert "url" not in graph.nodes["text_56b9385605a7"]
    (said,) = graph.get_edge_data("iran", "hormuz-peace-initiative").values()
    assert said["description"] == "first | second" and said["url"].endswith("#f24.3")
    assert "Licence: https://creativecommons.org/" in graph.graph["Description"]


@pytest.mark.parametrize(
    "iri", ["javascript:alert(1)", "file:///etc/passwd", "http://a | http://b"]
)
def test_yed_is_given_addresses_alone(iri: str) -> None:
    with Network(networks.HEADER) as network:
        one = network.add_node("uri", iri)
        network.add_edge(one, one, "loop", type="meets", iri=iri)
        keys = {d.get("key") for d in elements(written(network, graphml.write_yed), "data")}
    assert "node_iri" in keys and not {"node_url", "edge_url"} & keys


@pytest.mark.parametrize("start", ["<html>", "<HTML>"])
def test_yed_does_not_take_a_label_for_html(start: str) -> None:
    label = f"{start}<img src='http://example.org/'>"
    with Network(networks.HEADER) as network:
        one = network.add_node("literal", label)
        network.add_edge(one, one, "loop", label=label)
        data = written(network, graphml.write_yed)
    assert look(data, "node", 0)["NodeLabel"]["text"] == f" {label}"
    assert look(data, "edge", 0)["EdgeLabel"]["text"] == f" {label}"


@pytest.mark.parametrize(
    ("pattern", "by"),
    [
        (r'attr.name="votes"', 'attr.name="label"'),
        (r'id="cote-d-ivoire"', 'id="namibia"'),
        (r'<edge id="rel_a5b3b41d1a54"', '<edge id="rel_c78b86915056"'),
        (r'<edge id="rel_a5b3b41d1a54"', '<edge id="iran"'),
        (r'target="cote-d-ivoire"', 'target="nowhere"'),
        (r'key="edge_votes"', 'key="node_note"'),
        (r'attr.type="double"', 'attr.type="decimal"'),
        (r"(<key .*\n)(<graph .*\n)", r"\2\1"),
    ],
)
def test_the_check_of_the_structure_sees_faults(sample: Network, pattern: str, by: str) -> None:
    data = written(sample)
    broken = re.sub(pattern, by, data.decode()).encode()
    assert broken != data
    read_graphml.structure(data)
    with pytest.raises((AssertionError, KeyError, IndexError)):
        read_graphml.structure(broken)
