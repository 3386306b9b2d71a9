"""VOSviewer's JSON (app.vosviewer.com/docs/file-types/json-file-type): items and links.

A link has a strength and nothing else: no direction, no time, no look of its own. So there is one
for each pair of things, with the weights of all that relates them added up, whether or not the
network merges parallel edges; what is contemplated, and so would look like a fact, is left out,
as are relations of a thing with itself. The file says how many.

VOSviewer wants three items at least, and gives positions itself to a network that has none.
"""

import html
import math
import re
import sqlite3
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from typing import IO, Any, Final, Self

from comity.graph.networks.elements import Header, Node, is_contemplated
from comity.graph.networks.encoding.json import dumped, write_array
from comity.graph.networks.model import Network
from comity.graph.networks.palette import GROUPS, OTHER, node_style

# It opens no network of less nodes.
FEWEST: Final = 3
_PAGE: Final = 10_000
_GROUPS: Final = tuple(dict.fromkeys(style.group for style in (*GROUPS.values(), OTHER)))
# A white circle would not be seen: circles have no border here.
_WHITE: Final = {"#FFFFFF": "#EEEEEE"}
_FILLS: Final = {
    style.group: _WHITE.get(style.fill, style.fill) for style in (*GROUPS.values(), OTHER)
}
# Labels are read as HTML, and what holds an element ends VOSviewer Online with an error.
_HTML: Final = re.compile(r"<|&[#A-Za-z]")
# Labels that are taken for a number, or for none: 007 becomes 7, null the identifier.
_NOT_TEXT: Final = re.compile(
    r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?|0[xob][0-9a-f]+|[+-]?infinity|null|nan",
    re.IGNORECASE,
)
# What JavaScript's trim takes away; Python's strip takes more.
_BLANK: Final = "\t\n\v\f\r \u00a0\u1680\u2028\u2029\u202f\u205f\u3000\ufeff" + "".join(
    map(chr, range(0x2000, 0x200B))
)

_SCHEMA: Final = """
PRAGMA journal_mode=OFF; PRAGMA synchronous=OFF;
CREATE TABLE part (a INTEGER, b INTEGER, type TEXT, strength REAL, PRIMARY KEY (a, b, type))
  WITHOUT ROWID;
"""
_SUMS: Final = """
CREATE TABLE link AS SELECT a, b, sum(strength) strength, group_concat(type, '; ') types
  FROM part GROUP BY a, b;
CREATE TABLE item (number INTEGER PRIMARY KEY, links INTEGER, strength REAL);
INSERT INTO item SELECT number, count(*), sum(strength) FROM (
  SELECT a number, strength FROM link UNION ALL SELECT b, strength FROM link) GROUP BY number;
"""


@dataclass(slots=True)
class _LeftOut:
    """How many edges the file does not have, and why."""

    contemplated: int = 0
    loops: int = 0


def write(network: Network, out: IO[bytes]) -> None:
    """Write the network for VOSviewer and VOSviewer Online; clusters are the palette's groups."""
    left_out = _LeftOut()
    with closing(sqlite3.connect("", isolation_level=None)) as db:
        db.executescript(_SCHEMA)
        db.executemany(
            "INSERT INTO part VALUES (?, ?, ?, ?)"
            " ON CONFLICT DO UPDATE SET strength = strength + excluded.strength",
            _facts(network, left_out),
        )
        db.executescript(_SUMS)
        (has_links,) = db.execute("SELECT EXISTS (SELECT 1 FROM link)").fetchone()
        surroundings = _Layout.of(network, laid_out=not has_links or _is_placed(network))
        out.write(b'{"network":{"items":')
        write_array(_items(network, surroundings, db), out)
        out.write(b',\n"links":')
        write_array(_links(db), out)
    clusters = surroundings.clusters
    said = [{"cluster": number, "label": group} for group, number in clusters.items()]
    out.write(b',\n"clusters":' + dumped(said) + b'},\n"config":' + dumped(_config(clusters)))
    title, description = shown(network.header.title), _description(network.header, left_out)
    out.write(b',\n"info":' + dumped({"title": title, "description": description}) + b"}\n")


def _facts(network: Network, left_out: _LeftOut) -> Iterator[tuple[int, int, str, float]]:
    """Ends, type and strength of each edge that can be shown, before any merging of edges.

    The end with the lesser number is the first: a link has no direction.
    """
    last = 0
    while rows := network.run(
        "SELECT number, source, target, type, weight, modality, status FROM edge"
        " WHERE number > ? ORDER BY number LIMIT ?",
        (last, _PAGE),
    ):
        last = rows[-1][0]
        for _, source, target, type, weight, modality, status in rows:
            if is_contemplated(modality, status):
                left_out.contemplated += 1
            elif source == target:
                left_out.loops += 1
            else:
                is_strength = weight is not None and 0 <= weight < math.inf
                strength = weight if is_strength else 0.0
                yield min(source, target), max(source, target), type or "related", strength


def _is_placed(network: Network) -> bool:
    """Whether nodes have positions that somebody gave them."""
    ((placed,),) = network.run("SELECT EXISTS (SELECT 1 FROM node WHERE x IS NOT NULL)")
    return bool(placed)


@dataclass(slots=True)
class _Layout:
    """Where the nodes lie, and the number of each group that they have.

    Only groups that occur have numbers, one after another: VOSviewer gives the first cluster that
    it finds the first colour, whatever the number of the cluster.
    """

    laid_out: bool
    clusters: dict[str, int] = field(default_factory=dict)
    left: float = math.inf
    right: float = -math.inf
    bottom: float = math.inf
    top: float = -math.inf

    @classmethod
    def of(cls, network: Network, *, laid_out: bool) -> Self:
        found, groups = cls(laid_out), set()
        for node in network.nodes():
            groups.add(node_style(node.cls).group)
            found.left, found.right = min(found.left, node.x), max(found.right, node.x)
            found.bottom, found.top = min(found.bottom, node.y), max(found.top, node.y)
        found.clusters = {
            group: n for n, group in enumerate(filter(groups.__contains__, _GROUPS), 1)
        }
        return found

    def position(self, node: Node) -> dict[str, float]:
        """x and y between -1 and 1, rightwards and upwards as VOSviewer has them."""
        half = max(self.right - self.left, self.top - self.bottom) / 2
        if not self.laid_out or not half:
            return {}
        x, y = node.x - (self.left + self.right) / 2, node.y - (self.bottom + self.top) / 2
        return {"x": round(x / half, 4), "y": round(y / half, 4)}


def _items(
    network: Network, surroundings: _Layout, db: sqlite3.Connection
) -> Iterator[dict[str, Any]]:
    """The items, by numbers: VOSviewer Online takes a-b and c for the pair a and b-c.

    An item without links says so itself: VOSviewer would find it no size, and all others neither.
    """
    numbers = network.run("SELECT number FROM node ORDER BY number")
    for (number,), node in zip(numbers, network.nodes(), strict=True):
        found = db.execute(
            "SELECT links, strength FROM item WHERE number = ?", (number,)
        ).fetchone()
        links, strength = found or (0, 0.0)
        item = {"id": number, "label": shown(node.label) or node.id, "slug": node.id}
        if node.iri and node.iri.startswith(("http://", "https://")):
            item["url"] = node.iri
        item["cluster"] = surroundings.clusters[node_style(node.cls).group]
        item |= surroundings.position(node)
        yield item | {"weights": {"Links": links, "Total link strength": strength}}


def _links(db: sqlite3.Connection) -> Iterator[dict[str, Any]]:
    for a, b, strength, types in db.execute("SELECT a, b, strength, types FROM link ORDER BY a, b"):
        # What stands in braces would be replaced by an attribute of that name.
        description = html.escape(types.replace("{", "(").replace("}", ")"))
        ends = {"source_id": a, "target_id": b}
        yield ends | {"strength": strength, "description": description}


def shown(label: str) -> str:
    """A label so written that VOSviewer shows it as it is; one of blanks it does not show."""
    trimmed = label.strip(_BLANK)
    if _NOT_TEXT.fullmatch(trimmed):
        return f"&#{ord(trimmed[0])};{trimmed[1:]}"
    return html.escape(label, quote=False) if _HTML.search(label) else label


def _config(clusters: Mapping[str, int]) -> dict[str, Any]:
    colours = [{"cluster": number, "color": _FILLS[group]} for group, number in clusters.items()]
    return {
        "parameters": {"largest_component": False},
        "color_schemes": {"cluster_colors": colours},
        "terminology": {"cluster": "Kind", "clusters": "Kinds", "link": "Relation"},
    }


def _description(header: Header, left_out: _LeftOut) -> str:
    """What the file says of itself, in HTML."""
    said = [html.escape(header.description).replace("\n", "<br>")]
    said.append("A link stands for all relations of a pair; its strength is the sum of weights.")
    why = "Relations left out because here they would look like facts (hoped, planned, believed …)"
    for name, text in (
        (why, str(left_out.contemplated or "")),
        ("Relations of a thing with itself, left out", str(left_out.loops or "")),
        ("Licence", header.licence),
        ("Release", header.release),
        ("Data version", header.data_version),
        ("Created", header.created),
        ("Creator", header.creator),
        ("From", header.url),
        ("Query", header.query),
    ):
        if text:
            said.append(f"{name}: {html.escape(text)}")
    return "".join(f"<p>{paragraph}</p>" for paragraph in said if paragraph)
