"""The page of a thing: what it is, and what is told of it by kind, a step from the words."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox
from fastapi import Request, Response

from comity.graph.descriptions import jsonld
from comity.graph.descriptions.description import (
    Description,
    describe_records,
)
from comity.graph.descriptions.links import Link
from comity.graph.descriptions.ontology.vocabulary import chain
from comity.graph.descriptions.records.model import Fact
from comity.graph.descriptions.records.views import Views
from comity.graph.rdf.namespaces import COMITY, ID, PREFIXES
from comity.graph.rdf.terms import write_triple
from comity.graph.store.interface import Store
from comity.graph.store.own_queries import PlainRow
from comity.service.http.context import context
from comity.service.http.html import page
from comity.service.http.keepable import keepable
from comity.service.http.responses import VERSION_HEADER, unless_gone
from comity.service.linked_data.resources import (
    FAMILIES,
    context_address,
    description,
    parse_name,
    unknown,
)
from comity.service.pages.things.gathering import GREAT, MOST, ThingMaterial, gather
from comity.service.pages.things.neighbourhood import NeighbourhoodDrawing, neighbourhood
from comity.service.pages.things.records import Line, Periods, Stage, ThingViews
from comity.service.pages.things.sections import SectionRows, all_path

_FEW: Final = 200  # records
_SMALL_PRINT: Final = frozenset(
    PREFIXES["skos"] + name for name in ("exactMatch", "closeMatch", "inScheme", "topConceptOf")
) | {PREFIXES["rdfs"] + "isDefinedBy"}
_LABELS: Final = (PREFIXES["rdfs"] + "label", PREFIXES["skos"] + "prefLabel")
_OTHER_NAMES: Final = (PREFIXES["skos"] + "altLabel",)
_IRI: Final = re.compile(r"https?://[^\s<>\"{}|\\^`]+\Z")
_SEE: Final = ox.NamedNode(PREFIXES["rdfs"] + "seeAlso")


@dataclass(frozen=True, slots=True)
class SectionView:
    """A section as the page shows it; of the last three, the one of its shape is there."""

    name: str
    heading: str
    about: str
    shape: str
    total: int | None
    shown: int
    all_path: str | None
    beyond: str
    lines: Sequence[Line] = ()
    periods: Periods | None = None
    stages: Sequence[Stage] = ()


async def thing(request: Request) -> Response:
    """The page of a thing; 404 where nothing is said of it."""
    slug, suffix = parse_name(request)
    if suffix:
        raise unknown(f"{slug}.{suffix}")
    keepable(request)
    here = context(request)
    timeout = here.settings.timeout
    found = await unless_gone(request, gather(here.store, ID + slug, timeout))
    if found is None:
        raise unknown(slug)
    described = await unless_gone(request, _described(here.store, found, ID + slug, timeout))
    shown = _shown(found, described)
    # The data of a thing of few records stands in its page whole; of a great one, what it shows.
    whole = described
    if not found.great and shown["records"] <= _FEW:
        whole = await description(request, FAMILIES["id"], slug)
    family = FAMILIES["id"]
    response = page(
        request,
        "thing.html",
        path=family.page + slug,
        data=family.data + slug,
        slug=slug,
        json_ld=jsonld.for_page(jsonld.framed(whole, context_address(request))),
        most=MOST,
        **shown,
    )
    response.headers[VERSION_HEADER] = described.version
    return response


async def _described(
    store: Store, found: ThingMaterial, iri: str, timeout: float | None
) -> Description:
    """What the page shows as triples, with the labels of all that they and the rows name."""
    node = ox.NamedNode(iri)
    every = [*found.listed, found.called_for]
    records = list(dict.fromkeys(record for each in every for record in each.records))
    told = [row for each in every for row in each.rows]
    told += [row for name, all_rows in found.beside.items() for row in all_rows]
    named = {value for row in told for value in row.values() if _IRI.match(value)}
    mentioned = [ox.Triple(node, _SEE, ox.NamedNode(value)) for value in sorted(named)]
    incoming = [
        ox.Triple(ox.NamedNode(row["subject"]), ox.NamedNode(row["relation"]), node)
        for row in found.beside["incoming"][:MOST]
        if _IRI.match(row["subject"])
    ]
    own = [*found.about, *incoming]
    described = await describe_records(store, records, timeout, [*own, *mentioned])
    triples = sorted({*own, *described.triples}, key=str)
    return Description(node, triples, described.version or found.version)


def _shown(found: ThingMaterial, described: Description) -> dict[str, Any]:
    """What the template is given."""
    views = Views(described)
    of = ThingViews(views)
    parts = [part for each in found.listed if (part := _part(of, each, found, described))]
    about = views.thing()
    sources = found.beside["sources"]
    return {
        "thing": about,
        "types": _narrowest(about.types),
        **_names(found.about, about.label),
        "facts": [fact for fact in about.facts if fact.name.iri not in _SMALL_PRINT],
        "small_print": [fact for fact in about.facts if fact.name.iri in _SMALL_PRINT],
        "parts": parts,
        "great": GREAT if found.great else 0,
        "left_out": found.left_out,
        "records": sum(int(row["records"]) for row in sources),
        "sources": _sources(views, found),
        "notes": of.notes([*found.listed, found.called_for]),
        "mentions": [
            (
                views.named(row["source"]),
                row["words"],
                int(row["times"]),
                row.get("metonym") == "true",
            )
            for row in found.beside["mentions"]
        ],
        "derived": _derived(views, found.beside["derived"]),
        "tree": {
            place: [
                views.named(row["issue"]) for row in found.beside["tree"] if row["place"] == place
            ]
            for place in ("broader", "narrower")
        },
        "hood": _hood(views, found),
    }


def _names(about: Sequence[ox.Triple], label: str) -> dict[str, list[tuple[str, str]]]:
    """The name in each other language, and what else it is called in English and in others."""
    named: dict[bool, set[tuple[str, str]]] = {True: set(), False: set()}
    for _, property, value in about:
        if isinstance(value, ox.Literal) and value.value != label:
            for properties, is_label in ((_LABELS, True), (_OTHER_NAMES, False)):
                if property.value in properties:
                    named[is_label].add((value.language or "", value.value))
    names = sorted(name for name in named[True] if name[0] not in ("", "en"))
    others = sorted((named[False] | named[True]) - set(names))
    return {
        "names": names,
        "also": [name for name in others if name[0] in ("", "en")],
        "elsewhere": [name for name in others if name[0] not in ("", "en")],
    }


def _narrowest(types: Sequence[Link]) -> list[Link]:
    """The classes that are above none of the others."""
    names = [(link.iri or "").removeprefix(COMITY) for link in types]
    above = {name for each in names for name in chain(each)[1:]}
    return [link for link, name in zip(types, names, strict=True) if name not in above]


def _part(
    of: ThingViews, each: SectionRows, found: ThingMaterial, described: Description
) -> SectionView | None:
    section = each.section
    called_for = found.called_for if section.name == "life" else None
    if not each.rows and not (called_for and called_for.rows):
        return None
    return SectionView(
        section.name,
        section.heading,
        section.about,
        section.shape,
        None if each.total is None else each.total + len(called_for.rows if called_for else ()),
        len(each.rows) + (len(called_for.rows) if called_for else 0),
        all_path(section, described.iri.value) if found.has_ontology else None,
        section.beyond,
        lines=of.lines(each) if section.shape in ("lines", "accounts") else (),
        periods=of.periods(each) if section.shape == "periods" else None,
        stages=of.stages(each, called_for) if called_for else (),
    )


def _sources(views: Views, found: ThingMaterial) -> list[tuple[Link, int, list[tuple[str, Link]]]]:
    """Each source, in how many records it speaks of the thing, and the sentences."""
    return [
        (
            views.named(row["source"]),
            int(row["records"]),
            [
                (each["sentence"], views.named(each["passage"]))
                for each in found.beside["passages"]
                if each["source"] == row["source"]
            ],
        )
        for row in found.beside["sources"]
    ]


def _derived(views: Views, found: Sequence[PlainRow]) -> list[Fact]:
    by_property: dict[str, list[ox.NamedNode]] = {}
    for row in found[:MOST]:
        by_property.setdefault(row["property"], []).append(ox.NamedNode(row["value"]))
    return [
        Fact(
            views.named(property),
            [views.link(value) for value in values],
            [
                write_triple(ox.Triple(views.described.iri, ox.NamedNode(property), v))
                for v in values
            ],
        )
        for property, values in by_property.items()
    ]


def _hood(views: Views, found: ThingMaterial) -> NeighbourhoodDrawing:
    others = found.beside["neighbours"]
    links = {row["other"]: views.named(row["other"]) for row in others}
    return neighbourhood(others, found.neighbours, links)
