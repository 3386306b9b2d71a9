"""Media types: those on offer, their names, and the choice of a client."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from comity.graph.store.interface import ResultFormat as Format

HTML: Final = "text/html"
PROBLEM: Final = "application/problem+json"

# In the server's order of preference: the W3C types first, then aliases that clients send.
TABLE_TYPES: Final[Mapping[str, Format]] = {
    Format.JSON.media_type: Format.JSON,
    Format.XML.media_type: Format.XML,
    Format.CSV.media_type: Format.CSV,
    Format.TSV.media_type: Format.TSV,
    "application/json": Format.JSON,
    "application/xml": Format.XML,
    "text/xml": Format.XML,
}
GRAPH_TYPES: Final[Mapping[str, Format]] = {
    Format.TURTLE.media_type: Format.TURTLE,
    Format.N_TRIPLES.media_type: Format.N_TRIPLES,
    Format.RDF_XML.media_type: Format.RDF_XML,
    Format.JSON_LD.media_type: Format.JSON_LD,
    "application/x-turtle": Format.TURTLE,
    "text/n3": Format.TURTLE,
    "application/json": Format.JSON_LD,
    "application/xml": Format.RDF_XML,
    "text/xml": Format.RDF_XML,
    "text/plain": Format.N_TRIPLES,
    Format.TRIG.media_type: Format.TRIG,
    Format.N_QUADS.media_type: Format.N_QUADS,
}

# Values that real clients send as `format=` or as a suffix. One name may mean a table and a graph
# format.
TABLE_NAMES: Final[Mapping[str, Format]] = {
    "json": Format.JSON,
    "srj": Format.JSON,
    "xml": Format.XML,
    "srx": Format.XML,
    "csv": Format.CSV,
    "tsv": Format.TSV,
}
GRAPH_NAMES: Final[Mapping[str, Format]] = {
    "ttl": Format.TURTLE,
    "turtle": Format.TURTLE,
    "n3": Format.TURTLE,
    "nt": Format.N_TRIPLES,
    "ntriples": Format.N_TRIPLES,
    "n-triples": Format.N_TRIPLES,
    "rdf": Format.RDF_XML,
    "rdfxml": Format.RDF_XML,
    "rdf+xml": Format.RDF_XML,
    "xml": Format.RDF_XML,
    "jsonld": Format.JSON_LD,
    "json-ld": Format.JSON_LD,
    "json": Format.JSON_LD,
    "trig": Format.TRIG,
    "nq": Format.N_QUADS,
    "nquads": Format.N_QUADS,
    "n-quads": Format.N_QUADS,
}

# Parameters that are hints, or that all our formats satisfy: they never exclude a type.
HINTS: Final = frozenset({"profile", "version"})

_TYPE = re.compile(r"([\w!#$&^.+*-]+)/([\w!#$&^.+*-]+)$", re.ASCII)
_QVALUE = re.compile(r"(0?\.\d{1,3}|[01](\.\d{0,3})?)$", re.ASCII)
_PARTS = re.compile(r'(?:[^,"]|"(?:\\.|[^"\\])*"?)+')
_PIECES = re.compile(r'(?:[^;"]|"(?:\\.|[^"\\])*"?)+')
_LONGEST: Final = 8192  # characters of an Accept header; the rest is ignored


@dataclass(frozen=True, slots=True)
class MediaRange:
    """One range of an Accept header; type and subtype may be `*`."""

    type: str
    subtype: str
    parameters: frozenset[tuple[str, str]]
    quality: float

    @property
    def specificity(self) -> tuple[bool, bool, int]:
        """Sort key of RFC 9110 §12.5.1: the more specific range takes precedence."""
        return self.type != "*", self.subtype != "*", len(self.parameters)

    def matches(self, other: "MediaRange") -> bool:
        """True if `other`, a concrete type, is in this range."""
        return (
            self.type in ("*", other.type)
            and self.subtype in ("*", other.subtype)
            and self.parameters <= other.parameters
        )


@dataclass(frozen=True, slots=True)
class AnswerTypes:
    """Media types of the answer for the two kinds of result; None if none is acceptable."""

    table: str | None
    graph: str | None

    @property
    def table_format(self) -> Format | None:
        return TABLE_TYPES.get(self.table) if self.table else None

    @property
    def graph_format(self) -> Format | None:
        return GRAPH_TYPES.get(self.graph) if self.graph else None

    def media_type(self, format: Format) -> str:
        """Return the media type of an answer in this format."""
        return (self.table if format.is_table else self.graph) or format.media_type


def negotiate(accept: str | None, offered: Sequence[str]) -> str | None:
    """Return the offered media type that an Accept header prefers, None if it accepts none.

    Of types of equal quality, one named in the header precedes one matched by a wildcard; then the
    order of `offered` decides.
    """
    if accept is None or not accept.strip():
        return offered[0] if offered else None
    ranges = list(_ranges(accept))
    best: tuple[float, bool, int] | None = None
    for position, name in enumerate(offered):
        rated = _rate(name, ranges)
        if rated and (best is None or (*rated, -position) > best):
            best = (*rated, -position)
    return None if best is None else offered[-best[2]]


@lru_cache(maxsize=128)
def choose(accept: str | None, name: str | None) -> AnswerTypes:
    """Choose the types for a query: a format's name, if given, overrides the Accept header."""
    if name is not None:
        return _named(name)
    tables, graphs = list(TABLE_TYPES), list(GRAPH_TYPES)
    if prefers_html(accept):  # browsers prefer application/xml to */* without meaning it
        tables, graphs = list(_own(TABLE_TYPES)), list(_own(GRAPH_TYPES))
    return AnswerTypes(negotiate(accept, tables), negotiate(accept, graphs))


def prefers_html(accept: str | None) -> bool:
    """True if a person is reading: the client names HTML and prefers it."""
    offered = [*GRAPH_TYPES, *TABLE_TYPES, PROBLEM, HTML]
    return accept is not None and "html" in accept.lower() and negotiate(accept, offered) == HTML


def available(*names: Mapping[str, Format]) -> str:
    """List the formats of these tables for an error message."""
    formats = dict.fromkeys(format for table in names for format in table.values())
    return ", ".join(f"{format.extension} ({format.media_type})" for format in formats)


def _own(types: Mapping[str, Format]) -> Iterator[str]:
    return (name for name, format in types.items() if name == format.media_type)


def _named(name: str) -> AnswerTypes:
    name = name.strip().lower().replace(" ", "+")  # an unescaped + arrives as a space
    table, graph = TABLE_NAMES.get(name), GRAPH_NAMES.get(name)
    return AnswerTypes(
        table=table.media_type if table else name if name in TABLE_TYPES else None,
        graph=graph.media_type if graph else name if name in GRAPH_TYPES else None,
    )


def _rate(name: str, ranges: Sequence[MediaRange]) -> tuple[float, bool] | None:
    offer = _range(name)
    matching = [r for r in ranges if offer and r.matches(offer)]
    if not matching:
        return None
    closest = max(matching, key=lambda r: r.specificity)
    return (closest.quality, closest.subtype != "*") if closest.quality > 0 else None


def _ranges(accept: str) -> Iterator[MediaRange]:
    for part in _PARTS.findall(accept[:_LONGEST]):
        if found := _range(part):
            yield found


def _range(part: str) -> MediaRange | None:
    head, *tail = (piece.strip() for piece in _PIECES.findall(part) or [""])
    head = "*/*" if head == "*" else head.lower()  # java.net.URLConnection sends a bare *
    match = _TYPE.match(head)
    if not match or (match[1] == "*" and match[2] != "*"):
        return None
    parameters, quality = set(), "1"
    for piece in filter(None, tail):
        key, _, value = (text.strip().strip('"').lower() for text in piece.partition("="))
        if key == "q":
            quality = value
            break  # after q come extensions of Accept, not of the type (RFC 7231)
        if key not in HINTS and (key, value) not in {("charset", "utf-8"), ("charset", "utf8")}:
            parameters.add((key, value))
    if not _QVALUE.match(quality) or float(quality) > 1:
        return None
    return MediaRange(match[1], match[2], frozenset(parameters), float(quality))
