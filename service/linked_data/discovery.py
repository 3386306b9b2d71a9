"""Discovery: the description of the dataset, the site map, robots.txt."""

from collections.abc import Iterator
from typing import Final
from urllib.parse import quote
from xml.sax.saxutils import escape

from fastapi import FastAPI, Request, Response

from comity.graph.descriptions.dataset.addresses import addresses, count_addresses
from comity.graph.descriptions.dataset.void import (
    DatasetCounts,
    Distribution,
    count,
    describe_dataset,
)
from comity.graph.descriptions.ontology.documents import document_names
from comity.service.http.context import address, context
from comity.service.http.keepable import keepable
from comity.service.http.media import GRAPH_NAMES, available, choose
from comity.service.http.paths import path_of
from comity.service.http.problems import Refusal
from comity.service.http.responses import VERSION_HEADER, unless_gone
from comity.service.linked_data.dumps import FORMATS
from comity.service.linked_data.resources import rdf_answer
from comity.service.queries.state import canned

PER_MAP: Final = 20_000  # sitemaps.org allows up to 50,000
_XML: Final = "application/xml"
_SITEMAPS: Final = "http://www.sitemaps.org/schemas/sitemap/0.9"
_PAGES: Final = (
    *("/", "/about", "/guide", "/queries", "/network", "/viewers", "/sources"),
    *("/ontology", "/downloads", "/why"),
)


async def void(request: Request) -> Response:
    """Return the description of the dataset, counted once per data version."""
    here = context(request)
    choice = choose(request.headers.get("accept"), request.query_params.get("format"))
    format = choice.graph_format
    if format is None or choice.graph is None:
        raise Refusal(
            406,
            "The description is not available in this format",
            hint=f"The formats are {available(GRAPH_NAMES)}",
        )
    keepable(request)
    counts = await unless_gone(request, dataset_counts(request.app, here.settings.timeout))
    root = address(request)
    described = describe_dataset(counts, root, distributions(root))
    return rdf_answer(request, described, format, choice.graph)


def distributions(root: str) -> list[Distribution]:
    """Return the dumps on offer."""
    return [
        Distribution(f"{root}/dump.{name}{end}", format.media_type, bool(end))
        for name, format in FORMATS.items()
        for end in ("", ".gz")
    ]


async def dataset_counts(app: FastAPI, timeout: float | None) -> DatasetCounts:
    """Return the counts of the dataset, cached per data version. Raises QueryTimeout."""
    store = app.state.context.store
    known: DatasetCounts | None = getattr(app.state, "void_counts", None)
    if known is None or known.version != store.version:
        known = app.state.void_counts = await count(store, timeout)
    return known


async def site_map(request: Request) -> Response:
    """Return the index of the site maps: as many as the things need."""
    keepable(request)
    here = context(request)
    counting = count_addresses(here.store, here.settings.timeout)
    root, maps = address(request), 1 + await unless_gone(request, counting) // PER_MAP
    listed = "".join(
        f"<sitemap><loc>{escape(f'{root}/sitemap-{n}.xml')}</loc></sitemap>"
        for n in range(1, maps + 1)
    )
    return _xml(f'<sitemapindex xmlns="{_SITEMAPS}">{listed}</sitemapindex>', here.store.version)


async def site_map_part(request: Request) -> Response:
    """Return one site map: pages of things and sources; the first has all other pages too."""
    here, number = context(request), request.path_params["number"]
    if not (number.isascii() and number.isdecimal() and 0 < int(number[:9]) == int(number)):
        raise Refusal(404, "Site maps are numbered", hint="/sitemap.xml lists them")
    keepable(request)
    listing = addresses(here.store, PER_MAP, (int(number) - 1) * PER_MAP, here.settings.timeout)
    found = await unless_gone(request, listing)
    paths = [path for iri in found if (path := path_of(iri))]
    if int(number) == 1:
        paths = [*_fixed(request.app), *paths]
    elif not found:
        raise Refusal(404, f"Unknown site map {number}", hint="/sitemap.xml lists them")
    root = address(request)
    listed = "".join(f"<url><loc>{escape(root + quote(path))}</loc></url>" for path in paths)
    return _xml(f'<urlset xmlns="{_SITEMAPS}">{listed}</urlset>', here.store.version)


async def robots(request: Request) -> Response:
    """Return the rules for crawlers: anything but queries of their own."""
    text = (
        "User-agent: *\nDisallow: /sparql?\nDisallow: /update\nDisallow: /running\n"
        f"Sitemap: {address(request)}/sitemap.xml\n"
    )
    return Response(text, media_type="text/plain")


def _fixed(app: FastAPI) -> Iterator[str]:
    yield from _PAGES
    yield from (f"/ontology/{name}" for name in document_names() if name)
    yield from (f"/queries/{name}" for name in canned(app).catalogue.queries)
    yield from (f"/network/{name}" for name in canned(app).views.queries)


def _xml(body: str, version: str) -> Response:
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}\n'
    return Response(text, media_type=_XML, headers={VERSION_HEADER: version})
