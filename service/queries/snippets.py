"""Code snippets to use the answer of a canned query in other tools, and a notebook."""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from comity.graph.catalogue.queries import CannedQuery
from comity.service.http.html import FOLDER
from comity.service.queries.state import encode

NOTEBOOK: Final = "application/x-ipynb+json"
# Title and file in `web/snippets/`, in the order of a page. A graph is not a table.
_TABLE: Final = {
    "curl": "curl.sh",
    "Python, with pandas": "pandas.py",
    "Python, with SPARQLWrapper": "sparqlwrapper.py",
    "R": "r.R",
    "Excel, with Power Query": "powerquery.pq",
    "JavaScript": "javascript.mjs",
}
_GRAPH: Final = {
    "curl": "curl.sh",
    "Python, with rdflib": "rdflib.py",
    "Python, with SPARQLWrapper": "sparqlwrapper.py",
    "JavaScript": "javascript.mjs",
}
_STEPS: Final = {
    "powerquery.pq": (
        "Data ▸ Get Data ▸ From Other Sources ▸ Blank Query, then paste it into the Advanced Editor."
    ),
    "javascript.mjs": (
        "In Node.js, or in a page of this service; in other pages if COMITY_CORS allows it."
    ),
    "sparqlwrapper.py": "Any SPARQL client works the same way.",
}


@dataclass(frozen=True, slots=True)
class Snippet:
    """Code for one tool; `file` is its template, `steps` says where to put it."""

    tool: str
    file: str
    text: str
    steps: str


def snippets(base: str, query: CannedQuery, arguments: Mapping[str, str]) -> list[Snippet]:
    """Return the code for each tool that can use the query, for the service at `base`."""
    given = encode(arguments)

    def url(suffix: str) -> str:
        address = f"{base}/queries/{query.name}.{suffix}"
        return f"{address}?{given}" if given else address

    return [
        Snippet(
            tool,
            file,
            _templates()
            .get_template(f"{file}.j2")
            .render(url=url, endpoint=f"{base}/sparql", form=query.form),
            _STEPS.get(file, ""),
        )
        for tool, file in (_GRAPH if query.form == "graph" else _TABLE).items()
    ]


def notebook(base: str, query: CannedQuery, arguments: Mapping[str, str]) -> bytes:
    """Return a notebook (nbformat 4.5) with the Python code, a cell for each way."""
    about = "\n\n".join(filter(None, (f"# {query.summary}", query.description)))
    cells = [_cell("markdown", 0, about)]
    for place, snippet in enumerate(snippets(base, query, arguments), 1):
        if snippet.file.endswith(".py"):
            cells.append(_cell("code", place, snippet.text.rstrip()))
    document = {
        "cells": cells,
        "metadata": {
            "kernelspec": {"display_name": "Python 3", "language": "python", "name": "python3"}
        },
        "nbformat": 4,
        "nbformat_minor": 5,
    }
    return json.dumps(document, ensure_ascii=False, indent=1).encode()


def _cell(kind: str, place: int, source: str) -> dict[str, object]:
    code: dict[str, object] = {"execution_count": None, "outputs": []} if kind == "code" else {}
    return {"cell_type": kind, "id": f"cell-{place}", "metadata": {}, "source": source, **code}


@lru_cache(maxsize=1)
def _templates() -> Environment:
    """Load the templates of code. Nothing is escaped as HTML; addresses pass through `encode`."""
    return Environment(
        loader=FileSystemLoader(FOLDER / "snippets"),
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
