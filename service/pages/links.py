"""What pages show of a description: links, facts, records with their quotations and notes."""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Final
from urllib.parse import urlencode

import pyoxigraph as ox

from comity.graph.descriptions.description import ON_RECORD, TYPE, Description, Object
from comity.graph.descriptions.vocabulary import depth
from comity.graph.installed import ontology_folder
from comity.graph.rdf.namespaces import BASE, COMITY, PREFIXES, SOURCE
from comity.graph.rdf.terms import in_words, local_name, shorten
from comity.graph.reasoning.rules import rule_files
from comity.service.http.paths import path_of

_LABELS: Final = (PREFIXES["rdfs"] + "label", PREFIXES["skos"] + "prefLabel")
_NAMES: Final = (PREFIXES["skos"] + "altLabel", PREFIXES["skos"] + "hiddenLabel")
_DESCRIPTIONS: Final = (
    PREFIXES["dcterms"] + "description",
    PREFIXES["skos"] + "definition",
    PREFIXES["skos"] + "scopeNote",
    PREFIXES["rdfs"] + "comment",
)
# What a record's card shows in a place of its own.
_APART: Final = frozenset(
    COMITY + name
    for name in (
        *("modality", "holder", "reportedBy", "source", "evidence", "citation", "content"),
        *("earliest", "latest", "precision", "start", "end"),
    )
) | {PREFIXES["prov"] + "wasQuotedFrom"}
_TIMES: Final = (("earliest", "latest"), ("start", "end"))
_CONTENT_TIMES: Final = frozenset(
    COMITY + name for name in ("contentEarliest", "contentLatest", "contentPrecision")
)
# The headings of a page, in order; a class that is not named comes after these.
_HEADINGS: Final = (
    *("Position", "Participation", "OfficeHolding", "EventReport", "ProposalReport"),
    *("Cooperation", "Claim", "Salience"),
)
_SELECTOR: Final = PREFIXES["oa"] + "hasSelector"
_TITLE: Final = PREFIXES["dcterms"] + "title"
_DUMP: Final = PREFIXES["void"] + "dataDump"
_ADDRESS: Final = re.compile(rf"(?!{re.escape(BASE)})https?://")


@dataclass(frozen=True, slots=True)
class Link:
    """A term as a page shows it; `path` is where this service tells of it, from its root on."""

    text: str
    iri: str | None = None
    path: str | None = None

    @property
    def is_address(self) -> bool:
        """Whether it leads to another site."""
        return self.path is None and self.iri is not None and bool(_ADDRESS.match(self.iri))


@dataclass(frozen=True, slots=True)
class Fact:
    """One property with its values; `why` has the evidence of each, where it is derived."""

    name: Link
    values: Sequence[Link]
    why: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class QuotationView:
    """The words of a source; sentence and offsets are "" where unknown."""

    words: str
    sentence: str = ""
    start: str = ""
    end: str = ""
    place: Link | None = None
    anchors: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """What the editors remark on a record, and which sources show it."""

    anchor: str
    kind: str
    verdict: str
    comment: str
    citations: Sequence[Link]
    is_correction: bool = False
    instead: Sequence[Link] = ()
    """The records that say it right."""


@dataclass(frozen=True, slots=True)
class Content:
    """What a record speaks of without stating it: a proposition."""

    anchor: str
    kind: str
    label: str
    facts: Sequence[Fact]
    parts: Sequence[tuple[str, "Content"]]


@dataclass(frozen=True, slots=True)
class Record:
    """One record with all that it says, and the words it rests on."""

    iri: str
    anchor: str
    link: Link
    label: str
    kind: Link
    modality: str
    when: str
    source: Link
    holders: Sequence[Link]
    reporters: Sequence[Link]
    facts: Sequence[Fact]
    contents: Sequence[Content]
    quotations: Sequence[QuotationView]
    citations: Sequence[Link]
    notes: Sequence[Note]


@dataclass(frozen=True, slots=True)
class Thing:
    """What a page says of a resource itself."""

    iri: str
    label: str
    types: Sequence[Link]
    names: Sequence[tuple[str, str]]
    descriptions: Sequence[str]
    facts: Sequence[Fact]
    derived: Sequence[Fact]
    incoming: Sequence[Fact]


def why_path(triple: ox.Triple) -> str:
    """The address of the evidence of a triple, from the service's root on."""
    names = zip("spo", triple, strict=True)
    return "/why?" + urlencode({name: _written(term) for name, term in names})


def _written(term: Object) -> str:
    return term.value if isinstance(term, ox.NamedNode) else str(term)


class Views:
    """The views of one description."""

    def __init__(self, described: Description, language: str = "en") -> None:
        self.described, self._language = described, language
        self._anchored: set[object] = set()

    def link(self, term: Object) -> Link:
        """A term with its label."""
        if isinstance(term, ox.Literal):
            return Link(term.value)
        if not isinstance(term, ox.NamedNode):
            return Link(str(term))
        label = self.described.label(term, self._language)
        return Link(label or shorten(term), term.value, path_of(term.value))

    def thing(self) -> Thing:
        """What is said of the resource itself, and what else points to it."""
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
        shortcuts = _shortcuts()
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
                        why_path(ox.Triple(iri, ox.NamedNode(fact.name.iri or ""), value))
                        for value in said[ox.NamedNode(fact.name.iri or "")]
                    ],
                )
                for fact in facts
                if fact.name.iri in shortcuts
            ],
            incoming=self._incoming(),
        )

    def records(self) -> list[tuple[Link, list[Record]]]:
        """The records under the headings of their classes."""
        found: dict[Link, list[Record]] = {}
        for iri in self.described.records():
            record = self.record(iri)
            found.setdefault(record.kind, []).append(record)
        order = {COMITY + name: at for at, name in enumerate(_HEADINGS)}
        return sorted(found.items(), key=lambda item: order.get(item[0].iri or "", len(order)))

    def record(self, iri: ox.NamedNode) -> Record:
        """One record."""
        described = self.described
        modality = next(iter(described.values(iri, "modality")), None)
        source = next(iter(described.values(iri, "source")), None)
        kinds = self._kinds(iri)
        notes = [s for s, said in described.subjects.items() if iri in said.get(ON_RECORD, ())]
        return Record(
            iri=iri.value,
            anchor=self._anchor(iri),
            link=self.link(iri),
            label=described.label(iri, self._language) or shorten(iri),
            kind=self.link(kinds[0]) if kinds else Link("record"),
            modality=self.link(modality).text if modality else "",
            when=self._when(iri),
            source=self.link(source) if source else Link(""),
            holders=self._links(iri, "holder"),
            reporters=self._links(iri, "reportedBy"),
            facts=self._facts(iri, {*_APART, *_LABELS, TYPE.value}),
            contents=[self._content(node) for node in described.nodes(iri, "content")],
            quotations=[self._quoted(node) for node in described.nodes(iri, "evidence")],
            citations=[self.link(node) for node in described.nodes(iri, "citation")],
            notes=[self._note(note) for note in notes],
        )

    def _links(self, iri: ox.NamedNode, name: str) -> list[Link]:
        return [self.link(value) for value in self.described.values(iri, name)]

    def _kinds(self, iri: ox.NamedNode) -> list[ox.NamedNode]:
        """The classes, the narrowest first."""
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
        """A property in words: those of other vocabularies have no label here."""
        link = self.link(property)
        if self.described.label(property, self._language):
            return link
        return Link(in_words(local_name(property.value)), link.iri, link.path)

    def _value(self, value: Object) -> Link:
        if isinstance(value, ox.Literal) and value.datatype.value == PREFIXES["xsd"] + "dateTime":
            return Link(day(value.value))
        return self.link(value)

    def _incoming(self) -> list[Fact]:
        found: dict[ox.NamedNode, list[ox.Triple]] = {}
        for triple in self.described.incoming():
            found.setdefault(triple.predicate, []).append(triple)
        shortcuts = _shortcuts()
        return [
            Fact(
                self._name(name),
                [self.link(triple.subject) for triple in triples],
                [why_path(t) for t in triples] if name.value in shortcuts else (),
            )
            for name, triples in found.items()
        ]

    def _content(self, node: ox.NamedNode, above: tuple[ox.NamedNode, ...] = ()) -> Content:
        kinds = self._kinds(node)
        parts: list[tuple[str, Content]] = []
        apart = {*_LABELS, *_CONTENT_TIMES, TYPE.value}
        for name in ("antecedent", "consequent", "contentObject"):
            property = ox.NamedNode(COMITY + name)
            for value in self.described.nodes(node, name):
                is_part = value.value.startswith(SOURCE) and "#" in value.value
                if is_part and self.described.of(value) and value not in (*above, node):
                    apart.add(property.value)
                    below = self._content(value, (*above, node))
                    parts.append((self.link(property).text, below))
        facts = self._facts(node, apart)
        if when := self._when(node, content=True):
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

    def _anchor(self, node: object) -> str:
        """The fragment of an IRI where it is shown first on a page, "" from then on."""
        if not isinstance(node, ox.NamedNode) or node in self._anchored:
            return ""
        self._anchored.add(node)
        return node.value.partition("#")[2]

    def _note(self, note: object) -> Note:
        assert isinstance(note, (ox.NamedNode, ox.BlankNode))
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

    def _when(self, iri: ox.NamedNode, *, content: bool = False) -> str:
        """When it was, as precisely as the record has it; "" where it has no time."""
        if content:
            pairs: Sequence[tuple[str, str]] = (("contentEarliest", "contentLatest"),)
            precision = next(iter(self.described.values(iri, "contentPrecision")), None)
        else:
            pairs, precision = _TIMES, next(iter(self.described.values(iri, "precision")), None)
        exact = precision.value.removeprefix(COMITY) if isinstance(precision, ox.NamedNode) else ""
        for first, last in pairs:
            begun = _moment(self.described.text(iri, first))
            ended = _moment(self.described.text(iri, last))
            if begun or ended:
                return _interval(begun, ended, exact, open=first == "start")
        return ""


def _interval(begun: datetime | None, ended: datetime | None, precision: str, *, open: bool) -> str:
    if begun and ended and not open:
        if begun.date() == ended.date():
            return _in_words(begun)
        if precision == "month" and (begun.year, begun.month) == (ended.year, ended.month):
            return f"{begun:%B} {begun.year}"
        if precision == "year" and begun.year == ended.year:
            return str(begun.year)
    first = f"from {_in_words(begun)}" if begun else ""
    last = f"until {_in_words(ended)}" if ended else ""
    exact = f"({in_words(precision)})" if precision not in ("", "day") else ""
    return " ".join(filter(None, (first, last, exact)))


def _in_words(moment: datetime) -> str:
    return f"{moment.day} {moment:%B} {moment.year}"


def _moment(text: str | None) -> datetime | None:
    try:
        return datetime.fromisoformat(text) if text else None
    except ValueError:
        return None


def day(text: str) -> str:
    """The day of a date and time in words; what is no such time stays as it is."""
    moment = _moment(text)
    return _in_words(moment) if moment else text


@cache
def _shortcuts() -> frozenset[str]:
    """The properties that rules derive."""
    return frozenset(COMITY + file.stem for file in rule_files(ontology_folder()))
