"""The OpenAPI document as a page."""

from typing import Final

from fastapi import Request, Response

from comity.service.http.html import LIBRARIES, page
from comity.service.http.problems import Refusal

_LIBRARY: Final = LIBRARIES / "swagger-ui-dist" / "swagger-ui-bundle.js"


async def docs(request: Request) -> Response:
    """Every address of the service, to read and to try."""
    if not _LIBRARY.is_file():
        raise Refusal(
            501,
            "This page is made by Swagger UI, which is not installed here",
            hint="`make libraries` in a checkout installs it, by npm. /openapi.json says the same.",
        )
    return page(request, "docs.html")
