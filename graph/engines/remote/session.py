"""A SPARQL 1.1 endpoint queried in the calling thread: its engine and its contents."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from enum import Enum
from typing import Any, Final

import httpx
import pyoxigraph as ox

from comity.graph.engines.oxigraph import graph_name
from comity.graph.engines.remote.connection import Channel, Channels, Endpoint
from comity.graph.engines.remote.results import (
    GRAPH_TYPES,
    TABLE_TYPES,
    VIRTUOSO_TABLE_TYPES,
    quads_of,
    read_graph,
    read_table,
    refuse_partial,
)
from comity.graph.engines.remote.text import query_form, query_text, rows_of_graph, with_values
from comity.graph.errors import QueryError, RemoteError
from comity.graph.sparql.dataset import Dataset, has_dataset_clause

_NOTHING: Final = "urn:x-comity:no-graph"
# Graphs that Virtuoso keeps for itself in every database.
_VIRTUOSO_GRAPHS: Final = frozenset(
    (
        "http://www.openlinksw.com/schemas/virtrdf#",
        "http://www.w3.org/ns/ldp#",
        "http://localuriqaserver/sparql",
        "urn:activitystreams-owl:map",
    )
)
_ANY: Final = (
    "SELECT ?s ?p ?o WHERE { GRAPH ?g { ?s ?p ?o } FILTER(ISIRI(?s) && ISIRI(?o)) } LIMIT 1"
)


class Union(Enum):
    """Way in which a query gets the union of all graphs as its default graph."""

    OWN = "own"  # the engine's default
    PARAMETER = "parameter"  # by a parameter, as in `oxigraph serve`
    NONE = "none"


class RemoteEngine:
    """An endpoint with pyoxigraph's methods (`comity.graph.store.solutions.Readable`); thread-safe.

    The kind of engine, and how it gives the union of all graphs, is detected by the first query
    that finds data.
    """

    def __init__(self, endpoint: Endpoint, *, union: bool = True) -> None:
        self.endpoint = endpoint
        self.wants_union = union
        self.channels = Channels(endpoint)
        self.union: Union | None = None
        self.is_virtuoso = False

    @contextmanager
    def asking(self, within: float | None = None) -> Iterator["EndpointSession"]:
        """Yield a session for queries in sequence, each with a limit in seconds."""
        with self.channels.channel() as channel:
            yield EndpointSession(self, channel, within)

    def query(
        self,
        query: str,
        /,
        *,
        use_default_graph_as_union: bool = True,
        substitutions: Mapping[ox.Variable, Any] | None = None,
    ) -> Any:
        """Return the whole result of a SELECT, or the triples of a CONSTRUCT, over the union."""
        text = with_values(query, substitutions) if substitutions else query
        with self.asking() as asking:
            if query_form(text) == "CONSTRUCT":
                return asking.construct(text)
            return asking.table(text)

    def quads_for_pattern(
        self, subject: Any, predicate: Any, object: Any, graph_name: Any, /
    ) -> Iterator[ox.Quad]:
        """Yield the matching quads of named graphs; none for a blank node, which is local."""
        given = {"s": subject, "p": predicate, "o": object, "g": graph_name}
        if any(isinstance(term, (ox.BlankNode, ox.DefaultGraph)) for term in given.values()):
            return
        parts = {name: f"?{name}" if term is None else str(term) for name, term in given.items()}
        free = [part for part in parts.values() if part.startswith("?")]
        text = "SELECT {} WHERE {{ GRAPH {g} {{ {s} {p} {o} }} }}".format(
            " ".join(free) or "(1 AS ?found)", **parts
        )
        with self.asking() as asking:
            rows = asking.table(text)
        for row in rows:
            found = {name: row[name] if term is None else term for name, term in given.items()}
            if not self.is_own(found["g"]):
                yield ox.Quad(found["s"], found["p"], found["o"], found["g"])

    def is_own(self, graph: object) -> bool:
        """True if the engine keeps this graph for itself."""
        return self.is_virtuoso and getattr(graph, "value", "") in _VIRTUOSO_GRAPHS


class EndpointSession:
    """Queries over one connection, sent and read in one thread."""

    def __init__(self, engine: RemoteEngine, channel: Channel, within: float | None) -> None:
        self.channel = channel
        self._engine, self._within = engine, within

    @property
    def is_virtuoso(self) -> bool:
        return self._engine.is_virtuoso

    def table(self, text: str) -> ox.QuerySolutions:
        """Return the whole result of a SELECT over the union."""
        with self.put(query_text(text)) as response:
            table = read_table(response, is_virtuoso=self.is_virtuoso, whole=True)
            if not isinstance(table, ox.QuerySolutions):
                raise QueryError("this is not a SELECT")
            return table

    def ask(self, text: str) -> bool:
        """Return the answer of an ASK over the union."""
        with self.put(query_text(text)) as response:
            return bool(read_table(response, is_virtuoso=self.is_virtuoso))

    def construct(self, text: str) -> list[ox.Triple]:
        """Return all triples of a CONSTRUCT over the union."""
        with self.put(query_text(text), accept=GRAPH_TYPES) as response:
            return list(read_graph(response))

    def graphs(self) -> list[str]:
        """Return the sorted IRIs of the named graphs, except those private to an engine."""
        # With DISTINCT Virtuoso takes seconds.
        text = "SELECT ?g (COUNT(*) AS ?n) WHERE { GRAPH ?g { ?s ?p ?o } } GROUP BY ?g"
        names = [row["g"] for row in self.table(text)]
        return sorted(
            name.value
            for name in names
            if isinstance(name, ox.NamedNode) and not self._engine.is_own(name)
        )

    def quads(self, graph: str | None = None) -> Iterator[ox.Quad]:
        """Stream the contents of a graph ("" for the default graph), or of all of them."""
        self._settle()
        for each in [graph] if graph is not None else ["", *self.graphs()]:
            if not each and self._engine.union is Union.OWN:
                continue  # the default graph is no other than the union
            name = graph_name(each) if each else ox.DefaultGraph()
            pattern = f"GRAPH {name} {{ ?s ?p ?o }}" if each else "?s ?p ?o"
            text = f"SELECT ?s ?p ?o WHERE {{ {pattern} }}"
            with self.put(text, union=False) as response:
                table = read_table(response, is_virtuoso=self.is_virtuoso)
                assert isinstance(table, ox.QuerySolutions)
                yield from quads_of(table, name)

    def refuse_cut(self, text: str, dataset: Dataset | None) -> None:
        """Raise if Virtuoso would truncate a graph: it reports truncated rows, but not triples."""
        self._settle()
        rows = rows_of_graph(text) if self.is_virtuoso else None
        if rows is not None:
            with self.put(rows, dataset, accept="text/csv") as response:
                refuse_partial(response)
                response.read()

    @contextmanager
    def put(
        self,
        text: str,
        dataset: Dataset | None = None,
        *,
        union: bool | None = None,
        accept: str | None = None,
    ) -> Iterator[httpx.Response]:
        """Send a checked query, over the union if it names no dataset and `union` is wanted."""
        self._settle()
        fields: dict[str, str | list[str]] = {}
        if dataset is not None:
            # With named graphs alone Virtuoso would use the union as the default graph.
            fields["default-graph-uri"] = list(dataset.default_graphs) or [_NOTHING]
            fields["named-graph-uri"] = list(dataset.named_graphs)
        elif self._asks_for_union(text, self._engine.wants_union if union is None else union):
            fields["union-default-graph"] = "true"  # `oxigraph serve` reads "false" as true too
        with self._post(text, fields, accept) as response:
            yield response

    def _asks_for_union(self, text: str, wanted: bool) -> bool:
        way = self._engine.union
        return wanted and way in (None, Union.PARAMETER) and not has_dataset_clause(text)

    @contextmanager
    def _post(
        self, text: str, fields: Mapping[str, Any], accept: str | None = None
    ) -> Iterator[httpx.Response]:
        tables = VIRTUOSO_TABLE_TYPES if self.is_virtuoso else TABLE_TYPES
        with self.channel.request(
            "POST",
            self._engine.endpoint.address,
            within=self._within,
            again=True,
            data={"query": text, **fields},
            headers={"Accept": accept or tables},
        ) as response:
            yield response

    def _settle(self) -> None:
        """Detect once the kind of engine and how it gives the union; needs data in the store."""
        engine = self._engine
        if engine.union is not None:
            return
        with self._post(_ANY, {}) as response:
            engine.is_virtuoso = "Virtuoso" in response.headers.get("server", "")
            table = read_table(response, is_virtuoso=engine.is_virtuoso)
            assert isinstance(table, ox.QuerySolutions)
            found = next(iter(table), None)
        if found is None:
            return
        ask = f"ASK {{ {found['s']} {found['p']} {found['o']} }}"
        for way, fields in ((Union.OWN, {}), (Union.PARAMETER, {"union-default-graph": "true"})):
            with self._post(ask, fields) as response:
                if read_table(response, is_virtuoso=engine.is_virtuoso):
                    engine.union = way
                    return
        if not engine.wants_union:
            engine.union = Union.NONE
            return
        raise RemoteError(
            f"the default graph of {engine.endpoint.shown} is not the union of its graphs",
            hint="Change this in the engine, or set COMITY_UNION=off and name graphs in queries.",
        )
