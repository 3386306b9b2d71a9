"""Errors as RFC 9457 problem documents, or as a page for a browser."""

import json
import logging
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Final

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect
from starlette.routing import Match

from comity.graph import errors
from comity.service.http.html import page
from comity.service.http.media import PROBLEM, prefers_html

log = logging.getLogger("comity")


class Refusal(Exception):
    """A request refused for reasons of HTTP, not of the graph."""

    def __init__(
        self,
        status: int,
        detail: str,
        *,
        hint: str | None = None,
        parameter: str | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.status, self.detail, self.hint = status, detail, hint
        self.parameter, self.headers = parameter, headers


@dataclass(frozen=True, slots=True)
class Problem:
    """An error in the terms of RFC 9457 and a few extensions."""

    status: int
    title: str
    detail: str
    hint: str | None = None
    line: int | None = None
    column: int | None = None
    parameter: str | None = None

    def members(self) -> dict[str, str | int]:
        """Return the members that have a value, in order."""
        names = ("title", "status", "detail", "line", "column", "parameter", "hint")
        found = {name: getattr(self, name) for name in names}
        return {"type": "about:blank"} | {k: v for k, v in found.items() if v is not None}

    def document(self) -> bytes:
        """Return the problem as JSON."""
        return json.dumps(self.members(), ensure_ascii=False).encode()


# The first class that matches an error decides: subclasses stand above their bases.
STATUSES: Final[Mapping[type[errors.ComityError], tuple[int, str]]] = {
    errors.QuerySyntaxError: (400, "Not SPARQL"),
    errors.NotAllowed: (403, "Not allowed"),
    errors.NotAcceptable: (406, "No such format for this result"),
    errors.NoSuchGraph: (404, "No such graph"),
    errors.ParameterError: (422, "Invalid parameter"),
    errors.QueryError: (422, "The request can't be answered"),
    errors.PreconditionFailed: (412, "Precondition failed"),
    errors.TooLarge: (413, "Too large"),
    errors.DataError: (400, "Invalid RDF"),
    errors.QueryTimeout: (504, "Time limit reached"),
    errors.MemoryLimit: (507, "Memory limit reached"),
    errors.Busy: (503, "Too many requests at once"),
    errors.EngineCrashed: (500, "The engine crashed"),
    errors.SourceError: (404, "No such source"),
    errors.MissingProgram: (501, "A program is missing"),
    errors.DiskFull: (507, "The disk is full"),
    errors.RemoteError: (502, "The remote store failed"),
    errors.StoreError: (503, "The store is not available"),
    errors.ComityError: (500, "Internal error"),
}


def problem_of(error: errors.ComityError) -> Problem:
    """Convert an error of the graph to a problem."""
    status, title = next(row for kind, row in STATUSES.items() if isinstance(error, kind))
    place = getattr(error, "place", None)
    return Problem(
        status,
        title,
        str(error),
        hint=error.hint,
        line=place.line if place else None,
        column=place.column if place else None,
        parameter=getattr(error, "parameter", None),
    )


def respond(
    request: Request, problem: Problem, headers: Mapping[str, str] | None = None
) -> Response:
    """Return the problem in the client's format."""
    if prefers_html(request.headers.get("accept")):
        response = page(request, "problem.html", status=problem.status, problem=problem)
    else:
        response = Response(problem.document(), problem.status, media_type=PROBLEM)
    response.headers["Vary"] = "Accept"
    response.headers["Cache-Control"] = "no-store"
    response.headers.update(headers or {})
    return response


def install(app: FastAPI) -> None:
    """Make `app` report every error as a problem, including those of the framework."""
    app.add_exception_handler(errors.ComityError, _on_comity_error)
    app.add_exception_handler(Refusal, _on_refusal)
    app.add_exception_handler(HTTPException, _on_http_exception)
    app.add_exception_handler(RequestValidationError, _on_invalid)
    app.add_exception_handler(ClientDisconnect, _on_gone)
    app.add_exception_handler(Exception, _on_defect)


def _on_comity_error(request: Request, error: Exception) -> Response:
    assert isinstance(error, errors.ComityError)
    headers = {}
    if isinstance(error, errors.Busy | errors.RemoteError):
        headers["Retry-After"] = str(error.retry_after)
    return respond(request, problem_of(error), headers)


def _on_refusal(request: Request, error: Exception) -> Response:
    assert isinstance(error, Refusal)
    title = HTTPStatus(error.status).phrase
    problem = Problem(error.status, title, error.detail, error.hint, parameter=error.parameter)
    return respond(request, problem, error.headers)


def _on_http_exception(request: Request, error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    title, headers = HTTPStatus(error.status_code).phrase, dict(error.headers or {})
    detail, hint = str(error.detail), None
    if error.status_code == HTTPStatus.NOT_FOUND and detail == title:
        detail = f"Nothing found at {request.url.path}"
        hint = "/openapi.json lists every address"
    if error.status_code == HTTPStatus.METHOD_NOT_ALLOWED:
        headers["Allow"] = ", ".join(_allowed(request))
        if request.method == "OPTIONS":  # RFC 9110 §9.3.7
            return Response(status_code=204, headers=headers)
        detail = f"{request.url.path} supports {headers['Allow']}, not {request.method}"
    return respond(request, Problem(error.status_code, title, detail, hint), headers)


def _on_invalid(request: Request, error: Exception) -> Response:
    assert isinstance(error, RequestValidationError)
    first = error.errors()[0]
    parameter = str(first["loc"][-1])
    problem = Problem(422, HTTPStatus(422).phrase, str(first["msg"]), parameter=parameter)
    return respond(request, problem)


def _on_gone(request: Request, error: Exception) -> Response:
    """The client left before its answer: the status is for the log only."""
    return Response(status_code=499)


def _on_defect(request: Request, error: Exception) -> Response:
    """A defect of ours: the client gets a number, the log gets the details."""
    number = secrets.token_hex(4)
    log.error("error %s at %s %s", number, request.method, request.url.path, exc_info=error)
    problem = Problem(
        500,
        "Internal error",
        f"The service failed to answer; its log has the details under number {number}",
    )
    return respond(request, problem)


def _allowed(request: Request) -> list[str]:
    """Return the methods of all routes at this path; the framework gives those of one route."""
    methods = {"OPTIONS"}
    for route in request.app.router.routes:
        if route.matches(request.scope)[0] is not Match.NONE:
            methods.update(getattr(route, "methods", None) or ("GET", "HEAD"))  # static files
    if methods == {
        "OPTIONS"
    }:  # static files too: their route has removed its part of the path by now
        methods.update(("GET", "HEAD"))
    return sorted(methods)
