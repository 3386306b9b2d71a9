"""Classes and properties of the ontology."""

from comity.graph.descriptions.ontology.vocabulary import derived_properties
from comity.graph.installed import ontology_folder
from comity.graph.rdf.namespaces import COMITY
from comity.graph.reasoning.rules import rule_files


def test_each_rule_derives_a_property_that_says_so() -> None:
    rules = {COMITY + file.stem for file in rule_files(ontology_folder())}
    assert rules
    assert derived_properties() == rules
