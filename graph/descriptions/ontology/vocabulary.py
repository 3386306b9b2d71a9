"""What the ontology of Comity says of its classes and properties, as networks need it."""

from collections.abc import Mapping
from functools import cache
from typing import Final

import pyoxigraph as ox

from comity.graph.installed import ontology_folder
from comity.graph.rdf.namespaces import COMITY, PREFIXES

_TYPE: Final = ox.NamedNode(PREFIXES["rdf"] + "type")
_CLASS: Final = ox.NamedNode(PREFIXES["owl"] + "Class")
_SUBCLASS: Final = ox.NamedNode(PREFIXES["rdfs"] + "subClassOf")
_SYMMETRIC: Final = ox.NamedNode(PREFIXES["owl"] + "SymmetricProperty")
_RULE: Final = ox.NamedNode(COMITY + "rule")
# Of other vocabularies only what our graphs use.
_OTHERS: Final = frozenset((PREFIXES["skos"] + "related",))


def is_symmetric(property: str) -> bool:
    """Whether a property, by its IRI, says of two things the same in either direction."""
    return property in _symmetric()


@cache
def derived_properties() -> frozenset[str]:
    """Return the IRIs of the properties that rules derive."""
    found = _ontology().quads_for_pattern(None, _RULE, None)
    return frozenset(quad.subject.value for quad in found if isinstance(quad.subject, ox.NamedNode))


def depth(cls: str) -> int:
    """How far below the top of the ontology a class lies; 0 for one that is not in it."""
    return len(chain(cls)) if cls in _parents() else 0


@cache
def chain(cls: str) -> tuple[str, ...]:
    """A class and those above it, the nearest first; by names, as `class_name` gives them."""
    found, level = [cls], [cls]
    while level:
        above = [p for each in level for p in _parents().get(each, ()) if p not in found]
        level = list(dict.fromkeys(above))
        found += level
    return tuple(found)


@cache
def _symmetric() -> frozenset[str]:
    found = _ontology().quads_for_pattern(None, _TYPE, _SYMMETRIC)
    return _OTHERS | {
        quad.subject.value for quad in found if isinstance(quad.subject, ox.NamedNode)
    }


@cache
def _parents() -> Mapping[str, tuple[str, ...]]:
    """The classes of the ontology with those directly above them."""
    above: dict[str, tuple[str, ...]] = {}
    for quad in _ontology().quads_for_pattern(None, _TYPE, _CLASS):
        above[_local(quad.subject)] = ()
    for quad in _ontology().quads_for_pattern(None, _SUBCLASS, None):
        name = _local(quad.subject)
        above[name] = (*above.get(name, ()), _local(quad.object))
    return above


@cache
def _ontology() -> ox.Store:
    store = ox.Store()
    store.load(path=ontology_folder() / "comity.ttl", format=ox.RdfFormat.TURTLE)
    return store


def _local(term: object) -> str:
    value = term.value if isinstance(term, ox.NamedNode) else str(term)
    return value.removeprefix(COMITY)
