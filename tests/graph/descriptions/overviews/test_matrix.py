"""The matrix of actors and issues."""

import pytest

from comity.graph.descriptions.overviews import matrix
from comity.graph.descriptions.overviews.matrix import Matrix, cut, gather
from comity.graph.descriptions.overviews.statements import statements
from comity.graph.rdf.namespaces import COMITY, ID
from comity.graph.store.own_queries import PlainRow

LABELS = {ID + name: name.title() for name in ("avaria", "bactria", "tolls", "fog", "trade")}
PATHS = {ID + "tolls": [ID + "trade"], ID + "fog": []}


def row(record: str, actor: str, issue: str, stance: str, **values: str) -> PlainRow:
    return {
        "record": f"urn:{record}",
        "actor": ID + actor,
        "issue": issue if " " in issue else ID + issue,
        "stance": COMITY + stance if stance else "",
        "modality": f"{COMITY}asserted",
        **values,
    }


ROWS = [
    row("f1", "avaria", "tolls", "opposed"),
    row("f2", "avaria", "tolls", "", statement="tolls matter"),
    row("f3", "bactria", "fog", ""),
    row("f4", "avaria", "the age of steam", "supportive", status="attributed"),
]


@pytest.fixture
def whole() -> Matrix:
    return gather(statements(ROWS, LABELS), LABELS, PATHS, [ID + "carinthia"], [ID + "fog"])


def test_issues_stand_under_what_is_broadest(whole: Matrix) -> None:
    assert [(name, [issue.text for issue in issues]) for name, issues in whole.groups] == [
        ("Fog", ["Fog"]),
        ("Trade", ["Tolls"]),
        ("other matters", ["the age of steam"]),
    ]


def test_who_says_most_comes_first_and_who_says_nothing_last(whole: Matrix) -> None:
    assert [actor.text for actor in whole.actors] == ["Avaria", "Bactria", "id:carinthia"]


def test_a_stance_hides_what_merely_matters(whole: Matrix) -> None:
    cell = whole.cells[ID + "avaria", ID + "tolls"]
    assert [chip.word for chip in cell.chips] == ["opposes"] and cell.count == 2
    assert [chip.word for chip in whole.cells[ID + "bactria", ID + "fog"].chips] == ["matters"]


def test_what_others_say_is_marked_as_no_fact(whole: Matrix) -> None:
    (chip,) = whole.cells[ID + "avaria", "the age of steam"].chips
    assert chip.beside == "asserted by others"


def test_a_cut_matrix_has_no_words_of_what_is_cut(
    whole: Matrix, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert cut(whole) is whole
    monkeypatch.setattr(matrix, "MOST_ACTORS", 1)
    found = cut(whole)
    assert [actor.text for actor in found.actors] == ["Avaria"]
    assert {actor.text for words in found.words for actor in words.actors} == {"Avaria"}
