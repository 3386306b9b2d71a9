"""Columns of a table: those of the query, with labels beside IRIs."""

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, TypeVar

from comity.graph.catalogue.refinement import LABEL
from comity.graph.store.cells import XSD, is_iri
from comity.graph.store.solutions import Cell, Row, Solutions

T = TypeVar("T")


@dataclass(frozen=True)  # without slots, for the cached property
class Table:
    """The solutions of a query, with labels for their IRIs and metadata for a file.

    `iri_columns` have labels even if no row has an IRI in them. `metadata` is for a sheet or the
    metadata of a file, `document` for JSON: its members besides the columns and rows.
    """

    solutions: Solutions
    labels: Mapping[str, str] = field(default_factory=dict)
    iri_columns: frozenset[str] = frozenset()
    metadata: Mapping[str, str] = field(default_factory=dict)
    document: Mapping[str, Any] = field(default_factory=dict)

    @cached_property
    def columns(self) -> list[str]:
        """Names of the columns; a boolean has one, `answer`."""
        if self.solutions.boolean is not None:
            return ["answer"]
        names = self.solutions.columns
        found: list[str] = []
        for name in names:
            found.append(name)
            if name + LABEL not in names and self._has_labels(name):
                found.append(name + LABEL)
        return found

    def rows(self, value: Callable[[Cell], T]) -> Iterator[list[T | str | None]]:
        """Yield the rows, each term converted by `value`; None if a variable is unbound."""
        if self.solutions.boolean is not None:
            truth = str(self.solutions.boolean).lower()
            yield [value({"type": "literal", "value": truth, "datatype": XSD + "boolean"})]
            return
        own = set(self.solutions.columns)
        for row in self.solutions.rows:
            yield [
                self._label(row, name)
                if name not in own
                else value(row[name])
                if name in row
                else None
                for name in self.columns
            ]

    def _has_labels(self, name: str) -> bool:
        bound = (row[name] for row in self.solutions.rows if name in row)
        return name in self.iri_columns or any(map(is_iri, bound))

    def _label(self, row: Row, column: str) -> str | None:
        cell = row.get(column.removesuffix(LABEL))
        return self.labels.get(cell["value"]) if cell is not None and is_iri(cell) else None
