"""The ontology as WebVOWL has it, by its schema and what its parser looks up."""

import io
import json
from collections import Counter
from typing import Any

import pyoxigraph as ox
import pytest
import read_vowl
import sample as networks
from hypothesis import given
from hypothesis import strategies as st
from jsonschema import ValidationError

from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.installed import ontology_folder
from comity.graph.networks.formats import vowl
from comity.graph.rdf.namespaces import COMITY, ONTOLOGY, ONTOLOGY_GRAPH, PREFIXES

RDF, RDFS, OWL = PREFIXES["rdf"], PREFIXES["rdfs"], PREFIXES["owl"]


def written(triples: Any) -> bytes:
    out = io.BytesIO()
    vowl.write(triples, networks.HEADER, out)
    return out.getvalue()


@pytest.fixture(scope="module")
def ontology() -> ox.Store:
    store = ox.Store()
    store.load(path=ontology_folder() / "comity.ttl", format=ox.RdfFormat.TURTLE)
    return store


@pytest.fixture(scope="module")
def data(ontology: ox.Store) -> bytes:
    return written(ontology)


def entries(data: bytes, name: str) -> dict[str, dict[str, Any]]:
    return {each["id"]: each for each in json.loads(data)[f"{name}Attribute"]}


def iris(ontology: ox.Store, type: str) -> set[str]:
    """The ontology's own terms of a type."""
    pattern = ontology.quads_for_pattern(None, ox.NamedNode(RDF + "type"), ox.NamedNode(type))
    found = {quad.subject.value for quad in pattern if isinstance(quad.subject, ox.NamedNode)}
    return {iri for iri in found if iri.startswith(COMITY)}


def test_it_is_what_webvowl_reads(data: bytes) -> None:
    nodes, lines = read_vowl.webvowl(data)
    assert len(nodes) > 90 and len(lines) > 200


def test_every_class_and_property_is_drawn(ontology: ox.Store, data: bytes) -> None:
    classes = [each["iri"] for each in entries(data, "class").values()]
    assert {iri for iri in classes if iri.startswith(COMITY)} == iris(ontology, OWL + "Class")
    own = Counter(iri for iri in classes if iri.startswith(COMITY))
    assert set(own.values()) == {1}
    kinds = {each["id"]: each["type"] for each in json.loads(data)["property"]}
    drawn = Counter((kinds[id], each.get("iri")) for id, each in entries(data, "property").items())
    for type, name in (("ObjectProperty", "object"), ("DatatypeProperty", "datatype")):
        for iri in iris(ontology, OWL + type):
            assert drawn[f"owl:{name}Property", iri] == 1
    assert drawn["rdfs:SubClassOf", None] == len(list(pairs(ontology, RDFS + "subClassOf")))
    assert drawn["owl:disjointWith", None] == len(list(pairs(ontology, OWL + "disjointWith")))


def pairs(ontology: ox.Store, predicate: str) -> Any:
    return ontology.quads_for_pattern(None, ox.NamedNode(predicate), None)


def test_nothing_of_the_ontology_is_beyond_what_is_drawn(ontology: ox.Store) -> None:
    """What would need more than this writer has: anonymous classes, several domains, equality."""
    for quad in ontology:
        assert not isinstance(quad.subject, ox.BlankNode)
        assert not isinstance(quad.object, ox.BlankNode)
    drawn = {"disjointWith", "inverseOf", "versionInfo", "versionIRI"}
    predicates = {quad.predicate.value for quad in ontology}
    assert {p.removeprefix(OWL) for p in predicates if p.startswith(OWL)} <= drawn
    for name in ("domain", "range"):
        ends = Counter(quad.subject for quad in pairs(ontology, RDFS + name))
        assert set(ends.values()) == {1}


def test_what_is_said_of_a_class(data: bytes) -> None:
    classes = entries(data, "class")
    state = classes["class_comity_State"]
    assert state["label"] == {"IRI-based": "State", "en": "state"}
    assert state["comment"]["en"].startswith("An agent with a territory")
    assert state["annotations"]["example"][0]["value"].startswith("Iran, also where")
    stances = classes["class_comity_Stance"]
    assert stances["instances"] == len(stances["individuals"]) == 6
    assert {"en": "opposed", "IRI-based": "opposed"} in [
        e["labels"] for e in stances["individuals"]
    ]
    assert classes["class_skos_Concept"]["attributes"] == ["external"]


def test_what_is_said_of_a_property(data: bytes) -> None:
    properties = entries(data, "property")
    stance = properties["property_comity_stance"]
    assert (stance["domain"], stance["range"]) == ("class_comity_Position", "class_comity_Stance")
    assert stance["attributes"] == ["functional"]
    assert properties["property_comity_metWith"]["attributes"] == ["symmetric"]
    member, above = (properties[f"property_comity_{n}"] for n in ("memberOf", "participatesIn"))
    assert member["superproperty"] == [above["id"]] and member["id"] in above["subproperty"]
    # No range of its own: a Thing beside its domain.
    assert member["range"] == "thing_comity_Agent"
    assert properties["property_comity_citation"]["domain"] == "thing_comity_Source"
    assert properties["property_comity_about"]["domain"] == "thing_comity_Issue"
    hedge = properties["property_comity_hedge"]
    datatype = entries(data, "datatype")[hedge["range"]]
    assert datatype["iri"] == PREFIXES["xsd"] + "string"


def test_lines_lead_from_the_narrower_class(data: bytes) -> None:
    kinds = {each["id"]: each["type"] for each in json.loads(data)["property"]}
    lines = {
        (each["domain"], each["range"])
        for id, each in entries(data, "property").items()
        if kinds[id] == "rdfs:SubClassOf"
    }
    assert ("class_comity_State", "class_comity_Agent") in lines
    assert ("class_comity_Issue", "class_skos_Concept") in lines


def test_inverse_properties_know_each_other() -> None:
    """So far as they are drawn: a property of others that nothing is said of is not."""
    data = written(
        ox.parse(
            f"""
            @prefix c: <{COMITY}> . @prefix e: <https://example.org/> .
            @prefix owl: <{OWL}> . @prefix rdfs: <{RDFS}> .
            c:A a owl:Class . c:B a owl:Class .
            c:leads a owl:ObjectProperty ; rdfs:domain c:A ; rdfs:range c:B ; owl:inverseOf e:led .
            c:follows a owl:ObjectProperty ; rdfs:domain c:B ; rdfs:range c:A ; owl:inverseOf c:leads .
            e:led a owl:ObjectProperty .
            """,
            ox.RdfFormat.TURTLE,
        )
    )
    read_vowl.webvowl(data)
    properties = entries(data, "property")
    assert set(properties) == {"property_comity_leads", "property_comity_follows"}
    assert properties["property_comity_leads"]["inverse"] == "property_comity_follows"
    assert properties["property_comity_follows"]["inverse"] == "property_comity_leads"


def test_what_is_said_of_the_ontology_and_of_the_file(data: bytes) -> None:
    document = json.loads(data)
    header = document["header"]
    assert header["iri"] == ONTOLOGY and header["version"] == "0.1.0"
    assert header["title"] == {"en": "The Comity ontology of diplomacy"}
    assert header["languages"] == ["IRI-based", "en", "undefined"]
    assert header["other"]["license"][0]["value"].endswith("/by/4.0/")
    assert header["other"]["file release"][0]["value"] == "abc123"
    metrics = document["metrics"]
    assert metrics["nodeCount"] == len(document["class"]) + len(document["datatype"])
    assert metrics["totalIndividualCount"] == 112


def test_the_graph_of_a_store_gives_the_same(article: EmbeddedStore, data: bytes) -> None:
    quads = article.engine.quads_for_pattern(None, None, None, ONTOLOGY_GRAPH)
    assert written(quads) == data


def test_it_is_always_the_same(ontology: ox.Store, data: bytes) -> None:
    assert written(reversed(list(ontology))) == data
    assert written(quad.triple for quad in ontology) == data


# Any ontology of these: names of its own and of others, some terms said to be two things.
NAMES = st.sampled_from([*(COMITY + name for name in "AaBb"), "https://example.org/A"])
TERMS = NAMES.map(ox.NamedNode)
LANGUAGES = st.sampled_from([None, "en", "fa", "zh-Hant"])
TEXTS = st.builds(ox.Literal, st.text(st.characters(exclude_categories=["Cs"])), language=LANGUAGES)
TYPES = st.sampled_from(["Class", "ObjectProperty", "DatatypeProperty", "SymmetricProperty"])
TRIPLES = st.lists(
    st.builds(ox.Triple, TERMS, st.just(ox.NamedNode(RDFS + "label")), TEXTS)
    | st.builds(
        ox.Triple,
        TERMS,
        st.just(ox.NamedNode(RDF + "type")),
        TYPES.map(lambda t: ox.NamedNode(OWL + t)),
    )
    | st.builds(
        ox.Triple,
        TERMS,
        st.sampled_from(["domain", "range", "subClassOf", "subPropertyOf"]).map(
            lambda name: ox.NamedNode(RDFS + name)
        ),
        TERMS,
    )
    | st.builds(ox.Triple, TERMS, st.just(ox.NamedNode(OWL + "disjointWith")), TERMS),
    max_size=20,
)


@given(TRIPLES)
def test_any_ontology_is_sound(triples: list[ox.Triple]) -> None:
    """It must have a class, else there is nothing to draw."""
    first = ox.Triple(
        ox.NamedNode(COMITY + "First"), ox.NamedNode(RDF + "type"), ox.NamedNode(OWL + "Class")
    )
    read_vowl.webvowl(written([first, *triples]))


# The check sees what it is for.
@pytest.mark.parametrize(
    ("pattern", "by"),
    [
        ('"domain":"class_comity_Position"', '"domain":"class_comity_Positions"'),
        ('"domain":"class_comity_Position",', ""),
        ('"namespace":[]', '"namespace":{}'),
        ('"type":"externalclass"', '"type":"class"'),
        ('"superproperty":["property_comity_participatesIn"]', '"superproperty":["property_x"]'),
        ('{"id":"class_comity_State","type":"owl:Class"},', ""),
        ('"id":"class_comity_State"', '"id":"class_comity_Person"'),
        ('"attributes":["symmetric"]', '"attributes":["mutual"]'),
        ('"label":{"IRI-based":"State","en":"state"}', '"label":null'),
        ('"datatypeAttribute":', '"datatypeAttributes":'),
    ],
)
def test_the_check_sees_faults(data: bytes, pattern: str, by: str) -> None:
    sound = data.decode()
    assert pattern in sound
    with pytest.raises((AssertionError, KeyError, ValidationError)):
        read_vowl.webvowl(sound.replace(pattern, by, 1).encode())
