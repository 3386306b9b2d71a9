"""The queries of the catalogue, of the views and of the pages, with the arguments of a record."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from itertools import islice, product
from typing import Final

import pyoxigraph as ox
from changed_graph import ChangedGraph, Rows, term

from comity.graph.catalogue.parameter_types import CLASSES
from comity.graph.catalogue.queries import CannedQuery, Parameter, read_canned
from comity.graph.descriptions.description import LABEL, TYPE
from comity.graph.installed import queries_folder
from comity.graph.rdf.namespaces import ID
from comity.graph.sparql.substitution import Term, replace, values_of

# Of these only what is asked of everybody's things is left out: schemes, names, the ontology.
_FOLDERS: Final = (".", "questions", "networks", "timeline", "positions", "thing")
_NO_RECORD: Final = frozenset(
    f"{folder}/{name}"
    for folder, names in {
        "networks": ("ontology",),
        "positions": ("issues", "broader", "narrower", "holders"),
        "thing": ("ontology", "tree", "mentions", "some-records"),
    }.items()
    for name in names
)
# Asked of one record or source each, since the whole graph takes long.
_ONLY: Final[Mapping[str, str]] = {
    "networks/everything": "record",
    "networks/sources": "source",
    "networks/meetings": "source",
    "networks/proposals": "source",
    "timeline/timeline": "source",
    "connections": "source",
}
_MOST: Final = 8  # combinations of values that are tried for a query and a record
_KEPT: Final = 2  # of those that return the record, and of those whose answer may rest on it
# What a page of a thing fills in has no front matter.
_PAGES: Final = {"thing": "thing", "record": "record", "issue": "issue"}


@dataclass(frozen=True)
class Ask:
    """A query with its arguments; `given` are the terms, `text` has them."""

    query: str
    text: str
    given: tuple[tuple[str, Term | None], ...]

    def __str__(self) -> str:
        said = " ".join(f"{name}={_short(value)}" for name, value in self.given if value)
        return f"{self.query} {said}".strip()

    def names(self, value: Term) -> bool:
        """Whether a term is one of the arguments."""
        return any(given == value for _, given in self.given)

    @property
    def only_facts(self) -> bool:
        """Whether only facts are asked for."""
        return any(name == "facts" and value for name, value in self.given)


@cache
def all_queries() -> dict[str, CannedQuery]:
    """Every query about records, by its name below `queries`."""
    found = {}
    for folder in _FOLDERS:
        for file in sorted((queries_folder() / folder).glob("*.rq")):
            name = file.stem if folder in (".", "questions") else f"{folder}/{file.stem}"
            if name not in _NO_RECORD:
                found[name] = read_canned(file)
    return found


def parameters(query: CannedQuery) -> list[Parameter]:
    """The parameters of a query, also of one for a page."""
    pages = (
        Parameter(name, type, "required", "", None)
        for name, type in _PAGES.items()
        if not query.parameters and values_of(query.text, name)
    )
    return [*query.parameters, *pages]


class Terms:
    """What can be asked about a record: its terms, those behind them and those of its neighbours."""

    def __init__(self, graph: ChangedGraph, record: ox.NamedNode) -> None:
        self._graph = graph
        self._record = record
        own = list(_terms(graph, record))
        beside = (
            thing
            for shared in own[:12]
            if any(graph.quads(shared, LABEL))
            for other in list(_told_of(graph, shared))[:3]
            for thing in _terms(graph, other)
        )
        self.terms = list(dict.fromkeys((*own, *islice(beside, 200))))

    def of(self, parameter: Parameter) -> list[Term]:
        """The values of a parameter's type, the record's own first."""
        match parameter.type:
            case "source":
                found = self._value("source")
            case "record":
                found = [self._record]
            case "date":
                found = self._value("earliest", "start", "latest", "end")
            case "date-end":
                found = self._value("latest", "end", "earliest", "start")
            case "thing":
                found = [t for t in self.terms if t.value.startswith(ID)]
            case "boolean" if parameter.name == "facts":
                found = [ox.Literal(True)]
            case type if type in CLASSES:
                found = [t for t in self.terms if _is_a(self._graph, t, CLASSES[type])]
            case _:
                found = []
        example = [parameter.example] if parameter.need == "default" else []
        return list(dict.fromkeys(t for t in (*example, *found) if t))

    def _value(self, *names: str) -> list[Term]:
        found = self._graph.value(self._record, *names)
        return [found] if found else []


def asks_of(terms: Terms, name: str, query: CannedQuery) -> Iterator[Ask]:
    """The query with values of the record for what must be given."""
    told = parameters(query)
    needed = [p for p in told if p.need != "optional" or p.name == _ONLY.get(name)]
    values = [terms.of(p)[: max(3, 9 - 3 * len(needed))] for p in needed]
    different = (c for c in product(*values) if len(set(c)) == len(c))
    for combination in islice(different, _MOST):
        given = dict(zip((p.name for p in needed), combination, strict=True))
        yield _ask(name, query, {**{p.name: None for p in told}, **given})


def narrower(terms: Terms, ask: Ask, query: CannedQuery) -> Iterator[Ask]:
    """The same with one more value: an agent of the record, or facts alone."""
    given = dict(ask.given)
    for parameter in parameters(query):
        if given[parameter.name] is None and (
            parameter.type == "agent" or parameter.name == "facts"
        ):
            for value in terms.of(parameter)[:_KEPT]:
                yield _ask(ask.query, query, {**given, parameter.name: value})


def _ask(name: str, query: CannedQuery, given: Mapping[str, Term | None]) -> Ask:
    return Ask(name, replace(query.text, given), tuple(given.items()))


class Selection:
    """The asks of a record: those that return it, and those whose answer may rest on it."""

    def __init__(
        self, graph: ChangedGraph, queries: Mapping[str, CannedQuery] | None = None
    ) -> None:
        self._graph = graph
        self._queries = queries or all_queries()
        self._answers: dict[str, Rows] = {}
        self._values: dict[str, frozenset[str]] = {}

    def answer(self, text: str) -> Rows:
        """The answer over the unchanged graph."""
        if text not in self._answers:
            self._answers[text] = self._graph.answer(text)
        return self._answers[text]

    def of(self, record: ox.NamedNode) -> list[Ask]:
        """Some asks of each query, in the order of the queries."""
        terms = Terms(self._graph, record)
        return [
            ask
            for name, query in self._queries.items()
            for ask in self._some(terms, record, name, query)
        ]

    def _some(
        self, terms: Terms, record: ox.NamedNode, name: str, query: CannedQuery
    ) -> Iterator[Ask]:
        returning = resting = 0
        for ask in asks_of(terms, name, query):
            if rows_of(record, self.answer(ask.text)):
                returning += 1
                yield ask
                if returning == 1:
                    yield from narrower(terms, ask, query)
            elif resting < _KEPT:
                resting += 1
                yield ask
            if returning == _KEPT or (resting == _KEPT and not self._may_return(name, record)):
                return

    def _may_return(self, name: str, record: ox.NamedNode) -> bool:
        return name not in _ONLY and str(record) in self._open(name)

    def _open(self, name: str) -> frozenset[str]:
        """All values in the answer of a query of which nothing is asked in particular."""
        if name not in self._values:
            query = self._queries[name]
            told = parameters(query)
            if sum(p.need != "optional" for p in told) > 1:  # these take minutes
                return frozenset()
            rows = self._graph.answer(replace(query.text, {p.name: None for p in told}))
            self._values[name] = frozenset(value for row in rows for _, value in row)
        return self._values[name]


def rows_of(record: ox.NamedNode, rows: Rows) -> Rows:
    """The rows that name a record."""
    said = str(record)
    return frozenset(row for row in rows if any(value == said for _, value in row))


def _terms(graph: ChangedGraph, record: ox.NamedNode) -> Iterator[ox.NamedNode]:
    """The things in a record, in the order of the properties' names."""
    quads = graph.store.quads_for_pattern(record, None, None)
    for quad in sorted(quads, key=lambda quad: (str(quad.predicate), str(quad.object))):
        if quad.predicate != TYPE and isinstance(quad.object, ox.NamedNode):
            yield quad.object


def _told_of(graph: ChangedGraph, thing: ox.NamedNode) -> Iterator[ox.NamedNode]:
    found = {q.subject for q in graph.store.quads_for_pattern(None, None, thing)}
    for subject in sorted(found, key=str):
        if isinstance(subject, ox.NamedNode) and any(graph.quads(subject, term("modality"))):
            yield subject


def _is_a(graph: ChangedGraph, thing: ox.NamedNode, kind: str) -> bool:
    return any(True for _ in graph.store.quads_for_pattern(thing, TYPE, ox.NamedNode(kind), None))


def _short(value: Term) -> str:
    return value.value.rsplit("/", 1)[-1]
