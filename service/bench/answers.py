"""Whether engines give the same answer, however each of them writes it."""

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
    """Bytes that are no answer in the format that was asked for."""


@dataclass(frozen=True)
class ComparedAnswer:
    """How many rows or triples there are, and what they are; None where that is left open."""

    rows: int
    digest: str | None


def read(query: BenchmarkQuery, content: bytes) -> ComparedAnswer:
    """What an engine answered. Raises NoAnswer."""
    try:
        lines = _triples(content) if query.accept == GRAPH else _rows(content)
    except (ValueError, KeyError, TypeError, SyntaxError) as error:
        raise NoAnswer(f"what came is not {query.accept}: {error}") from None
    digest = sha256("\n".join(sorted(lines)).encode()).hexdigest() if query.exact else None
    return ComparedAnswer(len(lines), digest)


def disagreeing(answers: Mapping[str, ComparedAnswer]) -> dict[str, str]:
    """Who does not answer as most do, with what is different; everyone, where there is no most."""
    votes = Counter(answers.values()).most_common()
    if len(votes) < 2:
        return {}
    right = votes[0][0] if votes[0][1] > votes[1][1] else None
    return {name: _difference(each, right) for name, each in answers.items() if each != right}


def _difference(answer: ComparedAnswer, right: ComparedAnswer | None) -> str:
    if right is None:
        return f"{answer.rows:,} rows; the engines disagree"
    if answer.rows == right.rows:
        return f"other rows than most, though {answer.rows:,} as well"
    return f"{answer.rows:,} rows where most have {right.rows:,}"


def _triples(content: bytes) -> list[str]:
    """A graph is a set: what comes twice counts once."""
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
    """A term as all engines write it: numbers by value, times by instant."""
    value, datatype = str(term["value"]), term.get("datatype")
    if term["type"] in ("uri", "bnode"):
        return f"<{value}>"
    if datatype in _NUMBERS:
        return format(float(value), ".9g")
    if datatype in _DATES:
        return datetime.fromisoformat(value).isoformat()
    return json.dumps(value) + (f"@{term['xml:lang'].lower()}" if "xml:lang" in term else "")
