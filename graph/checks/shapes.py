"""Check 4: the SHACL shapes of `ontology/shapes.ttl`, validated by pySHACL."""

from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pyoxigraph as ox

from comity.graph.checks.findings import Finding, Material
from comity.graph.installed import ontology_folder
from comity.graph.rdf.namespaces import PREFIXES
from comity.graph.rdf.terms import shorten

if TYPE_CHECKING:
    import rdflib
    from rdflib.term import Node

_SH = PREFIXES["sh"]


def check_shapes(material: Material, shapes: Path | None = None) -> Iterator[Finding]:
    """Yield one finding per validation result: focus node, path, message."""
    import rdflib
    from pyshacl import validate

    shapes_graph = rdflib.Graph().parse(shapes or ontology_folder() / "shapes.ttl")
    try:
        # The graph is in memory and ours: nothing may be fetched or inferred.
        _, results, _ = validate(
            material.union, shacl_graph=shapes_graph, inference="none", do_owl_imports=False
        )
    except TypeError as error:  # pySHACL 0.40 fails to compare ill-typed literals
        message = (
            f"the shapes could not be validated: {error}; correct the ill-typed literals first"
        )
        yield Finding("shapes", "not-comparable", message)
        return
    if not isinstance(results, rdflib.Graph):
        raise TypeError("pySHACL returned no results graph")
    found = results.subjects(rdflib.RDF.type, rdflib.URIRef(_SH + "ValidationResult"))
    findings = [_finding(material, results, result) for result in found]
    yield from sorted(findings, key=lambda f: (f.severity, f.record, f.rule, f.message))


def _finding(material: Material, results: "rdflib.Graph", result: "Node") -> Finding:
    import rdflib

    def value(name: str) -> str:
        found = results.value(result, rdflib.URIRef(_SH + name))
        return "" if found is None else str(found)

    focus, path, message = value("focusNode"), value("resultPath"), value("resultMessage")
    on = f"{shorten(ox.NamedNode(path))}: " if path.startswith("http") else ""
    node = ox.NamedNode(focus) if ":" in focus else ox.Literal(focus)
    return Finding(
        "shapes",
        _rule(value("sourceShape")),
        on + message,
        record=shorten(node),
        passage=material.passage(node),
        severity="error" if value("resultSeverity") == _SH + "Violation" else "warning",
    )


def _rule(shape: str) -> str:
    return shape.rpartition("#")[2] or shape
