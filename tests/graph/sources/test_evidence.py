"""What the quoted words point to: a word of their own sentence, or a sentence that the record names."""

import re

import pytest
from needs import need_data
from places import ARTICLE_TEXT

from comity.graph.checks.findings import Material, read_material
from comity.graph.descriptions.sources.texts import load_source
from comity.graph.rdf.namespaces import COMITY, SOURCE

ARTICLE = f"{SOURCE}moscow-tehran-relations"
POINTING = re.compile(
    r"\b(this|these|that purpose|it|its|they|them|their|his|both countries|the two countries"
    r"|the two(?! countries)|two countries|similar|the issue|the matter|the region|the latter"
    r"|the document|proposed document|prior agreements|nuclear deal|other issues|another"
    r"|in its turn|the initiatives|the proposals|however|in addition|western sanctions)\b",
    re.IGNORECASE,
)
# What these point to stands before them in their own sentence.
WITHIN = {
    ("s03", "his"): "Zarif",
    ("s04", "the two"): "Russian-Iranian",
    ("s08", "its"): "cyberspace",
    ("s10", "their"): "Russia and Iran",
    ("s11", "them"): "Moscow and Tehran",
    ("s15", "its"): "Iran",
    ("s15", "the document"): "JCPOA",
    ("s15", "it"): "Iran",
    ("s39", "the latter"): "the JCPOA",
    ("s40", "it"): "the Palestinian issue",
}
# The part of the sentence that carries these records points to nothing.
APART = {"f08.1", "f08.2", "f11.1", "f14.2", "f24.3", "f33.1"}


@pytest.fixture(scope="module")
def material() -> Material:
    material, broken = read_material()
    assert not broken
    return material


def sentences() -> dict[str, str]:
    need_data(ARTICLE_TEXT)
    text = ARTICLE_TEXT.read_bytes().decode("utf-8")
    passages = load_source("moscow-tehran-relations").passages
    return {name: text[start:end] for name, (start, end) in passages.items()}


def without_context(material: Material) -> dict[str, set[str]]:
    """Passage → the records that rest on it and name no other passage."""
    rows = material.rows(
        f"SELECT DISTINCT ?r ?p WHERE {{ ?r <{COMITY}source> <{ARTICLE}> ; "
        f"<{COMITY}evidence>/<{COMITY}passage> ?p "
        f"FILTER NOT EXISTS {{ ?r <{COMITY}contextPassage> ?c }} }}"
    )
    found: dict[str, set[str]] = {}
    for row in rows:
        name = row["r"].value.partition("#")[2]
        found.setdefault(row["p"].value.partition("#")[2], set()).add(name)
    return found


def test_what_points_out_of_its_sentence_has_a_context(material: Material) -> None:
    bare = without_context(material)
    pointing = {
        name
        for passage, text in sentences().items()
        if {word.lower() for word in POINTING.findall(text)}
        - {w for p, w in WITHIN if p == passage}
        for name in bare.get(passage, ())
    }
    assert pointing == APART


@pytest.mark.parametrize(("passage", "word"), WITHIN)
def test_what_points_within_its_sentence_finds_its_word_there(passage: str, word: str) -> None:
    before, pointing, _ = re.split(
        rf"\b({word})\b", sentences()[passage], maxsplit=1, flags=re.IGNORECASE
    )
    assert WITHIN[passage, word] in before
    assert pointing.lower() == word


def test_a_context_is_another_passage_of_the_same_source(material: Material) -> None:
    rows = material.rows(
        f"SELECT ?r WHERE {{ ?r <{COMITY}contextPassage> ?p ; <{COMITY}source> ?s . "
        f"{{ ?r <{COMITY}evidence>/<{COMITY}passage> ?p }} "
        f"UNION {{ ?p <{COMITY}passageOf> ?t FILTER(?t != ?s) }} }}"
    )
    assert rows == []
    assert len(material.rows(f"SELECT ?r WHERE {{ ?r <{COMITY}contextPassage> ?p }}")) > 50
