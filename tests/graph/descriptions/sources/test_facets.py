"""Facets of a source."""

from comity.graph.descriptions.sources.facets import choices, code, short, wanted_of
from comity.graph.descriptions.sources.outline import ACTOR, MODALITY, RecordOutline, SourceOutline
from comity.graph.rdf.namespaces import COMITY, ID, SOURCE

NEWS = SOURCE + "news"
OUTLINE = SourceOutline(
    [],
    [
        RecordOutline("f1", "", {MODALITY: {COMITY + "hoped"}, ACTOR: {ID + "iran"}}),
        RecordOutline("f2", "", {MODALITY: {COMITY + "hoped"}, ACTOR: {NEWS + "#experts"}}),
        RecordOutline("f3", "", {MODALITY: {COMITY + "asserted"}, ACTOR: {ID + "iran"}}),
    ],
    version="1",
)


def test_values_are_short_in_an_address() -> None:
    assert [short(iri, NEWS) for iri in (ID + "iran", COMITY + "hoped", NEWS + "#experts")] == [
        "iran",
        "hoped",
        "experts",
    ]
    assert short("urn:x", NEWS) == "urn:x"


def test_a_value_is_found_by_its_short_name_or_its_iri() -> None:
    wanted = wanted_of(OUTLINE, NEWS, {ACTOR: ["experts", ID + "iran"], MODALITY: ["hopd"]})
    assert wanted == {ACTOR: {NEWS + "#experts", ID + "iran"}, MODALITY: {"hopd"}}


def test_a_facet_is_counted_among_what_the_others_leave() -> None:
    wanted = {MODALITY: {COMITY + "asserted"}, ACTOR: {"nobody"}}
    found = choices(OUTLINE, NEWS, ACTOR, wanted, lambda iri: iri)
    assert {each.value: (each.count, each.chosen) for each in found} == {
        "iran": (1, False),
        "experts": (0, False),
        "nobody": (0, True),
    }


def test_a_modality_has_two_letters_of_its_own() -> None:
    assert [code(each) for each in ("planned", "proposed", "hoped")] == ["Pl", "Pp", "Ho"]
