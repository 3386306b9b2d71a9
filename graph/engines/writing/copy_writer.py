"""Process that writes to a copy of the data and may be killed without harm to the data.

Its parent (`comity.graph.engines.writing.writer`) sends one request per line to its standard input,
as JSON, and gets one line for each. `open` names the directory of a copy; `update` and `change`
write to it; `commit` flushes it to disk and closes it, after which the parent puts it in the place
of the data.
"""

import hashlib
import json
import os
import signal
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import ExitStack
from itertools import chain, islice
from typing import Any, Final

import pyoxigraph
from pyoxigraph import NamedNode, Quad, RdfFormat

from comity.graph import errors
from comity.graph.engines.workers.wire import pack_error
from comity.graph.engines.writing.payloads import (
    GraphName,
    iri_of,
    place,
    read_payload,
    refuse_protected,
    target,
)
from comity.graph.errors import unwritable
from comity.graph.processes import die_with_parent, fence, limit_memory
from comity.graph.rdf.namespaces import DERIVED_GRAPH, RECORD_GRAPH
from comity.graph.sparql.dataset import Dataset
from comity.graph.sparql.syntax import explain
from comity.graph.sparql.updates import prepare
from comity.graph.store.record import forget_derived

_NICE: Final = 5  # niceness, so that queries take precedence
_LARGE: Final = 20_000  # quads of a graph to be emptied in one transaction: 1 KB and 50 µs each


def main() -> None:
    """Serve the parent until it closes the pipe; the argument is the memory limit, 0 for none."""
    memory = int(sys.argv[1])
    die_with_parent()
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is for the parent
    fence()
    if hasattr(os, "nice"):  # not on Windows
        os.nice(_NICE)
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # nothing else may be written between the answers
    copyist = CopyWriter()
    for line in sys.stdin.buffer:
        answer = copyist.answer(json.loads(line))
        if memory:
            limit_memory(memory)
            memory = 0
        out.write(json.dumps(answer).encode() + b"\n")
        out.flush()


class CopyWriter:
    """The engine on one copy after another."""

    def __init__(self) -> None:
        self._engine: pyoxigraph.Store | None = None
        self._protected: frozenset[str] = frozenset()
        self._seal: str | None = None
        self._touched = False
        self._asked = False
        self._half_done = False

    def answer(self, request: dict[str, Any]) -> dict[str, Any]:
        """Handle a request; an error says if it left the copy unusable."""
        answer = self._attempt(request)
        if answer.get("spoilt"):
            self._engine = (
                None  # the parent removes its files, which would occupy the disk while open
            )
        return answer

    def _attempt(self, request: dict[str, Any]) -> dict[str, Any]:
        tasks: dict[str, Callable[..., dict[str, Any]]] = {
            "open": self.open,
            "update": self.update,
            "change": self.change,
            "commit": self.commit,
        }
        self._half_done = False
        try:
            return tasks[request.pop("do")](**request)
        except errors.ComityError as error:
            return {"error": pack_error(error), "spoilt": self._half_done}
        except MemoryError:
            limit = errors.MemoryLimit("the write exceeded its memory limit")
            return {"error": pack_error(limit), "spoilt": True}
        except (OSError, RuntimeError, ValueError) as failure:
            return {"error": pack_error(unwritable("the store", failure)), "spoilt": True}

    @property
    def engine(self) -> pyoxigraph.Store:
        assert self._engine is not None
        return self._engine

    def open(self, folder: str, protected: list[str]) -> dict[str, Any]:
        """Open a copy, replacing the previous one."""
        self._engine = None
        self._engine = pyoxigraph.Store(folder)
        self._protected = frozenset(protected)
        self._touched = self._asked = False
        return {}

    def commit(self) -> dict[str, Any]:
        """Flush the copy to disk and close it; False for one that must not be used."""
        if self._asked and self._seal != _seal(self.engine, self._protected):
            return {"sound": False}
        if self._touched:
            forget_derived(self.engine)
        self.engine.flush()
        self._engine = None
        return {"sound": True}

    def update(self, text: str, base: str | None, using: list[list[str]] | None) -> dict[str, Any]:
        """Run a SPARQL update."""
        dataset = None if using is None else Dataset(*map(tuple, using))
        prepared = prepare(text, base=base, using=dataset, protected=self._protected)
        if prepared.has_pattern and self._protected:
            self._asked = True
            if self._seal is None:
                self._seal = _seal(self.engine, self._protected)
        try:
            self.engine.update(prepared.text, base_iri=base)
        except SyntaxError as error:
            raise explain(text, error, "update") from None
        except RuntimeError as error:
            raise errors.QueryError(str(error)) from None
        self._touched = self._touched or prepared.graphs != frozenset()
        return {"graphs": None if prepared.graphs is None else sorted(prepared.graphs)}

    def change(
        self,
        method: str,
        graph: str | None,
        payloads: list[dict[str, Any]],
        base: str | None,
        emptying: bool,
        exists: bool | None,
        whole: bool,
    ) -> dict[str, Any]:
        """Put, add to or delete a graph, or all graphs if `graph` is None.

        `exists` requires that it exists before, or that it does not; `whole` means that nothing
        else is done to the copy, which may then be written in ways that can't be undone: above a
        number of quads the engine's transactions need too much memory. Returns `large` if that is
        needed.
        """
        refuse_protected(graph, method, self._protected)
        name = None if graph is None else target(graph)
        there = not isinstance(name, NamedNode) or self.engine.contains_named_graph(name)
        _require(graph, method, exists=exists, there=there)
        touched: set[GraphName] = set()
        with ExitStack() as stack:
            quads = chain.from_iterable(read_payload(payload, base, stack) for payload in payloads)
            placed = place(quads, name, touched, self._protected)
            if whole:
                self._half_done = True
                if method != "POST":
                    self._empty(name, slowly=True)
                self.engine.bulk_extend(self._emptying(placed) if emptying else placed)
            else:
                found = list(placed)  # then `touched` is complete
                emptied = touched if emptying else set() if method == "POST" else {name}
                if not self._exchange(found, emptied):
                    return {"large": True}
        if isinstance(name, NamedNode):
            if method == "DELETE":
                self.engine.remove_graph(name)
            else:
                self.engine.add_graph(name)
        self._touched = True
        graphs = touched if name is None else {*touched, name}
        everything = name is None and method != "POST"
        return {
            "created": not there,
            "graphs": None if everything else sorted(map(iri_of, graphs)),
        }

    def _exchange(self, quads: list[Quad], emptied: Iterable[GraphName | None]) -> bool:
        """Empty graphs and add quads in transactions; False if a graph is too large for them."""
        graphs = list(emptied)
        if any(each is not None and self._is_large(each) for each in graphs):
            return False
        self._half_done = True
        for each in graphs:
            self._empty(each)
        self.engine.extend(quads)
        return True

    def _is_large(self, name: GraphName) -> bool:
        quads = self.engine.quads_for_pattern(None, None, None, name)
        return next(islice(quads, _LARGE, None), None) is not None

    def _empty(self, name: GraphName | None, *, slowly: bool = False) -> None:
        """Empty a graph; all of them, which is fast, for None."""
        if name is None:
            self.engine.clear()
        elif not slowly:
            self.engine.clear_graph(name)
        else:
            for quad in self.engine.quads_for_pattern(None, None, None, name):
                self.engine.remove(quad)

    def _emptying(self, quads: Iterable[Quad]) -> Iterator[Quad]:
        """Empty each graph before its first quad."""
        emptied: set[GraphName] = set()
        for quad in quads:
            if quad.graph_name not in emptied:
                emptied.add(quad.graph_name)
                self._empty(quad.graph_name, slowly=True)
            yield quad


def _require(graph: str | None, method: str, *, exists: bool | None, there: bool) -> None:
    """Raise PreconditionFailed or NoSuchGraph for a graph that is not as the request needs it."""
    if exists is not None and exists is not there:
        raise errors.PreconditionFailed(
            f"there is {'a' if there else 'no'} graph <{graph or 'default'}> in the store"
        )
    if method == "DELETE" and not there:
        raise errors.NoSuchGraph(f"there is no graph <{graph}> in the store")


def _seal(engine: pyoxigraph.Store, protected: Iterable[str]) -> str:
    """Fingerprint the protected graphs, except those that Comity itself rebuilds."""
    digest = hashlib.sha256()
    for iri in sorted(set(protected) - {DERIVED_GRAPH.value, RECORD_GRAPH.value}):
        data = engine.dump(format=RdfFormat.N_TRIPLES, from_graph=NamedNode(iri))
        digest.update(f"\0{iri}\0".encode() + (data or b""))
    return digest.hexdigest()


if __name__ == "__main__":
    main()
