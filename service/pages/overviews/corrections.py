"""What the editors remark on records: that one is erroneous, outdated, vague, and by which sources."""

import dataclasses
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from comity.graph.descriptions.links import Link, link
from comity.graph.rdf.namespaces import COMITY
from comity.service.pages.overviews.filtered import related
from comity.service.queries.state import CatalogueState

_WRONG: Final = ("erroneous", "outdated")


@dataclass(frozen=True, slots=True)
class Remark:
    """What the editors remark on a record, by which sources."""

    verdict: str
    comment: str
    cited: Sequence[Link]


def verdict_of(remarks: Iterable[Remark]) -> str:
    """Whether what they are on is erroneous or outdated; "" where it is neither."""
    return next((each.verdict for each in remarks if each.verdict in _WRONG), "")


async def remarks_on(
    here: CatalogueState, records: Iterable[str], language: str
) -> dict[str, list[Remark]]:
    """The remarks on each record that has any."""
    rows = await related(here, "positions/notes", "record", records)
    cited = (row["cited"]["value"] for row in rows if "cited" in row)
    labels = await here.labels.of(cited, language)
    found: dict[str, dict[str, Remark]] = {}
    for row in rows:
        notes = found.setdefault(row["record"]["value"], {})
        verdict = row["verdict"]["value"].removeprefix(COMITY)
        comment = row["comment"]["value"] if "comment" in row else ""
        note = notes.setdefault(row["note"]["value"], Remark(verdict, comment, []))
        if "cited" in row:
            one = link(row["cited"]["value"], labels)
            notes[row["note"]["value"]] = dataclasses.replace(note, cited=[*note.cited, one])
    return {record: list(notes.values()) for record, notes in found.items()}
