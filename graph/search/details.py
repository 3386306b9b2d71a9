"""Details of things, for the matches of search and reconciliation."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pyoxigraph import NamedNode

from comity.graph.installed import query_file
from comity.graph.rdf.terms import local_name
from comity.graph.sparql.substitution import replace_all
from comity.graph.store.solutions import Row, Solve


@dataclass(slots=True)
class Details:
    """Details of a match: IRIs of its classes, a description, and records.

    `records` are the records whose quotation or content it is, and itself if it is a record, with
    modality and source: their content may be hoped or planned.
    """

    classes: list[str] = field(default_factory=list)
    description: str = ""
    records: list[tuple[str, str, str]] = field(default_factory=list)


async def details(solve: Solve, things: Sequence[str]) -> dict[str, Details]:
    """Return the details of each thing."""
    found = {thing: Details() for thing in things}
    for row in await _rows(solve, "search/details", things):
        each, value = found[row["thing"]["value"]], str(row["value"]["value"])
        if row["part"]["value"] == "class":
            each.classes.append(value)
        elif row["part"]["value"] == "description":
            each.description = each.description or value
        else:
            source = str(row["source"]["value"]) if "source" in row else ""
            each.records.append((value, str(row["modality"]["value"]), source))
    return found


@dataclass(frozen=True, slots=True)
class PropertyValue:
    """A value of a thing's property; the property is given by its local name."""

    thing: str
    property: str
    value: str
    is_iri: bool


async def property_values(solve: Solve, things: Sequence[str]) -> list[PropertyValue]:
    """Return the names, codes, types and matches elsewhere of things."""
    return [
        PropertyValue(
            row["thing"]["value"],
            local_name(row["property"]["value"]),
            row["value"]["value"],
            row["value"]["type"] == "uri",
        )
        for row in await _rows(solve, "search/extension", things)
    ]


async def _rows(solve: Solve, query: str, things: Sequence[str]) -> Sequence[Row]:
    if not things:
        return ()
    nodes = [NamedNode(iri) for iri in things]
    return (await solve(replace_all(query_file(query), "thing", nodes))).rows
