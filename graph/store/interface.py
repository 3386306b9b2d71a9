"""The store's interface: a query goes in as text, its answer comes out as a stream of bytes.

Two implementations stand behind it, an embedded one (`comity.graph.engines.embedded.store`, asked in worker
processes by `comity.graph.engines.workers.pool`) and a remote SPARQL 1.1 endpoint (`comity.graph.engines.remote.store`).
"""

from collections.abc import AsyncIterator
from dataclasses import dataclass
from enum import Enum
from typing import Protocol, Self

from comity.graph.sparql.dataset import Dataset


class ResultFormat(Enum):
    """A format that the engine itself writes: value = (media type, file extension)."""

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
        """Whether it holds the result of a SELECT or ASK; otherwise of a CONSTRUCT or DESCRIBE."""
        return self in TABLES


TABLES = frozenset((ResultFormat.JSON, ResultFormat.XML, ResultFormat.CSV, ResultFormat.TSV))


@dataclass(frozen=True, slots=True)
class Whole:
    """All of one graph (its IRI, or "" for the default graph), or of the dataset (None).

    A format without graph names has the union of the dataset, each triple once.
    """

    graph: str | None


@dataclass(frozen=True, slots=True)
class Why:
    """The evidence of a triple, whose terms are written as in N-Triples.

    The answer is JSON (`comity.graph.reasoning.explanation.as_json`), or null where the triple does not hold.
    """

    subject: str
    predicate: str
    object: str


@dataclass(frozen=True, slots=True)
class Query:
    """One question to the store.

    `table` and `graph` are the formats for either kind of result, since only the engine knows the
    kind; None where the client takes none. `timeout` is in seconds from the call, None for no
    limit. `dataset` None means the text's own FROM, else the store's default (the union of all
    graphs where the store is opened so). `whole` or `why` is asked for in the place of `text`.
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
    """The answer to one query: iterate for the bytes, once; close to cancel what is left.

    `version` is the data version that the whole answer belongs to. A failure after the first
    chunk raises from the iteration: it never ends as if complete.
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
    """What every store can do; each is an async context manager's product, closed by `close`."""

    @property
    def location(self) -> str:
        """The folder or address, for people."""

    @property
    def version(self) -> str:
        """The data version: another string after each commit, never used twice."""

    @property
    def is_cacheable(self) -> bool:
        """Whether the data never change without the version: then answers hold as long as it."""

    async def query(self, query: Query) -> Answer:
        """Start a query and return when its first bytes are there.

        Raises QuerySyntaxError, NotAllowed, NotAcceptable, QueryTimeout or StoreError; awaiting
        it can be cancelled, which cancels the query.
        """

    def close(self) -> None: ...
