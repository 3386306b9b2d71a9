"""Time: one rule for spans and days in canned queries and exports, and unknown beyond what is known."""

import asyncio
import io
import json
from collections.abc import Mapping
from datetime import date, timedelta
from functools import partial

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from comity.graph.catalogue.arguments import resolve
from comity.graph.catalogue.names import Names
from comity.graph.catalogue.queries import load_catalogue
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.errors import ParameterError
from comity.graph.networks.elements import Header
from comity.graph.networks.from_answer import fill_solutions
from comity.graph.networks.model import Network
from comity.graph.rdf.namespaces import PREFIXES
from comity.graph.rdf.terms import shorten
from comity.graph.reasoning.materialisation import derive
from comity.graph.sparql.substitution import replace
from comity.graph.store.solutions import solve

CATALOGUE = load_catalogue().queries


def ask(store: EmbeddedStore, name: str, **given: str) -> list[dict[str, str]]:
    """The rows of a canned query, IRIs shortened."""

    async def asked() -> list[dict[str, str]]:
        query, solver = CATALOGUE[name], partial(solve, store)
        terms = await resolve(query, given, Names(solver, lambda: store.version))
        found = await solver(replace(query.text, terms))
        return [{name: shorten(cell["value"]) for name, cell in row.items()} for row in found.rows]

    return asyncio.run(asked())


@pytest.mark.parametrize(
    ("participant", "of", "day", "answer"),
    [
        ("iran", "jcpoa", "2015-07-13", "no"),
        ("iran", "jcpoa", "2015-07-14", "yes"),
        ("iran", "jcpoa", "2021-02-22", "yes"),
        ("iran", "jcpoa", "2021-02-23", "unknown"),
        ("iran", "jcpoa", "2030-01-01", "unknown"),
        # The end is the first instant at which it no longer holds, and is known for ever.
        # One record tells of its beginning and another of its end; the last day counts as held.
        ("united-states", "jcpoa", "2018-05-08", "yes"),
        ("united-states", "jcpoa", "2018-05-09", "no"),
        ("united-states", "jcpoa", "2030-01-01", "no"),
        # A term is known up to its end, though that is later than the reference date.
        ("norway", "un-security-council", "2022-12-31", "yes"),
        ("norway", "un-security-council", "2023-01-01", "no"),
        ("russia", "un-security-council", "2030-01-01", "unknown"),
        ("oman", "jcpoa", "2020-01-01", "unknown"),
    ],
)
def test_participation_on_a_day(
    participant: str, of: str, day: str, answer: str, article: EmbeddedStore
) -> None:
    found = ask(article, "participation-status", participant=participant, of=of, day=day)
    assert {row["answer"] for row in found} == {answer}
    # What it rests on is told with it.
    assert answer == "unknown" or any(row["says"] == answer and row["record"] for row in found)
    listed = ask(article, "members-on-date", of=of, day=day)
    on_date = {row["onDate"] for row in listed if row["participant"] == f"id:{participant}"}
    assert on_date <= {answer, "unknown", "no"} and (answer in on_date or answer == "unknown")


@pytest.mark.parametrize(
    ("day", "answer"),
    [("2021-02-22", {"yes"}), ("2030-01-01", {"unknown"}), ("2004-03-08", set())],
)
def test_who_holds_an_office_on_a_day(day: str, answer: set[str], article: EmbeddedStore) -> None:
    found = ask(article, "office-holders-on-date", office="foreign-minister-of-russia", day=day)
    assert {row["onDate"] for row in found if row["person"] == "id:sergey-lavrov"} == answer


def test_an_office_with_an_end_is_known_beyond(article: EmbeddedStore) -> None:
    asked = partial(ask, article, "office-holders-on-date", office="foreign-minister-of-iran")
    found = asked(day="2021-08-25")
    assert {row["onDate"] for row in found} == {"yes"}
    assert asked(day="2021-08-26") == []


@pytest.mark.parametrize(
    ("reference", "answer"),
    [
        ("", "unknown"),
        ('<urn:g> dcterms:date "2010-05-06"^^xsd:date .', "yes"),
        ('<urn:g> dcterms:date "2010-05-06T12:00:00Z"^^xsd:dateTime .', "yes"),
        ('<urn:g> dcterms:date "2010-05-05"^^xsd:date .', "unknown"),
        # Another graph's date says nothing, nor does one that is none.
        ('<urn:other> dcterms:date "2010-05-06"^^xsd:date .', "unknown"),
        ('<urn:g> dcterms:date "last year" .', "unknown"),
    ],
)
def test_the_graph_says_how_far_it_knows(reference: str, answer: str, empty: EmbeddedStore) -> None:
    names = ("comity", "dcterms", "id", "rdfs", "xsd")
    prefixes = " ".join(f"PREFIX {name}: <{PREFIXES[name]}>" for name in names)
    with empty.writing() as engine:
        engine.update(
            f"""{prefixes} INSERT DATA {{ GRAPH <urn:g> {{ {reference}
            id:oman a comity:Agent ; rdfs:label "Oman"@en . id:pact a comity:Agreement ; rdfs:label "Pact"@en .
            <urn:p> a comity:Participation ; comity:participant id:oman ; comity:role comity:party ;
              comity:participationIn id:pact ; comity:start "2001-01-01T00:00:00Z"^^xsd:dateTime ;
              comity:modality comity:asserted ; comity:source <urn:s> . }} }}"""
        )
        derive(engine)
    given = {"participant": "oman", "of": "pact", "day": "2010-05-06"}
    found = ask(empty, "participation-status", **given)
    assert {row["answer"] for row in found} == {answer}


def test_a_timeline_begins_after_what_is_over(article: EmbeddedStore) -> None:
    def told(first: str) -> set[str]:
        found = ask(article, "timeline-of", thing="jcpoa", **{"from": first})
        return {row["record"] for row in found}

    start, end = "source:usip-chronology#f12", "source:newsday-timeline#f2"
    assert end in told("2018-05-08") and end not in told("2018-05-09")
    # A record without an end of its own may belong there.
    assert start in told("2018-05-09")


@pytest.mark.parametrize(
    ("role", "over", "answer"),
    [
        ("party", "2005-01-01", "no"),
        ("party", "2030-01-01", "yes"),
        # Of an earlier membership, and of another role.
        ("party", "2000-01-01", "unknown"),
        ("chair", "2005-01-01", "unknown"),
    ],
)
def test_another_record_tells_the_end(
    role: str, over: str, answer: str, empty: EmbeddedStore
) -> None:
    names = ("comity", "id", "rdfs", "xsd")
    prefixes = " ".join(f"PREFIX {name}: <{PREFIXES[name]}>" for name in names)
    with empty.writing() as engine:
        engine.update(
            f"""{prefixes} INSERT DATA {{ GRAPH <urn:g> {{
            id:oman a comity:Agent ; rdfs:label "Oman"@en . id:pact a comity:Agreement ; rdfs:label "Pact"@en .
            <urn:p> a comity:Participation ; comity:participant id:oman ; comity:role comity:party ;
              comity:participationIn id:pact ; comity:start "2001-01-01T00:00:00Z"^^xsd:dateTime ;
              comity:modality comity:asserted ; comity:source <urn:s> .
            <urn:q> a comity:Participation ; comity:participant id:oman ; comity:role comity:{role} ;
              comity:participationIn id:pact ; comity:end "{over}T00:00:00Z"^^xsd:dateTime ;
              comity:modality comity:asserted ; comity:source <urn:t> . }} }}"""
        )
        derive(engine)
    given = {"participant": "oman", "of": "pact", "day": "2010-05-06"}
    found = ask(empty, "participation-status", **given)
    assert {row["answer"] for row in found} == {answer}


@pytest.fixture(scope="module")
def names(article: EmbeddedStore) -> Names:
    return Names(partial(solve, article), lambda: article.version)


@settings(deadline=None)  # it asks a store
@given(st.dates(), st.dates())
def test_a_span_begins_before_it_ends(names: Names, first: date, last: date) -> None:
    given = {"thing": "jcpoa", "from": first.isoformat(), "to": last.isoformat()}
    work = resolve(CATALOGUE["timeline-of"], given, names)
    if first <= last:
        assert asyncio.run(work).keys() >= {"from", "to"}
        return
    with pytest.raises(ParameterError) as found:
        asyncio.run(work)
    assert found.value.parameter == "from" and last.isoformat() in str(found.value)


XSD = "http://www.w3.org/2001/XMLSchema#"


def times(row: Mapping[str, tuple[str, str]]) -> tuple[str | None, str | None]:
    """The start and end of the edge that a row becomes; a value has its datatype."""
    cells = {name: {"type": "uri", "value": f"urn:{name}"} for name in ("source", "target")} | {
        name: {"type": "literal", "value": value, "datatype": XSD + type}
        for name, (value, type) in row.items()
    }
    document = {"head": {"vars": [*cells]}, "results": {"bindings": [cells]}}
    with Network(Header("")) as network:
        fill_solutions(network, io.BytesIO(json.dumps(document).encode()))
        (edge,) = network.edges()
        return edge.start, edge.end


@given(st.dates(min_value=date(2, 1, 1)), st.timedeltas(timedelta(1), timedelta(9999)))
def test_an_edge_ends_with_its_last_day(end: date, length: timedelta) -> None:
    """In an export both bounds are days that belong to the interval."""
    first = max(end.toordinal() - length.days, 1)
    start = date.fromordinal(first).isoformat()
    before = max((end - timedelta(1)).isoformat(), start)
    day = end.isoformat()
    begun = (f"{start}T00:00:00Z", "dateTime")
    assert times({"start": begun, "end": (f"{day}T00:00:00Z", "dateTime")}) == (start, before)
    assert times({"start": begun, "end": (f"{day}T23:59:59Z", "dateTime")}) == (start, day)
    assert times({"start": begun, "end": (f"{day}T12:00:00Z", "dateTime")}) == (start, day)
    # A day is itself, and so are the bounds of a report, which may be a day alone.
    assert times({"start": begun, "end": (day, "date")}) == (start, day)
    assert times({"earliest": begun, "latest": (f"{day}T23:59:59Z", "dateTime")}) == (start, day)
    # A moment is a day that both begins and ends.
    assert times(
        {"start": (f"{day}T00:00:00Z", "dateTime"), "end": (f"{day}T00:00:00Z", "dateTime")}
    ) == (day, day)


@pytest.mark.parametrize("end", ["0001-01-01", "-0431-01-01", "12000-01-01", "2021-02-30"])
def test_a_day_that_python_has_not_stays(end: str) -> None:
    assert times({"end": (f"{end}T00:00:00Z", "dateTime")}) == (None, end)
