"""What an engine sends back, read as it comes: nothing that is cut off passes for whole."""

from collections.abc import Iterator
from typing import Final

import httpx
import pyoxigraph
from pyoxigraph import Quad, QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, Triple

from comity.graph.errors import QueryTimeout, RemoteError

# Of Virtuoso's results only those in XML have booleans as the W3C has them; in XML no character below a
# space can stand, so others are asked for JSON.
TABLE_TYPES: Final = "application/sparql-results+json, application/sparql-results+xml;q=0.5"
VIRTUOSO_TABLE_TYPES: Final = "application/sparql-results+xml"
GRAPH_TYPES: Final = "application/n-triples, text/turtle;q=0.5, application/rdf+xml;q=0.3"
# The engine's own reader takes the end of the data for the end of the results.
_LAST: Final = {QueryResultsFormat.XML: b"</sparql>", QueryResultsFormat.JSON: b"}"}
_LONGEST_END: Final = 64
_PIECE: Final = 1024 * 1024
_BLANK: Final = b"<bnode>nodeID://"  # Virtuoso's labels of blank nodes are none (XML 1.0 names)


class Body:
    """The body of an answer as a file; `error` is what broke it off."""

    def __init__(self, response: httpx.Response, *, is_virtuoso: bool, last: bytes = b"") -> None:
        self._last, self._end = last, b""
        self._chunks = response.iter_raw()
        self._held = b""
        self._at = 0
        self._renames = is_virtuoso
        self._tail = b""
        self.error: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        """The next bytes, at most so many; none at the end."""
        while self._at >= len(self._held):
            try:
                chunk = next(self._chunks, None)
            except BaseException as error:
                self.error = error
                raise
            if chunk is None:
                if not self._end.rstrip().endswith(self._last):
                    raise OSError("it ends too early")
                self._held, self._tail, self._at = self._tail, b"", 0
                break
            self._held, self._at = self._renamed(chunk) if self._renames else chunk, 0
            self._end = (self._end + chunk)[-_LONGEST_END:]
        end = len(self._held) if size < 0 else self._at + size
        part = self._held[self._at : end]
        self._at += len(part)
        return part

    def _renamed(self, chunk: bytes) -> bytes:
        """Make labels of Virtuoso's names for blank nodes; one may lie across two chunks."""
        text = (self._tail + chunk).replace(_BLANK, b"<bnode>")
        keep = next((n for n in range(len(_BLANK) - 1, 0, -1) if text.endswith(_BLANK[:n])), 0)
        self._tail = text[len(text) - keep :]
        return text[: len(text) - keep]


def refuse_partial(response: httpx.Response) -> None:
    """Raise where the engine says, in a header, that it gives but a part."""
    if most := response.headers.get("x-sparql-maxrows"):
        raise RemoteError(
            f"the remote store cuts answers off at {most} rows, and this one reaches them",
            hint="Ask for less, or raise ResultSetMaxRows in the engine's virtuoso.ini.",
        )
    if state := response.headers.get("x-sql-state"):
        raise QueryTimeout(
            f"the remote store stopped early ({state}), and what it gave is not all",
            hint="Narrow the query, or raise MaxQueryExecutionTime in the engine's virtuoso.ini.",
        )


def read_table(
    response: httpx.Response, *, is_virtuoso: bool, whole: bool = False
) -> QuerySolutions | QueryBoolean:
    """The result of a SELECT or ASK, its rows to be read while the response is open.

    Where `whole`, all of it is read at once, and the rows may be had later.
    """
    refuse_partial(response)
    kind = _media_type(response)
    format = QueryResultsFormat.from_media_type(kind)
    if format is None:
        raise _unexpected(kind)
    body = Body(response, is_virtuoso=is_virtuoso, last=_LAST.get(format, b""))
    try:
        source = _all(body) if whole else body
        table = pyoxigraph.parse_query_results(source, format)  # type: ignore[arg-type]
        if isinstance(table, QueryBoolean):
            _all(body)  # to the end, so that the connection may be used again
        return table
    except (SyntaxError, ValueError, OSError) as error:
        raise _broken(body, error) from None


def read_graph(response: httpx.Response) -> Iterator[Triple]:
    """The triples of a CONSTRUCT or DESCRIBE, to be read while the response is open."""
    refuse_partial(response)
    kind = _media_type(response)
    format = RdfFormat.from_media_type(kind)
    if format is None:
        raise _unexpected(kind)
    body = Body(response, is_virtuoso=False)
    try:
        for quad in pyoxigraph.parse(body, format):  # type: ignore[arg-type]
            yield quad.triple
    except (SyntaxError, ValueError, OSError) as error:
        raise _broken(body, error) from None


def quads_of(
    rows: QuerySolutions, graph: pyoxigraph.NamedNode | pyoxigraph.DefaultGraph
) -> Iterator[Quad]:
    """The quads of a graph from the solutions for ?s ?p ?o."""
    for row in rows:
        yield Quad(row["s"], row["p"], row["o"], graph)


def _all(body: Body) -> bytes:
    return b"".join(iter(lambda: body.read(_PIECE), b""))


def broken(error: Exception) -> RemoteError:
    """The error for an answer that can't be read to its end."""
    return RemoteError(f"the remote store's answer can't be read: {error}")


def _broken(body: Body, error: Exception) -> BaseException:
    return body.error or broken(error)


def _media_type(response: httpx.Response) -> str:
    kind: str = response.headers.get("content-type", "")
    return kind.partition(";")[0].strip()


def _unexpected(kind: str) -> RemoteError:
    return RemoteError(
        f"the remote store answered in {kind or 'no format'}, which is none of SPARQL's",
        hint="COMITY_STORE is the address that takes queries, as http://127.0.0.1:7878/query.",
    )
