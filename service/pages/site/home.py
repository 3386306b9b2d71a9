"""Home page: an overview of the graph, and six questions with their answers."""

import asyncio
from dataclasses import dataclass
from typing import Final

from fastapi import Request, Response

from comity.graph.catalogue.home_questions import HomeAnswer, answer_questions
from comity.graph.descriptions.overviews.summary import ModalityCount, Summary, summarise
from comity.graph.descriptions.records.modalities import OWN_VOICE
from comity.graph.store.interface import Store
from comity.service.http.context import context
from comity.service.http.html import page
from comity.service.http.keepable import keepable
from comity.service.http.responses import VERSION_HEADER, unless_gone
from comity.service.pages.site.drawing import draw
from comity.service.queries.state import CatalogueState, canned, encode

_PATIENCE: Final = 5.0  # seconds for counts, which take longer for millions of records
_KINDS: Final = (
    *(("Position", "positions"), ("State", "states"), ("Organisation", "organisations")),
    *(("Person", "people"), ("Agreement", "agreements"), ("Format", "formats")),
    *(("Event", "events"), ("Proposal", "proposals"), ("Issue", "issues")),
)


@dataclass(frozen=True, slots=True)
class Figure:
    """A number with its name; `path` is a page about it."""

    name: str
    number: int
    path: str | None = None


async def home(request: Request) -> Response:
    """Return the home page, complete without scripts."""
    here = context(request)
    answers, summary = await unless_gone(
        request, _together(canned(request.app), here.store, here.settings.timeout)
    )
    if summary.whole:
        keepable(request)
    things = summary.things
    response = page(
        request,
        "home.html",
        answers=[(answer, _path(answer)) for answer in answers],
        look=summary,
        kinds=[Figure(name, things[kind]) for kind, name in _KINDS if things.get(kind)],
        modalities=[_modality(each) for each in summary.modalities],
        drawings=draw(summary.ties),
    )
    response.headers[VERSION_HEADER] = here.store.version
    return response


async def _together(
    here: CatalogueState, store: Store, timeout: float | None
) -> tuple[list[HomeAnswer], Summary]:
    queries = here.catalogue.queries.values()
    answers, summary = await asyncio.gather(
        answer_questions(queries, store, here.labels, timeout),
        summarise(store, here.labels, _PATIENCE),
    )
    return answers, summary


def _path(answer: HomeAnswer) -> str:
    given = encode(answer.given)
    return f"/queries/{answer.query}" + (f"?{given}" if given else "")


def _modality(of: ModalityCount) -> Figure:
    # The query of what is beyond fact leaves out what sources say in their own voice.
    beyond = f"/queries/beyond-fact?{encode({'modality': of.name})}"
    return Figure(of.label, of.records, None if of.name in OWN_VOICE else beyond)
