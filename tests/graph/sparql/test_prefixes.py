"""Prefixes that a query declares and uses."""

from comity.graph.sparql.prefixes import declared_prefixes, first_use, undeclared_prefixes


def test_prefixes() -> None:
    text = "PREFIX a: <http://a/> prefix : <http://b/>\nSELECT * { a:x :y b:z.c ; c:d a:e, b:x }"
    assert declared_prefixes(text) == {"a": "http://a/", "": "http://b/"}
    assert undeclared_prefixes(text) == ["b", "c"]
    assert first_use(text, "b") == text.index("b:z")
    assert first_use(text, "zz") is None
