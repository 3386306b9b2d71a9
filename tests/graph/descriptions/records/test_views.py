"""Views of a description: things and records as plain data."""

import pyoxigraph as ox
import pytest

from comity.graph.descriptions.description import Description
from comity.graph.descriptions.links import Link
from comity.graph.descriptions.records.views import Views
from comity.graph.rdf.namespaces import BASE, COMITY, ID, PREFIXES, SOURCE

SPEECH = SOURCE + "speech"
FACTS = f"""
@prefix comity: <{COMITY}> .
@prefix ex: <http://example.org/> .
@prefix id: <{ID}> .
@prefix oa: <{PREFIXES["oa"]}> .
@prefix rdfs: <{PREFIXES["rdfs"]}> .
@prefix skos: <{PREFIXES["skos"]}> .
@prefix xsd: <{PREFIXES["xsd"]}> .
@prefix s: <{SPEECH}#> .
@prefix source: <{SOURCE}> .
comity:opposed rdfs:label "opposed"@en .
comity:hoped rdfs:label "hoped"@en .
comity:erroneous rdfs:label "erroneous"@en .
comity:Position rdfs:label "position"@en .
id:avaria a comity:State , comity:Agent ; rdfs:label "Avaria"@en , "Avarien"@de ; skos:altLabel "Av" ;
  comity:memberOf id:river-format ; ex:foundedOn "1950-03-04T00:00:00Z"^^xsd:dateTime ; ex:rank 5 .
id:bactria comity:partnerOf id:avaria ; comity:neighbourOf id:avaria .
s:f1 a comity:Position ; rdfs:label "Avaria hopes for talks"@en ; comity:modality comity:hoped ;
  comity:holder id:avaria ; comity:source source:speech ; comity:stance comity:opposed ;
  comity:earliest "2020-05-01T00:00:00Z"^^xsd:dateTime ; comity:latest "2020-05-31T23:59:59Z"^^xsd:dateTime ;
  comity:precision comity:month ; comity:evidence s:q1 ; comity:content s:c1 .
s:q1 comity:words "we hope" ; comity:passage s:s1 ; comity:startOffset 3 ; comity:endOffset 10 ;
  oa:hasSelector s:q1-words .
s:s1 comity:sentenceNumber 1 .
s:c1 a comity:ContemplatedEvent ; comity:antecedent s:c2 ; comity:contentObject id:avaria ;
  comity:contentEarliest "2022-01-01T00:00:00Z"^^xsd:dateTime ;
  comity:contentLatest "2022-12-31T23:59:59Z"^^xsd:dateTime ; comity:contentPrecision comity:year .
s:c2 a comity:StateOfAffairs ; rdfs:label "peace"@en ; comity:consequent s:c1 .
s:n1 a comity:Correction ; comity:onRecord s:f1 ; comity:verdict comity:erroneous ;
  rdfs:comment "They said so later."@en ; comity:correctedRecord s:f2 .
"""


def described(iri: str) -> Description:
    triples = [quad.triple for quad in ox.parse(FACTS, ox.RdfFormat.TURTLE)]
    return Description(ox.NamedNode(iri), sorted(triples, key=str))


@pytest.fixture
def views() -> Views:
    return Views(described(ID + "avaria"))


def test_a_thing_is_told_by_its_narrowest_class_first(views: Views) -> None:
    thing = views.thing()
    assert thing.label == "Avaria"
    assert [kind.iri for kind in thing.types] == [COMITY + "State", COMITY + "Agent"]
    assert thing.names == [("Av", ""), ("Avarien", "de")]


def test_what_rules_derive_stands_apart_with_its_triple(views: Views) -> None:
    thing = views.thing()
    assert [(fact.name.text, fact.values) for fact in thing.facts] == [
        ("founded on", [Link("4 March 1950")]),
        ("rank", [Link("5")]),
    ]
    (derived,) = thing.derived
    assert derived.derived == [(ID + "avaria", COMITY + "memberOf", ID + "river-format")]


def test_what_points_here_tells_what_rules_derive(views: Views) -> None:
    found = {fact.name.iri: fact for fact in views.thing().incoming}
    assert found[COMITY + "neighbourOf"].derived == ()
    assert found[COMITY + "neighbourOf"].values == [Link("id:bactria", ID + "bactria")]


def test_a_record_has_its_words_time_and_notes(views: Views) -> None:
    record = views.record(SPEECH + "#f1")
    assert (record.kind.text, record.modality, record.when) == ("position", "hoped", "May 2020")
    assert record.holders == [Link("Avaria", ID + "avaria")]
    assert [(fact.name.text, fact.values[0].text) for fact in record.facts] == [
        ("stance", "opposed")
    ]
    (quoted,) = record.quotations
    assert (quoted.words, quoted.sentence, quoted.start, quoted.end) == ("we hope", "1", "3", "10")
    assert quoted.anchors == ["q1", "q1-words"]
    (note,) = record.notes
    assert note.is_correction and note.verdict == "erroneous"
    assert [link.iri for link in note.instead] == [SPEECH + "#f2"]


def test_a_proposition_has_its_parts_though_they_go_round(views: Views) -> None:
    (content,) = views.record(SPEECH + "#f1").contents
    assert [(name, part.label) for name, part in content.parts] == [("comity:antecedent", "peace")]
    assert content.parts[0][1].parts == []
    assert [(fact.name.text, fact.values[0].text) for fact in content.facts] == [
        ("content object", "Avaria"),
        ("when", "2022"),
    ]


def test_an_anchor_stands_on_a_page_once(views: Views) -> None:
    first, second = views.record(SPEECH + "#f1"), views.record(SPEECH + "#f1")
    assert (first.anchor, second.anchor) == ("f1", "")
    assert second.quotations[0].anchors == []


def test_a_term_without_a_label_is_short(views: Views) -> None:
    assert views.named(BASE + "graph/states") == Link("graph:states", BASE + "graph/states")
    assert views.link(ox.Literal("5")) == Link("5")
