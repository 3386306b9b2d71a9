"""Reasons: the derivation of a triple, and the records that it or an edge of a network rests on."""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final

import pyoxigraph as ox

from comity.graph.catalogue.names import Names
from comity.graph.descriptions.description import Description, describe_records
from comity.graph.descriptions.links import Link
from comity.graph.descriptions.records.evidence import evidence_of
from comity.graph.descriptions.records.model import Record
from comity.graph.descriptions.records.views import Views
from comity.graph.errors import QueryError
from comity.graph.rdf.namespaces import COMITY, PREFIXES
from comity.graph.rdf.terms import (
    WrittenTriple,
    local_name,
    read_term,
    read_triple,
    shorten,
    write_triple,
)
from comity.graph.reasoning.explanation import STATED, read_why, why
from comity.graph.reasoning.rules import rules_folder
from comity.graph.store.interface import Query, Store, Why
from comity.graph.store.solutions import solve

_RDF, _PROV = PREFIXES["rdf"], PREFIXES["prov"]
_DERIVED: Final = ox.NamedNode(_PROV + "wasDerivedFrom")

Json = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a derivation: a triple, by which rule it follows, from which premises."""

    terms: Sequence[Link]
    rule: str
    graphs: Sequence[Link]
    premises: Sequence["Step"]


@dataclass(frozen=True, slots=True)
class Reasons:
    """The records behind a fact; for a triple, its derivation as from `as_json`."""

    records: Sequence[str]
    described: Description
    derivation: Json | None = None

    def steps(self) -> Step | None:
        """Return the derivation with labels."""
        return _step(self.derivation, Views(self.described)) if self.derivation else None

    def views(self) -> list[Record]:
        """Return the records as data."""
        views = Views(self.described)
        return [views.record(record) for record in self.records]

    def rules(self) -> dict[str, str]:
        """Return the text of each rule that the derivation uses, by file name."""
        used = {step["rule"] for step in _steps(self.derivation)} if self.derivation else set()
        files = {file.name: file for file in rules_folder().rglob("*.rq") if file.name in used}
        return {name: file.read_text(encoding="utf-8") for name, file in sorted(files.items())}

    def document(self) -> Json:
        """Return all of it as JSON."""
        return {
            "derivation": self.derivation,
            "rules": self.rules(),
            "records": [_record(self.described, ox.NamedNode(iri)) for iri in self.records],
        }

    def as_rdf(self, name: Callable[[WrittenTriple], str]) -> Description:
        """Describe the records, and each step as a rdf:Statement derived from others (PROV-O).

        `name` returns the IRI of the statement of a triple.
        """
        triples = set(self.described.triples)
        about = self.described.iri
        if self.derivation:
            for step in _steps(self.derivation):
                triples.update(_statement(step, name))
            about = _statement_iri(self.derivation, name)
        return Description(about, sorted(triples, key=str), self.described.version)


def read_question(subject: str, predicate: str, object_: str) -> Why:
    """Return the question for the evidence of a triple, its terms as people write them.

    Raises QueryError.
    """
    return why(read_triple(subject, predicate, object_))


def shorten_question(asked: Why) -> str:
    """Write the triple of a question for people."""
    return " ".join(map(shorten, read_why(asked)))


async def reasons_of_triple(store: Store, asked: Why, timeout: float | None) -> Reasons | None:
    """Return the reasons of a triple; None if it is neither stated nor derivable."""
    query = Query(f"# why {shorten_question(asked)}", timeout=timeout, why=asked)
    async with await store.query(query) as answer:
        derivation = json.loads(b"".join([chunk async for chunk in answer]))
    if derivation is None:
        return None
    steps = list(_steps(derivation))
    records = list(dict.fromkeys(item["record"] for step in steps for item in step["evidence"]))
    # Of the triples and graphs, only the labels are needed.
    mentioned = [_read(step["triple"]) for step in steps]
    mentioned += [
        ox.Triple(ox.NamedNode(iri), ox.NamedNode(_RDF + "type"), ox.NamedNode(iri))
        for step in steps
        for iri in step["graphs"]
        if iri
    ]
    nodes = [ox.NamedNode(iri) for iri in records]
    described = await describe_records(store, nodes, timeout, mentioned)
    return Reasons(records, described, derivation)


async def read_record(written: str, names: Names) -> str:
    """Return the IRI of a record, written as a fragment (#f24.3) or as a term.

    Raises QueryError, ParameterError if several sources have the fragment, or none.
    """
    if written.startswith("#"):
        return await names.resolve("record", "record", written, {})
    record = read_term(written)
    if not isinstance(record, ox.NamedNode):
        raise QueryError("A record is an IRI")
    return record.value


async def reasons_of_record(store: Store, record: str, timeout: float | None) -> Reasons | None:
    """Return the evidence of a record; None if the graph has no such record."""
    found = await reasons_of_records(store, [record], timeout)
    return found if ox.NamedNode(record) in found.described.records() else None


async def reasons_of_records(
    store: Store, records: Sequence[str], timeout: float | None
) -> Reasons:
    """Return the evidence of records that are known to exist."""
    nodes = [ox.NamedNode(iri) for iri in records]
    return Reasons(records, await describe_records(store, nodes, timeout))


async def triple_between(
    store: Store, source: str, target: str, name: str, timeout: float | None
) -> Why | None:
    """Return the question for the triple of two resources by the property of a local name.

    None if no such triple exists.
    """
    begin, end = ox.NamedNode(source), ox.NamedNode(target)
    text = f"SELECT DISTINCT ?property WHERE {{ {begin} ?property {end} }} ORDER BY ?property"
    for row in (await solve(store, text, timeout)).rows:
        if local_name(row["property"]["value"]) == name:
            return why(ox.Triple(begin, ox.NamedNode(row["property"]["value"]), end))
    return None


def _steps(derivation: Json) -> Iterator[Json]:
    yield derivation
    for premise in derivation["premises"]:
        yield from _steps(premise)


def _step(derivation: Json, views: Views) -> Step:
    return Step(
        [views.link(term) for term in _read(derivation["triple"])],
        derivation["rule"],
        [views.named(iri) if iri else Link("the default graph") for iri in derivation["graphs"]],
        [_step(premise, views) for premise in derivation["premises"]],
    )


def _read(terms: Sequence[str]) -> ox.Triple:
    return read_why(Why(*terms))


def _record(described: Description, record: ox.NamedNode) -> Json:
    holders = [
        {"iri": holder.value, "label": described.label(holder) or shorten(holder)}
        for holder in described.nodes(record, "holder")
    ]
    return {**asdict(evidence_of(described, record)), "holders": holders}


def _statement(step: Json, name: Callable[[WrittenTriple], str]) -> Iterator[ox.Triple]:
    iri, said = _statement_iri(step, name), _read(step["triple"])
    yield ox.Triple(iri, ox.NamedNode(_RDF + "type"), ox.NamedNode(_RDF + "Statement"))
    for part, term in zip(("subject", "predicate", "object"), said, strict=True):
        yield ox.Triple(iri, ox.NamedNode(_RDF + part), term)
    for premise in step["premises"]:
        yield ox.Triple(iri, _DERIVED, _statement_iri(premise, name))
    for item in step["evidence"]:
        yield ox.Triple(iri, _DERIVED, ox.NamedNode(item["record"]))
    for graph in filter(None, step["graphs"]):
        yield ox.Triple(iri, ox.NamedNode(PREFIXES["dcterms"] + "isPartOf"), ox.NamedNode(graph))
    if step["rule"] != STATED:
        yield ox.Triple(iri, ox.NamedNode(COMITY + "rule"), ox.Literal(step["rule"]))


def _statement_iri(step: Json, name: Callable[[WrittenTriple], str]) -> ox.NamedNode:
    return ox.NamedNode(name(write_triple(_read(step["triple"]))))
