"""Sentences cut into pieces, so that overlapping runs of words can be marked."""

from comity.graph.descriptions.sources.highlight import MarkedRun, SentencePiece, cut

TEXT = "They met in Sochi."
MET = MarkedRun(105, 117, "met in Sochi", "q1")
SOCHI = MarkedRun(112, 117, "Sochi", "m1")
THEY_MET = MarkedRun(100, 108, "They met", "q2")


def keys(pieces: list[SentencePiece]) -> list[tuple[str, list[str]]]:
    return [(piece.text, [run.key for run in piece.within]) for piece in pieces]


def test_a_run_within_another_is_closed_first() -> None:
    pieces = cut(100, 118, [SOCHI, MET], TEXT)
    assert keys(pieces) == [
        ("They ", []),
        ("met in ", ["q1"]),
        ("Sochi", ["q1", "m1"]),
        (".", []),
    ]
    assert [run.key for run in pieces[2].opens] == ["m1"]
    assert [run.key for run in pieces[2].closes] == ["m1", "q1"]


def test_runs_that_cross_break_off_and_go_on() -> None:
    pieces = cut(100, 118, [THEY_MET, MET], TEXT)
    assert keys(pieces)[:3] == [("They ", ["q2"]), ("met", ["q2", "q1"]), (" in Sochi", ["q1"])]
    assert [run.key for run in pieces[1].closes] == ["q1", "q2"]
    assert [run.key for run in pieces[2].opens] == ["q1"]


def test_without_the_text_a_gap_counts_its_characters() -> None:
    pieces = cut(100, 118, [SOCHI])
    assert [(piece.text, piece.gap) for piece in pieces] == [("", 12), ("Sochi", 0), ("", 1)]


def test_a_run_beyond_the_sentence_is_left_out() -> None:
    assert keys(cut(100, 110, [MET], TEXT[:10])) == [("They met i", [])]
