"""Sections on a thing, by its class."""

from comity.graph.descriptions.things.sections import SECTIONS, SectionRows, sections_of
from comity.graph.installed import query_file


def test_each_section_has_its_query() -> None:
    for section in SECTIONS:
        assert "SELECT" in query_file(f"thing/{section.name}")


def test_a_thing_has_each_section_once_and_those_of_its_class() -> None:
    found = {section.name: section for section in sections_of(["State"])}
    assert found["events"].about.startswith("Of the state itself")
    assert "offices" not in found
    assert "accounts" in {section.name for section in sections_of(["Meeting"])}


def test_a_class_has_the_sections_of_those_above_it() -> None:
    names = [section.name for section in sections_of(["MemberState", "Person"])]
    assert "offices" in names and len(names) == len(set(names))


def test_a_record_of_several_rows_is_listed_once() -> None:
    rows = [{"record": "urn:b"}, {"record": "urn:a"}, {"record": "urn:b"}]
    assert SectionRows(SECTIONS[0], rows, 3).records == ["urn:b", "urn:a"]
