"""Limits on RDF/XML: no DTD, no truncated file, no endless depth."""

import io
from collections.abc import Iterator
from typing import Final
from xml.parsers import expat

from comity.graph.errors import DataError, TextPosition
from comity.graph.rdf.streams import file_pieces

_DEEPEST: Final = 500  # nested XML elements


def well_formed(file: io.BufferedIOBase, name: str) -> Iterator[bytes]:
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
        for piece in file_pieces(file):
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
