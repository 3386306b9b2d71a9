"""Catalogue of canned queries: `.rq` files whose front matter describes them and their parameters.

A file runs as it stands. Its `#+ param:` lines name the variables that a caller may set, each with
an example in a VALUES line of the text.
"""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from functools import lru_cache
from pathlib import Path
from typing import Final, Literal, cast

import pyoxigraph

from comity.graph.catalogue.front_matter import ExpectedAnswer, QueryFile, parse_query
from comity.graph.catalogue.parameter_types import TYPES, plain
from comity.graph.catalogue.refinement import PARAMETERS
from comity.graph.errors import QueryError, QueryFileError
from comity.graph.installed import queries_folder
from comity.graph.rdf.namespaces import PREFIXES
from comity.graph.sparql import substitution
from comity.graph.sparql.prefixes import declared_prefixes
from comity.graph.sparql.substitution import Term
from comity.graph.sparql.syntax import check, explain

Need = Literal["required", "optional", "default"]
Form = Literal["table", "boolean", "graph"]

# Keys of the query string that are not parameters of a query. `format` may also name a parameter,
# of formats of negotiation; then the suffix or the Accept header gives the format of the answer.
RESERVED: Final = frozenset(
    (
        *("limit", "offset", "lang", "multi", "around", "hops", "flavor", "bom"),
        *PARAMETERS,
    )
)
_NEEDS: Final = frozenset(("required", "optional", "default"))
_VARIABLE: Final = re.compile(r"[A-Za-z][A-Za-z0-9_]*\Z")
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9_-]*\Z")


@dataclass(frozen=True, slots=True)
class Parameter:
    """A variable that the caller may set; `example` is None for UNDEF in the text."""

    name: str
    type: str
    need: Need
    meaning: str
    example: Term | None

    @property
    def example_text(self) -> str:
        """The example as a caller may give it; "" if there is none."""
        return plain(self.example)


@dataclass(frozen=True, slots=True)
class HomeQuestion:
    """A question on the home page: the query run with `terms`, None for parameters left open.

    `columns` are shown beside the record and its words.
    """

    place: int
    question: str
    columns: tuple[str, ...]
    terms: Mapping[str, Term | None]


@dataclass(frozen=True, slots=True)
class CannedQuery:
    """One query of the catalogue; `columns` are those of a table, empty for the other forms.

    `answers` are the rows that its file expects, some of them if `partial`. `ends` are the columns
    of the ends of an edge if the answer is shown as a network.
    """

    name: str
    text: str
    summary: str
    description: str
    tags: tuple[str, ...]
    parameters: tuple[Parameter, ...]
    form: Form
    columns: tuple[str, ...]
    answers: tuple[tuple[str, ...], ...] = ()
    answer_columns: tuple[str, ...] = ()
    partial: bool = False
    ends: tuple[str, str] | None = None
    home: HomeQuestion | None = None

    @property
    def prefixes(self) -> Mapping[str, str]:
        """Prefixes declared in the text, each with its IRI."""
        return declared_prefixes(self.text)

    @property
    def examples(self) -> dict[str, str]:
        """The example of each parameter with one, as a caller may give it."""
        return {p.name: p.example_text for p in self.parameters if p.example_text}

    def parameter(self, name: str) -> Parameter | None:
        """Return the parameter of this name, or None."""
        return next((p for p in self.parameters if p.name == name), None)


@dataclass(frozen=True, slots=True)
class Catalogue:
    """The valid queries by name, and the errors of the invalid files."""

    queries: Mapping[str, CannedQuery]
    broken: Sequence[QueryFileError] = field(default=())

    def near(self, name: str) -> list[str]:
        """Return up to five similar names."""
        return get_close_matches(name, self.queries, 5)


def load_catalogue(folders: Iterable[Path] = ()) -> Catalogue:
    """Load the bundled catalogue and further folders; a broken file is reported, not raised."""
    bundled = queries_folder()
    return _load((bundled, bundled / "questions", *folders))


def load_views(folders: Iterable[Path] = ()) -> Catalogue:
    """Load the network views: those in `networks/` of the bundled catalogue and further folders."""
    return _load(folder / "networks" for folder in (queries_folder(), *folders))


def _load(folders: Iterable[Path]) -> Catalogue:
    queries: dict[str, CannedQuery] = {}
    broken: list[QueryFileError] = []
    for folder in folders:
        for file in sorted(folder.glob("*.rq")):
            try:
                query = read_canned(file)
                if query.name in queries:
                    raise QueryFileError(
                        file, 1, f"the name {query.name} is taken by another query"
                    )
                queries[query.name] = query
            except QueryFileError as error:
                broken.append(error)
    return Catalogue(queries, broken)


def read_canned(file: Path) -> CannedQuery:
    """Read one file of a catalogue. Raises QueryFileError, which names file and line."""
    if not _NAME.match(file.stem):
        raise QueryFileError(file, 1, "the file name may contain only a-z, 0-9, - and _")
    try:
        state = file.stat()
        return _parse_file(file, state.st_mtime_ns, state.st_size)
    except (OSError, UnicodeDecodeError) as error:
        raise QueryFileError(file, 1, f"can't be read: {error}") from None


# Each application in a process loads the catalogue.
@lru_cache(1024)
def _parse_file(file: Path, modified: int, size: int) -> CannedQuery:
    return parse_canned(file.stem, file.read_text(encoding="utf-8"), file)


def parse_canned(name: str, text: str, file: Path) -> CannedQuery:
    """Parse a canned query; `file` is for the messages of a QueryFileError."""
    _try(text, file, check)  # before columns are added, so that an error has its own place
    try:
        query = parse_query(name, text)
    except ValueError as error:
        raise QueryFileError(file, _line_of(text, "#+ columns:"), str(error)) from None
    text = query.text
    solutions = _try(text, file)
    parameters = tuple(_parameters(query, file))
    expected = query.expected or ExpectedAnswer((), partial=False)
    found = CannedQuery(
        name=name,
        text=text,
        summary=query.summary,
        description=" ".join(query.fields.get("description", ())),
        tags=_split(query.first("tags"), ","),
        parameters=parameters,
        form=_form(solutions),
        columns=_columns(solutions),
        answers=expected.rows,
        answer_columns=tuple((query.first("answer-columns") or "").split()),
        partial=expected.partial,
        ends=_ends(query, _columns(solutions), file),
        home=_home(query, parameters, _columns(solutions), file),
    )
    if found.form == "table":
        _try(substitution.cut(text, 1), file)  # fails for a LIMIT without a space before its number
    return found


def _line_of(text: str, beginning: str) -> int:
    lines = enumerate(text.split("\n"), 1)
    return next((number for number, line in lines if line.startswith(beginning)), 1)


def bind(query: CannedQuery, values: Mapping[str, Term | None]) -> str:
    """Return the text with its examples replaced: None by UNDEF; parameters not given keep them.

    Raises QueryError if the query has no such parameter.
    """
    for name in values:
        if query.parameter(name) is None:
            raise QueryError(f"{query.name} has no parameter {name}")
    return substitution.replace(query.text, values)


def _parameters(query: QueryFile, file: Path) -> Iterable[Parameter]:
    seen: set[str] = set()
    lines = query.lines.get("param", ())
    for line, written in zip(lines, query.fields.get("param", ()), strict=True):
        try:
            parameter = _parameter(query.text, written)
        except (ValueError, SyntaxError) as error:
            raise QueryFileError(file, line, str(error)) from None
        if parameter.name in seen:
            raise QueryFileError(file, line, f"the parameter {parameter.name} is declared twice")
        seen.add(parameter.name)
        yield parameter


def _parameter(text: str, written: str) -> Parameter:
    """Parse `name | type | need | meaning`. Raises ValueError."""
    name, type, need, meaning = (*(p.strip() for p in written.split("|", 3)), "", "", "")[:4]
    if not _VARIABLE.match(name):
        raise ValueError(f"{name or 'nothing'} is not a variable name")
    if name in RESERVED:
        raise ValueError(f"{name} can't be a parameter: {', '.join(sorted(RESERVED))} are reserved")
    if type not in TYPES:
        raise ValueError(
            f"{name}: unknown type {type or '(none)'}; the types are {', '.join(TYPES)}"
        )
    if need not in _NEEDS:
        raise ValueError(f"{name}: {need or 'nothing'} is not one of required, optional, default")
    return Parameter(name, type, cast(Need, need), meaning, _example(text, name))


def _example(text: str, name: str) -> Term | None:
    spans = substitution.values_of(text, name)
    if not spans:
        raise ValueError(f"the parameter {name} has no line VALUES ?{name} {{ … }} in the text")
    if substitution.in_value_lists(text, name):
        raise ValueError(f"?{name} is in a VALUES of several variables, where it can't be set")
    found = [substitution.examples(text, span) for span in spans]
    if any(len(terms) != 1 for terms in found):
        raise ValueError(f"VALUES ?{name} {{ … }} needs one example, not {len(found[0])}")
    if any(terms != found[0] for terms in found):
        raise ValueError(f"the VALUES lines of ?{name} have different examples")
    return found[0][0]


def _try(text: str, file: Path, *checks: Callable[[str], None]) -> object:
    """Run a text on no data. Raises QueryFileError."""
    try:
        for each in checks:
            each(text)
        return pyoxigraph.Store().query(text)
    except SyntaxError as error:
        known = explain(text, error)
        raise QueryFileError(file, known.place.line if known.place else 1, str(known)) from None
    except QueryError as error:
        raise QueryFileError(file, 1, str(error)) from None


def _form(solutions: object) -> Form:
    if isinstance(solutions, pyoxigraph.QuerySolutions):
        return "table"
    return "boolean" if isinstance(solutions, pyoxigraph.QueryBoolean) else "graph"


def _columns(solutions: object) -> tuple[str, ...]:
    if not isinstance(solutions, pyoxigraph.QuerySolutions):
        return ()
    return tuple(variable.value for variable in solutions.variables)


def _ends(query: QueryFile, columns: tuple[str, ...], file: Path) -> tuple[str, str] | None:
    """Parse `network: holder -> issue`, two columns of the table."""
    written = query.first("network")
    if written is None:
        return None
    source, arrow, target = (part.strip() for part in written.partition("->"))
    if not arrow or source not in columns or target not in columns:
        message = f"network: {written}: not two columns of the query, as in `holder -> issue`"
        raise QueryFileError(file, query.lines["network"][0], message)
    return source, target


def _home(
    query: QueryFile, parameters: Sequence[Parameter], columns: tuple[str, ...], file: Path
) -> HomeQuestion | None:
    """Parse `home: 1 | Who is it? | who when | of=id:jcpoa`: place, question, columns, terms."""
    written = query.first("home")
    if written is None:
        return None
    place, question, shown, given = (*(p.strip() for p in written.split("|")), "", "", "")[:4]
    try:
        if not place.isdecimal() or not question or "record" not in columns:
            raise ValueError("home: write place | question; the query needs a column record")
        if stray := [name for name in shown.split() if name not in columns]:
            raise ValueError(f"home: there is no column {stray[0]}")
        terms = _home_terms(given, parameters, {**PREFIXES, **declared_prefixes(query.text)})
    except ValueError as error:
        raise QueryFileError(file, query.lines["home"][0], str(error)) from None
    return HomeQuestion(int(place), question, tuple(shown.split()), terms)


def _home_terms(
    given: str, parameters: Sequence[Parameter], prefixes: Mapping[str, str]
) -> dict[str, Term | None]:
    """Parse `who=id:iran of=id:jcpoa`; optional parameters that are not given are left open."""
    terms: dict[str, Term | None] = {p.name: None for p in parameters if p.need == "optional"}
    for pair in given.split():
        name, _, value = pair.partition("=")
        prefix, _, local = value.partition(":")
        if name not in {p.name for p in parameters} or prefix not in prefixes:
            raise ValueError(f"home: {pair} is not a parameter and a name, as in of=id:jcpoa")
        terms[name] = pyoxigraph.NamedNode(prefixes[prefix] + local)
    return terms


def _split(text: str | None, separator: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in (text or "").split(separator)) if text else ()
