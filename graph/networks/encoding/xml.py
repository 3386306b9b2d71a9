"""Parts shared by GEXF and GraphML: text in XML 1.0, names and types of attributes."""

import re
import sys
from collections.abc import Iterable, Mapping
from typing import IO, Final

from comity.graph.networks.elements import (
    SEPARATOR,
    Attribute,
    Header,
    NetworkField,
    Type,
    Value,
)

# Both formats use these names. `integer`, which some readers take for Java's int, is too short for
# population counts.
TYPES: Final[Mapping[Type, str]] = {
    "string": "string",
    "integer": "long",
    "double": "double",
    "boolean": "boolean",
}
_SMALLEST: Final = sys.float_info.min
_CHUNK: Final = 1 << 16
# Markup; characters that parsers turn into spaces or line feeds (XML 1.0, 2.11 and 3.3.3, and
# xmldom following XML 1.1); last what XML 1.0 can't hold even as a reference (2.2).
_SPECIAL: Final = re.compile(
    r'[&<>"\t\n\r\x85\u2028\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]'
)
_ESCAPES: Final = {"&": "&amp;", "<": "&lt;", ">": "&gt;", '"': "&quot;"} | {
    character: f"&#{ord(character)};" for character in "\t\n\r\x85\u2028"
}
_MULTI: Final = {
    "keep": "Parallel relations are kept apart.",
    "merge": "Parallel relations are merged into one edge for each pair of nodes: weights are"
    f' summed, texts joined by "{SEPARATOR}", and `relations` counts them.',
}


def escape(text: str) -> str:
    """Escape text for an attribute or an element; what XML can't hold becomes U+FFFD."""
    return _SPECIAL.sub(lambda found: _ESCAPES.get(found[0], "\ufffd"), text)


def written(value: Value) -> str:
    """Write and escape the value of an attribute."""
    if isinstance(value, str):
        return escape(value)
    if isinstance(value, bool):
        return "true" if value else "false"
    # igraph rejects a whole file because of one number as small as that.
    return "0.0" if value and abs(value) < _SMALLEST else str(value)


def columns(
    fields: Iterable[NetworkField], extra: Iterable[Attribute], taken: Iterable[str]
) -> dict[str, str]:
    """Map each attribute's name in the network to its escaped name in the file.

    Names of the fields stay; others give way to them, to those in `taken`, and to each other, since
    networkx and igraph take attributes of one name for one, and Gephi even "Votes" and "votes".
    """
    found = {field.name: field.name for field in fields}
    used = {*found, *taken}
    for attribute in extra:
        name = escape(attribute.name) or "_"
        while name.lower() in used:
            name += "_"
        used.add(name.lower())
        found[attribute.name] = name
    return found


def about(header: Header) -> str:
    """Describe a file for a human reader, one fact per line."""
    facts = (
        ("Licence", header.licence),
        ("Release", header.release),
        ("Version of the data", header.data_version),
        ("Address", header.url),
        ("Query", header.query),
    )
    lines = [header.title, header.description, _MULTI[header.multi]]
    return "\n".join([*filter(None, lines), *(f"{name}: {said}" for name, said in facts if said)])


def stream(parts: Iterable[str], out: IO[bytes]) -> None:
    """Write text in batches."""
    held: list[str] = []
    size = 0
    for part in parts:
        held.append(part)
        size += len(part)
        if size >= _CHUNK:
            out.write("".join(held).encode())
            held.clear()
            size = 0
    out.write("".join(held).encode())
