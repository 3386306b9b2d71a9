"""Reading RDF from files and addresses: detects formats, locates errors, fetches nothing else."""

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import IO, Final
from urllib.parse import unquote, urlsplit
from xml.parsers import expat

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse

from comity.graph.errors import DataError, TextPosition

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
_MEDIA_ACCEPTED: Final = (
    "application/trig, application/n-quads, text/turtle;q=0.9, application/n-triples;q=0.9, "
    "application/rdf+xml;q=0.8, application/ld+json;q=0.7, */*;q=0.1"
)
_HEAD: Final = 64 * 1024  # bytes read to detect the format
_TIMEOUT: Final = 30.0  # seconds
_DEEPEST: Final = 500  # nested XML elements
_ERRNO: Final = re.compile(r"^\[Errno -?\d+\] ")


_SCHEME: Final = re.compile(r"([a-z][a-z0-9+.-]+)://", re.IGNORECASE)


def is_address(source: str | Path) -> bool:
    """True if a source is an http or https address."""
    return isinstance(source, str) and source.startswith(("http://", "https://"))


def address_path(address: str) -> str:
    """Return the decoded path of an address; raises DataError if it is not an address."""
    try:
        return unquote(urlsplit(address).path)
    except ValueError as error:
        raise DataError(f"{address}: not a web address: {error}") from error


def is_rdf_type(media_type: str) -> bool:
    """Tell whether a media type is that of an RDF format."""
    return RdfFormat.from_media_type(media_type) is not None


def holds_graphs(media_type: str) -> bool:
    """Tell whether data of a media type may name graphs."""
    return RdfFormat.from_media_type(media_type) in _WITH_GRAPHS


def media_type_of_name(name: str) -> str | None:
    """The media type that a file's name tells, compressed or not; None if it tells none."""
    format = SUFFIXES.get(_suffix(name))
    return None if format is None else format.media_type


def is_rdf_name(path: Path) -> bool:
    """True if a file's name has an RDF extension, compressed or not."""
    return _suffix(path.name) in SUFFIXES


def read_quads(
    source: str | Path,
    graph_name: NamedNode | None = None,
    *,
    media_type: str | None = None,
    progress: Callable[[int, int | None], None] | None = None,
) -> Iterator[Quad]:
    """Read the quads of a file or an http(s) address as a stream.

    The format is detected from the content if the extension is missing or contradicts it; gzip is
    decompressed. Triples outside of named graphs go to `graph_name` if it is given. `progress` is
    called with the bytes read so far and their total, None if unknown. Blank nodes get fresh names,
    so that two files don't share them.

    Raises DataError, whose message begins with file:line:column where they are known.
    """
    name = str(source)
    with _opened(source, progress) as opened:
        yield from _parse(opened, name, graph_name, media_type or opened.media_type)


@dataclass
class _Opened:
    """An open source: its bytes and the media type that the server gave."""

    file: io.BufferedReader
    media_type: str | None = None


@contextmanager
def _opened(
    source: str | Path, progress: Callable[[int, int | None], None] | None
) -> Iterator[_Opened]:
    if is_address(source):
        with _opened_address(str(source), progress) as opened:
            yield opened
        return
    if scheme := _SCHEME.match(str(source)):
        raise DataError(
            f"{source}: {scheme[1]} addresses can't be read",
            hint="Name a file by its path, or an http or https address.",
        )
    path = Path(source)
    try:
        file = path.open("rb")
    except OSError as error:
        raise DataError(f"{path}: {_os_reason(error)}") from error
    with file:
        counted = _Pieces(_file_pieces(file), path.stat().st_size, progress)
        yield _Opened(io.BufferedReader(counted, _HEAD))


@contextmanager
def _opened_address(
    address: str, progress: Callable[[int, int | None], None] | None
) -> Iterator[_Opened]:
    import httpx  # here, since it takes 50 ms that a start without addresses need not wait for

    headers = {"Accept": _MEDIA_ACCEPTED}
    try:
        with httpx.stream(
            "GET", address, headers=headers, follow_redirects=True, timeout=_TIMEOUT
        ) as response:
            if response.status_code != 200:
                reason = f"{response.status_code} {response.reason_phrase}"
                raise DataError(f"{address}: the server answered {reason}")
            length = response.headers.get("content-length")
            encoded = "content-encoding" in response.headers
            total = int(length) if length and length.isdecimal() and not encoded else None
            pieces = _Pieces(response.iter_bytes(), total, progress)
            media_type = response.headers.get("content-type", "").partition(";")[0].strip()
            yield _Opened(io.BufferedReader(pieces, _HEAD), media_type or None)
    except httpx.TimeoutException as error:
        raise DataError(f"{address}: no answer within {_TIMEOUT:g} s") from error
    except (httpx.UnsupportedProtocol, httpx.InvalidURL) as error:
        raise DataError(f"{address}: not a web address") from error
    except httpx.HTTPError as error:
        reason = _ERRNO.sub("", str(error))
        raise DataError(f"{address}: {reason or 'the connection broke off'}") from error


def _file_pieces(file: io.BufferedIOBase) -> Iterator[bytes]:
    while piece := file.read(_HEAD):
        yield piece


class _Pieces(io.RawIOBase):
    """A stream over pieces of bytes that counts what has been read."""

    def __init__(
        self,
        pieces: Iterator[bytes],
        total: int | None = None,
        progress: Callable[[int, int | None], None] | None = None,
    ) -> None:
        self._pieces = pieces
        self._rest = b""
        self._read = 0
        self._total = total
        self._progress = progress

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        while not self._rest:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._rest = piece
        size = min(len(buffer), len(self._rest))
        buffer[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        self._read += size
        if self._progress is not None:
            self._progress(self._read, self._total)
        return size


def _parse(
    opened: _Opened, name: str, graph_name: NamedNode | None, media_type: str | None
) -> Iterator[Quad]:
    file: io.BufferedIOBase = opened.file
    if opened.file.peek(2)[:2] == b"\x1f\x8b":
        file = gzip.GzipFile(fileobj=opened.file)
    with _explained(name):
        buffered = _begun(file, name)
        rdf_format = _format_of(buffered.peek(_HEAD), name, media_type)
        yield from _into(_quads(buffered, rdf_format, name, _base(name)), graph_name, name)


def parse_stream(
    file: io.BufferedIOBase, rdf_format: RdfFormat, *, name: str, base: str | None
) -> Iterator[Quad]:
    """Read the quads of an open file in the given format; see `read_quads`.

    `name` is for messages, `base` for relative IRIs.
    """
    with _explained(name):
        yield from _quads(_begun(file, name), rdf_format, name, base)


def _begun(file: io.BufferedIOBase, name: str) -> io.BufferedReader:
    """Check the start of a file and skip a byte order mark, which parsers reject."""
    buffered: io.BufferedReader = io.BufferedReader(_Pieces(_file_pieces(file)), _HEAD)
    _refuse_unreadable(buffered.peek(_HEAD), name)
    if buffered.peek(_HEAD).startswith(codecs.BOM_UTF8):
        buffered.read(len(codecs.BOM_UTF8))  # Windows writes it
    return buffered


def _quads(
    file: io.BufferedReader, rdf_format: RdfFormat, name: str, base: str | None
) -> Iterator[Quad]:
    data: IO[bytes] = file
    if rdf_format == RdfFormat.RDF_XML:
        data = io.BufferedReader(_Pieces(_well_formed(file, name)), _HEAD)
    return parse(data, rdf_format, base_iri=base, rename_blank_nodes=True)


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Turn every error of reading a file into a DataError."""
    try:
        yield
    except SyntaxError as error:
        raise _data_error(name, error) from error
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{name}: {_os_reason(error)}") from error
    except ValueError as error:
        raise DataError(f"{name}: {error}") from error


def _refuse_unreadable(head: bytes, name: str) -> None:
    """Refuse what is often mistaken for RDF and gets no helpful message from a parser."""
    if head.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        raise DataError(f"{name}: this is UTF-16", hint="Save it in UTF-8.")
    if _PAGE.match(head):
        raise DataError(
            f"{name}: this is a web page, not RDF",
            hint="Look on the page for the address of the data.",
        )


def _into(quads: Iterator[Quad], graph_name: NamedNode | None, name: str) -> Iterator[Quad]:
    default = DefaultGraph()
    for quad in quads:
        if graph_name is not None and quad.graph_name == default:
            yield Quad(quad.subject, quad.predicate, quad.object, graph_name)
        else:
            yield quad


def _base(name: str) -> str:
    return name if is_address(name) else Path(name).absolute().as_uri()


# --- format detection


def _suffix(name: str) -> str:
    path = PurePosixPath(address_path(name) if is_address(name) else name)
    suffix = path.suffix.lower()
    return PurePosixPath(path.stem).suffix.lower() if suffix == ".gz" else suffix


def _format_of(head: bytes, name: str, media_type: str | None) -> RdfFormat:
    """Prefer the declared format, unless the data are clearly of another family."""
    said = SUFFIXES.get(_suffix(name)) or RdfFormat.from_media_type(media_type or "")
    seen = _sniff(head)
    if said is None or _family(said) != _family(seen):
        return seen
    return said


def _family(rdf_format: RdfFormat) -> str:
    return "text" if rdf_format in _TEXTUAL else str(rdf_format)


_PAGE: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)
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
    """Tell JSON-LD (`{"@id": …`, `[{`) from Turtle (`[] a …`) and TriG (`{ :a :b :c }`)."""
    return re.match(rb'(?:\[\s*)?(?:\{\s*["}]|\[\s*\]\s*$)', head) is not None


# --- limits on RDF/XML


def _well_formed(file: io.BufferedIOBase, name: str) -> Iterator[bytes]:
    """Yield an XML file piece by piece as long as it is well-formed and has no DTD.

    The engine's parser expands the entities of a DTD, so a small file could fill any memory
    ("billion laughs"), and it accepts a truncated file as complete. Both are caught here before the
    parser sees the piece. Like the parser, this reads UTF-8 only. The parser slows down with depth:
    100,000 levels of elements keep it busy for hours.
    """
    parser = expat.ParserCreate("utf-8")
    depth = 0

    def refuse(*_: object) -> None:
        place = TextPosition(parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)
        raise DataError(
            f"{name}:{place.line}:{place.column}: a document type declaration is not allowed",
            place=place,
            hint="Write out its entities and remove it.",
        )

    def enter(*_: object) -> None:
        nonlocal depth
        depth += 1
        if depth > _DEEPEST:
            place = TextPosition(parser.CurrentLineNumber, parser.CurrentColumnNumber + 1)
            what = f"elements nest deeper than {_DEEPEST} levels"
            raise DataError(
                f"{name}:{place.line}:{place.column}: {what}",
                place=place,
                hint="Give the inner nodes an rdf:about or rdf:nodeID and write them side by side.",
            )

    def leave(_: str) -> None:
        nonlocal depth
        depth -= 1

    parser.StartDoctypeDeclHandler = refuse
    parser.StartElementHandler, parser.EndElementHandler = enter, leave
    try:
        for piece in _file_pieces(file):
            if b"\x00" in piece:
                raise DataError(
                    f"{name}: it contains zero bytes, as UTF-16 does", hint="Save it in UTF-8."
                )
            parser.Parse(piece, False)
            yield piece
        parser.Parse(b"", True)
    except expat.ExpatError as error:
        place = TextPosition(error.lineno, error.offset + 1)
        what = expat.ErrorString(error.code)
        raise DataError(f"{name}:{place.line}:{place.column}: {what}", place=place) from error


# --- errors


_IN_MESSAGE: Final = re.compile(
    r"^Parser error (?:at|between) line \d+ (?:column \d+|between columns \d+ and \d+"
    r"|column \d+ and line \d+ column \d+): "
)


def _data_error(name: str, error: SyntaxError) -> DataError:
    what = str(error.msg)
    hint = "Save it in UTF-8." if "UTF-8" in what else None
    if "LoadDocumentCallback" in what:
        what = "its @context is an address; contexts are not fetched"
        hint = "Replace the address by the context itself."
    if error.lineno is None:
        return DataError(f"{name}: {what}", hint=hint)
    place = TextPosition(error.lineno, error.offset or 1)
    what = _IN_MESSAGE.sub("", what)
    return DataError(f"{name}:{place.line}:{place.column}: {what}", place=place, hint=hint)


def _os_reason(error: Exception) -> str:
    if isinstance(error, FileNotFoundError):
        return "there is no such file"
    if isinstance(error, IsADirectoryError):
        return "this is a folder, not a file"
    if isinstance(error, OSError) and error.strerror:
        return error.strerror
    return f"can't be decompressed: {error}"
