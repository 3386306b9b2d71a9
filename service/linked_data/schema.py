"""Route `/schema.json`: classes and properties, counted in the background per data version."""

import asyncio
import logging
from dataclasses import dataclass
from functools import partial
from time import monotonic
from typing import Final

from fastapi import FastAPI, Request, Response

from comity.graph.descriptions.dataset import schema
from comity.graph.errors import Busy, ComityError, WriteConflict
from comity.graph.store.interface import Store
from comity.graph.store.solutions import solve
from comity.service.http.context import context
from comity.service.http.keepable import keepable
from comity.service.http.responses import VERSION_HEADER, to_json, unless_gone

QUIET: Final = 2.0  # seconds without a write before counting begins
_LONGEST: Final = 1800  # seconds for one of the counts
_PATIENCE: Final = 2.0  # seconds that a client waits if there is an older answer
_REST: Final = 10  # pause before the next count, in multiples of the last one's duration

log = logging.getLogger("comity")


@dataclass(frozen=True, slots=True)
class CountedSchema:
    """A schema as JSON, with its data version."""

    body: bytes
    version: str


class Schemas:
    """Schema of one store: of its current data, or of the previous data during a count."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._solve = partial(solve, store, timeout=_LONGEST)
        self._counted: CountedSchema | None = None
        self._counting: asyncio.Task[CountedSchema] | None = None
        self._watching: asyncio.Task[None] | None = None
        self._took = 0.0

    def start(self) -> None:
        """Count now if there is no cached schema, and after every write once writes pause.

        Not in a remote store, which others use as well: it is counted on request.
        """
        if isinstance(self._store, schema.Keeper):
            self._watching = asyncio.create_task(self._watch())

    async def current(self, patience: float) -> CountedSchema:
        """Return the schema after at most `patience` seconds, possibly an older one.

        Raises Busy if there is none, and errors of the queries.
        """
        if self._is_current():
            assert self._counted is not None
            return self._counted
        counting = self._begin()
        if self._counted is not None:
            patience = min(patience, _PATIENCE)
        done, _ = await asyncio.wait((counting,), timeout=patience)
        if done and not (self._counted and counting.exception()):
            return counting.result()
        if self._counted is None:
            raise Busy("the data are still being counted", hint="Try again in a while")
        return self._counted

    def _is_current(self) -> bool:
        return self._counted is not None and self._counted.version == self._store.version

    def _begin(self) -> asyncio.Task[CountedSchema]:
        if self._counting is None or self._counting.done():
            self._counting = asyncio.create_task(self._count())
            self._counting.add_done_callback(_noticed)
        return self._counting

    async def _count(self) -> CountedSchema:
        """Load the schema cached beside the data, or count."""
        began, version, path = monotonic(), self._store.version, None
        found = None
        if isinstance(self._store, schema.Keeper):
            path = schema.place(self._store)
            found = await asyncio.to_thread(schema.read, path)
        if found is None:
            found, version = await schema.count(self._solve)
            self._took = monotonic() - began
            if path is not None:
                await asyncio.to_thread(schema.keep, path, found)
        body = await asyncio.to_thread(to_json, {"data": version, **found})
        self._counted = CountedSchema(body, version)
        return self._counted

    async def _watch(self) -> None:
        rested = 0.0
        while True:
            version = self._store.version
            await asyncio.sleep(QUIET)
            if self._is_current() or self._store.version != version or monotonic() < rested:
                continue
            try:
                await asyncio.shield(self._begin())
            except WriteConflict:
                continue
            except ComityError as error:
                log.warning("the schema could not be counted: %s", error)
            rested = monotonic() + _REST * self._took


def install(app: FastAPI, store: Store) -> None:
    """Attach the schema of a store to an application, for its route."""
    app.state.schemas = Schemas(store)


def schemas(app: FastAPI) -> Schemas:
    """Return the schemas attached by `install`."""
    found = app.state.schemas
    assert isinstance(found, Schemas)
    return found


async def schema_json(request: Request) -> Response:
    """Return the schema of the current data or, during a count, of the previous data."""
    timeout = context(request).settings.timeout
    counted = await unless_gone(request, schemas(request.app).current(timeout))
    if counted.version == context(request).store.version:
        keepable(request)
    headers = {VERSION_HEADER: counted.version, "X-Content-Type-Options": "nosniff"}
    return Response(counted.body, media_type="application/json", headers=headers)


def _noticed(counting: asyncio.Task[CountedSchema]) -> None:
    """Consume the error of a count that no request awaits any more."""
    if not counting.cancelled():
        counting.exception()
