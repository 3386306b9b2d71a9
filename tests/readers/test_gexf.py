"""GEXF in its readers: networkx, graphology, the official schema, Gephi by its rules."""

import io
import re
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import outside
import pytest
import read_gexf
import sample as networks
from hypothesis import given, settings
from hypothesis import strategies as st
from lxml.etree import DocumentInvalid
from outside import held, ordered
from texts import EDGES, NASTY, NODES, clean, differences, fill

from comity.graph.networks.elements import Edge, Header, Multi
from comity.graph.networks.formats import gexf
from comity.graph.networks.model import Network


def written(network: Network) -> bytes:
    out = io.BytesIO()
    gexf.write(network, out)
    return out.getvalue()


def elements(data: bytes, name: str) -> Iterator[ElementTree.Element]:
    return ElementTree.fromstring(data).iter(read_gexf.GEXF + name)


@pytest.fixture(params=["sample", "merged"])
def network(request: pytest.FixtureRequest) -> Network:
    found: Network = request.getfixturevalue(request.param)
    return found


@pytest.mark.parametrize("read", [read_gexf.networkx, read_gexf.schema, read_gexf.gephi])
def test_every_node_and_edge_is_read(network: Network, read: Any) -> None:
    assert ordered(read(written(network))) == held(network)


def test_graphology_reads_every_node_and_edge(
    sample: Network, merged: Network, tmp_path: Path
) -> None:
    files = []
    for network in (sample, merged):
        files.append(tmp_path / f"{network.header.multi}.gexf")
        files[-1].write_bytes(written(network))
    found = [ordered(read) for read in read_gexf.graphology(files)]
    assert found == [held(sample), held(merged)]


def test_the_counts_that_it_declares_are_true(network: Network) -> None:
    (nodes,), (edges,) = (elements(written(network), name) for name in ("nodes", "edges"))
    assert int(nodes.attrib["count"]) == len(list(nodes)) == 7
    assert int(edges.attrib["count"]) == len(list(edges))


def test_what_networkx_reads(sample: Network) -> None:
    graph = read_gexf.networkx_graph(written(sample))
    assert [n for n, said in graph.nodes(data=True) if said["label"] == "Namibia"] == ["namibia"]
    assert graph.nodes["namibia"]["iso2"] == "NA"
    assert graph.nodes["namibia"]["population"] == 2_600_000
    assert graph.nodes["cote-d-ivoire"]["label"] == "Côte d'Ivoire"
    assert graph.nodes["russia"]["label"] == networks.QUOTES
    assert graph.nodes["iran"]["note"] == networks.PERSIAN
    assert graph.nodes["namibia"]["viz"]["color"] == {"r": 119, "g": 170, "b": 221, "a": 1.0}
    pair = graph.get_edge_data("namibia", "cote-d-ivoire").values()
    assert [one["type"] for one in pair] == ["recognises", "meets", "meets"]
    assert [one["contemplated"] for one in pair] == [False, False, True]
    assert [one["weight"] for one in pair] == [1, 1, 2.5]
    (said,) = graph.get_edge_data("iran", "hormuz-peace-initiative").values()
    assert said["evidence"] == "first | second" and said["sources"] == 2
    assert "start" not in said and said["end"] == said["valid_to"] == "2019-09-25"


def test_what_graphology_reads(sample: Network, tmp_path: Path) -> None:
    file = tmp_path / "sample.gexf"
    file.write_bytes(written(sample))
    (graph,) = outside.graphology("gexf", [file])
    assert graph.nodes["russia"]["label"] == networks.QUOTES
    assert graph.nodes["namibia"]["color"] == "rgba(119,170,221,1.0)"
    assert graph.nodes["namibia"]["size"] == 20
    assert (graph.nodes["namibia"]["x"], graph.nodes["namibia"]["y"]) == (-44.2, 40.5)
    pair = [said for _, *ends, said in graph.edges if ends == ["namibia", "cote-d-ivoire"]]
    assert [said["kind"] for said in pair] == ["recognises", "meets", "meets 2"]
    assert [said["valid_from"] for said in pair[:2]] == ["1990-03-21", "1992-04-27"]
    assert [said["color"] for said in pair[1:]] == [
        "rgba(102,102,102,1.0)",
        "rgba(102,102,102,0.5)",
    ]
    assert [said["shape"] for said in pair[1:]] == ["solid", "dashed"]
    assert graph.said["creator"] == "Comity 0.1.0"
    assert graph.said["lastModifiedDate"] == "2026-11-24"
    assert graph.said["description"].splitlines() == [
        'Actors & "issues" <of> the article',
        "A network for the tests.",
        "Of two lines.",
        "Parallel relations are kept apart.",
        "Licence: https://creativecommons.org/licenses/by/4.0/",
        "Release: abc123",
        "Version of the data: 7",
        f"Address: {networks.HEADER.url}",
        f"Query: {networks.HEADER.query}",
    ]


@pytest.mark.parametrize("multi", ["keep", "merge"])
def test_a_weight_that_gephi_refuses_is_one_and_told_beside(multi: Multi) -> None:
    told = [-2.5, 0.0, 3.0, -1e308, 1e308, 1e308]
    with Network(replace(networks.HEADER, multi=multi)) as network:
        one, *others = (network.add_node("uri", f"https://example.org/{n}") for n in range(5))
        for number, weight in enumerate(told):
            extra = {"true_weight": "mine"}
            other = others[min(number, 3)]
            network.add_edge(one, other, str(number), type="t", weight=weight, extra=extra)
        data = written(network)
    read_gexf.schema(data)
    read_gexf.gephi(data)
    found = [said for *_, said in read_gexf.networkx_graph(data).edges(data=True)]
    if multi == "merge":
        told[3:] = [1e308]
    assert [said["true_weight"] for said in found] == told
    assert [said["weight"] for said in found] == [weight if weight > 0 else 1 for weight in told]
    assert multi == "merge" or {said["true_weight_"] for said in found} == {"mine"}


def test_weights_that_gephi_takes_are_told_once(network: Network) -> None:
    assert b"true_weight" not in written(network)


def test_a_sum_that_no_number_holds_is_the_largest_one() -> None:
    with Network(replace(networks.HEADER, multi="merge")) as network:
        one, two = (network.add_node("uri", f"https://example.org/{n}") for n in range(2))
        for number in range(2):
            network.add_edge(one, two, str(number), type="t", weight=1.7e308)
        data = written(network)
    read_gexf.gephi(data)
    ((_, _, said),) = read_gexf.networkx_graph(data).edges(data=True)
    assert said["weight"] == sys.float_info.max


def test_a_merged_network_says_so(merged: Network) -> None:
    (description,) = elements(written(merged), "description")
    assert "merged into one edge for each pair" in (description.text or "")


def test_a_file_says_nothing_that_is_not_known() -> None:
    with Network(Header("A title", created="today")) as network:
        data = written(network)
    read_gexf.schema(data)
    (meta,) = elements(data, "meta")
    assert "lastmodifieddate" not in meta.attrib
    assert meta[-1].text == "A title\nParallel relations are kept apart."


def test_what_has_no_time_for_gephi_keeps_it_in_words(sample: Network) -> None:
    """Before Christ, Gephi knows no dates; half of the interval would be no truth."""
    (edge,) = (e for e in elements(written(sample), "edge") if e.get("label") == "says")
    said = {value.attrib["for"]: value.attrib["value"] for value in edge[0]}
    assert (said["valid_from"], said["valid_to"]) == ("-0431-01-01", "1648-10-24")
    assert said["start_year"] == "-431"
    assert not {"start", "end"} & set(edge.attrib)


SEVERAL = (("1990-01-01", "1991-01-01"), ("1995-05-05", None))


def test_several_intervals_are_spells() -> None:
    with Network(replace(networks.HEADER, multi="merge")) as network:
        one, two = (network.add_node("uri", f"https://example.org/{i}") for i in range(2))
        for number, (start, end) in enumerate(SEVERAL):
            network.add_edge(one, two, str(number), type="meets", start=start, end=end)
        data = written(network)
    read_gexf.schema(data)
    read_gexf.gephi(data)
    assert [spell.attrib for spell in elements(data, "spell")] == [
        {"start": "1990-01-01", "end": "1991-01-01"},
        {"start": "1995-05-05"},
    ]
    # The open end is no text "None" in the file: that is how networkx 3.6 reads it.
    ((_, _, said),) = read_gexf.networkx_graph(data).edges(data=True)
    assert said["spells"] == [("1990-01-01", "1991-01-01"), ("1995-05-05", "None")]
    assert said["valid_from"] == "1990-01-01"


DAYS = [date(1900, 1, 1) + timedelta(days) for days in range(12)]
BOUNDS = st.none() | st.sampled_from([day.isoformat() for day in DAYS])


@given(st.lists(st.tuples(BOUNDS, BOUNDS), min_size=1, max_size=6))
def test_intervals_cover_what_the_edge_does(spells: list[tuple[str | None, str | None]]) -> None:
    found = gexf.intervals(Edge("e", "s", "t", "", "", spells=tuple(spells)))

    def covers(all: Any, day: str) -> bool:
        return any((start or "") <= day <= (end or "~") for start, end in all)

    if any(start and end and start > end for start, end in spells):
        assert found == ()
    else:
        days = ["0001-01-01", *(day.isoformat() for day in DAYS), "9999-12-31"]
        assert all(covers(found, day) == covers(spells, day) for day in days)
        assert all(a[1] is not None and a[1] < (b[0] or "") for a, b in pairwise(found))


@pytest.mark.parametrize(
    "bound",
    [
        "1990",
        "1990-02",
        "-0431-01-01",
        "12024-01-01",
        "1990-02-30",
        "0000-01-01",
        "1990-01-01Z",
        "19900101",
        "1990-W01-1",
        "٠١٢٣-01-01",
    ],
)
@pytest.mark.parametrize("side", ["start", "end"])
def test_only_dates_are_bounds(bound: str, side: str) -> None:
    edge = Edge("e", "s", "t", "", "", start="1800-01-01", end="2100-01-01")
    assert gexf.intervals(edge) == (("1800-01-01", "2100-01-01"),)
    assert gexf.intervals(replace(edge, **{side: bound})) == ()  # type: ignore[arg-type]


def test_an_instant_is_an_interval() -> None:
    edge = Edge("e", "s", "t", "", "", start="1990-01-01", end="1990-01-01")
    assert gexf.intervals(edge) == (("1990-01-01", "1990-01-01"),)


TYPES = st.sampled_from(["meets", "meets 2", "meets 2 2", "meets 3", "2", "related", "", None])


@given(st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1), TYPES), max_size=12))
def test_kinds_keep_parallel_edges_apart(edges: list[tuple[int, int, str | None]]) -> None:
    with Network(networks.HEADER) as network:
        nodes = [network.add_node("uri", f"https://example.org/{i}") for i in range(2)]
        for number, (source, target, type_) in enumerate(edges):
            network.add_edge(nodes[source], nodes[target], str(number), type=type_)
        data = written(network)
        types = [edge.type for edge in network.edges()]
    read_gexf.gephi(data)
    kinds = [edge.attrib["kind"] for edge in elements(data, "edge")]
    assert all(kind.startswith(type_) for kind, type_ in zip(kinds, types, strict=True))
    # The first of a type is called by it, where that is no other's name with a number.
    if not Counter(types).keys() & {"meets 2", "meets 2 2", "meets 3"}:
        seen = set()
        for (source, target, _), type_, kind in zip(edges, types, kinds, strict=True):
            assert (kind == type_) == ((source, target, type_) not in seen)
            seen.add((source, target, type_))


NAMES = TYPES | st.sampled_from(["meets\x00", "meets\x01", "meets\ufffd 2"]) | st.text(max_size=2)
STANDING = st.sampled_from([None, "asserted", "hoped"])


@given(
    st.lists(st.tuples(st.integers(0, 1), st.integers(0, 1), NAMES, STANDING), max_size=12),
    st.sampled_from(["keep", "merge"]),
)
def test_no_two_edges_of_a_pair_are_of_one_kind(
    edges: list[tuple[int, int, str | None, str | None]], multi: Multi
) -> None:
    """Merged, a pair may have one edge of facts and one of hopes, both of one type. Types that differ
    only by what XML can't hold are one."""
    with Network(replace(networks.HEADER, multi=multi)) as network:
        nodes = [network.add_node("uri", f"https://example.org/{i}") for i in range(2)]
        for number, (source, target, type_, modality) in enumerate(edges):
            said = {"type": type_, "modality": modality}
            network.add_edge(nodes[source], nodes[target], str(number), **said)
        read_gexf.gephi(written(network))


def test_edges_to_others_are_not_parallel() -> None:
    with Network(networks.HEADER) as network:
        nodes = [network.add_node("uri", f"https://example.org/{i}") for i in range(3)]
        for number, (source, target) in enumerate(((0, 1), (0, 2), (2, 1), (1, 0), (0, 1))):
            network.add_edge(nodes[source], nodes[target], str(number), type="meets")
        data = written(network)
    kinds = [edge.attrib["kind"] for edge in elements(data, "edge")]
    assert kinds == ["meets", "meets", "meets", "meets", "meets 2"]


def test_a_writer_that_is_given_up_does_not_lock_the_next(sample: Network) -> None:
    edges = sample.edges()
    next(edges)
    assert written(sample) == written(sample)


def test_kinds_are_counted_over_many_pages(
    sample: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = written(sample)
    monkeypatch.setattr("comity.graph.networks.encoding.parallel_edges._PAGE", 3)
    sample.run("UPDATE edge SET number = number * 100 + 1000")
    assert written(sample) == data


CLASHES = (
    "kind",
    "Kind",
    "size",
    "color",
    "shape",
    "Votes",
    "votes",
    "votes_",
    "words",
    "Words",
    "Weight",
    "TimeSet",
    "timeset",
    "viz",
)


def test_attributes_with_taken_names_get_others(tmp_path: Path) -> None:
    with Network(networks.HEADER) as network:
        extra = {name: f"as {name}" for name in CLASHES}
        one = network.add_node("uri", "https://example.org/1", extra=extra)
        network.add_edge(one, one, "loop", type="meets", extra=extra)
        data = written(network)
    (tmp_path / "clash.gexf").write_bytes(data)
    read_gexf.schema(data)
    read_gexf.gephi(data)
    (graph,) = outside.graphology("gexf", [tmp_path / "clash.gexf"])
    (node,) = graph.nodes.values()
    ((_, _, _, edge),) = graph.edges
    for said in (node, edge, *dict(read_gexf.networkx_graph(data).nodes(data=True)).values()):
        assert {f"as {name}" for name in CLASHES} <= {str(value) for value in said.values()}
        assert said["Votes"] == "as Votes"


@settings(deadline=None)
@given(NODES, EDGES)
def test_networkx_reads_what_was_written(nodes: Any, edges: Any) -> None:
    with Network(networks.HEADER) as network:
        fill(network, nodes, edges)
        data = written(network)
        read_gexf.schema(data)
        assert ordered(read_gexf.gephi(data)) == held(network)
        graph = read_gexf.networkx_graph(data)
        for node in network.nodes():
            said = graph.nodes[node.id]
            assert said["label"] == clean(node.label)
            assert said.get("iri", "") == clean(node.iri or "")
            assert not differences(said, dict(node.extra))
        found = {said["id"]: said for _, _, said in graph.edges(data=True)}
        for edge in network.edges():
            said = found[edge.id]
            assert (said["label"], said["type"]) == (clean(edge.label), clean(edge.type))
            assert said.get("statement", "") == clean(edge.statement or "")
            assert not differences(said, dict(edge.extra))


def test_graphology_reads_every_character(tmp_path: Path) -> None:
    header = replace(networks.HEADER, query="".join(NASTY))
    with Network(header) as network:
        for character in NASTY:
            text = f" {character}<{character} "
            network.add_node("literal", text, extra={"more": text})
        file = tmp_path / "characters.gexf"
        file.write_bytes(written(network))
        expected = [clean(node.label) for node in network.nodes()]
    (graph,) = outside.graphology("gexf", [file])
    assert [said["label"] for said in graph.nodes.values()] == expected
    assert [said["more"] for said in graph.nodes.values()] == expected
    assert graph.said["description"].endswith(clean(header.query))


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
            for number in range(2000):
                network.add_edge(one, one, str(number), type="meets", evidence="words " * 20)
            gexf.write(network, out)
            gexf.write(network, again := io.BytesIO())
            assert out.getvalue() == again.getvalue()
    assert outs[0].getvalue() == outs[1].getvalue()
    assert len(outs[0].getvalue()) > 1_000_000
    assert outs[0].largest < 100_000


# The check by Gephi's rules and the schema see what they are for.
@pytest.mark.parametrize(
    ("pattern", "by", "rejects"),
    [
        (r' timeformat="date"', "", "gephi"),
        (r'mode="dynamic"', 'mode="slice"', "gephi"),
        (r'kind="meets 2"', 'kind="meets"', "gephi"),
        (r'id="cote-d-ivoire"', 'id="namibia"', "gephi"),
        (r'target="cote-d-ivoire"', 'target="nowhere"', "gephi"),
        (r'(start|end)="1992-04-27"', r'\1="1992-04-31"', "gephi"),
        (r'start="1992-04-27"', 'start="1993-04-27"', "gephi"),
        (r'weight="2.5"', 'weight="0.0"', "gephi"),
        (r'r="119"', 'r="300"', "gephi"),
        (r'value="2.5"', 'value="many"', "gephi"),
        (r'for="votes" value="2.5"', 'for="vote" value="2.5"', "gephi"),
        (r'id="votes"', 'id="Weight"', "gephi"),
        (r'type="double"', 'type="decimal"', "schema"),
        (r' source="russia"', "", "schema"),
        (r'start="1992-04-27"', 'start="in April"', "schema"),
        (r'kind="meets 2"', 'sort="meets"', "schema"),
        (r'<meta lastmodifieddate="2026-11-24"', '<meta lastmodifieddate="today"', "schema"),
        (r"</creator>", "</creator><title/>", "schema"),
    ],
)
def test_the_checks_see_faults(sample: Network, pattern: str, by: str, rejects: str) -> None:
    data = written(sample)
    broken = re.sub(pattern, by, data.decode()).encode()
    assert broken != data
    read = getattr(read_gexf, rejects)
    read(data)
    with pytest.raises((AssertionError, ValueError, KeyError, DocumentInvalid)):
        read(broken)
