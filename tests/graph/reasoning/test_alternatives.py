"""All derivations of a triple: each set of premises once, counted whole, listed up to a limit."""

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pyoxigraph as ox
import pytest

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.rdf.namespaces import COMITY, DERIVED_GRAPH, PREFIXES
from comity.graph.rdf.terms import read_triple
from comity.graph.reasoning import alternatives
from comity.graph.reasoning.alternatives import Alternatives, Explanation, explain_triple, say_count
from comity.graph.reasoning.explanation import why
from comity.graph.reasoning.materialisation import derive

EX = "https://example.org/"
COOPERATION = read_triple("russia", "cooperatesWith", "iran")
# Records of cooperation that are told as fact and were not found to be wrong.
RECORDS = """PREFIX comity: <https://w3id.org/comity/ontology#>
SELECT DISTINCT ?record WHERE {
  ?record a comity:Cooperation ; comity:participant <%sid/russia> , <%sid/iran> ; comity:modality ?modality .
  FILTER(?modality IN (comity:asserted, comity:presupposed))
  MINUS { ?note comity:onRecord ?record ; comity:verdict comity:erroneous
    OPTIONAL { ?note comity:aspect ?hit } FILTER(!BOUND(?hit) || ?hit != comity:dateAspect) }
}""" % (("https://w3id.org/comity/",) * 2)


@pytest.fixture(scope="module")
def bundled() -> Iterator[EmbeddedStore]:
    with closing(open_embedded("memory")) as store:
        yield store


def made(text: str, rules: Path | None = None, graph: str = "g") -> ox.Store:
    store = ox.Store()
    add(store, text, graph)
    derive(store, rules)
    return store


def add(store: ox.Store, text: str, graph: str = "g") -> None:
    names = ("rdfs", "owl", "rdf", "comity")
    head = "".join(f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in names)
    quads = ox.parse(f"{head}@prefix : <{EX}> .\n{text}", ox.RdfFormat.TURTLE)
    name = ox.NamedNode(EX + graph)
    store.extend(ox.Quad(q.subject, q.predicate, q.object, name) for q in quads)


def triple(*terms: str) -> ox.Triple:
    subject, predicate, object_ = (
        ox.NamedNode(PREFIXES["rdf"] + "type")
        if term == "a"
        else ox.NamedNode(term.replace("comity:", COMITY) if ":" in term else EX + term)
        for term in terms
    )
    return ox.Triple(subject, predicate, object_)


def quad(of: ox.Triple, graph: ox.NamedNode) -> ox.Quad:
    return ox.Quad(of.subject, of.predicate, of.object, graph)


def find(store: ox.Store, *terms: str, limit: int = 20, rules: Path | None = None) -> Explanation:
    found = Alternatives(store, rules).find_all(triple(*terms), limit)
    assert found is not None
    return found


def of_bundle(store: ox.Store, limit: int = 20) -> Explanation | None:
    return Alternatives(store).find_all(COOPERATION, limit)


def records(store: ox.Store) -> list[str]:
    """The records of the cooperation in the order of their IRIs."""
    rows = store.query(RECORDS, use_default_graph_as_union=True)
    assert isinstance(rows, ox.QuerySolutions)
    return sorted(str(row["record"])[1:-1] for row in rows)


def rested_on(found: Explanation | None) -> list[str]:
    return [item.record for each in found.derivations for item in each.evidence] if found else []


# --- the records that a fact rests on


def test_each_record_is_a_derivation(bundled: EmbeddedStore) -> None:
    wanted, found = records(bundled.engine), of_bundle(bundled.engine)
    assert found is not None and len(wanted) > 4
    assert (found.total, found.exact) == (len(wanted), True)
    assert rested_on(found) == wanted
    assert {each.rule for each in found.derivations} == {"cooperatesWith.rq"}


def test_without_a_record_there_is_one_less(bundled: EmbeddedStore) -> None:
    store = ox.Store()
    store.extend(bundled.engine)
    while wanted := records(store):
        found = of_bundle(store)
        assert (found and found.total, rested_on(found)) == (len(wanted), wanted)
        store.update(f"DELETE WHERE {{ GRAPH ?g {{ <{wanted[0]}> ?p ?o }} }}")
    assert quad(COOPERATION, DERIVED_GRAPH) in store  # it is there, without a ground
    assert of_bundle(store) is None


def test_the_limit_is_of_what_is_listed(bundled: EmbeddedStore) -> None:
    wanted = records(bundled.engine)
    for limit in (1, 2):
        found = of_bundle(bundled.engine, limit)
        assert found and (found.total, found.limit) == (len(wanted), limit)
        assert rested_on(found) == wanted[:limit]


def test_as_json_the_first_is_the_whole(bundled: EmbeddedStore) -> None:
    found = explain_triple(bundled.engine, why(COOPERATION))
    assert found is not None
    assert found["derivations"][0].items() <= found.items()
    assert found["total"] == len(found["derivations"]) == len(records(bundled.engine))
    assert explain_triple(bundled.engine, why(read_triple("iran", "memberOf", "nato"))) is None


@pytest.mark.parametrize(
    ("total", "shown", "exact", "said"),
    [
        (1, 1, True, "1 derivation"),
        (5, 5, True, "5 derivations; all shown"),
        (1063, 20, True, "the first 20 of 1,063 derivations"),
        (1000, 20, False, "the first 20 of at least 1,000 derivations"),
    ],
)
def test_the_count_in_words(total: int, shown: int, exact: bool, said: str) -> None:
    document = {"total": total, "exact": exact, "derivations": [{}] * shown}
    assert say_count(document) == said


# --- each set of premises once


def cooperation(number: int) -> str:
    return (
        f":r{number} a comity:Cooperation ; comity:modality comity:asserted ; "
        "comity:participant :x , :y ."
    )


SYMMETRIC = "comity:cooperatesWith a owl:SymmetricProperty ."
TOGETHER = ("x", "comity:cooperatesWith", "y")


def test_a_record_counts_once_in_both_directions() -> None:
    store = made(SYMMETRIC + cooperation(1) + cooperation(2))
    for terms in (TOGETHER, tuple(reversed(TOGETHER))):
        found = find(store, *terms)
        assert [each.rule for each in found.derivations] == ["cooperatesWith.rq"] * 2
        assert found.total == 2


def test_a_record_in_two_graphs_counts_once() -> None:
    store = made(cooperation(1))
    add(store, cooperation(1), "other")
    (derivation,) = find(store, *TOGETHER).derivations
    assert {leaf.graphs for leaf in derivation.leaves()} == {(EX + "g", EX + "other")}


def test_what_is_stated_is_also_derived() -> None:
    store = made(SYMMETRIC + cooperation(1) + ":x comity:cooperatesWith :y .")
    found = find(store, *TOGETHER)
    assert [each.rule for each in found.derivations] == ["stated", "cooperatesWith.rq"]
    assert found.total == 2
    mirrored = find(store, *reversed(TOGETHER))  # the statement, and the record
    assert [each.rule for each in mirrored.derivations] == ["cooperatesWith.rq", "symmetric"]
    assert find(store, *TOGETHER, limit=1).total == 2


def test_an_alternative_leaves_the_variables_of_others_free() -> None:
    """In tookPartIn, ?took has two values whether or not its alternative of the UNION holds."""
    report = "a comity:EventReport ; comity:modality comity:asserted ; comity:event :e ;"
    store = made(f":r1 {report} comity:onBehalfOf :x . :r2 {report} comity:actor :x , :y .")
    found = find(store, "x", "comity:tookPartIn", "e")
    assert found.total == 2
    assert [len(each.premises) for each in found.derivations] == [4, 4]
    assert find(store, "y", "comity:tookPartIn", "e").total == 1


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """A rule with all that multiplies solutions, by which a record leads in one direction."""
    (tmp_path / "metWith.rq").write_text(
        """#+ summary: For a test
PREFIX comity: <https://w3id.org/comity/ontology#>
PREFIX : <https://example.org/>
CONSTRUCT { ?agent comity:metWith ?other }
WHERE {
  ?record :from ?agent .
  OPTIONAL { ?record :seen true }
  { ?record :to ?other } UNION { ?record :to ?other . ?record :at ?place } UNION { ?record :by ?other }
  ?record :note ?note .
  FILTER(EXISTS { ?record :mark ?mark })
  BIND(STRLEN(?note) AS ?length)
  VALUES ?one { 1 2 }
}"""
    )
    return tmp_path


MEETING = ("x", "comity:metWith", "y")


def test_only_premises_tell_derivations_apart(rules: Path) -> None:
    store = made(':r :from :x ; :to :y ; :note "n" ; :mark 1 , 2 , 3 .', rules)
    (derivation,) = find(store, *MEETING, rules=rules).derivations
    said = {premise.triple.predicate.value.removeprefix(EX) for premise in derivation.premises}
    assert said == {"from", "to", "note"}
    add(store, ":r :seen true .")  # no new way, but one premise more
    assert find(store, *MEETING, rules=rules).total == 1
    add(store, ":r :at :here .")
    assert find(store, *MEETING, rules=rules).total == 2
    add(store, ":r :by :y .")
    assert find(store, *MEETING, rules=rules).total == 3


def test_a_record_that_leads_in_the_other_direction(rules: Path) -> None:
    there, back = (":r1 :from :x ; :to :y", ":r2 :from :y ; :to :x")
    text = "comity:metWith a owl:SymmetricProperty ."
    store = made(f'{text} {there} ; :note "n" ; :mark 1 . {back} ; :note "n" ; :mark 1 .', rules)
    found = find(store, *MEETING, rules=rules)
    assert [each.rule for each in found.derivations] == ["metWith.rq", "symmetric"]
    mirrored = found.derivations[1].premises[0]
    assert {leaf.triple.subject for leaf in mirrored.leaves()} == {ox.NamedNode(EX + "r2")}
    # It must be told also if the mirrored triple has other, known records before it.
    add(store, ':r0 :from :x , :y ; :to :x , :y ; :note "n" ; :mark 1 .')
    rules_used = [each.rule for each in find(store, *MEETING, rules=rules).derivations]
    assert rules_used == ["metWith.rq", "metWith.rq", "symmetric"]


# --- the ontologies


def test_each_step_of_the_ontologies_is_a_derivation() -> None:
    store = made(":p rdfs:domain :A . :B rdfs:subClassOf :A . :x :p :y , :z ; a :B .")
    found = find(store, "x", "a", "A")
    assert [each.rule for each in found.derivations] == ["subclass", "domain", "domain"]


def test_the_same_statements_count_once() -> None:
    store = made(":p a owl:TransitiveProperty . :w :p :x . :x :p :y . :y :p :z .")
    assert find(store, "w", "p", "z").total == 1
    store = made(":A rdfs:subClassOf :B . :B rdfs:subClassOf :C . :x a :A .")
    assert find(store, "x", "a", "C").total == 1


def test_nothing_rests_on_itself() -> None:
    store = made(":p a owl:SymmetricProperty ; owl:inverseOf :q . :x :p :y .")
    assert find(store, "x", "p", "y").total == 1
    store.remove(quad(triple("x", "p", "y"), ox.NamedNode(EX + "g")))
    assert Alternatives(store).find_all(triple("y", "p", "x"), 20) is None


def test_a_premise_is_explained_in_its_turn() -> None:
    store = made(
        "comity:Talks rdfs:subClassOf comity:Meeting . :e a comity:Talks ."
        ":r a comity:EventReport ; comity:modality comity:asserted ; comity:event :e ;"
        "comity:participant :x , :y ."
    )
    (derivation,) = find(store, "x", "comity:metWith", "y").derivations
    assert "subclass" in {premise.rule for premise in derivation.premises}


# --- many


def test_many_are_counted_and_few_listed() -> None:
    store = made("".join(map(cooperation, range(3_000))))
    found = find(store, *TOGETHER, limit=3)
    assert (found.total, found.exact) == (3_000, True)
    assert rested_on(found) == []  # example.org has no sources, so its records no evidence
    subjects = [each.premises[0].triple.subject for each in found.derivations]
    assert subjects == [ox.NamedNode(f"{EX}r{n}") for n in (0, 1, 10)]


@pytest.mark.parametrize("limit", ["_SOLUTIONS", "_STEPS", "_FOLLOWED"])
def test_a_count_that_stops_says_so(limit: str, monkeypatch: pytest.MonkeyPatch) -> None:
    things = " ".join(f":x :q{n} :y . :q{n} rdfs:subPropertyOf :p{n} . " for n in range(9))
    domains = " ".join(f":p{n} rdfs:domain :A . " for n in range(9))
    store = made(SYMMETRIC + "".join(map(cooperation, range(9))) + things + domains)
    terms = TOGETHER if limit == "_SOLUTIONS" else ("x", "a", "A")
    assert find(store, *terms).exact
    monkeypatch.setattr(alternatives, limit, 5)
    found = find(store, *terms)
    assert not found.exact and 1 <= found.total <= 9
    assert "symmetric" not in {each.rule for each in found.derivations}


def test_the_order_is_always_the_same() -> None:
    texts = [cooperation(number) for number in range(30)]
    stores = made("".join(texts)), made("".join(reversed(texts)))
    first, second = (find(store, *TOGETHER).derivations for store in stores)
    assert first == second
