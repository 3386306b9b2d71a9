"""What is found wrong, opposed or only planned never reads as true in a view, and a state's acts are its own."""

import asyncio
from collections.abc import Iterable
from functools import partial
from typing import Final

import pytest

from comity.graph.catalogue.arguments import resolve
from comity.graph.catalogue.names import Names
from comity.graph.catalogue.queries import CannedQuery, load_views, read_canned
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.installed import queries_folder
from comity.graph.rdf.namespaces import PREFIXES, SOURCE
from comity.graph.rdf.terms import shorten
from comity.graph.reasoning.materialisation import derive
from comity.graph.sparql.substitution import replace
from comity.graph.store.solutions import solve

VIEWS: Final = load_views().queries
TABLES: Final = {
    name: read_canned(queries_folder() / name / f"{name}.rq") for name in ("timeline", "positions")
}
HEAD: Final = "".join(f"PREFIX {name}: <{iri}> " for name, iri in PREFIXES.items())
ARTICLE: Final = f"{SOURCE}moscow-tehran-relations#"
# A fact of each view, with a day in its time.
FACTS: Final = {
    "actors": ("f20.2", "2021-01-11"),
    "everything": ("f24.3", "2021-02-22"),
    "meetings": ("f20.2", "2021-01-11"),
    "participation": ("f24.3", "2021-02-22"),
    "positions": ("f39.1", ""),
    "proposals": ("f32.1", ""),
    "sources": ("f24.3", "2021-02-22"),
}

Row = dict[str, str]


def told(store: EmbeddedStore, more: str) -> None:
    """Add some triples to a store, and derive again."""
    with store.writing() as engine:
        engine.update(f"{HEAD} INSERT DATA {{ GRAPH <urn:more> {{ {more} }} }}")
        derive(engine)


@pytest.fixture
def copy(article: EmbeddedStore, empty: EmbeddedStore) -> EmbeddedStore:
    """The bundled graphs, to be changed."""
    with empty.writing() as engine:
        engine.extend(article.engine)
    return empty


def rows(store: EmbeddedStore, query: CannedQuery, **given: str) -> list[Row]:
    async def asked() -> list[Row]:
        solver = partial(solve, store)
        terms = await resolve(query, given, Names(solver, lambda: store.version))
        found = await solver(replace(query.text, terms))
        return [{k: shorten(cell["value"]) for k, cell in row.items()} for row in found.rows]

    return asyncio.run(asked())


def of(found: Iterable[Row], record: str) -> list[Row]:
    return [row for row in found if row.get("record") == record]


@pytest.mark.parametrize("name", FACTS)
def test_a_record_that_is_found_erroneous_is_no_fact(name: str, copy: EmbeddedStore) -> None:
    fragment, day = FACTS[name]
    record, view = shorten(ARTICLE + fragment), VIEWS[name]
    before = of(rows(copy, view), record)
    assert before and of(rows(copy, view, facts="yes"), record)
    assert not day or of(rows(copy, view, as_of=day), record)
    told(
        copy,
        f"""<urn:note> a comity:Correction ; comity:onRecord <{ARTICLE}{fragment}> ;
        comity:verdict comity:erroneous ; comity:correctedRecord <{ARTICLE}f14.1> .""",
    )
    after = of(rows(copy, view), record)
    assert len(after) == len(before)
    assert {(r["verdict"], r["rightly"]) for r in after} == {
        ("comity:erroneous", shorten(ARTICLE + "f14.1"))
    }
    assert not of(rows(copy, view, facts="yes"), record)
    assert not day or not of(rows(copy, view, as_of=day), record)


@pytest.mark.parametrize("name", ["everything", "meetings", "sources"])
def test_a_date_that_is_found_wrong_is_no_date_of_a_fact(name: str, copy: EmbeddedStore) -> None:
    record = shorten(ARTICLE + "f20.2")
    told(
        copy,
        f"""<urn:note> a comity:Correction ; comity:onRecord <{ARTICLE}f20.2> ;
        comity:verdict comity:erroneous ; comity:aspect comity:dateAspect .""",
    )
    found = of(rows(copy, VIEWS[name], facts="yes"), record)
    assert found and not [row for row in found if "start" in row or "end" in row]
    assert not of(rows(copy, VIEWS[name], as_of="2021-01-11"), record)


def test_the_end_that_an_erroneous_record_tells_ends_nothing(copy: EmbeddedStore) -> None:
    def party() -> list[Row]:
        found = rows(copy, VIEWS["participation"], as_of="2020-01-01")
        return [r for r in found if (r["source"], r["target"]) == ("id:united-states", "id:jcpoa")]

    assert not party()
    told(
        copy,
        f"<urn:n> comity:onRecord <{SOURCE}newsday-timeline#f2> ; comity:verdict comity:erroneous .",
    )
    assert {row["record"] for row in party()} == {"source:usip-chronology#f12"}


OPPOSED: Final = """
id:oman a comity:State . id:pact a comity:Agreement . id:tolls a comity:Issue .
<urn:s#f1> a comity:Position ; comity:holder id:oman ; comity:stance comity:opposed ;
  comity:modality comity:asserted ; comity:source <urn:s> ; comity:content <urn:s#c1> .
<urn:s#c1> a comity:PropositionalRelation ; comity:relationKind comity:condition ;
  comity:antecedent id:pact ; comity:consequent id:tolls .
<urn:s#f2> a comity:Claim ; comity:holder id:oman ; comity:modality comity:asserted ; comity:source <urn:s> ;
  comity:content <urn:s#c2> , <urn:s#c3> .
<urn:s#c2> a comity:ContemplatedEvent ; comity:contentKind comity:Meeting ; comity:contentAgent id:oman , id:iran ;
  comity:contentFormat id:pact ; comity:contentPolarity comity:negated .
<urn:s#c3> a comity:ReportedStatement ; comity:contentHolder id:iran ; comity:contentStance comity:opposed ;
  comity:contentProposition <urn:s#c4> .
<urn:s#c4> a comity:StateOfAffairs ; comity:contentAgent id:oman ; comity:contentObject id:pact .
"""


@pytest.mark.parametrize(
    ("name", "edges"),
    [
        (
            "everything",
            {
                ("id:pact", "id:tolls", "comity:opposed"),
                ("id:oman", "id:pact", "comity:negated"),
                ("id:oman", "id:pact", "comity:opposed"),
            },
        ),
        ("actors", {("id:iran", "id:oman", "comity:negated")}),
        ("meetings", {("id:oman", "urn:s#c2", "comity:negated")}),
        ("sources", {("urn:s", "id:tolls", "comity:opposed")}),
    ],
)
def test_what_is_opposed_or_negated_is_not_shown_as_held(
    name: str, edges: set[tuple[str, ...]], copy: EmbeddedStore
) -> None:
    told(copy, OPPOSED)
    found = [r for r in rows(copy, VIEWS[name]) if r.get("record", "").startswith("urn:s#")]
    assert {(r["source"], r.get("target", ""), r.get("status", "")) for r in found} >= edges
    facts = rows(copy, VIEWS[name], facts="yes")
    assert not {(r["source"], r.get("target", "")) for r in facts} & {e[:2] for e in edges}


PLAN: Final = """
id:oman a comity:State . id:plan a comity:Proposal .
<urn:s#f1> a comity:Claim ; comity:holder id:oman ; comity:modality comity:planned ; comity:source <urn:s> ;
  comity:concerns id:plan ; comity:content <urn:s#c1> ; comity:earliest "2021-02-01T00:00:00Z"^^xsd:dateTime ;
  comity:latest "2021-02-01T23:59:59Z"^^xsd:dateTime .
<urn:s#c1> a comity:ContemplatedEvent ; comity:contentKind comity:Meeting ; comity:contentAgent id:oman , id:iran ;
  comity:status comity:intended %s .
"""


@pytest.mark.parametrize("meant", ["", "2021-05"])
def test_a_plan_has_the_date_that_it_is_meant_for(meant: str, copy: EmbeddedStore) -> None:
    bounds = '; comity:contentEarliest "2021-05-01T00:00:00Z"^^xsd:dateTime ; comity:contentLatest "2021-05-31T23:59:59Z"^^xsd:dateTime'
    told(copy, PLAN % (bounds if meant else ""))
    for name in ("actors", "everything", "meetings", "proposals", "sources"):
        found = [
            r
            for r in of(rows(copy, VIEWS[name]), "urn:s#f1")
            if r.get("status") == "comity:intended"
        ]
        assert found, name
        assert {r.get("start", "")[:7] for r in found} == {meant}, name
        assert {r.get("end", "")[:7] for r in found} == {meant}, name
    (row,) = of(rows(copy, TABLES["timeline"]), "urn:s#f1")
    assert (row.get("earliest", "")[:7], row["saidEarliest"][:7]) == (meant, "2021-02")


MINISTER: Final = """
id:envoy a comity:Person . id:pact a comity:Format . id:tolls a comity:Issue . id:sitting a comity:Meeting .
<urn:s#o> a comity:OfficeHolding ; comity:person id:envoy ; comity:office id:foreign-minister-of-russia ;
  comity:start "2001-01-01T00:00:00Z"^^xsd:dateTime ; comity:end "2002-01-01T00:00:00Z"^^xsd:dateTime ;
  comity:modality comity:asserted ; comity:source <urn:s> .
""" + "".join(
    f"""
<urn:s#p{year}> a comity:Position ; comity:holder id:envoy ; comity:stance comity:supportive ; comity:issue id:tolls ;
  comity:modality comity:asserted ; comity:source <urn:s> ; comity:earliest "{year}-05-01T00:00:00Z"^^xsd:dateTime .
<urn:s#m{year}> a comity:Participation ; comity:participant id:envoy ; comity:participationIn id:pact ;
  comity:modality comity:asserted ; comity:source <urn:s> ; comity:start "{year}-05-01T00:00:00Z"^^xsd:dateTime .
<urn:s#e{year}> a comity:EventReport ; comity:actor id:envoy ; comity:event id:sitting ;
  comity:modality comity:asserted ; comity:source <urn:s> ; comity:earliest "{year}-05-01T00:00:00Z"^^xsd:dateTime .
"""
    for year in (2001, 2003)
)


@pytest.mark.parametrize(
    ("query", "kind"),
    [
        (VIEWS["positions"], "p"),
        (VIEWS["participation"], "m"),
        (VIEWS["meetings"], "e"),
        (TABLES["timeline"], "e"),
        (TABLES["positions"], "p"),
    ],
    ids=lambda of: of if isinstance(of, str) else of.name,
)
@pytest.mark.parametrize("actor", ["russia", "foreign-minister-of-russia"])
def test_what_its_minister_does_then_is_the_state_s(
    query: CannedQuery, kind: str, actor: str, copy: EmbeddedStore
) -> None:
    told(copy, MINISTER)
    found = {r.get("record") for r in rows(copy, query, actor=actor)}
    assert f"urn:s#{kind}2001" in found
    assert f"urn:s#{kind}2003" not in found  # no longer in office


def test_a_label_in_another_language_is_no_row_more(copy: EmbeddedStore) -> None:
    queries = [*(VIEWS[name] for name in FACTS), *TABLES.values()]
    before = [len(rows(copy, query)) for query in queries]
    said = " ".join(
        f'<{ARTICLE}{fragment}> rdfs:label "нечто"@ru .' for fragment, _ in FACTS.values()
    )
    told(copy, said)
    assert [len(rows(copy, query)) for query in queries] == before
