"""Readers of tables in a zip: pandas, R, and the rules of Gephi, Neo4j and Data Packages."""

import csv
import io
import json
import math
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any
from zipfile import ZipFile

import pandas
from needs import need_program
from outside import Read, run

Row = dict[str, str]


def members(data: bytes) -> dict[str, bytes]:
    """The files of an archive; equal networks make equal ones, so it tells no time."""
    with ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        assert {info.date_time for info in archive.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        return {name: archive.read(name) for name in archive.namelist()}


def rows(file: bytes) -> list[Row]:
    """The rows of a table as RFC 4180 has it."""
    assert file.endswith(b"\r\n") and not file.startswith(b"\xef\xbb\xbf")
    head, *found = csv.reader(io.StringIO(file.decode(), newline=""), strict=True)
    assert len(set(head)) == len(head)
    return [dict(zip(head, cells, strict=True)) for cells in found]


def frame(file: bytes) -> pandas.DataFrame:
    """A table as pandas reads it, by the call that the README of the archive names."""
    return pandas.read_csv(io.BytesIO(file), keep_default_na=False, na_values=[""])


def pandas_gephi(data: bytes) -> Read:
    """What pandas reads of the archive for Gephi."""
    return _read(data, "edges.csv", ("Id", "Source", "Target"))


def pandas_neo4j(data: bytes) -> Read:
    """What pandas reads of the archive for Neo4j."""
    return _read(data, "rels.csv", ("id:ID", ":START_ID", ":END_ID"))


def _read(data: bytes, edges: str, heads: tuple[str, str, str]) -> Read:
    files, (key, source, target) = members(data), heads
    nodes, ends = frame(files["nodes.csv"]), frame(files[edges])
    assert nodes[key].is_unique
    pairs = zip(ends[source].astype(str), ends[target].astype(str), strict=True)
    return set(nodes[key].astype(str)), list(pairs)


def r_tables(files: Sequence[Path]) -> list[list[dict[str, str | None]]]:
    """What R reads of tables, all in one process: the cells as text, None for what is missing."""
    need_program("Rscript")
    printed = run(["Rscript", "--vanilla", "tables.R", *(file.resolve() for file in files)])
    tables: list[list[dict[str, str | None]]] = []
    head: list[str] = []
    for line in printed.splitlines():
        cells = [None if c == "NA" else _characters(c) for c in line.split("\t")]
        if cells[0] == "table":
            head = [str(name) for name in cells[1:]]
            tables.append([])
        else:
            tables[-1].append(dict(zip(head, cells[1:], strict=True)))
    assert len(tables) == len(files)
    return tables


def _characters(codes: str) -> str:
    return "".join(chr(int(code)) for code in codes.split())


_BOUND = r"(-Infinity|Infinity|\d{4}-\d\d-\d\d)"
_INTERVAL = re.compile(rf"\[{_BOUND}, {_BOUND}\]")
_TIMESET = re.compile(rf"{_INTERVAL.pattern}|<{_INTERVAL.pattern}(; {_INTERVAL.pattern})+>")


def gephi(data: bytes) -> Read:
    """What Gephi's spreadsheet import makes of an archive, by the rules in its source.

    It drops columns whose names differ in case alone, merges edges of one pair and one kind, stops
    at an interval that is none, and takes the first rows for the types of columns.
    """
    files = members(data)
    nodes, edges = rows(files["nodes.csv"]), rows(files["edges.csv"])
    for file in ("nodes.csv", "edges.csv"):
        head = files[file].splitlines()[0].decode().split(",")
        assert len({name.lower() for name in head}) == len(head)
    assert "id" not in {name.lower() for name in list(nodes[0])[1:]} if nodes else True
    kinds = Counter(kind for row in edges for kind in _taken(row))
    assert not kinds or max(kinds.values()) == 1
    assert all(row["Kind"] for row in edges)
    assert {row["Type"] for row in edges} <= {"Directed", "Undirected"}
    for row in edges:
        assert 0 < float(row["Weight"]) < math.inf, "it would leave the edge out, or warn"
        assert row["contemplated"] in ("true", "false")
        _check_timeset(row["timeset"])
    ids = {row["Id"] for row in nodes}
    assert len(ids) == len(nodes)
    assert ids.isdisjoint(row["Id"] for row in edges)
    assert ids.issuperset(end for row in edges for end in (row["Source"], row["Target"]))
    return ids, [(row["Source"], row["Target"]) for row in edges]


def _taken(row: Row) -> set[tuple[str, str, str]]:
    """By what it would know an edge again: one without direction from either end."""
    source, target, kind = row["Source"], row["Target"], row["Kind"]
    back = {(target, source, kind)} if row["Type"] == "Undirected" else set()
    return {(source, target, kind)} | back


def _check_timeset(text: str) -> None:
    if not text:
        return
    assert _TIMESET.fullmatch(text), text
    before = ""
    for start, end in _INTERVAL.findall(text):
        for bound in {start, end} - {"-Infinity", "Infinity"}:
            date.fromisoformat(bound)
        first = "" if start == "-Infinity" else start
        assert before <= first <= end.replace("Infinity", "~") and (start, end) != (
            "-Infinity",
            "~",
        )
        before = end.replace("Infinity", "~")


# The head of a column: a name, a type, or both (operations manual, "Neo4j admin import").
_HEAD = re.compile(
    r"(?P<name>[^:]*)(?::(?P<type>ID|LABEL|START_ID|END_ID|TYPE|long|double|boolean|date))?"
)
_CELLS = {
    "": re.compile(r"(?s).*"),
    "long": re.compile(r"|-?\d{1,19}", re.ASCII),
    "double": re.compile(r"|-?\d+(\.\d+)?(e[+-]?\d+)?", re.ASCII),
    "boolean": re.compile(r"|true|false"),
    "date": re.compile(r"|(\d{4}|[+-]\d{1,9})-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII),
    "ID": re.compile(r"[A-Za-z0-9_-]+"),
    "START_ID": re.compile(r"[A-Za-z0-9_-]+"),
    "END_ID": re.compile(r"[A-Za-z0-9_-]+"),
    "LABEL": re.compile(r"Comity;\w+"),
    "TYPE": re.compile(r"\w+"),
}


def neo4j(data: bytes) -> Read:
    """What `neo4j-admin database import` makes of an archive, by the grammar of its heads."""
    files = members(data)
    nodes, rels = rows(files["nodes.csv"]), rows(files["rels.csv"])
    for name, found, need_types in (
        ("nodes.csv", nodes, ["ID", "LABEL"]),
        ("rels.csv", rels, ["START_ID", "END_ID", "TYPE"]),
    ):
        head = next(csv.reader([files[name].splitlines()[0].decode()]))
        parts = [_HEAD.fullmatch(each) for each in head]
        assert all(parts), head
        types = [(part["type"] or "") for part in parts if part]
        assert [each for each in types if each.isupper()] == need_types
        names = [part["name"] for part in parts if part and part["name"]]
        assert len(set(names)) == len(names)
        for row in found:
            for each, type_ in zip(head, types, strict=True):
                assert _CELLS[type_].fullmatch(row[each]), (each, row[each])
        assert legacy(files[name]) == [list(row.values()) for row in found]
    for row in rels:
        type_, hope = row[":TYPE"], row["contemplated:boolean"] == "true"
        assert type_ == type_.upper()
        assert type_.startswith(("CONTEMPLATED_", "PARTLY_CONTEMPLATED_")) == hope
    ids = {row["id:ID"] for row in nodes}
    assert len(ids) == len(nodes)
    edges = [(row[":START_ID"], row[":END_ID"]) for row in rels]
    assert ids.issuperset(end for pair in edges for end in pair)
    return ids, edges


def legacy(file: bytes) -> list[list[str]]:
    """The rows of a table as LOAD CSV reads them: as BufferedCharSeeker does, "legacy" quoting.

    In it, within quotation marks, a backslash takes away the meaning of a quotation mark or of
    another backslash after it.
    """
    text, found, row, at = file.decode(), [], [], 0
    while at < len(text):
        cell = ""
        if text[at] == '"':
            at += 1
            while text[at] != '"' or text[at : at + 2] == '""':
                at += text[at : at + 2] in ('""', '\\"', "\\\\")
                cell += text[at]
                at += 1
            at += 1
        else:
            end = re.compile(r",|\r\n").search(text, at)
            assert end
            cell, at = text[at : end.start()], end.start()
        row.append(cell)
        assert text[at : at + 2] == "\r\n" or text[at] == ",", text[at : at + 9]
        if text[at] == ",":
            at += 1
        else:
            at += 2
            found.append(row)
            row = []
    return found[1:]


# What load.cypher may say, so much of the grammar of Cypher 5 (and 25) as it uses.
_NAME = r"`(?:[^`\\]|``)+`"
_VALUE = rf"(?:(?:toInteger|toFloat|toBoolean|date)\(row\.{_NAME}\)|row\.{_NAME})"
_MAP = rf"\{{{_NAME}: {_VALUE}(?:, {_NAME}: {_VALUE})*\}}"
_LOAD = r"LOAD CSV WITH HEADERS FROM 'file:///(?P<file>\w+\.csv)' AS row\n"
_LABELS = r"WITH row WHERE row\.`:LABEL` = '(?P<label>Comity;(?P<own>\w+))'\n"
_CALL, _END = r"CALL \{\n  WITH row\n", r"\n\} IN TRANSACTIONS OF \d+ ROWS"
_NODES = rf"  MERGE \(n:Comity \{{id: row\.`id:ID`\}}\)\n  SET n:`(?P=own)`, n \+= (?P<map>{_MAP})"
_TYPES = r"WITH row WHERE row\.`:TYPE` = '(?P<type>\w+)'\n"
_ENDS = "".join(
    rf"  MATCH \({name}:Comity \{{id: row\.`:{end}_ID`\}}\)\n"
    for name, end in (("a", "START"), ("b", "END"))
)
_RELS = rf"  MERGE \(a\)-\[r:`(?P=type)` \{{id: row\.id\}}\]->\(b\)\n  SET r \+= (?P<map>{_MAP})"
_STATEMENTS = (
    re.compile(
        r"CREATE CONSTRAINT \w+ IF NOT EXISTS FOR \(n:Comity\) REQUIRE n\.id IS UNIQUE"
        r"(?P<file>)(?P<map>)"
    ),
    re.compile(_LOAD + _LABELS + _CALL + _NODES + _END),
    re.compile(_LOAD + _TYPES + _CALL + _ENDS + _RELS + _END),
)


def cypher(data: bytes) -> Read:
    """What load.cypher makes of an archive in a running database, statement by statement."""
    files = members(data)
    nodes: set[str] = set()
    edges: list[tuple[str, str]] = []
    script = files["load.cypher"].decode()
    assert script.endswith(";\n")
    for number, statement in enumerate(script[:-2].split(";\n\n")):
        found = next(filter(None, (each.fullmatch(statement) for each in _STATEMENTS)), None)
        assert found and (found.re is _STATEMENTS[0]) == (number == 0), statement
        if not found["file"]:
            continue
        heads = set(rows(files[found["file"]])[0])
        assert {name.replace("``", "`") for name in re.findall(rf"row\.({_NAME})", found[0])} <= {
            f"`{head}`" for head in heads
        }
        for row in rows(files[found["file"]]):
            if row.get(":LABEL") == found.groupdict().get("label", ""):
                nodes.add(row["id:ID"])
            if row.get(":TYPE") == found.groupdict().get("type", ""):
                assert {row[":START_ID"], row[":END_ID"]} <= nodes
                edges.append((row[":START_ID"], row[":END_ID"]))
    return nodes, edges


def data_package(data: bytes) -> Mapping[str, Any]:
    """The description of the tables; what it says of their columns must be true."""
    files = members(data)
    package: dict[str, Any] = json.loads(files["datapackage.json"])
    assert re.fullmatch(r"[-a-z0-9._/]+", package["name"])
    keys: dict[tuple[str, str], set[str]] = {}
    for resource in package["resources"]:
        found, schema = rows(files[resource["path"]]), resource["schema"]
        head = next(csv.reader(io.StringIO(files[resource["path"]].decode(), newline="")))
        assert schema["missingValues"] == [""]  # NA is Namibia
        assert [field["name"] for field in schema["fields"]] == head
        for field in schema["fields"]:
            for row in found:
                _TYPED[field["type"]](row[field["name"]] or None)
        key = [row[schema["primaryKey"]] for row in found]
        assert len(set(key)) == len(key) and all(key)
        keys[resource["name"], schema["primaryKey"]] = set(key)
        for foreign in schema.get("foreignKeys", ()):
            there = keys[foreign["reference"]["resource"], foreign["reference"]["fields"]]
            assert there.issuperset(row[foreign["fields"]] for row in found)
    return package


_TYPED: Mapping[str, Any] = {
    "string": lambda text: text,
    "integer": lambda text: text and int(text),
    "number": lambda text: text and float(text),
    "boolean": lambda text: text and {"true": True, "false": False}[text],
}
