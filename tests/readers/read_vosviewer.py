"""Readers of VOSviewer's JSON: its schema, and VOSviewer Online's own reader."""

import html
import json
from collections.abc import Sequence
from functools import cache
from pathlib import Path
from typing import Any

import outside
from jsonschema import Draft202012Validator
from needs import need_program
from outside import HERE, Read

# VOSviewer opens no network of less, see `online`.
FEWEST = 3


def schema(data: bytes) -> Read:
    """By the documentation (app.vosviewer.com/docs/file-types/json-file-type): one link a pair."""
    document: dict[str, Any] = json.loads(data)
    _schema().validate(document)
    network = document["network"]
    slugs = {item["id"]: item["slug"] for item in network["items"]}
    assert len(slugs) == len(set(slugs.values())) == len(network["items"])
    pairs = [(link["source_id"], link["target_id"]) for link in network["links"]]
    assert len({frozenset(pair) for pair in pairs}) == len(pairs)
    assert all(one != other for one, other in pairs)
    # Colours go to clusters in the order of those that occur.
    numbers = [cluster["cluster"] for cluster in network["clusters"]]
    assert numbers == list(range(1, len(numbers) + 1))
    assert {item["cluster"] for item in network["items"]} == set(numbers)
    colours = document["config"]["color_schemes"]["cluster_colors"]
    assert [colour["cluster"] for colour in colours] == numbers
    return set(slugs.values()), [(slugs[one], slugs[other]) for one, other in pairs]


@cache
def _schema() -> Draft202012Validator:
    text = (HERE / "schemas" / "vosviewer.json").read_text(encoding="utf-8")
    found = json.loads(text)
    Draft202012Validator.check_schema(found)
    return Draft202012Validator(found)


def online(files: Sequence[Path]) -> list[Read]:
    """What VOSviewer Online reads, all in one process; what is too small for it, by the schema."""
    found = []
    for file, network in zip(files, online_networks(files), strict=True):
        if network.get("error") == "There must be at least three items.":
            read = schema(file.read_bytes())
            assert len(read[0]) < FEWEST
            found.append(read)
            continue
        assert "error" not in network, network["error"]
        items = json.loads(file.read_bytes())["network"]["items"]
        slugs = {item["id"]: item["slug"] for item in items}
        ids = {item["id"] for item in network["items"]}
        assert ids == {int(number) for number in network["indices"]}
        edges = [(slugs[one], slugs[other]) for one, other, *_ in network["links"]]
        found.append(({slugs[id] for id in ids}, edges))
    return found


def online_networks(files: Sequence[Path]) -> list[dict[str, Any]]:
    """Its items and links as they are after reading, or the error that it shows."""
    need_program("node")
    command = ["node", "vosviewer.mjs", *(path.resolve() for path in files)]
    found: list[dict[str, Any]] = json.loads(
        outside.run(command, missing=f"VOSviewer Online: cd {HERE}; npm ci")
    )
    assert len(found) == len(files)
    return found


def label(item: dict[str, Any]) -> str:
    """What it writes beside an item: the label read as HTML, else the identifier.

    An element in it ends the program, so there must be none.
    """
    text = str(item["label"] or item["id"])
    assert "<" not in text
    return html.unescape(text)
