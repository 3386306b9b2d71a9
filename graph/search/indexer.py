"""Builds the search index: `python -m comity.graph.search.indexer FILE` reads tables from stdin.

A separate process, since a million names would block the service's. Stdin carries the results of
`queries/search/names.rq` and `queries/search/types.rq` as SPARQL CSV, a line of one NUL after each,
and another one at the end. FILE appears only when it is complete.
"""

import csv
import os
import sqlite3
import sys
from collections.abc import Iterable, Iterator
from itertools import islice
from pathlib import Path
from typing import Final

from comity.graph.processes import die_with_parent
from comity.graph.rdf.namespaces import COMITY, PREFIXES
from comity.graph.search.folding import fold
from comity.graph.search.index import LONGEST, EntryKind, slips

SEPARATOR: Final = "\0\n"
_NICE: Final = 10
_BATCH: Final = 20_000
_ENOUGH: Final = 400  # characters of a description to show
_KINDS: Final = {
    PREFIXES["rdfs"] + "label": EntryKind.LABEL,
    PREFIXES["skos"] + "prefLabel": EntryKind.LABEL,
    PREFIXES["dcterms"] + "title": EntryKind.LABEL,
    PREFIXES["skos"] + "altLabel": EntryKind.OTHER_NAME,
    PREFIXES["skos"] + "notation": EntryKind.CODE,
    **{
        COMITY + name: EntryKind.CODE
        for name in ("isoAlpha2", "isoAlpha3", "m49", "documentSymbol")
    },
    COMITY + "words": EntryKind.QUOTATION,
}
_SCHEMA: Final = """
PRAGMA journal_mode = OFF;
PRAGMA synchronous = OFF;
PRAGMA temp_store = FILE;
CREATE TABLE thing (id INTEGER PRIMARY KEY, iri TEXT UNIQUE NOT NULL);
CREATE TABLE class (id INTEGER PRIMARY KEY, iri TEXT UNIQUE NOT NULL);
CREATE TABLE typed (
  class INTEGER NOT NULL, thing INTEGER NOT NULL, PRIMARY KEY (thing, class)
) WITHOUT ROWID;
CREATE TABLE name (
  id INTEGER PRIMARY KEY, thing INTEGER NOT NULL, kind INTEGER NOT NULL, text TEXT NOT NULL,
  language TEXT NOT NULL, folded TEXT NOT NULL
);
CREATE TABLE slip (rest TEXT NOT NULL, term TEXT NOT NULL, PRIMARY KEY (rest, term)) WITHOUT ROWID;
CREATE TEMP TABLE raw (
  thing INTEGER NOT NULL, kind INTEGER NOT NULL, text TEXT NOT NULL, language TEXT NOT NULL,
  folded TEXT NOT NULL
);
CREATE VIRTUAL TABLE words USING fts5 (
  folded, content = 'name', content_rowid = 'id', prefix = '2 3', tokenize = 'unicode61'
);
CREATE VIRTUAL TABLE vocabulary USING fts5vocab (words, row);
"""
# Rows are found in this order: the most significant first.
_SORT: Final = """
INSERT INTO name (thing, kind, text, language, folded)
  SELECT DISTINCT thing, kind, text, language, folded FROM raw ORDER BY kind, length(folded), folded;
DROP TABLE raw;
CREATE INDEX name_folded ON name (folded);
INSERT INTO words (words) VALUES ('rebuild');
"""


def make(file: Path, names: Iterable[list[str]], types: Iterable[list[str]]) -> None:
    """Write a new index from rows of thing, property, text, language and of thing, class."""
    db = sqlite3.connect(file)
    try:
        db.executescript(_SCHEMA)
        for batch in _batches(names):
            db.executemany(
                "INSERT OR IGNORE INTO thing (iri) VALUES (?)", {(row[0],) for row in batch}
            )
            db.executemany(
                "INSERT INTO raw SELECT id, ?, ?, ?, ? FROM thing WHERE iri = ?",
                (_entry(*row) for row in batch),
            )
        db.executescript(_SORT)
        for batch in _batches(types):
            db.executemany(
                "INSERT OR IGNORE INTO class (iri) VALUES (?)", {(row[1],) for row in batch}
            )
            db.executemany(
                "INSERT OR IGNORE INTO typed (class, thing)"
                " SELECT class.id, thing.id FROM class, thing WHERE class.iri = ? AND thing.iri = ?",
                ((of, thing) for thing, of in batch),
            )
        _write_slips(db)
        db.commit()
    finally:
        db.close()


def _entry(thing: str, property: str, text: str, language: str) -> tuple[int, str, str, str, str]:
    kind = _KINDS.get(property, EntryKind.DESCRIPTION)
    folded = fold(text if kind >= EntryKind.DESCRIPTION else text[:LONGEST])
    return int(kind), text[:_ENOUGH], language, folded, thing


def _write_slips(db: sqlite3.Connection) -> None:
    terms = (term for (term,) in db.execute("SELECT term FROM vocabulary") if term.isalpha())
    for batch in _batches([rest, term] for term in terms for rest in slips(term)):
        db.executemany("INSERT OR IGNORE INTO slip (rest, term) VALUES (?, ?)", batch)


def _batches(rows: Iterable[list[str]]) -> Iterator[list[list[str]]]:
    found = iter(rows)
    while batch := list(islice(found, _BATCH)):
        yield batch


def _table(lines: Iterator[str]) -> Iterator[list[str]]:
    """Yield the rows of one SPARQL CSV table, without its header, up to the separator."""
    rows = csv.reader(iter(lambda: next(lines, SEPARATOR), SEPARATOR))
    next(rows, None)
    yield from filter(None, rows)


def main() -> None:
    """Read the tables and write the file named on the command line."""
    die_with_parent()
    os.nice(_NICE)
    csv.field_size_limit(sys.maxsize)
    sys.stdin.reconfigure(encoding="utf-8", newline="")  # type: ignore[union-attr]
    lines = iter(sys.stdin)
    file = Path(sys.argv[1])
    part = file.with_name(file.name + ".part")
    make(part, _table(lines), _table(lines))
    if next(lines, "") != SEPARATOR:
        raise SystemExit("the tables are incomplete")
    os.replace(part, file)


if __name__ == "__main__":
    main()
