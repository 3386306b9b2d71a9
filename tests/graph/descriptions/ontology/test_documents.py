"""The documents of the ontology."""

import pyoxigraph as ox

from comity.graph.descriptions.ontology.documents import document, document_names
from comity.graph.rdf.namespaces import ONTOLOGY


def test_the_documents_are_those_of_the_release() -> None:
    assert document_names()[:2] == ("", "shapes")
    assert len(document_names()) == 14
    assert document().iri == ox.NamedNode(ONTOLOGY)
