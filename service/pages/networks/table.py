"""Table of a network's edges on a page."""

from collections.abc import Mapping, Sequence
from itertools import islice
from typing import Final

from fastapi import Request

from comity.graph.catalogue.binding import QueryRequest
from comity.graph.networks.elements import SEPARATOR, Edge
from comity.graph.networks.model import Network
from comity.graph.rdf.terms import shorten
from comity.graph.tables.display import CellText
from comity.service.queries.state import url_with

_PLAIN: Final = ("stance", "role", "modality", "status", "start", "end", "statement")
_COLUMNS: Final = ("source", "relation", "target", *_PLAIN, "words", "citation", "record")


def edge_table(request: Request, network: Network, asked: QueryRequest) -> dict[str, object]:
    """Return one page of the edges, for the table of a query's template."""
    edges = list(islice(network.edges(), asked.offset, asked.offset + asked.limit))
    ends = {end for edge in edges for end in (edge.source, edge.target)}
    nodes = {node.id: CellText(node.label, node.iri) for node in network.nodes() if node.id in ends}
    further = [attribute.name for attribute in network.edge_attributes]
    rows = [_row(edge, nodes, further) for edge in edges]
    columns = [name for name in (*_COLUMNS, *further) if any(name in row for row in rows)]
    total = network.edge_count
    return {
        "noun": "edge",
        "columns": columns,
        "rows": [[row.get(name) for name in columns] for row in rows],
        "boolean": None,
        "first": asked.offset + 1,
        "total": total,
        "complete": len(edges) == total,
        "pages": _pages(request, asked, total),
    }


def _row(edge: Edge, nodes: Mapping[str, CellText], further: Sequence[str]) -> dict[str, CellText]:
    row = {name: CellText(text) for name in _PLAIN if (text := getattr(edge, name))}
    row |= {name: CellText(str(edge.extra[name])) for name in further if name in edge.extra}
    row |= {"source": nodes[edge.source], "target": nodes[edge.target]}
    row["relation"] = CellText(edge.label)
    if edge.evidence:
        row["words"] = CellText(edge.evidence, quotation=True, sentence=edge.sentence or "")
    if edge.citation:
        row["citation"] = CellText(SEPARATOR.join(map(shorten, edge.citation.split(SEPARATOR))))
    if edge.iri:
        records = (iri.partition("#")[2] or shorten(iri) for iri in edge.iri.split(SEPARATOR))
        row["record"] = CellText(SEPARATOR.join(records), edge.iri)
    return row


def _pages(request: Request, asked: QueryRequest, total: int) -> dict[str, str]:
    """Return the addresses of the first, previous and next page, if they exist."""
    offsets = {"first": 0, "prev": max(0, asked.offset - asked.limit)} if asked.offset else {}
    if asked.offset + asked.limit < total:
        offsets["next"] = asked.offset + asked.limit
    return {rel: url_with(request, {"offset": str(at)}) for rel, at in offsets.items()}
