"""Requests to write, as the writer takes them and as its process reads them."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from comity.graph.sparql.dataset import Dataset

_SMALL: Final = 2_000_000  # bytes of data that share a copy with other requests


@dataclass(frozen=True, slots=True)
class Update:
    """A SPARQL update, with the dataset and the base IRI of its request."""

    text: str
    using: Dataset | None = None
    base: str | None = None


@dataclass(frozen=True, slots=True)
class Payload:
    """RDF in a file, or in `size` bytes of it from `start`; `name` is for the messages."""

    path: Path
    media_type: str
    size: int
    start: int = 0
    name: str = "body"
    compressed: bool = False


@dataclass(frozen=True, slots=True)
class Condition:
    """What a graph must be like: RFC 9110 §13.1.1 and §13.1.2, with "*" for any tag."""

    match: frozenset[str] | None = None
    none_match: frozenset[str] | None = None

    @property
    def exists(self) -> bool | None:
        """Whether the graph must be there, None where that is no matter."""
        if self.match is not None:
            return True
        return False if "*" in (self.none_match or ()) else None

    def holds(self, tag: str | None) -> bool:
        """Whether a graph with this tag, None for one that has just changed, is as required."""
        if self.match is not None and "*" not in self.match and tag not in self.match:
            return False
        return self.none_match is None or tag not in self.none_match


@dataclass(frozen=True, slots=True)
class Change:
    """An operation of the Graph Store Protocol: PUT, POST or DELETE.

    `graph` is an IRI, "" for the default graph, None for all graphs. `emptying` has a POST to all
    graphs empty each of those that it brings data for. `limit` is for data that come compressed.
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
        """Whether it has to be written in ways that can't be taken back, to a copy of its own."""
        size = sum(payload.size for payload in self.payloads)
        return size > _SMALL or any(payload.compressed for payload in self.payloads)


@dataclass(frozen=True, slots=True)
class WriteResult:
    """That a request is on the disk: the data version, and whether it made a new graph."""

    version: str
    created: bool = False


def pack_update(update: Update) -> dict[str, Any]:
    """An update as JSON holds it."""
    using = update.using
    return {
        "do": "update",
        "text": update.text,
        "base": update.base,
        "using": using and [list(using.default_graphs), list(using.named_graphs)],
    }


def pack_change(change: Change, *, whole: bool) -> dict[str, Any]:
    """A change as JSON holds it; `whole` if nothing else is written to its copy."""
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
    """A payload as JSON holds it; `limit` is in bytes, for one that is compressed."""
    return {
        "path": str(payload.path),
        "media_type": payload.media_type,
        "start": payload.start,
        "size": payload.size,
        "name": payload.name,
        "compressed": payload.compressed,
        "limit": limit,
    }
