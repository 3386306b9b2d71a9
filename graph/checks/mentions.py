"""Names of things in a source that no mention marks."""

import re
from collections.abc import Iterator
from pathlib import Path

from comity.graph.checks.findings import Finding, Material
from comity.graph.descriptions.sources.texts import BundledSource, read_text, text_path
from comity.graph.errors import SourceError
from comity.graph.rdf.namespaces import COMITY, PREFIXES

Span = tuple[int, int]

# An issue has a label in our words, which is no name. A thing is also called what the source calls it
# elsewhere: an adjective, a capital.
_NAMES = f"""PREFIX comity: <{COMITY}> PREFIX skos: <{PREFIXES["skos"]}>
SELECT DISTINCT ?thing ?name WHERE {{
  {{ ?thing <{PREFIXES["rdfs"]}label>|skos:altLabel ?name .
    FILTER(LANG(?name) = "en" && STRSTARTS(STR(?thing), "{PREFIXES["id"]}"))
    FILTER NOT EXISTS {{ ?thing a comity:Issue }} }}
  UNION
  {{ ?mention comity:refersTo ?thing ; comity:words ?name ; comity:passage/comity:passageOf <%s> }}
}}"""
_MENTIONS = f"""PREFIX comity: <{COMITY}>
SELECT ?thing ?start ?end WHERE {{
  ?mention comity:refersTo ?thing ; comity:startOffset ?start ; comity:endOffset ?end ;
    comity:passage/comity:passageOf <%s> }}"""
_QUOTED = f"""PREFIX comity: <{COMITY}>
SELECT ?words ?start WHERE {{
  ?quotation a comity:Quotation ; comity:words ?words ; comity:startOffset ?start ;
    comity:passage/comity:passageOf <%s> }}"""


def unmarked_names(material: Material, source: BundledSource) -> Iterator[Finding]:
    """Report each name in the attached text, else in the quotations, that no mention marks.

    A source without any mention is left out. A span that stands for another thing of the same
    words is marked by a mention of that thing.
    """
    marked: dict[Span, set[str]] = {}
    for row in material.rows(_MENTIONS % source.iri):
        span = int(row["start"].value), int(row["end"].value)
        marked.setdefault(span, set()).add(row["thing"].value)
    if not marked:
        return
    names: dict[str, set[str]] = {}
    for row in material.rows(_NAMES % source.iri):
        names.setdefault(row["name"].value, set()).add(row["thing"].value)
    found = {
        (start + match.start(), start + match.end(), match[0], name)
        for words, start in _texts(material, source)
        for name in names
        for match in matches(name, words)
    }
    for start, end, words, name in sorted(found):
        if not _is_marked((start, end), names[name], marked):
            passage = _passage(source, start)
            yield Finding(
                "coverage",
                "name-without-mention",
                f"[{start},{end}) {words!r} names a thing: add a mention of it, also where the "
                "name is part of a longer one",
                record=f"source:{source.name}#{passage}",
                passage=f"source:{source.name}#{passage}",
            )


def _texts(material: Material, source: BundledSource) -> Iterator[tuple[str, int]]:
    """Runs of words with their offsets: the whole text, or the quotations if it is not there."""
    text = _attached(source, text_path(source.name, material.texts))
    if text:
        yield text, 0
        return
    for row in material.rows(_QUOTED % source.iri):
        yield row["words"].value, int(row["start"].value)


def _attached(source: BundledSource, file: Path) -> str:
    try:
        return read_text(source, file) if file.is_file() else ""
    except SourceError:  # reported by the check of quotations
        return ""


def matches(name: str, text: str) -> Iterator[re.Match[str]]:
    """Find a name in a text as whole words, in its case or with capitals of the text's own."""
    # "Prime minister" is also "Prime Minister", but "HOPE" is no hope.
    for match in re.finditer(rf"(?<!\w){re.escape(name)}(?!\w)", text, re.IGNORECASE):
        if match[0] == name or (not name.isupper() and match[0] != match[0].lower()):
            yield match


def _is_marked(span: Span, things: set[str], marked: dict[Span, set[str]]) -> bool:
    # A short name in brackets belongs to the long one before it: "Plan of Action (JCPOA)".
    return span in marked or any(
        meant & things and ((start <= span[0] and span[1] <= end) or end + len(" (") == span[0])
        for (start, end), meant in marked.items()
    )


def _passage(source: BundledSource, offset: int) -> str:
    bounds = source.passages.items()
    return next((name for name, (start, end) in bounds if start <= offset < end), "")
