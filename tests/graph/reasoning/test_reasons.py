"""Reasons: what a triple, a record or an edge of a network rests on."""

import asyncio
from dataclasses import replace
from urllib.parse import quote

import pyoxigraph as ox
import pytest

from comity.graph.catalogue.names import Names
from comity.graph.descriptions.links import Link
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.errors import ParameterError, QueryError
from comity.graph.rdf.namespaces import COMITY, ID, PREFIXES, SOURCE
from comity.graph.rdf.terms import WrittenTriple
from comity.graph.reasoning.reasons import (
    Reasons,
    read_question,
    read_record,
    reasons_of_record,
    reasons_of_triple,
    shorten_question,
    triple_between,
)
from comity.graph.store.solutions import Solutions, solve

ARTICLE = SOURCE + "moscow-tehran-relations"
MEMBER = read_question("russia", "memberOf", "astana-format")


@pytest.fixture(scope="module")
def member(article: EmbeddedStore) -> Reasons:
    found = asyncio.run(reasons_of_triple(article, MEMBER, None))
    assert found
    return found


@pytest.fixture
def names(article: EmbeddedStore) -> Names:
    async def ask(text: str) -> Solutions:
        return await solve(article, text)

    return Names(ask, lambda: article.version)


def test_a_question_is_written_as_people_write_terms() -> None:
    assert shorten_question(MEMBER) == "id:russia comity:memberOf id:astana-format"
    with pytest.raises(QueryError):
        read_question("a b", "memberOf", "nato")


def test_a_derived_triple_comes_down_to_stated_ones(member: Reasons) -> None:
    (step,) = member.steps()
    assert step.rule == "memberOf.rq" and not step.graphs
    assert [link.text for link in step.terms] == ["Russia", "member of", "Astana format"]
    rules = {premise.rule for premise in step.premises}
    assert rules == {"stated", "actingAgent.rq", "knownFrom.rq", "knownUntil.rq"}
    graph = f"{PREFIXES['graph']}moscow-tehran-relations"
    assert {link.iri for premise in step.premises for link in premise.graphs} >= {graph}
    assert list(member.rules()) == [
        "actingAgent.rq",
        *sorted(rules - {"stated", "actingAgent.rq"} | {"memberOf.rq", "standing.rq"}),
    ]


def test_it_has_the_records_with_their_words(member: Reasons) -> None:
    (record,) = member.views()
    assert record.iri == f"{ARTICLE}#f24.3"
    assert record.quotations[0].sentence == "24"
    (written,) = member.document()["records"]
    assert written["record"] == record.iri
    assert written["holders"] == [{"iri": f"{ARTICLE}#author", "label": record.holders[0].text}]


def test_as_rdf_each_step_is_a_statement_under_the_name_that_is_given(member: Reasons) -> None:
    named: list[WrittenTriple] = []

    def name(triple: WrittenTriple) -> str:
        named.append(triple)
        return f"urn:step:{len(set(named))}" if triple != named[0] else "urn:step:conclusion"

    described = member.as_rdf(name)
    assert (f"{ID}russia", f"{COMITY}memberOf", f"{ID}astana-format") in named
    conclusion = ox.NamedNode("urn:step:conclusion")
    assert described.iri == conclusion
    assert described.text(conclusion, "rule") == "memberOf.rq"
    derived = described.values(conclusion, f"{PREFIXES['prov']}wasDerivedFrom")
    assert ox.NamedNode(f"{ARTICLE}#f24.3") in derived


def test_several_derivations_are_told_apart(article: EmbeddedStore) -> None:
    asked = replace(read_question("russia", "cooperatesWith", "iran"), limit=3)
    found = asyncio.run(reasons_of_triple(article, asked, None))
    assert found and len(found.steps()) == len(found.records) == 3
    document = found.document()
    assert document["derivation"] == document["derivations"][0]
    assert [record["record"] for record in document["records"]] == list(found.records)
    assert document["total"] > document["limit"] == 3
    assert found.count() == f"the first 3 of {document['total']} derivations"

    described = found.as_rdf(lambda triple: "urn:" + quote(" ".join(triple)))
    said = described.iri
    derivations = described.values(said, f"{PREFIXES['prov']}qualifiedDerivation")
    assert [str(each)[1:-1].partition("#")[2] for each in derivations] == [
        f"derivation-{number}" for number in (1, 2, 3)
    ]
    for each, record in zip(derivations, found.records, strict=True):
        assert isinstance(each, ox.NamedNode)
        assert described.text(each, "rule") == "cooperatesWith.rq"
        used = described.values(each, f"{PREFIXES['prov']}entity")
        assert [r for r in found.records if ox.NamedNode(r) in used] == [record]
    assert described.text(said, f"{PREFIXES['rdfs']}comment") == found.count()


def test_what_does_not_hold_has_no_reasons(article: EmbeddedStore) -> None:
    asked = read_question("iran", "memberOf", "nato")
    assert asyncio.run(reasons_of_triple(article, asked, None)) is None


def test_a_record_is_written_as_fragment_or_term(names: Names) -> None:
    fragment = asyncio.run(read_record("#f24.3", names))
    assert fragment == asyncio.run(read_record("source:moscow-tehran-relations#f24.3", names))
    with pytest.raises(ParameterError):
        asyncio.run(read_record("#f9999", names))
    with pytest.raises(QueryError, match="IRI"):
        asyncio.run(read_record('"words"', names))


def test_a_thing_is_no_record(article: EmbeddedStore) -> None:
    assert asyncio.run(reasons_of_record(article, f"{ID}iran", None)) is None
    found = asyncio.run(reasons_of_record(article, f"{ARTICLE}#f24.3", None))
    assert found and not found.derivations and not found.steps()
    assert found.document()["derivation"] is None


def test_the_triple_between_two_ends_is_found_by_the_name_of_its_property(
    article: EmbeddedStore,
) -> None:
    ends = f"{ID}russia", f"{ID}astana-format"
    assert asyncio.run(triple_between(article, *ends, "memberOf", None)) == MEMBER
    assert asyncio.run(triple_between(article, *ends, "capitalOf", None)) is None


def test_a_term_of_a_step_links_to_what_it_names(member: Reasons) -> None:
    (step,) = member.steps()
    assert step.terms[0] == Link("Russia", f"{ID}russia")
