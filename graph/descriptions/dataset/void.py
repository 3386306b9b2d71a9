"""Description of the dataset in VoID (W3C note of 2011) and DCAT 3, with counts."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import pyoxigraph as ox

from comity.graph.descriptions.description import Description
from comity.graph.descriptions.links import Link
from comity.graph.installed import query_file
from comity.graph.rdf.namespaces import BASE, COMITY, ID, PREFIXES
from comity.graph.rdf.terms import shorten
from comity.graph.store.cells import is_iri, texts
from comity.graph.store.interface import Store
from comity.graph.store.solutions import solve

DCAT: Final = "http://www.w3.org/ns/dcat#"
FORMATS: Final = "http://www.w3.org/ns/formats/"
LICENCE: Final = "https://creativecommons.org/licenses/by/4.0/"
TITLE: Final = "Comity, a knowledge graph of diplomacy"
_VOID, _DCTERMS, _XSD, _FOAF = (PREFIXES[name] for name in ("void", "dcterms", "xsd", "foaf"))
_TYPE: Final = ox.NamedNode(PREFIXES["rdf"] + "type")
_FEATURES: Final = ("Turtle", "N-Triples", "RDF_XML", "JSON-LD")
_VOCABULARIES: Final = (COMITY, *(PREFIXES[n] for n in ("skos", "prov", "oa", "dcterms", "foaf")))

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class GraphEntry:
    """A named graph: its size and what it says of itself, "" where it does not."""

    link: Link
    about: str
    triples: int
    date: str
    licence: str


@dataclass(frozen=True, slots=True)
class DatasetCounts:
    """Counts of one data version: in total, per named graph, per class."""

    version: str
    whole: Row
    graphs: Sequence[Row]
    classes: Sequence[Row]

    @property
    def triples(self) -> int:
        """The number of triples in the whole dataset."""
        return int(self.whole["triples"]["value"])

    def entries(self) -> list[GraphEntry]:
        """Return the named graphs with what they say of themselves."""
        return [_entry(row) for row in self.graphs]


@dataclass(frozen=True, slots=True)
class Distribution:
    """A file with all of the data: its address, its media type, and True if it is gzip."""

    address: str
    media_type: str
    packed: bool


async def count(store: Store, timeout: float | None) -> DatasetCounts:
    """Count in the store; takes time in proportion to the data."""
    graphs = await solve(store, query_file("resource/datasets"), timeout)
    whole = await solve(store, query_file("resource/statistics"), timeout)
    classes = await solve(store, query_file("resource/partitions"), timeout)
    return DatasetCounts(graphs.version, whole.rows[0], graphs.rows, classes.rows)


def describe_dataset(
    counts: DatasetCounts, root: str, distributions: Sequence[Distribution]
) -> Description:
    """Describe the dataset as it is served at `root` (without a trailing slash)."""
    describing = _Describing(counts, root)
    triples = sorted(set(describing.triples(distributions)), key=str)
    return Description(describing.dataset, triples, counts.version)


def _entry(row: Row) -> GraphEntry:
    said = texts(row)
    iri = said["graph"]
    title = said.get("title") or (shorten(iri) if is_iri(row["graph"]) else iri)
    return GraphEntry(
        Link(title, iri),
        said.get("description", ""),
        int(said["triples"]),
        said.get("date", ""),
        said.get("license", ""),
    )


class _Describing:
    def __init__(self, counts: DatasetCounts, root: str) -> None:
        self._counts, self._root = counts, root
        # By its own address: this service has its own copy of the data.
        self.void = ox.NamedNode(f"{root}/.well-known/void")
        self.dataset = ox.NamedNode(f"{root}/.well-known/void#dataset")

    def triples(self, distributions: Sequence[Distribution]) -> Iterator[ox.Triple]:
        yield from self._said(self.void, _TYPE.value, _VOID + "DatasetDescription")
        yield from self._said(self.void, _FOAF + "topic", self.dataset.value)
        yield from self._of_all()
        for distribution in distributions:
            yield from self._distribution(distribution)
        yield from self._service()
        for row in self._counts.graphs:
            yield from self._subset(row)
        for row in self._counts.classes:
            yield from self._partition(row)

    def _of_all(self) -> Iterator[ox.Triple]:
        it = self.dataset
        for kind in (_VOID + "Dataset", DCAT + "Dataset"):
            yield from self._said(it, _TYPE.value, kind)
        yield ox.Triple(it, _node(_DCTERMS + "title"), ox.Literal(TITLE, language="en"))
        about = "States, agreements, formats, positions, and who says so."
        yield ox.Triple(it, _node(_DCTERMS + "description"), ox.Literal(about, language="en"))
        yield ox.Triple(it, _node(DCAT + "version"), ox.Literal(self._counts.version))
        yield from self._said(it, _DCTERMS + "license", LICENCE)
        yield from self._said(it, _FOAF + "homepage", f"{self._root}/")
        yield from self._said(it, DCAT + "landingPage", f"{self._root}/")
        yield from self._said(it, _VOID + "sparqlEndpoint", f"{self._root}/sparql")
        yield from self._said(it, _VOID + "rootResource", f"{self._root}/sources")
        yield from self._said(it, _VOID + "exampleResource", f"{ID}iran")
        yield ox.Triple(it, _node(_VOID + "uriSpace"), ox.Literal(BASE))
        for feature in _FEATURES:
            yield from self._said(it, _VOID + "feature", FORMATS + feature)
        for vocabulary in _VOCABULARIES:
            yield from self._said(it, _VOID + "vocabulary", vocabulary)
        for name, cell in self._counts.whole.items():
            yield ox.Triple(it, _node(_VOID + name), _integer(cell["value"]))

    def _distribution(self, of: Distribution) -> Iterator[ox.Triple]:
        yield from self._said(self.dataset, _VOID + "dataDump", of.address)
        yield from self._said(self.dataset, DCAT + "distribution", of.address)
        yield from self._said(_node(of.address), _TYPE.value, DCAT + "Distribution")
        yield from self._said(_node(of.address), DCAT + "downloadURL", of.address)
        yield from self._said(_node(of.address), DCAT + "accessURL", of.address)
        yield from self._said(_node(of.address), _DCTERMS + "license", LICENCE)
        types = "https://www.iana.org/assignments/media-types/"
        yield from self._said(_node(of.address), DCAT + "mediaType", types + of.media_type)
        if of.packed:
            gzip = f"{types}application/gzip"
            yield from self._said(_node(of.address), DCAT + "compressFormat", gzip)

    def _service(self) -> Iterator[ox.Triple]:
        endpoint = _node(f"{self._root}/sparql")
        yield from self._said(endpoint, _TYPE.value, DCAT + "DataService")
        yield from self._said(endpoint, DCAT + "servesDataset", self.dataset.value)
        yield from self._said(endpoint, DCAT + "endpointURL", endpoint.value)
        described = f"{self._root}/openapi.json"
        yield from self._said(endpoint, DCAT + "endpointDescription", described)
        title = ox.Literal("SPARQL endpoint of Comity", language="en")
        yield ox.Triple(endpoint, _node(_DCTERMS + "title"), title)
        standard = "https://www.w3.org/TR/sparql11-protocol/"
        yield from self._said(endpoint, _DCTERMS + "conformsTo", standard)

    def _subset(self, row: Row) -> Iterator[ox.Triple]:
        if row["graph"]["type"] != "uri":
            return
        graph = _node(row["graph"]["value"])
        yield from self._said(self.dataset, _VOID + "subset", graph.value)
        yield from self._said(graph, _TYPE.value, _VOID + "Dataset")
        yield ox.Triple(graph, _node(_VOID + "triples"), _integer(row["triples"]["value"]))
        for name in ("title", "description", "license", "date"):
            if cell := row.get(name):
                yield ox.Triple(graph, _node(_DCTERMS + name), _term(cell))

    def _partition(self, row: Row) -> Iterator[ox.Triple]:
        """Yield the partition of a class, named by the class in the address of the description."""
        number = self._counts.classes.index(row) + 1
        part = _node(f"{self.void.value}#class-{number}")
        yield from self._said(self.dataset, _VOID + "classPartition", part.value)
        yield from self._said(part, _VOID + "class", row["class"]["value"])
        yield ox.Triple(part, _node(_VOID + "entities"), _integer(row["entities"]["value"]))

    def _said(self, subject: ox.NamedNode, predicate: str, object_: str) -> Iterator[ox.Triple]:
        yield ox.Triple(subject, _node(predicate), _node(object_))


def _node(iri: str) -> ox.NamedNode:
    return ox.NamedNode(iri)


def _integer(value: str) -> ox.Literal:
    return ox.Literal(value, datatype=_node(_XSD + "integer"))


def _term(cell: Row) -> ox.NamedNode | ox.Literal:
    if cell["type"] == "uri":
        return _node(cell["value"])
    if language := cell.get("xml:lang"):
        return ox.Literal(cell["value"], language=language)
    return ox.Literal(cell["value"], datatype=_node(cell.get("datatype", _XSD + "string")))
