"""What engines send back: read whole, or an error."""

from collections.abc import Iterator
from itertools import pairwise

import httpx
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyoxigraph import QuerySolutions

from comity.graph.engines.remote.results import read_graph, read_table
from comity.graph.errors import QueryTimeout, RemoteError

XML = b"""<sparql xmlns="http://www.w3.org/2005/sparql-results#"><head><variable name="x"/></head>
<results><result><binding name="x"><bnode>nodeID://b10001</bnode></binding></result>
<result><binding name="x"><literal>nodeID://b1 &lt;bnode></literal></binding></result></results></sparql>"""
KIND = {"Content-Type": "application/sparql-results+xml; charset=UTF-8"}


class Chunks(httpx.SyncByteStream):
    def __init__(self, chunks: list[bytes]) -> None:
        self.chunks = chunks

    def __iter__(self) -> Iterator[bytes]:
        return iter(self.chunks)


def answer(body: bytes, cuts: list[int] | None = None, **headers: str) -> httpx.Response:
    """An answer in pieces that end at these places."""
    ends = sorted({0, len(body), *(cut % len(body) for cut in cuts or ())})
    chunks = [body[a:b] for a, b in pairwise(ends)]
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return httpx.Response(200, headers=KIND | named, stream=Chunks(chunks))


@given(st.lists(st.integers(min_value=1)))
def test_names_of_blank_nodes_across_chunks(cuts: list[int]) -> None:
    table = read_table(answer(XML, cuts), is_virtuoso=True)
    assert isinstance(table, QuerySolutions)
    assert [str(row["x"]) for row in table] == ["_:b10001", '"nodeID://b1 <bnode>"']


JSON = b'{"head":{"vars":["x"]},"results":{"bindings":[{"x":{"type":"uri","value":"a:b"}}]}}'


@pytest.mark.parametrize("body", [XML, JSON])
def test_a_part_is_an_error(body: bytes) -> None:
    kind = "application/sparql-results+json" if body is JSON else KIND["Content-Type"]
    for end in range(1, len(body)):
        with pytest.raises((RemoteError, SyntaxError, OSError)):
            table = read_table(answer(body[:end], Content_Type=kind), is_virtuoso=True)
            assert isinstance(table, QuerySolutions)
            list(table)


def test_headers_that_tell_of_a_part() -> None:
    with pytest.raises(RemoteError, match="1000 rows"):
        read_table(answer(XML, X_SPARQL_MaxRows="1000"), is_virtuoso=True)
    with pytest.raises(QueryTimeout, match="S1TAT"):
        read_table(answer(XML, X_SQL_State="S1TAT"), is_virtuoso=True)


def test_what_is_no_result() -> None:
    with pytest.raises(RemoteError, match="not a SPARQL format"):
        read_table(answer(b"<html>", Content_Type="text/html"), is_virtuoso=False)
    with pytest.raises(RemoteError, match="can't be read"):
        list(read_graph(answer(b"<a> <b", Content_Type="application/n-triples")))
