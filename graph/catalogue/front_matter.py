"""The front matter of a `.rq` file: comment lines `#+ key: value` before the query (as grlc has it)."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final, TypeVar

T = TypeVar("T")
_NONE: Final = "(none)"
_MORE: Final = "(more)"
_LINE = re.compile(r"#\+\s*([a-z][a-z-]*):\s?(.*)")


@dataclass(frozen=True, slots=True)
class ExpectedAnswer:
    """The answer that a file expects: its rows of cells, of which there may be more if `partial`."""

    rows: tuple[tuple[str, ...], ...]
    partial: bool


@dataclass(frozen=True, slots=True)
class QueryFile:
    """A query with what its front matter says; `fields` keeps the values of a key in file order.

    `lines` has the number of the line of each value, from 1.
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
        """The rows of `answer`, which says (none) for an empty one; None where it is not given."""
        written = self.fields.get("answer")
        if written is None:
            return None
        rows = [row for row in written if row != _MORE]
        cells = () if rows == [_NONE] else (tuple(map(str.strip, r.split("|"))) for r in rows)
        return ExpectedAnswer(tuple(cells), _MORE in written)

    def first(self, key: str) -> str | None:
        """The first value of a key, or None."""
        return next(iter(self.fields.get(key, ())), None)


def read_query(file: Path) -> QueryFile:
    """Read a `.rq` file; its name is the file's without the suffix."""
    return parse_query(file.stem, file.read_text(encoding="utf-8"))


def parse_query(name: str, text: str) -> QueryFile:
    """Read the front matter of a text."""
    fields: dict[str, list[str]] = {}
    lines: dict[str, list[int]] = {}
    for number, line in enumerate(text.split("\n"), 1):
        if match := _LINE.fullmatch(line.strip()):
            fields.setdefault(match[1], []).append(match[2].strip())
            lines.setdefault(match[1], []).append(number)
    return QueryFile(name, text, _frozen(fields), _frozen(lines))


def _frozen(found: dict[str, list[T]]) -> dict[str, tuple[T, ...]]:
    return {key: tuple(values) for key, values in found.items()}


def read_folder(folder: Path) -> list[QueryFile]:
    """All queries of a folder, sorted by name."""
    return [read_query(file) for file in sorted(folder.glob("*.rq"))]
