"""HTTP to a remote store: one request at a time per connection, which can be cut from outside."""

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
_SHOWN: Final = 300  # characters of an engine's message
_FRESH: Final = ("connection.connect_tcp.complete", "connection.start_tls.complete")
_TIMED_OUT: Final = ("S1T00", "S1TAT", "timed out", "timeout")  # of Virtuoso and other engines
_LOST: Final = (httpx.ReadError, httpx.WriteError, httpx.RemoteProtocolError)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """Addresses of an engine for queries, updates and graphs; None where not allowed.

    `auth` is `user:password`, sent in the way that the engine requests (RFC 7617, RFC 7616), or the
    whole value of an Authorization header. `address` may contain user and password as well.
    """

    address: str
    update: str | None = None
    graphs: str | None = None
    auth: str | None = field(default=None, repr=False)

    @property
    def shown(self) -> str:
        """Address without secrets."""
        return without_secrets(self.address)


class Channels:
    """Pool of open connections to an engine; thread-safe."""

    def __init__(self, endpoint: Endpoint) -> None:
        self.endpoint = endpoint
        is_secure = any(
            (url or "").startswith("https:")
            for url in (endpoint.address, endpoint.update, endpoint.graphs)
        )
        # Reading the certificates of authorities takes 20 ms: do it once, and only if needed.
        self._context = httpx.create_ssl_context() if is_secure else None
        self._lock = threading.Lock()
        self._idle: list[Channel] = []
        self._closed = False

    @contextmanager
    def channel(self) -> Iterator["Channel"]:
        """Yield a connection for exclusive use."""
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
        """Close idle connections; the others close after their request."""
        with self._lock:
            self._closed = True
            idle, self._idle = self._idle, []
        for channel in idle:
            channel.close()


class Channel:
    """One connection: requests come from one thread, `cut` from any other."""

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
        """Send a request and yield the response, its body unread. `within` is in seconds.

        With `again` it is repeated once if the engine had closed the connection. Raises
        RemoteError, QueryError and QueryTimeout, also for failures within the block.
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
                raise away(self._endpoint, "it does not respond") from None
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
        """Break the connection, so that its reader gets an error at once."""
        self.is_cut = True
        if self._socket is not None:
            with suppress(OSError):
                # The plain socket's method, since TLS would send a close_notify first.
                socket.socket.shutdown(self._socket, socket.SHUT_RDWR)

    def close(self) -> None:
        self._client.close()


def away(endpoint: Endpoint, why: str) -> RemoteError:
    """Return the error for an engine that can't be reached."""
    return RemoteError(
        f"the remote store at {endpoint.shown} can't be reached: {why}",
        hint="The next request tries again. Check that the engine runs, and that COMITY_STORE "
        "is its address.",
    )


def _refusal(response: httpx.Response, endpoint: Endpoint) -> ComityError:
    """Convert an error response to an error of ours."""
    status, said = response.status_code, _said(response)
    if status in (401, 403):
        return RemoteError(
            f"the remote store at {endpoint.shown} refused access: {status} {said}",
            hint="Set COMITY_STORE_AUTH to user:password, or the value of an Authorization header.",
        )
    if status in (408, 504) or (status >= 500 and any(word in said for word in _TIMED_OUT)):
        return QueryTimeout(
            f"the remote store reached its own time limit: {said}",
            hint="Narrow the query, or split it into smaller ones.",
        )
    # Virtuoso answers 500 to requests that it does not support.
    if status in (400, 422, 501) or said.startswith("Virtuoso "):
        return QueryError(f"the remote store refused the request: {said}")
    if status in (429, 503):
        return RemoteError(f"the remote store is overloaded: {status} {said}", retry_after=2)
    return RemoteError(
        f"the remote store at {endpoint.shown} answered {status} {said}",
        hint="Check its addresses in COMITY_STORE, COMITY_STORE_UPDATE and COMITY_STORE_GRAPHS.",
    )


def _said(response: httpx.Response) -> str:
    """Return the engine's message, without the query that some engines repeat."""
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
    """A header sent as given."""

    def __init__(self, value: str) -> None:
        self._value = value

    def auth_flow(self, request: httpx.Request) -> Iterator[httpx.Request]:  # type: ignore[override]
        request.headers["Authorization"] = self._value
        yield request


class _Login(httpx.Auth):
    """User and password, sent in the way that the engine requests in its first refusal."""

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
