"""The ontology as a document: what its definitions and examples name is there."""

import re
from pathlib import Path

import pyoxigraph as ox
import pytest

from comity.graph.checks.findings import Material, read_material
from comity.graph.installed import ontology_folder
from comity.graph.rdf.namespaces import COMITY, ONTOLOGY, PREFIXES, SOURCE

SH = PREFIXES["sh"]
ARTICLE = SOURCE + "moscow-tehran-relations#"


@pytest.fixture(scope="module")
def material() -> Material:
    return read_material()[0]


def values(material: Material, predicate: str) -> dict[str, str]:
    rows = material.rows(
        f"SELECT ?term ?value WHERE {{ ?term <{PREFIXES['skos']}{predicate}> ?value "
        f"FILTER(STRSTARTS(STR(?term), '{COMITY}')) }}"
    )
    return {row["term"].value.removeprefix(COMITY): row["value"].value for row in rows}


def test_examples_name_records_that_exist(material: Material) -> None:
    nodes = {
        quad.subject.value for quad in material.store if isinstance(quad.subject, ox.NamedNode)
    }
    named = {
        (term, name)
        for term, example in values(material, "example").items()
        for name in re.findall(r"\b[fcqs]\d\d(?:\.\d(?:-[a-z-]+)?)?\b", example)
    }
    assert named
    for term, name in named:
        assert ARTICLE + name in nodes, f"{term}: {name}"


def test_an_example_of_a_value_has_that_value(material: Material) -> None:
    """'hoped' gives f14.1 as its example; f14.1 is hoped."""
    examples = {
        term: example
        for term, example in values(material, "example").items()
        if re.fullmatch(r"[fc]\d\d\.\d(-[a-z-]+)?", example)
    }
    assert "hoped" in examples
    for term, example in examples.items():
        node, value = ox.NamedNode(ARTICLE + example), ox.NamedNode(COMITY + term)
        uses = [*material.store.quads_for_pattern(node, None, value, None)]
        judged = [*material.store.quads_for_pattern(None, None, node, None)]
        judged = [q for j in judged for q in material.store.quads_for_pattern(j[0], None, value)]
        assert uses or judged, f"{term}: {example}"


def test_definitions_name_terms_that_exist(material: Material) -> None:
    definitions = values(material, "definition")
    named = {
        (term, name)
        for term, definition in definitions.items()
        for name in re.findall(r"\b[a-z]+[A-Z]\w+\b", definition)
    }
    assert named
    for term, name in named:
        assert name in definitions.keys() | {"endOffset", "dcterms"}, f"{term}: {name}"


def test_the_header_says_what_it_is(material: Material) -> None:
    (row,) = material.rows(
        "PREFIX owl: <http://www.w3.org/2002/07/owl#> PREFIX dcterms: <http://purl.org/dc/terms/> "
        "PREFIX vann: <http://purl.org/vocab/vann/> SELECT * WHERE { "
        f"<{ONTOLOGY}> owl:versionIRI ?version ; dcterms:license ?licence ; dcterms:creator ?who ; "
        "vann:preferredNamespacePrefix ?prefix ; vann:preferredNamespaceUri ?base }"
    )
    assert row["prefix"].value == "comity"
    assert row["base"].value == COMITY


def test_alignments_import_nothing() -> None:
    files = sorted(Path(ontology_folder()).glob("**/*.ttl"))
    assert len(files) >= 14
    for file in files:
        assert "owl:imports" not in re.sub(r"#.*", "", file.read_text(encoding="utf-8")), file.name


# How a vocabulary tells a class from a property: by the case of its first letter, but for two.
PROPERTIES = {"crminf": re.compile("J"), "wikidata": re.compile("P"), "": re.compile("[a-z]")}


def test_a_class_is_matched_to_a_class_and_a_property_to_a_property(material: Material) -> None:
    kinds = {
        row["term"].value: row["kind"].value.endswith("Property")
        for row in material.rows(
            "PREFIX owl: <http://www.w3.org/2002/07/owl#> SELECT ?term ?kind WHERE { ?term a ?kind "
            "FILTER(?kind IN (owl:Class, owl:ObjectProperty, owl:DatatypeProperty)) "
            f"FILTER(STRSTARTS(STR(?term), '{COMITY}')) }}"
        )
    }
    matched = 0
    for file in sorted((ontology_folder() / "alignments").glob("*.ttl")):
        property_ = PROPERTIES.get(file.stem, PROPERTIES[""])
        for quad in ox.parse(file.read_bytes(), ox.RdfFormat.TURTLE):
            subject, predicate, object_ = quad.triple
            name = predicate.value.rpartition("#")[2]
            if not re.fullmatch(
                "(exact|close|broad|narrow|related)Match|sub(Class|Property)Of", name
            ):
                continue
            if subject.value not in kinds or file.stem == "plover":
                continue  # a value of a list, or an event code, which is neither
            other = re.split("[/#]", object_.value)[-1]
            assert kinds[subject.value] == bool(property_.match(other)), (
                file.name,
                subject,
                object_,
            )
            matched += 1
    assert matched > 100


def test_at_least_forty_issues_in_a_hierarchy(material: Material) -> None:
    rows = material.rows(
        "PREFIX skos: <http://www.w3.org/2004/02/skos/core#> SELECT ?issue ?broader WHERE { "
        f"?issue a <{COMITY}Issue> OPTIONAL {{ ?issue skos:broader ?broader }} }}"
    )
    assert len({row["issue"] for row in rows}) >= 40
    assert sum("broader" in row for row in rows) > len(rows) / 2


def test_the_picture_names_no_term_that_is_gone(material: Material) -> None:
    drawn = (ontology_folder() / "comity.svg").read_text(encoding="utf-8")
    words = {word for text in re.findall(r">([^<]+)</text>", drawn) for word in text.split()}
    named = {word for word in words if re.fullmatch(r"[A-Za-z]+[a-z][A-Z]\w+", word)}
    assert len(named) > 10
    assert named <= set(values(material, "definition"))


def test_owl_and_shacl_ask_for_one_value_of_the_same_properties(material: Material) -> None:
    def properties(where: str) -> set[str]:
        rows = material.rows(f"SELECT DISTINCT ?property WHERE {{ {where} }}")
        return {row["property"].value for row in rows if row["property"].value.startswith(COMITY)}

    functional = properties(f"?property a <{PREFIXES['owl']}FunctionalProperty>")
    shapes = properties(f"?shape <{SH}path> ?property ; <{SH}maxCount> 1")
    assert len(functional) > 30 and functional == shapes
