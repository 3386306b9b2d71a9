"""Schema of the data in a store: classes, their properties with ranges and counts, examples.

The counts are SPARQL queries (`queries/schema/`), so they work for any store. On millions of
triples they take a while: a minute for five million on two processors. So the result is cached
beside the data, and counted again after the data have changed.
"""

import hashlib
import json
import os
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any, Final, Protocol, runtime_checkable

from pyoxigraph import NamedNode

from comity.graph.errors import WriteConflict
from comity.graph.installed import query_file
from comity.graph.rdf.namespaces import PREFIXES
from comity.graph.rdf.terms import shorten
from comity.graph.store.solutions import Row, Solve

Schema = dict[str, Any]
_Said = Mapping[str, Sequence[Mapping[str, Any]]]

_QUERIES: Final = ("terms", "graphs", "classes", "values", "uses", "ranges", "members")
_RESOURCE: Final = PREFIXES["rdfs"] + "Resource"
_CLASSES: Final = frozenset((PREFIXES["rdfs"] + "Class", PREFIXES["owl"] + "Class"))
_LONGEST: Final = 200  # characters of an example text


@runtime_checkable
class Keeper(Protocol):
    """A store with room for files made from its data."""

    def aside(self, name: str) -> Path:
        """Return the path of a file made from the current data; other data have another."""


async def count(solve: Solve) -> tuple[Schema, str]:
    """Count, and return the schema with its data version.

    Raises WriteConflict if the data change during the count, and errors of `solve`.
    """
    found: dict[str, Sequence[Row]] = {}
    versions = set()
    for name in _QUERIES:
        solutions = await solve(query_file(f"schema/{name}"))
        versions.add(solutions.version)
        if len(versions) > 1:
            raise WriteConflict("the data changed while they were counted")
        found[name] = [row for row in solutions.rows if row]
    return _schema(found), versions.pop()


def read(path: Path) -> Schema | None:
    """Read the schema from a file returned by `place`; None if there is none."""
    try:
        found = json.loads(path.read_text("utf-8"))
    except (OSError, ValueError):
        return None
    return found if isinstance(found, dict) else None


def keep(path: Path, schema: Schema) -> None:
    """Store a schema in a file returned by `place`, replacing those of other data."""
    new = path.with_name(path.name + ".new")
    try:
        new.write_text(json.dumps(schema, ensure_ascii=False), "utf-8")
        os.replace(new, path)
    except OSError:  # disk full: the next start counts again
        new.unlink(missing_ok=True)
        return
    for old in path.parent.glob("schema.*"):
        if old != path:
            old.unlink(missing_ok=True)


def place(keeper: Keeper) -> Path:
    """Return the path of the schema file for the current data."""
    # Another release may use other queries.
    text = "".join(query_file(f"schema/{name}") for name in _QUERIES)
    return keeper.aside(f"schema.{hashlib.sha256(text.encode()).hexdigest()[:8]}")


def _schema(found: Mapping[str, Sequence[Row]]) -> Schema:
    said = _said(found["terms"])
    used = _grouped(found["uses"], "class", "property")
    values = _grouped(found["values"], "property", "kind")
    ranges = _grouped(found["ranges"], "property", "class")
    members = _grouped(found["members"], "class", "value")
    counted = {row["class"]["value"]: row for row in found["classes"] if _is_iri(row, "class")}
    declared = {
        term for term, of in said.items() if _CLASSES & {v["value"] for v in of.get("type", ())}
    }
    classes = sorted({*counted, *declared} - {""})
    properties = sorted({*values, *(said.keys() - declared)})
    return {
        "triples": sum(_number(row) for row in found["values"]),
        "prefixes": dict(PREFIXES),
        "graphs": [
            {"iri": row["graph"]["value"], "triples": _number(row)}
            for row in sorted(found["graphs"], key=lambda row: str(row["graph"]["value"]))
        ],
        "classes": [
            {
                **_term(iri, said.get(iri, {})),
                "subClassOf": _iris(said.get(iri, {}), "subClassOf"),
                "count": _number(counted.get(iri, {})),
                "example": _text(counted.get(iri, {}), "example"),
                "properties": _counts(used.get(iri, ())),
                "values": _members(members.get(iri, ())),
            }
            for iri in classes
        ],
        "properties": [
            {
                **_term(iri, said.get(iri, {})),
                "subPropertyOf": _iris(said.get(iri, {}), "subPropertyOf"),
                "inverseOf": _iris(said.get(iri, {}), "inverseOf"),
                "domain": _iris(said.get(iri, {}), "domain"),
                "range": _iris(said.get(iri, {}), "range"),
                "count": sum(_number(row) for row in values.get(iri, ())),
                "example": next((_text(row, "example") for row in values.get(iri, ())), None),
                "datatypes": [
                    each
                    for each in _counts(values.get(iri, ()), "kind")
                    if each["iri"] != _RESOURCE
                ],
                "classes": _counts(ranges.get(iri, ()), "class"),
            }
            for iri in properties
        ],
    }


def _said(
    rows: Iterable[Row], of: str = "term", what: str = "value"
) -> dict[str, dict[str, list[Mapping[str, Any]]]]:
    """Group properties by term and local name of the relation."""
    found: dict[str, dict[str, list[Mapping[str, Any]]]] = defaultdict(lambda: defaultdict(list))
    for row in rows:
        relation = str(row["relation"]["value"]).rpartition("#")[2]
        found[row[of]["value"]][relation].append(row[what])
    return found


def _members(rows: Iterable[Row]) -> list[Schema]:
    """Return the values of a closed list, by name."""
    said = _said(rows, "value", "text")
    terms = [_term(iri, of) for iri, of in said.items()]
    return sorted(terms, key=lambda term: str(term["name"]))


def _term(iri: str, said: _Said) -> Schema:
    return {
        "iri": iri,
        "name": shorten(NamedNode(iri)),
        "label": _texts([*said.get("prefLabel", ()), *said.get("label", ())]),
        "definition": _texts([*said.get("comment", ()), *said.get("definition", ())]),
        "usage": _texts(said.get("example", ())),
    }


def _texts(cells: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    """Return texts by language, "" for none; the last one of a language wins."""
    found = {c.get("xml:lang", ""): str(c["value"]) for c in cells if c["type"] == "literal"}
    return dict(sorted(found.items()))


def _iris(said: _Said, relation: str) -> list[str]:
    return sorted({str(c["value"]) for c in said.get(relation, ()) if c["type"] == "uri"})


def _grouped(rows: Iterable[Row], by: str, of: str) -> dict[str, list[Row]]:
    found: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        if _is_iri(row, by) and _is_iri(row, of):
            found[row[by]["value"]].append(row)
    return found


def _counts(rows: Iterable[Row], of: str = "property") -> list[Schema]:
    """Return counts, most frequent first."""
    counted = [(-_number(row), str(row[of]["value"])) for row in rows]
    return [
        {"iri": iri, "name": shorten(NamedNode(iri)), "count": -count}
        for count, iri in sorted(counted)
    ]


def _is_iri(row: Row, name: str) -> bool:
    return name in row and row[name]["type"] == "uri"


def _number(row: Row) -> int:
    return int(row["count"]["value"]) if "count" in row else 0


def _text(row: Row, name: str) -> str | None:
    if name not in row or row[name]["type"] not in ("uri", "literal"):
        return None
    return str(row[name]["value"])[:_LONGEST]
