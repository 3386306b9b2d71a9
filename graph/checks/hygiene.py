"""Check 2: each query of `queries/checks/` returns nothing."""

from collections.abc import Iterator

from comity.graph.catalogue.front_matter import read_folder
from comity.graph.checks.findings import Finding, Material
from comity.graph.installed import queries_folder
from comity.graph.rdf.terms import shorten


def check_hygiene(material: Material) -> Iterator[Finding]:
    """Yield one finding per row: `?node` is the culprit, `?detail`, if any, extends the message."""
    for query in read_folder(queries_folder() / "checks"):
        for row in material.rows(query.text):
            detail = f" ({shorten(row['detail'])})" if "detail" in row else ""
            yield Finding(
                "hygiene",
                query.name,
                query.summary + detail,
                record=shorten(row["node"]),
                passage=material.passage(row["node"]),
            )
