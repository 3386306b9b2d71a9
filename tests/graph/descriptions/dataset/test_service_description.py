"""The service description of an endpoint."""

from pyoxigraph import RdfFormat, parse

from comity.graph.descriptions.dataset.service_description import SD, describe_service
from comity.graph.store.interface import ResultFormat


def said(update: str | None, *, union: bool) -> set[tuple[str, str, str]]:
    body = describe_service(
        "http://h/sparql",
        update=update,
        union=union,
        federated=False,
        format=ResultFormat.N_TRIPLES,
    )
    found = (quad.triple for quad in parse(body, RdfFormat.N_TRIPLES))
    return {tuple(str(term).strip("<>").removeprefix(SD) for term in triple) for triple in found}  # type: ignore[misc]


def test_what_the_endpoint_offers() -> None:
    found = said(None, union=True)
    assert ("http://h/sparql", "supportedLanguage", "SPARQL11Query") in found
    assert ("http://h/sparql", "feature", "UnionDefaultGraph") in found
    assert sum(predicate == "resultFormat" for _, predicate, _ in found) == 10
    assert {subject for subject, _, _ in found} == {"http://h/sparql"}


def test_updates_are_a_service_of_their_own() -> None:
    found = said("http://h/update", union=False)
    assert ("http://h/update", "supportedLanguage", "SPARQL11Update") in found
    assert not any(object_ == "UnionDefaultGraph" for _, _, object_ in found)
