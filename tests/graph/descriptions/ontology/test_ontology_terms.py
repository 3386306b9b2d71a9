"""The terms of the ontology as plain data."""

import pyoxigraph as ox

from comity.graph.descriptions.links import Link
from comity.graph.descriptions.ontology.documents import document, document_names
from comity.graph.descriptions.ontology.terms import OntologyTerm, about, sections, shapes, title
from comity.graph.rdf.namespaces import COMITY

RECORD = Link("record", COMITY + "Record")


def terms(section: str) -> dict[str, OntologyTerm]:
    (found,) = [each for each in sections() if each.anchor == section]
    return {term.anchor: term for term in found.terms}


def test_each_term_stands_in_one_section() -> None:
    found = [term.iri for section in sections() for term in section.terms]
    assert len(found) == len(set(found))
    assert set(found) == {
        subject.value
        for subject in document().subjects
        if isinstance(subject, ox.NamedNode) and subject.value.startswith(COMITY)
    }


def test_a_class_stands_below_what_it_is_a_kind_of() -> None:
    names = list(terms("classes"))
    assert names.index("Record") < names.index("Participation")
    relations = dict(terms("classes")["Participation"].relations)
    assert relations["kind of"] == [RECORD]
    assert "in role" in [link.text for link in relations["has"]]


def test_a_class_names_its_narrower_ones() -> None:
    kinds = dict(terms("classes")["Record"].relations)["kinds"]
    assert "participation" in [link.text for link in kinds]


def test_a_value_stands_with_its_list() -> None:
    stances = terms("values-Stance")
    assert "opposed" in stances
    assert dict(stances["opposed"].relations)["value of"] == [Link("stance", COMITY + "Stance")]


def test_alignments_tell_what_matches() -> None:
    matches = dict(terms("classes")["Record"].relations)["matches"]
    assert all(link.iri and not link.iri.startswith(COMITY) for link in matches)


def test_each_document_has_a_title_and_says_what_it_is_about() -> None:
    names = document_names()
    assert names
    for name in names:
        assert title(name) and about(name), name


def test_a_shape_has_its_message_apart() -> None:
    found = [shape for shape in shapes("shapes") if shape.message]
    assert found
    assert all(shape.anchor for shape in found)
    said = [property.text for shape in found for property, _ in shape.said]
    assert said and "message" not in said
