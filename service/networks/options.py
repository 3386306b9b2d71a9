"""Options of a network among the arguments of a request: what the routes and the command line share."""

from collections.abc import Mapping
from typing import Final

from comity.graph.catalogue.refinement import PARAMETERS
from comity.graph.errors import ParameterError
from comity.graph.networks.export import GRAPHS_TOO
from comity.graph.networks.formats.registry import FORMATS
from comity.graph.sparql.syntax import first_keyword

OPTIONS: Final = ("around", "hops", "multi", "flavor", "lang")
# What an address of a network may say beside the parameters of its query.
BESIDE: Final = (*OPTIONS, "format")
# What an answer says of the size of a network.
COUNT_HEADER: Final = "Comity-Network"


def is_network(name: str | None, text: str = "") -> bool:
    """Whether a format's name means a network, where it may mean a table or RDF as well.

    `text` is that of the query, where it has one: what a SELECT gives is no RDF by itself, so that
    of it Turtle and JSON-LD, too, mean the network.
    """
    if name not in GRAPHS_TOO:
        return name in FORMATS
    word = first_keyword(text)
    return word is not None and word.text.upper() == "SELECT"


def refuse_parts(arguments: Mapping[str, str]) -> None:
    """Refuse what pages, sorts or filters a table. Raises ParameterError."""
    for name in ("limit", "offset", *PARAMETERS, "bom"):
        if arguments.get(name):
            raise ParameterError(name, f"{name} is not for networks: they are whole")
