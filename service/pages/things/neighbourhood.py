"""Drawing of a thing's neighbourhood: the thing in the middle, a column on each side."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from comity.graph.descriptions.links import Link
from comity.graph.descriptions.things.gathering import NEIGHBOURS
from comity.graph.descriptions.things.view import RelatedThing
from comity.graph.networks.palette import narrowest_style

WIDTH: Final = 800
_ROW: Final = 28
_TOP: Final = 20
_INNER: Final = 275  # from the left: end of the texts of the left column
_LONGEST: Final = 30


@dataclass(frozen=True, slots=True)
class Neighbour:
    """One neighbour with its position in the drawing and the line to it."""

    link: Link
    text: str
    group: str
    fill: str
    records: int
    facts: int
    x: float
    y: float
    left: bool
    path: str
    stroke: float


@dataclass(frozen=True, slots=True)
class NeighbourhoodDrawing:
    """A drawing with its height, and the number of neighbours left out."""

    neighbours: Sequence[Neighbour]
    left_out: int
    height: int
    width: int = WIDTH

    @property
    def legend(self) -> Mapping[str, str]:
        """The groups drawn, with their colours."""
        return {each.group: each.fill for each in self.neighbours}


def neighbourhood(neighbours: Sequence[RelatedThing], total: int) -> NeighbourhoodDrawing:
    """Place the neighbours, those with most records at the top, alternating left and right."""
    drawn = neighbours[:NEIGHBOURS]
    lines = math.ceil(len(drawn) / 2)
    height = _TOP * 2 + max(lines, 2) * _ROW
    placed = [_place(each, at, height, lines) for at, each in enumerate(drawn)]
    return NeighbourhoodDrawing(placed, total - len(drawn), height)


def _place(each: RelatedThing, at: int, height: int, lines: int) -> Neighbour:
    left = at % 2 == 0
    # A shorter right column is centred like the left one.
    y = height / 2 + (at // 2 - (lines - 1) / 2) * _ROW
    x = _INNER if left else WIDTH - _INNER
    middle = WIDTH / 2
    bend = (x + middle) / 2
    style, text = narrowest_style(each.classes), each.link.text
    return Neighbour(
        each.link,
        text=text if len(text) <= _LONGEST else text[: _LONGEST - 1] + "…",
        group=style.group,
        fill=style.fill,
        records=each.records,
        facts=each.facts,
        x=x,
        y=y,
        left=left,
        path=f"M{middle:g} {height / 2:g}C{bend:g} {height / 2:g} {bend:g} {y:g} {x:g} {y:g}",
        stroke=round(1 + math.log2(each.records + 1), 1) if each.records else 1,
    )
