"""Reasons: the derivations of a triple, and the records that it or an edge of a network rests on."""

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
from comity.graph.reasoning.alternatives import say_count
from comity.graph.reasoning.explanation import STATED, read_why, why
from comity.graph.reasoning.rules import rules_folder
from comity.graph.store.interface import Query, Store, Why
from comity.graph.store.solutions import solve

_RDF, _PROV = PREFIXES["rdf"], PREFIXES["prov"]
_DERIVED: Final = ox.NamedNode(_PROV + "wasDerivedFrom")
_COMMENT: Final = ox.NamedNode(PREFIXES["rdfs"] + "comment")

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
    """The records behind a fact; for a triple, its derivations as from `explain_triple`."""

    records: Sequence[str]
    described: Description
    explanation: Json | None = None

    @property
    def derivations(self) -> Sequence[Json]:
        """The derivations that are listed."""
        return self.explanation["derivations"] if self.explanation else ()

    def count(self) -> str:
        """Say how many derivations there are, and how many are listed."""
        return say_count(self.explanation) if self.explanation else ""

    def steps(self) -> list[Step]:
        """Return the derivations with labels."""
        views = Views(self.described)
        return [_step(each, views) for each in self.derivations]

    def views(self) -> list[Record]:
        """Return the records as data."""
        views = Views(self.described)
        return [views.record(record) for record in self.records]

    def rules(self) -> dict[str, str]:
        """Return the text of each rule that the derivations use, by file name."""
        used = {step["rule"] for step in _all_steps(self.derivations)}
        files = {file.name: file for file in rules_folder().rglob("*.rq") if file.name in used}
        return {name: file.read_text(encoding="utf-8") for name, file in sorted(files.items())}

    def document(self) -> Json:
        """Return all of it as JSON; `derivation` is the first of the derivations."""
        found = self.explanation or {"total": 0, "exact": True, "limit": None}
        return {
            "derivation": next(iter(self.derivations), None),
            "total": found["total"],
            "exact": found["exact"],
            "limit": found["limit"],
            "derivations": list(self.derivations),
            "rules": self.rules(),
            "records": [_record(self.described, ox.NamedNode(iri)) for iri in self.records],
        }

    def as_rdf(self, name: Callable[[WrittenTriple], str]) -> Description:
        """Describe the records, and each step as a rdf:Statement derived from others (PROV-O).

        `name` returns the IRI of the statement of a triple.
        """
        triples = set(self.described.triples)
        about = self.described.iri
        for step in _all_steps(self.derivations):
            triples.update(_statement(step, name))
        for number, each in enumerate(self.derivations, start=1):
            about = _statement_iri(each, name)
            triples.update(_qualified(each, number, name))
        if self.derivations:
            triples.add(ox.Triple(about, _COMMENT, ox.Literal(self.count(), language="en")))
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
        explanation = json.loads(b"".join([chunk async for chunk in answer]))
    if explanation is None:
        return None
    steps = list(_all_steps(explanation["derivations"]))
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
    return Reasons(records, described, explanation)


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


def _all_steps(derivations: Sequence[Json]) -> Iterator[Json]:
    return (step for derivation in derivations for step in _steps(derivation))


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
    subject, predicate, object_ = terms
    return read_why(Why(subject, predicate, object_))


def _record(described: Description, record: ox.NamedNode) -> Json:
    def named(name: str) -> list[Json]:
        nodes = described.nodes(record, name)
        return [{"iri": n.value, "label": described.label(n) or shorten(n)} for n in nodes]

    notes = Views(described).record(record.value).notes
    return {
        **asdict(evidence_of(described, record)),
        "holders": named("holder"),
        "standing": next((local_name(n.value) for n in described.nodes(record, "standing")), None),
        "rightly": named("correctedBy"),
        "notes": [
            {
                "verdict": note.verdict,
                "says": note.comment,
                "citations": [cited.iri for cited in note.citations],
            }
            for note in notes
        ],
    }


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


def _qualified(
    derivation: Json, number: int, name: Callable[[WrittenTriple], str]
) -> Iterator[ox.Triple]:
    """Yield a derivation apart from the others; its name is that of its place on the page."""
    said = _statement_iri(derivation, name)
    iri = ox.NamedNode(f"{said.value}#derivation-{number}")
    yield ox.Triple(said, ox.NamedNode(_PROV + "qualifiedDerivation"), iri)
    yield ox.Triple(iri, ox.NamedNode(_RDF + "type"), ox.NamedNode(_PROV + "Derivation"))
    yield ox.Triple(iri, ox.NamedNode(COMITY + "rule"), ox.Literal(derivation["rule"]))
    used = [_statement_iri(premise, name) for premise in derivation["premises"]]
    used += [ox.NamedNode(item["record"]) for item in derivation["evidence"]]
    for entity in used:
        yield ox.Triple(iri, ox.NamedNode(_PROV + "entity"), entity)


def _statement_iri(step: Json, name: Callable[[WrittenTriple], str]) -> ox.NamedNode:
    return ox.NamedNode(name(write_triple(_read(step["triple"]))))
