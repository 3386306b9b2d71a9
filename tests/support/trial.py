"""The trial of a changed record: what every query then answers, and what is wrong with that."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Final

import pyoxigraph as ox
from asks import Ask, Selection, rows_of
from changed_graph import ROLES, Change, ChangedGraph, Row, Rows, term

from comity.graph.descriptions.description import TYPE
from comity.graph.rdf.namespaces import COMITY

# What others' rows may differ in from those without the record, and why.
AS_TOLD: Final = {
    "sources": "counts the records of a source as it tells them",
    "records-by-modality": "counts them too, and beside them the erroneous ones",
    "statistics": "counts things of each class, notes among them",
    "thing/sources": "counts the records that mention a thing",
    "thing/passages": "lists the sentences about a thing, true or not",
    "thing/about": "gives what is stated of the thing itself",
    "thing/neighbours": "counts the records that two things are in, and beside them the facts",
}
AS_HOPED: Final = {
    **AS_TOLD,
    "q42": "lists agreements of which a source tells, also in a hope",
    "connections": "leads over hopes too, whose steps have their modality",
}
# These list notes, of which a record may have others.
NOTES: Final = frozenset(("corrections", "editorial-notes", "positions/notes", "q49"))
# The questions after hopes have no column that says so; q45 is after plans.
HOPES: Final = frozenset(("q18", "q45"))
# What each query answers, where it has a row also without any record.
STATUS: Final = {"participation-status": "answer"}


# These name records alone; the description of a record that a page shows beside has its verdict and modality.
def _is_list_of_records(query: str) -> bool:
    return query.startswith("thing/")


# Columns that say through whom a state acts, or who else does.
_THROUGH: Final = frozenset(("through", "holders", "joint", "source", "target", "actor", "partner"))
_VERDICT: Final = ("verdict", f"<{COMITY}erroneous>")
_REFUTED: Final = ("standing", f"<{COMITY}foundErroneous>")
_HOPED: Final = ("modality", f"<{COMITY}hoped>")


@dataclass
class Trial:
    """Records that are changed at once, and what the queries say then."""

    base: ChangedGraph
    other: ChangedGraph
    selection: Selection
    records: Sequence[ox.NamedNode]
    asks: dict[Ask, ox.NamedNode] = field(default_factory=dict)
    faults: list[str] = field(default_factory=list)

    def run(self) -> list[str]:
        """All that does not hold."""
        self.asks = {ask: record for record in self.records for ask in self.selection.of(record)}
        without, told = self._after([self.base.without(r) for r in self.records])
        # The others neither return the records nor rest on them.
        self.asks = {
            ask: record
            for ask, record in self.asks.items()
            if told[ask] != self.selection.answer(ask.text)
        }
        for check, change, cell, exempt in (
            ("refuted", self.base.refuted, _VERDICT, AS_TOLD),
            ("hoped", self.base.hoped, _HOPED, AS_HOPED),
        ):
            if check == "hoped" and any(self.base.is_a(r, "Position") for r in self.records):
                continue  # by its shape a position is asserted or committed, never hoped
            shortcuts, found = self._after([change(record) for record in self.records])
            if shortcuts != without:
                self.faults.append(f"{check}: shortcuts {_difference(without, shortcuts)}")
            for ask in self.asks:
                for fault in self._wrong(ask, told[ask], found[ask], cell, exempt):
                    self._fault(check, ask, fault)
        self._through()
        return self.faults

    def _after(self, changes: Sequence[Change]) -> tuple[Rows, dict[Ask, Rows]]:
        removed = tuple(quad for change in changes for quad in change.removed)
        added = tuple(quad for change in changes for quad in change.added)
        self.other.become(Change(removed, added))
        return self.other.shortcuts(), {ask: self.other.answer(ask.text) for ask in self.asks}

    def _wrong(
        self,
        ask: Ask,
        without: Rows,
        found: Rows,
        cell: tuple[str, str],
        exempt: Mapping[str, str],
    ) -> Iterator[str]:
        """What is wrong with an answer, by the answer without the records."""
        if cell == _HOPED:  # what is right instead of a proposal may itself be no fact
            without, found = _without(without, "rightly"), _without(found, "rightly")
        own = self._own(found)
        expected, others = without - self._own(without), found - own
        if status := STATUS.get(ask.query):
            expected, others = _column(without, status), _column(found, status)
        if ask.query not in exempt and expected != others:
            yield f"others' rows {_difference(expected, others)}"
        if own and ask.only_facts:
            yield "a fact"
        if ask.query in NOTES or (cell == _HOPED and ask.query in HOPES):
            return
        if _is_list_of_records(ask.query):
            return
        if leaks := [row for row in own if not self._says(row, cell)]:
            yield f"no {cell[0]} in {_said(leaks[0])}"

    def _through(self) -> None:
        """Replace each state by its office, and by a person who then holds it."""
        for record in self.records:
            for state in self.base.states(record):
                for change in (
                    self.base.by_office(record, state),
                    self.base.by_person(record, state),
                ):
                    if change is None:
                        continue
                    self.other.become(change)
                    for ask, asked in self.asks.items():
                        if asked == record and (
                            before := rows_of(record, self.selection.answer(ask.text))
                        ):
                            self._still(record, state, ask, before)

    def _still(self, record: ox.NamedNode, state: ox.NamedNode, ask: Ask, before: Rows) -> None:
        after = rows_of(record, self.other.answer(ask.text))
        if "networks/" in ask.query or "positions/" in ask.query or "thing/" in ask.query:
            if ask.names(state) and not after:
                self._fault("through", ask, f"{_short(record)} is lost for {_short(state)}")
        elif lost := _plain(before) - _plain(after):
            self._fault("through", ask, f"{_short(record)} lost {_said(next(iter(lost)))}")

    def _own(self, rows: Rows) -> Rows:
        return frozenset(row for record in self.records for row in rows_of(record, rows))

    def _says(self, row: Row, cell: tuple[str, str]) -> bool:
        """Whether a row is about one of the records, has a cell, and names none elsewhere."""
        named = {str(record) for record in self.records}
        return (cell in row or (cell == _VERDICT and _REFUTED in row)) and all(
            value not in named or name == "record" for name, value in row
        )

    def _fault(self, what: str, ask: Ask, said: str) -> None:
        self.faults.append(f"{what}: {ask}: {said}")

    def _names(self) -> str:
        return " ".join(map(_short, self.records))


def _difference(expected: Rows, found: Rows) -> str:
    missing, surplus = expected - found, found - expected
    said = [f"-{len(missing)} {_said(min(map(sorted, missing)))}"] if missing else []
    said += [f"+{len(surplus)} {_said(min(map(sorted, surplus)))}"] if surplus else []
    return " ".join(said)


def _without(rows: Rows, name: str) -> Rows:
    return frozenset(frozenset(cell for cell in row if cell[0] != name) for row in rows)


def _column(rows: Rows, name: str) -> Rows:
    return frozenset(frozenset(cell for cell in row if cell[0] == name) for row in rows)


def _plain(rows: Rows) -> Rows:
    return frozenset(frozenset((n, v) for n, v in row if n not in _THROUGH) for row in rows)


def _said(row: Row | list[tuple[str, str]]) -> str:
    return ", ".join(f"{name} {value.rsplit('/', 1)[-1][:60]}" for name, value in sorted(row))


def _short(node: ox.NamedNode) -> str:
    return node.value.rsplit("/", 1)[-1]


@cache
def graphs() -> tuple[ChangedGraph, ChangedGraph, Selection]:
    """The graph as it is, the one that is changed, and the answers over the first."""
    base = ChangedGraph()
    return base, ChangedGraph(), Selection(base)


@cache
def all_records() -> list[ox.NamedNode]:
    """Every record of the bundle."""
    return graphs()[0].records()


@cache
def sample() -> list[ox.NamedNode]:
    """One record for each class, modality and role of a state, and then of each graph."""
    base, kinds = graphs()[0], set[object]()
    found = []
    for record in sorted(all_records(), key=lambda record: -len(kinds_of(base, record))):
        new = kinds_of(base, record) - kinds
        if new:
            found.append(record)
            kinds |= new
    return found


def kinds_of(base: ChangedGraph, record: ox.NamedNode) -> set[object]:
    states = set(base.states(record))
    roles = {role for role in ROLES for q in base.quads(record, role) if q.object in states}
    told = base.quads(record, term("modality"))
    classes = {quad.object for quad in base.quads(record, TYPE)}
    return {*classes, *roles, *(q.object for q in told), *(q.graph_name for q in told)}
