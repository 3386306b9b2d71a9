"""Query handling in a worker: runs the engine, and encodes errors as data."""

from collections.abc import Set as AbstractSet
from dataclasses import astuple
from typing import Any, Final

import pyoxigraph

from comity.graph import errors
from comity.graph.engines.oxigraph import (
    Output,
    Quads,
    Solutions,
    TripleEvidence,
    explain_triple,
    find,
    put,
    write,
)
from comity.graph.sparql.dataset import Dataset
from comity.graph.sparql.syntax import check, explain
from comity.graph.store.interface import Query, ResultFormat, Whole, Why

# Errors of a query or a write, by name, for transfer between two processes.
KNOWN: Final = {
    kind.__name__: kind
    for kind in (
        errors.DataError,
        errors.DiskFull,
        errors.PreconditionFailed,
        errors.TooLarge,
        errors.QuerySyntaxError,
        errors.NotAllowed,
        errors.NotAcceptable,
        errors.NoSuchGraph,
        errors.QueryError,
        errors.MemoryLimit,
        errors.StoreError,
    )
}


class WorkerEngine:
    """The engine on one read-only directory after another."""

    def __init__(self, *, union: bool, allowed: AbstractSet[str] = frozenset()) -> None:
        self._union, self._allowed = union, allowed
        self._engine: pyoxigraph.Store | None = None

    def open(self, folder: str) -> None:
        """Open a directory that no one writes to, replacing the previous one."""
        self._engine = None
        self._engine = pyoxigraph.Store.read_only(folder)

    def answer(self, asked: dict[str, Any], output: Output) -> dict[str, Any] | None:
        """Answer one query (see `pack`); an error is returned as `unpack_error` reads it."""
        query = _unpack(asked)
        try:
            write(self._ask(query), query, output)
        except errors.ComityError as error:
            return pack_error(error)
        except MemoryError:
            return pack_error(errors.MemoryLimit("the query exceeded its memory limit"))
        except (OSError, RuntimeError, ValueError) as failure:
            return pack_error(errors.StoreError(f"the engine could not finish: {failure}"))
        return None

    def _ask(self, query: Query) -> Solutions | Quads | TripleEvidence:
        assert self._engine is not None
        if query.why is not None:
            return explain_triple(self._engine, query.why)
        if query.whole is not None:
            return find(self._engine, query.whole)
        check(query.text, self._allowed)
        try:
            return put(self._engine, query, union=self._union)
        except SyntaxError as error:
            raise explain(query.text, error) from None
        except RuntimeError as error:
            raise errors.QueryError(str(error)) from None


def pack(query: Query) -> dict[str, Any]:
    """Encode a query as JSON without its time limit, which the parent enforces."""
    dataset = query.dataset
    return {
        "text": query.text,
        "table": query.table and query.table.name,
        "graph": query.graph and query.graph.name,
        "dataset": dataset and [list(dataset.default_graphs), list(dataset.named_graphs)],
        "base": query.base,
        "whole": query.whole and [query.whole.graph],
        "why": query.why and list(astuple(query.why)),
    }


def _unpack(asked: dict[str, Any]) -> Query:
    dataset = asked["dataset"]
    return Query(
        asked["text"],
        ResultFormat[asked["table"]] if asked["table"] else None,
        ResultFormat[asked["graph"]] if asked["graph"] else None,
        Dataset(tuple(dataset[0]), tuple(dataset[1])) if dataset else None,
        asked["base"],
        whole=Whole(*asked["whole"]) if asked["whole"] else None,
        why=Why(*asked["why"]) if asked["why"] else None,
    )


def pack_error(error: errors.ComityError) -> dict[str, Any]:
    """Encode an error as JSON."""
    kind = next((k for k in type(error).__mro__ if k.__name__ in KNOWN), errors.StoreError)
    place = getattr(error, "place", None)
    return {
        "kind": kind.__name__,
        "message": str(error),
        "hint": error.hint,
        "place": [place.line, place.column] if place else None,
    }


def unpack_error(packed: dict[str, Any]) -> errors.ComityError:
    """Decode an error encoded by `pack_error`."""
    kind, place = KNOWN[packed["kind"]], packed["place"]
    if place is not None and kind in (errors.QuerySyntaxError, errors.DataError):
        return kind(packed["message"], place=errors.TextPosition(*place), hint=packed["hint"])
    return kind(packed["message"], hint=packed["hint"])
