"""The tables for Neo4j: by the grammar of its import, and what load.cypher makes of them."""

import io
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest
import read_tables
import sample as networks
from hypothesis import example, given, settings
from hypothesis import strategies as st
from outside import Read, held, ordered
from texts import EDGES, NODES, fill

from comity.graph.networks.characters import holdable
from comity.graph.networks.elements import Edge, Header
from comity.graph.networks.formats import neo4j
from comity.graph.networks.model import Network


def written(network: Network) -> bytes:
    out = io.BytesIO()
    neo4j.write(network, out)
    return out.getvalue()


@pytest.fixture(params=["sample", "merged"])
def network(request: pytest.FixtureRequest) -> Network:
    found: Network = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("read", [read_tables.neo4j, read_tables.cypher, read_tables.pandas_neo4j])
def test_every_node_and_edge_is_read(network: Network, read: Callable[[bytes], Read]) -> None:
    assert ordered(read(written(network))) == held(network)


def test_equal_networks_make_equal_bytes(sample: Network) -> None:
    with Network(networks.HEADER) as again:
        networks.fill(again)
        assert written(again) == written(sample)


def test_what_is_read(sample: Network) -> None:
    files = read_tables.members(written(sample))
    nodes = {row["id:ID"]: row for row in read_tables.rows(files["nodes.csv"])}
    assert nodes["namibia"]["name"] == "Namibia" and nodes["namibia"]["iso2"] == "NA"
    assert nodes["namibia"][":LABEL"] == "Comity;State"
    assert nodes["namibia"]["population:double"] == "2600000.0"
    assert nodes["russia"]["name"] == networks.QUOTES
    assert nodes["text_56b9385605a7"][":LABEL"] == "Comity;Text"
    assert nodes["iri_n_c_d_a_1_b_2_c01cb72b"][":LABEL"] == "Comity;Thing"
    rels = read_tables.rows(files["rels.csv"])
    pair = [row for row in rels if row[":END_ID"] == "cote-d-ivoire"]
    assert [row[":TYPE"] for row in pair] == ["RECOGNISES", "MEETS", "CONTEMPLATED_MEETS"]
    assert [row["contemplated:boolean"] for row in pair] == ["false", "false", "true"]
    assert [row["start:date"] for row in pair] == ["1990-03-21", "1992-04-27", ""]
    (says,) = (row for row in rels if row[":TYPE"] == "SAYS")
    assert (says["start:date"], says["end:date"]) == ("-0431-01-01", "1648-10-24")
    assert {row[":TYPE"] for row in rels} >= {"COOPERATES_WITH", "PUT_FORWARD", "REFERS_TO"}


def test_a_hope_does_not_hide_among_facts(merged: Network) -> None:
    rels = read_tables.rows(read_tables.members(written(merged))["rels.csv"])
    facts, hope = (row for row in rels if row[":END_ID"] == "cote-d-ivoire")
    assert (facts[":TYPE"], facts["contemplated:boolean"]) == ("RECOGNISES_MEETS", "false")
    assert (hope[":TYPE"], hope["contemplated:boolean"]) == ("CONTEMPLATED_MEETS", "true")


@pytest.mark.parametrize(
    ("type_", "said", "expected"),
    [
        ("memberOf", {}, "MEMBER_OF"),
        ("took part in", {}, "TOOK_PART_IN"),
        ("memberOf", {"contemplated": True}, "CONTEMPLATED_MEMBER_OF"),
        ("contemplatedMeeting", {}, "IS_CONTEMPLATED_MEETING"),
        ("contemplatedMeeting", {"contemplated": True}, "CONTEMPLATED_MEETING"),
        ("сотрудничает", {}, "СОТРУДНИЧАЕТ"),
        ("`]->() DETACH DELETE n //", {}, "DETACH_DELETE_N"),
        ("--", {}, "RELATED"),
    ],
)  # fmt: skip
def test_types_are_in_capitals(type_: str, said: Any, expected: str) -> None:
    assert neo4j.relationship_type(replace(Edge("e", "s", "t", type_, ""), **said)) == expected


@pytest.mark.parametrize(
    ("start", "expected"),
    [
        ("2020-02-29", "2020-02-29"),
        ("2021-02-29", ""),
        ("2021-13-01", ""),
        ("2021-00-01", ""),
        ("2021-04-31", ""),
        ("2021", ""),
        ("spring", ""),
        ("-0431-01-01", "-0431-01-01"),
        ("12021-01-01", "+12021-01-01"),
        ("-12021-01-01", "-12021-01-01"),
    ],
)
def test_only_dates_are_dates(start: str, expected: str) -> None:
    with Network(Header("x")) as network:
        one = network.add_node("literal", "a")
        network.add_edge(one, one, "", start=start)
        data = written(network)
    read_tables.neo4j(data)
    (rel,) = read_tables.rows(read_tables.members(data)["rels.csv"])
    assert (rel["start:date"], rel["valid_from"]) == (expected, start)


def test_the_description_is_true(network: Network) -> None:
    package = read_tables.data_package(written(network))
    assert package["licenses"] == [{"path": networks.HEADER.licence}]
    readme = read_tables.members(written(network))["README.txt"].decode()
    for said in (
        networks.HEADER.licence,
        "--multiline-fields=true",
        "cypher-shell",
        "CONTEMPLATED_",
    ):
        assert said in readme
    assert "{" not in readme.split("Into a new")[1].split("The query")[0]
    assert readme.startswith(networks.HEADER.title)
    assert readme.endswith(f"The query\n{networks.HEADER.query}\n")


def test_an_empty_network_has_empty_tables() -> None:
    with Network(Header("")) as network:
        data = written(network)
        assert read_tables.neo4j(data) == read_tables.cypher(data) == held(network)


def test_attributes_do_not_take_the_names_that_neo4j_has() -> None:
    names = ["Name", "a:ID", "a_ID", "x`y", "x y", "Type", "start", "b{c:d}", "\\u0060"]
    with Network(Header("x")) as network:
        one = network.add_node("literal", "a", extra=dict.fromkeys(names, "node"))
        network.add_edge(one, one, "", extra=dict.fromkeys(names, "edge"))
        data = written(network)
        for read in (read_tables.neo4j, read_tables.cypher):
            assert read(data) == held(network)
    (node,) = read_tables.rows(read_tables.members(data)["nodes.csv"])
    (rel,) = read_tables.rows(read_tables.members(data)["rels.csv"])
    assert list(node.values()).count("node") == list(rel.values()).count("edge") == len(names)


@pytest.mark.parametrize("cls", ["State", "it's `odd`; \\u0027", "", "Ünïcödé"])
def test_labels_are_names(cls: str) -> None:
    with Network(Header("x")) as network:
        network.add_node("uri", "https://example.org/x", cls=cls)
        data = written(network)
        for read in (read_tables.neo4j, read_tables.cypher):
            assert read(data) == held(network)


# What the two ways to read a table agree on: a backslash does not end before a quotation mark.
_PERILOUS = st.text(st.sampled_from('\\",\na '))


@given(NODES, EDGES, _PERILOUS)
@settings(max_examples=100, deadline=None)
@example([("a", 'ends with \\"', {}), ("b", "a, b\\", {}), ("c", "\\\\\n", {})], [{}], "\\")
@example([("a", "C:\\dir\\", {})], [{"votes:long": 1}], '\\",\\"')
def test_any_text_is_read_as_it_is(nodes: Any, edges: Any, perilous: str) -> None:
    with Network(Header(nodes[0][1])) as network:
        fill(network, nodes, edges)
        network.add_node("literal", "perilous", label=perilous or None)
        data = written(network)
        assert ordered(read_tables.neo4j(data)) == ordered(read_tables.cypher(data))
        assert ordered(read_tables.neo4j(data)) == held(network)
        files = read_tables.members(data)
        found = {row["id:ID"]: row for row in read_tables.rows(files["nodes.csv"])}
        for node in network.nodes():
            assert plain(found[node.id]["name"]) == plain(holdable(node.label))
        rels = read_tables.rows(files["rels.csv"])
        for edge, row in zip(network.edges(), rels, strict=True):
            assert plain(row["statement"]) == plain(holdable(edge.statement or ""))


def plain(text: str) -> str:
    """Without the spaces that nobody sees, which keep a backslash from what is after it."""
    return text.replace("\N{ZERO WIDTH SPACE}", "")
