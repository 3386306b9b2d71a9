"""Why a triple holds: one derivation, finite, down to the words of a source."""

import json
from collections.abc import Iterator
from contextlib import closing

import pyoxigraph as ox
import pytest
from starlette.testclient import TestClient

from comity.graph.descriptions.records.evidence import Citation, evidence
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.errors import QueryError
from comity.graph.rdf.namespaces import COMITY, ID, PREFIXES, SOURCE
from comity.graph.rdf.terms import read_term, read_triple
from comity.graph.reasoning.explanation import Derivation, Derivations, derivation
from comity.graph.reasoning.materialisation import derive
from comity.service.app import create_app
from comity.service.cli.main import run
from comity.service.settings import Settings

EX = "https://example.org/"
ARTICLE = SOURCE + "moscow-tehran-relations#"


@pytest.fixture(scope="module")
def bundled() -> Iterator[EmbeddedStore]:
    with closing(open_embedded("memory")) as store:
        yield store


def made(text: str) -> ox.Store:
    head = "".join(f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in ("rdfs", "owl", "rdf"))
    store = ox.Store()
    graph = ox.NamedNode(EX + "g")
    quads = ox.parse(f"{head}@prefix : <{EX}> .\n{text}", ox.RdfFormat.TURTLE)
    store.extend(ox.Quad(q.subject, q.predicate, q.object, graph) for q in quads)
    derive(store)
    return store


def why(store: ox.Store, *terms: str) -> Derivation | None:
    subject, predicate, object_ = (
        ox.NamedNode(PREFIXES["rdf"] + "type" if term == "a" else EX + term) for term in terms
    )
    return Derivations(store).find(ox.Triple(subject, predicate, object_))


def shape(of: Derivation | None) -> object:
    """A derivation as nested lists, the axioms left out."""
    assert of is not None
    if not of.premises:
        return " ".join(str(term)[1:-1].rpartition("/")[2].rpartition("#")[2] for term in of.triple)
    axioms = (PREFIXES["rdfs"], PREFIXES["owl"])
    told = [
        shape(p)
        for p in of.premises
        if not p.triple.predicate.value.startswith(axioms)
        and not str(p.triple.object)[1:].startswith(axioms)
    ]
    return [of.rule, *told]


# --- the evidence of records


def test_a_shortcut_comes_down_to_the_quotation(bundled: EmbeddedStore) -> None:
    found = derivation(bundled, read_triple("russia", "memberOf", "astana-format"))
    assert found is not None
    assert found.rule == "memberOf.rq"
    (record,) = found.evidence
    assert (record.record, record.modality) == (ARTICLE + "f24.3", "presupposed")
    (quotation,) = record.quotations
    assert quotation.words == "Astana tripartite format (Russia, Iran and Turkey)"
    assert quotation.sentence == 24
    assert (quotation.end or 0) - (quotation.start or 0) == len(quotation.words)
    said = {(leaf.triple.predicate.value, leaf.graphs) for leaf in found.leaves()}
    graph = ("https://w3id.org/comity/graph/moscow-tehran-relations",)
    assert (COMITY + "participationIn", graph) in said
    assert all(leaf.rule == "stated" for leaf in found.leaves())


def test_a_record_without_words_has_its_citation(bundled: EmbeddedStore) -> None:
    triple = read_triple("mohammad-javad-zarif", "metWith", "sergey-lavrov")
    found = derivation(bundled, triple)
    assert found is not None
    (record,) = [e.record for e in found.evidence]
    assert record in (SOURCE + "kayhan-2021-01-26#f2", SOURCE + "mid-2021-01-26#f1")
    cited = found.evidence[0].citations
    assert cited[0].iri == record.partition("#")[0]
    assert not found.evidence[0].quotations


def test_evidence_of_what_is_no_record(bundled: EmbeddedStore) -> None:
    assert evidence(bundled.engine, ox.NamedNode(ID + "iran")) is None
    assert Citation("x").page is None


@pytest.mark.parametrize(
    ("subject", "predicate", "object_"),
    [
        ("iran", "memberOf", "un-security-council"),
        ("united-states", "supports", "jcpoa"),
        ("nobody", "metWith", "nobody"),
    ],
)
def test_what_does_not_hold_has_none(
    bundled: EmbeddedStore, subject: str, predicate: str, object_: str
) -> None:
    assert derivation(bundled, read_triple(subject, predicate, object_)) is None


# --- the steps


def test_one_step_at_a_time() -> None:
    store = made(":A rdfs:subClassOf :B . :B rdfs:subClassOf :C . :p rdfs:domain :A . :x :p :y .")
    expected = ["subclass", ["subclass", ["domain", "x p y"]]]
    assert shape(why(store, "x", "a", "C")) == expected
    assert shape(why(store, "x", "p", "y")) == "x p y"


def test_circles_are_left() -> None:
    store = made(
        ":p a owl:SymmetricProperty ; owl:inverseOf :q . :q rdfs:subPropertyOf :p . "
        ":p rdfs:subPropertyOf :q . :A rdfs:subClassOf :B . :B rdfs:subClassOf :A . "
        ":x :q :y ; a :A ."
    )
    assert shape(why(store, "x", "p", "y")) == ["subproperty", "x q y"]
    assert shape(why(store, "y", "p", "x")) == ["inverse", "x q y"]
    assert shape(why(store, "x", "a", "B")) == ["subclass", "x type A"]


def test_a_derived_triple_that_has_lost_its_ground_is_not_explained_by_itself() -> None:
    store = made(":p a owl:SymmetricProperty . :x :p :y .")
    store.remove(ox.Quad(*(ox.NamedNode(EX + n) for n in ("x", "p", "y", "g"))))
    assert why(store, "y", "p", "x") is None


def test_a_long_way_is_one_step() -> None:
    links = " ".join(f":n{n} :p :n{n + 1} ." for n in range(300))
    store = made(f":p a owl:TransitiveProperty . {links}")
    found = why(store, "n0", "p", "n300")
    assert found is not None
    assert found.rule == "transitive"
    assert len(found.premises) == 301  # each link, and the axiom


def test_a_way_over_derived_steps() -> None:
    store = made(":p a owl:TransitiveProperty . :q rdfs:subPropertyOf :p . :x :q :y . :y :p :z .")
    expected = ["transitive", ["subproperty", "x q y"], "y p z"]
    assert shape(why(store, "x", "p", "z")) == expected


def test_a_chain() -> None:
    store = made(
        ":u owl:propertyChainAxiom :l . :l rdf:first :p ; rdf:rest :m . "
        ":m rdf:first :q ; rdf:rest rdf:nil . :x :p :y . :y :q :z ."
    )
    assert shape(why(store, "x", "u", "z")) == ["chain", "x p y", "y q z"]


# --- terms as people write them


@pytest.mark.parametrize(
    ("text", "term"),
    [
        ("iran", ox.NamedNode(ID + "iran")),
        ("id:iran", ox.NamedNode(ID + "iran")),
        ("source:a#f1", ox.NamedNode(SOURCE + "a#f1")),
        ("<https://e.org/x>", ox.NamedNode("https://e.org/x")),
        ("https://e.org/x", ox.NamedNode("https://e.org/x")),
        ('"Iran"@en', ox.Literal("Iran", language="en")),
        ('"4"^^<x:n>', ox.Literal("4", datatype=ox.NamedNode("x:n"))),
    ],
)
def test_terms(text: str, term: object) -> None:
    assert read_term(text) == term


def test_the_names_of_properties_and_classes_are_short() -> None:
    triple = read_triple("iran", "a", "State")
    assert (triple.predicate.value, triple.object) == (
        PREFIXES["rdf"] + "type",
        ox.NamedNode(COMITY + "State"),
    )
    assert read_triple("iran", "memberOf", "x").predicate.value == COMITY + "memberOf"


@pytest.mark.parametrize("text", ["not a term", "", "<a b>", '"x', '"x" . <x:s> <x:p> "y"', "<x"])
def test_what_is_no_term(text: str) -> None:
    with pytest.raises(QueryError, match="not a term"):
        read_term(text)


def test_a_literal_says_nothing() -> None:
    with pytest.raises(QueryError, match="must be IRIs"):
        read_triple('"x"', "a", "State")


# --- the command and the service


def test_why(capsys: pytest.CaptureFixture[str]) -> None:
    words = ["reason", "--store", "memory", "--why", "russia", "memberOf", "astana-format"]
    assert run(words) == 0
    out = capsys.readouterr().out.splitlines()
    assert out[0] == "id:russia comity:memberOf id:astana-format  (by memberOf.rq)"
    assert "“Astana tripartite format (Russia, Iran and Turkey)” (sentence 24)" in out[2]
    assert run([*words, "--format", "json"]) == 0
    found = json.loads(capsys.readouterr().out)
    assert found["rule"] == "memberOf.rq"
    assert found["evidence"][0]["quotations"][0]["sentence"] == 24
    assert found["premises"][0]["graphs"]


def test_why_not(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reason", "--store", "memory", "--why", "iran", "memberOf", "nato"]) == 1
    assert "not derivable" in capsys.readouterr().err


def test_reason_derives_anew(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["reason", "--store", "memory"]) == 0
    captured = capsys.readouterr()
    # Fifteen of the Security Council, three of the Astana format, two of the countries in the region, and 193 of the
    # United Nations.
    assert "memberOf\t213" in captured.out.splitlines()
    assert "derived" in captured.err


def test_reason_needs_the_bundle(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("COMITY_BUNDLED", "off")
    assert run(["reason", "--store", "memory"]) == 1
    assert "no bundled graphs" in capsys.readouterr().err


def test_the_service_says_whether_it_lags(client: TestClient) -> None:
    assert client.get("/version").json()["derived"] is None
    with closing(open_embedded("memory")) as store:
        own = TestClient(create_app(store, Settings(store="memory")))
        assert own.get("/version").json()["derived"] == "current"
        with store.writing() as engine:
            engine.update("INSERT DATA { GRAPH <x:g> { <x:a> <x:b> <x:c> } }")
        assert own.get("/version").json()["derived"] == "lagging"
