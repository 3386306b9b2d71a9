"""Arguments of a canned query, resolved to the RDF terms to bind."""

from collections.abc import Mapping
from difflib import get_close_matches
from typing import Final

from pyoxigraph import NamedNode

from comity.graph.catalogue.names import Names
from comity.graph.catalogue.parameter_types import CLASSES, is_moment, literal, plain
from comity.graph.catalogue.queries import CannedQuery, Parameter
from comity.graph.errors import ParameterError
from comity.graph.sparql.substitution import Term

_NAMED: Final = frozenset((*CLASSES, "thing", "term", "record"))


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


def _check_span(found: Mapping[str, Term | None]) -> None:
    """Raise ParameterError if `from` is later than `to`."""
    first, last = found.get("from"), found.get("to")
    # Moments in one form in UTC sort as text in the order of time.
    if is_moment(first) and is_moment(last) and plain(first) > plain(last):
        message = f"from ({plain(first)}) is later than to ({plain(last)})"
        raise ParameterError("from", message, hint="Swap them")


def unknown_parameter(query: CannedQuery, name: str, further: tuple[str, ...]) -> ParameterError:
    """Return the error for an unknown parameter; `further` are accepted besides the query's own."""
    known = [*(p.name for p in query.parameters), *further]
    near = get_close_matches(name, known, 1)
    hint = f"Did you mean {near[0]}? " if near else ""
    listed = f"The parameters are {', '.join(known)}" if known else "It takes no parameters"
    return ParameterError(
        name[:60], f"{query.name} has no parameter {name[:60]}", hint=hint + listed
    )


async def _term(query: CannedQuery, parameter: Parameter, value: str, names: Names) -> Term:
    if parameter.type in _NAMED:
        iri = await names.resolve(parameter.name, parameter.type, value, query.prefixes)
        return NamedNode(iri)
    return literal(parameter.name, parameter.type, value)


def _missing(parameter: Parameter) -> ParameterError:
    example = f", such as {parameter.example_text}" if parameter.example_text else ""
    return ParameterError(
        parameter.name,
        f"the parameter {parameter.name} is missing: {parameter.meaning or parameter.type}",
        hint=f"Give {parameter.name}{example}",
    )
