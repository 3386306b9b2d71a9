"""Checks of the graph: eight kinds, whose findings name record, passage and rule.

In this order: files, hygiene, owl, shapes, quotations, coverage, leaks, questions. Anything missing
on this machine (Java, a source's text) gives a finding of severity `skipped` that says how to get
it.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path

from pyoxigraph import Quad

from comity.graph.checks.files import check_files
from comity.graph.checks.findings import Finding, Material, read_material
from comity.graph.checks.hygiene import check_hygiene
from comity.graph.checks.leaks import check_leaks
from comity.graph.checks.owl import check_owl
from comity.graph.checks.questions import check_questions
from comity.graph.checks.shapes import check_shapes
from comity.graph.checks.sources import check_coverage, check_quotations
from comity.graph.errors import ComityError

CHECKS: dict[str, Callable[[Material], Iterator[Finding]]] = {
    "files": check_files,
    "hygiene": check_hygiene,
    "owl": check_owl,
    "shapes": check_shapes,
    "quotations": check_quotations,
    "coverage": check_coverage,
    "leaks": check_leaks,
    "questions": check_questions,
}


def run_checks(
    extra: Sequence[Path] = (),
    *,
    only: Sequence[str] | None = None,
    texts: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[Finding]:
    """Check the bundled graphs together with further RDF files.

    `only` selects checks by name, `texts` is the folder of attached texts, `progress` gets each
    check's name before it starts. A file that can't be parsed ends the run with the findings of
    `files`, since the other checks would be meaningless. Raises ComityError for an unknown name.
    """
    names = _names(only)
    material, broken = read_material(extra, texts)
    return broken or _run(material, names, progress)


def check_quads(
    quads: Iterable[Quad],
    *,
    only: Sequence[str] | None = None,
    texts: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> list[Finding]:
    """Check the bundled graphs together with quads of further graphs; else as `run_checks`."""
    names = _names(only)
    material, broken = read_material(texts=texts)
    material.store.extend(quads)
    return broken or _run(material, names, progress)


def _names(only: Sequence[str] | None) -> list[str]:
    names = list(CHECKS) if only is None else list(only)
    if unknown := [name for name in names if name not in CHECKS]:
        raise ComityError(
            f"no check is called {', '.join(unknown)}", hint=f"there are: {', '.join(CHECKS)}"
        )
    return names


def _run(
    material: Material, names: Sequence[str], progress: Callable[[str], None] | None
) -> list[Finding]:
    findings: list[Finding] = []
    for name in names:
        if progress:
            progress(name)
        findings.extend(CHECKS[name](material))
    return findings
