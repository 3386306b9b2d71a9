"""Identifiers in networks: short, ASCII, stable, the same in every query and format."""

import re
from functools import lru_cache
from hashlib import sha256
from typing import Final

from comity.graph.rdf.namespaces import COMITY
from comity.graph.rdf.terms import _PLAIN, shorten

_OTHER: Final = re.compile(r"[^A-Za-z0-9]+")
_LONGEST: Final = 60
_PREFIXES: Final = {"literal": "text", "bnode": "blank", "triple": "triple"}


@lru_cache(maxsize=100_000)  # the same ends recur
def node_id(kind: str, value: str) -> str:
    """Return the identifier of a node; `kind` is uri, literal, bnode or triple.

    A thing of Comity keeps its slug. What ASCII can't represent gets a hash of the whole. No
    identifier of a node begins with `rel_`, as those of edges do: cytoscape.js drops an edge that
    has the identifier of a node.
    """
    if kind != "uri":
        return f"{_PREFIXES[kind]}_{digest(value)}"
    short = shorten(value)
    slug = short.removeprefix("id:")
    if _PLAIN.fullmatch(slug) and len(slug) <= _LONGEST:
        return slug
    prefix, _, local = short.partition(":")
    if short == value:
        prefix, local = "iri", re.split(r"[/#]", value.rstrip("/#"))[-1]
    written = f"{prefix}_{_OTHER.sub('_', local).strip('_')}"
    if short != value and _OTHER.sub("_", local) == local and len(written) <= _LONGEST:
        return written
    return f"{written[:_LONGEST]}_{digest(value)[:8]}"


def edge_id(key: str) -> str:
    """Return the identifier of an edge, from everything that distinguishes it."""
    return f"rel_{digest(key)}"


def digest(text: str) -> str:
    """Hash a text to twelve hexadecimal digits."""
    return sha256(text.encode("utf-8", "surrogatepass")).hexdigest()[:12]


def class_name(iri: str) -> str:
    """Return the name of a class: State for one of Comity's, else schema:Person or the IRI.

    A foreign class thus never looks like one of Comity's with the same last part.
    """
    return iri.removeprefix(COMITY) if iri.startswith(COMITY) else shorten(iri)
