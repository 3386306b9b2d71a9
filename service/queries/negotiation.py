"""Table formats over HTTP: choice of the format, and headers."""

from collections.abc import Iterable, Mapping
from typing import Final

from comity.graph.errors import NotAcceptable, ParameterError, quoted
from comity.graph.tables.registry import FORMATS
from comity.service.http.media import HTML, negotiate

# By suffix, in order of preference for a client that accepts anything.
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
    """Choose the format of an answer by suffix or Accept.

    Raises NotAcceptable with the list of available formats, and of `further` suffixes.
    """
    if not suffix:
        accepted = negotiate(accept, list(types.values()))
        suffix = next((name for name, type in types.items() if type == accepted), "")
    if suffix not in types:
        listed = ", ".join([*(f"{name} ({type})" for name, type in types.items()), *further])
        raise NotAcceptable(
            "None of the accepted formats is available", hint=f"The formats are {listed}"
        )
    return suffix


def read_bom(value: str, suffix: str) -> bool:
    """True for a byte order mark, by which Excel recognises UTF-8. Raises ParameterError."""
    wanted = _YES_NO.get(value.strip().lower())
    if wanted is None:
        raise ParameterError("bom", f"bom is {quoted(value)}", hint="Write 1 or 0")
    if wanted and not FORMATS[suffix].takes_bom:
        raise ParameterError(
            "bom", f"bom does not apply to {suffix}", hint="It applies to csv and tsv"
        )
    return wanted


def refuse_network_options(arguments: Mapping[str, str]) -> None:
    """Refuse arguments that filter a network, since a table would ignore them.

    Raises ParameterError. Defaults are accepted, since clients generated from the OpenAPI document
    send them all.
    """
    for name, default in (("around", ""), ("hops", "1"), ("multi", "keep"), ("flavor", "plain")):
        if arguments.get(name, "") not in ("", default):
            message = f"{name} applies to networks, and this is a table"
            hint = "Use a network format such as .gexf; tables take filter, require and sort"
            raise ParameterError(name, message, hint=hint)


def disposition(name: str, suffix: str) -> str:
    """Return the Content-Disposition of a file: browsers save what they can't show."""
    how = "inline" if FORMATS[suffix].shown else "attachment"
    return f'{how}; filename="{name}.{suffix}"'
