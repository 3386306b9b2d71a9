"""Evidence of a record: the words that it quotes, or the sources that it cites."""

from dataclasses import dataclass
from typing import Final

import pyoxigraph as ox

from comity.graph.descriptions.description import Description
from comity.graph.rdf.namespaces import COMITY, PREFIXES
from comity.graph.rdf.terms import local_name
from comity.graph.store.solutions import Readable, Term, select

MODALITY: Final = ox.NamedNode(COMITY + "modality")
_PREFIXES: Final = "".join(
    f"PREFIX {name}: <{PREFIXES[name]}>\n" for name in ("comity", "foaf", "rdfs")
)

_RECORD: Final = """SELECT ?label ?modality ?source WHERE {{
  {record} comity:modality ?modality ; comity:source ?source .
  OPTIONAL {{ {record} rdfs:label ?label FILTER(LANG(?label) IN ("en", "")) }} }} LIMIT 1"""
_QUOTATIONS: Final = """SELECT ?quotation ?words ?passage ?sentence ?start ?end WHERE {{
  {record} comity:evidence ?quotation . ?quotation comity:words ?words .
  OPTIONAL {{ ?quotation comity:passage ?passage .
    OPTIONAL {{ ?passage comity:sentenceNumber ?sentence }} }}
  OPTIONAL {{ ?quotation comity:startOffset ?start ; comity:endOffset ?end }} }} ORDER BY ?quotation"""
_CONTEXT: Final = """SELECT ?passage ?sentence WHERE {{
  {record} comity:contextPassage ?passage .
  OPTIONAL {{ ?passage comity:sentenceNumber ?sentence }} }} ORDER BY ?passage"""
_VERDICTS: Final = (
    "SELECT ?verdict WHERE {{ {record} comity:foundToBe ?verdict }} ORDER BY ?verdict"
)
_CITATIONS: Final = """SELECT ?source ?page WHERE {{
  {record} comity:citation ?source . OPTIONAL {{ ?source foaf:page ?page }} }} ORDER BY ?source ?page"""

Row = dict[str, Term]


@dataclass(frozen=True, slots=True)
class QuotedWords:
    """A quotation; sentence and offsets (code points, end exclusive) are None if unknown."""

    iri: str
    words: str
    passage: str | None = None
    sentence: int | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Citation:
    """A cited source, with its address if known."""

    iri: str
    page: str | None = None


@dataclass(frozen=True, slots=True)
class ContextPassage:
    """A passage that quoted words point to, such as for "they"; the sentence is None if unknown."""

    iri: str
    sentence: int | None = None


@dataclass(frozen=True, slots=True)
class Evidence:
    """A record with its evidence; the modality is given by its local name."""

    record: str
    label: str
    modality: str
    source: str
    quotations: tuple[QuotedWords, ...]
    citations: tuple[Citation, ...]
    context: tuple[ContextPassage, ...] = ()
    verdicts: tuple[str, ...] = ()
    """Local names of what notes that count against the record find it to be."""


def evidence(engine: Readable, record: ox.NamedNode) -> Evidence | None:
    """Return the evidence of a record, None for a node that is not a record."""
    found = next(iter(_rows(engine, _RECORD, record)), None)
    if found is None:
        return None
    return Evidence(
        record.value,
        _text(found, "label") or "",
        (_text(found, "modality") or "").rpartition("#")[2],
        _text(found, "source") or "",
        tuple(map(_quotation, _rows(engine, _QUOTATIONS, record))),
        tuple(
            Citation(_text(row, "source") or "", _text(row, "page"))
            for row in _rows(engine, _CITATIONS, record)
        ),
        tuple(
            ContextPassage(_text(row, "passage") or "", _number(row, "sentence"))
            for row in _rows(engine, _CONTEXT, record)
        ),
        tuple(local_name(_text(row, "verdict") or "") for row in _rows(engine, _VERDICTS, record)),
    )


def evidence_of(described: Description, record: ox.NamedNode) -> Evidence:
    """Return the evidence of a record in a description."""
    said = described.values

    def first(node: ox.NamedNode, name: str) -> str | None:
        return next((v.value for v in said(node, name) if not isinstance(v, ox.Triple)), None)

    def quotation(node: ox.NamedNode) -> QuotedWords:
        passage = next(iter(described.nodes(node, "passage")), None)
        return QuotedWords(
            node.value,
            first(node, "words") or "",
            passage and passage.value,
            _integer(first(passage, "sentenceNumber")) if passage else None,
            _integer(first(node, "startOffset")),
            _integer(first(node, "endOffset")),
        )

    return Evidence(
        record.value,
        described.label(record) or "",
        (first(record, "modality") or "").rpartition("#")[2],
        first(record, "source") or "",
        tuple(map(quotation, described.nodes(record, "evidence"))),
        tuple(
            Citation(node.value, first(node, PREFIXES["foaf"] + "page"))
            for node in described.nodes(record, "citation")
        ),
        tuple(
            ContextPassage(node.value, _integer(first(node, "sentenceNumber")))
            for node in described.nodes(record, "contextPassage")
        ),
        tuple(sorted(local_name(node.value) for node in described.nodes(record, "foundToBe"))),
    )


def is_record(engine: Readable, node: object) -> bool:
    """True if a node is a record, that is, has a modality."""
    if not isinstance(node, ox.NamedNode):
        return False
    return next(engine.quads_for_pattern(node, MODALITY, None, None), None) is not None


def _quotation(row: Row) -> QuotedWords:
    return QuotedWords(
        _text(row, "quotation") or "",
        _text(row, "words") or "",
        _text(row, "passage"),
        _number(row, "sentence"),
        _number(row, "start"),
        _number(row, "end"),
    )


def _rows(engine: Readable, text: str, record: ox.NamedNode) -> list[Row]:
    return select(engine, _PREFIXES + text.format(record=record))


def _text(row: Row, name: str) -> str | None:
    return row[name].value if name in row else None


def _number(row: Row, name: str) -> int | None:
    return _integer(_text(row, name))


def _integer(value: str | None) -> int | None:
    return int(value) if value and value.isdecimal() else None
