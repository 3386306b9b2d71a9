"""Comparison of answers: lines that are equal for equal answers of different engines."""

import json
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

import pyoxigraph as ox

from comity.graph.rdf.namespaces import PREFIXES

_XSD: Final = PREFIXES["xsd"]
_NUMBERS: Final = frozenset(
    _XSD + name for name in ("integer", "int", "long", "decimal", "double", "float")
)
_DATES: Final = frozenset((_XSD + "dateTime",))


def comparable_triples(content: bytes) -> list[str]:
    """Return the distinct triples of a graph in N-Triples. Raises ValueError, SyntaxError."""
    found = ox.parse(content, ox.RdfFormat.N_TRIPLES)
    return list({f"{quad.subject} {quad.predicate} {quad.object}" for quad in found})


def comparable_rows(content: bytes) -> list[str]:
    """Return the rows of a table in SPARQL Results JSON. Raises ValueError, KeyError, TypeError."""
    answer = json.loads(content)
    names = sorted(answer["head"]["vars"])
    return [
        "\t".join(_term(row[name]) if name in row else "" for name in names)
        for row in answer["results"]["bindings"]
    ]


def _term(term: Mapping[str, Any]) -> str:
    """Normalise a term: numbers by value, times by instant."""
    value, datatype = str(term["value"]), term.get("datatype")
    if term["type"] in ("uri", "bnode"):
        return f"<{value}>"
    if datatype in _NUMBERS:
        return format(float(value), ".9g")
    if datatype in _DATES:
        return datetime.fromisoformat(value).isoformat()
    return json.dumps(value) + (f"@{term['xml:lang'].lower()}" if "xml:lang" in term else "")
