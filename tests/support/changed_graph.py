"""The bundled graph in memory, in which a record is changed and the derived facts rebuilt."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

import pyoxigraph as ox

from comity.graph.checks.findings import read_material
from comity.graph.descriptions.description import LABEL, TYPE
from comity.graph.rdf.namespaces import COMITY, GRAPH, ID, PREFIXES, SOURCE
from comity.graph.reasoning.materialisation import derive
from comity.graph.reasoning.rules import rules_folder

COMMENT: Final = ox.NamedNode(PREFIXES["rdfs"] + "comment")
MOMENT: Final = ox.NamedNode(PREFIXES["xsd"] + "dateTime")
OFFICE: Final = ox.NamedNode(ID + "made-up-office")
PERSON: Final = ox.NamedNode(ID + "made-up-person")
_ADDED: Final = ox.NamedNode(GRAPH + "made-up")
_EARLIER: Final = ("earliest", "start", "end", "latest")

Row = frozenset[tuple[str, str]]
Rows = frozenset[Row]


def term(name: str) -> ox.NamedNode:
    """The term of the ontology with this name."""
    return ox.NamedNode(COMITY + name)


ROLES: Final = tuple(map(term, ("actor", "participant", "proponent", "salientFor", "holder")))


@dataclass(frozen=True)
class Change:
    """Quads to take away from the bundled graph, and to add."""

    removed: tuple[ox.Quad, ...] = ()
    added: tuple[ox.Quad, ...] = ()


@dataclass
class ChangedGraph:
    """A store with the bundled graph and derived facts; `rules` are others than the release's."""

    rules: Path | None = None
    store: ox.Store = field(default_factory=ox.Store)
    change: Change = Change()

    def __post_init__(self) -> None:
        material, broken = read_material()
        assert not broken
        self.store.extend(material.store)
        derive(self.store, self.rules)

    def become(self, change: Change) -> None:
        """Undo the last change, make another, and rebuild the derived facts."""
        self._exchange(self.change.added, self.change.removed)
        self._exchange(change.removed, change.added)
        self.change = change
        derive(self.store, self.rules)

    def _exchange(self, old: Iterable[ox.Quad], new: Iterable[ox.Quad]) -> None:
        for quad in old:
            self.store.remove(quad)
        self.store.extend(new)

    def answer(self, text: str) -> Rows:
        """The rows of a query, each as its columns with their values."""
        found = self.store.query(text, use_default_graph_as_union=True)
        if isinstance(found, ox.QueryTriples):
            parts = ("subject", "predicate", "object")
            return frozenset(
                frozenset(zip(parts, map(str, (t.subject, t.predicate, t.object)), strict=True))
                for t in found
            )
        assert isinstance(found, ox.QuerySolutions)
        names = [variable.value for variable in found.variables]
        return frozenset(
            frozenset((name, str(row[name])) for name in names if row[name] is not None)
            for row in found
        )

    def shortcuts(self) -> Rows:
        """The triples between things that the rules derive from the records."""
        names = " ".join(f"<{COMITY}{file.stem}>" for file in rules_folder().glob("*.rq"))
        return self.answer(f"SELECT ?x ?p ?y {{ VALUES ?p {{ {names} }} ?x ?p ?y }}")

    def records(self) -> list[ox.NamedNode]:
        """All records, in the order of their identifiers."""
        found = {quad.subject for quad in self.quads(None, term("modality"))}
        return sorted((r for r in found if isinstance(r, ox.NamedNode)), key=str)

    def quads(self, subject: ox.NamedNode | None, predicate: ox.NamedNode) -> list[ox.Quad]:
        """The quads with a predicate, of one subject or of all."""
        return list(self.store.quads_for_pattern(subject, predicate, None))

    def value(self, subject: ox.NamedNode, *names: str) -> ox.NamedNode | ox.Literal | None:
        """The first value that a thing has of several properties."""
        for name in names:
            for quad in self.quads(subject, term(name)):
                assert isinstance(quad.object, ox.NamedNode | ox.Literal)
                return quad.object
        return None

    def states(self, record: ox.NamedNode) -> list[ox.NamedNode]:
        """The states that a record names as acting in it or as its holders."""
        named = {q.object for role in ROLES for q in self.quads(record, role)}
        agents = [agent for agent in named if isinstance(agent, ox.NamedNode)]
        return sorted((agent for agent in agents if self.is_a(agent, "State")), key=str)

    def is_a(self, thing: ox.NamedNode, name: str) -> bool:
        """Whether a thing is of a class of the ontology."""
        return any(quad.object == term(name) for quad in self.quads(thing, TYPE))

    # The changes.

    def without(self, record: ox.NamedNode) -> Change:
        """The record is not told at all."""
        about = self._stated(self.store.quads_for_pattern(record, None, None))
        named = self._stated(self.store.quads_for_pattern(None, None, record))
        return Change((*about, *named))

    def refuted(self, record: ox.NamedNode) -> Change:
        """Another source finds the record erroneous."""
        note = ox.NamedNode(SOURCE + "made-up#n1")
        return Change(
            added=_about(
                note,
                (TYPE, term("Correction")),
                (term("onRecord"), record),
                (term("verdict"), term("erroneous")),
                (COMMENT, ox.Literal("It was not so.", language="en")),
                (term("citation"), ox.NamedNode(SOURCE + "made-up")),
            )
        )

    def hoped(self, record: ox.NamedNode) -> Change:
        """The record is a mere hope."""
        old = self._stated(self.store.quads_for_pattern(record, term("modality"), None))
        return Change(
            tuple(old),
            tuple(ox.Quad(q.subject, q.predicate, term("hoped"), q.graph_name) for q in old),
        )

    def by_office(self, record: ox.NamedNode, state: ox.NamedNode) -> Change:
        """An office of the state acts in the record, instead of the state itself."""
        removed, added = self._replaced(record, state, OFFICE)
        return Change(removed, (*added, *_office(state)))

    def by_person(self, record: ox.NamedNode, state: ox.NamedNode) -> Change | None:
        """A person who then holds an office of the state acts; None if the record has no date."""
        first = self.value(record, *_EARLIER)
        last = self.value(record, *reversed(_EARLIER))
        if first is None or last is None:
            return None
        removed, added = self._replaced(record, state, PERSON)
        source = self.value(record, "source")
        assert source is not None
        holding = _about(
            ox.NamedNode(SOURCE + "made-up#f1"),
            (TYPE, term("OfficeHolding")),
            (LABEL, ox.Literal("They held it.", language="en")),
            (term("modality"), term("asserted")),
            (term("source"), source),
            (term("person"), PERSON),
            (term("office"), OFFICE),
            (term("start"), _new_year(first, -1)),
            (term("end"), _new_year(last, 2)),
        )
        return Change(removed, (*added, *_office(state), *_person(), *holding))

    def _replaced(
        self, record: ox.NamedNode, state: ox.NamedNode, by: ox.NamedNode
    ) -> tuple[tuple[ox.Quad, ...], tuple[ox.Quad, ...]]:
        old = [q for role in ROLES for q in self.quads(record, role) if q.object == state]
        stated = self._stated(old)
        new = (ox.Quad(q.subject, q.predicate, by, q.graph_name) for q in stated)
        return tuple(stated), tuple(new)

    def _stated(self, quads: Iterable[ox.Quad]) -> list[ox.Quad]:
        """Those that are not derived."""
        derived = ox.NamedNode(GRAPH + "derived")
        return [quad for quad in quads if quad.graph_name != derived]


def _office(state: ox.NamedNode) -> tuple[ox.Quad, ...]:
    name = ox.Literal("made-up office", language="en")
    return _about(OFFICE, (TYPE, term("Office")), (LABEL, name), (term("officeOf"), state))


def _person() -> tuple[ox.Quad, ...]:
    return _about(
        PERSON, (TYPE, term("Person")), (LABEL, ox.Literal("made-up person", language="en"))
    )


def _about(
    subject: ox.NamedNode, *said: tuple[ox.NamedNode, ox.NamedNode | ox.Literal]
) -> tuple[ox.Quad, ...]:
    return tuple(ox.Quad(subject, predicate, value, _ADDED) for predicate, value in said)


def _new_year(moment: ox.NamedNode | ox.Literal, years: int) -> ox.Literal:
    year = int(moment.value[:4]) + years
    return ox.Literal(f"{year}-01-01T00:00:00Z", datatype=MOMENT)
