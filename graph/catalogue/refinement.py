"""Sorting and filtering of the answer of a SELECT in RAMOSE's syntax, by a SELECT around it.

`require=column`, `filter=column:pattern`, `filter=column:>value`, `sort=desc(column)`
(https://opencitations.github.io/ramose/). The engine does the work, within the limits of the query;
its regular expressions run in linear time, so no pattern can stall it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from difflib import get_close_matches
from typing import Final

import pyoxigraph

from comity.graph.errors import ParameterError, quoted
from comity.graph.rdf.namespaces import PREFIXES
from comity.graph.sparql.substitution import split_prologue
from comity.graph.sparql.tokens import TokenKind, significant

LABEL: Final = "_label"  # suffix of the name of a label column
PARAMETERS: Final = ("sort", "filter", "require")
_MOST: Final = 20  # of each parameter, far more than anyone needs; each adds a level of nesting
_LONGEST: Final = 1000
_SORT: Final = re.compile(r"(?:(asc|desc)\((\w+)\)|(\w+))")
_FILTER: Final = re.compile(r"(\w+):(>=|<=|!=|=|<|>|)(.*)", re.DOTALL)
_NUMBER: Final = re.compile(r"[+-]?\d{1,18}(\.\d{1,18})?", re.ASCII)
_DATE: Final = re.compile(r"\d{4}(-\d\d(-\d\d(T[\d:]{8})?)?)?", re.ASCII)
_TEMPORAL: Final = ", ".join(
    f"<{PREFIXES['xsd']}{name}>" for name in ("dateTime", "date", "gYearMonth", "gYear")
)
_LABELS: Final = f"<{PREFIXES['rdfs']}label>|<{PREFIXES['skos']}prefLabel>"


@dataclass(frozen=True, slots=True)
class Filter:
    """A condition on a column; without an operator the value is a regular expression."""

    column: str
    operator: str
    value: str


@dataclass(frozen=True, slots=True)
class Refinement:
    """A requested order and selection of an answer; sort columns have True for descending."""

    sort: tuple[tuple[str, bool], ...] = ()
    filters: tuple[Filter, ...] = ()
    required: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sort or self.filters or self.required)


def read_narrowing(
    columns: Sequence[str],
    sort: Iterable[str] = (),
    filters: Iterable[str] = (),
    required: Iterable[str] = (),
) -> Refinement:
    """Parse the parameters for an answer with these columns.

    Label columns count too: `holder_label`. Raises ParameterError, which names the parameter.
    """
    return Refinement(
        tuple(_read_sort(columns, each) for each in _some("sort", sort)),
        tuple(_read_filter(columns, each) for each in _some("filter", filters)),
        tuple(_column("require", columns, each) for each in _some("require", required)),
    )


def narrow(text: str, columns: Sequence[str], narrowing: Refinement, language: str) -> str:
    """Wrap a SELECT of these columns in another; labels are those for readers of `language`."""
    if not narrowing:
        return text
    prologue, select = split_prologue(text)
    select, datasets = _without_dataset(select)
    used = dict.fromkeys(
        (*narrowing.required, *(f.column for f in narrowing.filters), *dict(narrowing.sort))
    )
    names = {name: _variable(name, columns) for name in used}
    lines = [
        prologue.rstrip(),
        f"SELECT {' '.join(f'?{name}' for name in columns)} {datasets}WHERE {{",
        f"  {{ {select.strip()}\n  }}",  # on a line of its own: the text may end in a comment
        *(_label(name, language) for name in used if name not in columns),
        *(f"  FILTER(BOUND({names[name]}))" for name in narrowing.required),
        *(f"  FILTER({_condition(names[f.column], f)})" for f in narrowing.filters),
        "}",
    ]
    if narrowing.sort:
        keys = (f"{'DESC' if down else 'ASC'}({names[name]})" for name, down in narrowing.sort)
        # All columns after these, so that the pages of one answer are consistent.
        lines.append(f"ORDER BY {' '.join((*keys, *(f'?{name}' for name in columns)))}")
    return "\n".join(lines) + "\n"


def _some(parameter: str, values: Iterable[str]) -> list[str]:
    found = [value.strip() for value in values if value.strip()]
    if len(found) > _MOST:
        raise ParameterError(parameter, f"{parameter} is given more than {_MOST} times")
    return found


def _read_sort(columns: Sequence[str], value: str) -> tuple[str, bool]:
    match = _SORT.fullmatch(value)
    if match is None:
        message = f"{quoted(value)} is not a sort order"
        raise ParameterError("sort", message, hint="Write sort=desc(column) or sort=asc(column)")
    return _column("sort", columns, match[2] or match[3]), match[1] == "desc"


def _read_filter(columns: Sequence[str], value: str) -> Filter:
    match = _FILTER.fullmatch(value)
    if match is None or not match[3] or len(value) > _LONGEST:
        message = f"{quoted(value)} is not a filter"
        hint = (
            "Write filter=column:pattern, or column:=value; the operators are =, !=, <, >, <=, >="
        )
        raise ParameterError("filter", message, hint=hint)
    found = Filter(_column("filter", columns, match[1]), match[2], match[3])
    if not found.operator and not _is_pattern(found.value):
        message = f"{quoted(found.value)} is not a regular expression"
        hint = f"For the literal text write filter={found.column}:={found.value[:60]}"
        raise ParameterError("filter", message, hint=hint)
    return found


def _column(parameter: str, columns: Sequence[str], name: str) -> str:
    if name in columns or (name.endswith(LABEL) and name.removesuffix(LABEL) in columns):
        return name
    near = get_close_matches(name, columns, 1)
    hint = f"Did you mean {near[0]}? " if near else ""
    message = f"there is no column {quoted(name)}"
    raise ParameterError(parameter, message, hint=f"{hint}The columns are {', '.join(columns)}")


def _is_pattern(value: str) -> bool:
    """True if the engine accepts a regular expression: an error leaves the variable unbound."""
    written = pyoxigraph.Literal(value)
    solutions = pyoxigraph.Store().query(f'SELECT (REGEX("", {written}, "i") AS ?fits) {{}}')
    assert isinstance(solutions, pyoxigraph.QuerySolutions)
    return next(solutions)["fits"] is not None


def _variable(name: str, columns: Sequence[str]) -> str:
    return f"?{name}" if name in columns else f"?comity_{name}"


def _condition(variable: str, filter: Filter) -> str:
    """Compare by the type of the value in the column: a number, a date, else a text."""
    text, written = f"STR({variable})", str(pyoxigraph.Literal(filter.value))
    if not filter.operator:
        return f'REGEX({text}, {written}, "i")'
    found = f"{text} {filter.operator} {written}"
    if filter.operator in ("=", "!="):
        last = (str(pyoxigraph.Literal(mark + filter.value)) for mark in "/#")
        ends = " || ".join(f"STRENDS({text}, {each})" for each in last)
        same = f"{text} = {written} || (isIRI({variable}) && ({ends}))"
        found = f"({same})" if filter.operator == "=" else f"!({same})"
    if _DATE.fullmatch(filter.value):
        # To the given precision: 2021-02 is every moment of February 2021.
        moment = f"SUBSTR({text}, 1, {len(filter.value)}) {filter.operator} {written}"
        is_moment = f"isLiteral({variable}) && DATATYPE({variable}) IN ({_TEMPORAL})"
        found = f"IF({is_moment}, {moment}, {found})"
    if _NUMBER.fullmatch(filter.value):
        number = f"{variable} {filter.operator} {filter.value}"
        found = f"IF(isNumeric({variable}), {number}, {found})"
    return found


def _label(name: str, language: str) -> str:
    """Bind the label that `descriptions.labels.best` would choose: none ranks before it."""
    column, label = f"?{name.removesuffix(LABEL)}", f"?comity_{name}"
    thing, other = f"{label}_of", f"{label}_other"

    def rank(variable: str) -> str:
        wanted = dict.fromkeys((language.lower(), language.lower().partition("-")[0], "en", ""))
        ranked = '"9"'
        for place, each in reversed(list(enumerate(wanted))):
            tag = str(pyoxigraph.Literal(each))
            ranked = f'IF(LCASE(LANG({variable})) = {tag}, "{place}", {ranked})'
        return f'CONCAT({ranked}, LCASE(LANG({variable})), " ", STR({variable}))'

    return (
        # Always bound, so that a row without a thing does not join with every label.
        f"  BIND(IF(BOUND({column}), {column}, <urn:none>) AS {thing})\n"
        f"  OPTIONAL {{ {thing} {_LABELS} {label}\n"
        f"    FILTER NOT EXISTS {{ {thing} {_LABELS} {other}\n"
        f"      FILTER({rank(other)} < {rank(label)}) }} }}"
    )


def _without_dataset(select: str) -> tuple[str, str]:
    """Split the FROM clauses, which a sub-select can't have, from a SELECT; return both."""
    clauses: list[tuple[int, int]] = []
    start: int | None = None
    for token in significant(select):
        if token.text == "{" or (token.kind is TokenKind.WORD and token.text.upper() == "WHERE"):
            break
        if token.kind is TokenKind.WORD and token.text.upper() == "FROM":
            start = token.start
        elif start is not None and token.kind in (TokenKind.IRI, TokenKind.PREFIXED):
            clauses.append((start, token.start + len(token.text)))
            start = None
    return "".join(_between(select, clauses)), "".join(select[a:b] + " " for a, b in clauses)


def _between(text: str, spans: Iterable[tuple[int, int]]) -> Iterator[str]:
    at = 0
    for start, end in spans:
        yield text[at:start]
        at = end
    yield text[at:]
