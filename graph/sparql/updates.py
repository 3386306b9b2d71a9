"""Graphs that a SPARQL update writes to, read from its tokens before the engine sees it.

The engine can't protect a graph from writes, and accepts a dataset only inside of an update. So an
update is parsed here as far as its operations, templates and graph names, and strictly: what is not
understood is refused, even if the engine would accept it. The engine itself resolves the IRIs.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from typing import Final

import pyoxigraph

from comity.graph.errors import NotAllowed, QuerySyntaxError
from comity.graph.sparql.dataset import Dataset
from comity.graph.sparql.federation import reaches_out
from comity.graph.sparql.nesting import nesting_depth
from comity.graph.sparql.syntax import (
    MAX_DEPTH,
    PROLOGUE,
    QUERIES,
    explain,
    first_keyword,
    place_of,
)
from comity.graph.sparql.tokens import Token, TokenKind, significant
from comity.graph.sparql.update_reader import UnexpectedToken, UpdateOperation, UpdateReader

DEFAULT_GRAPH: Final = ""


@dataclass(frozen=True, slots=True)
class Prepared:
    """An update that may run.

    `text` includes the dataset of the request. `graphs` are those it may write to, None if that is
    unknown. `has_pattern` is True if it has a WHERE.
    """

    text: str
    graphs: frozenset[str] | None
    has_pattern: bool


def prepare(
    text: str,
    *,
    base: str | None = None,
    using: Dataset | None = None,
    protected: AbstractSet[str] = frozenset(),
) -> Prepared:
    """Parse an update, insert the dataset of its request, and refuse what must not run.

    Raises QuerySyntaxError, also if both the text and the request give a dataset (SPARQL 1.1
    Protocol §2.2.3); NotAllowed if it calls other servers or may change a protected graph.
    """
    _check(text)
    try:
        reader = UpdateReader(text, using)
        operations = reader.operations()
    except UnexpectedToken as odd:
        raise _unexpected(text, odd.token, base) from None
    if any(operation.loads for operation in operations) or reaches_out(reader.rewritten()):
        raise NotAllowed(
            "SERVICE and LOAD call other servers, which is not allowed here",
            hint="Download the data and load the file.",
        )
    if using is not None and (token := next(filter(None, (o.dataset for o in operations)), None)):
        raise QuerySyntaxError(
            f"the update has {token.text.upper()}, and the request gives a dataset too",
            place=place_of(text, token.start),
            hint="Leave out one of them (SPARQL 1.1 Protocol §2.2.3).",
        )
    if protected:
        _refuse_anywhere(text, operations)
    graphs = frozenset(_graphs(text, operations, base))
    if touched := sorted(graphs & protected):
        raise protected_graph(touched[0])
    anywhere = any(o.everything or o.variable for o in operations)
    pattern = any(o.has_pattern for o in operations)
    return Prepared(reader.rewritten(), None if anywhere else graphs, pattern)


def protected_graph(iri: str) -> NotAllowed:
    """Return the error for a write to a graph that belongs to Comity."""
    return NotAllowed(
        f"the graph <{iri}> belongs to Comity and is protected",
        hint="Write to a graph of your own.",
    )


def _check(text: str) -> None:
    if nesting_depth(text) > MAX_DEPTH:
        raise QuerySyntaxError(
            f"the update nests deeper than {MAX_DEPTH} levels, or chains too many clauses",
            hint="Put data into INSERT DATA, or into a file that is loaded.",
        )
    first = first_keyword(text)
    if first is not None and first.text.upper() in QUERIES:
        raise QuerySyntaxError(
            f"this is a query ({first.text.upper()}), not an update",
            place=place_of(text, first.start),
            hint="Only updates are accepted here. Send queries to /sparql.",
        )


def _refuse_anywhere(text: str, operations: Iterable[UpdateOperation]) -> None:
    for operation in operations:
        if (token := operation.everything or operation.variable) is None:
            continue
        place = place_of(text, token.start)
        what = token.text.upper() if operation.everything else f"GRAPH {token.text}"
        raise NotAllowed(
            f"line {place.line}, column {place.column}: {what} may mean a graph that belongs to "
            "Comity and is protected",
            hint="Name the graph to write to by its IRI, or by GRAPH <IRI> {…}.",
        )


def _graphs(text: str, operations: list[UpdateOperation], base: str | None) -> Iterator[str]:
    """Resolve the names with the engine, under the same prologue."""
    names: dict[int, dict[str, None]] = {}
    for operation in operations:
        if operation.default:
            yield DEFAULT_GRAPH
        of_prologue = names.setdefault(operation.prologue, {})
        of_prologue.update((token.text, None) for token in operation.names)
    prologues = _prologues(text, names)
    for end, terms in names.items():
        if not terms:
            continue
        query = f"{prologues[end]} SELECT ?g {{ VALUES ?g {{ {' '.join(terms)} }} }}"
        try:
            found = pyoxigraph.Store().query(query, base_iri=base)
        except SyntaxError:
            raise explain(text, _refusal(text, base), "update") from None
        assert isinstance(found, pyoxigraph.QuerySolutions)
        for solution in found:
            name = solution["g"]
            assert isinstance(name, pyoxigraph.NamedNode)
            yield name.value


def _prologues(text: str, ends: Iterable[int]) -> dict[int, str]:
    """Return all declarations before each offset: later prologues add to earlier ones."""
    found: dict[int, str] = {}
    wanted = sorted(ends)
    declared: list[str] = []
    left = 0
    for token in significant(text):
        while wanted and wanted[0] <= token.start:
            found[wanted.pop(0)] = " ".join(declared)
        if not wanted:
            break
        if not left and token.kind is TokenKind.WORD and token.text.upper() in PROLOGUE:
            left = 3 if token.text.upper() == "PREFIX" else 2
        if left:
            declared.append(token.text)
            left -= 1
    return found | dict.fromkeys(wanted, " ".join(declared))


def _unexpected(text: str, token: Token | None, base: str | None) -> QuerySyntaxError:
    """Explain an unexpected token, preferably by the engine's own error."""
    error = _refusal(text, base)
    if token is None or not str(error).startswith(f"error at {text.count(chr(10)) + 2}:"):
        return explain(text, error, "update")
    place = place_of(text, token.start)
    message = f"line {place.line}, column {place.column}: unexpected {token.text}"
    return QuerySyntaxError(message, place=place, hint="Put a space between two words.")


def _refusal(text: str, base: str | None) -> SyntaxError:
    """Return the engine's error for a text. The NUL appended makes it invalid, so it can't run."""
    try:
        pyoxigraph.Store().update(f"{text}\n\0", base_iri=base)
    except SyntaxError as error:
        return error
    raise AssertionError("an update that ends with a null character was taken")
