"""Every query of the catalogue runs as it stands in another SPARQL engine, with the same answer."""

from collections import Counter

import pyoxigraph as ox
import pytest
import rdflib

from comity.graph.finding import Material, read_material
from comity.graph.front_matter import QueryFile, read_folder
from comity.graph.resources import queries_folder

CATALOGUE = read_folder(queries_folder()) + read_folder(queries_folder() / "questions")
ALL = [query for folder in queries_folder().glob("**/") for query in read_folder(folder)]

# The order of what GROUP_CONCAT joins is the engine's own (SPARQL 1.1 §18.5.1.7).
OWN_ORDER = {"joint-positions": "holders"}

# rdflib joins in the order of the text and needs minutes for two records with open predicates.
TOO_SLOW = {"connections"}


@pytest.fixture(scope="module")
def material() -> Material:
    return read_material()[0]


@pytest.fixture(scope="module")
def dataset(material: Material) -> rdflib.Dataset:
    dataset = rdflib.Dataset(default_union=True)
    quads = ox.serialize(iter(material.store), format=ox.RdfFormat.N_QUADS)
    return dataset.parse(data=quads, format="nquads")


def by_name(query: QueryFile) -> str:
    return query.name


@pytest.mark.parametrize("query", [q for q in CATALOGUE if q.name not in TOO_SLOW], ids=by_name)
def test_rdflib_gives_the_same_answer(
    query: QueryFile, material: Material, dataset: rdflib.Dataset
) -> None:
    solutions = material.store.query(query.text, use_default_graph_as_union=True)
    assert isinstance(solutions, ox.QuerySolutions)
    skipped = OWN_ORDER.get(query.name)
    names = [v.value for v in solutions.variables if v.value != skipped]
    ours = Counter(tuple(_ours(row[name]) for name in names) for row in solutions)
    result = dataset.query(query.text)
    theirs = Counter(tuple(_theirs(row[name]) for name in names) for row in result)  # type: ignore[index, call-overload]
    assert theirs == ours


def _ours(term: object) -> str:
    return "" if term is None else str(getattr(term, "value", term))


def _theirs(term: object) -> str:
    # rdflib writes the zone Z as +00:00.
    return "" if term is None else str(term).replace("+00:00", "Z")


@pytest.mark.parametrize("query", ALL, ids=by_name)
def test_every_file_says_what_it_is_for(query: QueryFile) -> None:
    assert query.first("summary")


def test_names_are_unique() -> None:
    names = Counter(query.name for query in CATALOGUE)
    assert max(names.values()) == 1
    assert len(CATALOGUE) >= 55


def test_no_individual_stands_outside_of_values() -> None:
    """A query is general: what it is asked of stands in a VALUES line and can be replaced."""
    for query in CATALOGUE:
        lines = [line for line in query.text.splitlines() if not line.startswith(("#", "PREFIX"))]
        for line in lines:
            named = "id:" in line.replace("STR(id:)", "") or "/source/" in line
            assert not named or line.strip().startswith("VALUES"), f"{query.name}: {line}"
