"""Links: terms as people read them, with their IRIs."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from comity.graph.rdf.namespaces import BASE
from comity.graph.rdf.terms import shorten

_ADDRESS: Final = re.compile(rf"(?!{re.escape(BASE)})https?://")


@dataclass(frozen=True, slots=True)
class Link:
    """A term in words; `iri` is None for a literal or a blank node."""

    text: str
    iri: str | None = None

    @property
    def is_address(self) -> bool:
        """True if the IRI is a web address outside Comity."""
        return self.iri is not None and bool(_ADDRESS.match(self.iri))


def link(iri: str, labels: Mapping[str, str]) -> Link:
    """Return an IRI with its label; a text, which some positions are on, stays as it is."""
    if ":" not in iri or " " in iri:
        return Link(iri)
    return Link(labels.get(iri) or shorten(iri), iri)
