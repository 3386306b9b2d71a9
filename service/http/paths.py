"""Where this service tells of what an IRI of Comity names."""

import re
from typing import Final
from urllib.parse import quote

from comity.graph.rdf.namespaces import BASE, GRAPH, ID, ONTOLOGY, SOURCE

_SLUG: Final = re.compile(r"[a-z0-9-]+\Z")
_PAGES: Final = ((ID, "/page/"), (SOURCE, "/sources/"), (GRAPH, "/page/graph/"))


def path_of(iri: str) -> str | None:
    """Where this service tells of an IRI of Comity, from its root on; None for any other."""
    head, mark, fragment = iri.partition("#")
    anchor = mark + quote(fragment)
    for base, path in _PAGES:
        name = head.removeprefix(base)
        if name != head and _SLUG.match(name):
            return f"{path}{name}{anchor}"
    if head == ONTOLOGY or head.startswith(ONTOLOGY + "/"):
        return f"/{head.removeprefix(BASE)}{anchor}"
    return None
