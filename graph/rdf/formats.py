"""Formats of RDF, detected from a file name, a media type or the data."""

import re
from pathlib import Path, PurePosixPath
from typing import Final

from pyoxigraph import RdfFormat

from comity.graph.rdf.streams import address_path, is_address

SUFFIXES: Final[dict[str, RdfFormat]] = {
    ".ttl": RdfFormat.TURTLE,
    ".trig": RdfFormat.TRIG,
    ".nt": RdfFormat.N_TRIPLES,
    ".nq": RdfFormat.N_QUADS,
    ".rdf": RdfFormat.RDF_XML,
    ".owl": RdfFormat.RDF_XML,
    ".xml": RdfFormat.RDF_XML,
    ".jsonld": RdfFormat.JSON_LD,
    ".json": RdfFormat.JSON_LD,
    ".n3": RdfFormat.N3,
}
_TEXTUAL: Final = frozenset(
    (RdfFormat.TURTLE, RdfFormat.TRIG, RdfFormat.N_TRIPLES, RdfFormat.N_QUADS, RdfFormat.N3)
)
_WITH_GRAPHS: Final = frozenset((RdfFormat.TRIG, RdfFormat.N_QUADS, RdfFormat.JSON_LD))


def is_rdf_type(media_type: str) -> bool:
    """True if a media type is that of an RDF format."""
    return RdfFormat.from_media_type(media_type) is not None


def holds_graphs(media_type: str) -> bool:
    """True if data of a media type may contain named graphs."""
    return RdfFormat.from_media_type(media_type) in _WITH_GRAPHS


def media_type_of_name(name: str) -> str | None:
    """Return the media type for a file's extension, compressed or not; None if unknown."""
    format = SUFFIXES.get(_suffix(name))
    return None if format is None else format.media_type


def is_rdf_name(path: Path) -> bool:
    """True if a file's name has an RDF extension, compressed or not."""
    return _suffix(path.name) in SUFFIXES


def _suffix(name: str) -> str:
    path = PurePosixPath(address_path(name) if is_address(name) else name)
    suffix = path.suffix.lower()
    return PurePosixPath(path.stem).suffix.lower() if suffix == ".gz" else suffix


def format_of(head: bytes, name: str, media_type: str | None) -> RdfFormat:
    """Return the declared format, unless the data are clearly of another family."""
    said = SUFFIXES.get(_suffix(name)) or RdfFormat.from_media_type(media_type or "")
    seen = _sniff(head)
    if said is None or _family(said) != _family(seen):
        return seen
    return said


def _family(rdf_format: RdfFormat) -> str:
    return "text" if rdf_format in _TEXTUAL else str(rdf_format)


_BLANK_OR_COMMENT: Final = re.compile(rb"(?:\s+|#[^\n]*(?:\n|$))*")
_LINE_TERM: Final = rb"(?:<[^<>\s]*>|_:\S+)"
_N_LINE: Final = re.compile(
    _LINE_TERM + rb"\s+<[^<>\s]*>\s+(?:<[^<>\s]*>|_:\S+?|\"(?:[^\"\\\n]|\\.)*\"\S*?)"
    rb"\s*(?P<graph>" + _LINE_TERM + rb"\s*)?\.\s*(?:#.*)?$",
    re.MULTILINE,
)
_GRAPH_BLOCK: Final = re.compile(
    rb"(?:^|\s)(?:GRAPH\s+\S+\s*|<[^<>\s]*>\s*|[\w.-]*:\S*\s*)\{", re.IGNORECASE
)


def _sniff(head: bytes) -> RdfFormat:
    if b"\x00" in head[:4]:
        return RdfFormat.RDF_XML  # whose parser gives the best message
    head = head.lstrip()
    if head.startswith((b"{", b"[")) and _looks_like_json(head):
        return RdfFormat.JSON_LD
    if re.match(rb"<(\?xml|!--|!DOCTYPE|[\w.-]+:RDF[\s>])", head, re.IGNORECASE):
        return RdfFormat.RDF_XML
    start = _BLANK_OR_COMMENT.match(head)
    line = _N_LINE.match(head, start.end() if start else 0)
    if line:
        return RdfFormat.N_QUADS if line["graph"] else RdfFormat.N_TRIPLES
    return RdfFormat.TRIG if _GRAPH_BLOCK.search(head) else RdfFormat.TURTLE


def _looks_like_json(head: bytes) -> bool:
    """True for JSON-LD (`{"@id": …`, `[{`), not for Turtle (`[] a …`) or TriG (`{ :a :b :c }`)."""
    return re.match(rb'(?:\[\s*)?(?:\{\s*["}]|\[\s*\]\s*$)', head) is not None
