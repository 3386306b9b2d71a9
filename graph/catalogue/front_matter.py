"""Front matter of a `.rq` file: comment lines `#+ key: value` before the query, as in grlc."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

from comity.graph.catalogue.added_columns import add_columns

T = TypeVar("T")
_NONE: Final = "(none)"
_MORE: Final = "(more)"
_LINE = re.compile(r"#\+\s*([a-z][a-z-]*):\s?(.*)")


@dataclass(frozen=True, slots=True)
class ExpectedAnswer:
    """Expected answer of a file: rows of cells; if `partial`, there may be more."""

    rows: tuple[tuple[str, ...], ...]
    partial: bool


@dataclass(frozen=True, slots=True)
class QueryFile:
    """A query with its front matter; `fields` keeps the values of a key in file order.

    `lines` holds the line number of each value, from 1.
    """

    name: str
    text: str
    fields: dict[str, tuple[str, ...]]
    lines: dict[str, tuple[int, ...]] = field(default_factory=dict)

    @property
    def summary(self) -> str:
        return self.first("summary") or self.name

    @property
    def expected(self) -> ExpectedAnswer | None:
        """Rows of `answer`, no rows if it is (none); None if there is no `answer`."""
        written = self.fields.get("answer")
        if written is None:
            return None
        rows = [row for row in written if row != _MORE]
        cells = () if rows == [_NONE] else (tuple(map(str.strip, r.split("|"))) for r in rows)
        return ExpectedAnswer(tuple(cells), _MORE in written)

    def first(self, key: str) -> str | None:
        """Return the first value of a key, or None."""
        return next(iter(self.fields.get(key, ())), None)


def read_query(file: Path) -> QueryFile:
    """Read a `.rq` file; its name is the file name without the suffix."""
    return parse_query(file.stem, file.read_text(encoding="utf-8"))


def parse_query(name: str, text: str) -> QueryFile:
    """Parse a query and its front matter, and add the columns that it asks for."""
    fields: dict[str, list[str]] = {}
    lines: dict[str, list[int]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if match := _LINE.fullmatch(line.strip()):
            fields.setdefault(match[1], []).append(match[2].strip())
            lines.setdefault(match[1], []).append(number)
    for column in fields.get("columns", ()):
        text = add_columns(text, column)
    return QueryFile(name, text, _frozen(fields), _frozen(lines))


def _frozen(found: dict[str, list[T]]) -> dict[str, tuple[T, ...]]:
    return {key: tuple(values) for key, values in found.items()}


def read_folder(folder: Path) -> list[QueryFile]:
    """Read all queries of a folder, sorted by name."""
    return [read_query(file) for file in sorted(folder.glob("*.rq"))]
