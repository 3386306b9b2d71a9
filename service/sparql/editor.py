"""The editor page: the SPARQL endpoint in a browser."""

from functools import lru_cache
from typing import Final
from urllib.parse import quote

from fastapi import Request, Response

from comity.graph.store.own_queries import query_text
from comity.service.http.html import LIBRARIES, page
from comity.service.http.keepable import keepable
from comity.service.http.media import AnswerTypes, choose, prefers_html
from comity.service.http.protocol import parse_fields

_LIBRARY: Final = LIBRARIES / "@zazuko" / "yasgui" / "build" / "yasgui.esm.js"
_SHOWN: Final = frozenset(("query", "view"))  # parameters that the page can show
_EXAMPLES: Final = ("opposition", "hopes", "agreements", "stances", "timeline", "modalities")
_SUMMARY: Final = "#+ summary: "
_NOTHING: Final = AnswerTypes(None, None)


def is_for_a_person(request: Request) -> bool:
    """True if a GET of the endpoint comes from a browser's address bar, a link or a plain form.

    A request that names a format, a dataset or a time limit gets data, as from a program.
    """
    accept = request.headers.get("accept")
    if request.method == "POST" or not prefers_html(accept):
        return False
    # java.net.URLConnection sends text/html by default without meaning it. Browsers name XHTML
    # beside it.
    if "xhtml" not in (accept or "").lower() and choose(accept, None) != _NOTHING:
        return not request.scope["query_string"]
    given = {name for name, values in _fields(request).items() if any(values)}
    return given <= _SHOWN and len(_fields(request).get("query", ())) < 2


def editor(request: Request) -> Response:
    """Return the editor, which runs the query of the address, or shows an example."""
    keepable(request)
    asked = next(iter(_fields(request).get("query", ())), "")
    response = page(
        request,
        "sparql.html",
        query=asked or query_text("home/question"),
        examples=_examples(),
        installed=_LIBRARY.is_file(),
    )
    response.headers["Vary"] = "Accept"
    return response


@lru_cache(maxsize=1)
def _examples() -> list[tuple[str, str]]:
    """Return the summary and the URL-encoded text of each query in `queries/ask/`."""
    texts = [query_text(f"ask/{name}") for name in _EXAMPLES]
    return [
        (text.partition("\n")[0].removeprefix(_SUMMARY), quote(text, safe="")) for text in texts
    ]


def _fields(request: Request) -> dict[str, list[str]]:
    return parse_fields(request.scope["query_string"])
