"""Check 3: ontology and facts are consistent in OWL 2 DL and no class is unsatisfiable (HermiT)."""

import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import chdir, redirect_stderr, redirect_stdout
from io import StringIO
from pathlib import Path

import pyoxigraph as ox

from comity.graph.checks.findings import Finding, Material
from comity.graph.rdf.namespaces import COMITY
from comity.graph.rdf.terms import shorten

NO_JAVA = (
    "not checked: HermiT needs Java. Install it (Debian: apt-get install default-jre-headless) "
    "and run the check again."
)


def check_owl(material: Material) -> Iterator[Finding]:
    """Run HermiT over the union of the graphs; skipped without Java.

    HermiT does not explain an inconsistency; the hygiene rule `disjoint-classes` finds the usual
    causes.
    """
    if shutil.which("java") is None:
        yield Finding("owl", "hermit", NO_JAVA, severity="skipped")
        return
    with tempfile.TemporaryDirectory() as folder:
        file = Path(folder) / "graph.nt"
        # owlready2 reads N-Triples; from Turtle it silently reads nothing.
        material.union.serialize(file, format="nt", encoding="utf-8")
        # HermiT builds a base IRI from the working directory, and fails if that is "/".
        with chdir(folder):
            yield from _reason(file, sum(1 for _ in material.union.subjects(unique=True)))


def _reason(file: Path, subjects: int) -> Iterator[Finding]:
    import owlready2

    world = owlready2.World()
    ontology = world.get_ontology(file.as_uri()).load()
    classes = [c for c in ontology.classes() if c.iri.startswith(COMITY)]
    if not classes:
        yield Finding("owl", "load", f"the reasoner read no class of {subjects} subjects")
        return
    output = StringIO()
    try:
        with redirect_stdout(output), redirect_stderr(output):
            owlready2.sync_reasoner_hermit(world, infer_property_values=False, debug=1)
    except owlready2.OwlReadyInconsistentOntologyError:
        yield Finding(
            "owl",
            "inconsistent",
            "ontology and facts contradict each other; see the findings of the rule "
            "disjoint-classes, or remove the newest records one by one",
        )
        return
    except owlready2.base.OwlReadyJavaError as error:
        yield Finding("owl", "hermit", " ".join(str(error).split())[:300])
        return
    for unsatisfiable in world.inconsistent_classes():
        if not re.search(r"#Nothing$", unsatisfiable.iri):
            yield Finding(
                "owl",
                "unsatisfiable",
                "this class can have no individuals: its superclasses exclude each other",
                record=shorten(ox.NamedNode(unsatisfiable.iri)),
            )
