"""Bundled sources: their descriptions, their quotations, and the texts that a user attaches.

The project stores quotations, never a text. A user who has a text attaches it: it is identified by
its SHA-256, and every quotation and mention is then compared with it, character by character.
"""

import hashlib
import os
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import platformdirs
import pyoxigraph as ox

from comity.graph.errors import ComityError, SourceError
from comity.graph.rdf.namespaces import COMITY, PREFIXES, SOURCE

FOLDER = Path(__file__).resolve().parents[2] / "sources"
QUOTATIONS = "quotations.trig"
# q24.3 and f24.3 belong to s24, and so does m24-turkey: the fragment gives the passage.
Term = ox.NamedNode | ox.BlankNode | ox.Literal | ox.Triple
_FRAGMENT = re.compile(r"[a-z]+(\d+)")


@dataclass(frozen=True, slots=True)
class TextSpan:
    """A run of words in a text: code points from `start` to `end`, exclusive."""

    name: str
    words: str
    passage: str
    start: int
    end: int

    @property
    def is_mention(self) -> bool:
        """True for a name (m…), False for the quotation of a record (q…)."""
        return self.name.startswith("m")


@dataclass(frozen=True, slots=True)
class BundledSource:
    """A bundled source without its text.

    `passages` maps a fragment such as s24 to its offsets; `words` maps a fragment such as q24.3 or
    m24-turkey to its words.
    """

    name: str
    label: str
    sha256: str
    characters: int
    word_count: int
    published: str
    passages: dict[str, tuple[int, int]]
    words: dict[str, str]

    @property
    def iri(self) -> str:
        return SOURCE + self.name


@dataclass(frozen=True, slots=True)
class AttachReport:
    """Result of `attach`: the text's copy, and the numbers of matching quotations and mentions."""

    source: BundledSource
    text: Path
    quotations: int
    mentions: int


def names(folder: Path = FOLDER) -> list[str]:
    """Return the names of the sources with quotations in a folder, sorted."""
    return sorted(path.parent.name for path in folder.glob("*/source.trig"))


def load_source(name: str, folder: Path = FOLDER) -> BundledSource:
    """Load one source; raises SourceError for an unknown name."""
    known = names(folder)
    if name not in known:
        raise SourceError(f"unknown source {name!r}", hint=f"The sources are {', '.join(known)}")
    quads = [q for file in sorted((folder / name).glob("*.trig")) for q in ox.parse(path=str(file))]
    iri = SOURCE + name
    about = {q.predicate.value: _text(q.object) for q in quads if _text(q.subject) == iri}
    return BundledSource(
        name=name,
        label=about[PREFIXES["rdfs"] + "label"],
        sha256=about[COMITY + "sha256"],
        characters=int(about[COMITY + "characters"]),
        word_count=int(about[COMITY + "wordCount"]),
        published=about[COMITY + "published"][:10],
        passages=_passages(quads),
        words={
            _fragment(q): _text(q.object) for q in quads if q.predicate.value == COMITY + "words"
        },
    )


def spans(source: BundledSource, text: str) -> Iterator[TextSpan]:
    """Find the words of every quotation and mention in the passage given by its name.

    Raises SourceError, which names the quotation, if its words are not in the passage or, for a
    quotation, occur twice. A mention is the first matching whole word.
    """
    for name, words in sorted(source.words.items()):
        yield _span(source, text, name, words)


def read_text(source: BundledSource, file: Path) -> str:
    """Read a text and check that it is the source's; raises SourceError if it is not."""
    try:
        raw = file.read_bytes()
    except OSError as error:
        raise SourceError(f"{file}: {error.strerror or error}") from error
    digest = hashlib.sha256(raw).hexdigest()
    if digest != source.sha256:
        raise SourceError(
            f"{file} is not the text of {source.name}: its SHA-256 is {digest}, not "
            f"{source.sha256}",
            hint="The file must be the original, byte by byte, including encoding and line ends",
        )
    return raw.decode("utf-8")


def attach(name: str, file: Path, *, texts: Path | None = None) -> AttachReport:
    """Check a text against the source's hash and quotations, then keep a copy for this user.

    `texts` is the folder for the copy, by default one in the user's data directory. Raises
    SourceError.
    """
    source = load_source(name)
    text = read_text(source, file)
    found = list(spans(source, text))
    copy = text_path(name, texts)
    copy.parent.mkdir(parents=True, exist_ok=True)
    temporary = copy.with_suffix(".part")
    temporary.write_bytes(text.encode("utf-8"))
    os.replace(temporary, copy)
    mentions = sum(span.is_mention for span in found)
    return AttachReport(source, copy, len(found) - mentions, mentions)


def text_path(name: str, texts: Path | None = None) -> Path:
    """Return the path of the attached text of a source, whether or not it exists."""
    return (
        texts or Path(platformdirs.user_data_dir("comity", appauthor=False)) / "texts"
    ) / f"{name}.txt"


def attached_text(name: str) -> str:
    """Return the attached text of a source; "" if there is none, or it is another text."""
    if name not in names():
        return ""
    file = text_path(name)
    try:
        return read_text(load_source(name), file) if file.is_file() else ""
    except ComityError:
        return ""


def quote(name: str, file: Path, folder: Path = FOLDER) -> Path:
    """Regenerate the source's quotations.trig from its authored words and its text.

    For editors of a source in a checkout: passages, offsets and selectors are computed, so that no
    characters need counting.
    """
    source = load_source(name, folder)
    text = read_text(source, file)
    target = folder / name / QUOTATIONS
    target.write_text(_quotations(source, spans(source, text)), encoding="utf-8")
    return target


def passage_of(name: str) -> str:
    """Return the passage of a quotation or mention, by its name: q24.3 is in s24."""
    number = _FRAGMENT.match(name)
    return f"s{number[1]}" if number else ""


def _passages(quads: Iterable[ox.Quad]) -> dict[str, tuple[int, int]]:
    bounds: dict[str, dict[str, int]] = {}
    for quad in quads:
        if quad.predicate.value in (COMITY + "startOffset", COMITY + "endOffset"):
            key = quad.predicate.value.removeprefix(COMITY)
            bounds.setdefault(_fragment(quad), {})[key] = int(_text(quad.object))
    return {
        name: (bound["startOffset"], bound["endOffset"])
        for name, bound in bounds.items()
        if name.startswith("s")
    }


def _fragment(quad: ox.Quad) -> str:
    return _text(quad.subject).partition("#")[2]


def _text(term: Term) -> str:
    return str(term) if isinstance(term, ox.Triple) else term.value


def _span(source: BundledSource, text: str, name: str, words: str) -> TextSpan:
    passage = passage_of(name)
    if passage not in source.passages:
        raise SourceError(f"{source.name}#{name}: there is no passage with the number in its name")
    start, end = source.passages[passage]
    pattern = rf"(?<!\w){re.escape(words)}(?!\w)"
    places = [match.start() for match in re.finditer(pattern, text[start:end])]
    if not places:
        raise SourceError(f"{source.name}#{name}: {passage} does not contain {words!r}")
    if len(places) > 1 and not name.startswith("m"):
        raise SourceError(f"{source.name}#{name}: {passage} contains {words!r} {len(places)} times")
    return TextSpan(name, words, passage, start + places[0], start + places[0] + len(words))


def _quotations(source: BundledSource, found: Iterable[TextSpan]) -> str:
    head = f"""\
# Made by `comity source quote {source.name} FILE` from the words in facts.trig and mentions.trig.
# Don't edit: author the words there.
@base <{source.iri}> .
@prefix : <{source.iri}#> .
@prefix comity: <{COMITY}> .
@prefix graph: <{PREFIXES["graph"]}> .
@prefix oa: <{PREFIXES["oa"]}> .
@prefix xsd: <{PREFIXES["xsd"]}> .

graph:{source.name} {{
"""
    return head + "".join(map(_turtle, found)) + "}\n"


def _turtle(span: TextSpan) -> str:
    place = f"comity:startOffset {span.start} ; comity:endOffset {span.end}"
    if span.is_mention:
        return f"  :{span.name} a comity:Mention ; comity:passage :{span.passage} ; {place} .\n"
    return (
        f"  :{span.name} a comity:Quotation ; comity:passage :{span.passage} ; {place} ;\n"
        f"    oa:hasSource <> ; oa:hasSelector :{span.name}-words , :{span.name}-position .\n"
        f"  :{span.name}-words a oa:TextQuoteSelector ; oa:exact {ox.Literal(span.words)} .\n"
        f"  :{span.name}-position a oa:TextPositionSelector ;\n"
        f'    oa:start "{span.start}"^^xsd:nonNegativeInteger ; '
        f'oa:end "{span.end}"^^xsd:nonNegativeInteger .\n'
    )
