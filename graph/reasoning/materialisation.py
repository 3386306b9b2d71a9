"""Deriving facts: the shortcuts of the rules and what the ontologies conclude, in one graph.

The graph `derived` is dropped and made anew, never edited. Rules see what the ontologies conclude
from the statements, but not each other's shortcuts; from these the ontologies conclude again.
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
    """What was derived: triples in all, those by each rule itself, and the seconds it took."""

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
    """Make the derived graph of a database anew; no triple of another graph is repeated in it.

    `rules` is the folder of the rules, those of this release if none is named; `progress` is told
    what is being done. Raises DataError for a faulty rule.
    """
    start, tell = time.monotonic(), progress or _silent
    found = read_rules(rules)
    clear(engine)
    tell("what the ontologies conclude")
    axioms = close(engine, read_axioms(engine))
    shortcuts: dict[str, int] = {}
    for rule in found:
        tell(rule.name)
        shortcuts[rule.name] = add(engine, construct(engine, rule.forwards))
    tell("what follows from the shortcuts")
    close(engine, axioms, {rule.shortcut for rule in found})
    return Derived(size(engine), shortcuts, time.monotonic() - start)


def _silent(_: str) -> None:
    return
