"""Drawing on the home page: states on the left, issues on the right, records between them.

Made here as plain SVG in the page, so that it needs no Graphviz, has the page's colours, and
contains links; and twice, for wide and narrow windows, since text must not shrink.
"""

import textwrap
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from comity.graph.descriptions.links import Link
from comity.graph.descriptions.overviews.summary import IssueTie
from comity.graph.descriptions.records.stances import SIGNS
from comity.service.http.paths import path_of

ACTORS: Final = 7
ISSUES: Final = 8
STANCES: Final = ("opposed", "conditional", "supportive", "interested")
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
class DrawnTie:
    """A link between a state and an issue; `stance` and `sign` are "" without a position."""

    curve: str
    thickness: float
    stance: str
    sign: str
    x: float
    y: float
    actor: Link
    issue: Link
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
    ties: Sequence[DrawnTie]
    left_out: int
    """Number of issues without room."""


def draw(found: Sequence[IssueTie]) -> list[Drawing]:
    """Return the drawings of states and issues, none without ties."""
    return [_draw(frame, found) for frame in FRAMES] if found else []


def _chosen(found: Sequence[IssueTie]) -> tuple[list[Link], list[Link]]:
    actors: Counter[Link] = Counter()
    issues: Counter[Link] = Counter()
    for tie in found:
        actors[tie.actor] += tie.records
        # An issue with a stance comes before any that is only mentioned.
        issues[tie.issue] += tie.records + (1_000_000 if tie.stances else 0)
    chosen = [actor for actor, _ in actors.most_common(ACTORS)]
    reached = {tie.issue for tie in found if tie.actor in chosen}
    return chosen, [issue for issue, _ in issues.most_common() if issue in reached][:ISSUES]


def _draw(frame: Frame, found: Sequence[IssueTie]) -> Drawing:
    actors, issues = _chosen(found)
    height = max(len(actors), len(issues)) * frame.row
    lefts = _place(actors, height, frame.letters)
    rights = _place(issues, height, frame.letters)
    drawn = [tie for tie in found if tie.actor in lefts and tie.issue in rights]
    ties = [
        _tie(frame, tie, lefts[tie.actor].y, rights[tie.issue].y)
        for tie in sorted(drawn, key=lambda tie: bool(tie.stances))
    ]
    left_out = len({tie.issue for tie in found}) - len(issues)
    return Drawing(frame, height, [*lefts.values()], [*rights.values()], ties, left_out)


def _place(links: Sequence[Link], height: int, letters: int) -> dict[Link, DrawnNode]:
    step = height / max(1, len(links))
    return {
        link: DrawnNode(_lines(link.text, letters), path_of(link.iri), round((at + 0.5) * step, 1))
        for at, link in enumerate(links)
    }


def _lines(label: str, letters: int) -> list[str]:
    return textwrap.wrap(label, letters, max_lines=2, placeholder=" …") or [label]


def _tie(frame: Frame, tie: IssueTie, actor: float, issue: float) -> DrawnTie:
    stance = next((name for name in STANCES if name in tie.stances), "")
    begin, end = frame.left + 8, frame.right - 8
    middle = (begin + end) / 2
    return DrawnTie(
        f"M{begin} {actor}C{middle} {actor} {middle} {issue} {end} {issue}",
        min(9.0, 1 + tie.records * 0.6),
        stance,
        SIGNS[stance][0] if stance else "",
        # Beside the issue; the two of a pair are separated.
        round(end - 12, 1),
        round(issue + (actor - issue) * 0.03, 1),
        tie.actor,
        tie.issue,
        tie.records,
        tie.stances,
    )
