"""JSON for the network formats: strict (RFC 8259), UTF-8, arrays as streams."""

import json
import math
from collections.abc import Collection, Iterable, Mapping
from typing import IO, Final

from comity.graph.networks.elements import SEPARATOR, Attribute, Header, Value

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, allow_nan=False, separators=(",", ":"))

_MERGED: Final = (
    "One edge stands for all relations of a pair of nodes: weights are summed, texts joined by"
    f' "{SEPARATOR}", and `relations` counts them.'
)


def dumped(value: object) -> bytes:
    """Encode a value as JSON; raises ValueError for numbers that JSON does not have."""
    return _ENCODER.encode(value).encode()


def write_array(values: Iterable[object], out: IO[bytes]) -> None:
    """Write the values as an array, one per line."""
    before = b"[\n"
    for value in values:
        out.write(before + dumped(value))
        before = b",\n"
    out.write(b"\n]" if before == b",\n" else b"[]")


def free_names(attributes: Iterable[Attribute], taken: Collection[str]) -> dict[str, str]:
    """Choose a name for each attribute, unique and not in `taken`, ignoring case.

    A query may name a column like one of a program's own, or have Label beside label, which
    Cytoscape and Kumu take for the same.
    """
    used, found = {name.casefold() for name in taken}, {}
    for attribute in attributes:
        name = attribute.name or "_"
        while name.casefold() in used:
            name += "_"
        used.add(name.casefold())
        found[attribute.name] = name
    return found


def named(values: Mapping[str, Value], names: Mapping[str, str]) -> dict[str, Value]:
    """Rename the values, leaving out numbers that JSON does not have."""
    return {
        names.get(name, name): value
        for name, value in values.items()
        if not isinstance(value, float) or math.isfinite(value)
    }


def about(header: Header) -> dict[str, Value]:
    """Return the metadata of a file, without empty fields."""
    merged = _MERGED if header.multi == "merge" else ""
    said = {
        "name": header.title,
        "description": "\n".join(filter(None, (header.description, merged))),
        "licence": header.licence,
        "creator": header.creator,
        "created": header.created,
        "release": header.release,
        "data_version": header.data_version,
        "url": header.url,
        "query": header.query,
        "multi": header.multi,
    }
    return {name: text for name, text in said.items() if text}
