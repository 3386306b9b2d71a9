"""VOSviewer's JSON by its schema and in the reader of VOSviewer Online."""

import html
import io
import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import read_vosviewer
import sample as networks
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import ValidationError
from outside import Read, held
from texts import EDGES, NASTY, NODES, TEXT, fill

from comity.graph.networks.elements import Header
from comity.graph.networks.formats import vosviewer
from comity.graph.networks.model import Network
from comity.graph.networks.palette import node_style


def written(network: Network) -> bytes:
    out = io.BytesIO()
    vosviewer.write(network, out)
    return out.getvalue()


def document(network: Network) -> Any:
    return json.loads(written(network))


def shown(network: Network) -> Read:
    """What of a network can be a link: pairs of things with a fact between them."""
    pairs = {
        tuple(sorted((edge.source, edge.target)))
        for edge in network.edges()
        if not edge.contemplated and edge.source != edge.target
    }
    return held(network)[0], sorted(pairs)  # type: ignore[arg-type]


def undirected(read: Read) -> Read:
    nodes, edges = read
    return nodes, sorted((min(pair), max(pair)) for pair in edges)


@pytest.fixture(params=["sample", "merged"])
def network(request: pytest.FixtureRequest) -> Network:
    found: Network = request.getfixturevalue(request.param)
    return found


def test_every_node_and_pair_is_read(network: Network) -> None:
    assert undirected(read_vosviewer.schema(written(network))) == shown(network)


def test_vosviewer_online_reads_every_node_and_pair(
    sample: Network, merged: Network, tmp_path: Path
) -> None:
    files = []
    for network in (sample, merged):
        files.append(tmp_path / f"{network.header.multi}.vos.json")
        files[-1].write_bytes(written(network))
    found = [undirected(read) for read in read_vosviewer.online(files)]
    assert found == [shown(sample), shown(merged)]


def test_strengths_are_sums_of_facts(network: Network) -> None:
    """Two relations of weight 1 and a planned one of 2.5: also where merged edges mix them."""
    found = document(network)["network"]
    ids = {item["slug"]: item["id"] for item in found["items"]}
    ends = {ids["namibia"], ids["cote-d-ivoire"]}
    (link,) = (each for each in found["links"] if {each["source_id"], each["target_id"]} == ends)
    assert link["strength"] == 2.0 and link["description"] == "meets; recognises"
    weights = {item["slug"]: item["weights"] for item in found["items"]}
    assert weights["hormuz-peace-initiative"] == {"Links": 3, "Total link strength": 3.0}
    assert weights["iri_n_c_d_a_1_b_2_c01cb72b"] == {"Links": 0, "Total link strength": 0.0}


def test_types_are_shown_as_they_are() -> None:
    """In HTML; and what stands in braces VOSviewer Online takes for the name of an attribute."""
    with Network(networks.HEADER) as network:
        one, two = (network.add_node("uri", f"https://example.org/{i}") for i in range(2))
        network.add_edge(one, two, "key", type="<a> {b} & c")
        (link,) = document(network)["network"]["links"]
    assert link["description"] == "&lt;a&gt; (b) &amp; c"


def test_it_says_what_it_leaves_out(network: Network) -> None:
    info = document(network)["info"]
    assert info["title"] == 'Actors &amp; "issues" &lt;of&gt; the article'
    assert "FILTER(?a &lt; 1 &amp;&amp; ?b &gt; &quot;2&quot;)" in info["description"]
    said = html.unescape(info["description"])
    assert "look like facts (hoped, planned, believed …): 1<" in said
    assert "Relations of a thing with itself, left out: 1<" in said
    assert f"Licence: {networks.HEADER.licence}<" in said
    assert f"Query: {networks.HEADER.query}<" in said


def test_a_file_says_nothing_that_is_not_known() -> None:
    with Network(Header("A title", creator="")) as network:
        read_vosviewer.schema(written(network))
        info = document(network)["info"]
    assert info["description"].count("<p>") == 1


def test_clusters_are_groups_with_their_colours(sample: Network) -> None:
    found = document(sample)
    labels = {each["cluster"]: each["label"] for each in found["network"]["clusters"]}
    groups = {item["slug"]: labels[item["cluster"]] for item in found["network"]["items"]}
    assert groups["iran"] == groups["namibia"] == "state"
    assert groups["hormuz-peace-initiative"] == "proposal"
    assert groups["text_56b9385605a7"] == "other"
    colours = found["config"]["color_schemes"]["cluster_colors"]
    fills = {labels[each["cluster"]]: each["color"] for each in colours}
    assert fills["state"] == node_style("State").fill
    # Circles have no border, so none may be white.
    with Network(networks.HEADER) as network:
        network.add_node("uri", "https://example.org/1", cls="ContemplatedEvent")
        (colour,) = document(network)["config"]["color_schemes"]["cluster_colors"]
    assert colour["color"] != "#FFFFFF"


def test_positions_are_kept_between_minus_one_and_one(sample: Network, tmp_path: Path) -> None:
    """Upwards as in the network. Without any, VOSviewer finds better ones than a spiral."""
    assert not any("x" in item for item in document(sample)["network"]["items"])
    places = [("namibia", 0.0, 0.0), ("iran", 4000.0, 100.0), ("russia", 2000.0, -900.0)]
    sample.place(places)
    found = {item["slug"]: item for item in document(sample)["network"]["items"]}
    assert all(-1 <= item[axis] <= 1 for item in found.values() for axis in "xy")
    assert found["iran"]["x"] == 1 and found["russia"]["y"] < found["namibia"]["y"]
    file = tmp_path / "placed.vos.json"
    file.write_bytes(written(sample))
    (read,) = read_vosviewer.online_networks([file])
    assert {item["slug"]: item["x"] for item in read["items"]}["iran"] == 1


def test_a_network_without_links_is_opened_too(tmp_path: Path) -> None:
    """It needs positions then; and it takes no network of less than three things."""
    files = []
    for count in (2, 3):
        with Network(networks.HEADER) as network:
            for number in range(count):
                network.add_node("uri", f"https://example.org/{number}")
            files.append(tmp_path / f"{count}.json")
            files[-1].write_bytes(written(network))
    few, enough = read_vosviewer.online_networks(files)
    assert few == {"error": "There must be at least three items."}
    assert len(enough["items"]) == 3
    assert [len(nodes) for nodes, _ in read_vosviewer.online(files)] == [2, 3]


@pytest.mark.parametrize("weight", [-1.0, float("inf"), float("-inf"), float("nan")])
def test_a_weight_that_is_no_strength_counts_nothing(weight: float) -> None:
    with Network(networks.HEADER) as network:
        one, two = (network.add_node("uri", f"https://example.org/{i}") for i in range(2))
        network.add_edge(one, two, "a", weight=weight)
        network.add_edge(two, one, "b", weight=0.5)
        read_vosviewer.schema(written(network))
        (link,) = document(network)["network"]["links"]
    assert link["strength"] == 0.5


def test_only_addresses_of_the_web_are_links() -> None:
    with Network(networks.HEADER) as network:
        network.add_node("uri", "javascript:alert(1)")
        (item,) = document(network)["network"]["items"]
    assert "url" not in item


# What VOSviewer Online reads as a number, as nothing, or as HTML.
LABELS = (
    *("007", "1e5", "-0.5", "+7", ".5", "5.", "0x1F", "Infinity", " 12 ", "null", "NaN", "NULL"),
    *("<b>bold</b>", "a < b", "AT&T", "R&D", "&lt;", "&copy", "&#65;", "&", "{label}", "12 states"),
)


def labels(texts: tuple[str, ...] | list[str], file: Path) -> list[str]:
    """What VOSviewer Online writes beside things of these names."""
    with Network(networks.HEADER) as network:
        for number, text in enumerate(texts):
            network.add_node("uri", f"https://example.org/{number}", label=text)
        file.write_bytes(written(network))
    (read,) = read_vosviewer.online_networks([file])
    return [read_vosviewer.label(item) for item in read["items"]]


def test_labels_are_shown_as_they_are(tmp_path: Path) -> None:
    found = labels(LABELS, tmp_path / "labels.json")
    assert found == [text.strip() if text == " 12 " else text for text in LABELS]


def test_every_character_of_a_label_is_shown(tmp_path: Path) -> None:
    texts = [f"x{character}<{character}" for character in NASTY]
    assert labels(texts, tmp_path / "characters.json") == texts


@given(TEXT | st.sampled_from(LABELS) | st.from_regex(r"[&#a-z0-9;]{1,6}"))
def test_a_label_is_html_that_says_the_same(label: str) -> None:
    found = vosviewer.shown(label)
    if found == label:
        assert html.unescape(label) == label and "<" not in label
    else:
        assert "<" not in found and html.unescape(found) in (label, label.strip())


@settings(deadline=None)
@given(NODES, EDGES)
def test_any_network_is_sound(nodes: Any, edges: Any) -> None:
    with Network(networks.HEADER) as network:
        fill(network, nodes, edges)
        assert undirected(read_vosviewer.schema(written(network))) == shown(network)
        by_slug = {item["slug"]: item for item in document(network)["network"]["items"]}
        for node in network.nodes():
            assert by_slug[node.id]["label"] == (vosviewer.shown(node.label) or node.id)


EDGE = st.tuples(
    st.integers(0, 3),
    st.integers(0, 3),
    st.sampled_from(["meets", "a; b", None]),
    st.sampled_from([None, "asserted", "hoped", "asserted | hoped"]),
    st.sampled_from([0.5, 1.0, 2.0]),
)


@given(st.lists(EDGE, max_size=12), st.sampled_from(["keep", "merge"]))
def test_strength_is_the_sum_however_edges_are_merged(edges: Any, multi: Any) -> None:
    sums: dict[frozenset[int], float] = {}
    with Network(replace(networks.HEADER, multi=multi)) as network:
        nodes = [network.add_node("uri", f"https://example.org/{i}") for i in range(4)]
        for key, (source, target, type, modality, weight) in enumerate(edges):
            said = {"type": type, "modality": modality, "weight": weight}
            network.add_edge(nodes[source], nodes[target], str(key), **said)
            if source != target and modality in (None, "asserted"):
                pair = frozenset((nodes[source], nodes[target]))
                sums[pair] = sums.get(pair, 0) + weight
        read_vosviewer.schema(written(network))
        found = document(network)["network"]
    ends = {frozenset((each["source_id"], each["target_id"])): each for each in found["links"]}
    assert {pair: link["strength"] for pair, link in ends.items()} == sums
    for item in found["items"]:
        strengths = [strength for pair, strength in sums.items() if item["id"] in pair]
        expected = {"Links": len(strengths), "Total link strength": sum(strengths)}
        assert item["weights"] == expected


def test_it_is_written_in_pieces_and_always_the_same() -> None:
    class Counting(io.BytesIO):
        largest = 0

        def write(self, data: Any) -> int:
            self.largest = max(self.largest, len(data))
            return super().write(data)

    outs = [Counting(), Counting()]
    for out in outs:
        with Network(networks.HEADER) as network:
            one = network.add_node("literal", "one")
            for number in range(12_000):  # more than a page of them
                two = network.add_node("uri", f"https://example.org/{number}")
                network.add_edge(one, two, str(number), type="meets")
            vosviewer.write(network, out)
    assert outs[0].getvalue() == outs[1].getvalue()
    assert len(json.loads(outs[0].getvalue())["network"]["links"]) == 12_000
    assert outs[0].largest < 10_000


# The check sees what it is for.
@pytest.mark.parametrize(
    ("pattern", "by"),
    [
        ('"links":', '"edges":'),
        ('"source_id":1', '"source_id":99'),
        ('"source_id":3', '"source_id":4'),
        ('"strength":2.0,', '"strength":-2.0,'),
        ('"strength":2.0,', ""),
        ('{"id":2,', '{"id":1,'),
        ('"cluster":1,"w', '"cluster":9,"w'),
        ('"cluster":3,"label"', '"cluster":4,"label"'),
        ('"Links":1', '"Links":"one"'),
        ('"color":"#77AADD"', '"color":"blue"'),
        ('"url":"https:', '"url":"file:'),
    ],
)
def test_the_check_sees_faults(sample: Network, pattern: str, by: str) -> None:
    sound = written(sample).decode()
    assert pattern in sound
    with pytest.raises((AssertionError, KeyError, ValidationError)):
        read_vosviewer.schema(sound.replace(pattern, by, 1).encode())
