"""Formats of a table over HTTP: which one a request asks for, and how."""

import json
from collections.abc import Iterable, Mapping
from typing import Any, Final

from comity.graph.errors import NotAcceptable, ParameterError, quoted
from comity.graph.tables.registry import FORMATS
from comity.service.http.media import HTML, negotiate

# By suffix, in the order of preference where a client takes anything.
TYPES: Final[Mapping[str, str]] = {
    **{suffix: format.media_type for suffix, format in FORMATS.items()},
    "html": HTML,
}
_YES_NO: Final = {
    **dict.fromkeys(("", "0", "no", "false"), False),
    **dict.fromkeys(("1", "yes", "true"), True),
}


def choose_suffix(
    accept: str | None, suffix: str | None, types: Mapping[str, str], further: Iterable[str] = ()
) -> str:
    """The format to answer in, by suffix or Accept.

    Raises NotAcceptable with the list of what there is, and of `further` suffixes.
    """
    if not suffix:
        accepted = negotiate(accept, list(types.values()))
        suffix = next((name for name, type in types.items() if type == accepted), "")
    if suffix not in types:
        listed = ", ".join([*(f"{name} ({type})" for name, type in types.items()), *further])
        raise NotAcceptable("None of the formats asked for can be made", hint=f"There are {listed}")
    return suffix


def read_bom(value: str, suffix: str) -> bool:
    """Whether a byte order mark is wanted, by which Excel knows UTF-8. Raises ParameterError."""
    wanted = _YES_NO.get(value.strip().lower())
    if wanted is None:
        raise ParameterError("bom", f"bom is {quoted(value)}", hint="It is 1 or 0")
    if wanted and not FORMATS[suffix].takes_bom:
        raise ParameterError("bom", f"bom is not for {suffix}", hint="It is for csv and tsv")
    return wanted


def refuse_network_options(arguments: Mapping[str, str]) -> None:
    """Raise ParameterError for what narrows a network: a table would be given whole all the same.

    What changes nothing may stand, since clients made from the OpenAPI document send every default.
    """
    for name, default in (("around", ""), ("hops", "1"), ("multi", "keep"), ("flavor", "plain")):
        if arguments.get(name, "") not in ("", default):
            message = f"{name} is for networks, and this is a table"
            hint = "Ask for a network, such as .gexf; tables take filter, require and sort"
            raise ParameterError(name, message, hint=hint)


def disposition(name: str, suffix: str) -> str:
    """The Content-Disposition of a file: what a browser does not show, it keeps."""
    how = "inline" if FORMATS[suffix].shown else "attachment"
    return f'{how}; filename="{name}.{suffix}"'


def to_json(document: Any) -> bytes:
    """JSON as UTF-8 has it, on one line."""
    return json.dumps(document, ensure_ascii=False, allow_nan=False).encode()
