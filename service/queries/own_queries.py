"""The project's own queries, run for a page: their text, a term put in, their rows."""

from pyoxigraph import NamedNode

from comity.graph.installed import query_file
from comity.graph.sparql.substitution import replace
from comity.graph.store.interface import Store
from comity.graph.store.solutions import solve

Row = dict[str, str]


def query_text(name: str, **terms: str) -> str:
    """The text of `queries/<name>.rq`, each variable in `terms` bound to an IRI.

    The IRI is checked by the engine's own parser and takes the place of the example in every
    `VALUES ?variable { … }` of the text.
    """
    return replace(query_file(name), {name: NamedNode(iri) for name, iri in terms.items()})


async def rows(store: Store, text: str, timeout: float | None) -> list[Row]:
    """The solutions of a SELECT, each the plain values of its bound variables."""
    found = await solve(store, text, timeout)
    return [{name: term["value"] for name, term in row.items()} for row in found.rows]


async def ask(store: Store, text: str, timeout: float | None) -> bool:
    """The answer of an ASK."""
    return bool((await solve(store, text, timeout)).boolean)
