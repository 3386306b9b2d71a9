"""Binding of a canned query: arguments are resolved to terms and put into its text."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Final, Self

from pyoxigraph import Literal, NamedNode

from comity.graph.catalogue.arguments import resolve, unknown_parameter
from comity.graph.catalogue.names import Names
from comity.graph.catalogue.parameter_types import plain, read_language
from comity.graph.catalogue.queries import RESERVED, CannedQuery
from comity.graph.catalogue.refinement import PARAMETERS, Refinement, narrow, read_narrowing
from comity.graph.errors import ParameterError, quoted
from comity.graph.sparql.substitution import Term, replace_all
from comity.graph.sparql.substitution import replace as replace_terms

DEFAULT_LIMIT: Final = 1000
MAX_LIMIT: Final = 10_000
_PAGING: Final = ("limit", "offset")
_MAX_OFFSET: Final = 10**9
_NUMBER: Final = re.compile(r"\d{1,9}", re.ASCII)
_YES: Final = Literal(True)


@dataclass(frozen=True, slots=True)
class QueryRequest:
    """A call of a canned query: `given` for its parameters, the rest for the answer."""

    given: Mapping[str, str] = field(default_factory=dict)
    limit: int = DEFAULT_LIMIT
    offset: int = 0
    language: str = "en"
    narrowing: Refinement = field(default_factory=Refinement)


@dataclass(frozen=True, slots=True)
class BoundQuery:
    """A canned query with the terms of its parameters, None for those left open.

    A parameter without a term keeps the example of the text.
    """

    query: CannedQuery
    terms: Mapping[str, Term | None] = field(default_factory=dict)
    request: QueryRequest = field(default_factory=QueryRequest)

    @property
    def text(self) -> str:
        """Text for the whole answer: terms inserted, sorted and filtered as requested."""
        text = replace_terms(self.query.text, self.terms)
        return narrow(text, self.query.columns, self.request.narrowing, self.request.language)

    @property
    def given(self) -> dict[str, str]:
        """Parameters that are not left open, as a caller would write them."""
        return {name: plain(term) for name, term in self.terms.items() if term is not None}

    @property
    def iris(self) -> list[str]:
        """IRIs among the terms."""
        return [term.value for term in self.terms.values() if isinstance(term, NamedNode)]

    @property
    def has_period(self) -> bool:
        """True if `from` or `to` is given."""
        return self.value("from") is not None or self.value("to") is not None

    def value(self, name: str) -> str | None:
        """Return the IRI or text of a parameter's term; None if left open or missing."""
        term = self.terms.get(name)
        return None if term is None else term.value

    def is_set(self, name: str) -> bool:
        """True if a boolean parameter is yes."""
        return self.value(name) == "true"

    def without(self, *names: str) -> Self:
        """Return a copy with some parameters left open."""
        return replace(self, terms={**self.terms, **dict.fromkeys(names)})

    def with_any_of(self, name: str, iris: Sequence[str]) -> Self:
        """Return a copy with any of several IRIs for a parameter, which it then no longer is."""
        text = replace_all(self.query.text, name, [NamedNode(iri) for iri in iris])
        parameters = tuple(p for p in self.query.parameters if p.name != name)
        terms = {each: term for each, term in self.terms.items() if each != name}
        query = replace(self.query, text=text, parameters=parameters)
        return replace(self, query=query, terms=terms)

    def with_undated(self) -> Self | None:
        """Return a copy that includes undated rows if a period or day excludes them, else None."""
        narrowed = self.has_period or self.value("as_of") is not None
        if not narrowed or self.query.parameter("undated") is None or self.is_set("undated"):
            return None
        return replace(self, terms={**self.terms, "undated": _YES})


def read_request(
    arguments: Mapping[str, str], query: CannedQuery, beside: tuple[str, ...] | None = None
) -> QueryRequest:
    """Separate a query's own arguments from those of any table. Raises ParameterError.

    `beside` are the names to list in the message besides the query's own, if not those of
    `further`. `sort`, `filter` and `require` may have several values, one per line.
    """
    given = {name: value for name, value in arguments.items() if name not in RESERVED}
    for name in given:
        if query.parameter(name) is None:
            raise unknown_parameter(query, name, further(query) if beside is None else beside)
    if query.form != "table" and (paging := arguments.keys() & {*_PAGING, *PARAMETERS}):
        raise ParameterError(
            min(paging), f"{query.name} returns a {query.form}, which is always complete"
        )
    return QueryRequest(
        given,
        _number(arguments, "limit", DEFAULT_LIMIT, 1, MAX_LIMIT),
        _number(arguments, "offset", 0, 0, _MAX_OFFSET),
        read_language(arguments.get("lang", "")),
        read_narrowing(query.columns, *(arguments.get(n, "").split("\n") for n in PARAMETERS)),
    )


def further(query: CannedQuery) -> tuple[str, ...]:
    """Return the names of the arguments that a query takes besides its own parameters."""
    paging = (*_PAGING, *PARAMETERS) if query.form == "table" else ()
    formats = () if query.parameter("format") else ("format",)
    return (*paging, "lang", *formats)


async def bind_request(query: CannedQuery, request: QueryRequest, names: Names) -> BoundQuery:
    """Resolve the values of a query's parameters. Raises ParameterError."""
    given = await resolve(query, request.given, names)
    terms = {p.name: given.get(p.name, p.example) for p in query.parameters}
    return BoundQuery(query, terms, request)


def _number(arguments: Mapping[str, str], name: str, default: int, least: int, most: int) -> int:
    value = arguments.get(name, "").strip()
    if not value:
        return default
    if not _NUMBER.fullmatch(value) or not least <= int(value) <= most:
        message = f"{name} is {quoted(value)}, but should be a number from {least} to {most:,}"
        raise ParameterError(name, message)
    return int(value)
