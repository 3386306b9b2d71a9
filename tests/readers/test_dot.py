"""DOT in its readers: Graphviz and pydot."""

import io
from typing import Any
from xml.etree import ElementTree

import pytest
import read_dot
import sample as networks
from hypothesis import example, given, settings
from outside import held, ordered
from texts import EDGES, NODES, fill

from comity.graph.networks.characters import holdable
from comity.graph.networks.elements import Header
from comity.graph.networks.formats import dot
from comity.graph.networks.model import Network


def written(network: Network) -> bytes:
    out = io.BytesIO()
    dot.write(network, out)
    return out.getvalue()


@pytest.fixture(params=["sample", "merged"])
def network(request: pytest.FixtureRequest) -> Network:
    found: Network = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("read", [read_dot.graphviz, read_dot.pydot])
def test_every_node_and_edge_is_read(network: Network, read: Any) -> None:
    assert ordered(read(written(network))) == held(network)


def test_equal_networks_make_equal_bytes(sample: Network) -> None:
    with Network(networks.HEADER) as again:
        networks.fill(again)
        assert written(again) == written(sample)


def test_what_pydot_reads(sample: Network) -> None:
    graph = read_dot.pydot_graph(written(sample))
    nodes = {read_dot.text(node.get_name()): node for node in read_dot.pydot_nodes(graph)}
    assert read_dot.text(nodes["namibia"].get("label")) == "Namibia"
    assert read_dot.text(nodes["cote-d-ivoire"].get("label")) == "Côte d'Ivoire"
    assert read_dot.text(nodes["russia"].get("label")) == networks.QUOTES
    assert read_dot.text(nodes["hormuz-peace-initiative"].get("label")) == networks.PERSIAN
    assert nodes["namibia"].get("fillcolor") == '"#77AADD"'
    assert nodes["hormuz-peace-initiative"].get("shape") == '"note"'
    assert nodes["namibia"].get("URL") == '"https://w3id.org/comity/id/namibia"'
    assert nodes["text_56b9385605a7"].get("URL") is None
    pair = [edge for edge in graph.get_edges() if edge.get_destination() == '"cote-d-ivoire"']
    assert [edge.get("style") for edge in pair] == ['"solid"', '"solid"', '"dashed"']
    assert [edge.get("label") for edge in pair] == ['"recognises"', '"meets"', '"meets (planned)"']
    assert pair[0].get("tooltip") == r'"recognises\nfrom 1990-03-21"'
    assert pair[2].get("weight") == '"2.5"'
    (supports,) = (edge for edge in graph.get_edges() if edge.get("label") == '"supports"')
    assert supports.get("color") == '"#0077BB"'
    quoting = next(edge for edge in graph.get_edges() if edge.get_source() == '"russia"')
    assert f"“{networks.QUOTES}”" in read_dot.text(quoting.get("tooltip"))


def test_it_says_where_it_is_from(sample: Network) -> None:
    comment = read_dot.text(read_dot.pydot_graph(written(sample)).get("comment"))
    header = networks.HEADER
    for said in (header.title, header.licence, header.release, header.url, header.query):
        assert said in comment


def test_dashes_are_explained_where_there_are_any(sample: Network) -> None:
    assert b"Dashed: not a fact" in written(sample)
    with Network(Header("Facts alone")) as network:
        network.add_edge(network.add_node("literal", "a"), network.add_node("literal", "b"), "")
        assert b"Dashed" not in written(network)
        assert b'label="Facts alone";' in written(network)


def test_links_go_to_the_web_alone() -> None:
    with Network(Header("x")) as network:
        for iri in (
            "javascript:alert(1)",
            "data:text/html,<script>",
            "urn:isbn:3",
            "https://example.org/?a=1&lt;=2&b=\"'<>\\N é",
        ):
            network.add_node("uri", iri, label="x")
        data = written(network)
    assert data.count(b"URL=") == 1
    root = ElementTree.fromstring(read_dot.drawn(data, "svg"))
    (link,) = filter(None, (element.get(f"{read_dot.XLINK}href") for element in root.iter()))
    assert link == "https://example.org/?a=1&lt;=2&b=%22%27%3C%3E%5CN%20%C3%A9"


@pytest.mark.parametrize(("nodes", "edges"), [(0, 0), (5, 4), (30, 40), (30, 170), (300, 20)])
def test_every_size_is_drawn_by_what_the_file_says(nodes: int, edges: int) -> None:
    with Network(Header("")) as network:
        ids = [network.add_node("uri", f"https://example.org/{i}") for i in range(nodes)]
        for number in range(edges):
            ends = ids[number % 7 % nodes], ids[number * number % nodes]
            network.add_edge(*ends, str(number), type="meets")
        data = written(network)
        assert ordered(read_dot.graphviz(data)) == held(network)
    engine = dot.look(nodes, edges).engine
    assert f"layout={engine};".encode() in data
    assert data.count(b"label=") == nodes + edges + 1


@pytest.mark.parametrize("weight", [0.0, -1.0, 0.5, 1e9])
def test_any_weight_is_drawn(weight: float) -> None:
    with Network(Header("x")) as network:
        one, two = (network.add_node("literal", text) for text in "ab")
        network.add_edge(one, two, "", weight=weight)
        for engine in ("dot", "sfdp"):
            data = written(network).replace(b"layout=dot", b"layout=" + engine.encode())
            assert ordered(read_dot.graphviz(data)) == held(network)


@given(NODES, EDGES)
@settings(max_examples=30, deadline=None)
@example([("a", "AT&amp;T &lt;b&gt; &copy; &#65; &", {})], [])
@example([("a", r"\N \G \l \\ \" \ ", {}), ("b", "-- --> <!-- ]]> \\", {})], [{}])
@example([("a", "a\rb\r\nc\nd  e\tf", {})], [{}])
@example([("", "", {})], [{}])
def test_any_text_is_shown_as_it_is(nodes: Any, edges: Any) -> None:
    with Network(Header(nodes[0][1], query=nodes[0][1])) as network:
        fill(network, nodes, edges)
        data = written(network)
        root = ElementTree.fromstring(read_dot.drawn(data, "svg"))
        found = {read_dot.title(g): read_dot.shown(g) for g in read_dot.groups(root, "node")}
        assert set(found) == held(network)[0]
        for node in network.nodes():
            assert "".join(found[node.id].split()) == "".join(holdable(node.label).split())
        labels = {e.id: e.label for e in network.edges()}
        groups = {g.get("id"): read_dot.shown(g) for g in read_dot.groups(root, "edge")}
        assert set(groups) == set(labels)
        for id, label in labels.items():
            assert "".join(groups[id].split()) == "".join(holdable(label).split())
        read = held(network)
    assert ordered(read_dot.pydot(data)) == read


@given(NODES)
@settings(max_examples=50, deadline=None)
def test_any_text_is_read_as_it_is(nodes: Any) -> None:
    with Network(Header("x")) as network:
        fill(network, nodes, [])
        graph = read_dot.pydot_graph(written(network))
        found = {
            read_dot.text(node.get_name()): read_dot.text(node.get("label"))
            for node in read_dot.pydot_nodes(graph)
        }
        assert found == {n.id: holdable(n.label).replace("\n", " ") for n in network.nodes()}
