"""The page about the graph: what it claims, how it was coded, how to cite it."""

from importlib.metadata import version
from typing import Final

from fastapi import Request, Response

from comity.graph.descriptions.dataset.void import LICENCE, TITLE
from comity.graph.descriptions.ontology.documents import version as ontology_version
from comity.graph.errors import QueryTimeout
from comity.graph.rdf.namespaces import BASE
from comity.graph.store.own_queries import PlainRow, query_text, rows
from comity.service.http.context import context
from comity.service.http.html import page
from comity.service.http.keepable import keepable
from comity.service.http.responses import VERSION_HEADER, unless_gone
from comity.service.queries.state import canned

_PATIENCE: Final = 5.0  # seconds; the page is useful even without figures


async def about(request: Request) -> Response:
    """Return the page with current figures of the graph."""
    here = context(request)
    figures: PlainRow = {}
    try:
        found = await unless_gone(request, rows(here.store, query_text("about/figures"), _PATIENCE))
        figures = found[0]
        keepable(request)
    except QueryTimeout:
        pass
    release = await canned(request.app).release()
    response = page(
        request,
        "about.html",
        figures=figures,
        licence=LICENCE,
        ontology=ontology_version(),
        release=release,
        data_version=here.store.version,
        cite=_citation(release, figures.get("date", "")),
        bibtex=_bibtex(release, figures.get("date", "")),
    )
    response.headers[VERSION_HEADER] = here.store.version
    return response


def _citation(release: str | None, date: str) -> str:
    data = f", data release {release[:8]}" if release else ""
    known = f", facts as known on {date}" if date else ""
    return f"{TITLE}, version {version('comity')}{data}{known}. {BASE}"


def _bibtex(release: str | None, date: str) -> str:
    fields = {
        "title": "{" + TITLE + "}",
        "version": "{" + version("comity") + "}",
        "url": "{" + BASE + "}",
        "note": "{" + ", ".join(_notes(release, date)) + "}",
    }
    listed = ",\n".join(f"  {name} = {value}" for name, value in fields.items())
    return f"@misc{{comity,\n{listed}\n}}"


def _notes(release: str | None, date: str) -> list[str]:
    notes = [f"Data release {release[:8]}"] if release else []
    notes += [f"facts as known on {date}"] if date else []
    return [*notes, "CC BY 4.0"]
