"""Corrections: the editors' remarks on records, with the sources that support them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from comity.graph.descriptions.links import Link, link
from comity.graph.descriptions.overviews.lookup import Lookup
from comity.graph.rdf.namespaces import COMITY

_WRONG: Final = ("erroneous", "outdated", "contested")


@dataclass(frozen=True, slots=True)
class Remark:
    """An editors' remark on a record: its verdict and the sources that support it."""

    verdict: str
    comment: str
    cited: Sequence[Link]


def verdict_of(remarks: Iterable[Remark]) -> str:
    """Return the verdict that counts against a record by these remarks, "" if there is none."""
    found = {each.verdict for each in remarks}
    return next((verdict for verdict in _WRONG if verdict in found), "")


async def remarks_on(lookup: Lookup, records: Iterable[str]) -> dict[str, list[Remark]]:
    """Return the remarks by record, for those that have any."""
    rows = await lookup.rows("positions/notes", "record", records)
    labels = await lookup.labels_of(row["cited"] for row in rows if "cited" in row)
    found: dict[str, dict[str, Remark]] = {}
    for row in rows:
        notes, iri = found.setdefault(row["record"], {}), row["note"]
        verdict = row["verdict"].removeprefix(COMITY)
        note = notes.setdefault(iri, Remark(verdict, row.get("comment", ""), []))
        if "cited" in row:
            notes[iri] = replace(note, cited=[*note.cited, link(row["cited"], labels)])
    return {record: list(notes.values()) for record, notes in found.items()}


async def verdicts_on(lookup: Lookup, records: Iterable[str]) -> dict[str, str]:
    """Return the verdict on each record that has one against it."""
    remarks = await remarks_on(lookup, records)
    return {record: found for record, of in remarks.items() if (found := verdict_of(of))}
