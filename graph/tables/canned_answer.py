"""Table of a canned query's answer, with its citation."""

from comity.graph.catalogue.citation import CitationMetadata
from comity.graph.catalogue.expected_answers import iri_columns
from comity.graph.tables.columns import Table


def table_of(about: CitationMetadata) -> Table:
    """Return the table of the answer that a citation describes."""
    answered = about.answered
    return Table(
        answered.solutions,
        answered.labels,
        iri_columns(answered.query),
        metadata=about.pairs(),
        document=about.document(),
    )
