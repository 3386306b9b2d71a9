"""Sentences of a source with marked words, and their facts."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import groupby

import pyoxigraph as ox

from comity.graph.descriptions.description import Description
from comity.graph.descriptions.links import Link
from comity.graph.descriptions.records.model import Fact, Record
from comity.graph.descriptions.records.views import Views
from comity.graph.descriptions.sources.facets import code
from comity.graph.descriptions.sources.highlight import MarkedRun, SentencePiece, cut
from comity.graph.descriptions.sources.outline import (
    Facets,
    PassageOutline,
    RecordOutline,
)
from comity.graph.rdf.namespaces import COMITY

_STANCE, _ISSUE = COMITY + "stance", COMITY + "issue"


@dataclass(frozen=True, slots=True)
class Card:
    """A fact beside its sentence: the record, its letter there, and its main properties.

    `fits` is True if the filter selects it.
    """

    record: Record
    letter: str
    stances: Sequence[Link]
    issues: Sequence[Link]
    rest: Sequence[Fact]
    holders: Sequence[Link]
    reporters: Sequence[Link]
    fits: bool

    @property
    def anchor(self) -> str:
        return self.record.anchor

    @property
    def code(self) -> str:
        return code(self.record.modality)

    @property
    def quoted(self) -> list[str]:
        """Anchors of its quotations."""
        return [fragment(q.place.iri) for q in self.record.quotations if q.place and q.place.iri]


@dataclass(slots=True)
class Quotation:
    """Marked words with the facts that rest on them; `aliases` are further anchors."""

    anchor: str
    words: str
    aliases: Sequence[str] = ()
    cards: list[Card] = field(default_factory=list)

    @property
    def fits(self) -> bool:
        return any(card.fits for card in self.cards)


@dataclass(frozen=True, slots=True)
class Mention:
    """A name in the text, and the thing that it names."""

    anchor: str
    words: str
    of: Link | None


@dataclass(frozen=True, slots=True)
class Sentence:
    """A passage in pieces; `loose` and `names` are those with an unknown position in it."""

    anchor: str
    number: str
    pieces: Sequence[SentencePiece]
    loose: Sequence[Quotation]
    names: Sequence[Mention]
    cards: Sequence[Card]

    @property
    def fits(self) -> bool:
        return any(card.fits for card in self.cards)

    @property
    def sorts(self) -> list[tuple[str, str, int]]:
        """Modalities of the selected facts, with their two letters and counts."""
        counted = Counter(card.record.modality for card in self.cards if card.fits)
        return [(modality, code(modality), count) for modality, count in counted.items()]

    @property
    def hidden(self) -> list[Card]:
        """Its facts that the filter excludes."""
        return [card for card in self.cards if not card.fits]


@dataclass(frozen=True, slots=True)
class ReadingPage:
    """One page of a source; `quotations` and `mentions` are keyed like the pieces."""

    sentences: Sequence[Sentence]
    others: Sequence[Card]
    quotations: Mapping[str, Quotation]
    mentions: Mapping[str, Mention]
    voice: Link | None

    def quoted(self, piece: SentencePiece) -> Quotation | None:
        """Return the narrowest quotation around a piece."""
        found = [self.quotations[r.key] for r in piece.within if r.key in self.quotations]
        return found[-1] if found else None

    def named(self, piece: SentencePiece) -> list[Link]:
        """Return the things named by a piece, widest name first."""
        found = (self.mentions[r.key].of for r in piece.within if r.key in self.mentions)
        return [of for of in found if of]

    def blocks(self, narrowed: bool) -> list[tuple[bool, list[Sentence]]]:
        """Return the sentences in runs, each with True if it stays; all stay without a filter."""
        grouped = groupby(self.sentences, key=lambda each: not narrowed or each.fits)
        return [(stays, list(each)) for stays, each in grouped]


def fragment(iri: str) -> str:
    """Return the fragment of an IRI."""
    return iri.partition("#")[2]


def read(
    described: Description,
    views: Views,
    places: Sequence[PassageOutline],
    placed: Mapping[str, Sequence[RecordOutline]],
    others: Sequence[RecordOutline],
    wanted: Facets,
    text: str,
) -> ReadingPage:
    """Read some passages of a source; `text` is the whole text, "" if it is not to be shown."""
    shown = [record for place in places for record in placed[place.iri]]
    records = {each.iri: views.record(each.iri) for each in (*shown, *others)}
    voice = _voice(records.values())
    quotations: dict[str, Quotation] = {}

    def cards(outlined: Iterable[RecordOutline]) -> list[Card]:
        made = [
            _card(records[each.iri], letter_of(at), voice, each.has(wanted))
            for at, each in enumerate(sorted(outlined, key=lambda o: _first(records[o.iri])))
        ]
        for card in made:
            _note_quotations(card, quotations)
        return made

    facts = [cards(placed[place.iri]) for place in places]
    mentions = _mentions(described, views)
    within = _within(described)
    sentences = [
        _sentence(described, place, within.get(place.iri, ()), made, quotations, mentions, text)
        for place, made in zip(places, facts, strict=True)
    ]
    return ReadingPage(sentences, cards(others), quotations, mentions, voice)


def letter_of(at: int) -> str:
    """Return a, b, … z, aa, ab, … for the facts of a sentence."""
    letters = ""
    at += 1
    while at:
        at, rest = divmod(at - 1, 26)
        letters = chr(ord("a") + rest) + letters
    return letters


def _first(record: Record) -> tuple[int, str]:
    starts = [int(q.start) for q in record.quotations if q.start.isdecimal()]
    return min(starts, default=0), record.iri


def _voice(records: Iterable[Record]) -> Link | None:
    """Return the reporter of most records, which cards need not repeat."""
    counted = Counter(reporter for record in records for reporter in record.reporters)
    found = counted.most_common(1)
    return found[0][0] if found else None


def _card(record: Record, letter: str, voice: Link | None, fits: bool) -> Card:
    def values(iri: str) -> list[Link]:
        return [value for fact in record.facts if fact.name.iri == iri for value in fact.values]

    usual = [voice] if voice else []
    return Card(
        record,
        letter,
        values(_STANCE),
        values(_ISSUE),
        [fact for fact in record.facts if fact.name.iri not in (_STANCE, _ISSUE)],
        [] if list(record.holders) == usual else record.holders,
        [] if list(record.reporters) == usual else record.reporters,
        fits,
    )


def _note_quotations(card: Card, found: dict[str, Quotation]) -> None:
    for quoted in card.record.quotations:
        if quoted.place and (iri := quoted.place.iri):
            name = fragment(iri)
            aliases = [anchor for anchor in quoted.anchors if anchor != name]
            quotation = found.setdefault(iri, Quotation(name, quoted.words, aliases))
            quotation.cards.append(card)


def _mentions(described: Description, views: Views) -> dict[str, Mention]:
    refers = ox.NamedNode(COMITY + "refersTo")
    return {
        node.value: Mention(
            fragment(node.value), described.text(node, "words") or "", views.link(said[refers][0])
        )
        for node, said in described.subjects.items()
        if isinstance(node, ox.NamedNode) and refers in said
    }


def _within(described: Description) -> dict[str, list[ox.NamedNode]]:
    """Return the nodes in each passage, by its IRI."""
    found: dict[str, list[ox.NamedNode]] = {}
    for node in described.subjects:
        if isinstance(node, ox.NamedNode):
            for passage in described.nodes(node, "passage"):
                found.setdefault(passage.value, []).append(node)
    return found


def _sentence(
    described: Description,
    place: PassageOutline,
    nodes: Iterable[ox.NamedNode],
    cards: Sequence[Card],
    quotations: Mapping[str, Quotation],
    mentions: Mapping[str, Mention],
    text: str,
) -> Sentence:
    known = [node.value for node in nodes if node.value in quotations or node.value in mentions]
    runs = [run for iri in known if (run := _run(described, iri))]
    bounds = [int(each) for each in (place.start, place.end) if each.isdecimal()]
    if len(bounds) < 2:  # the extent of the words
        bounds = [min((r.start for r in runs), default=0), max((r.end for r in runs), default=0)]
    start, end = bounds
    runs = [run for run in runs if start <= run.start < run.end <= end]
    loose = [iri for iri in known if iri not in {run.key for run in runs}]
    return Sentence(
        fragment(place.iri),
        place.number or fragment(place.iri),
        cut(start, end, runs, text[start:end]) if start < end else [],
        [quotations[iri] for iri in loose if iri in quotations],
        [mentions[iri] for iri in loose if iri in mentions and iri not in quotations],
        cards,
    )


def _run(described: Description, iri: str) -> MarkedRun | None:
    """Return the words of a quotation or mention with their position, if known."""
    node = ox.NamedNode(iri)
    words = described.text(node, "words") or ""
    start, end = (described.text(node, name) or "" for name in ("startOffset", "endOffset"))
    if not (words and start.isdecimal() and end.isdecimal()):
        return None
    return MarkedRun(int(start), int(end), words, iri)
