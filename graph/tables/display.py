"""Display of a table on a page: labels in place of IRIs, a quotation with its sentence."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.graph.rdf.namespaces import ID
from comity.graph.rdf.terms import shorten
from comity.graph.store.cells import is_iri, text
from comity.graph.store.solutions import Cell, Row, Solutions

_SENTENCE_OF: Final = re.compile(r"words(\d*)\Z")
_RECORD: Final = re.compile(r"record\d*\Z")


@dataclass(frozen=True, slots=True)
class CellText:
    """The text of a cell, the IRI behind it, and the sentence of a quotation."""

    text: str
    iri: str | None = None
    quotation: bool = False
    sentence: str = ""

    @property
    def is_thing(self) -> bool:
        """True if it is one of Comity's things."""
        return self.iri is not None and self.iri.startswith(ID)


@dataclass(frozen=True, slots=True)
class DisplayTable:
    """The columns with values, and the rows; None for an unbound cell."""

    columns: Sequence[str]
    rows: Sequence[Sequence[CellText | None]]


def display(solutions: Solutions, labels: Mapping[str, str]) -> DisplayTable:
    """Display solutions with the labels of their IRIs."""
    columns = _columns(solutions)
    rows = [[_shown(row, name, labels) for name in columns] for row in solutions.rows]
    return DisplayTable(columns, rows)


def _columns(solutions: Solutions) -> list[str]:
    """Return the columns with values, without the sentences shown below their quotations."""
    rows = solutions.rows
    names = [name for name in solutions.columns if not rows or any(name in row for row in rows)]
    beneath = {"sentence" + match[1] for name in names if (match := _SENTENCE_OF.match(name))}
    return [name for name in names if name not in beneath]


def _shown(row: Row, name: str, labels: Mapping[str, str]) -> CellText | None:
    cell = row.get(name)
    if cell is None:
        return None
    if is_iri(cell):
        return _iri(cell, name, labels)
    if match := _SENTENCE_OF.match(name):
        sentence = row.get("sentence" + match[1])
        number = text(sentence) if sentence else ""
        return CellText(text(cell), quotation=True, sentence=number)
    return CellText(text(cell))


def _iri(cell: Cell, name: str, labels: Mapping[str, str]) -> CellText:
    iri = cell["value"]
    fragment = iri.partition("#")[2]
    if fragment and _RECORD.match(name):  # its label would repeat the row
        return CellText(fragment, iri)
    return CellText(labels.get(iri) or shorten(iri), iri)
