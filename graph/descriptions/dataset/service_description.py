"""The SPARQL 1.1 Service Description of an endpoint."""

from collections.abc import Iterable, Iterator
from typing import Final

from pyoxigraph import NamedNode, RdfFormat, Triple, serialize

from comity.graph.store.interface import ResultFormat

SD: Final = "http://www.w3.org/ns/sparql-service-description#"
FORMATS: Final = "http://www.w3.org/ns/formats/"
_TYPE: Final = NamedNode("http://www.w3.org/1999/02/22-rdf-syntax-ns#type")
_FORMAT_NAMES: Final = {
    ResultFormat.JSON: "SPARQL_Results_JSON",
    ResultFormat.XML: "SPARQL_Results_XML",
    ResultFormat.CSV: "SPARQL_Results_CSV",
    ResultFormat.TSV: "SPARQL_Results_TSV",
    ResultFormat.TURTLE: "Turtle",
    ResultFormat.N_TRIPLES: "N-Triples",
    ResultFormat.RDF_XML: "RDF_XML",
    ResultFormat.JSON_LD: "JSON-LD",
    ResultFormat.TRIG: "TriG",
    ResultFormat.N_QUADS: "N-Quads",
}


def describe_service(
    endpoint: str, *, update: str | None, union: bool, federated: bool, format: ResultFormat
) -> bytes:
    """Write the description of the service at `endpoint`, and of `update` if there is one."""
    features = {"UnionDefaultGraph": union, "BasicFederatedQuery": federated}
    triples = list(_queries(NamedNode(endpoint), [name for name, has in features.items() if has]))
    if update is not None:
        triples += _updates(NamedNode(update))
    written = serialize(
        triples,
        format=RdfFormat.from_media_type(format.media_type),
        prefixes={"sd": SD, "formats": FORMATS},
    )
    assert written is not None
    return written


def _queries(service: NamedNode, features: Iterable[str]) -> Iterator[Triple]:
    yield from _service(service, "SPARQL11Query", features)
    for name in _FORMAT_NAMES.values():
        yield Triple(service, _sd("resultFormat"), NamedNode(FORMATS + name))


def _updates(service: NamedNode) -> Iterator[Triple]:
    yield from _service(service, "SPARQL11Update", ["EmptyGraphs"])


def _service(service: NamedNode, language: str, features: Iterable[str]) -> Iterator[Triple]:
    yield Triple(service, _TYPE, _sd("Service"))
    yield Triple(service, _sd("endpoint"), service)
    yield Triple(service, _sd("supportedLanguage"), _sd(language))
    for name in features:
        yield Triple(service, _sd("feature"), _sd(name))


def _sd(name: str) -> NamedNode:
    return NamedNode(SD + name)
