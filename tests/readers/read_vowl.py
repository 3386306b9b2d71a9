"""A reader of WebVOWL's JSON: its schema, and what its parser (src/webvowl/js/parser.js) looks up."""

import json
from functools import cache
from typing import Any

from jsonschema import Draft202012Validator
from outside import HERE, Read


def webvowl(data: bytes) -> Read:
    """The nodes that WebVOWL draws and the ends of its lines, by identifiers."""
    document: dict[str, Any] = json.loads(data)
    _schema().validate(document)
    classes, datatypes = _joined(document, "class"), _joined(document, "datatype")
    properties = _joined(document, "property")
    nodes = classes | datatypes
    # Identifiers become those of HTML elements, all in one document.
    assert len(nodes | properties) == len(classes) + len(datatypes) + len(properties)
    for each in properties.values():
        assert each["domain"] in nodes and each["range"] in nodes
        for related in ("subproperty", "superproperty"):
            assert properties.keys() >= set(each.get(related, ()))
        if inverse := each.get("inverse"):
            ends = each["range"], each["domain"]
            assert (properties[inverse]["domain"], properties[inverse]["range"]) == ends
    return set(nodes), [(each["domain"], each["range"]) for each in properties.values()]


def _joined(document: dict[str, Any], name: str) -> dict[str, dict[str, Any]]:
    """The things of a kind with their attributes, which are found by the identifier."""
    attributes = {each["id"]: each for each in document[f"{name}Attribute"]}
    bases = {each["id"]: each for each in document[name]}
    assert len(bases) == len(document[name]) == len(document[f"{name}Attribute"])
    assert bases.keys() == attributes.keys()
    return {id: base | attributes[id] for id, base in bases.items()}


@cache
def _schema() -> Draft202012Validator:
    schema = json.loads((HERE / "schemas" / "webvowl.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)
