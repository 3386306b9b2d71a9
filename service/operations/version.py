"""Versions of the software and of the data."""

from importlib.metadata import version

from fastapi import Request, Response
from starlette.responses import JSONResponse

from comity.graph.store.own_queries import ask, query_text, rows
from comity.service.http.context import context


async def versions(request: Request) -> Response:
    """Return the versions of the software and of the data."""
    here = context(request)
    release = await rows(here.store, query_text("home/release"), here.settings.timeout)
    current = await ask(here.store, query_text("home/derived"), here.settings.timeout)
    found = {
        "comity": version("comity"),
        "data": here.store.version,
        "release": release[0]["hash"] if release else None,
        "derived": ("current" if current else "lagging") if release else None,
        "pyoxigraph": version("pyoxigraph"),
    }
    return JSONResponse(found, headers={"Cache-Control": "no-store"})
