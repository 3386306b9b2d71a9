"""An HTTP/1.1 client light enough not to distort the measurement: httptools over asyncio.

It costs some 30 µs of processor time for a small answer in one piece; each run reports the cost.
"""

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import httptools

from comity.graph.errors import ComityError

TABLE = "application/sparql-results+json"
GRAPH = "application/n-triples"


class ConnectionLost(ComityError):
    """The server broke or refused the connection."""


class TooSlow(ComityError):
    """The answer did not arrive within the limit."""


@dataclass(slots=True)
class Exchange:
    """One request and its answer; times are in seconds from sending the request."""

    status: int = 0
    size: int = 0
    first_byte: float = 0.0
    seconds: float = 0.0
    body: list[bytes] | None = None
    """The body, if it was to be kept or is an error."""

    @property
    def content(self) -> bytes:
        """Body of a kept answer."""
        return b"".join(self.body or ())


@dataclass(slots=True)
class LoadMeasurement:
    """Result of a load test: latencies in seconds, and the client's own cost."""

    latencies: list[float] = field(default_factory=list)
    failures: int = 0
    seconds: float = 0.0
    client_seconds: float = 0.0
    """Processor time of this client in seconds."""

    @property
    def per_second(self) -> float:
        """Successful answers per second."""
        return len(self.latencies) / self.seconds


def request(address: str, query: str, accept: str = TABLE) -> bytes:
    """Build a query by GET (SPARQL 1.1 Protocol §2.1.1), ready to send."""
    parts = urlsplit(address)
    return (
        f"GET {parts.path}?query={quote(query, safe='')} HTTP/1.1\r\n"
        f"Host: {parts.netloc}\r\nAccept: {accept}\r\nAccept-Encoding: identity\r\n\r\n"
    ).encode("ascii")


class Client:
    """Client for one server after another, over connections that stay open."""

    def __init__(self) -> None:
        try:
            import uvloop
        except ImportError:  # Windows
            self._runner = asyncio.Runner()
        else:
            self._runner = asyncio.Runner(loop_factory=uvloop.new_event_loop)

    def close(self) -> None:
        """Close the loop and the remaining connections."""
        self._runner.close()

    def fetch(self, address: str, message: bytes, limit: float, keep: bool = False) -> Exchange:
        """Send one request over a new connection and read the whole answer.

        Connecting is not timed. Raises TooSlow after `limit` seconds, and ConnectionLost.
        """
        return self._runner.run(_fetch(address, message, limit, keep))

    def load(
        self, address: str, messages: Iterator[bytes], clients: int, seconds: float, limit: float
    ) -> LoadMeasurement:
        """Run `clients` for `seconds`; each sends the next of `messages` after its last answer.

        Raises TooSlow if an answer takes `limit` seconds more, and ConnectionLost.
        """
        return self._runner.run(_load(address, messages, clients, seconds, limit))


class _Connection(asyncio.Protocol):
    """Sends requests in sequence; `answered` gets each exchange and returns the next request.

    `closed` is done when the connection is gone, with ConnectionLost if an answer was pending.
    """

    def __init__(self, answered: Callable[[Exchange], bytes | None], keep: bool = False) -> None:
        self.answered = answered
        self.keep = keep
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self.error: ConnectionLost | None = None
        self.waiting = False
        self.unsent: bytes | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = transport

    def send(self, message: bytes) -> None:
        self.exchange = Exchange(body=[] if self.keep else None)
        self.parser = httptools.HttpResponseParser(self)
        self.waiting = True
        self.sent = time.perf_counter()
        self.transport.write(message)  # type: ignore[attr-defined]  # uvloop's are of no class

    def data_received(self, data: bytes) -> None:
        if not self.exchange.first_byte:
            self.exchange.first_byte = time.perf_counter() - self.sent
        try:
            self.parser.feed_data(data)
        except httptools.HttpParserError as error:
            self.error = ConnectionLost(f"the response is not HTTP: {error}")
            self.transport.close()

    def on_headers_complete(self) -> None:
        self.exchange.status = self.parser.get_status_code()
        if self.exchange.status != 200 and self.exchange.body is None:
            self.exchange.body = []  # the reason

    def on_body(self, body: bytes) -> None:
        self.exchange.size += len(body)
        if self.exchange.body is not None:
            self.exchange.body.append(body)

    def on_message_complete(self) -> None:
        exchange = self.exchange
        exchange.seconds = time.perf_counter() - self.sent
        self.waiting = False
        following = self.answered(exchange)
        if following is not None and self.parser.should_keep_alive():
            self.send(following)
        else:
            self.unsent = following
            self.transport.close()

    def connection_lost(self, error: Exception | None) -> None:
        if self.waiting:
            self.closed.set_exception(
                self.error or ConnectionLost("the server broke the connection")
            )
        else:
            self.closed.set_result(None)

    async def end(self) -> None:
        """Close the connection now, even if an answer is pending."""
        self.waiting = False
        if not self.closed.done():
            self.transport.abort()  # type: ignore[attr-defined]
        await asyncio.wait((self.closed,))


async def _connect(
    address: str, answered: Callable[[Exchange], bytes | None], keep: bool = False
) -> _Connection:
    host, _, port = urlsplit(address).netloc.partition(":")
    loop = asyncio.get_running_loop()
    try:
        _, connection = await loop.create_connection(
            lambda: _Connection(answered, keep), host, int(port)
        )
    except OSError as error:
        raise ConnectionLost(f"no connection to {host}:{port}: {error.strerror}") from None
    return connection


async def _fetch(address: str, message: bytes, limit: float, keep: bool) -> Exchange:
    got: list[Exchange] = []
    connection = await _connect(address, got.append, keep)
    connection.send(message)
    try:
        done, _ = await asyncio.wait((connection.closed,), timeout=limit)
        if not done:
            raise TooSlow(f"no complete answer within {limit:g} s")
        connection.closed.result()
    finally:
        await connection.end()
    return got[0]


async def _load(
    address: str, messages: Iterator[bytes], clients: int, seconds: float, limit: float
) -> LoadMeasurement:
    load = LoadMeasurement()

    def answered(exchange: Exchange) -> bytes | None:
        if exchange.status == 200:
            load.latencies.append(exchange.seconds)
        else:
            load.failures += 1
        return next(messages, None) if time.perf_counter() < end else None

    async def ask() -> None:
        following = next(messages, None)
        while following is not None:
            connection = await _connect(address, answered)
            connection.send(following)
            try:
                await asyncio.shield(connection.closed)
            finally:
                await connection.end()
            following = connection.unsent  # the server closed the connection

    started, used = time.perf_counter(), time.process_time()
    end = started + seconds
    asking = [asyncio.create_task(ask()) for _ in range(clients)]
    try:
        async with asyncio.timeout(seconds + limit):
            await asyncio.gather(*asking)
    except TimeoutError:
        raise TooSlow(f"no answer within {limit:g} s") from None
    finally:
        for task in asking:
            task.cancel()
        await asyncio.gather(*asking, return_exceptions=True)
    load.seconds = time.perf_counter() - started
    load.client_seconds = time.process_time() - used
    return load
