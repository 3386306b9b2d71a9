"""The graph as a library: open a store, load, query, check, export. It does not depend on HTTP.

    from comity.graph import open_store

    with open_store("memory") as store:
        for row in store.query("SELECT ?state { ?state a comity:State }"):
            print(row["state"])

The errors are in `comity.graph.errors`.
"""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from comity.graph.library.graph_store import GraphStore, open_store
    from comity.graph.library.result import Result

__all__ = ["GraphStore", "Result", "open_store"]


def __getattr__(name: str) -> Any:
    """Import on first use: every module below imports this one first, so it stays light."""
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    from comity.graph.library import graph_store, result

    return getattr(result if name == "Result" else graph_store, name)
