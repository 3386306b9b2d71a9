"""Streaming readers of an engine's responses, which never take a truncated one as complete."""

from collections.abc import Iterator
from typing import Final

import httpx
import pyoxigraph
from pyoxigraph import Quad, QueryBoolean, QueryResultsFormat, QuerySolutions, RdfFormat, Triple

from comity.graph.errors import QueryTimeout, RemoteError

# Only Virtuoso's XML results have booleans as in the W3C format; XML can't hold control characters,
# so other engines are asked for JSON.
TABLE_TYPES: Final = "application/sparql-results+json, application/sparql-results+xml;q=0.5"
VIRTUOSO_TABLE_TYPES: Final = "application/sparql-results+xml"
GRAPH_TYPES: Final = "application/n-triples, text/turtle;q=0.5, application/rdf+xml;q=0.3"
# The engine's own parser takes the end of the data for the end of the results.
_LAST: Final = {QueryResultsFormat.XML: b"</sparql>", QueryResultsFormat.JSON: b"}"}
_LONGEST_END: Final = 64
_PIECE: Final = 1024 * 1024
_BLANK: Final = b"<bnode>nodeID://"  # Virtuoso's blank node labels are not valid names (XML 1.0)


class Body:
    """The body of a response as a file; `error` is what interrupted it."""

    def __init__(self, response: httpx.Response, *, is_virtuoso: bool, last: bytes = b"") -> None:
        self._last, self._end = last, b""
        self._chunks = response.iter_raw()
        self._held = b""
        self._at = 0
        self._renames = is_virtuoso
        self._tail = b""
        self.error: BaseException | None = None

    def read(self, size: int = -1) -> bytes:
        """Return the next bytes, at most `size`; none at the end."""
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
        """Make Virtuoso's names of blank nodes valid labels; one may span two chunks."""
        text = (self._tail + chunk).replace(_BLANK, b"<bnode>")
        keep = next((n for n in range(len(_BLANK) - 1, 0, -1) if text.endswith(_BLANK[:n])), 0)
        self._tail = text[len(text) - keep :]
        return text[: len(text) - keep]


def refuse_partial(response: httpx.Response) -> None:
    """Raise if a header of the engine reports a partial answer."""
    if most := response.headers.get("x-sparql-maxrows"):
        raise RemoteError(
            f"the remote store truncates answers at {most} rows, which this one reaches",
            hint="Add a LIMIT, or raise ResultSetMaxRows in the engine's virtuoso.ini.",
        )
    if state := response.headers.get("x-sql-state"):
        raise QueryTimeout(
            f"the remote store stopped early ({state}); its answer is incomplete",
            hint="Narrow the query, or raise MaxQueryExecutionTime in the engine's virtuoso.ini.",
        )


def read_table(
    response: httpx.Response, *, is_virtuoso: bool, whole: bool = False
) -> QuerySolutions | QueryBoolean:
    """Return the result of a SELECT or ASK, whose rows are read while the response is open.

    With `whole`, all of it is read at once, and the rows can be read later.
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
            _all(body)  # to the end, so that the connection can be reused
        return table
    except (SyntaxError, ValueError, OSError) as error:
        raise _broken(body, error) from None


def read_graph(response: httpx.Response) -> Iterator[Triple]:
    """Yield the triples of a CONSTRUCT or DESCRIBE while the response is open."""
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
    """Yield the quads of a graph from solutions for ?s ?p ?o."""
    for row in rows:
        yield Quad(row["s"], row["p"], row["o"], graph)


def _all(body: Body) -> bytes:
    return b"".join(iter(lambda: body.read(_PIECE), b""))


def broken(error: Exception) -> RemoteError:
    """Return the error for a response that can't be read to its end."""
    return RemoteError(f"the remote store's answer can't be read: {error}")


def _broken(body: Body, error: Exception) -> BaseException:
    return body.error or broken(error)


def _media_type(response: httpx.Response) -> str:
    kind: str = response.headers.get("content-type", "")
    return kind.partition(";")[0].strip()


def _unexpected(kind: str) -> RemoteError:
    return RemoteError(
        f"the remote store answered in {kind or 'no format'}, which is not a SPARQL format",
        hint="Set COMITY_STORE to the address for queries, such as http://127.0.0.1:7878/query.",
    )
