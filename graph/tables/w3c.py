"""SPARQL 1.1 Query Results in JSON and XML, as from the engine: without labels."""

import io
import json
from typing import Any

from pyoxigraph import QueryResultsFormat, parse_query_results

from comity.graph.store.solutions import Solutions
from comity.graph.tables.columns import Table


def write_json(table: Table) -> bytes:
    """Write SPARQL Results JSON."""
    return _json(table.solutions)


def write_xml(table: Table) -> bytes:
    """Write SPARQL Results XML."""
    parsed = parse_query_results(_json(table.solutions), format=QueryResultsFormat.JSON)
    out = io.BytesIO()
    parsed.serialize(out, QueryResultsFormat.XML)
    return out.getvalue()


def _json(solutions: Solutions) -> bytes:
    if solutions.boolean is not None:
        document: dict[str, Any] = {"head": {}, "boolean": solutions.boolean}
    else:
        results = {"bindings": list(solutions.rows)}
        document = {"head": {"vars": list(solutions.columns)}, "results": results}
    return json.dumps(document, ensure_ascii=False, separators=(",", ":")).encode()
