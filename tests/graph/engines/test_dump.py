"""Dumps: whole, each format, without duplicates, and of one state."""

import io
from collections.abc import Iterator

import pytest
from pyoxigraph import Quad, RdfFormat, parse

from comity.graph.engines.embedded.dump import DumpFormat, dump
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.errors import QueryError

DATA = """
PREFIX id: <https://w3id.org/comity/id/>
INSERT DATA {
  id:d id:p 0 .
  GRAPH <http://e/z> { id:a id:p 1, 'é'@fr . id:d id:p 0 }
  GRAPH <http://e/b> { id:a id:p 1 . id:b id:p _:x }
  GRAPH <http://e/m> { id:a id:p 1 }
}
"""


@pytest.fixture
def store() -> Iterator[EmbeddedStore]:
    store = open_embedded("memory", bundled=False)
    with store.writing() as engine:
        engine.update(DATA)
    del engine
    yield store
    store.close()


def dumped(store: EmbeddedStore, format: DumpFormat | str, graph: str | None = None) -> bytes:
    out = io.BytesIO()
    dump(store, out, format, graph)
    return out.getvalue()


@pytest.mark.parametrize(
    ("format", "parser"),
    [(DumpFormat.TRIG, RdfFormat.TRIG), (DumpFormat.N_QUADS, RdfFormat.N_QUADS)],
)
def test_quads_come_back_as_they_were(
    store: EmbeddedStore, format: DumpFormat, parser: RdfFormat
) -> None:
    back = list(parse(dumped(store, format), parser))
    assert len(back) == 7
    assert set(back) == set(store.engine)


def test_turtle_is_the_union_without_duplicates(store: EmbeddedStore) -> None:
    back = list(parse(dumped(store, "ttl"), RdfFormat.TURTLE))
    assert len(back) == 4
    assert set(back) == {Quad(q.subject, q.predicate, q.object) for q in store.engine}


@pytest.mark.parametrize(("format", "size"), [("ttl", 2), ("nq", 2), ("trig", 2)])
def test_one_graph(store: EmbeddedStore, format: str, size: int) -> None:
    text = dumped(store, format, "http://e/b")
    parser = RdfFormat.from_extension(format)
    assert parser is not None
    back = list(parse(text, parser))
    assert len(back) == size
    assert (b"http://e/b" in text) == (format != "ttl")


def test_graphs_are_in_order_and_names_are_short(store: EmbeddedStore) -> None:
    text = dumped(store, "trig").decode()
    places = [
        text.index(part) for part in ("id:d id:p 0", "http://e/b", "http://e/m", "http://e/z")
    ]
    assert places == sorted(places)
    assert text == dumped(store, "trig").decode()


def test_what_is_no_graph(store: EmbeddedStore) -> None:
    with pytest.raises(QueryError, match="not an IRI"):
        dumped(store, "ttl", "no iri")
    with pytest.raises(ValueError, match="xlsx"):
        dumped(store, "xlsx")
    assert list(parse(dumped(store, "nq", "http://e/none"), RdfFormat.N_QUADS)) == []


class Broken(io.BytesIO):
    """A file on a disk that is full."""

    def write(self, _: object) -> int:
        raise OSError(28, "No space left on device")


def test_a_dump_that_fails_leaves_nothing_behind(store: EmbeddedStore) -> None:
    with pytest.raises(OSError, match="No space"):
        dump(store, Broken(), "nq")
    assert len(list(store._folder.path.glob("data-*"))) == 1


def test_media_types() -> None:
    assert [f.media_type for f in DumpFormat] == [
        "application/trig",
        "application/n-quads",
        "text/turtle",
    ]
