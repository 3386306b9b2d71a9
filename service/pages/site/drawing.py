"""Drawing on the home page: states on the left, issues on the right, records between them.

Made here as plain SVG in the page, so that it needs no Graphviz, has the page's colours, and
contains links; and twice, for wide and narrow windows, since text must not shrink.
"""

import textwrap
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.graph.store.own_queries import PlainRow
from comity.service.http.paths import path_of

ACTORS: Final = 7
ISSUES: Final = 8
SIGNS: Final = {
    "opposed": "\u2212",
    "conditional": "\u00b1",
    "supportive": "+",
    "interested": "\u25c7",
}
"""The stances to draw, most significant first: of several, the first is shown."""


@dataclass(frozen=True, slots=True)
class Frame:
    """Width of a drawing, and where names end on the left and begin on the right, in pixels."""

    name: str
    width: int
    left: int
    right: int
    letters: int
    row: int


FRAMES: Final = (Frame("broad", 640, 120, 424, 29, 46), Frame("narrow", 350, 96, 205, 20, 46))


@dataclass(frozen=True, slots=True)
class DrawnNode:
    """A state or an issue: its lines of text, position, and link."""

    lines: Sequence[str]
    path: str | None
    y: float


@dataclass(frozen=True, slots=True)
class Tie:
    """A link between a state and an issue; `stance` and `sign` are "" without a position."""

    curve: str
    thickness: float
    stance: str
    sign: str
    x: float
    y: float
    actor: str
    issue: str
    actor_path: str | None
    issue_path: str | None
    records: int
    stances: Sequence[str]

    @property
    def told(self) -> str:
        count = f"{self.records} record{'' if self.records == 1 else 's'}"
        return ", ".join([count, *self.stances])


@dataclass(frozen=True, slots=True)
class Drawing:
    """A whole drawing."""

    frame: Frame
    height: int
    actors: Sequence[DrawnNode]
    issues: Sequence[DrawnNode]
    ties: Sequence[Tie]
    left_out: int
    """Number of issues without room."""


def names_in(found: Sequence[PlainRow]) -> list[str]:
    """Return the IRIs that the drawings need labels for."""
    actors, issues = _chosen(found)
    return [*actors, *issues]


def draw(found: Sequence[PlainRow], labels: Mapping[str, str]) -> list[Drawing]:
    """Return the drawings of the rows of `queries/home/drawing.rq`, none without rows."""
    return [_draw(frame, found, labels) for frame in FRAMES] if found else []


def _chosen(found: Sequence[PlainRow]) -> tuple[list[str], list[str]]:
    actors: Counter[str] = Counter()
    issues: Counter[str] = Counter()
    for row in found:
        actors[row["actor"]] += int(row["records"])
        # An issue with a stance comes before any that is only mentioned.
        issues[row["issue"]] += int(row["records"]) + (1_000_000 if _stances(row) else 0)
    chosen = [iri for iri, _ in actors.most_common(ACTORS)]
    reached = {row["issue"] for row in found if row["actor"] in chosen}
    return chosen, [iri for iri, _ in issues.most_common() if iri in reached][:ISSUES]


def _draw(frame: Frame, found: Sequence[PlainRow], labels: Mapping[str, str]) -> Drawing:
    actors, issues = _chosen(found)
    height = max(len(actors), len(issues)) * frame.row
    lefts = _place(actors, labels, height, frame.letters)
    rights = _place(issues, labels, height, frame.letters)
    drawn = [row for row in found if row["actor"] in lefts and row["issue"] in rights]
    ties = [
        _tie(frame, row, lefts[row["actor"]], rights[row["issue"]], labels)
        for row in sorted(drawn, key=lambda row: bool(_stances(row)))
    ]
    left_out = len({row["issue"] for row in found}) - len(issues)
    return Drawing(frame, height, [*lefts.values()], [*rights.values()], ties, left_out)


def _place(
    iris: Sequence[str], labels: Mapping[str, str], height: int, letters: int
) -> dict[str, DrawnNode]:
    step = height / max(1, len(iris))
    return {
        iri: DrawnNode(
            _lines(labels.get(iri, iri), letters), path_of(iri), round((at + 0.5) * step, 1)
        )
        for at, iri in enumerate(iris)
    }


def _lines(label: str, letters: int) -> list[str]:
    return textwrap.wrap(label, letters, max_lines=2, placeholder=" …") or [label]


def _tie(
    frame: Frame, row: PlainRow, actor: DrawnNode, issue: DrawnNode, labels: Mapping[str, str]
) -> Tie:
    stances = _stances(row)
    stance = next((name for name in SIGNS if name in stances), "")
    begin, end = frame.left + 8, frame.right - 8
    middle = (begin + end) / 2
    return Tie(
        f"M{begin} {actor.y}C{middle} {actor.y} {middle} {issue.y} {end} {issue.y}",
        min(9.0, 1 + int(row["records"]) * 0.6),
        stance,
        SIGNS.get(stance, ""),
        # Beside the issue; the two of a pair are separated.
        round(end - 12, 1),
        round(issue.y + (actor.y - issue.y) * 0.03, 1),
        labels.get(row["actor"], row["actor"]),
        labels.get(row["issue"], row["issue"]),
        actor.path,
        issue.path,
        int(row["records"]),
        stances,
    )


def _stances(row: PlainRow) -> list[str]:
    return sorted(set(row.get("stances", "").split()))
