"""View of a thing: its names and facts, the records about it by section, its neighbourhood."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from comity.graph.descriptions.description import Description, describe_records
from comity.graph.descriptions.links import Link
from comity.graph.descriptions.ontology.vocabulary import chain
from comity.graph.descriptions.records.model import Fact, Note, Thing
from comity.graph.descriptions.records.views import Views
from comity.graph.descriptions.things.gathering import GREAT, MOST, ThingMaterial, gather
from comity.graph.descriptions.things.lines import Line, Lines
from comity.graph.descriptions.things.periods import Periods, periods
from comity.graph.descriptions.things.sections import SectionRows, ThingSection
from comity.graph.descriptions.things.stages import Stage, stages
from comity.graph.rdf.namespaces import COMITY, ID, PREFIXES
from comity.graph.rdf.terms import write_triple
from comity.graph.store.interface import Store
from comity.graph.store.own_queries import PlainRow

_SMALL_PRINT: Final = frozenset(
    PREFIXES["skos"] + name for name in ("exactMatch", "closeMatch", "inScheme", "topConceptOf")
) | {PREFIXES["rdfs"] + "isDefinedBy"}
_LABELS: Final = (PREFIXES["rdfs"] + "label", PREFIXES["skos"] + "prefLabel")
_OTHER_NAMES: Final = (PREFIXES["skos"] + "altLabel",)
_IRI: Final = re.compile(r"https?://[^\s<>\"{}|\\^`]+\Z")
_SEE: Final = ox.NamedNode(PREFIXES["rdfs"] + "seeAlso")

Names = list[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section with its records; of the last three fields, the one for its shape is filled.

    `total` is None if the records are not counted; `all_of` is the canned query that lists all, and
    its parameter for the thing.
    """

    name: str
    heading: str
    about: str
    shape: str
    total: int | None
    shown: int
    all_of: tuple[str, str] | None
    beyond: str
    lines: Sequence[Line] = ()
    periods: Periods | None = None
    stages: Sequence[Stage] = ()


@dataclass(frozen=True, slots=True)
class SourceMentions:
    """A source, the number of its records about a thing, and the sentences that they quote."""

    source: Link
    records: int
    sentences: Sequence[tuple[str, Link]]


@dataclass(frozen=True, slots=True)
class NameMention:
    """A name that a source uses for a thing; a metonym is a capital for its government."""

    source: Link
    words: str
    times: int
    is_metonym: bool


@dataclass(frozen=True, slots=True)
class RelatedThing:
    """A thing in the same records; `classes` are local names, `facts` the number of facts."""

    link: Link
    classes: Sequence[str]
    records: int
    facts: int


@dataclass(frozen=True, slots=True)
class ThingView:
    """Everything shown about a thing.

    `names` are those in other languages, `also` its other names in English, `elsewhere` those in
    other languages; each is a language and a name. `great` is the number of records above which a
    thing is great, 0 if it is not; `left_out` names what was not found in time.
    """

    thing: Thing
    types: Sequence[Link]
    names: Names
    also: Names
    elsewhere: Names
    facts: Sequence[Fact]
    small_print: Sequence[Fact]
    parts: Sequence[SectionView]
    great: int
    left_out: Sequence[str]
    records: int
    sources: Sequence[SourceMentions]
    mentions: Sequence[NameMention]
    notes: Sequence[tuple[Note, Sequence[Line]]]
    derived: Sequence[Fact]
    tree: Mapping[str, Sequence[Link]]
    neighbours: Sequence[RelatedThing]
    all_neighbours: int
    described: Description


async def view_thing(store: Store, iri: str, timeout: float | None) -> ThingView | None:
    """Gather everything shown about a thing; None if the graph has nothing about it."""
    found = await gather(store, iri, timeout)
    return _view(found, await _described(store, found, iri, timeout)) if found else None


async def _described(
    store: Store, found: ThingMaterial, iri: str, timeout: float | None
) -> Description:
    """Describe what is shown, with the labels of everything in the triples and rows."""
    node = ox.NamedNode(iri)
    every = [*found.listed, found.called_for]
    told = [row for each in every for row in each.rows]
    told += [row for rows in found.beside.values() for row in rows]
    named = {value for row in told for value in row.values() if _IRI.match(value)}
    mentioned = [ox.Triple(node, _SEE, ox.NamedNode(value)) for value in sorted(named)]
    incoming = [
        ox.Triple(ox.NamedNode(row["subject"]), ox.NamedNode(row["relation"]), node)
        for row in found.beside["incoming"][:MOST]
        if _IRI.match(row["subject"])
    ]
    own = [*found.about, *incoming]
    records = [ox.NamedNode(record) for record in _records(every)]
    described = await describe_records(store, records, timeout, [*own, *mentioned])
    triples = sorted({*own, *described.triples}, key=str)
    return Description(node, triples, described.version or found.version)


def _records(sections: Iterable[SectionRows]) -> list[str]:
    return list(dict.fromkeys(record for each in sections for record in each.records))


def _view(found: ThingMaterial, described: Description) -> ThingView:
    views = Views(described)
    lines = Lines(views)
    parts = [part for each in found.listed if (part := _part(lines, each, found))]
    thing = views.thing()
    names, also, elsewhere = _names(found.about, thing.label)
    beside = found.beside
    return ThingView(
        thing=thing,
        types=_narrowest(thing.types),
        names=names,
        also=also,
        elsewhere=elsewhere,
        facts=[fact for fact in thing.facts if fact.name.iri not in _SMALL_PRINT],
        small_print=[fact for fact in thing.facts if fact.name.iri in _SMALL_PRINT],
        parts=parts,
        great=GREAT if found.great else 0,
        left_out=found.left_out,
        records=sum(int(row["records"]) for row in beside["sources"]),
        sources=[_source(views, row, beside["passages"]) for row in beside["sources"]],
        mentions=[_mention(views, row) for row in beside["mentions"]],
        notes=lines.notes(_records([*found.listed, found.called_for])),
        derived=_derived(views, beside["derived"]),
        tree={
            place: [views.named(row["issue"]) for row in beside["tree"] if row["place"] == place]
            for place in ("broader", "narrower")
        },
        neighbours=[_neighbour(views, row) for row in beside["neighbours"]],
        all_neighbours=found.neighbours,
        described=described,
    )


def _part(lines: Lines, each: SectionRows, found: ThingMaterial) -> SectionView | None:
    section = each.section
    called_for = found.called_for.rows if section.name == "life" else ()
    if not each.rows and not called_for:
        return None
    return SectionView(
        section.name,
        section.heading,
        section.about,
        section.shape,
        None if each.total is None else each.total + len(called_for),
        len(each.rows) + len(called_for),
        _all_of(section, found, lines.views.described.iri.value),
        section.beyond,
        lines=lines.of(each.records) if section.shape in ("lines", "accounts") else (),
        periods=periods(lines, each.rows) if section.shape == "periods" else None,
        stages=[
            *stages(lines, each.rows, beyond=False),
            *stages(lines, called_for, beyond=True),
        ]
        if section.shape == "life"
        else (),
    )


def _all_of(section: ThingSection, found: ThingMaterial, iri: str) -> tuple[str, str] | None:
    """Return the query that lists all, if it can find the thing by its slug."""
    return section.all_of if found.has_ontology and iri.startswith(ID) else None


def _names(about: Sequence[ox.Triple], label: str) -> tuple[Names, Names, Names]:
    """Return the names in other languages, and further ones in English and in others."""
    labels: set[tuple[str, str]] = set()
    others: set[tuple[str, str]] = set()
    for _, property, value in about:
        if isinstance(value, ox.Literal) and value.value != label:
            name = value.language or "", value.value
            if property.value in _LABELS:
                labels.add(name)
            elif property.value in _OTHER_NAMES:
                others.add(name)
    names = sorted(name for name in labels if name[0] not in ("", "en"))
    further = sorted((others | labels) - set(names))
    return (
        names,
        [name for name in further if name[0] in ("", "en")],
        [name for name in further if name[0] not in ("", "en")],
    )


def _narrowest(types: Sequence[Link]) -> list[Link]:
    """Return the classes without subclasses among the others."""
    names = [(link.iri or "").removeprefix(COMITY) for link in types]
    above = {name for each in names for name in chain(each)[1:]}
    return [link for link, name in zip(types, names, strict=True) if name not in above]


def _source(views: Views, row: PlainRow, passages: Iterable[PlainRow]) -> SourceMentions:
    sentences = [
        (each["sentence"], views.named(each["passage"]))
        for each in passages
        if each["source"] == row["source"]
    ]
    return SourceMentions(views.named(row["source"]), int(row["records"]), sentences)


def _mention(views: Views, row: PlainRow) -> NameMention:
    is_metonym = row.get("metonym") == "true"
    return NameMention(views.named(row["source"]), row["words"], int(row["times"]), is_metonym)


def _derived(views: Views, rows: Sequence[PlainRow]) -> list[Fact]:
    by_property: dict[str, list[ox.NamedNode]] = {}
    for row in rows[:MOST]:
        by_property.setdefault(row["property"], []).append(ox.NamedNode(row["value"]))
    thing = views.described.iri
    return [
        Fact(
            views.named(property),
            [views.link(value) for value in values],
            [write_triple(ox.Triple(thing, ox.NamedNode(property), v)) for v in values],
        )
        for property, values in by_property.items()
    ]


def _neighbour(views: Views, row: PlainRow) -> RelatedThing:
    classes = [cls.removeprefix(COMITY) for cls in row.get("classes", "").split()]
    return RelatedThing(views.named(row["other"]), classes, int(row["records"]), int(row["facts"]))
