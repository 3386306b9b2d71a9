"""Citation metadata of a canned query's answer: query, parameters, release, licence."""

from collections.abc import Mapping
from dataclasses import dataclass
from importlib.metadata import version
from typing import Any

from comity.graph.catalogue.execution import CannedAnswer
from comity.graph.catalogue.parameter_types import plain
from comity.graph.descriptions.dataset.void import LICENCE

_Parameter = Mapping[str, str | None]


@dataclass(frozen=True, slots=True)
class CitationMetadata:
    """Citation metadata; `release`, and so the licence, is None without the bundled graphs.

    `url` and `next` are None outside of a service.
    """

    answered: CannedAnswer
    release: str | None = None
    url: str | None = None
    next: str | None = None

    @property
    def source(self) -> str:
        """The work to cite."""
        return f"Comity {version('comity')}, a knowledge graph of diplomacy"

    @property
    def licence(self) -> str | None:
        return LICENCE if self.release else None

    @property
    def name(self) -> str:
        """File name without suffix: the query and, if there is one, the release."""
        return "-".join(filter(None, (self.answered.query.name, (self.release or "")[:8])))

    def document(self) -> dict[str, Any]:
        """Return the members of JSON besides the columns and rows."""
        return {
            "total": self.answered.total,
            "complete": self.answered.complete,
            "next": self.next,
            "reasons": list(self.answered.reasons),
            "query": {
                "name": self.answered.query.name,
                "summary": self.answered.query.summary,
                "parameters": self.parameters(),
            },
            "cite": {
                "source": self.source,
                "licence": self.licence,
                "release": self.release,
                "data": self.answered.solutions.version,
                "url": self.url,
            },
        }

    def parameters(self) -> list[_Parameter]:
        """Return the parameters as interpreted, with labels."""
        found: list[_Parameter] = []
        for parameter in self.answered.query.parameters:
            term = self.answered.bound.terms[parameter.name]
            value = None if term is None else term.value
            label = self.answered.labels.get(value or "")
            found.append(
                {"name": parameter.name, "value": value, "label": label, "as": plain(term)}
            )
        return found

    def pairs(self) -> dict[str, str]:
        """Return the same as non-empty names and texts, for a sheet or a file's metadata."""
        answered, query = self.answered, self.answered.query
        first, count = answered.request.offset, len(answered.solutions.rows)
        whole = "all of the answer" if answered.complete else "a part of the answer"
        given = {
            f"parameter {each['name']}": _shown(each)
            for each in self.parameters()
            if each["value"] is not None
        }
        pairs: Mapping[str, str | None] = {
            "title": query.summary,
            "description": query.description,
            **given,
            "rows": f"{first + 1} to {first + count}, {whole}" if count else f"none, {whole}",
            "reasons": " ".join(answered.reasons),
            "next page": self.next,
            "cite": self.source,
            "licence": self.licence,
            "release": self.release,
            "data version": answered.solutions.version,
            "address": self.url,
            "query": answered.bound.text,
        }
        return {name: value for name, value in pairs.items() if value}


def _shown(parameter: _Parameter) -> str:
    label, value = parameter["label"], str(parameter["value"])
    return f"{label} ({value})" if label else value
