"""Links: terms as people read them."""

from comity.graph.descriptions.links import Link, link
from comity.graph.rdf.namespaces import COMITY, ID


def test_an_iri_has_its_label_or_a_short_name() -> None:
    assert link(f"{ID}iran", {f"{ID}iran": "Iran"}) == Link("Iran", f"{ID}iran")
    assert link(f"{COMITY}State", {}) == Link("comity:State", f"{COMITY}State")


def test_a_text_is_no_iri() -> None:
    assert link("relations with the West", {}).iri is None


def test_an_address_is_of_another_site() -> None:
    assert Link("a page", "https://example.org/1").is_address
    assert not Link("Iran", f"{ID}iran").is_address
    assert not Link("a name", "urn:isbn:1").is_address
    assert not Link("a text").is_address
