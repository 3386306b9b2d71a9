"""Queries on pyoxigraph, from the text to the bytes of the answer."""

import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Final, Protocol, cast

import pyoxigraph

from comity.graph.errors import NoSuchGraph, NotAcceptable, QueryError
from comity.graph.rdf.namespaces import PREFIXES
from comity.graph.rdf.quads import graph_names, union
from comity.graph.sparql.dataset import has_dataset_clause
from comity.graph.sparql.prefixes import declared_prefixes
from comity.graph.store.interface import Query, ResultFormat, Whole, Why

if TYPE_CHECKING:
    from comity.graph.store.solutions import Readable

Solutions = pyoxigraph.QuerySolutions | pyoxigraph.QueryBoolean | pyoxigraph.QueryTriples
GraphName = pyoxigraph.NamedNode | pyoxigraph.DefaultGraph

_RESULTS: Final = {
    ResultFormat.JSON: pyoxigraph.QueryResultsFormat.JSON,
    ResultFormat.XML: pyoxigraph.QueryResultsFormat.XML,
    ResultFormat.CSV: pyoxigraph.QueryResultsFormat.CSV,
    ResultFormat.TSV: pyoxigraph.QueryResultsFormat.TSV,
}
_RDF: Final = {
    ResultFormat.TURTLE: pyoxigraph.RdfFormat.TURTLE,
    ResultFormat.N_TRIPLES: pyoxigraph.RdfFormat.N_TRIPLES,
    ResultFormat.RDF_XML: pyoxigraph.RdfFormat.RDF_XML,
    ResultFormat.JSON_LD: pyoxigraph.RdfFormat.JSON_LD,
    ResultFormat.TRIG: pyoxigraph.RdfFormat.TRIG,
    ResultFormat.N_QUADS: pyoxigraph.RdfFormat.N_QUADS,
}
_TABLES: Final = "SELECT and ASK return a table: accept JSON, XML, CSV or TSV."
_GRAPHS: Final = (
    "CONSTRUCT and DESCRIBE return a graph: accept Turtle, N-Triples, RDF/XML or JSON-LD."
)


class Output(Protocol):
    """Destination of an answer; `format` is set before the first byte."""

    format: ResultFormat

    def write(self, data: bytes) -> int: ...

    def flush(self) -> None: ...


def put(engine: pyoxigraph.Store, query: Query, *, union: bool) -> Solutions:
    """Run a query on the engine, over the union of all graphs if it names no dataset.

    Raises SyntaxError, and RuntimeError for failures before the first row.
    """
    if query.dataset is not None:  # both lists must be given to replace the text's own
        return engine.query(
            query.text,
            base_iri=query.base,
            default_graph=[graph_name(iri) for iri in query.dataset.default_graphs],
            named_graphs=[graph_name(iri) for iri in query.dataset.named_graphs],
        )
    # With the union the engine would ignore FROM. Its union does not remove duplicates, either.
    union = union and not has_dataset_clause(query.text)
    return engine.query(query.text, base_iri=query.base, use_default_graph_as_union=union)


@dataclass(frozen=True, slots=True)
class Stream:
    """A stream of triples or quads that does not come from the engine."""

    triples: Iterable[pyoxigraph.Triple] | Iterable[pyoxigraph.Quad]


@dataclass(frozen=True, slots=True)
class Quads:
    """The contents of a graph, or of all graphs (None), to be written unchanged.

    A CONSTRUCT would keep every triple in memory to remove duplicates.
    """

    engine: pyoxigraph.Store
    graph: GraphName | None


@dataclass(frozen=True, slots=True)
class TripleEvidence:
    """The evidence of a triple, as JSON."""

    body: bytes


def explain_triple(engine: "Readable", why: Why) -> TripleEvidence:
    """Find the evidence of a triple."""
    from comity.graph.reasoning import alternatives  # not every worker needs it

    found = alternatives.explain_triple(engine, why)
    return TripleEvidence(json.dumps(found, ensure_ascii=False).encode())


def find(engine: pyoxigraph.Store, whole: Whole) -> Quads:
    """Find the requested graphs; raises NoSuchGraph."""
    if not whole.graph:
        return Quads(engine, None if whole.graph is None else pyoxigraph.DefaultGraph())
    name = graph_name(whole.graph)
    if not engine.contains_named_graph(name):
        raise NoSuchGraph(f"there is no graph <{whole.graph}> in the store")
    return Quads(engine, name)


def write(
    result: Solutions | Quads | Stream | TripleEvidence, query: Query, output: Output
) -> None:
    """Write a result in the query's format for its kind.

    Call in the thread of the query: engine results must not change threads. Raises NotAcceptable.
    """
    out = cast(IO[bytes], output)  # the engine only calls write and flush
    if isinstance(result, TripleEvidence):
        output.format = ResultFormat.JSON
        output.write(result.body)
    elif isinstance(result, (pyoxigraph.QueryTriples, Quads, Stream)):
        output.format = wanted_format(query, is_table=False)
        try:
            _write_graph(result, out, _RDF[output.format], PREFIXES | _valid_prefixes(query.text))
        except OSError as error:
            if "does not support" not in str(error):
                raise
            hint = "Accept Turtle or N-Triples."  # JSON-LD has no triple terms
            raise NotAcceptable(str(error), hint=hint) from error
    else:
        output.format = format = wanted_format(query, is_table=True)
        result.serialize(out, _RESULTS[format])
    output.flush()


def _write_graph(
    result: pyoxigraph.QueryTriples | Quads | Stream,
    out: IO[bytes],
    format: pyoxigraph.RdfFormat,
    prefixes: dict[str, str],
) -> None:
    if isinstance(result, Quads):
        if result.graph is None and not format.supports_datasets:
            merged = union(result.engine, graph_names(result.engine))
            pyoxigraph.serialize(merged, out, format, prefixes=prefixes)
        else:
            result.engine.dump(out, format, from_graph=result.graph, prefixes=prefixes)
    else:
        triples = result.triples if isinstance(result, Stream) else result
        pyoxigraph.serialize(triples, out, format, prefixes=prefixes)


def graph_name(iri: str) -> pyoxigraph.NamedNode:
    """Convert an IRI to a graph name; raises QueryError if it is invalid."""
    try:
        return pyoxigraph.NamedNode(iri)
    except ValueError as error:
        raise QueryError(f"{iri} is not an IRI of a graph: {error}") from error


def wanted_format(query: Query, *, is_table: bool) -> ResultFormat:
    """Return the query's format for a kind of result; raises NotAcceptable."""
    wanted = query.table if is_table else query.graph
    if wanted is None:
        kind, hint = ("a table", _TABLES) if is_table else ("a graph", _GRAPHS)
        raise NotAcceptable(f"the result is {kind}, and no accepted format can hold one", hint=hint)
    return wanted


def _valid_prefixes(text: str) -> dict[str, str]:
    """Keep the declarations that can be written out: absolute IRIs without escapes."""
    return {
        prefix: iri
        for prefix, iri in declared_prefixes(text).items()
        if ":" in iri and "\\" not in iri
    }
