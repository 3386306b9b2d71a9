"""Checks 5 and 6: quotations match the source within limits; every sentence has a record, every name a mention."""

import re
from collections.abc import Iterator

from comity.graph.checks.findings import Finding, Material
from comity.graph.checks.mentions import unmarked_names
from comity.graph.descriptions.sources.texts import (
    BundledSource,
    load_source,
    names,
    passage_of,
    read_text,
    spans,
    text_path,
)
from comity.graph.errors import SourceError
from comity.graph.rdf.namespaces import COMITY, SOURCE

MOST_WORDS = 25  # of one quotation
SHORT_SENTENCE = 10  # words; a shorter sentence may be quoted whole


def check_quotations(material: Material) -> Iterator[Finding]:
    """Compare words and offsets with each other and, if it is attached, with the text."""
    for source in _sources(material):
        yield from _lengths(source)
        yield from _offsets(material, source)
        file = text_path(source.name, material.texts)
        if not file.is_file():
            yield Finding(
                "quotations",
                "text",
                f"{source.name}: not compared with the text, which is not attached. If you have "
                f"it, run: comity source attach {source.name} FILE",
                severity="skipped",
            )
            continue
        try:
            list(spans(source, read_text(source, file)))
        except SourceError as error:
            yield Finding("quotations", "text", str(error))


def check_coverage(material: Material) -> Iterator[Finding]:
    """Require a record for every passage, a mention for every name, and half of the words at most."""
    for source in _sources(material):
        yield from unmarked_names(material, source)
        total = len(_quoted_words(material, source))
        if 2 * total > source.word_count:
            yield Finding(
                "coverage",
                "half-of-the-words",
                f"{source.name}: the quotations keep {total} of {source.word_count} words; at most "
                "half are allowed: quote less, or let records share a quotation",
            )
        carrying = {
            row["passage"].value.partition("#")[2]
            for row in material.rows(
                f"SELECT DISTINCT ?passage WHERE {{ ?record <{COMITY}evidence> ?quotation . "
                f"?quotation <{COMITY}passage> ?passage . ?passage <{COMITY}passageOf> "
                f"<{source.iri}> }}"
            )
        }
        for passage in sorted(source.passages.keys() - carrying):
            yield Finding(
                "coverage",
                "passage-without-record",
                "no record quotes this passage: add a record for it",
                passage=f"source:{source.name}#{passage}",
            )


def _quoted_words(material: Material, source: BundledSource) -> list[tuple[int, int]]:
    """The places of the quoted words, one that several quotations share counted once."""
    rows = material.rows(
        f"SELECT ?words ?start WHERE {{ ?quotation a <{COMITY}Quotation> ; <{COMITY}words> ?words ; "
        f"<{COMITY}startOffset> ?start . FILTER(STRSTARTS(STR(?quotation), '{source.iri}#')) }}"
    )
    places = sorted(
        (int(row["start"].value) + word.start(), int(row["start"].value) + word.end())
        for row in rows
        for word in re.finditer(r"\S+", row["words"].value)
    )
    found: list[tuple[int, int]] = []
    for start, end in places:
        # A run may begin or end within a word: after a bracket, or before a full stop.
        if found and start < found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return found


def _sources(material: Material) -> Iterator[BundledSource]:
    for name in names(material.sources):
        yield load_source(name, material.sources)


def _lengths(source: BundledSource) -> Iterator[Finding]:
    for name, words in source.words.items():
        count = len(words.split())
        if count > MOST_WORDS:
            yield Finding(
                "quotations",
                "length",
                f"{count} words are quoted, the limit is {MOST_WORDS}: quote the smallest run "
                "that carries the fact",
                record=f"source:{source.name}#{name}",
            )


def _offsets(material: Material, source: BundledSource) -> Iterator[Finding]:
    rows = material.rows(
        f"SELECT ?span ?words ?start ?end ?from ?to WHERE {{ ?span <{COMITY}words> ?words "
        f"FILTER(STRSTARTS(STR(?span), '{SOURCE}{source.name}#')) "
        f"OPTIONAL {{ ?span <{COMITY}startOffset> ?start ; <{COMITY}endOffset> ?end ; "
        f"<{COMITY}passage> ?p . ?p <{COMITY}startOffset> ?from ; <{COMITY}endOffset> ?to }} }}"
    )
    for row in rows:
        name = row["span"].value.partition("#")[2]
        record, passage = f"source:{source.name}#{name}", f"source:{source.name}#{passage_of(name)}"
        if "start" not in row:
            hint = f"run: comity source quote {source.name} FILE"
            yield Finding("quotations", "no-offsets", f"offsets are missing; {hint}", record)
            continue
        start, end, low, high = (int(row[key].value) for key in ("start", "end", "from", "to"))
        words = row["words"].value
        if end - start != len(words) or not low <= start <= end <= high:
            yield Finding(
                "quotations",
                "offsets",
                f"[{start},{end}) does not hold {words!r} within its passage [{low},{high})",
                record,
                passage,
            )
        elif _is_whole(name, words, high - low):
            message = "the whole sentence is quoted: quote only the words that carry the fact"
            yield Finding("quotations", "whole-sentence", message, record, passage)


def _is_whole(name: str, words: str, length: int) -> bool:
    # Ignoring the full stop; very short sentences may be quoted whole.
    return (
        name.startswith("q") and length - len(words) <= 1 and len(words.split()) >= SHORT_SENTENCE
    )
