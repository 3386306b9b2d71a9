"""Materialisation of derived facts, by shortcut rules and ontologies, in one graph.

The graph `derived` is dropped and rebuilt, never edited. Rules see what the ontologies imply from
the statements and what the rules before them derive; the ontologies are then applied to all that.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pyoxigraph as ox

from comity.graph.reasoning.axioms import read_axioms
from comity.graph.reasoning.closure import add, clear, close, construct, size
from comity.graph.reasoning.rules import read_rules


@dataclass(frozen=True, slots=True)
class Derived:
    """Result of a derivation: number of triples, number by each rule itself, and seconds taken."""

    triples: int
    shortcuts: dict[str, int]
    seconds: float

    def __str__(self) -> str:
        return f"derived {self.triples:,} triples in {self.seconds:.1f} s"


def derive(
    engine: ox.Store,
    rules: Path | None = None,
    progress: Callable[[str], None] | None = None,
) -> Derived:
    """Rebuild the derived graph of a database; it repeats no triple of another graph.

    `rules` is the folder of the rules, by default those of this release; `progress` gets a
    description of each step. Raises DataError for a faulty rule.
    """
    start, tell = time.monotonic(), progress or _silent
    found = read_rules(rules)
    clear(engine)
    tell("closure of the ontologies")
    axioms = close(engine, read_axioms(engine))
    shortcuts: dict[str, int] = {}
    for rule in found:
        tell(rule.name)
        shortcuts[rule.name] = add(engine, construct(engine, rule.forwards))
    tell("closure of the shortcuts")
    close(engine, axioms, {rule.derives for rule in found})
    return Derived(size(engine), shortcuts, time.monotonic() - start)


def _silent(_: str) -> None:
    return
