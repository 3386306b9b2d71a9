"""Explanation of a triple: one derivation, down to statements of sources and ontologies.

A shortcut's rule is run backwards with the terms of the triple; what an ontology implies is undone
one step at a time. Stated triples are tried first, and no step may rest on the triple that it
explains.
"""

from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass
from pathlib import Path as Folder
from typing import Any, Final

import pyoxigraph as ox

from comity.graph.descriptions.records.evidence import Evidence, evidence, is_record
from comity.graph.errors import QueryError
from comity.graph.rdf.namespaces import DERIVED_GRAPH
from comity.graph.reasoning import axioms as ax
from comity.graph.reasoning.premises import PremiseSets
from comity.graph.reasoning.rules import Rule, read_rules
from comity.graph.store.interface import Why
from comity.graph.store.solutions import Library, Readable

STATED: Final = "stated"
Path = tuple[ox.Triple, ...]
Steps = tuple[ox.NamedNode, ...]


@dataclass(frozen=True, slots=True)
class Derivation:
    """A triple, with the rule and the premises from which it follows.

    `rule` is "stated" for a triple in a graph, which `graphs` names; the file name of a shortcut
    rule, such as memberOf.rq; or the kind of implication: subclass, subproperty, inverse,
    symmetric, transitive, chain, domain, range. `evidence` is that of the records which the triple
    belongs to or rests on.
    """

    triple: ox.Triple
    rule: str
    premises: tuple["Derivation", ...] = ()
    graphs: tuple[str, ...] = ()
    evidence: tuple[Evidence, ...] = ()

    def leaves(self) -> Iterator["Derivation"]:
        """Yield the stated triples that the derivation rests on."""
        if not self.premises:
            yield self
        for premise in self.premises:
            yield from premise.leaves()


def derivation(store: Library, triple: ox.Triple) -> Derivation | None:
    """Find one derivation of a triple; None if it is neither stated nor derivable."""
    return Derivations(store.engine).find(triple)


def as_json(of: Derivation) -> dict[str, Any]:
    """Convert a derivation to JSON with full terms."""
    return {
        "triple": [str(term) for term in of.triple],
        "rule": of.rule,
        "graphs": list(of.graphs),
        "evidence": [asdict(item) for item in of.evidence],
        "premises": [as_json(premise) for premise in of.premises],
    }


def why(triple: ox.Triple) -> Why:
    """Return the request for the evidence of a triple, for `Query.why`."""
    subject, predicate, object_ = map(str, triple)
    return Why(subject, predicate, object_)


def read_why(asked: Why) -> ox.Triple:
    """Parse the triple of a request; raises QueryError if its terms don't form one."""
    text = f"{asked.subject} {asked.predicate} {asked.object} ."
    try:
        (quad,) = ox.parse(text, ox.RdfFormat.N_TRIPLES)
    except (SyntaxError, ValueError) as error:
        raise QueryError(f"{text} is not a triple: {error}") from None
    return ox.Triple(quad.subject, quad.predicate, quad.object)


class Derivations:
    """Derivations in one database. Axioms and rules are read once, on construction."""

    def __init__(self, engine: Readable, rules: Folder | None = None) -> None:
        self.engine = engine
        self.axioms = ax.read_axioms(engine)
        self.rules = {rule.derives: rule for rule in read_rules(rules)}

    def find(self, triple: ox.Triple) -> Derivation | None:
        """Find one derivation of a triple; None if it is neither stated nor derivable."""
        return self._explain(triple, frozenset())

    def _explain(self, triple: ox.Triple, above: frozenset[ox.Triple]) -> Derivation | None:
        """Explain a triple without using those that are being explained `above` it."""
        graphs = self._graphs(triple)
        if stated := sorted(graphs - {DERIVED_GRAPH.value}):
            shown = self._evidence([triple])
            return Derivation(triple, STATED, graphs=tuple(stated), evidence=shown)
        if not graphs:
            return None
        below = above | {triple}
        for rule, premises in self._ways(triple):
            if found := self._conclude(triple, rule, premises, below):
                return found
        return None

    def _conclude(
        self, triple: ox.Triple, rule: str, premises: Path, below: frozenset[ox.Triple]
    ) -> Derivation | None:
        """Explain a triple in one way; None if a premise rests on what is being explained."""
        if not below.isdisjoint(premises):
            return None
        explained = tuple(self._all(premises, below))
        if len(explained) < len(premises):
            return None
        return Derivation(triple, rule, explained, (), self._evidence(premises))

    def _all(self, premises: Path, above: frozenset[ox.Triple]) -> Iterator[Derivation]:
        for premise in premises:
            found = self._explain(premise, above)
            if found is None:
                return
            yield found

    def _graphs(self, triple: ox.Triple) -> set[str]:
        subject, predicate, object_ = triple
        quads = self.engine.quads_for_pattern(subject, predicate, object_, None)
        return {getattr(quad.graph_name, "value", "") for quad in quads}

    def _is_stated(self, triple: ox.Triple) -> bool:
        return bool(self._graphs(triple) - {DERIVED_GRAPH.value})

    def _evidence(self, triples: Iterable[ox.Triple]) -> tuple[Evidence, ...]:
        records = dict.fromkeys(t.subject for t in triples if is_record(self.engine, t.subject))
        found = (evidence(self.engine, r) for r in records if isinstance(r, ox.NamedNode))
        return tuple(item for item in found if item is not None)

    # Ways to derive a triple: the name of a rule and its premises.

    def _ways(self, triple: ox.Triple) -> Iterator[tuple[str, Path]]:
        """Yield ways by a rule first, then one step from stated triples, then from any triples."""
        rule = self.rules.get(triple.predicate)
        if rule is not None and (premises := self._backwards(rule, triple)):
            yield f"{rule.name}.rq", premises
        later: list[tuple[str, Path]] = []
        for way in self._steps(triple):
            if all(map(self._is_stated, way[1])):
                yield way
            else:
                later.append(way)
        yield from later

    def _backwards(self, rule: Rule, triple: ox.Triple) -> Path:
        """Return the first set of premises from which a rule concludes a triple."""
        return next((premises for _, premises in PremiseSets(self.engine, rule, triple, 1)), ())

    def _steps(self, triple: ox.Triple) -> Iterator[tuple[str, Path]]:
        subject, predicate, object_ = triple
        if predicate == ax.TYPE and isinstance(object_, ox.NamedNode):
            yield from self._kinds(subject, object_)
        for narrower in _keys(self.axioms.properties, predicate):
            axiom = ox.Triple(narrower, ax.SUBPROPERTY, predicate)
            yield "subproperty", (ox.Triple(subject, narrower, object_), axiom)
        if isinstance(object_, ox.Literal):
            return
        for inverse in self.axioms.inverses.get(predicate, ()):
            axiom = ox.Triple(inverse, ax.INVERSE, predicate)
            if not self._graphs(axiom):
                axiom = ox.Triple(predicate, ax.INVERSE, inverse)
            yield "inverse", (ox.Triple(object_, inverse, subject), axiom)
        if predicate in self.axioms.symmetric:
            axiom = ox.Triple(predicate, ax.TYPE, ax.SYMMETRIC)
            yield "symmetric", (ox.Triple(object_, predicate, subject), axiom)
        yield from self._paths(triple)

    def _kinds(self, node: object, kind: ox.NamedNode) -> Iterator[tuple[str, Path]]:
        assert isinstance(node, (ox.NamedNode, ox.BlankNode))
        for narrower in _keys(self.axioms.classes, kind):
            axiom = ox.Triple(narrower, ax.SUBCLASS, kind)
            yield "subclass", (ox.Triple(node, ax.TYPE, narrower), axiom)
        for name in _keys(self.axioms.domains, kind):
            axiom = ox.Triple(name, ax.DOMAIN, kind)
            for quad in self.engine.quads_for_pattern(node, name, None, None):
                yield "domain", (quad.triple, axiom)
        for name in _keys(self.axioms.ranges, kind):
            axiom = ox.Triple(name, ax.RANGE, kind)
            for quad in self.engine.quads_for_pattern(None, name, node, None):
                yield "range", (quad.triple, axiom)

    def _paths(self, triple: ox.Triple) -> Iterator[tuple[str, Path]]:
        subject, predicate, object_ = triple
        if predicate in self.axioms.transitive:
            axiom = ox.Triple(predicate, ax.TYPE, ax.TRANSITIVE)
            yield from (("transitive", (*path, axiom)) for path in self._walks(triple))
        for name, steps in self.axioms.chains:
            if name == predicate:
                for path in self._along(subject, steps, object_):
                    heads = self.engine.quads_for_pattern(name, ax.CHAIN, None, None)
                    yield "chain", (*path, *(quad.triple for quad in list(heads)[:1]))

    def _walks(self, triple: ox.Triple) -> Iterator[Path]:
        """Find the shortest path over stated triples alone, else any two steps over all triples."""
        before: dict[object, ox.Triple | None] = {triple.subject: None}
        pending: list[object] = [triple.subject]
        while pending and triple.object not in before:
            ends = [self._out(node, triple.predicate, stated=True) for node in pending]
            pending = []
            for quad in (quad for quads in ends for quad in quads):
                if quad.object not in before:
                    before[quad.object] = quad
                    pending.append(quad.object)
        if before.get(triple.object):
            yield tuple(reversed(list(_traced(before, triple.object))))
        for first in self._out(triple.subject, triple.predicate, stated=False):
            if not isinstance(first.object, ox.Literal):
                second = ox.Triple(first.object, triple.predicate, triple.object)
                if self._graphs(second):
                    yield first, second

    def _along(self, node: object, steps: Steps, end: object) -> Iterator[Path]:
        for first in self._out(node, steps[0], stated=False):
            if len(steps) == 1:
                if first.object == end:
                    yield (first,)
            else:
                yield from ((first, *rest) for rest in self._along(first.object, steps[1:], end))

    def _out(self, node: object, predicate: ox.NamedNode, *, stated: bool) -> list[ox.Triple]:
        if not isinstance(node, (ox.NamedNode, ox.BlankNode)):
            return []
        quads = self.engine.quads_for_pattern(node, predicate, None, None)
        return [quad.triple for quad in quads if not stated or quad.graph_name != DERIVED_GRAPH]


def _traced(before: dict[object, ox.Triple | None], end: object) -> Iterator[ox.Triple]:
    step = before[end]
    while step is not None:
        yield step
        step = before[step.subject]


def _keys(pairs: ax.Pairs, wanted: ox.NamedNode) -> list[ox.NamedNode]:
    return sorted((key for key, values in pairs.items() if wanted in values), key=str)
