"""The network views: what they show, how they narrow, and that no hope becomes a fact in them."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial

import pytest
import rdflib

from comity.graph.catalogue.arguments import resolve
from comity.graph.catalogue.names import Names
from comity.graph.catalogue.queries import CannedQuery, load_views
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.networks.elements import Edge, Header
from comity.graph.networks.export import Options, network_of
from comity.graph.networks.model import Network
from comity.graph.rdf.namespaces import COMITY, ID, SOURCE
from comity.graph.rdf.terms import shorten
from comity.graph.reasoning.materialisation import derive
from comity.graph.sparql.substitution import replace
from comity.graph.store.interface import Query
from comity.graph.store.solutions import Solutions, solve

VIEWS = load_views().queries
RECORDED = sorted(set(VIEWS) - {"ontology"})


@contextmanager
def network(store: EmbeddedStore, view: CannedQuery, **given: str) -> Iterator[Network]:
    async def make() -> Network:
        solver = partial(solve, store)
        names = Names(solver, lambda: store.version)
        text = replace(view.text, await resolve(view, given, names))
        return await network_of(store, Query(text), Header(view.name), Options(), names, solver)

    with asyncio.run(make()) as found:
        yield found


def edges(store: EmbeddedStore, view: str, **given: str) -> list[Edge]:
    with network(store, VIEWS[view], **given) as found:
        return list(found.edges())


def rows(store: EmbeddedStore, view: CannedQuery) -> Solutions:
    return asyncio.run(solve(store, view.text))


def test_no_view_is_broken() -> None:
    assert load_views().broken == []
    assert set(VIEWS) == {
        *("actors", "positions", "participation", "meetings", "proposals", "sources"),
        *("everything", "ontology"),
    }


@pytest.mark.parametrize("view", VIEWS.values(), ids=lambda view: view.name)
def test_expected_edges(view: CannedQuery, article: EmbeddedStore) -> None:
    """Those that the file of a view names, written by hand from the facts."""
    found = {
        tuple(shorten(row[name]["value"]) if name in row else "" for name in view.answer_columns)
        for row in rows(article, view).rows
    }
    assert view.answers
    for answer in view.answers:
        wanted = tuple(f"source:moscow-tehran-relations{c}" if c[:1] == "#" else c for c in answer)
        assert wanted in found, wanted


@pytest.mark.parametrize("view", VIEWS.values(), ids=lambda view: view.name)
def test_it_runs_in_another_engine(view: CannedQuery) -> None:
    result = rdflib.Graph().query(view.text)  # over nothing: it parses, and has the same columns
    assert {str(name) for name in result.vars or ()} == set(view.columns)


def factual(edge: Edge) -> bool:
    return not edge.contemplated


def test_events_are_told_apart_from_plans(article: EmbeddedStore) -> None:
    found = edges(article, "meetings")
    assert {e.contemplated for e in found if e.target == "zarif-visit-to-moscow-2021-01"} == {False}
    plans = [e for e in found if e.status]
    assert plans and all(e.contemplated and str(e.status) in e.label for e in plans)


def test_a_withdrawal_ends_a_participation(article: EmbeddedStore) -> None:
    found = [e for e in edges(article, "participation") if e.target == "jcpoa"]
    (left,) = {e.end for e in found if e.source == "united-states" and e.start}
    assert left is not None and left.startswith("2018-05")
    assert None in {e.end for e in found if e.source == "iran"}  # an open interval


def test_what_is_found_wrong_says_so(article: EmbeddedStore) -> None:
    """The article has Germany and Iran lead the Council's permanent members (f35.2)."""
    found = [e for e in edges(article, "participation") if str(e.iri).endswith("#f35.2")]
    assert {e.label for e in found} == {"leader (erroneous)"}
    facts = edges(article, "participation", facts="yes")
    assert facts and not {e.iri for e in facts} & {e.iri for e in found}


class TestNarrowing:
    @pytest.mark.parametrize(("actor", "other"), [("iran", "turkey"), ("russia", "germany")])
    def test_by_actor(self, article: EmbeddedStore, actor: str, other: str) -> None:
        found = edges(article, "participation", actor=actor)
        assert found and actor in {e.source for e in found}
        assert other not in {e.source for e in found}

    def test_an_actor_counts_through_its_offices(self, article: EmbeddedStore) -> None:
        found = {e.source for e in edges(article, "meetings", actor="iran")}
        assert "mohammad-javad-zarif" in found and "nikol-pashinyan" not in found

    @pytest.mark.parametrize(
        ("issue", "target"),
        [("persian-gulf-security", "gulf-security-jcpoa-linkage"), ("palestinian-issue", "palestinian-issue")],
    )  # fmt: skip
    def test_by_issue(self, article: EmbeddedStore, issue: str, target: str) -> None:
        found = edges(article, "positions", issue=issue)
        assert target in {e.target for e in found}
        assert len(found) < len(edges(article, "positions"))

    @pytest.mark.parametrize(("day", "there"), [("2017-01-01", True), ("2020-01-01", False)])
    def test_as_of_a_day(self, article: EmbeddedStore, day: str, there: bool) -> None:
        found = edges(article, "participation", as_of=day)
        members = {e.source for e in found if e.target == "jcpoa"}
        assert ("united-states" in members) is there and "iran" in members
        assert all(e.start for e in found)

    @pytest.mark.parametrize(("first", "last"), [("2021-01-01", "2021-01-31"), ("2018", "2018")])
    def test_by_a_span(self, article: EmbeddedStore, first: str, last: str) -> None:
        found = edges(article, "everything", **{"from": first, "to": last})
        assert found
        for edge in found:
            assert edge.start is None or edge.start <= last + "-99"
            assert edge.end is None or edge.end >= first
            assert edge.start or edge.end

    @pytest.mark.parametrize("modality", ["asserted", "evaluated"])
    def test_by_modality(self, article: EmbeddedStore, modality: str) -> None:
        assert {e.modality for e in edges(article, "everything", modality=modality)} == {modality}

    @pytest.mark.parametrize("source", ["moscow-tehran-relations", "tass-1243421"])
    def test_by_source(self, article: EmbeddedStore, source: str) -> None:
        found = edges(article, "everything", source=source)
        assert found and all(str(e.iri).startswith(SOURCE + source) for e in found)


CONTENT = f"""
PREFIX : <{COMITY}> PREFIX id: <{ID}> PREFIX s: <{SOURCE}>
PREFIX rdfs: <http://www.w3.org/2000/01/rdf-schema#>
INSERT DATA {{ GRAPH <urn:test> {{
  :ContemplatedEvent rdfs:subClassOf :Proposition .
  s:x a :Source . id:left a :State . id:right a :State . id:body a :Format . id:matter a :Issue . id:town a :Place .
  <{SOURCE}x#f1> a :Claim , :ProposalReport ; :modality %s ; :holder s:author ; :reportedBy s:author ; :source s:x ;
    :content <{SOURCE}x#c1> .
  <{SOURCE}x#c1> a :ContemplatedEvent ; :contentKind :Meeting ; :contentAgent id:left , id:right ;
    :contentFormat id:body ; :contentIssue id:matter ; :contentObject id:body ; :contentPlace id:town %s .
}} }}"""
THINGS = frozenset(("left", "right", "body", "matter", "town"))
MODALITIES = ("hoped", "planned", "proposed", "predicted", "believed", "claimed", "evaluated")


class TestLeaks:
    """What a record contains is in no view an edge that reads as fact."""

    @pytest.mark.parametrize(
        ("modality", "status"),
        [(m, "") for m in MODALITIES] + [("asserted", "; :status :scheduled"), ("asserted", "")],
    )
    def test_no_content_is_a_fact(self, empty: EmbeddedStore, modality: str, status: str) -> None:
        with empty.writing() as engine:
            engine.update(CONTENT % (f":{modality}", status))
            derive(engine)
        shown = 0
        for view in RECORDED:
            for edge in edges(empty, view):
                if {edge.source, edge.target} <= THINGS or "c1" in edge.source + edge.target:
                    assert edge.contemplated, (view, edge)
                    assert "(" in edge.label, (view, edge)
                shown += edge.contemplated
        assert shown

    def test_over_the_article(self, article: EmbeddedStore) -> None:
        """No factual edge touches a proposition, and none comes from a hope."""
        for view in RECORDED:
            with network(article, VIEWS[view]) as found:
                hoped = {node.id for node in found.nodes() if node.group == "proposition"}
                facts = list(filter(factual, found.edges()))
                assert facts, view
                for edge in facts:
                    assert not {edge.source, edge.target} & hoped, (view, edge)
                    assert edge.modality in (None, "asserted", "presupposed", "committed")


def test_over_an_empty_store(empty: EmbeddedStore) -> None:
    for view in VIEWS:
        assert edges(empty, view) == []
