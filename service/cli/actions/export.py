"""Action of `comity export`: any answer as a file for a graph viewer."""

import shutil
import tempfile
from collections.abc import AsyncIterable, Callable, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from io import BytesIO
from pathlib import Path
from typing import IO, BinaryIO, Final, NamedTuple, cast

from comity.graph.catalogue.binding import bind_request, read_request
from comity.graph.catalogue.names import Names
from comity.graph.catalogue.queries import CannedQuery, load_catalogue, load_views, parse_canned
from comity.graph.errors import NotAcceptable, OutputError, ParameterError, UsageError
from comity.graph.library.output import replacing
from comity.graph.networks.build import SPOOL
from comity.graph.networks.export import (
    GRAPHS_TOO,
    canned_network,
    counted,
    find_format,
    header_of,
    read_options,
    vowl_of,
    write,
)
from comity.graph.networks.formats.registry import FORMATS, VOWL
from comity.graph.store.interface import Query, Store
from comity.graph.store.record import release_of
from comity.graph.store.solutions import solve
from comity.service.cli.actions.canned_query import read_given, solve_at, streamed, with_store
from comity.service.cli.terminal.console import is_terminal, put, say, stdout
from comity.service.cli.terminal.progress import work_progress
from comity.service.http.media import GRAPH_NAMES
from comity.service.networks.options import COUNT_HEADER, OPTIONS, refuse_parts
from comity.service.settings import Settings

_BINARY: Final = frozenset(("png", "gephi.zip", "neo4j.zip"))
_DEFAULT: Final = "gexf"
Show = Callable[[str], None]


class ExportTarget(NamedTuple):
    """Target of an export; `path` is its address in a service, None for an ad hoc query."""

    query: CannedQuery
    path: str | None


class _ExportAnswer(NamedTuple):
    wanted: ExportTarget
    arguments: Mapping[str, str]
    suffix: str
    options: Mapping[str, str]
    settings: Settings


def list_views(settings: Settings) -> None:
    """Print the views and the formats, one per line."""
    views = load_views(settings.queries)
    width = max(map(len, (*views.queries, *FORMATS)), default=0)
    for name in sorted(views.queries):
        view = views.queries[name]
        names = ", ".join(parameter.name for parameter in view.parameters)
        put(f"{name:{width}}  {view.summary}{f' ({names})' if names else ''}")
    say("Formats, for these and for all queries of the catalogue (`comity query --list`):")
    for format in FORMATS.values():
        say(f"{format.suffix:{width}}  {format.opens_in}")
    say(f"{VOWL:{width}}  WebVOWL, the view ontology only")
    for error in views.broken:
        say(f"skipped: {error}")


def run_export(
    what: str,
    text: str | None,
    given: Sequence[str],
    suffix: str | None,
    output: Path | None,
    options: Mapping[str, str],
    settings: Settings,
) -> None:
    """Write a network to a file or to stdout; `text` is a query of the user's own."""
    suffix = suffix or _suffix_of(output) or _DEFAULT
    wanted = _find(what, text, settings)
    if suffix != VOWL:
        try:
            read_options(options, find_format(suffix))
        except ParameterError as error:
            raise UsageError(f"--{error.parameter}: {error}", hint=error.hint) from None
        except NotAcceptable as error:
            raise UsageError(str(error), hint=error.hint) from None
        if options and _is_graph(wanted, suffix):
            hint = "Use -f gexf or another network format, or a view"
            raise UsageError(
                f"--{min(options)} applies to networks, not to the graph itself", hint=hint
            )
    elif wanted.query.name != "ontology":
        raise UsageError("WebVOWL draws only ontologies", hint=f"comity export ontology -f {VOWL}")
    elif options or given:
        raise UsageError(f"{VOWL} takes no parameters: it is the whole ontology")
    if output is None and suffix in _BINARY and is_terminal():
        raise UsageError(
            f"{suffix} can't be shown on a terminal", hint=f"-o {wanted.query.name}.{suffix}"
        )
    if output is not None and not output.parent.is_dir():
        raise OutputError(f"can't write {output}: there is no folder {output.parent}")
    asked = _ExportAnswer(wanted, read_given(given), suffix, options, settings)
    with work_progress(f"asking for {what if wanted.path else 'the answer'}") as show:
        try:
            file, size = with_store(
                settings,
                lambda store: _from_store(store, asked, show),
                lambda address: _from_service(address, asked, show),
            )
        except NotAcceptable as error:
            raise UsageError(str(error), hint=error.hint) from None
    with file, _opened(output) as out:
        shutil.copyfileobj(file, out)
    if size.startswith("0 nodes"):
        say("the network is empty: use fewer restrictions")
    if output is not None:
        say(f"wrote {output}{f' ({size})' if size else ''}")


def _opened(output: Path | None) -> AbstractContextManager[BinaryIO]:
    return stdout() if output is None else replacing(output)


def _suffix_of(output: Path | None) -> str | None:
    if output is None or (output.exists() and not output.is_file()):
        return None
    known = (*FORMATS, VOWL)
    found = next((s for s in known if output.name.endswith(f".{s}")), None)
    if found is None:
        raise UsageError(
            f"{output} has no known suffix", hint=f"Use -f with one of {', '.join(known)}"
        )
    return found


def _find(what: str, text: str | None, settings: Settings) -> ExportTarget:
    """Find a view or query by name, views first, or parse a query text."""
    if text is not None:
        return ExportTarget(parse_canned("query", text, Path(what)), None)
    folder, _, name = what.rpartition("/")
    views, queries = load_views(settings.queries), load_catalogue(settings.queries)
    if folder in ("", "network") and name in views.queries:
        return ExportTarget(views.queries[name], f"/network/{name}")
    if folder in ("", "queries") and name in queries.queries:
        return ExportTarget(queries.queries[name], f"/queries/{name}")
    near = [*views.near(name), *queries.near(name)]
    hint = f"Did you mean {', '.join(near)}?" if near else "`comity export --list` lists the views"
    raise UsageError(f"{what} is neither a view, a query of the catalogue nor a file", hint=hint)


async def _from_store(store: Store, asked: _ExportAnswer, show: Show) -> tuple[IO[bytes], str]:
    """Return the file at its beginning, and the size of its network in words, if it is one."""
    wanted, arguments, suffix, options, settings = asked
    solver = partial(solve, store, timeout=settings.timeout)
    names, query = Names(solver, lambda: store.version), wanted.query
    refuse_parts(arguments)
    bound = await bind_request(query, read_request(arguments, query, OPTIONS), names)
    header = header_of(bound, "", await release_of(solver))
    if suffix == VOWL:
        return BytesIO(await vowl_of(store, header, settings.timeout)), ""
    if _is_graph(wanted, suffix):
        return await _graph_of(
            store, Query(bound.text, None, GRAPH_NAMES[suffix], timeout=settings.timeout)
        ), ""
    format = find_format(suffix)
    chosen = read_options(options, format)
    network = await canned_network(store, bound, header, chosen, names, solver, settings.timeout)
    show(f"writing {counted(network)} as {suffix}")
    written = await write(network, format, chosen)
    return written.file, written.counted


async def _graph_of(store: Store, query: Query) -> IO[bytes]:
    async with await store.query(query) as answer:
        return await _kept(answer, lambda size: None)


async def _from_service(address: str, asked: _ExportAnswer, show: Show) -> tuple[IO[bytes], str]:
    """Fetch the same from the service that holds the store, to disk if it is large."""
    wanted, arguments, suffix, options, settings = asked
    if wanted.path is not None:
        url = f"{address}{wanted.path}.{suffix}"
        call = streamed(settings, "GET", url, params={**arguments, **options})
    else:
        query = wanted.query
        refuse_parts(arguments)
        names = Names(partial(solve_at, address, settings), lambda: "")
        bound = await bind_request(query, read_request(arguments, query, OPTIONS), names)
        fields = {"query": bound.text, "format": suffix, **options}
        call = streamed(settings, "POST", f"{address}/sparql", data=fields)
    async with call as response:
        counted = response.headers.get(COUNT_HEADER, "")
        file = await _kept(
            response.aiter_bytes(), lambda size: show(f"fetching {suffix}, {size:,} bytes")
        )
    return file, counted


async def _kept(chunks: AsyncIterable[bytes], show: Callable[[int], None]) -> IO[bytes]:
    """Store chunks in a file, on disk once it is large, and rewind it."""
    file = cast(IO[bytes], tempfile.SpooledTemporaryFile(SPOOL))  # noqa: SIM115 - the caller closes it
    try:
        async for chunk in chunks:
            file.write(chunk)
            show(file.tell())
        file.seek(0)
    except BaseException:
        file.close()
        raise
    return file


def _is_graph(wanted: ExportTarget, suffix: str) -> bool:
    """True if the answer itself is wanted: the Turtle of a CONSTRUCT is what it constructs.

    As in the service's /sparql and /queries; a view always gives its network.
    """
    is_view = (wanted.path or "").startswith("/network/")
    return suffix in GRAPHS_TOO and wanted.query.form == "graph" and not is_view
