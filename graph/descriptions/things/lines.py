"""One-line summaries of records about a thing: when, who, on what, where."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from comity.graph.descriptions.links import Link
from comity.graph.descriptions.records.modalities import OWN_VOICE
from comity.graph.descriptions.records.model import Note, Record
from comity.graph.descriptions.records.stances import SIGNS
from comity.graph.descriptions.records.times import time_of_content
from comity.graph.descriptions.records.views import Views
from comity.graph.rdf.namespaces import COMITY
from comity.graph.rdf.terms import in_words

_ACTING: Final = ("holder", "actor", "participant", "person", "proponent", "salientFor")
_AHEAD: Final = frozenset(("scheduled", "suggested", "intended", "expected"))
_ABOUT: Final = ("issue", "event", "participationIn", "office", "proposal", "place")


@dataclass(frozen=True, slots=True)
class Line:
    """A record in one line; `stance`, `sign` and `word` are "" if it is not a position.

    `mine` is True if the thing acts in it or holds it, itself or `through` others; `beyond` if it
    is not a fact. `when` is the time that a plan is meant for.
    """

    record: Record
    when: str
    stance: str
    sign: str
    word: str
    modality: str
    joint: bool
    mine: bool
    beyond: bool
    others: Sequence[Link]
    on: Sequence[Link]
    places: Sequence[Link]
    through: Sequence[Link] = ()


class Lines:
    """The lines of the records about one thing, each computed once."""

    def __init__(self, views: Views) -> None:
        self.views = views
        self._known: dict[str, Line] = {}

    def of(self, records: Iterable[str]) -> list[Line]:
        """Return a line for each record."""
        return [self.line(record) for record in records]

    def line(self, record: str) -> Line:
        """Return a record in one line."""
        if record not in self._known:
            self._known[record] = self._line(record)
        return self._known[record]

    def notes(self, records: Iterable[str]) -> list[tuple[Note, list[Line]]]:
        """Return the notes on records, each with its records."""
        found: dict[tuple[str, str], tuple[Note, list[Line]]] = {}
        for line in self.of(dict.fromkeys(records)):
            for note in line.record.notes:
                key = (note.verdict, note.comment)
                found.setdefault(key, (note, []))[1].append(line)
        return list(found.values())

    def _line(self, name: str) -> Line:
        described, thing, iri = self.views.described, self.views.described.iri, ox.NamedNode(name)
        record = self.views.record(name)
        stance, modality = self._local(iri, "stance"), self._local(iri, "modality")
        reporters = described.nodes(iri, "reportedBy")
        acting = [n for name in _ACTING for n in described.nodes(iri, name) if n not in reporters]
        through = self.views.through(iri, thing)
        mine = (*acting, *described.nodes(iri, "actingAgent"), *described.nodes(iri, "heldBy"))
        about = [node for name in _ABOUT for node in described.nodes(iri, name)]
        parts = {each.iri for each in through}
        return Line(
            record,
            when=self._when(iri, record) or "undated",
            stance=stance,
            sign=SIGNS[stance][0] if stance in SIGNS else "",
            word=SIGNS[stance][1] if stance in SIGNS else stance,
            joint=bool(stance) and len(described.nodes(iri, "holder")) > 1,
            mine=thing in mine and thing not in reporters,
            modality=modality,
            beyond=modality not in OWN_VOICE,
            others=[each for each in self._links(acting) if each.iri not in parts],
            on=self._links(node for node in about if node not in acting),
            places=self._links(described.nodes(iri, "place")),
            through=through,
        )

    def _when(self, iri: ox.NamedNode, record: Record) -> str:
        """Return the time that a plan is meant for, and that of any other record."""
        described = self.views.described
        plans = [p for p in described.nodes(iri, "contains") if self._local(p, "status") in _AHEAD]
        if plans:
            return next(filter(None, (time_of_content(described, plan) for plan in plans)), "")
        return record.when or in_words(self._local(iri, "precision"))

    def _local(self, record: ox.NamedNode, property: str) -> str:
        """Return the local name of the first IRI among the values of a property."""
        found = self.views.described.nodes(record, property)
        return found[0].value.removeprefix(COMITY) if found else ""

    def _links(self, nodes: Iterable[ox.NamedNode]) -> list[Link]:
        """Return links to all nodes but the thing itself, each once."""
        thing = self.views.described.iri
        return [self.views.link(node) for node in dict.fromkeys(nodes) if node != thing]
