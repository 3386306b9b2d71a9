"""Documents of this release's ontology: the ontology itself, its shapes, its alignments."""

from functools import cache
from typing import Final

import pyoxigraph as ox

from comity.graph.descriptions.description import Description
from comity.graph.installed import ontology_folder
from comity.graph.rdf.namespaces import COMITY, ONTOLOGY, PREFIXES

CLASS: Final = ox.NamedNode(PREFIXES["owl"] + "Class")
OBJECT_PROPERTY: Final = ox.NamedNode(PREFIXES["owl"] + "ObjectProperty")
DATATYPE_PROPERTY: Final = ox.NamedNode(PREFIXES["owl"] + "DatatypeProperty")
ANNOTATION_PROPERTY: Final = ox.NamedNode(PREFIXES["owl"] + "AnnotationProperty")


@cache
def document_names() -> tuple[str, ...]:
    """Return the names of all documents: "" is the ontology, others are like alignments/prov."""
    alignments = sorted((ontology_folder() / "alignments").glob("*.ttl"))
    return ("", "shapes", *(f"alignments/{file.stem}" for file in alignments))


@cache
def document(name: str = "") -> Description:
    """Return all triples of one document of `document_names`, sorted."""
    # The closed lists and the renamed terms belong to the ontology: an old term leads to the new one.
    files = [name] if name else ["comity", "distinct-values", "renamed"]
    triples = {
        quad.triple
        for file in files
        for quad in ox.parse(path=ontology_folder() / f"{file}.ttl", format=ox.RdfFormat.TURTLE)
    }
    iri = f"{ONTOLOGY}/{name}" if name else ONTOLOGY
    return Description(ox.NamedNode(iri), sorted(triples, key=str))


@cache
def version() -> str:
    """Return the version of the ontology, such as 0.1.0."""
    return document().text(ox.NamedNode(ONTOLOGY), PREFIXES["owl"] + "versionInfo") or ""


def own(name: str) -> ox.NamedNode:
    """Return the term of the ontology with this local name."""
    return ox.NamedNode(COMITY + name)
