"""Answers of engines that write alike things differently."""

import json

import pytest

from comity.graph.store.comparison import comparable_rows, comparable_triples

XSD = "http://www.w3.org/2001/XMLSchema#"


def table(value: str, datatype: str) -> bytes:
    cell = {"type": "literal", "value": value, "datatype": XSD + datatype}
    return json.dumps({"head": {"vars": ["x"]}, "results": {"bindings": [{"x": cell}]}}).encode()


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("1", "integer"), ("1.0", "decimal")),
        (("2021-02-22T00:00:00Z", "dateTime"), ("2021-02-22T00:00:00+00:00", "dateTime")),
    ],
)
def test_numbers_by_value_and_times_by_instant(
    one: tuple[str, str], other: tuple[str, str]
) -> None:
    assert comparable_rows(table(*one)) == comparable_rows(table(*other))
    assert comparable_rows(table("1", "string")) != comparable_rows(table("1", "integer"))


def test_a_triple_counts_once() -> None:
    assert comparable_triples(b"<x:a> <x:b> <x:c> .\n" * 2) == ["<x:a> <x:b> <x:c>"]
    with pytest.raises(SyntaxError):
        comparable_triples(b"no triples")
