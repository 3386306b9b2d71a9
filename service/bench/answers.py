"""Comparison of engines' answers, independent of how each writes them."""

import json
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Any

import pyoxigraph as ox

from comity.graph.rdf.namespaces import PREFIXES
from comity.service.bench.client import GRAPH
from comity.service.bench.workloads import BenchmarkQuery

_XSD = PREFIXES["xsd"]
_NUMBERS = {_XSD + name for name in ("integer", "int", "long", "decimal", "double", "float")}
_DATES = {_XSD + "dateTime"}


class NoAnswer(ValueError):
    """Bytes that are not an answer in the requested format."""


@dataclass(frozen=True)
class ComparedAnswer:
    """Number of rows or triples, and a digest of them; None if only the number must agree."""

    rows: int
    digest: str | None


def read(query: BenchmarkQuery, content: bytes) -> ComparedAnswer:
    """Parse an engine's answer. Raises NoAnswer."""
    try:
        lines = _triples(content) if query.accept == GRAPH else _rows(content)
    except (ValueError, KeyError, TypeError, SyntaxError) as error:
        raise NoAnswer(f"the response is not {query.accept}: {error}") from None
    digest = sha256("\n".join(sorted(lines)).encode()).hexdigest() if query.exact else None
    return ComparedAnswer(len(lines), digest)


def disagreeing(answers: Mapping[str, ComparedAnswer]) -> dict[str, str]:
    """Return the engines that differ from the majority, and how; all of them without a majority."""
    votes = Counter(answers.values()).most_common()
    if len(votes) < 2:
        return {}
    right = votes[0][0] if votes[0][1] > votes[1][1] else None
    return {name: _difference(each, right) for name, each in answers.items() if each != right}


def _difference(answer: ComparedAnswer, right: ComparedAnswer | None) -> str:
    if right is None:
        return f"{answer.rows:,} rows; the engines disagree"
    if answer.rows == right.rows:
        return f"{answer.rows:,} rows as in most, but different ones"
    return f"{answer.rows:,} rows; most have {right.rows:,}"


def _triples(content: bytes) -> list[str]:
    """Return a graph as a list of distinct triples."""
    found = ox.parse(content, ox.RdfFormat.N_TRIPLES)
    return list({f"{quad.subject} {quad.predicate} {quad.object}" for quad in found})


def _rows(content: bytes) -> list[str]:
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
