"""Description of one resource: the triples of a concise description, and accessors.

The description of a thing includes its records, with their contents, quotations and notes; that of
a source includes everything in it. Every mentioned resource has its labels. The page, the RDF and
the JSON-LD of a resource are written from these triples.
"""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

import pyoxigraph as ox

from comity.graph.descriptions.labels import best
from comity.graph.installed import query_file
from comity.graph.rdf.namespaces import BASE, COMITY, PREFIXES, SOURCE
from comity.graph.sparql.substitution import replace, replace_all
from comity.graph.store.interface import Query, ResultFormat, Store
from comity.graph.store.solutions import solve

LABEL: Final = ox.NamedNode(PREFIXES["rdfs"] + "label")
PREFERRED: Final = ox.NamedNode(PREFIXES["skos"] + "prefLabel")
TYPE: Final = ox.NamedNode(PREFIXES["rdf"] + "type")
MODALITY: Final = ox.NamedNode(COMITY + "modality")
EVIDENCE: Final = ox.NamedNode(COMITY + "evidence")
ON_RECORD: Final = ox.NamedNode(COMITY + "onRecord")

_AT_ONCE: Final = 2000  # IRIs per query for labels
Subject = ox.NamedNode | ox.BlankNode
Object = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple


@dataclass(frozen=True)
class Description:
    """The triples that describe `iri`, of one data version, distinct and sorted."""

    iri: ox.NamedNode
    triples: Sequence[ox.Triple]
    version: str = ""

    @cached_property
    def subjects(self) -> Mapping[Subject, Mapping[ox.NamedNode, Sequence[Object]]]:
        """Properties and values by subject, including labels of mentioned resources."""
        found: dict[Subject, dict[ox.NamedNode, list[Object]]] = {}
        for triple in self.triples:
            subject, predicate, object_ = triple
            assert isinstance(subject, (ox.NamedNode, ox.BlankNode))
            found.setdefault(subject, {}).setdefault(predicate, []).append(object_)
        return found

    def of(self, subject: Subject) -> Mapping[ox.NamedNode, Sequence[Object]]:
        """Return the properties and values of one subject."""
        return self.subjects.get(subject, {})

    def values(self, subject: Subject, name: str) -> Sequence[Object]:
        """Return the values of a property, given by its local name in Comity or by its IRI."""
        iri = name if ":" in name else COMITY + name
        return self.of(subject).get(ox.NamedNode(iri), ())

    def nodes(self, subject: Subject, name: str) -> list[ox.NamedNode]:
        """Return the IRIs among the values of a property."""
        return [v for v in self.values(subject, name) if isinstance(v, ox.NamedNode)]

    def text(self, subject: Subject, name: str) -> str | None:
        """Return the first literal value of a property, None if there is none."""
        found = (v.value for v in self.values(subject, name) if isinstance(v, ox.Literal))
        return next(found, None)

    def label(self, subject: Subject, language: str = "en") -> str | None:
        """Return the label of a subject for readers of a language."""
        said = self.of(subject)
        labels = [
            {"value": v.value, "xml:lang": v.language or ""}
            for name in (LABEL, PREFERRED)
            for v in said.get(name, ())
            if isinstance(v, ox.Literal)
        ]
        return best(labels, language) if labels else None

    def records(self) -> list[ox.NamedNode]:
        """Return the records, those with words first in text order."""
        found = [
            subject
            for subject, said in self.subjects.items()
            if isinstance(subject, ox.NamedNode) and MODALITY in said
        ]
        return sorted(found, key=self._place)

    def _place(self, record: ox.NamedNode) -> tuple[bool, str, int, str]:
        starts = [
            int(start)
            for quotation in self.nodes(record, "evidence")
            if (start := self.text(quotation, "startOffset") or "").isdecimal()
        ]
        source = next(iter(self.nodes(record, "source")), None)
        return not starts, source.value if source else "", min(starts, default=0), record.value

    def incoming(self) -> list[ox.Triple]:
        """Return other triples that point to the resource, not from its records or their parts."""
        return [
            triple
            for triple in self.triples
            if triple.object == self.iri and TYPE not in self.of(triple.subject)  # type: ignore[arg-type]
        ]

    def written(self, format: ResultFormat) -> bytes:
        """Write the triples in a format of RDF."""
        out = io.BytesIO()
        rdf = ox.RdfFormat.from_media_type(format.media_type)
        assert rdf is not None
        ox.serialize(self.triples, out, rdf, prefixes=PREFIXES)
        return out.getvalue()


async def describe(store: Store, iri: str, timeout: float | None) -> Description | None:
    """Describe a resource; None if the graph has nothing about it."""
    query, variable = ("resource/description", "thing")
    if iri.startswith(SOURCE):
        query, variable = "resource/source", "source"
    node = ox.NamedNode(iri)
    text = replace(query_file(query), {variable: node})
    triples, version = await construct(store, text, timeout)
    if not triples:
        return None
    return Description(node, await _labelled(store, triples, timeout), version)


async def describe_records(
    store: Store,
    records: Sequence[ox.NamedNode],
    timeout: float | None,
    mentioned: Iterable[ox.Triple] = (),
) -> Description:
    """Describe records, with labels for them and for the terms of the triples in `mentioned`."""
    found: list[ox.Triple] = []
    version = store.version
    for part in _parts(records):
        text = replace_all(query_file("resource/record"), "record", part)
        triples, version = await construct(store, text, timeout)
        found += triples
    about = records[0] if records else ox.NamedNode(BASE)
    return Description(about, await _labelled(store, found, timeout, mentioned), version)


async def _labelled(
    store: Store,
    triples: Sequence[ox.Triple],
    timeout: float | None,
    mentioned: Iterable[ox.Triple] = (),
) -> list[ox.Triple]:
    """Return the triples and the labels of all resources in them, distinct and sorted."""
    found = set(triples)
    terms = _mentioned(triples) | _mentioned(mentioned)
    for part in _parts(sorted(terms, key=str)):
        labels = replace_all(query_file("resource/labelling"), "thing", part)
        found |= set((await construct(store, labels, timeout))[0])
    return sorted(found, key=str)


async def described_graph(
    store: Store, known: Description | None, iri: str, dump: str, timeout: float | None
) -> Description | None:
    """Complete what is `known` of a named graph with its size and the address of its dump.

    None if nothing is known and the graph is empty.
    """
    graph = ox.NamedNode(iri)
    text = replace(query_file("resource/size"), {"graph": graph})
    found = await solve(store, text, timeout)
    (row,) = found.rows
    if known is None and row["triples"]["value"] == "0":
        return None
    void = PREFIXES["void"]
    size = ox.Literal(row["triples"]["value"], datatype=ox.NamedNode(PREFIXES["xsd"] + "integer"))
    told = {
        ox.Triple(graph, TYPE, ox.NamedNode(void + "Dataset")),
        ox.Triple(graph, ox.NamedNode(void + "triples"), size),
        ox.Triple(graph, ox.NamedNode(void + "dataDump"), ox.NamedNode(dump)),
    }
    triples = told | set(known.triples if known else ())
    return Description(graph, sorted(triples, key=str), found.version)


async def construct(store: Store, text: str, timeout: float | None) -> tuple[list[ox.Triple], str]:
    """Return the triples of a CONSTRUCT, all in memory, and their data version."""
    query = Query(text, None, ResultFormat.N_TRIPLES, timeout=timeout)
    async with await store.query(query) as answer:
        body = b"".join([chunk async for chunk in answer])
        return [quad.triple for quad in ox.parse(body, ox.RdfFormat.N_TRIPLES)], answer.version


def _mentioned(triples: Iterable[ox.Triple]) -> set[ox.NamedNode]:
    terms = (term for triple in triples for term in triple)
    return {term for term in terms if isinstance(term, ox.NamedNode)}


def _parts(nodes: Sequence[ox.NamedNode]) -> Iterator[Sequence[ox.NamedNode]]:
    return (nodes[at : at + _AT_ONCE] for at in range(0, len(nodes), _AT_ONCE))
