"""VOSviewer's JSON (app.vosviewer.com/docs/file-types/json-file-type): items and links.

A link has only a strength: no direction, time or style. So there is one link per pair of things,
whose strength is the sum of the weights between them, whether or not the network merges parallel
edges. Contemplated edges, which would look like facts, and loops are left out; the file gives their
number.

VOSviewer needs at least three items, and lays out networks without positions itself.
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

# It opens no network with fewer nodes.
FEWEST: Final = 3
_PAGE: Final = 10_000
_GROUPS: Final = tuple(dict.fromkeys(style.group for style in (*GROUPS.values(), OTHER)))
# A white circle would be invisible: circles have no border here.
_WHITE: Final = {"#FFFFFF": "#EEEEEE"}
_FILLS: Final = {
    style.group: _WHITE.get(style.fill, style.fill) for style in (*GROUPS.values(), OTHER)
}
# Labels are read as HTML, and an element in one crashes VOSviewer Online.
_HTML: Final = re.compile(r"<|&[#A-Za-z]")
# Labels that are read as a number, or as none: 007 becomes 7, null the identifier.
_NOT_TEXT: Final = re.compile(
    r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]+)?|0[xob][0-9a-f]+|[+-]?infinity|null|nan",
    re.IGNORECASE,
)
# What JavaScript's trim removes; Python's strip removes more.
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
    """Numbers of edges left out of the file, by reason."""

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
    """Yield ends, type and strength of each edge that can be shown, before any merging.

    The end with the smaller number comes first, since a link has no direction.
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
    """True if nodes were given positions."""
    ((placed,),) = network.run("SELECT EXISTS (SELECT 1 FROM node WHERE x IS NOT NULL)")
    return bool(placed)


@dataclass(slots=True)
class _Layout:
    """Positions of the nodes, and the number of each group present.

    Groups are numbered consecutively: VOSviewer gives the first colour to the first cluster that it
    finds, whatever its number.
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
        """Return x and y between -1 and 1, rightwards and upwards as in VOSviewer."""
        half = max(self.right - self.left, self.top - self.bottom) / 2
        if not self.laid_out or not half:
            return {}
        x, y = node.x - (self.left + self.right) / 2, node.y - (self.bottom + self.top) / 2
        return {"x": round(x / half, 4), "y": round(y / half, 4)}


def _items(
    network: Network, surroundings: _Layout, db: sqlite3.Connection
) -> Iterator[dict[str, Any]]:
    """Yield the items, by number: VOSviewer Online confuses a-b and c with the pair a and b-c.

    An item without links states so: otherwise VOSviewer computes no sizes at all.
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
        # A text in braces would be replaced by the attribute of that name.
        description = html.escape(types.replace("{", "(").replace("}", ")"))
        ends = {"source_id": a, "target_id": b}
        yield ends | {"strength": strength, "description": description}


def shown(label: str) -> str:
    """Escape a label so that VOSviewer shows it unchanged; it does not show blank ones."""
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
    """Describe the file, in HTML."""
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
