"""Terms that the ontology once had, in graphs of a store that are not Comity's.

`ontology/renamed.ttl` lists them; it is part of the ontology's graph.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pyoxigraph import DefaultGraph, Literal, NamedNode, Quad

from comity.graph.rdf.namespaces import COMITY, ONTOLOGY_GRAPH, PREFIXES
from comity.graph.rdf.terms import shorten
from comity.graph.store.record import protected_graphs
from comity.graph.store.solutions import Library

_DEPRECATED: Final = NamedNode(PREFIXES["owl"] + "deprecated")
_SUCCESSOR: Final = NamedNode(PREFIXES["dcterms"] + "isReplacedBy")
_COMMENT: Final = NamedNode(PREFIXES["rdfs"] + "comment")

_RENAME: Final = (
    "DELETE {{ {old} }}\nINSERT {{ {new} }}\nWHERE {{ VALUES (?old ?new) {{ {pairs} }} {old} }}"
)
_PLACES: Final = (("?s ?old ?o", "?s ?new ?o"), ("?s ?p ?old", "?s ?p ?new"))


@dataclass(frozen=True, slots=True)
class OldTerm:
    """A term that is used and no longer defined; without a `successor`, the `advice` says what to do."""

    term: NamedNode
    successor: NamedNode | None
    advice: str
    triples: int
    is_in_default: bool

    def __str__(self) -> str:
        used = "1 triple" if self.triples == 1 else f"{self.triples} triples"
        if self.successor is not None:
            return f"{shorten(self.term)} is {shorten(self.successor)} now ({used})"
        return f"{shorten(self.term)} is gone ({used}). {self.advice}".rstrip()


def old_terms(store: Library) -> list[OldTerm]:
    """Find the terms that graphs of the store's user have and the ontology has no longer."""
    own = protected_graphs(store)
    listed = store.engine.quads_for_pattern(None, _DEPRECATED, None, ONTOLOGY_GRAPH)
    found = []
    for term in sorted((q.subject for q in listed if isinstance(q.subject, NamedNode)), key=str):
        graphs = [q.graph_name for q in _uses(store, term) if _graph_of(q) not in own]
        if graphs:
            successor, advice = _told(store, term, _SUCCESSOR), _told(store, term, _COMMENT)
            found.append(
                OldTerm(
                    term,
                    successor if isinstance(successor, NamedNode) else None,
                    advice.value if isinstance(advice, Literal) else "",
                    len(graphs),
                    any(isinstance(name, DefaultGraph) for name in graphs),
                )
            )
    return found


def renaming(found: Sequence[OldTerm]) -> str:
    """The SPARQL update that renames those with a successor; empty where none has one."""
    pairs = [(old.term, old.successor) for old in found if old.successor is not None]
    if not pairs:
        return ""
    listed = " ".join(f"({shorten(old)} {shorten(new)})" for old, new in pairs)
    parts = [
        _RENAME.format(old=f"GRAPH ?g {{ {old} }}", new=f"GRAPH ?g {{ {new} }}", pairs=listed)
        for old, new in _PLACES
    ]
    if any(old.is_in_default for old in found):
        parts += [_RENAME.format(old=old, new=new, pairs=listed) for old, new in _PLACES]
    return f"PREFIX comity: <{COMITY}>\n" + " ;\n".join(parts)


def notice(found: Sequence[OldTerm]) -> list[str]:
    """What to tell the store's user, line by line; nothing where nothing was found."""
    if not found:
        return []
    told = [
        "Graphs of yours have terms that this release has no longer; they were left as they are:"
    ]
    told += [f"  {old}" for old in found]
    if update := renaming(found):
        told += [
            "This update, sent to /sparql, renames those that have a successor:",
            *update.splitlines(),
        ]
    return told


def _uses(store: Library, term: NamedNode) -> Iterator[Quad]:
    yield from store.engine.quads_for_pattern(None, term, None, None)
    yield from store.engine.quads_for_pattern(None, None, term, None)


def _told(store: Library, term: NamedNode, predicate: NamedNode) -> object:
    quads = store.engine.quads_for_pattern(term, predicate, None, ONTOLOGY_GRAPH)
    return next((quad.object for quad in quads), None)


def _graph_of(quad: Quad) -> str:
    return quad.graph_name.value if isinstance(quad.graph_name, NamedNode) else ""
