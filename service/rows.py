"""The project's own queries, run for a page: their text, a term put in, their rows."""

import json

from pyoxigraph import NamedNode

from comity.graph.binding import replace
from comity.graph.namespaces import PREFIXES
from comity.graph.resources import query_file
from comity.graph.store import Query, ResultFormat, Store

Row = dict[str, str]


def query_text(name: str, **terms: str) -> str:
    """The text of `queries/<name>.rq`, each variable in `terms` bound to an IRI.

    The IRI is checked by the engine's own parser and takes the place of the example in every
    `VALUES ?variable { … }` of the text.
    """
    return replace(query_file(name), {name: NamedNode(iri) for name, iri in terms.items()})


async def rows(store: Store, text: str, timeout: float | None) -> list[Row]:
    """The solutions of a SELECT, each the plain values of its bound variables."""
    table = json.loads(await _read(store, text, timeout))
    return [
        {name: term["value"] for name, term in solution.items()}
        for solution in table["results"]["bindings"]
    ]


async def ask(store: Store, text: str, timeout: float | None) -> bool:
    """The answer of an ASK."""
    return bool(json.loads(await _read(store, text, timeout))["boolean"])


def short(iri: str) -> str:
    """An IRI as a person would write it, with a prefix where one is known."""
    for prefix, namespace in PREFIXES.items():
        if iri.startswith(namespace):
            return f"{prefix}:{iri.removeprefix(namespace)}"
    return iri


async def _read(store: Store, text: str, timeout: float | None) -> bytes:
    query = Query(text, table=ResultFormat.JSON, graph=None, timeout=timeout)
    async with await store.query(query) as answer:
        return b"".join([chunk async for chunk in answer])
