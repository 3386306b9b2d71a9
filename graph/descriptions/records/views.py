"""Views of a description: the thing itself, its records, links with labels."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from comity.graph.descriptions.dates import day_of
from comity.graph.descriptions.description import ON_RECORD, TYPE, Description, Object, Subject
from comity.graph.descriptions.links import Link
from comity.graph.descriptions.ontology.vocabulary import depth, derived_properties
from comity.graph.descriptions.records.model import (
    ActingAgent,
    Content,
    Fact,
    Note,
    QuotationView,
    Record,
    Thing,
)
from comity.graph.descriptions.records.times import time_of_content, time_of_record
from comity.graph.rdf.namespaces import COMITY, PREFIXES, SOURCE
from comity.graph.rdf.terms import in_words, local_name, shorten, write_triple

_LABELS: Final = (PREFIXES["rdfs"] + "label", PREFIXES["skos"] + "prefLabel")
_NAMES: Final = (PREFIXES["skos"] + "altLabel", PREFIXES["skos"] + "hiddenLabel")
_DESCRIPTIONS: Final = (
    PREFIXES["dcterms"] + "description",
    PREFIXES["skos"] + "definition",
    PREFIXES["skos"] + "scopeNote",
    PREFIXES["rdfs"] + "comment",
)
# Properties with their own place on a record's card.
_APART: Final = frozenset(
    COMITY + name
    for name in (
        *("modality", "holder", "reportedBy", "source", "evidence", "citation", "content"),
        *("earliest", "latest", "precision", "start", "end", "contextPassage"),
    )
) | {PREFIXES["prov"] + name for name in ("wasQuotedFrom", "wasDerivedFrom")}
_CONTENT_TIMES: Final = frozenset(
    COMITY + name for name in ("contentEarliest", "contentLatest", "contentPrecision")
)
_ON_BEHALF_OF: Final = ox.NamedNode(COMITY + "onBehalfOf")
_VERDICTS: Final = ("erroneous", "outdated", "contested")
_SELECTOR: Final = PREFIXES["oa"] + "hasSelector"
_TITLE: Final = PREFIXES["dcterms"] + "title"
_DUMP: Final = PREFIXES["void"] + "dataDump"


class Views:
    """The views of one description."""

    def __init__(self, described: Description, language: str = "en") -> None:
        self.described, self._language = described, language
        self._anchored: set[object] = set()

    def link(self, term: Object) -> Link:
        """Return a term with its label."""
        if isinstance(term, ox.Literal):
            return Link(term.value)
        if not isinstance(term, ox.NamedNode):
            return Link(str(term))
        label = self.described.label(term, self._language)
        return Link(label or shorten(term), term.value)

    def named(self, iri: str) -> Link:
        """Return an IRI with its label."""
        return self.link(ox.NamedNode(iri))

    def thing(self) -> Thing:
        """Return the resource itself, and what points to it."""
        iri = self.described.iri
        said = self.described.of(iri)
        title = self.described.text(iri, _TITLE)
        label = self.described.label(iri, self._language) or title or shorten(iri)
        names = [
            (value.value, value.language or "")
            for name in (*_LABELS, *_NAMES)
            for value in said.get(ox.NamedNode(name), ())
            if isinstance(value, ox.Literal) and value.value != label
        ]
        apart = {*_LABELS, *_NAMES, *_DESCRIPTIONS, TYPE.value, _DUMP}
        if title == label:
            apart.add(_TITLE)
        facts = self._facts(iri, apart)
        shortcuts = derived_properties()
        return Thing(
            iri=iri.value,
            label=label,
            types=[self.link(kind) for kind in self._kinds(iri)],
            names=sorted(names, key=lambda name: (name[1] != "en", name[1], name[0])),
            descriptions=[
                value.value
                for name in _DESCRIPTIONS
                for value in said.get(ox.NamedNode(name), ())
                if isinstance(value, ox.Literal) and (value.language or "en").startswith("en")
            ],
            facts=[fact for fact in facts if fact.name.iri not in shortcuts],
            derived=[
                Fact(
                    fact.name,
                    fact.values,
                    [
                        write_triple(ox.Triple(iri, ox.NamedNode(fact.name.iri or ""), value))
                        for value in said[ox.NamedNode(fact.name.iri or "")]
                    ],
                )
                for fact in facts
                if fact.name.iri in shortcuts
            ],
            incoming=self._incoming(),
        )

    def record(self, name: str) -> Record:
        """Return the record of an IRI."""
        described, iri = self.described, ox.NamedNode(name)
        modality = next(iter(described.values(iri, "modality")), None)
        source = next(iter(described.values(iri, "source")), None)
        kinds = self._kinds(iri)
        standing = next(iter(described.nodes(iri, "standing")), None)
        found = sorted(described.nodes(iri, "foundToBe"), key=_gravity)
        right = next(iter(described.nodes(iri, "correctedBy")), None)
        return Record(
            iri=iri.value,
            anchor=self._anchor(iri),
            link=self.link(iri),
            label=described.label(iri, self._language) or shorten(iri),
            kind=self.link(kinds[0]) if kinds else Link("record"),
            modality=self.link(modality).text if modality else "",
            when=time_of_record(described, iri),
            source=self.link(source) if source else Link(""),
            holders=self._links(iri, "holder"),
            reporters=self._links(iri, "reportedBy"),
            facts=self._facts(iri, {*_APART, *_LABELS, *derived_properties(), TYPE.value}),
            contents=[
                self._held(self._content(node), iri) for node in described.nodes(iri, "content")
            ]
            + [
                replace(self._content(node), kind="condition")
                for node in described.nodes(iri, "conditionalOn")
                if node.value.startswith(SOURCE)
            ],
            quotations=[self._quoted(node) for node in described.nodes(iri, "evidence")],
            context=[self._sentence(node) for node in described.nodes(iri, "contextPassage")],
            citations=[self.link(node) for node in described.nodes(iri, "citation")],
            notes=[self._note(note) for note in self._notes.get(iri, ())],
            standing=self.link(standing).text if standing else "",
            verdict=self._verdict(found[0], standing) if found else "",
            right=self.link(right) if right else None,
            agents=self._agents(iri),
        )

    def _verdict(self, found: ox.NamedNode, standing: ox.NamedNode | None) -> str:
        """Return a verdict in words; what still counts as fact is wrong in its date alone."""
        told = standing is not None and standing.value == COMITY + "toldAsFact"
        return f"{self.link(found).text} date" if told else self.link(found).text

    def _held(self, content: Content, record: ox.NamedNode) -> Content:
        """Return the content of a record, marked as opposed if that is the stance towards it."""
        opposed = ox.NamedNode(COMITY + "opposed") in self.described.nodes(record, "stance")
        return replace(content, kind=f"{content.kind}, opposed") if opposed else content

    def through(self, iri: ox.NamedNode, agent: ox.NamedNode) -> list[Link]:
        """Return the offices, organs and persons in office through whom an agent is in a record.

        Empty if the record names the agent itself.
        """
        described, derived = self.described, derived_properties()
        named = {
            value
            for node in (iri, *described.nodes(iri, "content"), *described.nodes(iri, "contains"))
            for name, values in described.of(node).items()
            if name.value not in derived and name != _ON_BEHALF_OF
            for value in values
        }
        if agent in named:
            return []
        found = [
            self.link(part)
            for part in sorted(named, key=str)
            if isinstance(part, ox.NamedNode) and agent in self._wholes(part)
        ]
        for holding in described.nodes(iri, "officeThen"):
            for office in described.nodes(holding, "office"):
                found += [
                    Link(f"{self.link(person).text}, {self.link(office).text}", person.value)
                    for person in described.nodes(holding, "person")
                    if person in named and agent in self._wholes(office)
                ]
        return list(dict.fromkeys(found))

    def _wholes(self, part: ox.NamedNode) -> list[ox.NamedNode]:
        """Return the states and organisations whose office or organ something is."""
        return [*self.described.nodes(part, "officeOf"), *self.described.nodes(part, "organOf")]

    def _agents(self, iri: ox.NamedNode) -> list[ActingAgent]:
        """Return the agents that a record does not name itself, with those it names."""
        described = self.described
        agents = (*described.nodes(iri, "actingAgent"), *described.nodes(iri, "heldBy"))
        return [
            ActingAgent(self.link(agent), through)
            for agent in dict.fromkeys(agents)
            if (through := self.through(iri, agent))
        ]

    @cached_property
    def _notes(self) -> Mapping[Object, Sequence[Subject]]:
        """Notes on each record."""
        found: dict[Object, list[Subject]] = {}
        for subject, said in self.described.subjects.items():
            for record in said.get(ON_RECORD, ()):
                found.setdefault(record, []).append(subject)
        return found

    def _links(self, iri: ox.NamedNode, name: str) -> list[Link]:
        return [self.link(value) for value in self.described.values(iri, name)]

    def _kinds(self, iri: ox.NamedNode) -> list[ox.NamedNode]:
        """Return the classes, most specific first."""
        kinds = self.described.nodes(iri, TYPE.value)
        return sorted(kinds, key=lambda kind: (-depth(kind.value.removeprefix(COMITY)), kind.value))

    def _facts(self, iri: ox.NamedNode, apart: Iterable[str]) -> list[Fact]:
        left = frozenset(apart)
        return [
            Fact(self._name(name), [self._value(value) for value in values])
            for name, values in self.described.of(iri).items()
            if name.value not in left
        ]

    def _name(self, property: ox.NamedNode) -> Link:
        """Return a property in words: those of other vocabularies have no label here."""
        link = self.link(property)
        if self.described.label(property, self._language):
            return link
        return Link(in_words(local_name(property.value)), link.iri)

    def _value(self, value: Object) -> Link:
        if isinstance(value, ox.Literal) and value.datatype.value == PREFIXES["xsd"] + "dateTime":
            return Link(day_of(value.value))
        return self.link(value)

    def _incoming(self) -> list[Fact]:
        found: dict[ox.NamedNode, list[ox.Triple]] = {}
        for triple in self.described.incoming():
            found.setdefault(triple.predicate, []).append(triple)
        shortcuts = derived_properties()
        return [
            Fact(
                self._name(name),
                [self.link(triple.subject) for triple in triples],
                [write_triple(t) for t in triples] if name.value in shortcuts else (),
            )
            for name, triples in found.items()
        ]

    def _content(self, node: ox.NamedNode, above: tuple[ox.NamedNode, ...] = ()) -> Content:
        kinds = self._kinds(node)
        parts: list[tuple[str, Content]] = []
        apart = {*_LABELS, *_CONTENT_TIMES, TYPE.value}
        for name in ("antecedent", "consequent", "contentObject", "contentProposition"):
            property = ox.NamedNode(COMITY + name)
            for value in self.described.nodes(node, name):
                is_part = value.value.startswith(SOURCE) and "#" in value.value
                if is_part and self.described.of(value) and value not in (*above, node):
                    apart.add(property.value)
                    below = self._content(value, (*above, node))
                    parts.append((self.link(property).text, below))
        facts = self._facts(node, apart)
        if when := time_of_content(self.described, node):
            facts.append(Fact(Link("when"), [Link(when)]))
        label = self.described.label(node, self._language) or ""
        kind = self.link(kinds[0]).text if kinds else "content"
        return Content(self._anchor(node), kind, label, facts, parts)

    def _quoted(self, quotation: ox.NamedNode) -> QuotationView:
        described = self.described
        passage = next(iter(described.nodes(quotation, "passage")), None)
        return QuotationView(
            described.text(quotation, "words") or "",
            (described.text(passage, "sentenceNumber") or "") if passage else "",
            described.text(quotation, "startOffset") or "",
            described.text(quotation, "endOffset") or "",
            self.link(quotation),
            [
                anchor
                for node in (quotation, *described.nodes(quotation, _SELECTOR))
                if (anchor := self._anchor(node))
            ],
        )

    def _sentence(self, passage: ox.NamedNode) -> Link:
        number = self.described.text(passage, "sentenceNumber")
        return Link(number or passage.value.partition("#")[2] or shorten(passage), passage.value)

    def _anchor(self, node: object) -> str:
        """Return the fragment of an IRI once, "" after that: anchors in a page are unique."""
        if not isinstance(node, ox.NamedNode) or node in self._anchored:
            return ""
        self._anchored.add(node)
        return node.value.partition("#")[2]

    def _note(self, note: Subject) -> Note:
        described = self.described
        kinds = self._kinds(note) if isinstance(note, ox.NamedNode) else []
        verdict = next(iter(described.values(note, "verdict")), None)
        return Note(
            self._anchor(note),
            self.link(kinds[0]).text if kinds else "note",
            self.link(verdict).text if verdict else "note",
            described.text(note, PREFIXES["rdfs"] + "comment") or "",
            [self.link(source) for source in described.nodes(note, "citation")],
            any(kind.value == COMITY + "Correction" for kind in kinds),
            [self.link(record) for record in described.nodes(note, "correctedRecord")],
        )


def _gravity(verdict: ox.NamedNode) -> int:
    """Return the place of a verdict among all that count against a record, the gravest first."""
    name = verdict.value.removeprefix(COMITY)
    return _VERDICTS.index(name) if name in _VERDICTS else len(_VERDICTS)
