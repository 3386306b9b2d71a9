"""RDFS and OWL RL closure of a store, computed by CONSTRUCT to a fixpoint.

Covers what the ontology uses: subclasses, subproperties, inverse, symmetric and transitive
properties, property chains, domain and range. Axioms are closed beforehand
(`comity.graph.reasoning.axioms`), so that one pass over the statements is enough; only transitive
properties and chains use their own conclusions. Each query returns only new triples.
"""

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Final

import pyoxigraph as ox

from comity.graph.rdf.namespaces import DERIVED_GRAPH, PREFIXES
from comity.graph.reasoning.axioms import TYPE, Axioms, Node, read_axioms

_DATATYPES: Final = PREFIXES["xsd"]

_FEW, _MANY = 2_000, 50_000  # quads: each batch is held in memory

# MINUS rather than NOT EXISTS: the engine then reads existing triples once instead of row by row.
# No FILTER keeps literals from being subjects: it would fetch the text of each term, and CONSTRUCT
# drops such triples anyway (SPARQL 1.1 §16.2).
_KIND: Final = """CONSTRUCT {{ ?x a {name} }} WHERE {{
  {{ SELECT DISTINCT ?x WHERE {{ VALUES ?p {{ {names} }} {pattern} }} }} MINUS {{ ?x a {name} }} }}"""
_RELATION: Final = """CONSTRUCT {{ ?x {name} ?y }} WHERE {{ {pattern} MINUS {{ ?x {name} ?y }} }}"""


def close(engine: ox.Store, axioms: Axioms, only: Iterable[Node] | None = None) -> Axioms:
    """Add the closure of the statements to the derived graph, and return the axioms that then hold.

    `only` limits it to what follows from statements with these properties. Ontologies that imply
    new axioms are followed too, at the price of another pass.
    """
    while True:
        about_types = any(name == TYPE for p in axioms.named() for name, _ in axioms.relations(p))
        before = size(engine) if about_types else 0
        _conclude(engine, axioms, only)
        after = read_axioms(engine)
        if after == axioms and not (about_types and size(engine) > before):
            return axioms
        axioms, only = after, None


def _conclude(engine: ox.Store, axioms: Axioms, only: Iterable[Node] | None) -> None:
    _run(engine, _queries(axioms, only))
    recursive = list(_recursive(axioms))
    while recursive:
        grown = {name for name, text in recursive if add(engine, construct(engine, text))}
        if not grown:
            return
        _run(engine, _queries(axioms, grown))


def add(engine: ox.Store, triples: Iterable[ox.Triple]) -> int:
    """Add new triples to the derived graph, and return their number."""
    quads = (ox.Quad(t.subject, t.predicate, t.object, DERIVED_GRAPH) for t in triples)
    count = 0
    while part := list(islice(quads, _MANY)):
        count += len(part)
        # A bulk load writes its own files, which takes longer than a small transaction.
        write = engine.extend if len(part) < _FEW else engine.bulk_extend
        write(part)
    return count


def clear(engine: ox.Store) -> None:
    """Empty the derived graph: property by property, types class by class, in batches.

    The engine holds in memory what it removes at once, and matches a pattern faster than all
    triples.
    """
    for pattern, count in list(_kinds_of_triples(engine)):
        some = f"SELECT * WHERE {{ GRAPH {DERIVED_GRAPH} {{ {pattern} }} }} LIMIT {_MANY}"
        for _ in range(0, count, _MANY):
            engine.update(f"DELETE {{ GRAPH {DERIVED_GRAPH} {{ {pattern} }} }} WHERE {{ {some} }}")
    engine.remove_graph(DERIVED_GRAPH)
    engine.flush()


def _kinds_of_triples(engine: ox.Store) -> Iterator[tuple[str, int]]:
    found = engine.query(
        f"""SELECT ?p ?kind (COUNT(*) AS ?n) WHERE {{ GRAPH {DERIVED_GRAPH} {{ ?s ?p ?o }}
        BIND(IF(?p = {TYPE} && ISIRI(?o), ?o, ?none) AS ?kind) }} GROUP BY ?p ?kind"""
    )
    assert isinstance(found, ox.QuerySolutions)
    for row in found:
        yield f"?s {row['p']} {row['kind'] or '?o'}", _number(row["n"])


def size(engine: ox.Store) -> int:
    """Return the number of triples in the derived graph."""
    found = engine.query("SELECT (COUNT(*) AS ?n) WHERE { ?s ?p ?o }", default_graph=DERIVED_GRAPH)
    assert isinstance(found, ox.QuerySolutions)
    return _number(next(found)["n"])


def _number(term: object) -> int:
    assert isinstance(term, ox.Literal)
    return int(term.value)


def _run(engine: ox.Store, queries: Iterable[str]) -> None:
    for text in queries:
        add(engine, construct(engine, text))


def construct(engine: ox.Store, text: str) -> Iterator[ox.Triple]:
    """Run a CONSTRUCT over the union of all graphs."""
    found = engine.query(text, use_default_graph_as_union=True)
    assert isinstance(found, ox.QueryTriples)
    return found


def _queries(axioms: Axioms, only: Iterable[Node] | None) -> Iterator[str]:
    properties = axioms.named() if only is None else set(only)
    yield from _relations(axioms, properties)
    if only is None or TYPE in properties:
        broader = {kind: axioms.superclasses([kind]) - {kind} for kind in axioms.classes}
        yield from _kinds(broader, "?x a ?p")
    for subject, pattern in ((True, "?x ?p ?y"), (False, "?y ?p ?x")):
        yield from _kinds({p: axioms.kinds(p, subject=subject) for p in properties}, pattern)


def _kinds(pairs: dict[Node, set[Node]], pattern: str) -> Iterator[str]:
    for name, names in _inverted(pairs):
        if not name.value.startswith(_DATATYPES):  # a literal carries its datatype
            yield _KIND.format(name=name, names=_list(names), pattern=pattern)


def _relations(axioms: Axioms, properties: set[Node]) -> Iterator[str]:
    for turned, pattern in ((False, "?x ?p ?y"), (True, "?y ?p ?x")):
        told = {
            p: {name for name, way in axioms.relations(p) if way == turned and (way or name != p)}
            for p in properties
        }
        for name, names in _inverted(told):
            values = f"VALUES ?p {{ {_list(names)} }} {pattern}"
            yield _RELATION.format(name=name, pattern=values)


def _recursive(axioms: Axioms) -> Iterator[tuple[Node, str]]:
    """Yield the queries that may have to run again, each with the property that it adds to."""
    for name in sorted(axioms.transitive, key=str):
        pattern = f"?x {name}+ ?y"
        yield name, _RELATION.format(name=name, pattern=pattern)
    for name, steps in axioms.chains:
        pattern = f"?x {'/'.join(map(str, steps))} ?y"
        yield name, _RELATION.format(name=name, pattern=pattern)


def _inverted(pairs: dict[Node, set[Node]]) -> Iterator[tuple[Node, set[Node]]]:
    found: dict[Node, set[Node]] = {}
    for one, others in pairs.items():
        for other in others:
            found.setdefault(other, set()).add(one)
    return iter(sorted(found.items(), key=lambda item: str(item[0])))


def _list(names: Iterable[Node]) -> str:
    return " ".join(sorted(map(str, names)))
