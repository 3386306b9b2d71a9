"""Content negotiation."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from comity.graph.store.interface import ResultFormat
from comity.service.http.media import (
    GRAPH_TYPES,
    TABLE_TYPES,
    AnswerTypes,
    choose,
    negotiate,
    prefers_html,
)

TURTLE, TRIPLES, XML, LD = (
    "text/turtle",
    "application/n-triples",
    "application/rdf+xml",
    "application/ld+json",
)
OFFERED = [TURTLE, TRIPLES, XML, LD]
BROWSER = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,*/*;q=0.8"


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (None, TURTLE),
        ("", TURTLE),
        ("*/*", TURTLE),
        ("*", TURTLE),
        ("text/turtle", TURTLE),
        ("TEXT/TURTLE", TURTLE),
        ("application/rdf+xml", XML),
        ("text/*", TURTLE),
        ("application/*", TRIPLES),
        ("application/rdf+xml, text/turtle", TURTLE),
        ("application/rdf+xml, text/turtle;q=0.9", XML),
        ("application/rdf+xml;q=0.9, text/turtle;q=0.90", TURTLE),
        ("text/turtle;q=0.1, */*;q=0.5", TRIPLES),
        ("text/turtle;q=0, */*", TRIPLES),
        ("text/turtle;q=0", None),
        ("*/*;q=0", None),
        ("text/*;q=0, */*;q=0.1", TRIPLES),
        ("application/*;q=0, application/ld+json", LD),
        ("application/ld+json;q=0.5, application/*;q=0.4", LD),
        ("application/rdf+xml, */*", XML),
        ("text/html", None),
        ("text/html, */*;q=0.1", TURTLE),
        ("text/html, application/ld+json;q=0.2", LD),
        (BROWSER, TURTLE),
        ("text/turtle;charset=utf-8", TURTLE),
        ("text/turtle; charset=UTF-8; q=0.3, application/rdf+xml;q=0.2", TURTLE),
        ("text/turtle;charset=latin-1", None),
        ("text/turtle;version=1.2", TURTLE),
        ('application/ld+json;profile="http://www.w3.org/ns/json-ld#compacted"', LD),
        ('application/ld+json;profile="a,b;q=0.1", text/turtle;q=0.5', LD),
        ("text/turtle;level=1, */*;q=0.1", TURTLE),
        ("text/turtle ; q = 0.1 , application/rdf+xml ; q=0.2", XML),
        ("text/turtle;q=banana, application/rdf+xml;q=0.1", XML),
        ("text/turtle;q=2, application/rdf+xml;q=0.1", XML),
        ("text/turtle;q=-1, application/rdf+xml;q=0.1", XML),
        ("text/turtle;q=.9, application/rdf+xml;q=0.8", TURTLE),
        ("text/turtle;q=0.1234, application/rdf+xml;q=0.1", XML),
        ("nonsense, application/rdf+xml", XML),
        ("*/turtle, application/rdf+xml", XML),
        ("/, ;, ,,application/rdf+xml,", XML),
        ('"', None),
        ("text/turtle/x", None),
    ],
)
def test_negotiate(accept: str | None, expected: str | None) -> None:
    assert negotiate(accept, OFFERED) == expected


def test_parameters_of_an_offer() -> None:
    """The example of RFC 9110 §12.5.1."""
    accept = (
        "text/*;q=0.3, text/plain;q=0.7, text/plain;format=flowed, "
        "text/plain;format=fixed;q=0.4, */*;q=0.5"
    )
    offered = ["text/html", "text/plain;format=fixed", "image/jpeg", "text/plain"]
    assert negotiate(accept, [*offered, "text/plain;format=flowed"]) == "text/plain;format=flowed"
    assert negotiate(accept, offered) == "text/plain"
    assert negotiate(accept, offered[:-1]) == "image/jpeg"
    assert negotiate(accept, offered[:-2]) == "text/plain;format=fixed"


def test_nothing_offered() -> None:
    assert negotiate(None, []) is None
    assert negotiate("*/*", []) is None


@given(st.text(max_size=200))
def test_never_raises(accept: str) -> None:
    assert negotiate(accept, OFFERED) in {*OFFERED, None}


@given(st.text(alphabet='*/;,="q0.19 \\atext', max_size=60))
def test_never_raises_on_likely_characters(accept: str) -> None:
    assert negotiate(accept, OFFERED) in {*OFFERED, None}


def test_a_long_header_costs_little() -> None:
    assert negotiate('a/b;c="' + '",' * 100_000, OFFERED) is None


@pytest.mark.parametrize(
    ("name", "table", "graph"),
    [
        ("json", ResultFormat.JSON, ResultFormat.JSON_LD),
        ("srj", ResultFormat.JSON, None),
        ("xml", ResultFormat.XML, ResultFormat.RDF_XML),
        ("srx", ResultFormat.XML, None),
        ("csv", ResultFormat.CSV, None),
        ("TSV", ResultFormat.TSV, None),
        ("ttl", None, ResultFormat.TURTLE),
        ("turtle", None, ResultFormat.TURTLE),
        ("n3", None, ResultFormat.TURTLE),
        ("nt", None, ResultFormat.N_TRIPLES),
        ("rdf", None, ResultFormat.RDF_XML),
        ("rdf+xml", None, ResultFormat.RDF_XML),
        ("rdf xml", None, ResultFormat.RDF_XML),
        ("rdfxml", None, ResultFormat.RDF_XML),
        ("jsonld", None, ResultFormat.JSON_LD),
        ("json-ld", None, ResultFormat.JSON_LD),
        ("application/sparql-results+json", ResultFormat.JSON, None),
        ("text/turtle", None, ResultFormat.TURTLE),
        ("docx", None, None),
    ],
)
def test_format_names(name: str, table: ResultFormat | None, graph: ResultFormat | None) -> None:
    choice = choose("image/png", name)
    assert (choice.table_format, choice.graph_format) == (table, graph)


@pytest.mark.parametrize(
    ("accept", "table", "graph"),
    [
        ("*/*", ResultFormat.JSON.media_type, TURTLE),
        (BROWSER, ResultFormat.JSON.media_type, TURTLE),
        ("application/json", "application/json", "application/json"),
        ("application/json, text/plain, */*", "application/json", "application/json"),
        ("text/csv", "text/csv", None),
        (TURTLE, None, TURTLE),
        ("text/csv, application/rdf+xml", "text/csv", XML),
        ("text/html, text/csv;q=0.5", "text/csv", None),
        ("text/html", None, None),
    ],
)
def test_each_kind_of_result_is_negotiated(
    accept: str, table: str | None, graph: str | None
) -> None:
    assert choose(accept, None) == AnswerTypes(table, graph)


def test_the_answer_is_labelled_as_it_was_asked_for() -> None:
    assert choose("application/json", None).media_type(ResultFormat.JSON) == "application/json"
    assert AnswerTypes(None, None).media_type(ResultFormat.CSV) == "text/csv"


def test_every_format_is_offered() -> None:
    assert {*TABLE_TYPES.values(), *GRAPH_TYPES.values()} == set(ResultFormat)


@pytest.mark.parametrize(
    ("accept", "expected"),
    [
        (BROWSER, True),
        ("text/html", True),
        ("text/html;q=0.5, application/json", False),
        ("*/*", False),
        ("text/*", False),
        (None, False),
        ("application/xhtml+xml", False),
    ],
)
def test_prefers_html(accept: str | None, expected: bool) -> None:
    assert prefers_html(accept) is expected
