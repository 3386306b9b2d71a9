"""Check 7: nothing merely hoped, planned, believed … can be read as a fact.

For each modality a probe, a record with a contemplated event as its content, is added to a copy of
the graph, and all consequences are drawn: those of OWL RL and RDFS (owlrl), and Comity's own
derived facts with their shortcut rules. This must yield neither a triple between the probe's things
nor an instance of Event; nor may inference yield one from any record of the graph itself.
"""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pyoxigraph as ox

from comity.graph.checks.findings import Finding, Material
from comity.graph.rdf.namespaces import BASE, COMITY, DERIVED_GRAPH, PREFIXES
from comity.graph.rdf.terms import shorten
from comity.graph.reasoning.materialisation import derive

if TYPE_CHECKING:
    import rdflib

PROBE = BASE + "probe/"
MODALITIES = [
    "asserted",
    "presupposed",
    "evaluated",
    "predicted",
    "hoped",
    "planned",
    "proposed",
    "committed",
    "believed",
    "claimed",
]

_PROBE = """
<{p}{m}-record> a comity:Claim ; rdfs:label "probe"@en ; comity:modality comity:{m} ;
  comity:holder <{p}{m}-holder> ; comity:reportedBy <{p}{m}-reporter> ;
  comity:source <{p}{m}-source> ; comity:content <{p}{m}-content> .
<{p}{m}-content> a comity:ContemplatedEvent ; comity:contentKind comity:Meeting ;
  comity:contentAgent <{p}{m}-agent> , <{p}{m}-other> ; comity:contentObject <{p}{m}-object> ;
  comity:contentPlace <{p}{m}-place> ; comity:contentFormat <{p}{m}-format> ;
  comity:status comity:scheduled .
<{p}{m}-agent> a comity:State . <{p}{m}-other> a comity:State .
<{p}{m}-object> a comity:Agreement . <{p}{m}-place> a comity:Place . <{p}{m}-format> a comity:Format .
"""

# Things related through a proposition must not be related by a triple of their own.
_RELATED = f"""
SELECT DISTINCT ?content ?a ?p ?b WHERE {{
  ?record <{COMITY}content>/
    (<{COMITY}antecedent>|<{COMITY}consequent>|<{COMITY}contentProposition>)* ?content .
  ?content <{COMITY}contentAgent> ?a .
  ?content <{COMITY}contentAgent>|<{COMITY}contentObject>|<{COMITY}contentPlace>|<{COMITY}contentFormat> ?b .
  FILTER(?a != ?b)
  ?a ?p ?b .
  FILTER(!STRSTARTS(STR(?p), "{PREFIXES["owl"]}"))
}}"""

_EVENTS = f"""
SELECT DISTINCT ?content WHERE {{
  ?content a <{COMITY}Event> ; a <{COMITY}Proposition> .
}}"""

# Memberships and offices of the same pair in reference data are facts in their own right.
_STRUCTURAL = {COMITY + name for name in ("groupMember", "officeOf", "organOf", "capitalOf")}


def check_leaks(material: Material) -> Iterator[Finding]:
    """Inject a probe for each modality, draw all consequences and report the leaks."""
    store = closure(material)
    for row in store.query(_EVENTS):  # type: ignore[union-attr]
        yield _finding(
            material, row["content"], "contemplated-as-event", "is an event by inference"
        )
    for row in store.query(_RELATED):  # type: ignore[union-attr]
        if row["p"].value in _STRUCTURAL:
            continue
        said = f"{shorten(row['a'])} {shorten(row['p'])} {shorten(row['b'])}"
        yield _finding(material, row["content"], "plain-triple", f"reads as fact: {said}")
    yield from _derived_leaks(material)


def _derived_leaks(material: Material) -> Iterator[Finding]:
    """Report what Comity's own rules derive from the probes, which may be types only."""
    store = ox.Store()
    store.extend(material.store)
    graph = ox.NamedNode(PROBE + "graph")
    text = _probes() + f'<{graph.value}> <{PREFIXES["dcterms"]}date> "2021-02-22" .'
    probes = ox.parse(text, format=ox.RdfFormat.TURTLE)
    store.extend(ox.Quad(q.subject, q.predicate, q.object, graph) for q in probes)
    derive(store)
    for quad in store.quads_for_pattern(None, None, None, DERIVED_GRAPH):
        said = " ".join(map(shorten, quad.triple))
        if quad.object == ox.NamedNode(COMITY + "Event") and PROBE in str(quad.subject):
            yield Finding("leaks", "contemplated-as-event", f"derived: {said}")
        # What a record is about, its own properties say.
        if str(quad.subject).endswith("-record>"):
            continue
        if PROBE in str(quad.subject) and PROBE in str(quad.object):
            yield Finding("leaks", "derived-triple", f"a rule derives a fact from a hope: {said}")


def _probes() -> str:
    head = "".join(f"@prefix {name}: <{PREFIXES[name]}> .\n" for name in ("comity", "rdfs"))
    return head + "".join(_PROBE.format(p=PROBE, m=modality) for modality in MODALITIES)


def closure(material: Material) -> ox.Store:
    """Return the union of all graphs with the probes, and its OWL RL and RDFS closure."""
    import owlrl
    import rdflib

    graph = rdflib.Graph()
    for triple in material.union:
        graph.add(triple)
    graph.parse(data=_probes(), format="turtle")
    owlrl.DeductiveClosure(owlrl.RDFS_OWLRL_Semantics).expand(_without_text(graph))
    store = ox.Store()
    store.bulk_load(graph.serialize(format="nt", encoding="utf-8"), ox.RdfFormat.N_TRIPLES)
    return store


def _without_text(graph: "rdflib.Graph") -> "rdflib.Graph":
    # Labels and definitions imply nothing and take most of the closure's time.
    import rdflib

    for subject, predicate, object_ in list(graph):
        if isinstance(object_, rdflib.Literal):
            graph.remove((subject, predicate, object_))
    return graph


def _finding(material: Material, content: ox.NamedNode, rule: str, message: str) -> Finding:
    return Finding(
        "leaks", rule, message, record=shorten(content), passage=material.passage(content)
    )
