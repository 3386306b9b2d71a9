"""HTML pages: templates, and the headers that restrict a page to its own host."""

from functools import lru_cache
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined
from starlette.staticfiles import StaticFiles

from comity.service.http.context import address, prefix
from comity.service.http.paths import path_of, why_path

FOLDER: Final = Path(__file__).resolve().parents[1] / "web"
LIBRARIES: Final = FOLDER / "node_modules"
"""Libraries installed by npm from `service/web/package-lock.json`; may be missing."""
ROOMS: Final = (
    ("/positions", "Positions"),
    ("/explore", "Explore"),
    ("/timeline", "Timeline"),
    ("/sources", "Sources"),
    ("/queries", "Queries"),
    ("/sparql", "Ask"),
)
"""Pages linked in the header of every page; the others are `CELLARS`."""
CELLARS: Final = (
    ("/guide", "Guide"),
    ("/ontology", "Ontology"),
    ("/network", "Networks"),
    ("/viewers", "Graph viewers"),
    ("/why", "Evidence"),
    ("/downloads", "Downloads"),
    ("/docs", "API"),
    ("/.well-known/void", "Dataset"),
    ("/sitemap.xml", "Site map"),
    ("/version", "Versions"),
    ("/about", "About"),
)
FONTS: Final = ("@fontsource-variable/source-sans-3", "@fontsource-variable/source-serif-4")
"""Typefaces of `LIBRARIES`; if they are missing, pages use the system's."""
SECURITY: Final = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        "connect-src 'self'; form-action 'self'; base-uri 'none'; frame-ancestors 'none'"
    ),
    "Cross-Origin-Opener-Policy": "same-origin",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
}


def page(request: Request, template: str, *, status: int = 200, **values: object) -> Response:
    """Render an HTML page from a template of `web/templates/`."""
    root = prefix(request)
    body = (
        templates()
        .get_template(template)
        .render(
            root=root,
            address=address(request),
            version=version("comity"),
            here=request.url.path.removeprefix(root).partition(".")[0],
            rooms=ROOMS,
            cellars=CELLARS,
            fonts=all((LIBRARIES / font).is_dir() for font in FONTS),
            **values,
        )
    )
    return Response(body, status, headers=SECURITY, media_type="text/html")


class Files(StaticFiles):
    """Static files of the pages; browsers revalidate them, so that an upgrade takes effect."""

    async def check_config(self) -> None:
        """Accept a missing folder: its files are then 404, and the service still runs."""

    def file_response(self, *args: Any, **options: Any) -> Response:
        response = super().file_response(*args, **options)
        response.headers["Cache-Control"] = "no-cache"
        return response


@lru_cache(maxsize=1)
def templates() -> Environment:
    """Load the templates on first use."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.globals |= {"path_of": path_of, "why_path": why_path}
    environment.tests["served"] = path_of
    return environment
