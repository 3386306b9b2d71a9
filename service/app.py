"""The web application: every route at a glance."""

from collections.abc import Awaitable, Callable
from importlib.metadata import version

from fastapi import FastAPI, Request, Response
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from comity.graph.engines.remote.writer import RemoteWriter
from comity.graph.engines.writing.deriving import BackgroundDerivation
from comity.graph.engines.writing.writer import Writer
from comity.graph.store.interface import Store
from comity.service import openapi
from comity.service.http import problems
from comity.service.http.context import Context
from comity.service.http.html import FOLDER, LIBRARIES, Files
from comity.service.http.middleware.cache_storage import AnswerCache
from comity.service.http.middleware.metrics import Metrics, metrics
from comity.service.http.middleware.rate_limit import RateLimit
from comity.service.http.middleware.response_cache import ResponseCache
from comity.service.http.middleware.telemetry import ID_HEADER, Telemetry
from comity.service.http.openapi import DEFAULT_PROBLEM, Json
from comity.service.http.responses import COMPLETE_HEADER, RELEASE_HEADER, VERSION_HEADER
from comity.service.linked_data import discovery, dumps, resources, schema
from comity.service.operations import health, running
from comity.service.operations import version as operations
from comity.service.operations.backup import serve_backup
from comity.service.pages import evidence, ontology
from comity.service.pages import openapi as pages_openapi
from comity.service.pages.catalogue import openapi as catalogue_openapi
from comity.service.pages.catalogue import routes as query_routes
from comity.service.pages.networks import explore
from comity.service.pages.networks import openapi as networks_openapi
from comity.service.pages.networks import routes as network_routes
from comity.service.pages.overviews import openapi as overviews_openapi
from comity.service.pages.overviews import positions, timeline
from comity.service.pages.site import about, downloads, home
from comity.service.pages.site.docs import docs
from comity.service.pages.site.guide import guide
from comity.service.pages.sources import page as source_page
from comity.service.pages.things import graph_page
from comity.service.pages.things import page as thing_page
from comity.service.queries import state
from comity.service.search import openapi as search_openapi
from comity.service.search import reconcile
from comity.service.search import routes as search_routes
from comity.service.settings import Settings
from comity.service.sparql import graph_store, snippets, update
from comity.service.sparql import openapi as sparql_openapi
from comity.service.sparql.query import sparql

Endpoint = Callable[[Request], Awaitable[Response]]


class Application(FastAPI):
    """FastAPI application behind the middleware that sees every request and answer."""

    front: ASGIApp

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        scope["app"] = self
        await self.front(scope, receive, send)


def create_app(
    store: Store,
    settings: Settings,
    writer: Writer | RemoteWriter | None = None,
    deriving: BackgroundDerivation | None = None,
) -> FastAPI:
    """Create the application that serves `store` and writes by `writer`; the caller closes both."""
    app = Application(
        title="Comity",
        version=version("comity"),
        summary="A knowledge graph of diplomacy in which every answer cites its source",
        docs_url=None,
        redoc_url=None,
        responses={"default": DEFAULT_PROBLEM},
    )
    app.state.context = Context(store, settings, writer)
    app.state.cache = AnswerCache(settings.cache)
    app.state.metrics = Metrics(store, app.state.cache, deriving)
    app.front = _front(app, store, settings)
    installed = state.install(app, store, settings)
    schema.install(app, store)
    _add_routes(app)
    catalogue_openapi.describe_in(app, installed.catalogue, installed.views)
    problems.install(app)
    return app


def _front(app: Application, store: Store, settings: Settings) -> ASGIApp:
    """Wrap the application in its middleware, from the inside to the outside."""
    front: ASGIApp = ResponseCache(
        super(Application, app).__call__, store=store, cache=app.state.cache
    )
    if settings.rate is not None:
        front = RateLimit(front, settings.rate, app.state.metrics)
    if settings.cors:  # outside of the rest, so that a page can read a refusal too
        front = CORSMiddleware(
            front,
            allow_origins=settings.cors,
            allow_methods=["GET", "HEAD", "POST", "PUT", "DELETE"],
            allow_headers=["Authorization", "Content-Type", "If-Match", "If-None-Match"],
            expose_headers=[
                VERSION_HEADER,
                COMPLETE_HEADER,
                RELEASE_HEADER,
                "ETag",
                "Link",
                "Location",
                "Retry-After",
                ID_HEADER,
            ],
        )
    return Telemetry(front, app.router.routes, app.state.metrics, settings.slow_query)


def _add_routes(app: FastAPI) -> None:
    _read(app, "/", home.home, openapi.HOME)
    _read(app, "/sparql", sparql, sparql_openapi.GET_SPARQL)
    app.add_api_route(
        "/sparql", sparql, methods=["POST"], response_class=Response, **sparql_openapi.POST_SPARQL
    )
    # Routes without FastAPI's work per request, which takes longer than a small query; the two
    # above only describe them.
    app.router.routes.insert(0, Route("/sparql", sparql, methods=["GET", "POST"]))
    _add_writing(app)
    _read(app, "/snippets", snippets.snippets, sparql_openapi.GET_SNIPPETS)
    app.add_api_route(
        "/snippets",
        snippets.snippets,
        methods=["POST"],
        response_class=Response,
        **sparql_openapi.POST_SNIPPETS,
    )
    _read(app, "/about", about.about, openapi.ABOUT)
    _read(app, "/guide", guide, openapi.GUIDE)
    _read(app, "/guide/{name}", guide, openapi.GUIDE_PAGE)
    _read(app, "/downloads", downloads.downloads, openapi.DOWNLOADS)
    _read(app, "/queries", query_routes.catalogue, openapi.QUERIES)
    _read(app, "/network", network_routes.catalogue, openapi.NETWORKS)
    _read(app, "/viewers", network_routes.viewers, openapi.VIEWERS)
    _read(app, "/explore", explore.explore, networks_openapi.EXPLORE)
    _read(app, "/explore/data.json", explore.data, networks_openapi.DATA)
    for path, endpoint, described in (
        ("/explore/data.json", explore.data, networks_openapi.POST_DATA),
        ("/explore/export.{suffix}", explore.export, networks_openapi.EXPORT),
    ):
        app.add_api_route(path, endpoint, methods=["POST"], response_class=Response, **described)
    for path, endpoint in (
        ("/queries.{suffix}", query_routes.catalogue),
        ("/network.{suffix}", network_routes.catalogue),
        # `comity.service.pages.catalogue.openapi` describes each query and each view
        ("/queries/{name}", query_routes.query),
        ("/network/{name}", network_routes.view),
    ):
        app.add_api_route(path, endpoint, methods=["GET", "HEAD"], include_in_schema=False)
    _add_search(app)
    _add_tables(app)
    _add_linked_data(app)
    _read(app, "/running", running.running, openapi.RUNNING)
    app.add_api_route(
        "/running/{id}",
        running.cancel,
        methods=["DELETE"],
        response_class=Response,
        **openapi.CANCEL,
    )
    _read(app, "/schema.json", schema.schema_json, openapi.SCHEMA)
    _read(app, "/health", health.live, openapi.HEALTH)
    _read(app, "/health/live", health.live, openapi.LIVE)
    _read(app, "/health/ready", health.ready, openapi.READY)
    _read(app, "/metrics", metrics, openapi.METRICS)
    _read(app, "/version", operations.versions, openapi.VERSION)
    _read(app, "/docs", docs, openapi.DOCS)
    app.mount("/static/libraries", Files(directory=LIBRARIES, check_dir=False))
    app.mount("/static", Files(directory=FOLDER / "static"))


def _add_search(app: FastAPI) -> None:
    _read(app, "/search", search_routes.search, search_openapi.SEARCH)
    app.add_api_route(
        "/search.{suffix}", search_routes.search, methods=["GET", "HEAD"], include_in_schema=False
    )
    _read(app, "/reconcile", reconcile.reconcile, search_openapi.RECONCILE)
    app.add_api_route(
        "/reconcile",
        reconcile.reconcile,
        methods=["POST"],
        response_class=Response,
        **search_openapi.POST_RECONCILE,
    )
    for path, endpoint, described in (
        ("suggest/{what}", reconcile.suggest, search_openapi.SUGGEST),
        ("properties", reconcile.propose, search_openapi.PROPOSE),
        ("preview", reconcile.preview, search_openapi.PREVIEW),
    ):
        _read(app, f"/reconcile/{path}", endpoint, described)


def _add_tables(app: FastAPI) -> None:
    for name, endpoint, described in (
        ("positions", positions.positions, overviews_openapi.POSITIONS),
        ("timeline", timeline.timeline, overviews_openapi.TIMELINE),
    ):
        _read(app, f"/{name}", endpoint, described)
        app.add_api_route(
            f"/{name}.{{suffix}}", endpoint, methods=["GET", "HEAD"], include_in_schema=False
        )


def _add_linked_data(app: FastAPI) -> None:
    for name, family in resources.FAMILIES.items():
        described = pages_openapi.family(name)
        _read(app, f"/{name}/{{name}}", resources.identifier(family), described.identifier)
        _read(app, f"{family.data}{{name}}", resources.data(family), described.data)
    _read(app, "/page/{name}", thing_page.thing, pages_openapi.THING)
    _read(app, "/page/graph/{name}", graph_page.graph, pages_openapi.GRAPH)
    _read(app, "/sources", source_page.listing, pages_openapi.SOURCES)
    _read(app, "/sources/{name}", source_page.source, pages_openapi.SOURCE)
    _read(app, "/dump.{suffix}", dumps.dump, pages_openapi.DUMP)
    _read(app, "/.well-known/void", discovery.void, pages_openapi.VOID)
    _read(app, "/sitemap.xml", discovery.site_map, pages_openapi.SITE_MAP)
    _read(app, "/sitemap-{number}.xml", discovery.site_map_part, pages_openapi.SITE_MAP_PART)
    _read(app, "/robots.txt", discovery.robots, pages_openapi.ROBOTS)
    _read(app, "/why", evidence.evidence, pages_openapi.WHY)
    _read(app, "/edge/{id}", resources.edge, pages_openapi.EDGE)
    _read(app, "/relation/{name}", resources.of_network, pages_openapi.RELATION)
    _read(app, "/node/{name}", resources.of_network, pages_openapi.NODE)
    _read(app, "/ontology", ontology.ontology, pages_openapi.ONTOLOGY)
    _read(app, "/ontology.svg", ontology.picture, pages_openapi.PICTURE)
    _read(app, "/ontology/{name}", ontology.part, pages_openapi.ONTOLOGY_PART)
    _read(app, "/ontology/alignments/{name}", ontology.alignment, pages_openapi.ALIGNMENT)
    app.add_api_route(
        "/ontology.{suffix}", ontology.ontology, methods=["GET", "HEAD"], include_in_schema=False
    )
    _read(app, "/context/{version}.jsonld", resources.json_ld_context, pages_openapi.CONTEXT)


def _add_writing(app: FastAPI) -> None:
    app.add_api_route(
        "/update", update.update, methods=["POST"], response_class=Response, **openapi.UPDATE
    )
    _read(app, "/store", graph_store.read, openapi.GET_STORE)
    for method, described in (
        ("PUT", openapi.PUT_STORE),
        ("POST", openapi.POST_STORE),
        ("DELETE", openapi.DELETE_STORE),
    ):
        app.add_api_route(
            "/store", graph_store.write, methods=[method], response_class=Response, **described
        )
    app.add_api_route(
        "/backup", serve_backup, methods=["GET"], response_class=Response, **openapi.BACKUP
    )
    for path, endpoint in (("/update", update.options), ("/store", graph_store.options)):
        app.add_api_route(path, endpoint, methods=["OPTIONS"], include_in_schema=False)


def _read(app: FastAPI, path: str, endpoint: Endpoint, described: Json) -> None:
    """Serve `path` by GET, described in the OpenAPI document, and by HEAD."""
    app.add_api_route(path, endpoint, methods=["GET"], response_class=Response, **described)
    app.add_api_route(path, endpoint, methods=["HEAD"], include_in_schema=False)
