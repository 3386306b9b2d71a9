"""Pictures and layouts by Graphviz, whose program `dot` runs as a subprocess."""

import math
import shlex
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from html import escape
from typing import IO, Final, Literal

from comity.graph.errors import ComityError, MissingProgram, QueryError, QueryTimeout
from comity.graph.networks.characters import holdable
from comity.graph.networks.elements import Header
from comity.graph.networks.formats.dot import Legend, lines, look, packing, wrapped
from comity.graph.networks.model import Network

Place = tuple[str, float, float]

# Beyond these limits a picture is unreadable and takes minutes.
MAX_NODES: Final = 2_000
MAX_EDGES: Final = 5_000
# Beyond these limits a layout takes too long to wait for.
MAX_PLACED: Final = 5_000
MAX_PLACED_EDGES: Final = 20_000

_UNITS: Final = 100  # units of a layout per inch of Graphviz
_SECONDS: Final = 30.0
_KEYS: Final = 6  # entries per line of a legend
_INCHES: Final = 60  # size of a PNG at 96 pixels per inch: browsers can't hold more
_HINT: Final = (
    "Install Graphviz where the service runs: apt-get install graphviz (Debian, Ubuntu), brew"
    " install graphviz (macOS), winget install graphviz (Windows). Or download .dot and draw it"
    " elsewhere."
)


def is_installed() -> bool:
    """True if Graphviz is installed."""
    return shutil.which("dot") is not None


def write_svg(network: Network, out: IO[bytes]) -> None:
    """Write a picture as SVG: without scripts, and with links to http addresses only.

    Raises MissingProgram without Graphviz, QueryError if the network is too large, and QueryTimeout
    at its deadline, or after half a minute if it has none.
    """
    _draw(network, out, "svg")


def write_png(network: Network, out: IO[bytes]) -> None:
    """Write a picture as PNG; raises the errors of `write_svg`."""
    _draw(network, out, "png")


def positions(network: Network, seconds: float = 10.0) -> list[Place] | None:
    """Return a place for each node, for `Network.place`: neighbours about 100 units apart.

    None if Graphviz is missing, fails or would take longer than `seconds`, or if the network is too
    large: its default places must do then. Raises QueryTimeout at the network's own deadline.
    """
    ((edges,),) = network.run("SELECT count(*) FROM edge")
    if network.node_count > MAX_PLACED or edges > MAX_PLACED_EDGES or not is_installed():
        return None
    try:
        with _graphviz(network, _bare(network), "plain", time.monotonic() + seconds) as plain:
            placed = {int(n): (x, y) for n, x, y in _read_places(plain)}
    except ComityError:
        if _is_past(network.deadline):
            raise
        return None
    return list(_with_the_rest(placed, network.run("SELECT number, id FROM node ORDER BY number")))


def _bare(network: Network) -> Iterator[str]:
    """Yield the network without texts or unconnected nodes, whose packing takes minutes."""
    pairs = network.run(
        "SELECT DISTINCT min(source, target), max(source, target) FROM edge WHERE source != target"
    )
    nodes = {end for pair in pairs for end in pair}
    yield f"graph {{ layout=sfdp; K=1; overlap=prism; {packing(len(nodes), len(pairs))};\n"
    yield '  sep="+6"; splines=none; node [shape=circle, width=0.8, fixedsize=true, label=""];\n'
    yield from (f"  {one} -- {other};\n" for one, other in pairs)
    yield "}\n"


def _read_places(plain: IO[bytes]) -> Iterator[tuple[str, float, float]]:
    for line in plain:
        kind, *words = line.decode().split()
        if kind == "node":
            yield words[0], float(words[1]) * _UNITS, float(words[2]) * _UNITS


def _with_the_rest(
    placed: Mapping[int, tuple[float, float]], nodes: Iterable[tuple[int, str]]
) -> Iterator[Place]:
    """Yield all nodes: those without a place in rows below the others."""
    rest = [number for number, _ in nodes if number not in placed]
    width = max((x for x, _ in placed.values()), default=0)
    columns = max(int(width) // _UNITS, math.isqrt(len(rest)), 1)
    places = {n: (i % columns * _UNITS, -(i // columns + 1) * _UNITS) for i, n in enumerate(rest)}
    for number, id in nodes:
        x, y = placed.get(number) or places[number]
        yield id, round(x, 1), round(y, 1)


def _draw(network: Network, out: IO[bytes], format: Literal["svg", "png"]) -> None:
    if not is_installed():
        raise MissingProgram("pictures need Graphviz, which is not installed", hint=_HINT)
    nodes, edges = network.node_count, network.edge_count
    if nodes > MAX_NODES or edges > MAX_EDGES:
        raise QueryError(
            f"{nodes} nodes and {edges} edges are too many for a picture",
            hint=f"The limits are {MAX_NODES} and {MAX_EDGES}: narrow it to the neighbourhood of a"
            " thing, merge parallel edges, or choose a format for a program, such as .gexf.",
        )
    with _graphviz(network, _with_legend(network), format, time.monotonic() + _SECONDS) as picture:
        shutil.copyfileobj(picture, out)


def _with_legend(network: Network) -> Iterator[str]:
    used = Legend()
    yield from lines(network, look(network.node_count, network.edge_count), used)
    # A large picture is viewed from a distance.
    scale = max(1.0, math.sqrt(network.node_count) / 6)
    yield f"  label=<{_legend(network.header, used, scale)}>;\n}}\n"


def _legend(header: Header, used: Legend, scale: float) -> str:
    """Return title, legend and licence as the graph's label, so that they need no node."""
    nodes = [
        _key(style.fill, "■", group) if group != "proposition" else _key("#555555", "□", group)
        for group, style in used.nodes.items()
    ]
    edges = [_key(style.colour, "──", stance) for stance, style in used.edges.items()]
    if used.contemplated:
        edges.append(_key("#666666", "- - -", "not a fact: planned, hoped, believed …"))
    keys = [*(nodes[i : i + _KEYS] for i in range(0, len(nodes), _KEYS)), edges]
    about = " · ".join(filter(None, (header.creator, header.created, header.licence)))
    small, middle, large = (round(scale * points) for points in (9, 12, 16))
    if not used.nodes:
        keys.append(["Nothing to draw: no nodes are left."])
    rows = [
        f'<FONT POINT-SIZE="{large}">{_html(wrapped(header.title, 60))}</FONT>',
        *(f'<FONT POINT-SIZE="{middle}">{"&nbsp; &nbsp;".join(row)}</FONT>' for row in keys if row),
        f'<FONT POINT-SIZE="{small}" COLOR="#555555">{_html(about)}</FONT>',
    ]
    return "<BR/>".join(rows)


def _key(colour: str, sign: str, name: str) -> str:
    return f'<FONT COLOR="{colour}">{sign}</FONT>&nbsp;{_html(name)}'


def _html(text: str) -> str:
    return escape(holdable(text)).replace("\n", "<BR/>")


@contextmanager
def _graphviz(
    network: Network, source: Iterable[str], format: str, until: float
) -> Iterator[IO[bytes]]:
    """Run `dot` on a source; it is killed when the network's deadline or `until` passes.

    Uses files instead of pipes, so that neither side can block on the other.
    """
    with (
        tempfile.TemporaryFile() as given,
        tempfile.TemporaryFile() as made,
        tempfile.TemporaryFile() as said,
    ):
        given.writelines(line.encode() for line in source)
        given.seek(0)
        command = ["dot", f"-T{format}", *([f"-Gsize={_INCHES},{_INCHES}"] * (format == "png"))]
        with subprocess.Popen(command, stdin=given, stdout=made, stderr=said) as process:
            try:
                _wait(process, network, until)
            finally:
                process.kill()
        said.seek(0)
        if process.returncode:
            reason = said.read(2000).decode(errors="replace").strip()
            raise ComityError(f"{shlex.join(command)} failed: {reason}")
        made.seek(0)
        yield made


def _wait(process: subprocess.Popen[bytes], network: Network, until: float) -> None:
    # In small steps, since another thread may set the network's deadline into the past.
    while process.returncode is None:
        if _is_past(until) or _is_past(network.deadline):
            raise QueryTimeout(
                "drawing the network exceeded the time limit",
                hint="Narrow it, or choose a format for a program, such as .gexf.",
            )
        try:
            process.wait(0.1)
        except subprocess.TimeoutExpired:
            continue


def _is_past(deadline: float | None) -> bool:
    return deadline is not None and time.monotonic() > deadline
