"""`comity export`: any answer as a file for a graph viewer, from the store or its service."""

import shutil
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO, BinaryIO, Final, NamedTuple

from comity.graph.binding import replace
from comity.graph.canned import CannedQuery, load_catalogue, load_views, parse_canned
from comity.graph.errors import NotAcceptable, ParameterError
from comity.graph.names import Names
from comity.graph.networks.formats import FORMATS, VOWL
from comity.graph.solutions import solve
from comity.graph.store import Store
from comity.service.canned_answers import read_asked, terms_of
from comity.service.canned_command import read_given, request, solve_at, with_store
from comity.service.catalogue import release_of
from comity.service.console import is_terminal, put, say, stdout
from comity.service.errors import UsageError
from comity.service.exports import (
    OPTIONS,
    find_format,
    header_of,
    network_of,
    read_options,
    refuse_parts,
    undated,
    vowl_of,
    write,
)
from comity.service.loading import replacing
from comity.service.networks import COUNT_HEADER
from comity.service.settings import Settings

_BINARY: Final = frozenset(("png", "gephi.zip", "neo4j.zip"))
_DEFAULT: Final = "gexf"


class Wanted(NamedTuple):
    """What to export: `path` is where a service has it, None for a query of the user's own."""

    query: CannedQuery
    path: str | None


def list_views(settings: Settings) -> None:
    """Write the views and the formats, one a line."""
    views = load_views(settings.queries)
    width = max(map(len, (*views.queries, *FORMATS)), default=0)
    for name in sorted(views.queries):
        view = views.queries[name]
        names = ", ".join(parameter.name for parameter in view.parameters)
        put(f"{name:{width}}  {view.summary}{f' ({names})' if names else ''}")
    say("Formats, of these and of all queries of the catalogue (`comity query --list`):")
    for format in FORMATS.values():
        say(f"{format.suffix:{width}}  {format.opens_in}")
    say(f"{VOWL:{width}}  WebVOWL, the view ontology only")
    for error in views.broken:
        say(f"left out: {error}")


def run_export(
    what: str,
    text: str | None,
    given: Sequence[str],
    suffix: str | None,
    output: Path | None,
    options: Mapping[str, str],
    settings: Settings,
) -> None:
    """Write a network to a file or to stdout; `text` is that of a query of the user's own."""
    suffix = suffix or _suffix_of(output) or _DEFAULT
    wanted = _find(what, text, settings)
    if suffix != VOWL:
        try:
            read_options(options, find_format(suffix))
        except ParameterError as error:
            raise UsageError(f"--{error.parameter}: {error}", hint=error.hint) from None
        except NotAcceptable as error:
            raise UsageError(str(error), hint=error.hint) from None
    elif wanted.query.name != "ontology":
        raise UsageError("WebVOWL draws ontologies alone", hint=f"comity export ontology -f {VOWL}")
    if output is None and suffix in _BINARY and is_terminal():
        raise UsageError(f"{suffix} is nothing to look at", hint=f"-o {wanted.query.name}.{suffix}")
    file, counted = with_store(
        settings,
        lambda store: _from_store(store, wanted, read_given(given), suffix, options, settings),
        lambda address: _from_service(
            address, wanted, read_given(given), suffix, options, settings
        ),
    )
    with file, _opened(output) as out:
        shutil.copyfileobj(file, out)
    if counted.startswith("0 nodes"):
        say("nothing is left of the network: narrow it less")
    if output is not None:
        say(f"wrote {output}{f' ({counted})' if counted else ''}")


def _opened(output: Path | None) -> AbstractContextManager[BinaryIO]:
    return stdout() if output is None else replacing(output)


def _suffix_of(output: Path | None) -> str | None:
    if output is None or (output.exists() and not output.is_file()):
        return None
    known = (*FORMATS, VOWL)
    found = next((s for s in known if output.name.endswith(f".{s}")), None)
    if found is None:
        raise UsageError(f"{output} does not say a format", hint=f"-f one of {', '.join(known)}")
    return found


def _find(what: str, text: str | None, settings: Settings) -> Wanted:
    """The view or query of a name, views first; or the query of a text."""
    if text is not None:
        return Wanted(parse_canned("query", text, Path(what)), None)
    folder, _, name = what.rpartition("/")
    views, queries = load_views(settings.queries), load_catalogue(settings.queries)
    if folder in ("", "network") and name in views.queries:
        return Wanted(views.queries[name], f"/network/{name}")
    if folder in ("", "queries") and name in queries.queries:
        return Wanted(queries.queries[name], f"/queries/{name}")
    near = [*views.near(name), *queries.near(name)]
    hint = f"Did you mean {', '.join(near)}?" if near else "`comity export --list` lists the views"
    raise UsageError(f"{what} is neither a view, a query of the catalogue nor a file", hint=hint)


async def _from_store(
    store: Store,
    wanted: Wanted,
    arguments: Mapping[str, str],
    suffix: str,
    options: Mapping[str, str],
    settings: Settings,
) -> tuple[IO[bytes], str]:
    solver = partial(solve, store, timeout=settings.timeout)
    names, query = Names(solver, lambda: store.version), wanted.query
    refuse_parts(arguments)
    terms = await terms_of(query, read_asked(arguments, query, OPTIONS), names)
    text = replace(query.text, terms)
    header = header_of(query, terms, text, "", await release_of(solver))
    if suffix == VOWL:
        return BytesIO(await vowl_of(store, header, settings.timeout)), ""
    format = find_format(suffix)
    chosen = read_options(options, format)
    network = await network_of(
        store,
        text,
        header,
        chosen,
        names,
        solver,
        timeout=settings.timeout,
        ends=query.ends,
        wider=undated(query, terms),
    )
    written = await write(network, format, chosen)
    return written.file, written.counted


async def _from_service(
    address: str,
    wanted: Wanted,
    arguments: Mapping[str, str],
    suffix: str,
    options: Mapping[str, str],
    settings: Settings,
) -> tuple[IO[bytes], str]:
    if wanted.path is not None:
        url = f"{address}{wanted.path}.{suffix}"
        asked = {**arguments, **options}
        response = await request(settings, "GET", url, params=asked)
    else:
        query = wanted.query
        solver = partial(solve_at, address, settings)
        terms = await terms_of(
            query, read_asked(arguments, query, OPTIONS), Names(solver, lambda: "")
        )
        fields = {"query": replace(query.text, terms), "format": suffix, **options}
        response = await request(settings, "POST", f"{address}/sparql", data=fields)
    return BytesIO(response.content), response.headers.get(COUNT_HEADER, "")
