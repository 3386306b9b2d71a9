"""All derivations of a triple, counted whole and listed up to a limit.

A triple may be stated, follow by its rule from several records, and follow by the ontologies from
other triples. Each set of premises is one derivation; a premise itself is explained in one way.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from heapq import nsmallest
from itertools import islice
from typing import Any, Final

import pyoxigraph as ox

from comity.graph.reasoning.explanation import Derivation, Derivations, Path, as_json, read_why
from comity.graph.reasoning.premises import PremiseSets
from comity.graph.store.interface import Why
from comity.graph.store.solutions import Readable

# What is looked at, at most; a count that stops there says so.
_SOLUTIONS: Final = 100_000  # of a rule: about two seconds
_STEPS: Final = 1_000  # by the ontologies
_FOLLOWED: Final = 100  # of these, such as rest on derived triples, each to be explained

Ways = list[tuple[str, Path]]


@dataclass(frozen=True, slots=True)
class Explanation:
    """The derivations of a triple: the first of them, and how many there are.

    There may be more than `total` if it is not `exact`.
    """

    derivations: tuple[Derivation, ...]
    total: int
    limit: int
    exact: bool = True


def explain_triple(engine: Readable, asked: Why) -> dict[str, Any] | None:
    """Return the derivations of a triple as JSON; None if it is neither stated nor derivable.

    The members of the first derivation are those of the whole as well.
    """
    found = Alternatives(engine).find_all(read_why(asked), asked.limit)
    if found is None:
        return None
    derivations = [as_json(each) for each in found.derivations]
    counts = {"total": found.total, "exact": found.exact, "limit": found.limit}
    return derivations[0] | counts | {"derivations": derivations}


def say_count(document: Mapping[str, Any]) -> str:
    """Say how many derivations there are and how many are shown, as of `explain_triple`."""
    total, shown = document["total"], len(document["derivations"])
    if not document["exact"]:
        return f"the first {shown:,} of at least {total:,} derivations"
    if shown < total:
        return f"the first {shown:,} of {total:,} derivations"
    return "1 derivation" if total == 1 else f"{total:,} derivations; all shown"


class Alternatives(Derivations):
    """All derivations of a triple in one database."""

    def find_all(self, triple: ox.Triple, limit: int) -> Explanation | None:
        """Find the first derivations of a triple: stated, by its rule, by the ontologies.

        Those by its rule are in the order of their records. None if the triple is neither stated
        nor derivable.
        """
        if not self._graphs(triple):
            return None
        count = _Count(limit)
        if self._is_stated(triple):
            count.add(self.find(triple))
        by_rule = self._count_rule(triple, count)
        self._count_steps(triple, count, by_rule)
        if not count.listed:
            return None
        return Explanation(tuple(count.listed), count.total, limit, count.exact)

    def _count_rule(self, triple: ox.Triple, count: "_Count") -> PremiseSets | None:
        """Count the ways by the rule of the triple; return their premises, which have been read."""
        rule = self.rules.get(triple.predicate)
        if rule is None:
            return None
        sets = PremiseSets(self.engine, rule, triple, _SOLUTIONS)
        # All are read, for the count, even if none is to be listed: nsmallest(0) would read none.
        first = nsmallest(max(count.room, 1), sets, key=_by_record)[: count.room]
        for _, premises in first:
            count.add(self._conclude(triple, f"{rule.name}.rq", premises, frozenset((triple,))))
        count.total += len(sets.seen) - len(first)
        count.exact &= sets.is_whole
        return sets

    def _count_steps(self, triple: ox.Triple, count: "_Count", by_rule: PremiseSets | None) -> None:
        """Count the ways by the ontologies, first those from stated triples alone."""
        ways = list(islice(self._steps(triple), _STEPS + 1))
        count.exact &= len(ways) <= _STEPS
        stated, derived = self._parted(_sorted(ways[:_STEPS]))
        grounds: set[frozenset[ox.Triple]] = set()
        for rule, premises in stated:
            if triple not in premises and (ground := frozenset(premises)) not in grounds:
                grounds.add(ground)
                if count.room:
                    count.add(self._conclude(triple, rule, premises, frozenset((triple,))))
                else:
                    count.total += 1
        count.exact &= len(derived) <= _FOLLOWED
        for found in self._followed(triple, derived[:_FOLLOWED], by_rule):
            ground = frozenset(leaf.triple for leaf in found.leaves())
            if ground not in grounds:
                grounds.add(ground)
                count.add(found)

    def _parted(self, ways: Ways) -> tuple[Ways, Ways]:
        """Part the ways from stated triples alone from the others."""
        known: dict[ox.Triple, bool] = {}
        parted: tuple[Ways, Ways] = [], []
        for way in ways:
            for premise in way[1]:
                if premise not in known:
                    known[premise] = self._is_stated(premise)
            parted[not all(known[premise] for premise in way[1])].append(way)
        return parted

    def _followed(
        self, triple: ox.Triple, ways: Ways, by_rule: PremiseSets | None
    ) -> Iterator[Derivation]:
        for rule, premises in ways:
            found = self._conclude(triple, rule, premises, frozenset((triple,)))
            if found is None:
                continue
            # The record of two who cooperate gives both directions, and is one derivation.
            if rule == "symmetric" and by_rule and found.premises[0].rule.endswith(".rq"):
                found = self._mirrored(found, by_rule)
            if found is not None:
                yield found

    def _mirrored(self, found: Derivation, by_rule: PremiseSets) -> Derivation | None:
        """Return a symmetric derivation from a record that does not give the triple itself."""
        if not by_rule.is_whole:
            return None
        mirror, *axioms = found.premises
        rule = self.rules[mirror.triple.predicate]
        for _, premises in PremiseSets(self.engine, rule, mirror.triple, _SOLUTIONS):
            if hash(frozenset(premises)) not in by_rule.seen:
                above = frozenset((found.triple, mirror.triple))
                other = self._conclude(mirror.triple, mirror.rule, premises, above)
                return other and replace(found, premises=(other, *axioms))
        return None


@dataclass(slots=True)
class _Count:
    """Count of derivations, with the first of them."""

    limit: int
    listed: list[Derivation] = field(default_factory=list)
    total: int = 0
    exact: bool = True

    @property
    def room(self) -> int:
        return self.limit - len(self.listed)

    def add(self, found: Derivation | None) -> None:
        if found is not None:
            self.total += 1
            if self.room:
                self.listed.append(found)


def _by_record(way: tuple[str, Path]) -> tuple[str, list[str]]:
    record, premises = way
    return record, list(map(str, premises))


def _sorted(ways: Ways) -> Ways:
    """Sort the ways of each kind by their premises; the kinds stay in their order."""
    kinds = list(dict.fromkeys(kind for kind, _ in ways))
    return sorted(ways, key=lambda way: (kinds.index(way[0]), list(map(str, way[1]))))
