"""Result of a query: rows of Python values, a boolean, or RDF."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import TYPE_CHECKING, Final, Self, overload

import pyoxigraph
from pyoxigraph import Literal, NamedNode, QueryResultsFormat, RdfFormat, Triple

from comity.graph.catalogue.refinement import LABEL
from comity.graph.errors import MissingProgram, NotAcceptable, quoted
from comity.graph.library.values import RdfTerm, Value, python_value
from comity.graph.rdf.namespaces import PREFIXES
from comity.graph.store.interface import ResultFormat

if TYPE_CHECKING:
    import pandas

_TRIPLE: Final = ("subject", "predicate", "object")
_RDF: Final = {
    "ttl": RdfFormat.TURTLE,
    "nt": RdfFormat.N_TRIPLES,
    "rdf": RdfFormat.RDF_XML,
    "jsonld": RdfFormat.JSON_LD,
}
_INT64: Final = 2**63


@dataclass(frozen=True, repr=False)
class Result(Sequence[dict[str, Value]]):
    """The result of a query, in memory: iterate for its rows, as often as you like.

    A row is a dict with every column. An IRI is a str, a number an int or a float; booleans, dates
    and datetimes have their Python types; anything else is a str, and None means unbound. A
    CONSTRUCT or DESCRIBE has a row for each triple. An ASK has no rows: its answer is `boolean`,
    and the truth value of the result.

    `terms` has the same rows as RDF terms, with languages and datatypes. `version` is the data
    version of the whole result.
    """

    columns: tuple[str, ...]
    terms: tuple[tuple[RdfTerm | None, ...], ...]
    boolean: bool | None = None
    is_graph: bool = False
    version: str = ""

    @classmethod
    def read(cls, body: bytes, format: ResultFormat, version: str) -> Self:
        """Parse the body of an answer: SPARQL Results JSON, or N-Triples."""
        if not format.is_table:
            triples = (quad.triple for quad in pyoxigraph.parse(body, RdfFormat.N_TRIPLES))
            return cls(_TRIPLE, tuple(map(tuple, triples)), is_graph=True, version=version)
        table = pyoxigraph.parse_query_results(body, QueryResultsFormat.JSON)
        if isinstance(table, pyoxigraph.QueryBoolean):
            return cls((), (), boolean=bool(table), version=version)
        columns = tuple(variable.value for variable in table.variables)
        return cls(columns, tuple(map(tuple, table)), version=version)

    def iris(self) -> list[str]:
        """Return the IRIs in the rows, each once."""
        found = (term.value for row in self.terms for term in row if isinstance(term, NamedNode))
        return list(dict.fromkeys(found))

    def with_labels(self, labels: Mapping[str, str]) -> Self:
        """Return the result with a column `<name>_label` after each column with IRIs."""
        named = {
            name
            for at, name in enumerate(self.columns)
            if any(isinstance(row[at], NamedNode) for row in self.terms)
        }

        def wide(row: tuple[RdfTerm | None, ...]) -> Iterator[RdfTerm | None]:
            for name, term in zip(self.columns, row, strict=True):
                yield term
                if name in named:
                    label = labels.get(term.value) if isinstance(term, NamedNode) else None
                    yield None if label is None else Literal(label)

        columns = ((name, name + LABEL) if name in named else (name,) for name in self.columns)
        return replace(
            self, columns=tuple(chain(*columns)), terms=tuple(tuple(wide(r)) for r in self.terms)
        )

    def __len__(self) -> int:
        return len(self.terms)

    def __bool__(self) -> bool:
        return bool(self.terms) if self.boolean is None else self.boolean

    def __iter__(self) -> Iterator[dict[str, Value]]:
        return map(self._row, self.terms)

    @overload
    def __getitem__(self, index: int) -> dict[str, Value]: ...

    @overload
    def __getitem__(self, index: slice) -> list[dict[str, Value]]: ...

    def __getitem__(self, index: int | slice) -> dict[str, Value] | list[dict[str, Value]]:
        if isinstance(index, slice):
            return [self._row(row) for row in self.terms[index]]
        return self._row(self.terms[index])

    def _row(self, terms: tuple[RdfTerm | None, ...]) -> dict[str, Value]:
        return dict(zip(self.columns, map(python_value, terms), strict=True))

    def __repr__(self) -> str:
        if self.boolean is not None:
            return f"Result({self.boolean})"
        return f"Result({len(self):,} rows: {', '.join(self.columns)})"

    def to_pandas(self) -> "pandas.DataFrame":
        """Convert to a DataFrame; integers and booleans stay so beside missing values.

        Raises MissingProgram without pandas, NotAcceptable for an ASK.
        """
        try:
            import pandas
        except ImportError:
            raise MissingProgram("pandas is not installed", hint="pip install pandas") from None
        if self.boolean is not None:
            raise NotAcceptable("an ASK has no rows: its answer is `boolean`")
        columns = {
            name: [python_value(row[at]) for row in self.terms]
            for at, name in enumerate(self.columns)
        }
        return pandas.DataFrame(
            {name: pandas.Series(it, dtype=_dtype(it)) for name, it in columns.items()}
        )

    def to_rdf(self, format: str = "ttl") -> str:
        """Write the triples of a CONSTRUCT or DESCRIBE in ttl, nt, rdf or jsonld.

        Raises NotAcceptable.
        """
        if not self.is_graph:
            raise NotAcceptable("only a CONSTRUCT or DESCRIBE returns RDF")
        if format not in _RDF:
            raise NotAcceptable(
                f"unknown RDF format {quoted(format)}", hint=f"The formats are {', '.join(_RDF)}"
            )
        places = [self.columns.index(name) for name in _TRIPLE]
        triples = [Triple(*(row[at] for at in places)) for row in self.terms]  # type: ignore[arg-type]
        text = " ".join(map(str, triples))
        prefixes = {name: iri for name, iri in PREFIXES.items() if f"<{iri}" in text}
        try:
            written = pyoxigraph.serialize(triples, format=_RDF[format], prefixes=prefixes)
        except OSError as error:  # JSON-LD has no triple terms
            raise NotAcceptable(str(error), hint="Use Turtle or N-Triples.") from None
        return (written or b"").decode()


def _dtype(values: Sequence[Value]) -> str | None:
    """Return a nullable pandas type where pandas would use floats or objects for gaps."""
    types = {type(value) for value in values if value is not None}
    if types == {bool}:
        return "boolean"
    fits = types == {int} and all(abs(v) < _INT64 for v in values if isinstance(v, int))
    return "Int64" if fits else None
