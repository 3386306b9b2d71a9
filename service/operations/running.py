"""Running queries: listed and stopped by holders of the token."""

from fastapi import Request, Response
from starlette.responses import JSONResponse

from comity.graph.engines.workers.answer import RunningQuery
from comity.graph.engines.workers.pool import WorkerPool
from comity.service.http.bearer import authorise
from comity.service.http.context import context
from comity.service.http.problems import Refusal


async def running(request: Request) -> Response:
    """List the running queries, oldest first: id, text, seconds."""
    authorise(request)
    found = [_shown(each) for each in _pool(request).running()]
    return JSONResponse({"queries": found}, headers={"Cache-Control": "no-store"})


async def cancel(request: Request) -> Response:
    """Stop a query; its client gets a 504 that says so."""
    authorise(request)
    id = request.path_params["id"]
    if not _pool(request).cancel(id):
        raise Refusal(404, f"No query {id[:20]} is running", hint="/running lists those that are")
    return Response(status_code=204)


def _pool(request: Request) -> WorkerPool:
    store = context(request).store
    if not isinstance(store, WorkerPool):
        raise Refusal(501, "Queries of this store run in threads, and can't be listed or stopped")
    return store


def _shown(running: RunningQuery) -> dict[str, object]:
    return {"id": running.id, "query": running.text, "seconds": round(running.age, 3)}
