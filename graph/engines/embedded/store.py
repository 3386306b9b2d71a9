"""The embedded store: pyoxigraph on a local folder, in this process."""

import asyncio
import secrets
import shutil
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from typing import Final
from weakref import WeakSet

import pyoxigraph

from comity.graph.engines.embedded.folder import StoreFolder
from comity.graph.engines.oxigraph import (
    Quads,
    Solutions,
    TripleEvidence,
    explain_triple,
    find,
    put,
    write,
)
from comity.graph.errors import (
    ComityError,
    QueryError,
    StoreError,
    WriteConflict,
    bare,
    unwritable,
)
from comity.graph.sparql.syntax import check, explain
from comity.graph.store.interface import Query
from comity.graph.store.record import forget_derived
from comity.graph.store.stream import ByteStream, ReaderGone, StreamedAnswer, begin, end

_THREADS: Final = 8


class _Generation:
    """One data directory while it is current, and until its last user is done."""

    def __init__(self, data: Path, engine: pyoxigraph.Store, version: str) -> None:
        self.data = data
        self.version = version
        self.engine: pyoxigraph.Store | None = engine
        self.users = 1  # being current is one use
        self._lock = threading.Lock()

    def enter(self) -> bool:
        """Begin a use; False if the last one has ended already."""
        with self._lock:
            if self.engine is not None:
                self.users += 1
            return self.engine is not None

    def leave(self, *, remove: bool) -> None:
        """End a use; the last one closes the database and may remove its files."""
        with self._lock:
            self.users -= 1
            if self.users:
                return
            self.engine = None
        if remove:
            shutil.rmtree(self.data, ignore_errors=True)


class EmbeddedStore:
    """A store in a folder that this process alone holds, made by `open_embedded`.

    A query runs in a thread. Its deadline or cancellation ends the *answer* at once, but the engine
    can't be interrupted before it yields rows: until then the thread works on in the background.
    Eight queries run at a time; others wait, and their time limit includes the wait.
    """

    def __init__(self, folder: StoreFolder, location: str, *, union: bool = True) -> None:
        self._folder = folder
        self._location = location
        self.union = union
        nonce = secrets.token_hex(6)
        self._versions = (f"{nonce}-{commits}" for commits in count())
        self._writing = threading.RLock()
        self._settled = threading.Condition()
        self._unsettled = False
        self._generation = _open_current(folder, next(self._versions))
        self._threads = ThreadPoolExecutor(_THREADS, thread_name_prefix="comity-query")
        self._streams: WeakSet[ByteStream] = WeakSet()
        self._closed = False

    @property
    def location(self) -> str:
        return self._location

    @property
    def folder(self) -> Path:
        """The folder on disk, also of a temporary store."""
        return self._folder.path

    @property
    def is_cacheable(self) -> bool:
        return True

    @property
    def version(self) -> str:
        return self._generation.version

    @property
    def engine(self) -> pyoxigraph.Store:
        """The database itself, for reading within `comity.graph` only.

        Don't keep it: a load replaces it. Write through `writing` or `replacing`.
        """
        engine = self._generation.engine
        if engine is None:
            raise StoreError(f"{self._location} is closed")
        return engine

    def select(self, text: str) -> Solutions:
        """Query the database in this thread, over the union if the store was opened so.

        For library code: no time limit, no check for calls to other servers. Raises
        QuerySyntaxError.
        """
        try:
            return put(self.engine, Query(text), union=self.union)
        except SyntaxError as error:
            raise explain(text, error) from None

    def set_address(self, address: str | None) -> None:
        """Record where this store is served, for other processes that find it held."""
        self._folder.set_address(address)

    # Reading

    async def query(self, query: Query) -> StreamedAnswer:
        """Start a query and return when its first bytes are ready; see
        `comity.graph.store.interface`.
        """
        if self._closed:
            raise StoreError(f"{self._location} is closed")
        stream = ByteStream(asyncio.get_running_loop())
        self._streams.add(stream)
        return await begin(self._threads, self._run, query, stream)

    def _run(self, query: Query, stream: ByteStream) -> None:
        """Run the query and write the whole answer: engine results must not change threads."""
        error: ComityError | None = StoreError("the engine stopped unexpectedly")
        try:
            if query.whole is None and query.why is None:
                check(query.text)
            with self._using() as generation:
                self._answer(query, stream, generation)
            error = None
        except ComityError as known:
            error = bare(known)
        except ReaderGone:
            return
        except (OSError, RuntimeError, ValueError) as failure:
            error = StoreError(f"the engine could not finish: {failure}")
        finally:
            end(stream, error)

    def _answer(self, query: Query, stream: ByteStream, generation: _Generation) -> None:
        write(self._ask(query, stream, generation), query, stream)

    def _ask(
        self, query: Query, stream: ByteStream, generation: _Generation
    ) -> Solutions | Quads | TripleEvidence:
        """Run the query; `stream.version` is set to the version of its snapshot."""
        engine = generation.engine
        if engine is None:
            raise StoreError(f"{self._location} is closed")
        while True:
            with self._settled:
                self._settled.wait_for(lambda: not self._unsettled)
                stream.version = generation.version
            if query.whole is not None:
                return find(engine, query.whole)
            if query.why is not None:
                return explain_triple(engine, query.why)
            try:
                result = put(engine, query, union=self.union)
            except SyntaxError as error:
                raise explain(query.text, error) from None
            except RuntimeError as error:
                raise QueryError(str(error)) from error
            with self._settled:
                if not self._unsettled and stream.version == generation.version:
                    return result

    @contextmanager
    def _using(self) -> Iterator[_Generation]:
        """Keep the current data directory in use during the block."""
        while not (generation := self._generation).enter():
            if self._closed:
                raise StoreError(f"{self._location} is closed")
        try:
            yield generation
        finally:
            generation.leave(remove=generation is not self._generation)
            if self._closed:
                self._folder.remove_temporary()

    # Writing, within comity.graph

    @contextmanager
    def writing(self) -> Iterator[pyoxigraph.Store]:
        """Yield the database for one transaction, a single call that writes; flushed at the end.

        After that the derived graph is stale until `comity.graph.engines.bundle.renew`.
        """
        with self._writing:
            with self._settled:
                self._unsettled = True
            try:
                forget_derived(self.engine)
                for made in self.folder.glob(f"*.{self._generation.data.name}"):
                    made.unlink()  # made of data that have changed
                yield self.engine
                self.engine.flush()
            except OSError as error:
                raise unwritable(self._location, error) from error
            finally:
                with self._settled:
                    self._generation.version = next(self._versions)
                    self._unsettled = False
                    self._settled.notify_all()

    @contextmanager
    def replacing(self) -> Iterator[pyoxigraph.Store]:
        """Yield a copy of the database to write to, which replaces it at the end.

        The copy consists of hard links, so it is cheap. An exception, or the death of the process,
        leaves the store as it was. Running queries keep the old data.
        """
        with self._writing:
            data = self._folder.new_data()
            try:
                self.engine.backup(str(data))
                engine = pyoxigraph.Store(str(data))
                yield engine
                engine.flush()
                self._folder.switch(data)
            except OSError as error:
                raise unwritable(self._location, error) from error
            finally:
                # A Ctrl-C may come after the switch: then the new data stay.
                if self._folder.current == data:
                    self._take_over(_Generation(data, engine, next(self._versions)))
                else:
                    shutil.rmtree(data, ignore_errors=True)

    @contextmanager
    def exchanging(self) -> Iterator[Path]:
        """Yield the directory of a copy for another process to write, which replaces the data.

        Like `replacing`, but others may write meanwhile. If one does, or the store is closed, the
        copy is dropped at the end: WriteConflict.
        """
        data = self._folder.new_data()
        engine: pyoxigraph.Store | None = None
        try:
            with self._writing:
                before = self.version
                self.engine.backup(str(data))
            yield data
            engine = pyoxigraph.Store(str(data))
            with self._writing:
                if self._closed or self.version != before:
                    raise WriteConflict(f"{self._location} was written to in the meantime")
                self._folder.switch(data)
                self._take_over(_Generation(data, engine, next(self._versions)))
        except (OSError, RuntimeError) as error:
            raise unwritable(self._location, error) from error
        finally:
            if self._generation.data != data:
                engine = None  # closed before its files go
                shutil.rmtree(data, ignore_errors=True)

    @contextmanager
    def replacing_data(self) -> Iterator[Path]:
        """Like `exchanging` without other writers, so there can be no conflict."""
        with self._writing, self.exchanging() as data:
            yield data

    def _take_over(self, generation: _Generation) -> None:
        with self._settled:
            old, self._generation = self._generation, generation
        old.leave(remove=True)

    @contextmanager
    def checkpoint(self) -> Iterator[pyoxigraph.Store]:
        """Yield a read-only copy of the current state, so that many reads see the same data.

        The live folder can't be opened read-only beside its writer: files would be deleted under
        the reader.
        """
        data = self._folder.new_data()
        self.engine.backup(str(data))
        try:
            yield pyoxigraph.Store.read_only(str(data))
        finally:
            shutil.rmtree(data, ignore_errors=True)

    def snapshot(self) -> tuple[Path, str]:
        """Make a directory with the current data, for other processes to read.

        Returns it and the data version; the caller removes it. Hard links, so it is cheap.
        """
        with self._settled:  # not self._writing, which a load or derivation holds for long
            self._settled.wait_for(lambda: not self._unsettled)
            data = self._folder.new_data()
            try:
                self.engine.backup(str(data))
            except OSError as error:
                raise unwritable(self._location, error) from error
            return data, self.version

    def aside(self, name: str) -> Path:
        """Return the path of a file made from the current data; other data have another."""
        return self.folder / f"{name}.{self._generation.data.name}"

    def close(self) -> None:
        """Release the folder; running queries stop at their next bytes."""
        if self._closed:
            return
        self._closed = True
        for stream in list(self._streams):
            stream.stop()
        self._threads.shutdown(wait=False, cancel_futures=True)
        self._generation.leave(remove=False)
        self._folder.release()


def _open_current(folder: StoreFolder, version: str) -> _Generation:
    current = folder.current
    data = current or folder.new_data()
    try:
        engine = pyoxigraph.Store(str(data))
    except (OSError, RuntimeError) as error:  # RuntimeError if the files are corrupt
        raise StoreError(f"{data} can't be opened: {error}") from error
    if current is None:
        engine.flush()
        folder.switch(data)
    return _Generation(data, engine, version)
