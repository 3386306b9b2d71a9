"""Arguments of a canned query, resolved to the RDF terms to bind."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from comity.graph.catalogue.names import Names
from comity.graph.catalogue.parameter_types import CLASSES, literal
from comity.graph.catalogue.queries import CannedQuery, Parameter
from comity.graph.errors import ParameterError
from comity.graph.rdf.namespaces import COMITY, ID, SOURCE
from comity.graph.sparql.substitution import Term

_NAMED: Final = frozenset((*CLASSES, "thing", "term", "record"))
_BASES: Final = (ID, COMITY, SOURCE)


async def resolve(
    query: CannedQuery, given: Mapping[str, str], names: Names
) -> dict[str, Term | None]:
    """Return the term of each parameter that is given or left open; None for those left open.

    A blank value counts as not given. Parameters that keep the example of the text are left out.
    Raises ParameterError, which names the parameter.
    """
    for name in given:
        if query.parameter(name) is None:
            raise unknown_parameter(query, name, ())
    found: dict[str, Term | None] = {}
    for parameter in query.parameters:
        if value := given.get(parameter.name, "").strip():
            found[parameter.name] = await _term(query, parameter, value, names)
        elif parameter.need == "required":
            raise _missing(parameter)
        elif parameter.need == "optional":
            found[parameter.name] = None
    _check_span(found)
    return found


async def resolve_all(
    query: CannedQuery, given: Mapping[str, str], names: Names
) -> dict[str, Term | None]:
    """The term of every parameter, those that keep the text's own value included."""
    found = await resolve(query, given, names)
    return {p.name: found.get(p.name, p.example) for p in query.parameters}


def _check_span(found: Mapping[str, Term | None]) -> None:
    """Raise ParameterError if `from` is later than `to`."""
    first, last = found.get("from"), found.get("to")
    # Moments in one form in UTC sort as text in the order of time.
    if _is_moment(first) and _is_moment(last) and plain(first) > plain(last):
        message = f"from ({plain(first)}) is later than to ({plain(last)})"
        raise ParameterError("from", message, hint="Swap them")


def _is_moment(term: Term | None) -> bool:
    return "dateTime" in str(getattr(term, "datatype", ""))


def unknown_parameter(query: CannedQuery, name: str, further: tuple[str, ...]) -> ParameterError:
    """Return the error for an unknown parameter; `further` are accepted beside the query's own."""
    known = [*(p.name for p in query.parameters), *further]
    near = get_close_matches(name, known, 1)
    hint = f"Did you mean {near[0]}? " if near else ""
    listed = f"The parameters are {', '.join(known)}" if known else "It takes no parameters"
    return ParameterError(
        name[:60], f"{query.name} has no parameter {name[:60]}", hint=hint + listed
    )


async def _term(query: CannedQuery, parameter: Parameter, value: str, names: Names) -> Term:
    if parameter.type in _NAMED:
        return await names.resolve(parameter.name, parameter.type, value, query.prefixes)
    return literal(parameter.name, parameter.type, value)


def _missing(parameter: Parameter) -> ParameterError:
    example = f", such as {plain(parameter.example)}" if parameter.example is not None else ""
    return ParameterError(
        parameter.name,
        f"the parameter {parameter.name} is missing: {parameter.meaning or parameter.type}",
        hint=f"Give {parameter.name}{example}",
    )


def plain(term: Term | None) -> str:
    """Write a term as a caller may give it: slug, name, date, yes or no, or the IRI."""
    if term is None:
        return ""
    if _is_moment(term):
        return _date(term.value)
    if "boolean" in str(getattr(term, "datatype", "")):
        return "yes" if term.value == "true" else "no"
    for base in _BASES:
        local = term.value.removeprefix(base)
        if local != term.value and "/" not in local and "#" not in local:
            return local
    return term.value


def _date(moment: str) -> str:
    whole = moment.endswith(("T00:00:00Z", "T23:59:59Z"))
    return moment[:10] if whole else moment
