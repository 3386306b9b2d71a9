"""A store for scripts and notebooks: open, load, query, check, export in blocking calls."""

import shutil
import weakref
from collections.abc import Callable, Coroutine, Iterator, Mapping, Sequence
from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self, TypeVar

from pyoxigraph import Quad

from comity.graph.catalogue.binding import QueryRequest, bind_request
from comity.graph.catalogue.names import Names
from comity.graph.catalogue.parameter_types import read_language
from comity.graph.catalogue.queries import (
    CannedQuery,
    Catalogue,
    load_catalogue,
    load_views,
    parse_canned,
)
from comity.graph.descriptions.labels import Labels
from comity.graph.engines.embedded.load import LoadProgress, LoadReport, load
from comity.graph.engines.embedded.store import EmbeddedStore
from comity.graph.engines.opening import open_embedded
from comity.graph.errors import QueryError, QuerySyntaxError, StoreError, quoted
from comity.graph.library.loop import LoopThread
from comity.graph.library.output import replacing
from comity.graph.library.prologue import moved_up, require_valid, with_prefixes
from comity.graph.library.result import Result
from comity.graph.library.values import Argument, as_written
from comity.graph.rdf.quads import graph_names, quads
from comity.graph.store.address import is_remote
from comity.graph.store.interface import Query, ResultFormat
from comity.graph.store.record import installed_hash, protected_graphs
from comity.graph.store.solutions import solve

if TYPE_CHECKING:
    from comity.graph.checks.findings import Finding
    from comity.graph.engines.remote.store import RemoteStore
    from comity.graph.networks.elements import Multi
    from comity.graph.networks.export import Export, Options
    from comity.graph.networks.formats.registry import NetworkFormat

# Rarely used modules are imported where needed: httpx for a remote store takes longer than all the
# rest.
T = TypeVar("T")


def open_store(
    location: str | Path = "memory",
    *,
    bundled: bool = True,
    union: bool = True,
    timeout: float | None = None,
    update: str | None = None,
    graphs: str | None = None,
    auth: str | None = None,
    queries: Sequence[str | Path] = (),
) -> "GraphStore":
    """Open a store; use it in a `with` block, or close it.

    `location` is "memory" (a temporary folder that is removed with the store), a folder, which is
    created if missing, or the http(s) address of a SPARQL 1.1 endpoint, such as a running Comity. A
    folder gets this release's bundled graphs unless `bundled` is False; an endpoint is used as it
    is. `union` makes the union of all graphs the default graph of queries that name no dataset.
    `timeout` is in seconds per query; None means no limit. `queries` are folders of canned queries
    in addition to Comity's.

    To load into an endpoint, give its address for updates (`update`) and, if it has one, that of
    its Graph Store Protocol (`graphs`). `auth` is "user:password" or an Authorization header.

    Raises StoreInUse if another process holds the folder, StoreError if it is unusable. An endpoint
    is contacted by the first query only.
    """
    if not is_remote(location):
        local = open_embedded(location, union=union, bundled=bundled)
        return GraphStore(local, timeout=timeout, queries=queries)
    from comity.graph.engines.remote.connection import Endpoint
    from comity.graph.engines.remote.store import RemoteStore

    remote = RemoteStore(Endpoint(str(location), update, graphs, auth), union=union)
    return GraphStore(remote, timeout=timeout, queries=queries)


class GraphStore:
    """An open store, made by `open_store`.

    Every call blocks until it is done, also in a notebook; threads may share a store. Ctrl-C ends
    the wait. Errors are those of `comity.graph.errors`: `str(error)` says what is wrong, and
    `error.hint` what to do.
    """

    def __init__(
        self,
        store: "EmbeddedStore | RemoteStore",
        *,
        timeout: float | None = None,
        queries: Sequence[str | Path] = (),
    ) -> None:
        self.timeout = timeout
        self._store = store
        self._folders = [Path(folder) for folder in queries]
        self._solve = partial(solve, store, timeout=timeout)
        self._names = Names(self._solve, lambda: store.version)
        self._labels = Labels(self._solve, lambda: store.version)
        self._loop = LoopThread()
        # Also when it is garbage-collected, and when Python exits: a temporary folder must not
        # stay.
        self._end = weakref.finalize(self, _close, store, self._loop)

    @property
    def location(self) -> str:
        """Folder or address."""
        return self._store.location

    @property
    def version(self) -> str:
        """Data version: changes with each write."""
        return self._store.version

    @property
    def queries(self) -> Mapping[str, CannedQuery]:
        """Catalogue by name; each query has a `summary` and its `parameters`."""
        return self._catalogue.queries

    @property
    def views(self) -> Mapping[str, CannedQuery]:
        """Network views by name."""
        return self._views.queries

    def load(
        self,
        *sources: str | Path,
        graph: str | None = None,
        replace: bool = False,
        progress: Callable[[LoadProgress], None] | None = None,
    ) -> LoadReport:
        """Load RDF files, folders of them, and http(s) addresses: all of them or none.

        Triples in a named graph stay in it. Others go to `graph` (an IRI), or to a graph named
        after their file. `replace` first empties every graph that is written to. In an endpoint the
        graphs are written one by one, and an error does not undo earlier ones.

        Raises DataError (file, line and column), NotAllowed for a bundled graph, StoreError.
        """
        self._require_open()
        if isinstance(self._store, EmbeddedStore):
            return load(self._store, sources, graph=graph, replace=replace, progress=progress)
        from comity.graph.engines.remote import data

        return data.load(self._store, sources, graph=graph, replace=replace, progress=progress)

    def query(self, text: str, *, labels: str | None = None) -> Result:
        """Run a SPARQL query. Comity's own prefixes need no PREFIX lines.

        `labels` is a language ("en"): each column with IRIs is then followed by one with their
        labels, `<column>_label`, in that language or the next best.

        Raises QuerySyntaxError (with its `place`), NotAllowed, QueryTimeout, StoreError.
        """
        return self._run(self._query(text, labels))

    def canned(self, name: str, /, *, labels: str | None = None, **arguments: Argument) -> Result:
        """Run a query of the catalogue by name, and return the whole answer.

        An argument is a value that the parameter accepts: a name in any language, a code ("IRN"), a
        slug, an IRI, a date, a number. A parameter named like a Python keyword, or like an argument
        of this method, gets an underscore: `from_=2021`.

        Raises QueryError for an unknown name, ParameterError, and the errors of `query`.
        """
        query = _find(name, self._catalogue)
        return self._run(self._canned(query, _given(query, arguments), labels))

    def check(
        self,
        *,
        only: Sequence[str] | None = None,
        progress: Callable[[str], None] | None = None,
    ) -> "list[Finding]":
        """Check your own graphs in the store, together with the bundled ones.

        A finding names check, rule, record and passage, and says what to do; a finding of severity
        "skipped" says what this machine lacks. `only` selects checks by name. All of them take up
        to a minute.
        """
        from comity.graph.checks.run import check_quads

        self._require_open()
        return check_quads(self._own_quads(), only=only, progress=progress)

    def export(
        self,
        what: str,
        path: str | Path,
        /,
        *,
        around: str | None = None,
        hops: int = 1,
        multi: "Multi" = "keep",
        flavor: str | None = None,
        lang: str = "en",
        **arguments: Argument,
    ) -> str:
        """Write a network to a file in the format of its suffix, and return its size in words.

        `what` is a view, a query of the catalogue, or the text of a SPARQL query. `around` a thing
        keeps everything within `hops` edges of it; `multi="merge"` merges parallel edges; `lang` is
        the language of labels; `arguments` are as for `canned`. An existing file is replaced when
        the new one is complete.

        Raises NotAcceptable with the list of formats, OutputError, and the errors of `canned`.
        """
        from comity.graph.networks.export import format_of, read_options

        target = Path(path)
        format = format_of(target)
        given = {
            "around": around,
            "hops": str(hops),
            "multi": multi,
            "flavor": flavor,
            "lang": lang,
        }
        options = read_options({name: value or "" for name, value in given.items()}, format)
        query = self._wanted(what)
        written = self._run(self._export(query, _given(query, arguments), format, options))
        with written.file as file, replacing(target) as out:
            shutil.copyfileobj(file, out)
        return written.counted

    def close(self) -> None:
        """Release the folder or the connections; running work is cancelled."""
        self._end()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exc: object) -> None:
        self.close()

    def __repr__(self) -> str:
        return f"GraphStore({self.location!r})"

    @cached_property
    def _catalogue(self) -> Catalogue:
        return load_catalogue(self._folders)

    @cached_property
    def _views(self) -> Catalogue:
        return load_views(self._folders)

    def _require_open(self) -> None:
        if not self._end.alive:
            raise StoreError(f"{self.location} is closed")

    def _run(self, work: Coroutine[Any, Any, T]) -> T:
        try:
            self._require_open()
        except StoreError:
            work.close()
            raise
        return self._loop.run(work)

    async def _query(self, text: str, labels: str | None) -> Result:
        full = with_prefixes(text)
        try:
            return await self._ask(full, labels)
        except QuerySyntaxError as error:
            raise (error if full == text else moved_up(error)) from None

    async def _canned(
        self, query: CannedQuery, given: Mapping[str, str], labels: str | None
    ) -> Result:
        bound = await bind_request(query, QueryRequest(given), self._names)
        return await self._ask(bound.text, labels)

    async def _ask(self, text: str, labels: str | None) -> Result:
        query = Query(text, ResultFormat.JSON, ResultFormat.N_TRIPLES, timeout=self.timeout)
        async with await self._store.query(query) as answer:
            body = b"".join([chunk async for chunk in answer])
        result = Result.read(body, answer.format, answer.version)
        if labels is None:
            return result
        return result.with_labels(await self._labels.of(result.iris(), read_language(labels)))

    async def _export(
        self,
        query: CannedQuery,
        given: Mapping[str, str],
        format: "NetworkFormat",
        options: "Options",
    ) -> "Export":
        from comity.graph.networks.export import canned_network, header_of, write

        bound = await bind_request(query, QueryRequest(given), self._names)
        header = header_of(bound, "", installed_hash(self._store))
        network = await canned_network(
            self._store, bound, header, options, self._names, self._solve, self.timeout
        )
        return await write(network, format, options)

    def _wanted(self, what: str) -> CannedQuery:
        """Return the view or canned query of this name, or else parse the text as a query."""
        if "{" not in what:
            return _find(what, self._views, self._catalogue)
        text = with_prefixes(what)
        try:
            require_valid(text)
        except QuerySyntaxError as error:
            raise (error if text == what else moved_up(error)) from None
        return parse_canned("query", text, Path("query"))

    def _own_quads(self) -> Iterator[Quad]:
        """Yield the contents of the graphs that are not Comity's."""
        own = protected_graphs(self._store)
        if isinstance(self._store, EmbeddedStore):
            with self._store.checkpoint() as engine:
                names = graph_names(engine)
                yield from quads(engine, [n for n in names if getattr(n, "value", "") not in own])
            return
        with self._store.engine.asking(self.timeout) as asking:
            for name in ["", *asking.graphs()]:
                if name not in own:
                    yield from asking.quads(name)


def _find(name: str, *catalogues: Catalogue) -> CannedQuery:
    for catalogue in catalogues:
        if name in catalogue.queries:
            return catalogue.queries[name]
        for error in catalogue.broken:
            if error.file.stem == name:
                raise error
    near = [known for catalogue in catalogues for known in catalogue.near(name)]
    hint = (
        f"Did you mean {', '.join(near)}?"
        if near
        else "`queries` and `views` of the store list them."
    )
    raise QueryError(f"unknown query {quoted(name)}", hint=hint)


def _given(query: CannedQuery, arguments: Mapping[str, Argument]) -> dict[str, str]:
    """Write the arguments by the names of the parameters: `from_` becomes `from`."""
    return {
        name if query.parameter(name) else name.removesuffix("_"): as_written(value)
        for name, value in arguments.items()
    }


def _close(store: "EmbeddedStore | RemoteStore", loop: LoopThread) -> None:
    store.close()
    loop.close()
