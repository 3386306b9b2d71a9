"""Axioms of the ontologies in a store, and their closure."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from comity.graph.rdf.namespaces import GRAPH, PREFIXES
from comity.graph.store.solutions import Readable

TYPE: Final = ox.NamedNode(PREFIXES["rdf"] + "type")
SUBCLASS: Final = ox.NamedNode(PREFIXES["rdfs"] + "subClassOf")
SUBPROPERTY: Final = ox.NamedNode(PREFIXES["rdfs"] + "subPropertyOf")
DOMAIN: Final = ox.NamedNode(PREFIXES["rdfs"] + "domain")
RANGE: Final = ox.NamedNode(PREFIXES["rdfs"] + "range")
INVERSE: Final = ox.NamedNode(PREFIXES["owl"] + "inverseOf")
SYMMETRIC: Final = ox.NamedNode(PREFIXES["owl"] + "SymmetricProperty")
TRANSITIVE: Final = ox.NamedNode(PREFIXES["owl"] + "TransitiveProperty")
CHAIN: Final = ox.NamedNode(PREFIXES["owl"] + "propertyChainAxiom")
FIRST: Final = ox.NamedNode(PREFIXES["rdf"] + "first")
REST: Final = ox.NamedNode(PREFIXES["rdf"] + "rest")
NIL: Final = ox.NamedNode(PREFIXES["rdf"] + "nil")

# Shapes are not axioms, and the alignments are kept out of reasoning.
APART: Final = frozenset((ox.NamedNode(GRAPH + "shapes"), ox.NamedNode(GRAPH + "alignments")))
# Everything is an instance of these: stating it would add a triple to each node and no knowledge.
_TRIVIAL: Final = frozenset(
    (ox.NamedNode(PREFIXES["owl"] + "Thing"), ox.NamedNode(PREFIXES["rdfs"] + "Resource"))
)

Node = ox.NamedNode
Pairs = dict[Node, set[Node]]


@dataclass(frozen=True, slots=True)
class Axioms:
    """Axioms as stated; only named classes and properties count.

    `classes` and `properties` lead to the next broader ones, `inverses` both ways; a chain is its
    property, the list of the steps, and the node of the list.
    """

    classes: Pairs
    properties: Pairs
    inverses: Pairs
    symmetric: frozenset[Node]
    transitive: frozenset[Node]
    domains: Pairs
    ranges: Pairs
    chains: tuple[tuple[Node, tuple[Node, ...]], ...]

    def superclasses(self, classes: Iterable[Node]) -> set[Node]:
        """Return these classes and all broader ones."""
        return _closed(classes, self.classes)

    def relations(self, of: Node) -> set[tuple[Node, bool]]:
        """Return the properties that this one implies, with True for an inverse."""
        found: set[tuple[Node, bool]] = set()
        pending = [(of, False)]
        while pending:
            at = pending.pop()
            if at not in found:
                found.add(at)
                pending.extend(self._next(*at))
        return found

    def _next(self, of: Node, turned: bool) -> Iterator[tuple[Node, bool]]:
        yield from ((broader, turned) for broader in self.properties.get(of, ()))
        yield from ((inverse, not turned) for inverse in self.inverses.get(of, ()))
        if of in self.symmetric:
            yield of, not turned

    def kinds(self, of: Node, *, subject: bool) -> set[Node]:
        """Return the classes of any subject, or any object, of this property."""
        stated = (
            (self.domains if subject != turned else self.ranges).get(name, ())
            for name, turned in self.relations(of)
        )
        return self.superclasses(kind for kinds in stated for kind in kinds)

    def named(self) -> set[Node]:
        """Return every property that an axiom mentions."""
        inferior = {*self.properties, *self.inverses, *self.domains, *self.ranges}
        return inferior | self.symmetric | self.transitive | {end for end, _ in self.chains}


def read_axioms(engine: Readable) -> Axioms:
    """Read the axioms of all graphs except the shapes and the alignments."""
    inverses = _pairs(engine, INVERSE)
    for one, others in list(inverses.items()):
        for other in others:
            inverses.setdefault(other, set()).add(one)
    return Axioms(
        classes=_pairs(engine, SUBCLASS),
        properties=_pairs(engine, SUBPROPERTY),
        inverses=inverses,
        symmetric=_instances(engine, SYMMETRIC),
        transitive=_instances(engine, TRANSITIVE),
        domains=_pairs(engine, DOMAIN),
        ranges=_pairs(engine, RANGE),
        chains=tuple(_chains(engine)),
    )


def _pairs(engine: Readable, predicate: Node) -> Pairs:
    found: Pairs = {}
    for quad in _binding(engine, predicate):
        one, other = quad.subject, quad.object
        if not isinstance(one, Node) or not isinstance(other, Node):
            continue
        if _TRIVIAL.isdisjoint((one, other)):
            found.setdefault(one, set()).add(other)
    return found


def _instances(engine: Readable, kind: Node) -> frozenset[Node]:
    quads = _binding(engine, TYPE, kind)
    return frozenset(quad.subject for quad in quads if isinstance(quad.subject, Node))


def _chains(engine: Readable) -> Iterator[tuple[Node, tuple[Node, ...]]]:
    for quad in _binding(engine, CHAIN):
        steps = _listed(engine, quad.object)
        if isinstance(quad.subject, Node) and steps:
            yield quad.subject, steps


def _listed(engine: Readable, head: object) -> tuple[Node, ...]:
    """Return the properties of a list; none if it is broken or contains an inverse."""
    found: list[Node] = []
    seen: set[object] = set()
    while head != NIL:
        if head in seen or not isinstance(head, (Node, ox.BlankNode)):
            return ()
        seen.add(head)
        step = next(engine.quads_for_pattern(head, FIRST, None, None), None)
        rest = next(engine.quads_for_pattern(head, REST, None, None), None)
        if step is None or rest is None or not isinstance(step.object, Node):
            return ()
        found.append(step.object)
        head = rest.object
    return tuple(found)


def _binding(engine: Readable, predicate: Node, object_: Node | None = None) -> Iterator[ox.Quad]:
    quads = engine.quads_for_pattern(None, predicate, object_, None)
    return (quad for quad in quads if quad.graph_name not in APART)


def _closed(start: Iterable[Node], broader: Pairs) -> set[Node]:
    found: set[Node] = set()
    pending = list(start)
    while pending:
        at = pending.pop()
        if at not in found:
            found.add(at)
            pending.extend(broader.get(at, ()))
    return found
