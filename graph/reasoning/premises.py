"""Premises of what a rule concludes: every set of them, each once.

The rule is run backwards as a SELECT of the variables of its patterns. The solutions are read one
by one, so that many cost time and no memory.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pyoxigraph as ox

from comity.graph.reasoning.patterns import Pattern, read_patterns, variable_name
from comity.graph.reasoning.rules import Rule
from comity.graph.store.solutions import Readable

Path = tuple[ox.Triple, ...]
_RECORD: Final = "record"  # by convention, the variable of the record that a rule rests on


class PremiseSets:
    """The sets of premises from which a rule concludes a triple, in no order, each with its record.

    Iterate once; then `seen` has the hash of each set, and `is_whole` is False if there were more
    than `most` solutions, which were left.
    """

    def __init__(self, engine: Readable, rule: Rule, triple: ox.Triple, most: int) -> None:
        self._engine, self._rule, self._most = engine, rule, most
        self._triple, self._terms = triple, rule.substitutions(triple)
        self.seen: set[int] = set()
        self.is_whole = True

    def __iter__(self) -> Iterator[tuple[str, Path]]:
        where, patterns = read_patterns(self._rule)
        names = _names(patterns) | set(self._given)
        selected = " ".join(f"?{name}" for name in sorted(names))
        text = self._rule.backwards(selected, where, self._triple)
        solutions = self._engine.query(
            f"{text} LIMIT {self._most + 1}",
            substitutions=self._terms,
            use_default_graph_as_union=True,
        )
        for number, solution in enumerate(solutions):
            if number == self._most:
                self.is_whole = False
                return
            bound = {name: solution[name] for name in names} | self._given
            premises = _premises(patterns, bound)
            # Solutions that differ in no premise are one: a UNION may leave other variables free.
            key = hash(frozenset(premises))
            if key not in self.seen:
                self.seen.add(key)
                yield getattr(bound.get(_RECORD), "value", ""), premises

    @property
    def _given(self) -> dict[str, Any]:
        return {variable.value: term for variable, term in self._terms.items()}


def _premises(patterns: list[Pattern], bound: Mapping[str, Any]) -> Path:
    """Return the triples of the patterns that a solution matched, each once, in order."""
    matched = (p.triple for p in patterns if p.branch is None or bound[p.branch] is not None)
    found = ([_term(term, bound) for term in triple] for triple in matched)
    return tuple(dict.fromkeys(ox.Triple(*terms) for terms in found if None not in terms))


def _term(term: Any, bound: Mapping[str, Any]) -> Any:
    name = variable_name(term)
    return term if name is None else bound[name]


def _names(patterns: list[Pattern]) -> set[str]:
    terms = {name for p in patterns for term in p.triple if (name := variable_name(term))}
    return terms | {p.branch for p in patterns if p.branch}
