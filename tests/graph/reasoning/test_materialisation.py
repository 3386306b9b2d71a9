"""Derived facts: what each rule and each axiom gives, and above all what none may give."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import owlrl
import places
import pyoxigraph as ox
import pytest
import rdflib
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.graph.catalogue.front_matter import QueryFile, read_folder, read_query
from comity.graph.checks.leaks import MODALITIES
from comity.graph.checks.questions import ask, difference
from comity.graph.engines.bundle import Bundle, renew
from comity.graph.engines.embedded.load import LoadProgress, load
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.errors import DataError
from comity.graph.installed import ontology_folder, queries_folder
from comity.graph.rdf.files import read_quads
from comity.graph.rdf.namespaces import COMITY, DERIVED_GRAPH, GRAPH, PREFIXES
from comity.graph.rdf.terms import read_term, shorten
from comity.graph.reasoning import closure
from comity.graph.reasoning.explanation import Derivations
from comity.graph.reasoning.materialisation import derive
from comity.graph.reasoning.rules import read_rules, rules_folder
from comity.graph.store.record import forget_derived

DATA = places.DATA / "reason"
NAMES = [rule.name for rule in read_rules()]
RULES = sorted(file.stem for file in rules_folder().glob("*.rq"))
POSITIONS = {"hasPositionOn", "jointPositionWith"}
Triples = set[ox.Triple]


def fixture(rule: str, wanted: str) -> list[ox.Quad]:
    """The graph `yes` of a rule's file, or all its others."""
    yes = ox.NamedNode("https://example.org/yes")
    quads = read_quads(DATA / f"{rule}.trig")
    return [quad for quad in quads if (quad.graph_name == yes) == (wanted == "yes")]


def expected(rule: str) -> Triples:
    found = set()
    for line in read_query(DATA / f"{rule}.trig").fields["derives"]:
        subject, name, object_ = line.split()
        terms = (
            ox.NamedNode(t.replace(":", "https://example.org/")) if t[0] == ":" else read_term(t)
            for t in (subject, object_)
        )
        first, second = terms
        assert isinstance(first, ox.NamedNode)
        found.add(ox.Triple(first, ox.NamedNode(COMITY + name), second))
    return found


def with_ontology(quads: list[ox.Quad]) -> ox.Store:
    store = ox.Store()
    store.extend(read_quads(ontology_folder() / "comity.ttl", ox.NamedNode(GRAPH + "ontology")))
    store.extend(quads)
    return store


def derived(store: ox.Store, rule: str | None = None) -> Triples:
    name = ox.NamedNode(COMITY + rule) if rule else None
    return {quad.triple for quad in store.quads_for_pattern(None, name, None, DERIVED_GRAPH)}


def conclusions(quads: list[ox.Quad], rule: str) -> Triples:
    store = with_ontology(quads)
    derive(store)
    return derived(store, rule)


# --- the rules


def test_each_rule_is_a_property_with_controls() -> None:
    ontology = with_ontology([])
    stated = ontology.quads_for_pattern(None, ox.NamedNode(COMITY + "rule"), None, None)
    named = {
        (str(quad.subject)[1:-1].rpartition("#")[2], quad.object.value)
        for quad in stated
        if isinstance(quad.object, ox.Literal)
    }
    assert named == {(name, f"{name}.rq") for name in NAMES}
    assert {file.stem for file in DATA.glob("*.trig")} == set(RULES)
    assert all(rule.text.startswith("#+ summary: ") for rule in read_rules())


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_derives(rule: str) -> None:
    assert conclusions(fixture(rule, "yes"), rule) == expected(rule)


@pytest.mark.parametrize("rule", RULES)
def test_a_rule_does_not_derive(rule: str) -> None:
    quads = fixture(rule, "no")
    assert len(quads) > 4
    assert conclusions(quads, rule) == set()


@pytest.mark.parametrize("modality", MODALITIES)
@pytest.mark.parametrize("rule", RULES)
def test_only_what_is_told_as_fact_derives(rule: str, modality: str) -> None:
    facts = {"asserted", "presupposed"} | ({"committed"} if rule in POSITIONS else set())
    said = ox.NamedNode(COMITY + "modality")
    quads = [
        ox.Quad(q.subject, said, ox.NamedNode(COMITY + modality), q.graph_name)
        if q.predicate == said
        else q
        for q in fixture(rule, "yes")
    ]
    right = expected(rule) if modality in facts else set()
    assert conclusions(quads, rule) == right


@pytest.mark.parametrize("rule", RULES)
def test_a_record_that_is_erroneous_derives_nothing(rule: str) -> None:
    quads = fixture(rule, "yes")
    modality, note = ox.NamedNode(COMITY + "modality"), ox.NamedNode("https://example.org/note")
    verdict = ox.NamedNode(COMITY + "verdict")
    on = ox.NamedNode(COMITY + "onRecord")
    records = {quad.subject for quad in quads if quad.predicate == modality}
    notes = [ox.Quad(note, on, record, note) for record in records]
    vague = ox.Quad(note, verdict, ox.NamedNode(COMITY + "vague"), note)
    assert conclusions([*quads, *notes, vague], rule) == expected(rule)
    erroneous = ox.Quad(note, verdict, ox.NamedNode(COMITY + "erroneous"), note)
    assert conclusions([*quads, *notes, erroneous], rule) == set()


@pytest.mark.parametrize(
    "text",
    [
        "CONSTRUCT { ?a comity:other ?b } WHERE { ?a ?p ?b }",
        "CONSTRUCT { ?a comity:bad ?b . ?b comity:bad ?a } WHERE { ?a ?p ?b }",
        "CONSTRUCT { ?a comity:bad comity:b } WHERE { ?a ?p ?b }",
        "SELECT * WHERE { ?a ?p ?b }",
    ],
)
def test_a_faulty_rule_is_named(tmp_path: Path, text: str) -> None:
    (tmp_path / "bad.rq").write_text(f"PREFIX comity: <{COMITY}>\n{text}")
    with pytest.raises(DataError, match=r"bad\.rq"):
        derive(ox.Store(), tmp_path)


# --- the bundle


@pytest.fixture(scope="module")
def installed() -> Iterator[EmbeddedStore]:
    with closing(open_embedded("memory")) as store:
        yield store


def between(store: ox.Store, subject: str, object_: str) -> set[str]:
    """The shortcuts from one thing to another."""
    first, second = read_term(subject), read_term(object_)
    assert isinstance(first, ox.NamedNode)
    quads = store.quads_for_pattern(first, None, second, DERIVED_GRAPH)
    return {quad.predicate.value.rpartition("#")[2] for quad in quads}


# By hand from the article's facts: what its own records must give, and must not.
ARTICLE = [
    ("russia", "astana-format", {"participatesIn", "memberOf"}),  # f24.3
    ("iran", "astana-format", {"participatesIn", "memberOf"}),
    ("turkey", "astana-format", {"participatesIn", "memberOf"}),
    ("syria", "astana-format", set()),
    ("iran", "un-security-council-permanent-members", set()),  # f35.2 is erroneous
    ("germany", "un-security-council-permanent-members", set()),
    ("russia", "un-security-council", set()),  # f33.1: the chair of October 2020
    ("iran", "source:moscow-tehran-relations#c39.1", {"opposes"}),
    ("russia", "source:moscow-tehran-relations#c39.2", {"supports"}),
    ("russia", "gulf-security-jcpoa-linkage", {"hasPositionOn"}),
    ("russia", "source:moscow-tehran-relations#c22.1", {"interestedIn"}),
    ("iran", "palestinian-issue", {"hasPositionOn", "cooperatesOn"}),  # f40.1: no stance; f41.1
    ("russia", "iran", {"cooperatesWith", "jointPositionWith"}),
    ("iran", "syrian-settlement", {"cooperatesOn"}),
    ("iran", "hormuz-peace-initiative", {"putForward"}),
    (
        "vladimir-putin",
        "putin-seven-party-summit-proposal",
        {"putForward"},
    ),  # only the date of f35.1 is wrong
    ("united-states", "jcpoa", {"withdrewFrom"}),  # f15.1, never the hope f14.1
    ("mohammad-javad-zarif", "sergey-lavrov", set()),  # f03.5: the talks are a purpose
    ("mohammad-javad-zarif", "zarif-visit-to-moscow-2021-01", {"tookPartIn"}),
    ("joe-biden", "president-of-the-united-states", {"holdsOffice"}),  # f14.2, presupposed
    ("sergey-lavrov", "foreign-minister-of-russia", set()),  # f03.3 is of 26 January
]


@pytest.fixture(scope="module")
def article() -> ox.Store:
    """The article with what things are, and no other source."""
    store = ox.Store()
    apart = {"record", "security-council", "terms-of-office"}
    for name, triples in Bundle.installed().graphs().items():
        if name.value.removeprefix(GRAPH) not in apart:
            store.extend(ox.Quad(t.subject, t.predicate, t.object, name) for t in triples)
    derive(store)
    return store


@pytest.mark.parametrize(("subject", "object_", "shortcuts"), ARTICLE)
def test_what_the_article_gives(
    article: ox.Store, subject: str, object_: str, shortcuts: set[str]
) -> None:
    assert between(article, subject, object_) == shortcuts


def test_a_hope_gives_nothing(article: ox.Store) -> None:
    store = ox.Store()
    withdrawal = read_term("source:moscow-tehran-relations#f15.1")
    store.extend(quad for quad in article if quad.subject != withdrawal)
    derive(store)
    assert between(store, "united-states", "jcpoa") == set()
    assert any(quad.object == read_term("jcpoa") for quad in store)


def test_the_public_record_corrects_and_completes(installed: EmbeddedStore) -> None:
    store = installed.engine
    assert between(store, "vladimir-putin", "putin-seven-party-summit-proposal") == {"putForward"}
    assert between(store, "mohammad-javad-zarif", "sergey-lavrov") == {"metWith"}
    assert between(store, "iran", "un-security-council") == set()
    assert between(store, "germany", "un-security-council") == set()  # until the end of 2020
    assert between(store, "united-states", "jcpoa") == {"withdrewFrom"}
    # A political commitment has participants and no parties; a treaty that is only signed has neither.
    assert between(store, "iran", "jcpoa") == {"participatesIn"}
    assert between(store, "iran", "russia-iran-information-security-agreement") == set()
    assert between(store, "iran", "charter-of-the-united-nations") == {"participatesIn", "partyTo"}
    assert between(store, "iran", "united-nations") == {"participatesIn", "memberOf"}
    assert between(store, "donald-trump", "jcpoa") == set()


def test_meetings_are_events_and_plans_are_not(installed: EmbeddedStore) -> None:
    events = installed.select(f"SELECT ?e {{ ?e a <{COMITY}Event> }}")
    names = [row["e"].value for row in events]  # type: ignore[union-attr]
    assert names.count("https://w3id.org/comity/id/moscow-meeting-2021-01-11") == 1
    assert not [name for name in names if "#c" in name]


def test_no_derived_triple_stands_in_another_graph(installed: EmbeddedStore) -> None:
    triples = [quad.triple for quad in installed.engine]
    assert len(triples) == len(set(triples))


def test_every_derived_triple_has_a_derivation(installed: EmbeddedStore) -> None:
    find, triples = Derivations(installed.engine).find, derived(installed.engine)
    assert len(triples) > 100
    for triple in triples:
        found = find(triple)
        assert found is not None and found.premises, triple
        assert all(leaf.graphs for leaf in found.leaves())
        if triple.predicate.value.removeprefix(COMITY) in RULES:
            assert found.evidence, triple
            assert all(e.quotations or e.citations for e in found.evidence), triple


def test_every_rule_is_of_use_in_the_bundle(installed: EmbeddedStore) -> None:
    assert not [rule for rule in NAMES if not derived(installed.engine, rule)]


@pytest.mark.parametrize(
    "question", read_folder(queries_folder() / "questions"), ids=lambda q: q.name
)
def test_the_questions_have_the_same_answers(installed: EmbeddedStore, question: QueryFile) -> None:
    assert difference(question, ask(installed.engine, question)) == ""


def test_what_the_record_of_the_bundle_says(installed: EmbeddedStore) -> None:
    quads = installed.engine.quads_for_pattern(
        DERIVED_GRAPH, None, None, ox.NamedNode(GRAPH + "bundle")
    )
    said = {shorten(q.predicate): q.object.value for q in quads}  # type: ignore[union-attr]
    assert said["dcterms:identifier"] == Bundle.installed().rules_hash()
    assert said["void:triples"] == str(len(derived(installed.engine)))


def test_the_release_hash_covers_the_rules(tmp_path: Path) -> None:
    rules = tmp_path / "ontology" / "rules"
    rules.mkdir(parents=True)
    bundle = Bundle(tmp_path / "ontology", tmp_path / "graph")
    seen = {bundle.release_hash()}
    text = (rules_folder() / "metWith.rq").read_text(encoding="utf-8")
    (rules / "metWith.rq").write_text(text)
    seen.add(bundle.release_hash())
    (rules / "metWith.rq").write_text(text + "\n")
    seen.add(bundle.release_hash())
    assert len(seen) == 3


# --- loading


MINE = f"""
<https://example.org/mine> {{
  <https://example.org/r> a <{COMITY}ProposalReport> ; <{COMITY}modality> <{COMITY}asserted> ;
    <{COMITY}proponent> <{PREFIXES["id"]}oman> ; <{COMITY}proposal> <https://example.org/p> .
}}"""
PUT_FORWARD = (
    f"ASK {{ GRAPH <{DERIVED_GRAPH.value}> {{ ?s <{COMITY}putForward> <https://example.org/p> }} }}"
)


def test_a_load_derives_anew(tmp_path: Path) -> None:
    (tmp_path / "mine.trig").write_text(MINE)
    (tmp_path / "empty.trig").write_text("<https://example.org/mine> { <x:a> <x:b> <x:c> }")
    seen: list[LoadProgress] = []
    with closing(open_embedded("memory")) as store:
        before = derived(store.engine)
        report = load(store, [tmp_path / "mine.trig"], progress=seen.append)
        assert store.select(PUT_FORWARD)
        assert report.derived == len(derived(store.engine)) > len(before)
        assert "derived from all graphs" in str(report)
        assert {"metWith", "closure of the shortcuts"} <= {at.deriving for at in seen}
        load(store, [tmp_path / "empty.trig"], replace=True)
        assert not store.select(PUT_FORWARD)
        assert derived(store.engine) == before


def test_nothing_is_derived_without_the_bundle(empty: EmbeddedStore, tmp_path: Path) -> None:
    (tmp_path / "mine.trig").write_text(MINE)
    assert load(empty, [tmp_path / "mine.trig"]).derived is None
    assert not derived(empty.engine)


def test_what_is_stated_is_not_derived(tmp_path: Path) -> None:
    said = f"<{PREFIXES['id']}oman> <{COMITY}putForward> <https://example.org/p> ."
    (tmp_path / "mine.trig").write_text(f"{MINE} <https://example.org/g> {{ {said} }}")
    with closing(open_embedded("memory")) as store:
        load(store, [tmp_path / "mine.trig"])
        assert not store.select(PUT_FORWARD)
        triples = [quad.triple for quad in store.engine]
        assert len(triples) == len(set(triples))


def is_current(store: EmbeddedStore) -> bool:
    return bool(store.select((queries_folder() / "home" / "derived.rq").read_text()))


def test_a_write_makes_it_lag_until_it_is_renewed(tmp_path: Path) -> None:
    with closing(open_embedded("memory")) as store:
        assert is_current(store)
        with store.writing() as engine:
            engine.update(f"INSERT DATA {{ GRAPH <x:g> {{ <x:m> a <{COMITY}Meeting> }} }}")
        assert not is_current(store)
        with store.replacing() as engine:
            renew(engine)
        assert is_current(store)
        assert store.select(f"ASK {{ <x:m> a <{COMITY}Event> }}")
        with store.replacing() as engine:
            forget_derived(engine)
        assert not is_current(store)


def test_the_derived_graph_is_emptied_whatever_is_in_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(closure, "_MANY", 3)
    text = """<x:a> a <x:C>, <x:D>, _:kind ; <x:p> 1, 2, 3, 4, 5, 6, 7, "b"@en, <<( <x:s> <x:t> <x:o> )>> .
      _:one a <x:C>, _:two ; <x:q> _:three, <x:C> . <x:b> a <x:C> . <x:c> a <x:C> . <x:d> a <x:C> ."""
    store = ox.Store()
    for name in (DERIVED_GRAPH, ox.NamedNode("x:mine")):
        quads = ox.parse(text, ox.RdfFormat.TURTLE)
        store.extend(ox.Quad(q.subject, q.predicate, q.object, name) for q in quads)
    mine = len(store) // 2
    assert closure.size(store) == mine
    closure.clear(store)
    assert closure.size(store) == 0
    assert len(store) == mine
    assert DERIVED_GRAPH not in set(store.named_graphs())


STOPPED = """
import os, signal, sys
from comity.graph.engines.bundle import renew
from comity.graph.engines.opening import open_embedded

def stop(what):
    if what == "metWith":
        os.kill(os.getpid(), int(sys.argv[2]))

store = open_embedded(sys.argv[1])
with store.replacing() as engine:
    renew(engine, progress=stop)
"""


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGKILL])
def test_deriving_that_is_stopped_leaves_the_store_whole(
    tmp_path: Path, sign: signal.Signals
) -> None:
    open_embedded(tmp_path / "store").close()
    arguments = [sys.executable, "-c", STOPPED, str(tmp_path / "store"), str(int(sign))]
    done = subprocess.run(arguments, check=False, capture_output=True, timeout=60, env=os.environ)
    assert done.returncode != 0
    with closing(open_embedded(tmp_path / "store")) as store:
        assert is_current(store)
        assert derived(store.engine, "metWith") and derived(store.engine, "withdrewFrom")


# --- the ontology's consequences, compared with owlrl


EX = "https://example.org/"
_CLASSES = [f"{EX}C{n}" for n in range(4)]
_PROPERTIES = [f"{EX}p{n}" for n in range(4)]
_NODES = [f"{EX}n{n}" for n in range(4)]
_RDFS, _OWL = PREFIXES["rdfs"], PREFIXES["owl"]
_TYPE = PREFIXES["rdf"] + "type"


def _three(subjects: list[str], names: list[str], objects: list[str]) -> st.SearchStrategy[str]:
    terms = [st.sampled_from(group) for group in (subjects, names, objects)]
    return st.tuples(*terms).map(lambda t: "<{}> <{}> <{}> .".format(*t))


_CHAIN = st.tuples(*(st.sampled_from(_PROPERTIES) for _ in range(3)), st.integers(0, 99)).map(
    lambda t: (
        f"<{t[0]}> <{_OWL}propertyChainAxiom> <{EX}l{t[3]}> . "
        f"<{EX}l{t[3]}> <{PREFIXES['rdf']}first> <{t[1]}> ; "
        f"<{PREFIXES['rdf']}rest> <{EX}m{t[3]}> . <{EX}m{t[3]}> "
        f"<{PREFIXES['rdf']}first> <{t[2]}> ; <{PREFIXES['rdf']}rest> <{PREFIXES['rdf']}nil> ."
    )
)
_AXIOM = st.one_of(
    _three(_CLASSES, [_RDFS + "subClassOf"], _CLASSES),
    _three(_PROPERTIES, [_RDFS + "subPropertyOf", _OWL + "inverseOf"], _PROPERTIES),
    _three(_PROPERTIES, [_RDFS + "domain", _RDFS + "range"], _CLASSES),
    _three(_PROPERTIES, [_TYPE], [_OWL + "SymmetricProperty", _OWL + "TransitiveProperty"]),
)
_FACT = st.one_of(_three(_NODES, [_TYPE], _CLASSES), _three(_NODES, _PROPERTIES, _NODES))


@pytest.mark.slow
@settings(max_examples=60, deadline=None)
@given(
    st.lists(_AXIOM, max_size=8),
    st.lists(_CHAIN, max_size=1),
    st.lists(_FACT, min_size=1, max_size=8),
)
def test_consequences_are_those_of_owlrl(
    axioms: list[str], chain: list[str], facts: list[str]
) -> None:
    text = "\n".join((*axioms, *chain, *facts))
    store = ox.Store()
    store.extend(
        ox.Quad(q.subject, q.predicate, q.object, ox.NamedNode(EX + "g"))
        for q in ox.parse(text, ox.RdfFormat.TURTLE)
    )
    derive(store)
    graph = rdflib.Graph().parse(data=text, format="turtle")
    owlrl.DeductiveClosure(owlrl.RDFS_OWLRL_Semantics).expand(graph)
    nodes, names = set(_NODES), {_TYPE, *_PROPERTIES}
    ours = {tuple(str(t)[1:-1] for t in quad.triple) for quad in store}
    theirs = {tuple(map(str, triple)) for triple in graph}
    assert {t for t in ours if t[0] in nodes} == {
        t for t in theirs if t[0] in nodes and t[1] in names and t[2] in {*_NODES, *_CLASSES}
    }
    find = Derivations(store).find
    for triple in derived(store):
        assert find(triple) is not None, triple


def test_axioms_that_are_concluded_are_followed() -> None:
    text = f"""<{EX}p> <{EX}under> <{EX}q> . <{EX}under> <{_RDFS}subPropertyOf> <{_RDFS}subPropertyOf> .
      <{EX}kind> <{_RDFS}subPropertyOf> <{_TYPE}> . <{EX}C> <{_RDFS}subClassOf> <{EX}D> .
      <{EX}a> <{EX}p> <{EX}b> ; <{EX}kind> <{EX}C> ."""
    store = ox.Store()
    store.extend(read for read in ox.parse(text, ox.RdfFormat.TURTLE))
    derive(store)
    said = {str(quad.triple) for quad in store.quads_for_pattern(None, None, None, DERIVED_GRAPH)}
    assert f"<{EX}a> <{EX}q> <{EX}b>" in said
    assert f"<{EX}a> <{_TYPE}> <{EX}D>" in said


def test_a_property_that_is_its_own_inverse() -> None:
    store = ox.Store()
    text = f"<{EX}p> <{_OWL}inverseOf> <{EX}p> . <{EX}a> <{EX}p> <{EX}b> ."
    store.extend(ox.parse(text, ox.RdfFormat.TURTLE))
    derive(store)
    (triple,) = derived(store)
    assert str(triple) == f"<{EX}b> <{EX}p> <{EX}a>"
    assert Derivations(store).find(triple) is not None


def test_shapes_and_alignments_bind_no_one() -> None:
    store = ox.Store()
    for name in ("shapes", "alignments"):
        axiom = f"<{EX}C> <{_RDFS}subClassOf> <{EX}{name}> ."
        quads = ox.parse(axiom, ox.RdfFormat.TURTLE)
        graph = ox.NamedNode(GRAPH + name)
        store.extend(ox.Quad(q.subject, q.predicate, q.object, graph) for q in quads)
    store.extend(ox.parse(f"<{EX}a> a <{EX}C> .", ox.RdfFormat.TURTLE))
    assert derive(store).triples == 0


def test_literals_and_everything_get_no_class() -> None:
    text = f"""<{EX}p> <{_RDFS}range> <{EX}C> ; <{_RDFS}domain> <{_OWL}Thing> .
      <{EX}a> <{EX}p> "b" ; <{EX}t> "c" . <{EX}p> <{_OWL}inverseOf> <{EX}q> ."""
    store = ox.Store()
    store.extend(ox.parse(text, ox.RdfFormat.TURTLE))
    assert derive(store).triples == 0
