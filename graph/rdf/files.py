"""Reading RDF from files and addresses: detects formats, locates errors, fetches nothing else."""

import codecs
import gzip
import io
import re
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO, Final

from pyoxigraph import DefaultGraph, NamedNode, Quad, RdfFormat, parse

from comity.graph.errors import DataError, TextPosition
from comity.graph.rdf.formats import format_of
from comity.graph.rdf.rdf_xml import well_formed
from comity.graph.rdf.streams import (
    HEAD,
    OpenSource,
    PieceStream,
    file_pieces,
    is_address,
    open_source,
    os_reason,
)

_PAGE: Final = re.compile(rb"(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html)\b", re.IGNORECASE)


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
    with open_source(source, progress) as opened:
        yield from _parse(opened, name, graph_name, media_type or opened.media_type)


def _parse(
    opened: OpenSource, name: str, graph_name: NamedNode | None, media_type: str | None
) -> Iterator[Quad]:
    file: io.BufferedIOBase = opened.file
    if opened.file.peek(2)[:2] == b"\x1f\x8b":
        file = gzip.GzipFile(fileobj=opened.file)
    with _explained(name):
        buffered = _begun(file, name)
        rdf_format = format_of(buffered.peek(HEAD), name, media_type)
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
    buffered: io.BufferedReader = io.BufferedReader(PieceStream(file_pieces(file)), HEAD)
    _refuse_unreadable(buffered.peek(HEAD), name)
    if buffered.peek(HEAD).startswith(codecs.BOM_UTF8):
        buffered.read(len(codecs.BOM_UTF8))  # Windows writes it
    return buffered


def _quads(
    file: io.BufferedReader, rdf_format: RdfFormat, name: str, base: str | None
) -> Iterator[Quad]:
    data: IO[bytes] = file
    if rdf_format == RdfFormat.RDF_XML:
        data = io.BufferedReader(PieceStream(well_formed(file, name)), HEAD)
    return parse(data, rdf_format, base_iri=base, rename_blank_nodes=True)


@contextmanager
def _explained(name: str) -> Iterator[None]:
    """Turn every error of reading a file into a DataError."""
    try:
        yield
    except SyntaxError as error:
        raise _data_error(name, error) from error
    except (OSError, EOFError, zlib.error) as error:
        raise DataError(f"{name}: {os_reason(error)}") from error
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
