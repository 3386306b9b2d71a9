"""Write requests, as accepted by the writer and read by its process."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from comity.graph.sparql.dataset import Dataset

_SMALL: Final = 2_000_000  # bytes; smaller requests share a copy with others


@dataclass(frozen=True, slots=True)
class Update:
    """A SPARQL update, with the dataset and the base IRI of its request."""

    text: str
    using: Dataset | None = None
    base: str | None = None


@dataclass(frozen=True, slots=True)
class Payload:
    """RDF in a file, or in `size` bytes of it from `start`; `name` is for messages."""

    path: Path
    media_type: str
    size: int
    start: int = 0
    name: str = "body"
    compressed: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """Precondition on a graph: RFC 9110 §13.1.1 and §13.1.2, with "*" for any tag."""

    match: frozenset[str] | None = None
    none_match: frozenset[str] | None = None

    @property
    def exists(self) -> bool | None:
        """True if the graph must exist, False if it must not, None if it does not matter."""
        if self.match is not None:
            return True
        return False if "*" in (self.none_match or ()) else None

    def holds(self, tag: str | None) -> bool:
        """True if a graph with this tag (None if it has just changed) satisfies the condition."""
        if self.match is not None and "*" not in self.match and tag not in self.match:
            return False
        return self.none_match is None or tag not in self.none_match


@dataclass(frozen=True, slots=True)
class Change:
    """An operation of the Graph Store Protocol: PUT, POST or DELETE.

    `graph` is an IRI, "" for the default graph, None for all graphs. With `emptying`, a POST to all
    graphs empties each graph in its data first. `limit` is for compressed data.
    """

    method: str
    graph: str | None
    payloads: tuple[Payload, ...] = ()
    base: str | None = None
    emptying: bool = False
    condition: Condition = Condition()
    limit: int = 0

    @property
    def is_large(self) -> bool:
        """True if it must be written in ways that can't be undone, to a copy of its own."""
        size = sum(payload.size for payload in self.payloads)
        return size > _SMALL or any(payload.compressed for payload in self.payloads)


@dataclass(frozen=True, slots=True)
class WriteResult:
    """A completed write: the data version, and True if it created a graph."""

    version: str
    created: bool = False


def pack_update(update: Update) -> dict[str, Any]:
    """Encode an update as JSON."""
    using = update.using
    return {
        "do": "update",
        "text": update.text,
        "base": update.base,
        "using": using and [list(using.default_graphs), list(using.named_graphs)],
    }


def pack_change(change: Change, *, whole: bool) -> dict[str, Any]:
    """Encode a change as JSON; `whole` if nothing else is written to its copy."""
    return {
        "do": "change",
        "method": change.method,
        "graph": change.graph,
        "payloads": [pack_payload(payload, change.limit) for payload in change.payloads],
        "base": change.base,
        "emptying": change.emptying,
        "exists": change.condition.exists,
        "whole": whole,
    }


def pack_payload(payload: Payload, limit: int) -> dict[str, Any]:
    """Encode a payload as JSON; `limit` in bytes applies to compressed ones."""
    return {
        "path": str(payload.path),
        "media_type": payload.media_type,
        "start": payload.start,
        "size": payload.size,
        "name": payload.name,
        "compressed": payload.compressed,
        "limit": limit,
    }
