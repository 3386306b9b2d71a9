"""The OpenAPI document as a page."""

from typing import Final

from fastapi import Request, Response

from comity.service.http.html import LIBRARIES, page
from comity.service.http.problems import Refusal

_LIBRARY: Final = LIBRARIES / "swagger-ui-dist" / "swagger-ui-bundle.js"


async def docs(request: Request) -> Response:
    """Return the page with every address of the service, to read and try."""
    if not _LIBRARY.is_file():
        raise Refusal(
            501,
            "This page needs Swagger UI, which is not installed here",
            hint="`make libraries` in a checkout installs it. /openapi.json has the same content.",
        )
    return page(request, "docs.html")
