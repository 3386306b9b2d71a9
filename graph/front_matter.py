"""The front matter of a `.rq` file: comment lines `#+ key: value` before the query (as grlc has it)."""

import re
from dataclasses import dataclass
from pathlib import Path

_LINE = re.compile(r"#\+\s*([a-z][a-z-]*):\s?(.*)")


@dataclass(frozen=True, slots=True)
class QueryFile:
    """A query with what its front matter says; `fields` keeps the values of a key in file order."""

    name: str
    text: str
    fields: dict[str, tuple[str, ...]]

    @property
    def summary(self) -> str:
        return self.first("summary") or self.name

    def first(self, key: str) -> str | None:
        """The first value of a key, or None."""
        return next(iter(self.fields.get(key, ())), None)


def read_query(file: Path) -> QueryFile:
    """Read a `.rq` file; its name is the file's without the suffix."""
    text = file.read_text(encoding="utf-8")
    fields: dict[str, list[str]] = {}
    for line in text.splitlines():
        if match := _LINE.fullmatch(line.strip()):
            fields.setdefault(match[1], []).append(match[2].strip())
    return QueryFile(file.stem, text, {key: tuple(values) for key, values in fields.items()})


def read_folder(folder: Path) -> list[QueryFile]:
    """All queries of a folder, sorted by name."""
    return [read_query(file) for file in sorted(folder.glob("*.rq"))]
