"""The guide: the README of the project and of each room as pages.

The files stand at the same places in a checkout and in the wheel, so their links to each other
lead to the same pages in both.
"""

import asyncio
import re
from dataclasses import dataclass
from functools import cache
from html import escape
from pathlib import Path
from posixpath import dirname, join, normpath
from typing import Final

from fastapi import Request, Response
from markupsafe import Markup

from comity.service.http.context import address, prefix
from comity.service.http.html import page
from comity.service.http.problems import Refusal
from comity.service.pages.site.markdown import Rendering, render

_FOLDER: Final = Path(__file__).resolve().parents[3]
FILES: Final = {
    "": ("README.md", "Overview"),
    "ontology": ("ontology/README.md", "The model"),
    "queries": ("queries/README.md", "Queries"),
    "graph": ("graph/README.md", "The library"),
    "service": ("service/README.md", "The service"),
    "deploy": ("service/deploy/README.md", "Deployment"),
    "benchmarks": ("tests/benchmarks/README.md", "Benchmarks"),
    "tests": ("tests/README.md", "Tests"),
    "contributing": ("CONTRIBUTING.md", "Contributing"),
    "security": ("SECURITY.md", "Security"),
    "changelog": ("CHANGELOG.md", "Changelog"),
}
"""Pages by name: the file, and its title in the list of pages."""
# Addresses of other files; the rest of the tree has none.
_SERVED: Final = {
    "LICENSE": "/about#licences",
    "LICENSE-DATA": "/about#licences",
    "ontology/comity.svg": "/ontology.svg",
    "ontology/comity.ttl": "/ontology.ttl",
    "ontology/shapes.ttl": "/ontology/shapes.ttl",
    "ontology/issues.ttl": "/page/graph/issues",
    "ontology/alignments": "/ontology#parts",
    "queries/questions": "/queries",
    "queries/networks": "/network",
}
_STATIC: Final = "service/web/static/"
_LOCAL: Final = "http://127.0.0.1:8000"
# A transcript of the operator's terminal keeps the local address, since it shows the operator's
# machine.
_TRANSCRIPT: Final = re.compile(
    r'(<pre tabindex="0"><code class="language-console">.*?</pre>)', re.DOTALL
)
# Placeholders for the address and path of this service, which depend on the request.
_ADDRESS, _ROOT = "\ue000", "\ue001"


@dataclass(frozen=True, slots=True)
class GuidePage:
    """An entry in the list of pages."""

    path: str
    title: str


PAGES: Final = tuple(
    GuidePage(f"/guide/{name}".rstrip("/"), title) for name, (_, title) in FILES.items()
)


async def guide(request: Request) -> Response:
    """Return one page of the guide, beside a list of all."""
    name = request.path_params.get("name", "")
    if name not in FILES:
        raise Refusal(404, f"The guide has no page {name}", hint="/guide lists them")
    found = await asyncio.to_thread(_read, name)
    body = found.html.replace(_ADDRESS, escape(address(request)))
    return page(
        request,
        "guide.html",
        title=found.headings[0].text,
        body=Markup(body.replace(_ROOT, escape(prefix(request)))),
        pages=PAGES,
        sections=[heading for heading in found.headings if heading.level == 2],
    )


@cache
def _read(name: str) -> Rendering:
    file, _ = FILES[name]
    text = (_FOLDER / file).read_text(encoding="utf-8")
    found = render(text, lambda target: _resolve(file, target))
    parts = _TRANSCRIPT.split(found.html)
    parts[::2] = [part.replace(_LOCAL, _ADDRESS) for part in parts[::2]]
    return Rendering("".join(parts), found.headings)


def _resolve(file: str, target: str) -> str | None:
    """Return the address of a link's target in a file; None if it is not served."""
    if re.match(r"https?:|#", target):
        return target
    path, _, anchor = target.partition("#")
    path = normpath(join(dirname(file), path))
    for name, (other, _title) in FILES.items():
        if path == other:
            found = f"/guide/{name}".rstrip("/")
            return _ROOT + found + (f"#{anchor}" if anchor else "")
    if path.startswith(_STATIC):
        return f"{_ROOT}/static/{path.removeprefix(_STATIC)}"
    served = _SERVED.get(path)
    return None if served is None else _ROOT + served
