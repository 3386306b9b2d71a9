"""Comparison of engines' answers, independent of how each writes them."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from hashlib import sha256

from comity.graph.store.comparison import comparable_rows, comparable_triples
from comity.service.bench.client import GRAPH
from comity.service.bench.workloads import BenchmarkQuery


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
        lines = comparable_triples(content) if query.accept == GRAPH else comparable_rows(content)
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
