"""Formats and code for any query: what its answer can be downloaded as, and how to run it."""

import json
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from fastapi import Request, Response
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from comity.graph.networks.formats import graphviz
from comity.graph.networks.formats.registry import FORMATS, NetworkFormat
from comity.graph.sparql.syntax import query_form
from comity.graph.store.interface import ResultFormat
from comity.graph.tables.registry import installed
from comity.service.http.context import address, context
from comity.service.http.html import FOLDER
from comity.service.http.problems import Refusal
from comity.service.http.protocol import Operation, read_operation
from comity.service.http.responses import to_json
from comity.service.networks.options import is_network
from comity.service.queries import any_query_tables

# By form: name of a tool, file in `web/snippets/sparql/`, where to put the code.
_CURL: Final = ("curl", "curl.sh", "")
_WRAPPER: Final = (
    "Python, with SPARQLWrapper",
    "sparqlwrapper.py",
    "Any SPARQL client works the same way.",
)
_SCRIPT: Final = (
    "JavaScript",
    "javascript.mjs",
    "In Node.js, or in a page of this service; in other pages if COMITY_CORS allows it.",
)
_TOOLS: Final = {
    "table": (
        _CURL,
        ("Python, with pandas", "pandas.py", ""),
        _WRAPPER,
        ("R", "r.R", "R 4.0 or later."),
        _SCRIPT,
        (
            "Excel, with Power Query",
            "powerquery.pq",
            "Data ▸ Get Data ▸ From Other Sources ▸ Blank Query; paste it into the Advanced Editor.",
        ),
    ),
    "boolean": (_CURL, _WRAPPER, _SCRIPT),
    "graph": (_CURL, ("Python, with rdflib", "rdflib.py", ""), _WRAPPER, _SCRIPT),
}
_W3C: Final = {
    "csv": (ResultFormat.CSV, "Comma-separated values: spreadsheets, R, pandas"),
    "tsv": (ResultFormat.TSV, "Tab-separated values, each term as SPARQL writes it"),
    "srj": (ResultFormat.JSON, "SPARQL results as JSON"),
    "srx": (ResultFormat.XML, "SPARQL results as XML"),
}
_PEOPLE: Final = {
    "xlsx": "Excel workbook, with labels",
    "parquet": "Parquet, with labels: pandas, DuckDB, Arrow",
    "ndjson": "Lines of JSON, with labels",
}
_RDF: Final = {
    "ttl": (ResultFormat.TURTLE, "Turtle"),
    "nt": (ResultFormat.N_TRIPLES, "N-Triples"),
    "rdf": (ResultFormat.RDF_XML, "RDF/XML: Protégé"),
    "jsonld": (ResultFormat.JSON_LD, "JSON-LD"),
    "trig": (ResultFormat.TRIG, "TriG"),
    "nq": (ResultFormat.N_QUADS, "N-Quads"),
}
# Longer addresses are truncated by some programs.
_LONGEST_ADDRESS: Final = 6000


async def snippets(request: Request) -> Response:
    """Return the formats of a query's answer, and code for other tools, as JSON."""
    operation = await read_operation(request, context(request).settings.max_body)
    if operation is None:
        raise Refusal(400, "The query is missing", hint="Add ?query=…", parameter="query")
    form = query_form(operation.text)
    if form is None:
        raise Refusal(
            400,
            "This is not a query",
            hint="It begins with SELECT, ASK, CONSTRUCT or DESCRIBE, after its prefixes",
            parameter="query",
        )
    document = {
        "form": form,
        "formats": list(_formats(form)),
        "snippets": list(_snippets(f"{address(request)}/sparql", operation, form)),
    }
    return Response(to_json(document), media_type="application/json")


def _formats(form: str) -> Iterator[dict[str, str]]:
    """Yield the values of `format=` that this installation can write."""
    if form == "graph":
        for suffix, (format, about) in _RDF.items():
            yield _format("graph", suffix, format.media_type, about)
    else:
        for suffix, (format, about) in _W3C.items():
            yield _format("table", suffix, format.media_type, about)
        for suffix, about in _PEOPLE.items():
            if suffix in installed():
                yield _format("table", suffix, any_query_tables.TYPES[suffix], about)
    if form == "boolean":
        return
    for suffix, network in FORMATS.items():
        if (form == "table" or is_network(suffix)) and (
            not network.drawn or graphviz.is_installed()
        ):
            yield _format("network", suffix, network.media_type, _opens_in(network))


def _opens_in(format: NetworkFormat) -> str:
    """Describe a format's programs and limits, since the network's size is unknown here."""
    if format.drawn:
        return f"{format.opens_in}; up to {format.most[0]:,} nodes and {format.most[1]:,} edges"
    return f"{format.opens_in}; from {format.fewest} nodes" if format.fewest else format.opens_in


def _format(kind: str, suffix: str, media_type: str, about: str) -> dict[str, str]:
    return {"kind": kind, "suffix": suffix, "media_type": media_type, "about": about}


def _snippets(endpoint: str, operation: Operation, form: str) -> Iterator[dict[str, str]]:
    dataset = operation.dataset
    pairs = [
        *(("default-graph-uri", iri) for iri in (dataset.default_graphs if dataset else ())),
        *(("named-graph-uri", iri) for iri in (dataset.named_graphs if dataset else ())),
    ]
    for tool, file, steps in _TOOLS[form]:
        text = (
            _templates()
            .get_template(f"{file}.j2")
            .render(
                endpoint=endpoint,
                text=operation.text.strip(),
                pairs=pairs,
                form=form,
                long=len(operation.text) > _LONGEST_ADDRESS,
            )
        )
        yield {"tool": tool, "file": file, "text": text, "steps": steps}


@lru_cache(maxsize=1)
def _templates() -> Environment:
    """Load the templates of code (not HTML); texts pass through their language's filter."""
    environment = Environment(
        loader=FileSystemLoader(FOLDER / "snippets" / "sparql"),
        autoescape=False,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters |= {
        "shell": lambda text: "'" + text.replace("'", "'\\''") + "'",
        "python": _python,
        "script": _script,
        "r": _r,
        "m": lambda text: '"' + text.replace("#(", "#(#)(").replace('"', '""') + '"',
    }
    return environment


def _python(text: str) -> str:
    """Write a text as a Python literal, triple-quoted if it has several lines."""
    if "\n" not in text:
        return json.dumps(text, ensure_ascii=False)
    escaped = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    return f'"""\n{escaped}\n"""'


def _script(text: str) -> str:
    escaped = text.replace("\\", "\\\\").replace("`", "\\`").replace("${", "\\${")
    return f"`{escaped}`"


def _r(text: str) -> str:
    """Write a raw string of R with enough dashes to be unambiguous."""
    dashes = ""
    while f'){dashes}"' in text:
        dashes += "-"
    return f'r"{dashes}({text}){dashes}"'
