"""A made-up text with its coding, as a source of the checks: passages, offsets and hash are computed."""

import hashlib
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import pyoxigraph as ox

from comity.graph.checks.findings import Material
from comity.graph.descriptions.sources.texts import quote
from comity.graph.installed import ontology_folder
from comity.graph.rdf.files import read_quads
from comity.graph.rdf.namespaces import COMITY, GRAPH, SOURCE
from comity.graph.reasoning.materialisation import derive

TEXTS = Path(__file__).resolve().parents[1] / "data" / "texts"
_FOLDERS: list["TemporaryDirectory[str]"] = []
NAMES = sorted(folder.name for folder in TEXTS.iterdir() if folder.is_dir())


def make_source(name: str, folder: Path) -> Path:
    """Make the folder of a source out of `text.txt`, a sentence a line, and its hand-written coding."""
    source = folder / name
    source.mkdir(parents=True)
    for file in TEXTS.joinpath(name).glob("*.trig"):
        shutil.copy(file, source)
    text = TEXTS / name / "text.txt"
    raw = text.read_bytes()
    (source / "passages.trig").write_text(_passages(name, raw), encoding="utf-8")
    quote(name, text, folder)
    return source


@cache
def read_text(name: str) -> Material:
    """The ontology, the made-up states and one text, with what is derived from them."""
    folder = TemporaryDirectory(prefix="comity-text-")  # the checks read it again
    _FOLDERS.append(folder)
    source = make_source(name, Path(folder.name))
    files = [*ontology_folder().glob("*.ttl"), TEXTS / "made-up-states.trig"]
    return Material(
        [(file, list(read_quads(file, _graph(file)))) for file in files]
        + [(file, list(read_quads(file))) for file in sorted(source.glob("*.trig"))],
        sources=Path(folder.name),
    )


@cache
def derived(name: str) -> ox.Store:
    """The same with the derived graph."""
    store = ox.Store()
    store.extend(read_text(name).store)
    derive(store)
    return store


def _graph(file: Path) -> ox.NamedNode | None:
    own = {"shapes": "shapes", "issues": "issues"}.get(file.stem, "ontology")
    return ox.NamedNode(GRAPH + own) if file.suffix == ".ttl" else None


def _passages(name: str, raw: bytes) -> str:
    text, lines = raw.decode(), []
    start = 0
    for number, sentence in enumerate(text.splitlines(), 1):
        end = start + len(sentence)
        lines.append(
            f"  :s{number:02} a comity:Passage ; comity:passageOf <> ; comity:sentenceNumber {number} ;"
            f" comity:startOffset {start} ; comity:endOffset {end} ."
        )
        start = end + 1
    hashed = hashlib.sha256(raw).hexdigest()
    return f"""@base <{SOURCE}{name}> .
@prefix : <{SOURCE}{name}#> .
@prefix comity: <{COMITY}> .
@prefix graph: <{GRAPH}> .
graph:{name} {{
{chr(10).join(lines)}
  <> comity:characters {len(text)} ; comity:wordCount {len(text.split())} ; comity:sha256 "{hashed}" .
}}
"""
