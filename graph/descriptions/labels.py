"""Labels of IRIs in the reader's language, or the best available one."""

from collections.abc import Callable, Iterable, Sequence
from typing import Final

from pyoxigraph import NamedNode

from comity.graph.installed import query_file
from comity.graph.sparql.substitution import replace_all
from comity.graph.store.solutions import Cell, Solve

# Per query: a longer VALUES would work too, but take long to parse.
_AT_ONCE: Final = 2000
_MOST: Final = 50_000  # labels in the cache before it is cleared


class Labels:
    """Labels in one store, cached per data version."""

    def __init__(self, solve: Solve, version: Callable[[], str]) -> None:
        self._solve, self._version = solve, version
        self._of = ""
        self._known: dict[str, list[Cell]] = {}

    async def of(self, iris: Iterable[str], language: str = "en") -> dict[str, str]:
        """Return the label of each IRI that has one: in `language`, else English, none, or any."""
        wanted = list(dict.fromkeys(iris))
        known = self._current()
        missing = [iri for iri in wanted if iri not in known]
        for start in range(0, len(missing), _AT_ONCE):
            known.update(await self._read(missing[start : start + _AT_ONCE]))
        return {iri: best(cells, language) for iri in wanted if (cells := known[iri])}

    def _current(self) -> dict[str, list[Cell]]:
        version = self._version()
        if version != self._of or len(self._known) > _MOST:
            self._of, self._known = version, {}
        return self._known

    async def _read(self, iris: Sequence[str]) -> dict[str, list[Cell]]:
        found: dict[str, list[Cell]] = {iri: [] for iri in iris}
        text = replace_all(query_file("resource/labels"), "thing", [NamedNode(i) for i in iris])
        for row in (await self._solve(text)).rows:
            found[row["thing"]["value"]].append(row["label"])
        return found


def best(cells: Sequence[Cell], language: str) -> str:
    """Choose the label for a reader of `language` from a non-empty list."""
    labels = ((cell.get("xml:lang", ""), str(cell["value"])) for cell in cells)
    return min(order(of, text, language) for of, text in labels)[2]


def order(of: str, text: str, language: str) -> tuple[int, str, str]:
    """Sort key of a label in the language `of`, by the preferences of a reader."""
    of, language = of.lower(), language.lower()
    wanted = (language, language.partition("-")[0], "en", "")
    return (wanted.index(of) if of in wanted else len(wanted)), of, text
