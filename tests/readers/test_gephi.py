"""The tables for Gephi: by Gephi's rules, in pandas and in R."""

import io
import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import read_tables
import sample as networks
from hypothesis import example, given, settings
from outside import Read, held, ordered
from texts import EDGES, NODES, fill

from comity.graph.networks.characters import holdable
from comity.graph.networks.elements import Edge, Header
from comity.graph.networks.formats import gephi_tables
from comity.graph.networks.model import Network


def written(network: Network) -> bytes:
    out = io.BytesIO()
    gephi_tables.write(network, out)
    return out.getvalue()


@pytest.fixture(params=["sample", "merged"])
def network(request: pytest.FixtureRequest) -> Network:
    found: Network = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("read", [read_tables.gephi, read_tables.pandas_gephi])
def test_every_node_and_edge_is_read(network: Network, read: Callable[[bytes], Read]) -> None:
    assert ordered(read(written(network))) == held(network)


def test_equal_networks_make_equal_bytes(sample: Network) -> None:
    with Network(networks.HEADER) as again:
        networks.fill(again)
        assert written(again) == written(sample)


def test_it_is_written_where_none_can_seek(sample: Network) -> None:
    class Pipe(io.BytesIO):
        def seekable(self) -> bool:
            return False

        def seek(self, offset: int, whence: int = 0) -> int:
            raise io.UnsupportedOperation

        def tell(self) -> int:
            raise io.UnsupportedOperation

    out = Pipe()
    gephi_tables.write(sample, out)
    assert ordered(read_tables.gephi(out.getvalue())) == held(sample)


def test_what_pandas_reads(sample: Network) -> None:
    files = read_tables.members(written(sample))
    nodes = read_tables.frame(files["nodes.csv"]).set_index("Id")
    assert nodes.loc["namibia", "iso2"] == "NA" and nodes.loc["namibia", "Label"] == "Namibia"
    assert nodes.loc["cote-d-ivoire", "Label"] == "Côte d'Ivoire"
    assert nodes.loc["russia", "Label"] == networks.QUOTES
    assert nodes.loc["iran", "note"] == networks.PERSIAN
    assert nodes.loc["iran", "population"] == 88.5e6
    assert nodes["iso2"].isna().sum() == 6
    edges = read_tables.frame(files["edges.csv"])
    pair = edges[edges["Target"] == "cote-d-ivoire"]
    assert list(pair["Kind"]) == ["recognises", "meets", "meets 2"]
    assert list(pair["relation"]) == ["recognises", "meets", "meets"]
    assert list(pair["contemplated"]) == [False, False, True]
    assert list(pair["Weight"]) == [1, 1, 2.5]
    (evidence,) = edges[edges["Kind"] == "putForward"]["evidence"]
    assert evidence == "first | second"


def test_without_options_pandas_loses_namibia(sample: Network) -> None:
    """Why the README of the archive names them."""
    import pandas

    file = read_tables.members(written(sample))["nodes.csv"]
    assert pandas.read_csv(io.BytesIO(file))["iso2"].isna().all()


def test_what_r_reads(sample: Network, merged: Network, tmp_path: Path) -> None:
    files = []
    for network in (sample, merged):
        for name in ("nodes.csv", "edges.csv"):
            files.append(tmp_path / f"{network.header.multi}-{name}")
            files[-1].write_bytes(read_tables.members(written(network))[name])
    found = read_tables.r_tables(files)
    for network, (nodes, edges) in ((sample, found[:2]), (merged, found[2:])):
        pairs = [(str(row["Source"]), str(row["Target"])) for row in edges]
        assert ordered(({str(row["Id"]) for row in nodes}, pairs)) == held(network)
        said = {row["Id"]: row for row in nodes}
        assert said["namibia"]["iso2"] == "NA" and said["iran"]["iso2"] is None
        assert said["russia"]["Label"] == networks.QUOTES
        assert said["hormuz-peace-initiative"]["Label"] == networks.PERSIAN
        assert said["text_56b9385605a7"]["Label"] == "a mere text\nof two lines\ufffd"


def test_a_weight_that_gephi_refuses_is_one_and_told_beside(sample: Network) -> None:
    assert b"true_weight" not in read_tables.members(written(sample))["edges.csv"]
    with Network(Header("x")) as network:
        one, two = (network.add_node("uri", f"https://example.org/{n}") for n in range(2))
        for number, weight in enumerate((-2.5, 0.0, 3.0)):
            network.add_edge(one, two, str(number), type="t", weight=weight)
        data = written(network)
    read_tables.gephi(data)
    read_tables.data_package(data)
    edges = read_tables.frame(read_tables.members(data)["edges.csv"])
    assert list(edges["Weight"]) == [1, 1, 3]
    assert list(edges["true_weight"]) == [-2.5, 0, 3]


def test_time_is_intervals(sample: Network) -> None:
    edges = read_tables.rows(read_tables.members(written(sample))["edges.csv"])
    assert {row["Kind"]: row["timeset"] for row in edges if row["timeset"]} == {
        "recognises": "[1990-03-21, Infinity]",
        "meets": "[1992-04-27, 1992-04-27]",
        "putForward": "[-Infinity, 2019-09-25]",
    }
    (says,) = (row for row in edges if row["Kind"] == "says")
    assert (says["valid_from"], says["valid_to"]) == ("-0431-01-01", "1648-10-24")


def test_several_intervals_are_one_cell() -> None:
    edge = Edge("e", "s", "t", "", "", spells=(("1990-01-01", "1991-01-01"), ("1995-05-05", None)))
    assert gephi_tables.timeset(edge) == "<[1990-01-01, 1991-01-01]; [1995-05-05, Infinity]>"
    assert gephi_tables.timeset(replace(edge, spells=())) is None


def test_the_description_is_true(network: Network) -> None:
    package = read_tables.data_package(written(network))
    assert package["licenses"] == [{"path": networks.HEADER.licence}]
    assert package["query"] == networks.HEADER.query
    assert package["homepage"] == networks.HEADER.url
    assert package["created"] == "2026-11-24T00:00:00Z"
    assert package["multi"] == network.header.multi
    types = {field["name"]: field["type"] for field in package["resources"][1]["schema"]["fields"]}
    assert types["Weight"] == types["votes"] == "number" and types["contemplated"] == "boolean"


def test_the_readme_says_how_to_open_it(sample: Network) -> None:
    readme = read_tables.members(written(sample))["README.txt"].decode()
    for said in (networks.HEADER.licence, networks.HEADER.query, "Append to existing workspace"):
        assert said in readme
    assert (
        "pandas.read_csv" in readme and "{" not in readme.split("How to")[1].split("The query")[0]
    )
    assert readme.startswith(networks.HEADER.title)
    assert readme.endswith(f"The query\n{networks.HEADER.query}\n")


def test_an_empty_network_has_empty_tables() -> None:
    with Network(Header("")) as network:
        data = written(network)
        assert read_tables.gephi(data) == held(network) == (set(), [])
    package = read_tables.data_package(data)
    assert package["name"] == "network" and "created" not in package
    assert "licenses" not in json.dumps(package)


def test_attributes_do_not_take_the_names_that_gephi_has() -> None:
    names = ["Label", "KIND", "Timeset", "votes", "Votes", "Source", "relation", "start"]
    with Network(Header("x")) as network:
        one = network.add_node("literal", "a", extra=dict.fromkeys(names, "node"))
        network.add_edge(one, one, "", extra=dict.fromkeys(names, "edge"))
        data = written(network)
        assert read_tables.gephi(data) == held(network)
    (node,) = read_tables.rows(read_tables.members(data)["nodes.csv"])
    (edge,) = read_tables.rows(read_tables.members(data)["edges.csv"])
    assert list(node.values()).count("node") == list(edge.values()).count("edge") == len(names)
    assert node["votes"] == node["Votes_"] == "node"
    assert edge["Label"] == "related" and edge["Source"] == edge["Target"]


@given(NODES, EDGES)
@settings(max_examples=100, deadline=None)
@example([("a", "NA", {"n": "a\rb", "=": 'say ""', ",": "\\"})], [{}])
def test_any_text_is_read_as_it_is(nodes: Any, edges: Any) -> None:
    with Network(Header(nodes[0][1])) as network:
        fill(network, nodes, edges)
        data = written(network)
        files = read_tables.members(data)
        ids, ends = held(network)
        # Text in place of ends, as `gephi` wants them, is not at stake here.
        found = {row["Id"]: row for row in read_tables.rows(files["nodes.csv"])}
        assert set(found) == ids
        for node in network.nodes():
            assert found[node.id]["Label"] == holdable(node.label)
            said = [cell(value) for value in node.extra.values()]
            assert not [text for text in said if text not in found[node.id].values()]
        rows = read_tables.rows(files["edges.csv"])
        assert sorted((row["Source"], row["Target"]) for row in rows) == ends
        for edge, row in zip(network.edges(), rows, strict=True):
            assert row["statement"] == holdable(edge.statement or "")
            said = [cell(value) for value in edge.extra.values()]
            assert not [text for text in said if text not in row.values()]


def cell(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool) else holdable(str(value))
