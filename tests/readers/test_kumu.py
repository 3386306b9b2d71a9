"""Kumu's blueprints by their schema: Kumu itself runs nowhere but on its own site."""

import io
import json
from collections.abc import Mapping
from typing import Any

import pytest
import read_kumu
import sample as networks
from hypothesis import given, settings
from jsonschema import ValidationError
from outside import held, ordered
from texts import EDGES, NODES, fill

from comity.graph.networks.elements import Header, edge_values, node_values
from comity.graph.networks.formats import kumu
from comity.graph.networks.model import Network


def written(network: Network) -> bytes:
    out = io.BytesIO()
    kumu.write(network, out)
    return out.getvalue()


def parts(network: Network) -> tuple[dict[str, dict[str, Any]], dict[str, dict[str, Any]]]:
    """The elements and the connections, by their identifiers."""
    document = json.loads(written(network))
    elements = {element["id"]: element for element in document["elements"]}
    return elements, {each["id"]: each for each in document["connections"]}


@pytest.fixture(params=["sample", "merged"])
def network(request: pytest.FixtureRequest) -> Network:
    found: Network = request.getfixturevalue(request.param)
    return found


def test_every_node_and_edge_is_read(network: Network) -> None:
    assert ordered(read_kumu.blueprint(written(network))) == held(network)


def test_what_an_element_says(sample: Network) -> None:
    elements, _ = parts(sample)
    namibia = elements["namibia"]
    assert (namibia["label"], namibia["type"], namibia["tags"]) == ("Namibia", "state", ["state"])
    assert namibia["iso2"] == "NA" and namibia["iso3"] == "NAM"
    assert namibia["licence"] == networks.HEADER.licence
    assert namibia["retrieved from"] == networks.HEADER.url
    assert elements["russia"]["label"] == networks.QUOTES
    assert "type" not in elements["iri_n_c_d_a_1_b_2_c01cb72b"]


def test_what_a_connection_says(sample: Network) -> None:
    _, connections = parts(sample)
    pair = [each for each in connections.values() if each["from"] == "namibia"]
    assert [each["direction"] for each in pair] == ["directed"] * 3
    assert [each["type"] for each in pair] == ["recognises", "meets", "meets"]
    assert pair[0]["start"] == "1990-03-21" and "end" not in pair[0]
    assert pair[1]["start"] == pair[1]["end"] == "1992-04-27"


def test_what_is_contemplated_has_a_tag(sample: Network) -> None:
    _, connections = parts(sample)
    tagged = [each for each in connections.values() if kumu.CONTEMPLATED in each["tags"]]
    assert [(each["label"], each["contemplated"]) for each in tagged] == [("meets (planned)", True)]
    assert all(each["contemplated"] is (each in tagged) for each in connections.values())


def test_each_stance_of_a_merged_connection_is_a_tag() -> None:
    with Network(Header("", multi="merge")) as network:
        one, two = (network.add_node("uri", f"https://example.org/{i}") for i in range(2))
        for stance in ("supportive", "opposed", "supportive"):
            network.add_edge(one, two, network.unique(stance), stance=stance)
        read_kumu.blueprint(written(network))
        _, connections = parts(network)
    (said,) = connections.values()
    assert said["tags"] == ["supportive", "opposed"]


def test_a_querys_own_attributes_stand_in_nobodys_way() -> None:
    """With a column called from, all connections of Kumu would begin there."""
    extra = {name: f"as {name}" for name in ("from", "To", "tags", "direction", "Label", "licence")}
    with Network(networks.HEADER) as network:
        one = network.add_node("uri", "https://example.org/1", extra=extra)
        network.add_edge(one, one, "key", type="meets", extra=extra)
        assert ordered(read_kumu.blueprint(written(network))) == held(network)
        (element,), (connection,) = (each.values() for each in parts(network))
    assert set(extra.values()) <= {v for v in element.values() if isinstance(v, str)}
    assert set(extra.values()) <= {v for v in connection.values() if isinstance(v, str)}
    assert element["licence_"] == "as licence" and connection["from_"] == "as from"


def test_a_file_says_nothing_that_is_not_known() -> None:
    with Network(Header("A title")) as network:
        network.add_node("literal", "")
        read_kumu.blueprint(written(network))
        ((id, element),) = parts(network)[0].items()
    assert element == {"id": id, "label": id, "tags": ["other"], "group": "other"}


def told(said: Mapping[str, Any]) -> set[str]:
    return {repr(value) for value in said.values()}


@settings(deadline=None)
@given(NODES, EDGES)
def test_all_texts_are_kept(nodes: Any, edges: Any) -> None:
    with Network(networks.HEADER) as network:
        fill(network, nodes, edges)
        assert ordered(read_kumu.blueprint(written(network))) == held(network)
        elements, connections = parts(network)
        for node in network.nodes():
            assert elements[node.id]["label"] == (node.label or node.id)
            assert told(node_values(node)) <= told(elements[node.id])
        for edge in network.edges():
            assert connections[edge.id]["label"] == edge.label
            assert told(edge_values(edge)) <= told(connections[edge.id])


def test_it_is_written_in_pieces_and_always_the_same(sample: Network) -> None:
    class Counting(io.BytesIO):
        largest = 0

        def write(self, data: Any) -> int:
            self.largest = max(self.largest, len(data))
            return super().write(data)

    kumu.write(sample, out := Counting())
    assert out.getvalue() == written(sample)
    assert out.largest < len(out.getvalue()) / 5


# The check sees what it is for.
@pytest.mark.parametrize(
    ("pattern", "by"),
    [
        ('"elements":', '"nodes":'),
        ('{"elements":', '{"name":"A title","elements":'),
        ('"from":"russia"', '"from":"nowhere"'),
        ('"to":"cote-d-ivoire",', ""),
        ('"id":"cote-d-ivoire"', '"id":"namibia"'),
        ('"direction":"directed"', '"direction":"both"'),
        ('"tags":["contemplated"]', '"tags":"contemplated"'),
        ('"iso2":"NA"', '"iso2":null'),
        ('"iso2":"NA"', '"ISO3":"NA"'),
        ('"iso2":"NA"', '"iso2":["NA"]'),
    ],
)
def test_the_check_sees_faults(sample: Network, pattern: str, by: str) -> None:
    sound = written(sample).decode()
    assert pattern in sound
    with pytest.raises((AssertionError, ValidationError)):
        read_kumu.blueprint(sound.replace(pattern, by, 1).encode())
