"""The project's own queries: texts, substitution of an IRI, rows as plain values."""

from pyoxigraph import NamedNode

from comity.graph.installed import query_file
from comity.graph.sparql.substitution import replace, split_prologue
from comity.graph.store.interface import Store
from comity.graph.store.solutions import Solutions, solve

PlainRow = dict[str, str]


def query_text(name: str, **iris: str) -> str:
    """Return the text of `queries/<name>.rq`, each variable in `iris` bound to an IRI.

    The engine's own parser checks the IRI, which takes the place of the example in every
    `VALUES ?variable { … }` of the text.
    """
    return replace(query_file(name), {name: NamedNode(iri) for name, iri in iris.items()})


def plain_rows(solutions: Solutions) -> list[PlainRow]:
    """Return the solutions, each the plain values of its bound variables."""
    return [{name: term["value"] for name, term in row.items()} for row in solutions.rows]


async def rows(store: Store, text: str, timeout: float | None) -> list[PlainRow]:
    """Return the plain rows of a SELECT."""
    return plain_rows(await solve(store, text, timeout))


async def ask(store: Store, text: str, timeout: float | None) -> bool:
    """Return the answer of an ASK."""
    return bool((await solve(store, text, timeout)).boolean)


async def count(store: Store, text: str, timeout: float | None) -> int:
    """Count the solutions of a SELECT."""
    prologue, query = split_prologue(text)
    counting = f"{prologue}\nSELECT (COUNT(*) AS ?number) WHERE {{ {{\n{query}\n}} }}"
    (row,) = await rows(store, counting, timeout)
    return int(row["number"])
