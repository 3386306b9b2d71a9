"""A remote store in the terms of the embedded engine, for library code that asks in its own thread."""

from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any

import pyoxigraph as ox

from comity.graph.remote_text import query_form
from comity.graph.tokens import Kind, tokens

if TYPE_CHECKING:
    from comity.graph.remote import RemoteStore


class RemoteEngine:
    """What `comity.graph.solutions.Readable` asks for. No time limit, and always over the union."""

    def __init__(self, store: "RemoteStore") -> None:
        self._store = store

    def query(
        self,
        query: str,
        /,
        *,
        use_default_graph_as_union: bool = True,
        substitutions: Mapping[ox.Variable, Any] | None = None,
    ) -> Any:
        """The whole result of a SELECT, or the triples of a CONSTRUCT."""
        text = with_values(query, substitutions) if substitutions else query
        if query_form(text) == "CONSTRUCT":
            return self._store.construct(text)
        return self._store.table(text)

    def quads_for_pattern(
        self, subject: Any, predicate: Any, object: Any, graph_name: Any, /
    ) -> Iterator[ox.Quad]:
        """The quads of named graphs that match; none for a blank node, which has no name elsewhere."""
        given = {"s": subject, "p": predicate, "o": object, "g": graph_name}
        if any(isinstance(term, (ox.BlankNode, ox.DefaultGraph)) for term in given.values()):
            return
        parts = {name: f"?{name}" if term is None else str(term) for name, term in given.items()}
        free = [part for part in parts.values() if part.startswith("?")]
        text = "SELECT {} WHERE {{ GRAPH {g} {{ {s} {p} {o} }} }}".format(
            " ".join(free) or "(1 AS ?found)", **parts
        )
        for row in self._store.table(text):
            found = {name: row[name] if term is None else term for name, term in given.items()}
            if not self._store.is_own(found["g"]):
                yield ox.Quad(found["s"], found["p"], found["o"], found["g"])


def with_values(text: str, terms: Mapping[ox.Variable, Any]) -> str:
    """A query whose pattern begins with these terms for these variables."""
    names, values = " ".join(map(str, terms)), " ".join(map(str, terms.values()))
    after = False
    for token in tokens(text):
        if after and token.text == "{":
            at = token.start + 1
            return f"{text[:at]} VALUES ({names}) {{ ({values}) }} {text[at:]}"
        after = after or (token.kind is Kind.WORD and token.text.upper() == "WHERE")
    raise ValueError("a query without WHERE")
