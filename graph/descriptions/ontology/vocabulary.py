"""Facts about the ontology's classes and properties that networks need."""

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
# Of other vocabularies only those that our graphs use.
_OTHERS: Final = frozenset((PREFIXES["skos"] + "related",))


def is_symmetric(property: str) -> bool:
    """True if a property, given by its IRI, is symmetric."""
    return property in _symmetric()


@cache
def derived_properties() -> frozenset[str]:
    """Return the IRIs of the properties that rules derive."""
    found = _ontology().quads_for_pattern(None, _RULE, None)
    return frozenset(quad.subject.value for quad in found if isinstance(quad.subject, ox.NamedNode))


def depth(cls: str) -> int:
    """Return the depth of a class below the top of the ontology; 0 if it is not in it."""
    return len(chain(cls)) if cls in _parents() else 0


@cache
def chain(cls: str) -> tuple[str, ...]:
    """Return a class and its superclasses, nearest first, by names as from `class_name`."""
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
    """Return the classes of the ontology with their direct superclasses."""
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
