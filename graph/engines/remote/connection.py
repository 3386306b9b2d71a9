"""HTTP to a remote store: one request at a time on a connection that can be cut from outside."""

import socket
import ssl
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from typing import Any, Final
from urllib.parse import unquote, urlsplit

import httpx

from comity.graph.errors import ComityError, QueryError, QueryTimeout, RemoteError
from comity.graph.store.address import without_secrets

_CONNECT: Final = 5.0  # seconds
_SHOWN: Final = 300  # characters of what an engine says
_FRESH: Final = ("connection.connect_tcp.complete", "connection.start_tls.complete")
_TIMED_OUT: Final = ("S1T00", "S1TAT", "timed out", "timeout")  # in Virtuoso's words, and others'
_LOST: Final = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Where an engine takes queries, updates and graphs; None for what it may not be asked.

    `auth` is `user:password`, sent as the engine asks for it (RFC 7617, RFC 7616), or the whole
    value of an Authorization header. User and password may stand in `address` as well.
    """

    address: str
    update: str | None = None
    graphs: str | None = None
    auth: str | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """The address without what may be secret."""
        return without_secrets(self.address)


class Channels:
    """The connections to an engine, kept open between requests; for any thread."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        is_secure = any(
            (url or "").startswith("https:")
            for url in (endpoint.address, endpoint.update, endpoint.graphs)
        )
        # Reading the certificates of authorities takes 20 ms: once, and where they are needed.
        self._context = httpx.create_ssl_context() if is_secure else None
        self._lock = threading.Lock()
        self._idle: list[Channel] = []
        self._closed = False

    @contextmanager
    def channel(self) -> Iterator["Channel"]:
        """Give a connection that no one else uses meanwhile."""
        with self._lock:
            channel = self._idle.pop() if self._idle else None
        channel = channel or Channel(self.endpoint, self._context)
        try:
            yield channel
        finally:
            with self._lock:
                keep = not (channel.is_cut or self._closed)
                if keep:
                    self._idle.append(channel)
            if not keep:
                channel.close()

    def close(self) -> None:
        """Close what is idle; the rest closes at the end of its request."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for channel in idle:
            channel.close()


class Channel:
    """One connection: requests belong to one thread, `cut` to any other."""

    def __init__(self, endpoint: Endpoint, context: ssl.SSLContext | None) -> None:
        self._endpoint = endpoint
        self._client = httpx.Client(
            auth=_auth(endpoint),
            headers={"User-Agent": "comity", "Accept-Encoding": "identity"},
            limits=httpx.Limits(max_connections=1, max_keepalive_connections=1),
            verify=context or False,
            trust_env=False,
        )
        self._socket: socket.socket | None = None
        self._is_fresh = False
        self.is_cut = False

    @contextmanager
    def request(
        self,
        method: str,
        url: str,
        *,
        within: float | None,
        again: bool = False,
        **options: Any,
    ) -> Iterator[httpx.Response]:
        """Send a request and give the answer, its body unread. `within` is in seconds.

        With `again` it is sent once more where the engine had closed the connection meanwhile.
        Raises RemoteError, QueryError and QueryTimeout; what goes wrong within the block, too.
        """
        timeout = httpx.Timeout(within, connect=min(within or _CONNECT, _CONNECT))
        request = self._client.build_request(method, url, timeout=timeout, **options)
        request.extensions["trace"] = self._trace
        try:
            response = self._send(request, again=again)
            try:
                if response.is_error or response.is_redirect:
                    response.read()
                    raise _refusal(response, self._endpoint)
                yield response
            finally:
                response.close()
        except httpx.TimeoutException as error:
            self.cut()
            if isinstance(error, httpx.ConnectTimeout):
                raise away(self._endpoint, "it does not answer") from None
            raise QueryTimeout(f"{self._endpoint.shown} took longer than {within:g} s") from None
        except (httpx.HTTPError, httpx.InvalidURL) as error:
            self.is_cut = True
            raise away(self._endpoint, str(error) or type(error).__name__) from None
        except BaseException:
            self.is_cut = True
            raise

    def _send(self, request: httpx.Request, *, again: bool) -> httpx.Response:
        self._is_fresh = False
        try:
            return self._client.send(request, stream=True)
        except _LOST:
            if self._is_fresh or self.is_cut or not again:
                raise
            return self._client.send(request, stream=True)

    def _trace(self, event: str, info: Mapping[str, Any]) -> None:
        if event in _FRESH:
            self._is_fresh = True
            self._socket = info["return_value"].get_extra_info("socket")

    def cut(self) -> None:
        """Break the connection: whoever reads from it gets an error at once."""
        self.is_cut = True
        if self._socket is not None:
            with suppress(OSError):
                # The plain socket's, since that of TLS would first say goodbye.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        self._client.close()


def away(endpoint: Endpoint, why: str) -> RemoteError:
    """The error for an engine that can't be reached."""
    return RemoteError(
        f"the remote store at {endpoint.shown} can't be reached: {why}",
        hint="It is asked again with the next request: see that it runs, and that COMITY_STORE "
        "is its address.",
    )


def _refusal(response: httpx.Response, endpoint: Endpoint) -> ComityError:
    """What an answer that is an error means."""
    status, said = response.status_code, _said(response)
    if status in (401, 403):
        return RemoteError(
            f"the remote store at {endpoint.shown} does not let Comity in: {status} {said}",
            hint="COMITY_STORE_AUTH has user:password, or the value of an Authorization header.",
        )
    if status in (408, 504) or (status >= 500 and any(word in said for word in _TIMED_OUT)):
        return QueryTimeout(
            f"the remote store reached its own time limit: {said}",
            hint="Narrow the query, or ask for less in one query.",
        )
    # Virtuoso answers 500 where it means that it can't do what is asked.
    if status in (400, 422, 501) or said.startswith("Virtuoso "):
        return QueryError(f"the remote store refuses this: {said}")
    if status in (429, 503):
        return RemoteError(f"the remote store has too much to do: {status} {said}", retry_after=2)
    return RemoteError(
        f"the remote store at {endpoint.shown} answered {status} {said}",
        hint="COMITY_STORE, COMITY_STORE_UPDATE and COMITY_STORE_GRAPHS name its addresses.",
    )


def _said(response: httpx.Response) -> str:
    """The engine's own words, without the query that some repeat."""
    if "html" in response.headers.get("content-type", ""):
        return response.reason_phrase
    text = response.text.partition("\n\nSPARQL query:")[0]
    return " ".join(text.split())[:_SHOWN] or response.reason_phrase


def _auth(endpoint: Endpoint) -> httpx.Auth | None:
    parts = urlsplit(endpoint.address)
    auth = endpoint.auth
    if auth is None and parts.username is not None:
        auth = f"{unquote(parts.username)}:{unquote(parts.password or '')}"
    if auth is None:
        return None
    if " " in auth.partition(":")[0]:
        return _Header(auth)
    user, _, password = auth.partition(":")
    return _Login(user, password)


class _Header(httpx.Auth):
    """A header as it was given."""

    def __init__(self, value: str) -> None:
        self._value = value

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        request.headers["Authorization"] = self._value
        yield request


class _Login(httpx.Auth):
    """User and password in the way that the engine asks for, from its first refusal on."""

    requires_request_body = True

    def __init__(self, user: str, password: str) -> None:
        self._basic = httpx.BasicAuth(user, password)
        self._digest = httpx.DigestAuth(user, password)
        self._chosen: httpx.Auth | None = None

    def auth_flow(self, request: httpx.Request):  # type: ignore[no-untyped-def]
        if self._chosen is None:
            response = yield request
            if response.status_code != 401:
                return
            asked = response.headers.get("www-authenticate", "").lower()
            self._chosen = self._digest if asked.startswith("digest") else self._basic
        yield from self._chosen.auth_flow(request)
