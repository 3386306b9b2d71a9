"""Page of all downloads: the whole graph, each of its graphs, tables, networks."""

import zlib
from dataclasses import dataclass
from typing import Final

from fastapi import FastAPI, Request, Response

from comity.graph.catalogue.queries import CannedQuery
from comity.graph.descriptions.dataset.void import LICENCE, DatasetCounts
from comity.graph.errors import QueryTimeout
from comity.graph.networks.formats.registry import FORMATS as NETWORKS
from comity.graph.store.interface import Query, Store, Whole
from comity.service.http.context import context
from comity.service.http.html import page
from comity.service.http.keepable import keepable
from comity.service.http.responses import VERSION_HEADER, unless_gone
from comity.service.linked_data.discovery import dataset_counts
from comity.service.linked_data.dumps import FORMATS
from comity.service.queries.state import CatalogueState, canned, encode

WRITTEN: Final = {
    "trig": ("TriG", "with the named graphs, readable"),
    "nq": ("N-Quads", "with the named graphs, one triple per line"),
    "ttl": ("Turtle", "all graphs as one, each triple once"),
}
_TABLES: Final = (
    *("sources", "statistics", "records-by-modality", "corrections", "meetings"),
    *("states-mentioned", "contemplated-events", "joint-positions"),
)
_VIEWERS: Final = ("gexf", "graphml", "cx2", "cyjs", "gephi.zip", "neo4j.zip")
GRAPH_FILES: Final = ("ttl", "nt", "rdf", "jsonld")
MEASURED: Final = 100_000  # triples; files of larger stores are not measured
_PATIENCE: Final = 5.0  # seconds for counting; after that the page omits the counts


@dataclass(frozen=True, slots=True)
class File:
    """A dump; `size` is in bytes, None if not measured."""

    suffix: str
    name: str
    about: str
    size: int | None
    packed: int | None


async def downloads(request: Request) -> Response:
    """Return the page of all downloads with their sizes."""
    here = context(request)
    counts, files, release = await unless_gone(request, _measured(request.app))
    if counts is not None:
        keepable(request)
    response = page(
        request,
        "downloads.html",
        files=files,
        graphs=counts.entries() if counts else [],
        graph_files=GRAPH_FILES,
        counts=counts,
        licence=LICENCE,
        release=release,
        data_version=here.store.version,
        tables=_tables(canned(request.app), release),
        suffixes=[name for name in _VIEWERS if name in NETWORKS],
        views=sorted(canned(request.app).views.queries.values(), key=lambda view: view.name),
    )
    response.headers[VERSION_HEADER] = here.store.version
    return response


async def _measured(app: FastAPI) -> tuple[DatasetCounts | None, list[File], str | None]:
    here: CatalogueState = canned(app)
    store: Store = app.state.context.store
    try:
        counts = await dataset_counts(app, _PATIENCE)
    except QueryTimeout:
        return None, [_file(suffix, (None, None)) for suffix in FORMATS], await here.release()
    total = sum(graph.triples for graph in counts.entries())
    files = [_file(suffix, await _sizes(app, store, suffix, total)) for suffix in FORMATS]
    return counts, files, await here.release()


def _file(suffix: str, sizes: tuple[int | None, int | None]) -> File:
    return File(suffix, *WRITTEN[suffix], *sizes)


async def _sizes(
    app: FastAPI, store: Store, suffix: str, triples: int
) -> tuple[int | None, int | None]:
    """Return the size of a dump, plain and packed, measured once per data version."""
    known: dict[tuple[str, str], tuple[int, int]] = app.state.__dict__.setdefault("sizes", {})
    if triples > MEASURED or not store.is_cacheable:
        return None, None
    if (store.version, suffix) not in known:
        for old in [key for key in known if key[0] != store.version]:
            del known[old]
        known[store.version, suffix] = await _measure(store, suffix)
    return known[store.version, suffix]


async def _measure(store: Store, suffix: str) -> tuple[int, int]:
    query = Query("# dump", None, FORMATS[suffix], timeout=_PATIENCE, whole=Whole(None))
    packing = zlib.compressobj()
    plain = packed = 0
    async with await store.query(query) as answer:
        async for chunk in answer:
            plain += len(chunk)
            packed += len(packing.compress(chunk))
    return plain, packed + len(packing.flush())


def _tables(here: CatalogueState, release: str | None) -> list[tuple[CannedQuery, str]]:
    """Return some queries, each with its required arguments."""
    found = []
    for query in filter(None, map(here.catalogue.queries.get, _TABLES)):
        needed = {p.name: p.example_text for p in query.parameters if p.need == "required"}
        if release or not needed:  # another store may lack the things of an example
            found.append((query, encode(needed)))
    return found
