"""Graphs that a SPARQL update writes to, read from its tokens before the engine sees it.

The engine can't protect a graph from writes and takes no dataset beside an update. So an update is
parsed here as far as its operations, templates and graph names, and strictly: what is not
understood is refused, even if the engine would accept it. The engine itself resolves the IRIs.
"""

from collections.abc import Iterable, Iterator
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from typing import Final

import pyoxigraph

from comity.graph.errors import NotAllowed, QuerySyntaxError
from comity.graph.sparql.dataset import Dataset
from comity.graph.sparql.syntax import (
    MAX_DEPTH,
    PROLOGUE,
    QUERIES,
    explain,
    first_keyword,
    place_of,
)
from comity.graph.sparql.tokens import Token, TokenKind, nesting_depth, reaches_out, significant

DEFAULT_GRAPH: Final = ""

_NAMES: Final = (TokenKind.IRI, TokenKind.PREFIXED)
_OPENING: Final = {"{": "}", "(": ")", "[": "]", "<<": ">>", "<<(": ")>>", "{|": "|}"}
_CLOSING: Final = frozenset(_OPENING.values())
_TEMPLATE_WORDS: Final = frozenset(("a", "true", "false"))


@dataclass(frozen=True, slots=True)
class Prepared:
    """An update that may run.

    `text` includes the dataset of the request. `graphs` are those it may write to, None if that is
    unknown. `has_pattern` is True if it has a WHERE.
    """

    text: str
    graphs: frozenset[str] | None
    has_pattern: bool


@dataclass(slots=True)
class _Operation:
    """Graphs that one operation names, as tokens; `prologue` is where its prologue ends."""

    prologue: int
    names: list[Token] = field(default_factory=list)
    default: bool = False
    everything: Token | None = None  # ALL or NAMED
    variable: Token | None = None
    dataset: Token | None = None  # USING or WITH
    has_pattern: bool = False
    loads: bool = False


def prepare(
    text: str,
    *,
    base: str | None = None,
    using: Dataset | None = None,
    protected: AbstractSet[str] = frozenset(),
) -> Prepared:
    """Parse an update, insert the dataset of its request, and refuse what must not run.

    Raises QuerySyntaxError, also if a dataset is given both in the text and beside it (SPARQL 1.1
    Protocol §2.2.3); NotAllowed if it calls other servers or may change a protected graph.
    """
    _check(text)
    try:
        reader = _UpdateReader(text, using)
        operations = reader.operations()
    except _Odd as odd:
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


def _refuse_anywhere(text: str, operations: Iterable[_Operation]) -> None:
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


def _graphs(text: str, operations: list[_Operation], base: str | None) -> Iterator[str]:
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


class _Odd(Exception):
    """An unexpected token; None for the end of the text."""

    def __init__(self, token: Token | None) -> None:
        self.token = token


class _UpdateReader:
    """Parser of the operations of an update (SPARQL 1.1 §19.8, rules [29] to [58])."""

    def __init__(self, text: str, using: Dataset | None) -> None:
        self._text = text
        self._using = _clauses(using) if using is not None else ""
        self._tokens = list(significant(text))
        self._at = 0
        self._changes: list[tuple[int, int, str]] = []  # from, to, replacement

    def operations(self) -> list[_Operation]:
        """Parse all operations; raises _Odd."""
        for token in self._tokens:
            if token.kind is TokenKind.BAD:
                raise _Odd(token)
        found: list[_Operation] = []
        while True:
            operation = _Operation(self._prologue())
            if self._peek() is None:
                return found
            self._operation(operation)
            found.append(operation)
            if self._peek() is None:
                return found
            self._take(";")

    def rewritten(self) -> str:
        """Return the text with the USING clauses of the request and without LOAD SILENT."""
        parts, at = [], 0
        for start, end, instead in self._changes:
            parts += [self._text[at:start], instead]
            at = end
        return "".join([*parts, self._text[at:]])

    # Tokens

    def _peek(self, ahead: int = 0) -> Token | None:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else None

    def _next(self) -> Token:
        token = self._peek()
        if token is None:
            raise _Odd(None)
        self._at += 1
        return token

    def _take(self, text: str) -> Token:
        token = self._next()
        if token.kind is not TokenKind.PUNCTUATION or token.text != text:
            raise _Odd(token)
        return token

    def _take_name(self) -> Token:
        token = self._next()
        if token.kind not in _NAMES:
            raise _Odd(token)
        return token

    def _word(self) -> str:
        token = self._peek()
        return token.text.upper() if token is not None and token.kind is TokenKind.WORD else ""

    def _take_word(self, *words: str) -> str | None:
        """Take the next word if it is one of these, else return None."""
        word = self._word()
        if word not in words:
            return None
        self._at += 1
        return word

    def _require(self, *words: str) -> str:
        word = self._take_word(*words)
        if word is None:
            raise _Odd(self._peek())
        return word

    # Rules of the grammar

    def _prologue(self) -> int:
        while word := self._take_word(*PROLOGUE):
            if word == "PREFIX":
                token = self._next()
                if token.kind is not TokenKind.PREFIXED or not token.text.endswith(":"):
                    raise _Odd(token)
            token = self._next()
            if token.kind is not (TokenKind.STRING if word == "VERSION" else TokenKind.IRI):
                raise _Odd(token)
        first = self._peek()
        return len(self._text) if first is None else first.start

    def _operation(self, operation: _Operation) -> None:
        word = self._word()
        if word in ("CLEAR", "DROP"):
            self._clear(operation)
        elif word == "CREATE":
            self._at += 1
            self._take_word("SILENT")
            self._require("GRAPH")
            operation.names.append(self._take_name())
        elif word in ("ADD", "COPY", "MOVE"):
            self._transfer(operation, word)
        elif word == "LOAD":
            self._load(operation)
        else:
            self._modify(operation)

    def _load(self, operation: _Operation) -> None:
        """Skip a LOAD: it always fails, and with SILENT that is no error (SPARQL 1.1 §3.1.4)."""
        start = self._next().start
        operation.loads = not self._take_word("SILENT")
        last = self._take_name()
        if self._take_word("INTO"):
            self._require("GRAPH")
            last = self._take_name()
            operation.names.append(last)
        self._changes.append((start, last.start + len(last.text), "INSERT DATA {}"))

    def _insert(self, before: Token, text: str) -> None:
        self._changes.append((before.start, before.start, text))

    def _clear(self, operation: _Operation) -> None:
        self._at += 1
        self._take_word("SILENT")
        target = self._peek()
        word = self._require("GRAPH", "DEFAULT", "NAMED", "ALL")
        if word == "GRAPH":
            operation.names.append(self._take_name())
        elif word == "DEFAULT":
            operation.default = True
        else:
            operation.everything = target

    def _transfer(self, operation: _Operation, word: str) -> None:
        self._at += 1
        self._take_word("SILENT")
        source = self._graph_or_default()
        self._require("TO")
        ends = [self._graph_or_default()]
        if word == "MOVE":
            ends.append(source)
        for name in ends:
            if name is None:
                operation.default = True
            else:
                operation.names.append(name)

    def _graph_or_default(self) -> Token | None:
        if self._take_word("DEFAULT"):
            return None
        self._take_word("GRAPH")
        return self._take_name()

    def _modify(self, operation: _Operation) -> None:
        start = self._peek()
        default = None
        if self._take_word("WITH"):
            operation.dataset, default = start, self._take_name()
        word = self._require("INSERT", "DELETE")
        if default is None and self._take_word("DATA"):
            self._template(operation, None)
            return
        where = self._peek()
        if default is None and word == "DELETE" and self._take_word("WHERE"):
            quads = self._template(operation, None)
            operation.has_pattern = True
            if self._using and where is not None:
                self._insert(where, f"{quads}\n{self._using}")
            return
        self._template(operation, default)
        if word == "DELETE" and self._take_word("INSERT"):
            self._template(operation, default)
        self._where(operation)

    def _where(self, operation: _Operation) -> None:
        using = self._peek()
        while self._take_word("USING"):
            operation.dataset = operation.dataset or using
            self._take_word("NAMED")
            self._take_name()
        where = self._peek()
        self._require("WHERE")
        if self._using and where is not None:
            self._insert(where, self._using)
        operation.has_pattern = True
        self._skip_group()

    def _skip_group(self) -> None:
        """Skip a group and its contents."""
        pending = [_OPENING[self._take("{").text]]
        while pending:
            token = self._next()
            if token.kind is TokenKind.PUNCTUATION and token.text in _OPENING:
                pending.append(_OPENING[token.text])
            elif token.text in _CLOSING and token.text != pending.pop():
                raise _Odd(token)

    def _template(self, operation: _Operation, default: Token | None) -> str:
        """Read a block of quads and return its text. Triples outside of GRAPH go to `default`."""
        start = self._take("{").start
        loose = False
        while (token := self._next()).text != "}":
            if token.kind is TokenKind.WORD and token.text.upper() == "GRAPH":
                self._graph_of_template(operation)
            elif token.text != ".":
                loose = True
                self._triple_token(token)
        if loose and default is not None:
            operation.names.append(default)
        operation.default = operation.default or (loose and default is None)
        return self._text[start : token.start + 1]

    def _graph_of_template(self, operation: _Operation) -> None:
        name = self._next()
        if name.kind is TokenKind.VARIABLE:
            operation.variable = operation.variable or name
        elif name.kind in _NAMES:
            operation.names.append(name)
        else:
            raise _Odd(name)
        self._take("{")
        while (token := self._next()).text != "}":
            self._triple_token(token)

    def _triple_token(self, token: Token) -> None:
        """Accept a token of a triple: no opening brace, and only certain words."""
        if token.kind is TokenKind.WORD and token.text.lower() not in _TEMPLATE_WORDS:
            raise _Odd(token)
        if token.kind is TokenKind.PUNCTUATION and token.text in ("{", "}"):
            raise _Odd(token)


def _clauses(using: Dataset) -> str:
    plain = [f"USING {pyoxigraph.NamedNode(iri)}" for iri in using.default_graphs]
    named = [f"USING NAMED {pyoxigraph.NamedNode(iri)}" for iri in using.named_graphs]
    return " ".join([*plain, *named, ""])


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
