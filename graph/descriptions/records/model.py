"""Model of a description: things, and records with quotations, contents and notes."""

from collections.abc import Sequence
from dataclasses import dataclass

from comity.graph.descriptions.links import Link
from comity.graph.rdf.terms import WrittenTriple


@dataclass(frozen=True, slots=True)
class Fact:
    """One property with its values; `derived` has a triple for each value, if rules derive it."""

    name: Link
    values: Sequence[Link]
    derived: Sequence[WrittenTriple] = ()


@dataclass(frozen=True, slots=True)
class QuotationView:
    """Quoted words of a source; sentence and offsets are "" if unknown."""

    words: str
    sentence: str = ""
    start: str = ""
    end: str = ""
    place: Link | None = None
    anchors: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Note:
    """An editors' note on a record, with the sources that support it."""

    anchor: str
    kind: str
    verdict: str
    comment: str
    citations: Sequence[Link]
    is_correction: bool = False
    instead: Sequence[Link] = ()
    """Records with the correct statement."""


@dataclass(frozen=True, slots=True)
class Content:
    """A proposition: what a record mentions without stating it."""

    anchor: str
    kind: str
    label: str
    facts: Sequence[Fact]
    parts: Sequence[tuple[str, "Content"]]


@dataclass(frozen=True, slots=True)
class ActingAgent:
    """An agent behind a record, and through whom it acts: offices, organs, persons in office."""

    agent: Link
    through: Sequence[Link]


@dataclass(frozen=True, slots=True)
class Record:
    """A record with its properties, and the words it rests on.

    `standing` and `verdict` are in words; the verdict is what a note finds it to be, "" if nothing
    counts against it, and `right` is the record that is right instead. `agents` are those that it
    does not name itself.
    """

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
    context: Sequence[Link]
    """Other sentences, which the quoted words point to."""
    citations: Sequence[Link]
    notes: Sequence[Note]
    standing: str = ""
    verdict: str = ""
    right: Link | None = None
    agents: Sequence[ActingAgent] = ()


@dataclass(frozen=True, slots=True)
class Thing:
    """A resource itself: its names, its own facts, and what points to it."""

    iri: str
    label: str
    types: Sequence[Link]
    names: Sequence[tuple[str, str]]
    descriptions: Sequence[str]
    facts: Sequence[Fact]
    derived: Sequence[Fact]
    incoming: Sequence[Fact]
