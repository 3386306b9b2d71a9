"""RDF dataset of a query or an update, named beside its text."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Dataset:
    """An RDF dataset given beside the query (SPARQL 1.1 Protocol §2.1.4): IRIs of graphs.

    It replaces any FROM and FROM NAMED of the text. The default graph is the merge of
    `default_graphs`; GRAPH reaches `named_graphs` alone.
    """

    default_graphs: tuple[str, ...] = ()
    named_graphs: tuple[str, ...] = ()
