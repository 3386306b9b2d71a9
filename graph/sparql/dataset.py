"""RDF dataset of a query or an update, named beside its text or in it."""

from dataclasses import dataclass

from comity.graph.sparql.tokens import TokenKind, decode_escapes, significant


@dataclass(frozen=True, slots=True)
class Dataset:
    """An RDF dataset given outside of the query (SPARQL 1.1 Protocol §2.1.4): IRIs of graphs.

    It replaces any FROM and FROM NAMED of the text. The default graph is the merge of
    `default_graphs`; GRAPH reaches `named_graphs` alone.
    """

    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()


def has_dataset_clause(text: str) -> bool:
    """True if the query has a FROM or FROM NAMED."""
    decoded = decode_escapes(text)
    return "FROM" in decoded.upper() and any(
        token.kind is TokenKind.WORD and token.text.upper().startswith("FROM")
        for token in significant(decoded)
    )
