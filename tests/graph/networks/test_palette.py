"""The look of nodes and edges."""

from comity.graph.networks.palette import OTHER, narrowest_style


def test_the_narrowest_class_decides() -> None:
    assert narrowest_style(["Agent", "State"]).group == "state"
    assert narrowest_style(["Document", "Agreement"]).group == "agreement"


def test_a_class_has_the_look_of_those_above_it() -> None:
    assert narrowest_style(["Meeting"]).group == "event"


def test_an_unknown_class_has_none_of_its_own() -> None:
    assert narrowest_style(["Unknown"]) == OTHER
    assert narrowest_style([]) == OTHER
