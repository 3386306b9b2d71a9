"""The mentions of the article against its words: names, adjectives, and names within names."""

import re

import pytest
from needs import need_data
from places import ARTICLE_TEXT

from comity.graph.checks.findings import Material, read_material
from comity.graph.checks.mentions import unmarked_names
from comity.graph.descriptions.sources.texts import load_source
from comity.graph.rdf.namespaces import COMITY
from comity.graph.rdf.terms import shorten

SOURCE = "moscow-tehran-relations"
# The graph has no adjectives of places: these are the ones that the article could use. "Syrian" and
# "Palestinian" are left out: it speaks of the issues and never of the states.
ADJECTIVES = {
    "Russian": "id:russia",
    "Iranian": "id:iran",
    "American": "id:united-states",
    "Azerbaijani": "id:azerbaijan",
    "Armenian": "id:armenia",
    "Turkish": "id:turkey",
    "German": "id:germany",
    "Western": "id:western-states",
    "Caucasian": "id:caucasus",
}
WITHIN = {
    "m03-iran": "m03-foreign-minister-of-iran",
    "m13-united-nations": "m13-un-security-council",
    "m13-un-security-council": "m13-un-security-council-resolution-2231",
    "m20-nagorno-karabakh": "m20-nagorno-karabakh-conflict",
    "m35-un-security-council": "m35-un-security-council-permanent-members",
    "m37-persian-gulf": "m37-persian-gulf-coastal-states",
}


@pytest.fixture(scope="module")
def material() -> Material:
    material, broken = read_material()
    assert not broken
    return material


@pytest.fixture(scope="module")
def spans(material: Material) -> dict[str, tuple[str, int, int]]:
    """Fragment of each mention → the thing, and where it stands."""
    rows = material.rows(
        f"SELECT ?m ?t ?a ?b WHERE {{ ?m <{COMITY}refersTo> ?t ; <{COMITY}startOffset> ?a ; "
        f"<{COMITY}endOffset> ?b }}"
    )
    return {
        row["m"].value.partition("#")[2]: (
            shorten(row["t"]),
            int(row["a"].value),
            int(row["b"].value),
        )
        for row in rows
    }


def test_every_name_in_a_quotation_is_marked(material: Material) -> None:
    assert list(unmarked_names(material, load_source(SOURCE))) == []


def test_every_name_in_the_text_is_marked(material: Material) -> None:
    need_data(ARTICLE_TEXT)
    material.texts = ARTICLE_TEXT.parent
    try:
        found = list(unmarked_names(material, load_source(SOURCE)))
    finally:
        material.texts = None
    assert found == []


@pytest.mark.parametrize("word", ADJECTIVES)
def test_every_adjective_is_marked(word: str, spans: dict[str, tuple[str, int, int]]) -> None:
    need_data(ARTICLE_TEXT)
    text = ARTICLE_TEXT.read_bytes().decode("utf-8")
    places = {match.span() for match in re.finditer(rf"\b{word}\b", text)}
    assert places == {(a, b) for _, a, b in spans.values() if text[a:b] == word}
    assert {t for t, a, b in spans.values() if (a, b) in places} <= {ADJECTIVES[word]}


@pytest.mark.parametrize(("name", "longer"), WITHIN.items())
def test_a_name_within_a_longer_one_is_marked(
    name: str, longer: str, spans: dict[str, tuple[str, int, int]]
) -> None:
    _, start, end = spans[name]
    _, first, last = spans[longer]
    assert first <= start < end <= last
    assert (start, end) != (first, last)
