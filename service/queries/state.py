"""Catalogue of one service: its queries, the names in its store, and their addresses."""

import logging
from collections.abc import Mapping
from functools import partial
from typing import Any, Final
from urllib.parse import urlencode

from fastapi import FastAPI, Request

from comity.graph.catalogue.execution import CannedAnswer
from comity.graph.catalogue.names import Names
from comity.graph.catalogue.parameter_types import CLASSES, TYPES, plain_iri
from comity.graph.catalogue.queries import (
    CannedQuery,
    Catalogue,
    Parameter,
    load_catalogue,
    load_views,
)
from comity.graph.catalogue.refinement import PARAMETERS
from comity.graph.descriptions.labels import Labels
from comity.graph.errors import QueryFileError
from comity.graph.networks.formats.registry import FORMATS
from comity.graph.search.live_index import Searching
from comity.graph.store.interface import Store
from comity.graph.store.record import release_of
from comity.graph.store.solutions import Solve, solve
from comity.service.http.context import address
from comity.service.http.problems import Refusal
from comity.service.http.protocol import parse_fields
from comity.service.settings import Settings

MOST_VALUES: Final = 200
_LISTED: Final = frozenset((*CLASSES, "thing", "term"))
log = logging.getLogger("comity")


class CatalogueState:
    """The catalogue of one service, and the names in its store."""

    def __init__(self, store: Store, settings: Settings) -> None:
        self.catalogue: Catalogue = load_catalogue(settings.queries)
        self.views: Catalogue = load_views(settings.queries)
        self.solve: Solve = partial(solve, store, timeout=settings.timeout)
        self.names = Names(self.solve, lambda: store.version)
        self.labels = Labels(self.solve, lambda: store.version)
        self.searching = Searching(store)
        self._store = store
        self._release = "", ""
        for error in (*self.catalogue.broken, *self.views.broken):
            log.warning("skipped in the catalogue: %s", error)

    async def release(self) -> str | None:
        """Return the hash of the bundled graphs in the store, None without them."""
        if (version := self._store.version) != self._release[0]:
            self._release = version, await release_of(self.solve) or ""
        return self._release[1] or None


def install(app: FastAPI, store: Store, settings: Settings) -> CatalogueState:
    """Load the catalogue for an application, for its routes."""
    app.state.canned = CatalogueState(store, settings)
    return canned(app)


def canned(app: FastAPI) -> CatalogueState:
    """Return the catalogue attached by `install`."""
    found = app.state.canned
    assert isinstance(found, CatalogueState)
    return found


def page_links(request: Request, answered: CannedAnswer) -> dict[str, str]:
    """Return the addresses of the first, previous and next page, if they exist."""
    return {rel: url_with(request, {"offset": str(at)}) for rel, at in answered.pages.items()}


def url_with(request: Request, changed: Mapping[str, str]) -> str:
    """Return the public address of this request with changed arguments."""
    given = encode({**arguments_of(request), **changed})
    path = address(request) + request.scope["path"].removeprefix(request.scope.get("root_path", ""))
    return f"{path}?{given}" if given else path


def arguments_of(request: Request) -> dict[str, str]:
    """Return the arguments of the address; repeated `sort`, `filter`, `require` become lines."""
    fields = parse_fields(request.scope["query_string"])
    for name, values in fields.items():
        if len(values) > 1 and name not in PARAMETERS:
            raise Refusal(422, f"{name[:60]} is given {len(values)} times", parameter=name[:60])
    return {name: "\n".join(values) for name, values in fields.items()}


def encode(arguments: Mapping[str, str]) -> str:
    """Encode arguments for an address; blank ones are left out."""
    given = (
        (name, each)
        for name, value in arguments.items()
        for each in (value.split("\n") if name in PARAMETERS else [value])
    )
    return urlencode([(name, value) for name, value in given if value])


async def describe(here: CatalogueState, root: str) -> dict[str, Any]:
    """Describe the catalogue for tools: each query, and the values of parameters by type."""
    queries = here.catalogue.queries.values()
    types = dict.fromkeys(p.type for query in queries for p in query.parameters)
    values = {type: await values_of(here, type) for type in types if type in _LISTED}
    return {
        "queries": [_entry(query, f"{root}/queries") for query in queries],
        "values": {type: listed for type, listed in values.items() if listed},
        "broken": [{"file": e.file.name, "error": shown(e)} for e in here.catalogue.broken],
    }


def describe_views(here: CatalogueState, root: str) -> dict[str, Any]:
    """Describe the network views for tools, and the formats of all of them."""
    views = here.views.queries.values()
    formats = {
        suffix: {
            "type": format.media_type,
            "opens in": format.opens_in,
            "flavors": [*format.flavours],
        }
        for suffix, format in FORMATS.items()
    }
    return {
        "views": [_entry(view, f"{root}/network", "gexf") for view in views],
        "formats": formats,
    }


async def values_of(here: CatalogueState, type: str, language: str = "en") -> list[dict[str, str]]:
    """Return the values of a parameter type, by label; none if there are too many."""
    if type == "boolean":
        return [{"value": value, "label": value} for value in ("yes", "no")]
    if type not in _LISTED:
        return []
    things = (await here.names.index(type)).things.values()
    if len(things) > MOST_VALUES:
        return []
    found = ((thing.label(language), plain_iri(thing.iri)) for thing in things)
    return [{"value": value, "label": label} for label, value in sorted(found)]


def shown(error: QueryFileError) -> str:
    """Return the error in a file without the path of its folder."""
    return str(error).replace(str(error.file), error.file.name)


def _entry(query: CannedQuery, folder: str, suffix: str = "json") -> dict[str, Any]:
    return {
        "name": query.name,
        "summary": query.summary,
        "description": query.description,
        "tags": list(query.tags),
        "form": query.form,
        "columns": list(query.columns),
        "parameters": [_parameter(parameter) for parameter in query.parameters],
        "url": f"{folder}/{query.name}",
        "example": example_url(query, folder, suffix),
    }


def _parameter(parameter: Parameter) -> dict[str, Any]:
    return {
        "name": parameter.name,
        "type": parameter.type,
        "need": parameter.need,
        "meaning": parameter.meaning,
        "takes": TYPES[parameter.type],
        "example": parameter.example_text or None,
    }


def example_url(query: CannedQuery, folder: str, suffix: str = "json") -> str:
    """Return the address that runs a query as its text stands."""
    given = urlencode(query.examples)
    return f"{folder}/{query.name}.{suffix}" + (f"?{given}" if given else "")
