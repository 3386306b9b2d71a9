"""The made-up diplomatic graph, and the benchmark's queries over it."""

import itertools
import re
from collections import Counter
from urllib.parse import unquote

import pyoxigraph as ox
import pytest
from places import ROOT

from comity.graph.catalogue.front_matter import read_folder
from comity.graph.installed import queries_folder
from comity.graph.store.solutions import select
from comity.service.bench.client import request
from comity.service.bench.generator import triples
from comity.service.bench.workloads import BenchmarkQuery, analytic, fresh, small

SIZE = 100_000


@pytest.fixture(scope="module")
def graph() -> ox.Store:
    store = ox.Store()
    store.bulk_load("".join(triples(SIZE)).encode(), format=ox.RdfFormat.N_TRIPLES)
    return store


class TestGraph:
    """The graph that is made up."""

    def test_it_has_the_size_asked_for_and_no_triple_twice(self, graph: ox.Store) -> None:
        lines = "".join(triples(SIZE)).splitlines()
        assert SIZE <= len(lines) < SIZE + 200
        assert len(set(lines)) == len(lines) == len(graph)

    def test_a_seed_makes_one_graph(self) -> None:
        assert list(triples(9_000, seed=1)) == list(triples(9_000, seed=1))
        assert list(triples(9_000, seed=1)) != list(triples(9_000, seed=2))

    def test_a_smaller_one_is_the_beginning_of_a_larger_one(self) -> None:
        assert list(itertools.islice(triples(30_000), 7_000)) == list(triples(30_000))[:7_000]

    def test_it_uses_the_ontologys_own_words(self, graph: ox.Store) -> None:
        ontology = ox.Store()
        ontology.load(path=ROOT / "ontology" / "comity.ttl")
        terms = {str(quad.subject) for quad in ontology}
        used = {str(quad.predicate) for quad in graph} | {
            str(quad.object) for quad in graph if isinstance(quad.object, ox.NamedNode)
        }
        ours = {term for term in used if term.startswith("<https://w3id.org/comity/ontology#")}
        assert len(ours) > 40
        assert ours <= terms, ours - terms

    @pytest.mark.parametrize("query", [*analytic(), small()], ids=lambda query: query.name)
    def test_every_query_finds_something(self, graph: ox.Store, query: BenchmarkQuery) -> None:
        found = graph.query(query.text)
        assert not isinstance(found, ox.QueryBoolean)
        assert any(True for _ in found), query.text

    def test_there_are_twenty_two_shapes_with_a_summary(self) -> None:
        files = read_folder(queries_folder() / "benchmarks" / "analytic")
        assert len(files) == len(analytic()) == 22
        assert all(file.first("summary") for file in files)


def test_fresh_values_come_once_each_and_find_ten_rows(graph: ox.Store) -> None:
    message = request("http://127.0.0.1:1/sparql", small().text)
    made = list(itertools.islice(fresh(message, itertools.count()), 5_000))
    assert len(set(made)) == 5_000
    sizes: Counter[int] = Counter()
    for each in made[:200]:
        text = re.search(rb"\?query=(\S+) HTTP", each)
        assert text
        sizes[len(select(graph, unquote(text[1].decode())))] += 1
    assert set(sizes) <= set(range(11))
    assert sizes.total() == 200
    assert sizes[0] < 100
