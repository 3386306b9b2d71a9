"""Facets of a source: the values to filter its records by, with counts."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.graph.descriptions.sources.outline import ACTOR, ISSUE, MODALITY, Facets, SourceOutline
from comity.graph.rdf.namespaces import COMITY, ID

FACETS: Final = (MODALITY, ACTOR, ISSUE)
# Two letters for narrow columns; the legend shows them beside the words.
_CODES: Final = {"predicted": "Pd", "presupposed": "Ps", "planned": "Pl", "proposed": "Pp"}


@dataclass(frozen=True, slots=True)
class FacetValue:
    """A value to filter by, and the number of facts that would remain."""

    value: str
    text: str
    count: int
    chosen: bool
    code: str = ""


def code(modality: str) -> str:
    """Return two letters for a modality."""
    return _CODES.get(modality, modality[:2].capitalize())


def short(iri: str, source: str) -> str:
    """Shorten the value of a facet: to a slug, a local name, a fragment, or not at all."""
    for base in (ID, COMITY, f"{source}#"):
        if iri.startswith(base):
            return iri.removeprefix(base)
    return iri


def wanted_of(outline: SourceOutline, source: str, asked: Mapping[str, Sequence[str]]) -> Facets:
    """Resolve written values to IRIs; a value that the source does not have stays as it is."""
    found: dict[str, set[str]] = {}
    for name, values in asked.items():
        present = {iri for record in outline.records for iri in record.facets.get(name, ())}
        names = {*values}
        known = {iri: {iri, short(iri, source)} & names for iri in present}
        found[name] = {iri for iri, by in known.items() if by}
        found[name] |= names.difference(*known.values())
    return found


def choices(
    outline: SourceOutline, source: str, name: str, wanted: Facets, label: Callable[[str], str]
) -> list[FacetValue]:
    """Return the values of a facet with their counts, 0 for those excluded by other facets."""
    counts = outline.counts(name, wanted)
    for iri in wanted.get(name, ()):
        counts.setdefault(iri, 0)
    return [
        FacetValue(
            short(iri, source),
            label(iri),
            count,
            iri in wanted.get(name, ()),
            code(label(iri)) if name == "modality" else "",
        )
        for iri, count in sorted(counts.items(), key=lambda item: label(item[0]).casefold())
    ]
