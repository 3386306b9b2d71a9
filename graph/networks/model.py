"""Network model: nodes and edges with time, status and evidence, in a private temporary database.

The edges are never all in memory: SQLite keeps an unnamed database in memory while it is small, and
on disk after that.
"""

import json
import math
import sqlite3
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import fields
from itertools import groupby
from typing import Any, Final, Self

from comity.graph.errors import QueryTimeout
from comity.graph.networks.characters import holdable
from comity.graph.networks.elements import (
    EDGE_FIELDS,
    NODE_FIELDS,
    SEPARATOR,
    TRUE_WEIGHT,
    Attribute,
    Edge,
    Header,
    Node,
    Type,
    Value,
    edge_label,
    is_contemplated,
    joined_texts,
    merged,
)
from comity.graph.networks.identifiers import digest, edge_id, node_id
from comity.graph.rdf.terms import in_words, local_name, shorten

# Attributes of a query must not take these names, nor those that formats add.
_TAKEN: Final = frozenset(
    (
        *(f.name for f in (*NODE_FIELDS, *EDGE_FIELDS, TRUE_WEIGHT)),
        "id",
        "source",
        "target",
        "x",
        "y",
        "name",
        "key",
    )
)
_SCHEMA: Final = """
CREATE TABLE node (
  number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, kind TEXT NOT NULL, value TEXT NOT NULL,
  label TEXT, cls TEXT, class_label TEXT, iso3 TEXT, x REAL, y REAL, extra TEXT NOT NULL
);
CREATE TABLE edge (
  number INTEGER PRIMARY KEY, id TEXT UNIQUE NOT NULL, source INTEGER NOT NULL,
  target INTEGER NOT NULL, type TEXT, term TEXT, label TEXT, weight REAL,
  directed INTEGER, start TEXT, end TEXT, iri TEXT,
  modality TEXT, stance TEXT, status TEXT, role TEXT, statement TEXT, evidence TEXT,
  sentence TEXT, citation TEXT, extra TEXT NOT NULL
);
CREATE TABLE name (
  node INTEGER PRIMARY KEY, rank INTEGER NOT NULL, language TEXT NOT NULL, text TEXT NOT NULL
);
CREATE TABLE seen (text TEXT PRIMARY KEY, times INTEGER) WITHOUT ROWID;
"""
# If several rows describe one edge, these values are joined.
_JOINED: Final = ("modality", "role", "evidence", "sentence", "citation")
_EDGE_COLUMNS: Final = tuple(
    f.name for f in fields(Edge) if f.name not in ("contemplated", "relations", "spells")
)
_GOLDEN_ANGLE: Final = math.pi * (3 - math.sqrt(5))


class Network:
    """A network that is filled once, then read; `close` deletes it.

    It belongs to one thread at a time. Past its `deadline` (of time.monotonic) all work on it ends
    with QueryTimeout; to stop work from another thread, set the deadline into the past.
    """

    def __init__(self, header: Header, deadline: float | None = None) -> None:
        self.header = header
        self.deadline = deadline
        # The empty name is SQLite's for a temporary database that spills to disk.
        self._db = sqlite3.connect("", check_same_thread=False, isolation_level=None)
        self._db.create_function("contemplated", 2, is_contemplated, deterministic=True)
        self._db.executescript("PRAGMA synchronous=OFF; PRAGMA journal_mode=OFF;" + _SCHEMA)
        self.undated = 0  # edges left out by a period or day, since they are undated
        self.noted: set[str] = set()  # IRIs of records yet to become edges
        self._numbers: dict[str, int] = {}
        self._types: dict[tuple[str, str], Type] = {}

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    # Filling.

    def add_node(self, kind: str, value: str, **said: Any) -> int:
        """Add a term (kind is uri, literal, bnode or triple), or extend it; returns its number.

        `said` may have label, cls, class_label, iso3 and extra; the first value is kept.
        """
        id = node_id(kind, value)
        number = self._number(id, kind, value)
        extra = said.pop("extra", None) or {}
        if said:
            sets = ", ".join(f"{name} = coalesce({name}, ?)" for name in said)
            self._db.execute(f"UPDATE node SET {sets} WHERE number = ?", (*said.values(), number))
        for name, more in extra.items():
            self._say(number, name, more)
        return number

    def add_edge(self, source: int, target: int, key: str, **said: Any) -> None:
        """Add an edge between the numbers of two nodes.

        `term` is the IRI of the type, if it has one. `key` is everything that distinguishes it: the
        same key again is the same edge, whose modality, role, evidence, sentence, citation and
        status are joined.
        """
        self._tick()
        said = {"weight": 1.0, "directed": True, **said}
        if not said["directed"]:  # order the pair, independent of the input
            ordered = "SELECT number FROM node WHERE number IN (?, ?) ORDER BY id"
            found_ends = [number for (number,) in self.run(ordered, (source, target))]
            source, target = found_ends[0], found_ends[-1]
        extra = {_free(name): value for name, value in (said.get("extra") or {}).items()}
        for name, value in extra.items():
            self._widen("edge", name, value)
        found = {"id": edge_id(key), "source": source, "target": target, **said}
        if found.get("type"):
            found["type"] = holdable(found["type"])  # two types must not become equal in a file
        found["extra"] = json.dumps(extra)
        columns = [name for name in (*_EDGE_COLUMNS, "term") if name in found]
        added = self._db.execute(
            f"INSERT INTO edge ({', '.join(columns)}) VALUES ({', '.join('?' * len(columns))})"
            " ON CONFLICT DO NOTHING",
            [found[name] for name in columns],
        )
        if not added.rowcount:
            self._add_to_edge(found, extra)

    def _add_to_edge(self, found: Mapping[str, Any], extra: Mapping[str, Value]) -> None:
        """Join further values of an edge with its known ones."""
        names = (*_JOINED, "status", "extra")
        (row,) = self._db.execute(
            f"SELECT {', '.join(names)} FROM edge WHERE id = ?", (found["id"],)
        ).fetchall()
        known = dict(zip(names, row, strict=True))
        further: dict[str, Value] = json.loads(known.pop("extra"))
        for name, value in extra.items():
            further[name] = self._joined("edge", name, further.get(name), value)
        joined = [joined_texts(known[name], found.get(name)) for name in _JOINED]
        # In a fixed order, since the label of the edge includes it.
        statuses = joined_texts(known["status"], found.get("status")) or ""
        status = SEPARATOR.join(sorted(statuses.split(SEPARATOR))) or None
        self._db.execute(
            f"UPDATE edge SET {', '.join(f'{name} = ?' for name in names)} WHERE id = ?",
            (*joined, status, json.dumps(further), found["id"]),
        )

    def unique(self, text: str) -> str:
        """Return the text, numbered if it was used before: equal rows are separate edges."""
        ((times,),) = self._db.execute(
            "INSERT INTO seen VALUES (?, 1) ON CONFLICT DO UPDATE SET times = times + 1"
            " RETURNING times",
            (digest(text),),
        ).fetchall()
        return text if times == 1 else f"{text}\n{times}"

    def _number(self, id: str, kind: str, value: str) -> int:
        number = self._numbers.get(id)
        if number is None:
            self._db.execute(
                "INSERT INTO node (id, kind, value, extra) VALUES (?, ?, ?, '{}')"
                " ON CONFLICT DO NOTHING",
                (id, kind, value),
            )
            (number,) = self._db.execute("SELECT number FROM node WHERE id = ?", (id,)).fetchone()
            if len(self._numbers) < 100_000:  # a cache; correctness does not depend on it
                self._numbers[id] = number
        return int(number)

    def _say(self, node: int, name: str, value: Value) -> None:
        """Set a further attribute of a node; several values are joined."""
        ((written,),) = self._db.execute("SELECT extra FROM node WHERE number = ?", (node,))
        extra, name = json.loads(written), _free(name)
        extra[name] = self._joined("node", name, extra.get(name), value)
        self._db.execute("UPDATE node SET extra = ? WHERE number = ?", (json.dumps(extra), node))

    def _joined(self, owner: str, name: str, known: Value | None, value: Value) -> Value:
        """Join a further value of an attribute with the known one."""
        if known is not None and known != value:
            value = joined_texts(_as(known, "string"), _as(value, "string")) or ""
        self._widen(owner, name, value)
        return value

    def _widen(self, owner: str, name: str, value: Value) -> None:
        """Widen the type of an attribute to include a value."""
        self._types[owner, name] = _common(self._types.get((owner, name)), _type(value))

    def _tick(self) -> None:
        if self.deadline is not None and time.monotonic() > self.deadline:
            raise QueryTimeout("the time limit passed while the network was being written")

    # Subsets, see `comity.graph.networks.subset`.

    def run(self, sql: str, values: Iterable[object] = ()) -> list[tuple[Any, ...]]:
        """Run one statement on the tables node and edge."""
        return self._db.execute(sql, tuple(values)).fetchall()

    def place(self, positions: Iterable[tuple[str, float, float]]) -> None:
        """Set positions of nodes by identifier; the others get one on a spiral."""
        rows = ((x, y, id) for id, x, y in positions)
        self._db.executemany("UPDATE node SET x = ?, y = ? WHERE id = ?", rows)

    def adopt(self, other: "Network") -> None:
        """Take over the further attributes of another network, whose nodes and edges were added."""
        for (owner, name), type_ in other._types.items():
            self._types[owner, name] = _common(self._types.get((owner, name)), type_)

    # Reading.

    @property
    def node_count(self) -> int:
        (found,) = self._db.execute("SELECT count(*) FROM node").fetchone()
        return int(found)

    @property
    def edge_count(self) -> int:
        return self.relation_count if self.header.multi == "keep" else self.merged_count

    @property
    def merged_count(self) -> int:
        """Number of edges, if parallel ones are or were merged."""
        merged = "DISTINCT source || ' ' || target || ' ' || contemplated(modality, status)"
        (found,) = self._db.execute(f"SELECT count({merged}) FROM edge").fetchone()
        return int(found)

    @property
    def relation_count(self) -> int:
        """Number of edges before any are merged."""
        (found,) = self._db.execute("SELECT count(*) FROM edge").fetchone()
        return int(found)

    @property
    def node_attributes(self) -> tuple[Attribute, ...]:
        """Attributes that nodes may have in `extra`."""
        return self._attributes("node")

    @property
    def edge_attributes(self) -> tuple[Attribute, ...]:
        """Attributes that edges may have in `extra`."""
        return self._attributes("edge")

    def _attributes(self, owner: str) -> tuple[Attribute, ...]:
        return tuple(Attribute(n, type_) for (o, n), type_ in self._types.items() if o == owner)

    def nodes(self) -> Iterator[Node]:
        """Yield the nodes in the order in which they were added."""
        types = {a.name: a.type for a in self.node_attributes}
        rows = self._db.execute(
            "SELECT number, id, kind, value, label, cls, class_label, iso3, x, y, extra"
            " FROM node ORDER BY number"
        )
        for number, id, kind, value, label, cls, class_label, iso3, x, y, extra in rows:
            self._tick()
            if x is None:
                x, y = _spiral(number)
            yield Node(
                id=id,
                iri=value if kind == "uri" else None,
                label=label or _unnamed(kind, value, id),
                cls=cls or "",
                class_label=class_label or in_words(local_name(cls or "")),
                iso3=iso3,
                x=x,
                y=y,
                extra=_typed(extra, types),
            )

    def edges(self) -> Iterator[Edge]:
        """Yield the edges in the order in which they were added, or merged.

        Merged, each pair of nodes has one edge for facts and one for what is contemplated.
        """
        if self.header.multi == "keep":
            yield from self._edges("edge.number")
            return
        order = "edge.source, edge.target, contemplated(modality, status), edge.number"
        for (source, target, _), edges in groupby(
            self._edges(order), lambda edge: (edge.source, edge.target, edge.contemplated)
        ):
            yield merged(source, target, list(edges))

    def _edges(self, order: str) -> Iterator[Edge]:
        types = {a.name: a.type for a in self.edge_attributes}
        columns = [name for name in _EDGE_COLUMNS if name not in ("source", "target")]
        rows = self._db.execute(
            f"SELECT s.id, t.id, {', '.join(f'edge.{name}' for name in columns)} FROM edge"
            " JOIN node s ON s.number = edge.source JOIN node t ON t.number = edge.target"
            f" ORDER BY {order}"
        )
        for source, target, *values in rows:
            self._tick()
            said = dict(zip(columns, values, strict=True))
            said["extra"] = _typed(said["extra"], types)
            said["directed"] = bool(said["directed"])
            said["contemplated"] = is_contemplated(said["modality"], said["status"])
            said["type"] = said["type"] or "related"
            said["label"] = edge_label(said)
            yield Edge(source=source, target=target, **said)


def _unnamed(kind: str, value: str, id: str) -> str:
    """Return the label of a thing without a name: its shortened IRI, or the literal's text."""
    if kind == "uri":
        return shorten(value).removeprefix("id:")
    return value if kind == "literal" else id


def _spiral(number: int) -> tuple[float, float]:
    """Return an evenly spread place for each number, like the seeds of a sunflower (Vogel 1979)."""
    radius, angle = 60 * math.sqrt(number), number * _GOLDEN_ANGLE
    return round(radius * math.cos(angle), 1), round(radius * math.sin(angle), 1)


def _free(name: str) -> str:
    """Return a name for a further attribute that no fixed one has."""
    return f"{name}_" if name in _TAKEN else name


def _type(value: Value) -> Type:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    return "double" if isinstance(value, float) else "string"


def _common(known: Type | None, type_: Type) -> Type:
    """Return the type that holds the values of both."""
    if known in (None, type_):
        return type_
    return "double" if {known, type_} == {"integer", "double"} else "string"


def _typed(written: str, types: Mapping[str, Type]) -> dict[str, Value]:
    """Convert the further attributes to the final type of each name."""
    found: dict[str, Value] = json.loads(written)
    return {name: _as(value, types[name]) for name, value in found.items()}


def _as(value: Value, type_: Type) -> Value:
    if type_ == "double":
        return float(value)
    if type_ != "string" or isinstance(value, str):
        return value
    return str(value).lower() if isinstance(value, bool) else str(value)
