"""Options of a network among the arguments of a request: what the routes and the command line share."""

from collections.abc import Mapping
from typing import Final, cast

from comity.graph.catalogue.refinement import PARAMETERS
from comity.graph.errors import ParameterError, quoted
from comity.graph.networks.build import MAX_HOPS
from comity.graph.networks.elements import Multi
from comity.graph.networks.export import GRAPHS_TOO, HOPS, Options
from comity.graph.networks.formats.registry import FORMATS, NetworkFormat
from comity.graph.sparql.syntax import first_keyword
from comity.service.queries.execution import read_language

OPTIONS: Final = ("around", "hops", "multi", "flavor", "lang")
# What an address of a network may say beside the parameters of its query.
BESIDE: Final = (*OPTIONS, "format")
# What an answer says of the size of a network.
COUNT_HEADER: Final = "Comity-Network"


def read_options(arguments: Mapping[str, str], format: NetworkFormat | None = None) -> Options:
    """The options among some arguments. Raises ParameterError."""
    multi = arguments.get("multi") or "keep"
    if multi not in ("keep", "merge"):
        raise ParameterError("multi", f"multi is {quoted(multi)}", hint="It is keep or merge")
    around, hops = arguments.get("around", "").strip() or None, arguments.get("hops", "").strip()
    if around is None and hops not in ("", str(HOPS)):
        raise ParameterError("hops", "hops without around", hint="Say around=iran&hops=2")
    if hops and not (hops.isascii() and hops.isdecimal() and int(hops[:9]) <= MAX_HOPS):
        message = f"hops is {quoted(hops)}, and should be a number from 0 to {MAX_HOPS}"
        raise ParameterError("hops", message)
    flavour = arguments.get("flavor") or None
    if flavour and format is not None and flavour not in format.flavours:
        known = ", ".join(format.flavours)
        hint = f"There are {known}" if known else "graphml has flavors: plain, yed"
        raise ParameterError("flavor", f"{format.suffix} has no {quoted(flavour)}", hint=hint)
    return Options(
        cast(Multi, multi),
        around,
        int(hops or HOPS),
        flavour,
        read_language(arguments.get("lang", "")),
    )


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
