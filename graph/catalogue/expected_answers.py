"""Expected answers of canned queries, parsed for their columns and IRIs."""

from collections.abc import Iterator, Sequence
from typing import Final

from comity.graph.catalogue.queries import CannedQuery
from comity.graph.rdf.namespaces import COMITY, GRAPH, ID, SOURCE

_BASES: Final = {"id:": ID, "comity:": COMITY, "source:": SOURCE, "graph:": GRAPH}
_ARTICLE: Final = SOURCE + "moscow-tehran-relations"


def iri_columns(query: CannedQuery) -> frozenset[str]:
    """Return the columns with IRIs in the expected answer."""
    names = query.answer_columns or query.columns
    rows = (zip(names, row, strict=False) for row in query.answers)
    return frozenset(name for row in rows for name, cell in row if _is_iri(cell))


def expected_rows(
    query: CannedQuery, columns: Sequence[str]
) -> Iterator[dict[str, str | int | bool | None]]:
    """Yield the rows of the expected answer, IRIs in full, missing columns as None."""
    for row in query.answers:
        known = dict(zip(query.answer_columns or query.columns, row, strict=False))
        yield {name: _value(known.get(name, "")) for name in columns}


def _is_iri(cell: str) -> bool:
    """True if a cell is an IRI: id:iran, comity:opposed, #f39.1."""
    return cell.startswith(("#", *_BASES))


def _value(cell: str) -> str | int | bool | None:
    if _is_iri(cell):
        prefix, _, local = cell.partition(":")
        return _ARTICLE + cell if cell.startswith("#") else _BASES[prefix + ":"] + local
    if cell in ("true", "false"):
        return cell == "true"
    return int(cell) if cell.isdecimal() else cell or None
