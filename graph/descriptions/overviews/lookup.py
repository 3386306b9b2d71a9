"""Lookup of further rows and of labels, for the records of an overview."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from pyoxigraph import NamedNode

from comity.graph.descriptions.labels import Labels
from comity.graph.installed import query_file
from comity.graph.sparql.substitution import replace_all
from comity.graph.store.cells import texts
from comity.graph.store.own_queries import PlainRow
from comity.graph.store.solutions import Solve

_AT_ONCE: Final = 2000


@dataclass(frozen=True, slots=True)
class Lookup:
    """Further rows and labels from one store, in one language."""

    solve: Solve
    labels: Labels
    language: str = "en"

    async def rows(self, query: str, variable: str, iris: Iterable[str]) -> list[PlainRow]:
        """Return the rows of `queries/<query>.rq` for some IRIs, which replace the example."""
        wanted = list(dict.fromkeys(iris))
        found: list[PlainRow] = []
        for start in range(0, len(wanted), _AT_ONCE):
            terms = [NamedNode(iri) for iri in wanted[start : start + _AT_ONCE]]
            text = replace_all(query_file(query), variable, terms)
            found += map(texts, (await self.solve(text)).rows)
        return found

    async def labels_of(self, iris: Iterable[str]) -> dict[str, str]:
        """Return the label of each IRI that has one."""
        return await self.labels.of(iris, self.language)
