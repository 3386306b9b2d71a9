"""Every query of the catalogue runs as it stands in another SPARQL engine, with the same answer."""

import re
from collections import Counter

import pyoxigraph as ox
import pytest
import rdflib

from comity.graph.catalogue.front_matter import QueryFile, read_folder
from comity.graph.checks.findings import Material, read_material
from comity.graph.installed import queries_folder
from comity.graph.rdf.namespaces import ID, PREFIXES, SOURCE
from comity.graph.reasoning.materialisation import derive

CATALOGUE = read_folder(queries_folder()) + read_folder(queries_folder() / "questions")
ALL = [query for folder in queries_folder().glob("**/") for query in read_folder(folder)]

# The order of what GROUP_CONCAT joins is the engine's own (SPARQL 1.1 §18.5.1.7).
OWN_ORDER = {"joint-positions": "holders", "sources": "publishers"}

# rdflib needs a minute for the paths through all records; it is asked of two sentences alone.
EXCERPTS = {"connections": ("f24.", "q24.", "f25.", "q25.")}

Rows = Counter[tuple[str, ...]]


@pytest.fixture(scope="module")
def material() -> Material:
    return read_material()[0]


@pytest.fixture(scope="module")
def dataset(material: Material) -> rdflib.Dataset:
    return in_rdflib(material.derived)


def in_rdflib(store: ox.Store) -> rdflib.Dataset:
    dataset = rdflib.Dataset(default_union=True)
    quads = ox.serialize(iter(store), format=ox.RdfFormat.N_QUADS)
    return dataset.parse(data=quads, format="nquads")


def excerpt(store: ox.Store, fragments: tuple[str, ...]) -> ox.Store:
    """Only what is said of some nodes of the article."""
    copy = ox.Store()
    begins = tuple(f"<{SOURCE}moscow-tehran-relations#{fragment}" for fragment in fragments)
    copy.extend(quad for quad in store if str(quad.subject).startswith(begins))
    return copy


def by_name(query: QueryFile) -> str:
    return query.name


@pytest.mark.slow
@pytest.mark.parametrize("query", [q for q in CATALOGUE if q.name not in EXCERPTS], ids=by_name)
def test_rdflib_gives_the_same_answer(
    query: QueryFile, material: Material, dataset: rdflib.Dataset
) -> None:
    assert theirs(dataset, query.text, query.name) == ours(material.derived, query.text, query.name)


@pytest.mark.slow
@pytest.mark.parametrize("query", [q for q in CATALOGUE if q.name in EXCERPTS], ids=by_name)
def test_rdflib_gives_the_same_answer_of_an_excerpt(query: QueryFile, material: Material) -> None:
    store = excerpt(material.derived, EXCERPTS[query.name])
    found = ours(store, query.text)
    assert theirs(in_rdflib(store), query.text) == found
    assert found


def ours(store: ox.Store, text: str, name: str = "") -> Rows:
    solutions = store.query(text, use_default_graph_as_union=True)
    assert isinstance(solutions, ox.QuerySolutions)
    names = [v.value for v in solutions.variables if v.value != OWN_ORDER.get(name)]
    return Counter(tuple(_ours(row[name]) for name in names) for row in solutions)


def theirs(dataset: rdflib.Dataset, text: str, name: str = "") -> Rows:
    result = dataset.query(text)
    names = [str(v) for v in result.vars or () if str(v) != OWN_ORDER.get(name)]
    return Counter(tuple(_theirs(row[name]) for name in names) for row in result)  # type: ignore[index, call-overload]


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
        assert lines
        for line in lines:
            named = "id:" in line.replace("STR(id:)", "") or "/source/" in line
            assert not named or line.strip().startswith("VALUES"), f"{query.name}: {line}"


# --- connections


def chain(*links: str, reporter: str = "author") -> ox.Store:
    """A record for each pair of letters, which are things: "ab" speaks of id:a and of id:b."""
    store = ox.Store()
    for n, link in enumerate(links):
        one, other = link[0], link[1]
        store.update(
            f"""PREFIX comity: <{PREFIXES["comity"]}> PREFIX id: <{ID}> PREFIX : <{SOURCE}one#>
            PREFIX rdfs: <{PREFIXES["rdfs"]}> PREFIX graph: <{PREFIXES["graph"]}>
            INSERT DATA {{ GRAPH graph:one {{ :r{n} rdfs:label "{link}" ; comity:concerns id:{one} ;
              comity:participant id:{other} ; comity:modality comity:asserted ;
              comity:reportedBy id:{reporter} ; comity:source <{SOURCE}one> ;
              comity:evidence :q{n} . :q{n} comity:words "words {link}" ; comity:passage :s{n} .
              :s{n} comity:sentenceNumber {n} }} }}"""
        )
    derive(store)
    return store


def paths(store: ox.Store, one: str, other: str, source: str = "UNDEF") -> list[tuple[str, ...]]:
    (query,) = [query for query in CATALOGUE if query.name == "connections"]
    terms = {"a": f"id:{one}", "b": f"id:{other}", "source": source}
    text = "\n".join(line for line in query.text.splitlines() if not line.startswith("#"))
    for name, term in terms.items():
        text = re.sub(rf"VALUES \?{name} {{[^}}]*}}", f"VALUES ?{name} {{ {term} }}", text)
    found = ours(store, text)
    assert theirs(in_rdflib(store), text) == found
    return sorted((row[0], row[1], row[2], row[9]) for row in found)


@pytest.mark.parametrize("length", [1, 2, 3, 4])
def test_a_path_has_up_to_four_records_each_with_its_words(length: int) -> None:
    way = "pqrst"[: length + 1]
    links = [way[n : n + 2] for n in range(length)]
    via = " > ".join(way[1:-1])
    assert paths(chain(*links), way[0], way[-1]) == [
        (str(length), via, str(n), f"words {link}") for n, link in enumerate(links, 1)
    ]


def test_beyond_four_records_nothing_is_a_connection() -> None:
    assert paths(chain("pq", "qr", "rs", "st", "tu"), "p", "u") == []


@pytest.mark.parametrize("length", [1, 2, 3])
def test_a_longer_path_is_told_only_where_there_is_no_shorter(length: int) -> None:
    way = "p" + "xy"[: length - 1] + "t"
    short = [way[n : n + 2] for n in range(length)]
    found = paths(chain("pq", "qr", "rs", "st", "pu", "uv", "vt", *short), "p", "t")
    assert {row[0] for row in found} == {str(length)}
    assert [row[3] for row in found if row[1] == " > ".join(way[1:-1])] == [
        f"words {link}" for link in short
    ]


def test_every_record_of_a_step_and_every_shortest_path_is_told() -> None:
    assert paths(chain("pq", "qp", "qr", "ps", "sr"), "p", "r") == [
        ("2", "q", "1", "words pq"),
        ("2", "q", "1", "words qp"),
        ("2", "q", "2", "words qr"),
        ("2", "s", "1", "words ps"),
        ("2", "s", "2", "words sr"),
    ]


def test_a_reporter_does_not_connect_what_it_reports() -> None:
    assert paths(chain("pq", "rs", reporter="agency"), "p", "s") == []


def test_a_connection_by_one_source_alone() -> None:
    store = chain("pq", "qr")
    assert len(paths(store, "p", "r", f"<{SOURCE}one>")) == 2
    assert paths(store, "p", "r", f"<{SOURCE}two>") == []
