"""Calls to other servers are found, and nothing else is taken for one."""

import pytest

from comity.graph.sparql.federation import reaches_out


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { SERVICE <http://e/> {} }",
        "SELECT * { service silent ?x {} }",
        "SELECT * {\n#comment\nSERVICE\n#comment\n<http://e/> {} }",
        "SELECT * { \\u0053ERVICE <http://e/> {} }",
        "SELECT * { S\\U00000045RVICE <http://e/> {} }",
        # An escape that would close a string early, or open a long one, in one of two readings.
        'SELECT * { ?s ?p "\\u0022" SERVICE <http://e/> {} }',
        'SELECT * { ?s ?p "\\u0022 SERVICE <http://e/> {} # " }',
        # Glued: the engine takes these.
        "SELECT * { SERVICE:x {} }",
        "SELECT * { SERVICEex:x {} }",
        "SELECT * { SERVICESILENT<http://e/> {} }",
        "SELECT * { ?s ?p trueSERVICE <http://e/> {} }",
        "SELECT * { ?s ?p 1SERVICE <http://e/> {} }",
        'SELECT * { ?s ?p "a"@en--ltrSERVICE <http://e/> {} }',
        "SELECT * { FILTER(1<2)SERVICE#>\n<http://e/> {} }",
        # To the letter of the grammar these begin an IRI; the engine sees a comparison, and then
        # another string, or another comment, than an IRI would leave.
        "SELECT * { FILTER(1<'>') SERVICE <http://e/> {} FILTER('x'='') }",
        "SELECT * { FILTER(?a<'>') SERVICE <http://e/> {} FILTER('x'='') }",
        "SELECT * { FILTER(1<2)#>'''\n SERVICE <http://e/> {} #'''\n }",
        "SELECT (1<'>' AS ?x) { SERVICE <http://e/> {} FILTER('x'='') }",
        "SELECT * { FILTER ex:f(1<'>') SERVICE <http://e/> {} FILTER('x'='') }",
        "SELECT * { FILTERex:f(1<'>') SERVICE <http://e/> {} FILTER('x'='') }",
        "SELECT * { BIND(EXISTS{}<'>' AS ?x) SERVICE <http://e/> {} FILTER('x'='') }",
        "SELECT * { ?s ?p ?o } GROUP BY ?s (1<'>') HAVING(EXISTS { SERVICE <http://e/> {} } || 'x'='')",
        # A long string that is not closed is two short ones.
        "SELECT * { ?s ?p ('''') SERVICE <http://e/> {} }",
        "LOAD <http://e/>",
        "INSERT DATA {} ; LOAD<http://e/>",
    ],
)
def test_calls_are_found(text: str) -> None:
    assert reaches_out(text)


@pytest.mark.parametrize(
    "text",
    [
        "SELECT * { GRAPH service:x { ?s ?p ?o } }",
        "SELECT * FROM NAMED service:x { ?s ?p ?o }",
        "SELECT * { service:x a service:y . loader:z ?p ?o }",
        "SELECT * { ?s ?p ?o FILTER(?a<?b) }",
    ],
)
def test_names_that_look_like_calls_are_none(text: str) -> None:
    assert not reaches_out(text)
