"""Prefixes and IRI bases of Comity."""

from typing import Final

from pyoxigraph import NamedNode

BASE: Final = "https://w3id.org/comity/"
ONTOLOGY: Final = BASE + "ontology"
COMITY: Final = ONTOLOGY + "#"
ID: Final = BASE + "id/"
SOURCE: Final = BASE + "source/"
GRAPH: Final = BASE + "graph/"

PREFIXES: Final[dict[str, str]] = {
    "comity": COMITY,
    "id": ID,
    "source": SOURCE,
    "graph": GRAPH,
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "rdfs": "http://www.w3.org/2000/01/rdf-schema#",
    "owl": "http://www.w3.org/2002/07/owl#",
    "xsd": "http://www.w3.org/2001/XMLSchema#",
    "skos": "http://www.w3.org/2004/02/skos/core#",
    "dcterms": "http://purl.org/dc/terms/",
    "prov": "http://www.w3.org/ns/prov#",
    "oa": "http://www.w3.org/ns/oa#",
    "sh": "http://www.w3.org/ns/shacl#",
    "void": "http://rdfs.org/ns/void#",
    "foaf": "http://xmlns.com/foaf/0.1/",
    "vann": "http://purl.org/vocab/vann/",
    "wd": "http://www.wikidata.org/entity/",
}

# Graphs that Comity writes itself: the record of the bundle, the ontology, the derived triples.
RECORD_GRAPH: Final = NamedNode(GRAPH + "bundle")
ONTOLOGY_GRAPH: Final = NamedNode(GRAPH + "ontology")
DERIVED_GRAPH: Final = NamedNode(GRAPH + "derived")
