"""Solutions of a query in memory: small enough to inspect, label and write in any format."""

import json
from collections.abc import Awaitable, Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import pyoxigraph

from comity.graph.store.interface import Query, ResultFormat, Store

# A term as in SPARQL 1.1 Query Results JSON (§3.2.2): type, value, datatype, xml:lang.
Cell = dict[str, Any]
Row = dict[str, Cell]


@dataclass(frozen=True, slots=True)
class Solutions:
    """Result of a SELECT or, if `boolean` is not None, of an ASK.

    A row has no key for an unbound variable. `version` is the data version.
    """

    columns: Sequence[str]
    rows: Sequence[Row]
    version: str = ""
    boolean: bool | None = None


Term = pyoxigraph.NamedNode | pyoxigraph.BlankNode | pyoxigraph.Literal
Solve = Callable[[str], Awaitable[Solutions]]


class Readable(Protocol):
    """A database that can be queried in the current thread: pyoxigraph's own, or a remote one."""

    def query(
        self,
        query: str,
        /,
        *,
        use_default_graph_as_union: bool = False,
        substitutions: Any = None,
    ) -> Any: ...

    def quads_for_pattern(
        self, subject: Any, predicate: Any, object: Any, graph_name: Any, /
    ) -> Iterator[pyoxigraph.Quad]: ...


class Library(Protocol):
    """A store, embedded or remote, that library code reads in its own thread."""

    @property
    def engine(self) -> Readable: ...


def select(store: Readable, text: str) -> list[dict[str, Term]]:
    """Return the solutions of a SELECT over the union of a store's graphs."""
    solutions = store.query(text, use_default_graph_as_union=True)
    if not isinstance(solutions, pyoxigraph.QuerySolutions):
        raise TypeError("not a SELECT")
    names = [variable.value for variable in solutions.variables]
    return [{name: row[name] for name in names if row[name] is not None} for row in solutions]


async def solve(store: Store, text: str, timeout: float | None = None) -> Solutions:
    """Run a SELECT or ASK and read its whole answer."""
    query = Query(text, table=ResultFormat.JSON, graph=None, timeout=timeout)
    async with await store.query(query) as answer:
        body = b"".join([chunk async for chunk in answer])
        return read(body, answer.version)


def read(body: bytes, version: str = "") -> Solutions:
    """Parse SPARQL Results JSON."""
    table = json.loads(body)
    if "boolean" in table:
        return Solutions((), (), version, table["boolean"])
    return Solutions(table["head"]["vars"], table["results"]["bindings"], version)


def iris(rows: Iterable[Row]) -> list[str]:
    """Return the IRIs in some rows, each once."""
    cells = (cell for row in rows for cell in row.values() if cell["type"] == "uri")
    return list(dict.fromkeys(cell["value"] for cell in cells))
