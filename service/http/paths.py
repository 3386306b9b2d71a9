"""Paths of Comity's IRIs on this service."""

import re
from collections.abc import Sequence
from typing import Final
from urllib.parse import quote, urlencode

from comity.graph.rdf.namespaces import BASE, GRAPH, ID, ONTOLOGY, SOURCE

_SLUG: Final = re.compile(r"[a-z0-9-]+\Z")
_PAGES: Final = ((ID, "/page/"), (SOURCE, "/sources/"), (GRAPH, "/page/graph/"))


def path_of(iri: str | None) -> str | None:
    """Return the path of an IRI of Comity on this service; None for any other IRI."""
    if iri is None:
        return None
    head, mark, fragment = iri.partition("#")
    anchor = mark + quote(fragment)
    for base, path in _PAGES:
        name = head.removeprefix(base)
        if name != head and _SLUG.match(name):
            return f"{path}{name}{anchor}"
    if head == ONTOLOGY or head.startswith(ONTOLOGY + "/"):
        return f"/{head.removeprefix(BASE)}{anchor}"
    return None


def why_path(triple: Sequence[str]) -> str:
    """Return the path of the evidence of a triple on this service."""
    return "/why?" + urlencode(dict(zip("spo", triple, strict=True)))
