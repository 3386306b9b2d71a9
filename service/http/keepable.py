"""Mark of a cacheable answer, set by a route and read by the response cache."""

from dataclasses import dataclass
from typing import Final

from fastapi import Request

from comity.graph.sparql.determinism import is_volatile

SCOPE_KEY: Final = "comity.cacheability"


@dataclass(slots=True)
class Cacheability:
    """True if an answer depends on its request and the data only; `volatile` if it never does."""

    keepable: bool = False
    volatile: bool = False


def keepable(request: Request, *texts: str) -> None:
    """Mark the answer to this request as depending on the data and these queries only.

    Address, Accept and Host may matter too, but nothing else: no time, user or randomness. Call
    this before the response starts; by then everything must have been read from the data, except
    for a stream that is read from one state.
    """
    mark = request.scope.get(SCOPE_KEY)
    if isinstance(mark, Cacheability):
        mark.volatile = any(map(is_volatile, texts))
        mark.keepable = not mark.volatile
