"""The store's interface: a query goes in as text, its answer comes out as a stream of bytes.

Implementations: an embedded store (`comity.graph.engines.embedded.store`, queried in worker
processes by `comity.graph.engines.workers.pool`) and a remote SPARQL 1.1 endpoint
(`comity.graph.engines.remote.store`).
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import Enum
from typing import Final, Protocol, Self

from comity.graph.sparql.dataset import Dataset


class ResultFormat(Enum):
    """A format that the engine writes itself; the value is (media type, file extension)."""

    JSON = ("application/sparql-results+json", "srj")
    XML = ("application/sparql-results+xml", "srx")
    CSV = ("text/csv", "csv")
    TSV = ("text/tab-separated-values", "tsv")
    TURTLE = ("text/turtle", "ttl")
    N_TRIPLES = ("application/n-triples", "nt")
    RDF_XML = ("application/rdf+xml", "rdf")
    JSON_LD = ("application/ld+json", "jsonld")
    TRIG = ("application/trig", "trig")
    N_QUADS = ("application/n-quads", "nq")

    @property
    def media_type(self) -> str:
        return self.value[0]

    @property
    def extension(self) -> str:
        return self.value[1]

    @property
    def is_table(self) -> bool:
        """True for formats of SELECT and ASK, False for those of CONSTRUCT and DESCRIBE."""
        return self in TABLES


TABLES = frozenset((ResultFormat.JSON, ResultFormat.XML, ResultFormat.CSV, ResultFormat.TSV))


@dataclass(frozen=True, slots=True)
class Whole:
    """One whole graph (its IRI, or "" for the default graph), or the whole dataset (None).

    Formats without graph names get the union of the dataset, each triple once.
    """

    graph: str | None


LISTED: Final = 20  # derivations of a triple, by default
MOST_LISTED: Final = 200


@dataclass(frozen=True, slots=True)
class Why:
    """The evidence of a triple; its terms are written as in N-Triples.

    The answer is JSON (`comity.graph.reasoning.alternatives.explain_triple`) with up to `limit`
    derivations, null if the triple does not hold.
    """

    subject: str
    predicate: str
    object: str
    limit: int = LISTED


@dataclass(frozen=True, slots=True)
class Query:
    """A query for a store.

    `table` and `graph` are the formats for the two kinds of result, since only the engine knows the
    kind; None if the client accepts none. `timeout` is in seconds from the call, None for no limit.
    A `dataset` of None means the FROM clauses of the text, else the store's default (the union of
    all graphs if it was opened so). `whole` or `why`, if set, replaces `text`.
    """

    text: str
    table: ResultFormat | None = ResultFormat.JSON
    graph: ResultFormat | None = ResultFormat.TURTLE
    dataset: Dataset | None = None
    base: str | None = None
    timeout: float | None = None
    whole: Whole | None = None
    why: Why | None = None


class Answer(Protocol):
    """The answer to a query: iterate over its bytes once; close it to cancel the rest.

    `version` is the data version of the whole answer. A failure after the first chunk is raised by
    the iteration, which never ends as if complete.
    """

    @property
    def format(self) -> ResultFormat: ...

    @property
    def version(self) -> str: ...

    def __aiter__(self) -> AsyncIterator[bytes]: ...

    async def aclose(self) -> None: ...

    async def __aenter__(self) -> Self: ...

    async def __aexit__(self, *exc: object) -> None: ...


class Store(Protocol):
    """Methods of every store. An async context manager yields it; `close` ends it."""

    @property
    def location(self) -> str:
        """Folder or address, for display."""

    @property
    def version(self) -> str:
        """Data version: changes with each commit and is never reused."""

    @property
    def is_cacheable(self) -> bool:
        """True if the data never change without the version, so that it can key a cache."""

    async def query(self, query: Query) -> Answer:
        """Start a query and return when its first bytes are ready.

        Raises QuerySyntaxError, NotAllowed, NotAcceptable, QueryTimeout or StoreError. Cancelling
        the await cancels the query.
        """

    def close(self) -> None: ...
