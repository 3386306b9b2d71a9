"""Parser of the operations of a SPARQL update, as far as the graphs that they name."""

from dataclasses import dataclass, field
from typing import Final

import pyoxigraph

from comity.graph.sparql.dataset import Dataset
from comity.graph.sparql.syntax import PROLOGUE
from comity.graph.sparql.tokens import CLOSING, Token, TokenKind, significant

_NAMES: Final = (TokenKind.IRI, TokenKind.PREFIXED)
_PAIRS: Final = {"{": "}", "(": ")", "[": "]", "<<": ">>", "<<(": ")>>", "{|": "|}"}
_TEMPLATE_WORDS: Final = frozenset(("a", "true", "false"))


@dataclass(slots=True)
class UpdateOperation:
    """Graphs that one operation names, as tokens; `prologue` is where its prologue ends."""

    prologue: int
    names: list[Token] = field(default_factory=list)
    default: bool = False
    everything: Token | None = None  # ALL or NAMED
    variable: Token | None = None
    dataset: Token | None = None  # USING or WITH
    has_pattern: bool = False
    loads: bool = False


class UnexpectedToken(Exception):
    """An unexpected token; None for the end of the text."""

    def __init__(self, token: Token | None) -> None:
        self.token = token


class UpdateReader:
    """Parser of the operations of an update (SPARQL 1.1 §19.8, rules [29] to [58])."""

    def __init__(self, text: str, using: Dataset | None) -> None:
        self._text = text
        self._using = _clauses(using) if using is not None else ""
        self._tokens = list(significant(text))
        self._at = 0
        self._changes: list[tuple[int, int, str]] = []  # from, to, replacement

    def operations(self) -> list[UpdateOperation]:
        """Parse all operations; raises UnexpectedToken."""
        for token in self._tokens:
            if token.kind is TokenKind.BAD:
                raise UnexpectedToken(token)
        found: list[UpdateOperation] = []
        while True:
            operation = UpdateOperation(self._prologue())
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
            raise UnexpectedToken(None)
        self._at += 1
        return token

    def _take(self, text: str) -> Token:
        token = self._next()
        if token.kind is not TokenKind.PUNCTUATION or token.text != text:
            raise UnexpectedToken(token)
        return token

    def _take_name(self) -> Token:
        token = self._next()
        if token.kind not in _NAMES:
            raise UnexpectedToken(token)
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
            raise UnexpectedToken(self._peek())
        return word

    # Rules of the grammar

    def _prologue(self) -> int:
        while word := self._take_word(*PROLOGUE):
            if word == "PREFIX":
                token = self._next()
                if token.kind is not TokenKind.PREFIXED or not token.text.endswith(":"):
                    raise UnexpectedToken(token)
            token = self._next()
            if token.kind is not (TokenKind.STRING if word == "VERSION" else TokenKind.IRI):
                raise UnexpectedToken(token)
        first = self._peek()
        return len(self._text) if first is None else first.start

    def _operation(self, operation: UpdateOperation) -> None:
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

    def _load(self, operation: UpdateOperation) -> None:
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

    def _clear(self, operation: UpdateOperation) -> None:
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

    def _transfer(self, operation: UpdateOperation, word: str) -> None:
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

    def _modify(self, operation: UpdateOperation) -> None:
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

    def _where(self, operation: UpdateOperation) -> None:
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
        pending = [_PAIRS[self._take("{").text]]
        while pending:
            token = self._next()
            if token.kind is TokenKind.PUNCTUATION and token.text in _PAIRS:
                pending.append(_PAIRS[token.text])
            elif token.text in CLOSING and token.text != pending.pop():
                raise UnexpectedToken(token)

    def _template(self, operation: UpdateOperation, default: Token | None) -> str:
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

    def _graph_of_template(self, operation: UpdateOperation) -> None:
        name = self._next()
        if name.kind is TokenKind.VARIABLE:
            operation.variable = operation.variable or name
        elif name.kind in _NAMES:
            operation.names.append(name)
        else:
            raise UnexpectedToken(name)
        self._take("{")
        while (token := self._next()).text != "}":
            self._triple_token(token)

    def _triple_token(self, token: Token) -> None:
        """Accept a token of a triple: no opening brace, and only certain words."""
        if token.kind is TokenKind.WORD and token.text.lower() not in _TEMPLATE_WORDS:
            raise UnexpectedToken(token)
        if token.kind is TokenKind.PUNCTUATION and token.text in ("{", "}"):
            raise UnexpectedToken(token)


def _clauses(using: Dataset) -> str:
    plain = [f"USING {pyoxigraph.NamedNode(iri)}" for iri in using.default_graphs]
    named = [f"USING NAMED {pyoxigraph.NamedNode(iri)}" for iri in using.named_graphs]
    return " ".join([*plain, *named, ""])
