"""The article's graph against what was coded by hand: facts, modalities, attribution, silence."""

import re
from collections import Counter

import pytest
from needs import need_data
from places import ARTICLE_TEXT, OUTSIDE

from comity.graph.checks.findings import Material, read_material
from comity.graph.descriptions.sources.texts import load_source, spans
from comity.graph.rdf.namespaces import COMITY, SOURCE
from comity.graph.rdf.terms import shorten

ARTICLE = f"<{SOURCE}moscow-tehran-relations>"
FACTS = OUTSIDE / "FACTS.md"

PREFIX = f"PREFIX comity: <{COMITY}> PREFIX id: <https://w3id.org/comity/id/> "

# As counted over the article. What is not the point of a sentence but taken for granted in it is
# presupposed, so that every sentence has what it rests on.
MODALITIES = {
    "asserted": 35,
    "presupposed": 32,
    "evaluated": 14,
    "claimed": 4,
    "believed": 3,
    "predicted": 3,
    "proposed": 3,
    "committed": 2,
    "planned": 2,
    "hoped": 1,
}
# What the table of facts has not: presuppositions, links between facts, and what is proposed.
FURTHER = {
    *("f04.3", "f07.2", "f08.4", "f08.5", "f11.3", "f14.4", "f14.5", "f14.6", "f15.4", "f15.5"),
    *(
        "f15.6",
        "f17.2",
        "f19.4",
        "f20.4",
        "f20.5",
        "f20.6",
        "f21.2",
        "f27.3",
        "f29.2",
        "f30.2",
        "f32.2",
    ),
    *("f34.3", "f35.3", "f38.3", "f39.3"),
}


@pytest.fixture(scope="module")
def material() -> Material:
    material, broken = read_material()
    assert not broken
    return material


def records(material: Material) -> dict[str, str]:
    """Fragment of each record of the article → its modality."""
    rows = material.rows(
        PREFIX + f"SELECT ?r ?m WHERE {{ ?r comity:source {ARTICLE} ; comity:modality ?m }}"
    )
    return {
        row["r"].value.partition("#")[2]: shorten(row["m"]).removeprefix("comity:") for row in rows
    }


def test_seventy_three_facts_and_twenty_six_further_records(material: Material) -> None:
    found = records(material)
    assert len(found) == 73 + len(FURTHER) + 1
    assert "f35.1-proposed" in found
    assert Counter(found.values()) == MODALITIES


def test_the_facts_are_those_of_the_table(material: Material) -> None:
    need_data(FACTS)
    table = FACTS.read_text(encoding="utf-8")
    ids = set(re.findall(r"^\| (f\d\d\.\d) ", table, re.MULTILINE))
    assert {name for name in records(material) if "-" not in name} == ids | FURTHER
    assert not ids & FURTHER
    passages = re.findall(r"^## s(\d+) \[(\d+),(\d+)\)", table, re.MULTILINE)
    assert load_source("moscow-tehran-relations").passages == {
        f"s{number}": (int(start), int(end)) for number, start, end in passages
    }


def test_every_quotation_stands_where_it_says(material: Material) -> None:
    need_data(ARTICLE_TEXT)
    source = load_source("moscow-tehran-relations")
    text = ARTICLE_TEXT.read_bytes().decode("utf-8")
    assert len(text) == source.characters
    assert len(text.split()) == source.word_count
    rows = material.rows(
        PREFIX + "SELECT ?q ?w ?a ?b WHERE { ?q comity:words ?w ; comity:startOffset ?a ; "
        "comity:endOffset ?b }"
    )
    assert len(rows) == len(list(spans(source, text)))
    for row in rows:
        assert text[int(row["a"].value) : int(row["b"].value)] == row["w"].value


def test_both_selectors_of_a_quotation_say_the_same(material: Material) -> None:
    rows = material.rows(
        PREFIX + "PREFIX oa: <http://www.w3.org/ns/oa#> SELECT ?q ?w ?e ?a ?s WHERE { "
        "?q a comity:Quotation ; comity:words ?w ; comity:startOffset ?a ; "
        "oa:hasSelector ?t , ?p . ?t oa:exact ?e . ?p oa:start ?s }"
    )
    assert len(rows) == 102
    for row in rows:
        assert row["w"].value == row["e"].value
        assert int(row["a"].value) == int(row["s"].value)


def test_what_the_author_says_others_hold_is_held_by_them(material: Material) -> None:
    rows = material.rows(
        PREFIX + f"SELECT ?r ?h WHERE {{ ?r comity:source {ARTICLE} ; comity:holder ?h }}"
    )
    holders: dict[str, set[str]] = {}
    for row in rows:
        holders.setdefault(row["r"].value.partition("#")[2], set()).add(shorten(row["h"]))
    both = {"id:russia", "id:iran"}
    joint = [
        *("f13.2", "f13.3", "f13.4", "f14.1", "f14.3", "f22.1", "f23.1", "f38.1"),
        *("f39.1", "f39.2", "f40.1"),
    ]
    of_others = {
        **{name: both for name in joint},
        **{name: {"id:iran"} for name in ("f15.3", "f15.6", "f37.1")},
        **{name: {"id:russia"} for name in ("f29.2", "f34.1", "f34.2")},
        "f16.1": {"source:moscow-tehran-relations#many-experts"},
        "f35.1-proposed": {"id:vladimir-putin"},
    }
    author = {"source:moscow-tehran-relations#author"}
    assert holders == dict.fromkeys(holders, author) | of_others


def test_every_record_is_reported_by_the_author(material: Material) -> None:
    rows = material.rows(
        PREFIX + f"SELECT DISTINCT ?w WHERE {{ ?r comity:source {ARTICLE} ; comity:reportedBy ?w }}"
    )
    assert [shorten(row["w"]) for row in rows] == ["source:moscow-tehran-relations#author"]


def test_the_article_says_nothing_that_it_does_not(material: Material) -> None:
    """Signatories, the place of the January meeting, and who introduced the concept."""
    for pattern in (
        "comity:event id:information-security-agreement-signature ; comity:actor|comity:participant",
        "comity:event id:moscow-meeting-2021-01-11 ; comity:place",
        "comity:proposal id:russian-gulf-security-concept-2019 ; comity:proponent",
        "comity:proposal id:hormuz-peace-initiative ; comity:earliest",
    ):
        query = f"SELECT ?x WHERE {{ ?r comity:source {ARTICLE} ; {pattern} ?x }}"
        assert material.rows(PREFIX + query) == [], pattern


def test_the_scheduled_meeting_is_no_meeting_of_the_article(material: Material) -> None:
    query = (
        f"SELECT ?e WHERE {{ ?r comity:source {ARTICLE} ; comity:event ?e . ?e a comity:Meeting }}"
    )
    found = {shorten(row["e"]) for row in material.rows(PREFIX + query)}
    assert found == {
        "id:moscow-meeting-2021-01-11",
        "id:un-security-council-gulf-debate-2020-10",
    }


def test_no_reference_fact_is_shown_as_the_articles(material: Material) -> None:
    query = "SELECT DISTINCT ?g WHERE { GRAPH ?g { ?r comity:source " + ARTICLE + " } }"
    assert [shorten(row["g"]) for row in material.rows(PREFIX + query)] == [
        "graph:moscow-tehran-relations"
    ]


def test_every_correction_cites(material: Material) -> None:
    rows = material.rows(
        PREFIX + "SELECT ?n (COUNT(?c) AS ?cited) WHERE { ?n a comity:Correction "
        "OPTIONAL { ?n comity:citation ?c } } GROUP BY ?n"
    )
    assert len(rows) == 9
    assert all(int(row["cited"].value) >= 1 for row in rows)


def test_a_correction_points_at_records_of_the_sources_that_it_cites(material: Material) -> None:
    rows = material.rows(
        PREFIX + "SELECT ?n ?s WHERE { ?n comity:correctedRecord/comity:source ?s "
        "MINUS { ?n comity:citation ?s } }"
    )
    assert rows == []


def test_a_record_is_of_when_it_is_held_and_never_of_the_future(material: Material) -> None:
    rows = material.rows(
        PREFIX + f"SELECT ?r WHERE {{ ?r comity:source {ARTICLE} ; "
        "comity:precision comity:afterPublication }"
    )
    assert rows == []


def test_low_confidence_is_explained_by_a_note(material: Material) -> None:
    rows = material.rows(
        PREFIX + f"SELECT ?r ?n WHERE {{ ?r comity:source {ARTICLE} ; "
        "comity:confidence comity:low OPTIONAL { ?n comity:onRecord ?r } }"
    )
    assert {row["r"].value.partition("#")[2] for row in rows} == {
        *("f08.2", "f14.3", "f14.6", "f21.1", "f38.1", "f39.3"),
    }
    assert all("n" in row for row in rows)
