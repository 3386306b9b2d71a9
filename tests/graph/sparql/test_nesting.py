"""The depth of a text: brackets, operators and long chains."""

import pytest

from comity.graph.sparql.nesting import nesting_depth


@pytest.mark.parametrize(
    ("text", "depth"),
    [
        ("SELECT * { ?s ?p ?o }", 1),
        ("SELECT * { { { } } { } }", 3),
        ("FILTER(((1)))", 3),
        ("ASK { FILTER(!!!!?x) }", 6),
        ("ASK { ?s ^(^(<p>)) ?o }", 5),
        ("ASK { FILTER(!!(!!(?x))) FILTER(1) }", 8),
        ('ASK { ?s ?p "((((((" }', 1),
        ("ASK { ?s ?p << ?a ?b << ?c ?d ?e >> >> }", 3),
        ("))))((", 2),
    ],
)
def test_depth(text: str, depth: int) -> None:
    assert nesting_depth(text) == depth


def test_long_chains_weigh_but_long_data_does_not() -> None:
    assert nesting_depth("ASK { FILTER(1" + " || 1" * 5000 + ") }") > 200
    assert nesting_depth("ASK { " + "MINUS { ?s ?p ?o } " * 5000 + "}") > 200
    assert nesting_depth("ASK { VALUES ?x { " + "-1 " * 5000 + "} }") < 5
    assert nesting_depth("ASK { VALUES (?x ?y) { " + "(-1 +2) " * 5000 + "} }") < 5
    assert nesting_depth("ASK { FILTER(?x IN (" + "-1, " * 5000 + "1)) }") < 5
    assert nesting_depth("INSERT DATA { " + "<a> <b> -1 . " * 5000 + "}") < 5
    assert nesting_depth("CONSTRUCT { " + "?s ?p ?o . [] ?p ?o . " * 5000 + "} WHERE { }") < 5


@pytest.mark.parametrize(
    "text",
    [
        "SELECT {} {{ }}".format("(1 AS ?x) " * 2000),
        "SELECT {} {{ }}".format("(COUNT(?x) AS ?y) " * 2000),
        "SELECT * {{ }} ORDER BY {}".format("(1 + 1) " * 2000),
        "SELECT (1 AS ?x) {{ }} GROUP BY {}".format("STR(?x) " * 2000),
        "DESCRIBE {}".format("<a> b:c ?d " * 700),
        "ASK {{ {} }}".format("?s ?p ?o . " * 2000),
        "ASK {{ ?s ?p ?o {} }}".format("; ?p ?o , ?x " * 1000),
        "ASK {{ [ ?p ?o {} ] }}".format("; ?p ?o " * 2000),
        "ASK {{ ?s ?p ({}) }}".format("1 <a> " * 1000),
        "ASK {{ {} }}".format("{ ?s ?p ?o } " * 2000),
        "ASK {{ {} }}".format("GRAPH ?g { ?s ?p ?o } " * 2000),
        "CONSTRUCT WHERE {{ {} }}".format("?s ?p ?o . " * 2000),
    ],
)
def test_long_lists_of_parts_weigh(text: str) -> None:
    assert nesting_depth(text) > 200


def test_long_queries_that_people_generate_do_not_weigh_much() -> None:
    assert nesting_depth("ASK { " + "?s ?p ?o . " * 500 + "}") < 200
    assert nesting_depth("ASK { " + "OPTIONAL { ?s ?p ?o } " * 500 + "}") < 200
    assert nesting_depth("ASK { FILTER(" + "CONTAINS(?x, 'a') || " * 900 + "true) }") < 200
    assert nesting_depth("".join(f"PREFIX p{n}: <a:{n}> " for n in range(2000)) + "ASK {}") < 5
