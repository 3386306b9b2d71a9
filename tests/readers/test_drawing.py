"""Pictures and layouts: what Graphviz is asked for, and what becomes of it."""

import io
import os
import stat
import threading
import time
from collections.abc import Callable
from itertools import combinations
from math import dist
from pathlib import Path
from typing import IO
from xml.etree import ElementTree

import pytest
import read_dot
import sample as networks
from needs import need_program
from outside import held, ordered

from comity.graph.errors import ComityError, MissingProgram, QueryError, QueryTimeout
from comity.graph.networks.elements import Header
from comity.graph.networks.formats import graphviz as drawing
from comity.graph.networks.identifiers import node_id
from comity.graph.networks.model import Network

WRITERS = [drawing.write_svg, drawing.write_png]


@pytest.fixture(autouse=True)
def graphviz() -> None:
    need_program("dot")


@pytest.fixture(params=["sample", "merged"])
def network(request: pytest.FixtureRequest) -> Network:
    found: Network = request.getfixturevalue(request.param)
    return found


def drawn(network: Network, write: Callable[[Network, IO[bytes]], None]) -> bytes:
    out = io.BytesIO()
    write(network, out)
    return out.getvalue()


def of(nodes: int, edges: list[tuple[int, int]], deadline: float | None = None) -> Network:
    network = Network(Header("A title"), deadline)
    ids = [network.add_node("uri", f"https://example.org/{i}") for i in range(nodes)]
    for number, (source, target) in enumerate(edges):
        network.add_edge(ids[source], ids[target], str(number), type="meets")
    return network


def test_svg_has_every_node_and_edge_and_no_script(network: Network) -> None:
    assert ordered(read_dot.svg(drawn(network, drawing.write_svg))) == held(network)


def test_a_picture_of_nothing_says_so(network: Network) -> None:
    said = "Nothing to draw"
    assert said in drawn(of(0, []), drawing.write_svg).decode()
    assert said not in drawn(network, drawing.write_svg).decode()


def test_png_is_a_picture(network: Network) -> None:
    width, height = read_dot.png(drawn(network, drawing.write_png))
    assert 200 < width < 2000 and 200 < height < 2000


def test_equal_networks_make_equal_pictures(network: Network) -> None:
    for write in WRITERS:
        assert drawn(network, write) == drawn(network, write)


def test_svg_explains_its_colours_and_dashes(sample: Network) -> None:
    root = ElementTree.fromstring(drawn(sample, drawing.write_svg))
    (graph,) = read_dot.groups(root, "graph")
    legend = "".join(
        "".join(line.itertext()) for line in graph.findall(f"{read_dot.SVG}text")
    ).replace("\N{NO-BREAK SPACE}", " ")
    for said in (networks.HEADER.title, "■ state", "■ proposal", "■ other", "── supportive"):
        assert said in legend
    assert "- - - not a fact" in legend and networks.HEADER.licence in legend
    assert "■ person" not in legend
    edges = {e.get("id"): e for e in read_dot.groups(root, "edge")}
    dashed = [e.label for e in sample.edges() if "dasharray" in _path(edges[e.id])]
    assert dashed == ["meets (planned)"]


def _path(group: ElementTree.Element) -> str:
    return " ".join(next(group.iter(f"{read_dot.SVG}path")).attrib)


def test_merged_edges_are_counted(merged: Network) -> None:
    root = ElementTree.fromstring(drawn(merged, drawing.write_svg))
    (pair,) = (e for e in merged.edges() if e.relations == 2)
    (group,) = (g for g in read_dot.groups(root, "edge") if g.get("id") == pair.id)
    assert read_dot.shown(group) == "2 relations"
    (link,) = (e for e in group.iter() if f"{read_dot.XLINK}title" in e.attrib and len(e) > 1)
    assert pair.label in link.attrib[f"{read_dot.XLINK}title"]


def test_a_title_is_text_and_no_markup() -> None:
    with Network(Header('<B>&amp;</B> "\\N" <script>\x07')) as network:
        data = drawn(network, drawing.write_svg)
    read_dot.svg(data)
    assert '<B>&amp;</B> "\\N" <script>\ufffd' in "".join(ElementTree.fromstring(data).itertext())


@pytest.mark.parametrize("nodes", [0, 1, 300])
def test_nodes_without_edges_are_drawn_and_placed(nodes: int) -> None:
    with of(nodes, []) as network:
        assert ordered(read_dot.svg(drawn(network, drawing.write_svg))) == held(network)
        places = drawing.positions(network)
    assert places is not None and len({place[1:] for place in places}) == nodes


def test_many_parts_are_drawn_soon() -> None:
    """To fit so many together as a puzzle takes Graphviz half a minute."""
    pairs = [(i, i + 1) for i in range(0, 800, 2)]
    with of(2000, pairs, time.monotonic() + 15) as network:
        assert ordered(read_dot.svg(drawn(network, drawing.write_svg))) == held(network)
        assert drawing.positions(network) is not None


def test_edges_of_a_large_network_have_no_labels() -> None:
    with of(180, [(i % 7, i) for i in range(160)]) as network:
        data = drawn(network, drawing.write_svg)
        assert ordered(read_dot.svg(data)) == held(network)
    root = ElementTree.fromstring(data)
    assert not "".join(map(read_dot.shown, read_dot.groups(root, "edge")))
    assert "meets" in [
        e.get(f"{read_dot.XLINK}title") for e in root.iter() if f"{read_dot.XLINK}title" in e.attrib
    ]


@pytest.mark.parametrize("write", WRITERS)
def test_too_large_a_network_is_refused(
    write: Callable[[Network, IO[bytes]], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(drawing, "MAX_EDGES", 3)
    with of(3, [(0, 1)] * 4) as network, pytest.raises(QueryError, match="3 nodes and 4 edges"):
        write(network, io.BytesIO())


def test_without_graphviz_the_hint_says_what_to_install(
    sample: Network, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", "")
    assert not drawing.is_installed()
    for write in WRITERS:
        with pytest.raises(MissingProgram) as error:
            write(sample, io.BytesIO())
        assert "apt-get install graphviz" in (error.value.hint or "")
    assert drawing.positions(sample) is None


@pytest.fixture
def stuck(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A Graphviz that never ends; the file has its process number."""
    return _pretend(tmp_path, monkeypatch, f"echo $$ > {tmp_path}/pid; exec sleep 60")


def _pretend(folder: Path, monkeypatch: pytest.MonkeyPatch, script: str) -> Path:
    program = folder / "dot"
    program.write_text(f"#!/bin/sh\n{script}\n")
    program.chmod(stat.S_IRWXU)
    monkeypatch.setenv("PATH", f"{folder}:{os.environ['PATH']}")
    return folder / "pid"


def _is_gone(pid: Path) -> bool:
    return not Path(f"/proc/{pid.read_text().strip()}").exists()


@pytest.mark.parametrize("write", WRITERS)
def test_a_drawing_ends_at_the_deadline(
    write: Callable[[Network, IO[bytes]], None], stuck: Path
) -> None:
    started = time.monotonic()
    with of(2, [(0, 1)], started + 0.3) as network, pytest.raises(QueryTimeout):
        write(network, io.BytesIO())
    assert time.monotonic() - started < 5 and _is_gone(stuck)


def test_a_drawing_ends_when_another_thread_calls_it_off(stuck: Path) -> None:
    with of(2, [(0, 1)]) as network:
        timer = threading.Timer(0.3, lambda: setattr(network, "deadline", 0))
        timer.start()
        with pytest.raises(QueryTimeout):
            drawing.write_svg(network, io.BytesIO())
        timer.join()
    assert _is_gone(stuck)


def test_a_layout_that_takes_too_long_is_done_without(stuck: Path) -> None:
    with of(2, [(0, 1)]) as network:
        assert drawing.positions(network, seconds=0.3) is None
    assert _is_gone(stuck)
    with (
        of(2, [(0, 1)], time.monotonic() + 0.3) as network,
        pytest.raises(QueryTimeout),
    ):
        drawing.positions(network)


def test_what_graphviz_complains_of_is_passed_on(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, sample: Network
) -> None:
    _pretend(tmp_path, monkeypatch, "echo out of ink >&2; exit 3")
    with pytest.raises(ComityError, match="out of ink"):
        drawing.write_svg(sample, io.BytesIO())
    assert drawing.positions(sample) is None


def test_places_are_apart_and_neighbours_near() -> None:
    """A ring of twelve, a pair, and one alone."""
    ring = [(i, (i + 1) % 12) for i in range(12)]
    with of(15, [*ring, (12, 13), (0, 0), (1, 0)]) as network:
        places = drawing.positions(network)
        assert places is not None and drawing.positions(network) == places
        network.place(places)
        found = [(node.x, node.y) for node in network.nodes()]
    ids = [node_id("uri", f"https://example.org/{i}") for i in range(15)]
    assert [id for id, _, _ in places] == ids
    assert min(dist(a, b) for a, b in combinations(found, 2)) > 50
    for source, target in [*ring, (12, 13)]:
        assert 50 < dist(found[source], found[target]) < 250


def test_up_is_up() -> None:
    """What is higher in a picture has a larger y; in SVG it is the other way round."""
    with of(12, [(i, (i + 1) % 12) for i in range(12)]) as network:
        source = "".join(drawing._bare(network)).encode()
        places = drawing.positions(network) or []
    root = ElementTree.fromstring(read_dot.drawn(source, "svg"))
    down = {
        int(read_dot.title(group)): float(next(group.iter(f"{read_dot.SVG}ellipse")).attrib["cy"])
        for group in read_dot.groups(root, "node")
    }
    up = {number: y for number, (_, _, y) in enumerate(places, start=1)}
    assert sorted(down, key=lambda n: -down[n]) == sorted(up, key=lambda n: up[n])


def test_too_large_a_network_gets_no_places(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(drawing, "MAX_PLACED", 2)
    with of(3, [(0, 1)]) as network:
        assert drawing.positions(network) is None
    monkeypatch.setattr(drawing, "MAX_PLACED_EDGES", 0)
    with of(2, [(0, 1)]) as network:
        assert drawing.positions(network) is None
