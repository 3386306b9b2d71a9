"""What a query is, told from its first keyword."""

from comity.graph.sparql.syntax import query_form


def test_the_form_of_a_query() -> None:
    assert query_form("BASE <http://ask/> PREFIX ask: <x> # SELECT\n select * {}") == "table"
    assert query_form("DESCRIBE <x>") == "graph"
    assert query_form("INSERT DATA {}") is None
    assert query_form("") is None
