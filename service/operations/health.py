"""Health checks for monitors and load balancers."""

from typing import Final

from fastapi import Request, Response
from starlette.responses import JSONResponse

from comity.graph.errors import Busy, ComityError
from comity.graph.store.own_queries import ask
from comity.service.http.context import context
from comity.service.http.problems import Problem, respond

_WITHIN: Final = 5.0  # seconds for the store to answer
_QUESTION: Final = "ASK { GRAPH ?graph { ?subject ?predicate ?object } }"
_HEADERS: Final = {"Cache-Control": "no-store"}


async def live(request: Request) -> Response:
    """Check that the process answers; if not, restart it."""
    return JSONResponse({"status": "ok"}, headers=_HEADERS)


async def ready(request: Request) -> Response:
    """Check that the store answers; if not, send requests elsewhere for now."""
    here = context(request)
    try:
        await ask(here.store, _QUESTION, min(_WITHIN, here.settings.timeout))
    except ComityError as error:
        problem = Problem(503, "The store does not answer", str(error), error.hint)
        retry_after = error.retry_after if isinstance(error, Busy) else 5
        return respond(request, problem, _HEADERS | {"Retry-After": str(retry_after)})
    return JSONResponse({"status": "ready", "data": here.store.version}, headers=_HEADERS)
