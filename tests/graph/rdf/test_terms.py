"""Terms as people write and read them."""

import pyoxigraph as ox
import pytest

from comity.graph.rdf.namespaces import ID
from comity.graph.rdf.terms import absolute_iri, read_term, read_triple, write_term, write_triple


@pytest.mark.parametrize(
    "term",
    [
        ox.NamedNode(f"{ID}iran"),
        ox.Literal("Iran"),
        ox.Literal('a "quoted" word\nand a line', language="en"),
        ox.Literal("5", datatype=ox.NamedNode("http://www.w3.org/2001/XMLSchema#integer")),
    ],
)
def test_what_is_written_reads_as_the_same(term: ox.NamedNode | ox.Literal) -> None:
    assert read_term(write_term(term)) == term


def test_a_written_triple_reads_as_the_same() -> None:
    triple = read_triple("iran", "rdfs:label", '"Iran"@en')
    assert read_triple(*write_triple(triple)) == triple


def test_an_absolute_iri() -> None:
    assert absolute_iri(f"{ID}iran") == f"{ID}iran"
    for text in ("iran", "", "http://a b"):
        with pytest.raises(ValueError):
            absolute_iri(text)
