"""Mark of an answer that may be cached, set by a route and read by the response cache."""

from dataclasses import dataclass
from typing import Final

from fastapi import Request

from comity.graph.sparql.determinism import is_volatile

SCOPE_KEY: Final = "comity.cacheability"


@dataclass(slots=True)
class Cacheability:
    """Whether an answer comes of its request and the data alone; `volatile` if it never does."""

    keepable: bool = False
    volatile: bool = False


def keepable(request: Request, *texts: str) -> None:
    """Say that the answer to this request comes of the data and of these queries alone.

    The address, Accept and Host may matter too, but nothing else: no time, no user, no chance. To
    be said before the response starts; by then all must have been read from the data, but for a
    stream that is read from one state of it.
    """
    mark = request.scope.get(SCOPE_KEY)
    if isinstance(mark, Cacheability):
        mark.volatile = any(map(is_volatile, texts))
        mark.keepable = not mark.volatile
