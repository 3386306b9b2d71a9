"""Statements: records reduced to one holder and one issue."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from comity.graph.descriptions.dates import DateSpan, moment
from comity.graph.descriptions.links import Link, link
from comity.graph.descriptions.overviews.corrections import Remark, remarks_on, verdict_of
from comity.graph.descriptions.overviews.lookup import Lookup
from comity.graph.descriptions.records.modalities import FACTUAL
from comity.graph.descriptions.records.stances import NO_STANCE
from comity.graph.rdf.namespaces import COMITY
from comity.graph.store.own_queries import PlainRow


@dataclass(slots=True)
class Statement:
    """One record reduced to one holder and one issue."""

    record: Link
    holder: str
    on: str
    stance: str
    kind: str
    modality: str
    joint: bool
    attributed: bool
    text: str
    content: str
    span: DateSpan
    hedge: str
    source: Link
    standing: str = ""
    words: list[tuple[str, str]] = field(default_factory=list)
    partners: Sequence[str] = ()
    remarks: Sequence[Remark] = ()

    @property
    def is_fact(self) -> bool:
        """True if it is a fact that the holder takes the stance."""
        return self.is_asserted and self.standing != "foundErroneous"

    @property
    def is_asserted(self) -> bool:
        """True if a source tells as a fact, rightly or not, that the holder takes the stance."""
        return self.modality in FACTUAL and not self.attributed

    @property
    def has_stance(self) -> bool:
        """True if the holder takes a side."""
        return self.stance not in ("", NO_STANCE)

    @property
    def verdict(self) -> str:
        """Verdict that counts against it; "" if there is none."""
        return verdict_of(self.remarks)


def statements(rows: Iterable[PlainRow], labels: Mapping[str, str]) -> list[Statement]:
    """Gather the rows of `queries/positions/positions.rq` by record, holder and issue."""
    found: dict[tuple[str, str, str], Statement] = {}
    for row in rows:
        one = _statement(row, labels)
        one = found.setdefault((one.record.iri or "", one.holder, one.on), one)
        words = (row.get("words", ""), row.get("sentence", ""))
        if words[0] and words not in one.words:
            one.words.append(words)
    return list(found.values())


def _statement(row: PlainRow, labels: Mapping[str, str]) -> Statement:
    on = row.get("issue", "")
    return Statement(
        record=link(row.get("record", ""), labels),
        holder=row.get("actor", ""),
        on=on,
        stance=row.get("stance", "").removeprefix(COMITY),
        kind=row.get("kind", "").removeprefix(COMITY),
        modality=row.get("modality", "").removeprefix(COMITY),
        joint=row.get("joint", "") in ("true", "1"),
        attributed=row.get("status", "") == "attributed",
        text=row.get("statement", ""),
        content=row.get("content", ""),
        span=DateSpan(
            moment(row.get("earliest")),
            moment(row.get("latest")),
            row.get("precision", "").removeprefix(COMITY),
        ),
        hedge=row.get("hedge", ""),
        source=link(row.get("source", ""), labels),
        standing=row.get("standing", "").removeprefix(COMITY),
    )


async def add_further(lookup: Lookup, told: Sequence[Statement]) -> None:
    """Add the other holders of joint positions, and the editors' remarks."""
    partners = await _partners(lookup, (each.record.iri or "" for each in told if each.joint))
    remarks = await remarks_on(lookup, (each.record.iri or "" for each in told))
    for each in told:
        record = each.record.iri or ""
        holders = partners.get(record, {})
        each.partners = [name for iri, name in holders.items() if iri != each.holder]
        each.remarks = remarks.get(record, ())


async def _partners(lookup: Lookup, records: Iterable[str]) -> dict[str, dict[str, str]]:
    rows = await lookup.rows("positions/holders", "record", records)
    labels = await lookup.labels_of(row["holder"] for row in rows)
    found: dict[str, dict[str, str]] = {}
    for row in rows:
        found.setdefault(row["record"], {})[row["holder"]] = link(row["holder"], labels).text
    return found
