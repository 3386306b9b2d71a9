"""Check 1: every file parses in rdflib and in pyoxigraph, with equal counts."""

import logging
from collections.abc import Iterator
from pathlib import Path

from comity.graph.checks.findings import Finding, Material

_RDFLIB = {
    ".ttl": "turtle",
    ".trig": "trig",
    ".nt": "nt",
    ".nq": "nquads",
    ".rdf": "xml",
    ".owl": "xml",
    ".jsonld": "json-ld",
}


def check_files(material: Material) -> Iterator[Finding]:
    """Parse each file a second time with rdflib; formats that rdflib lacks are left out."""
    logging.getLogger("rdflib").setLevel(logging.ERROR)
    for file, quads in material.files:
        if file.suffix not in _RDFLIB:
            continue
        count, error = _count(file)
        if error:
            yield Finding("files", "parse", f"{file.name}: rdflib: {error}")
        elif count != len(set(quads)):  # rdflib merges "1" and "01" of type integer
            yield Finding(
                "files",
                "count",
                f"{file.name}: {len(set(quads))} statements in pyoxigraph, {count} in rdflib",
            )


def _count(file: Path) -> tuple[int, str]:
    import rdflib
    from rdflib.exceptions import ParserError
    from rdflib.plugins.parsers.notation3 import BadSyntax

    dataset = rdflib.Dataset()
    try:
        dataset.parse(data=file.read_bytes(), format=_RDFLIB[file.suffix], publicID=file.as_uri())
    except (BadSyntax, ParserError, ValueError, SyntaxError) as error:
        return 0, " ".join(str(error).split())[:200]
    return sum(1 for _ in dataset.quads()), ""
