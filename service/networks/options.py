"""Options of a network among the arguments of a request, for routes and command line."""

from collections.abc import Mapping
from typing import Final

from comity.graph.catalogue.refinement import PARAMETERS
from comity.graph.errors import ParameterError
from comity.graph.networks.export import GRAPHS_TOO
from comity.graph.networks.formats.registry import FORMATS
from comity.graph.sparql.syntax import query_form

OPTIONS: Final = ("around", "hops", "multi", "flavor", "lang")
# Keys in the address of a network besides the parameters of its query.
BESIDE: Final = (*OPTIONS, "format")
# Header with the size of a network.
COUNT_HEADER: Final = "Comity-Network"


def is_network(name: str | None, text: str = "") -> bool:
    """True if a format's name means a network, for names that also mean a table or RDF.

    `text` is the query, if there is one: the result of a SELECT is not RDF by itself, so for it
    Turtle and JSON-LD mean the network.
    """
    if name not in GRAPHS_TOO:
        return name in FORMATS
    return query_form(text) == "table"


def refuse_parts(arguments: Mapping[str, str]) -> None:
    """Refuse arguments that page, sort or filter a table. Raises ParameterError."""
    for name in ("limit", "offset", *PARAMETERS, "bom"):
        if arguments.get(name):
            raise ParameterError(
                name, f"{name} does not apply to networks, which are always complete"
            )
