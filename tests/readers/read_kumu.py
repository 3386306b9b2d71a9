"""A reader of Kumu's blueprints: their schema, as docs.kumu.io/guides/import/blueprints has it."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from outside import HERE, Read


def blueprint(data: bytes) -> Read:
    """What Kumu makes of a blueprint: identifiers are unique over all, and name what is there."""
    document: dict[str, Any] = json.loads(data)
    _schema().validate(document)
    elements, connections = document["elements"], document["connections"]
    ids = [each["id"] for each in (*elements, *connections)]
    assert len(set(ids)) == len(ids)
    nodes = {element["id"] for element in elements}
    edges = [(connection["from"], connection["to"]) for connection in connections]
    assert nodes.issuperset(end for edge in edges for end in edge)
    for each in (*elements, *connections):
        assert len({name.casefold() for name in each}) == len(each)
    return nodes, edges


@cache
def _schema() -> Draft202012Validator:
    text = (HERE / "schemas" / "kumu-blueprint.json").read_text(encoding="utf-8")
    schema = json.loads(text)
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)
