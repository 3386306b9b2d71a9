"""Client connections: uvicorn's protocol on httptools, with limits for the request head.

httptools buffers a whole head without limit, and can't parse an address of more than 65,535 bytes.
Unreadable requests get a problem document like every other error.
"""

from asyncio import BaseTransport, TimerHandle
from http import HTTPStatus
from typing import Any, Final

from uvicorn.protocols.http.httptools_impl import STATUS_LINE, HttpToolsProtocol

from comity.service.http.media import PROBLEM
from comity.service.http.problems import Problem

MAX_ADDRESS: Final = 65_000  # bytes
MAX_HEADERS: Final = 65_000  # bytes, for all headers together
HEAD_WITHIN: Final = 30.0  # seconds
# Closing with unread input resets the connection (RST), and the client may lose the response: so
# this waits for so many seconds first, and after a 413 the connection stays open.
_LINGER: Final = 2.0


class Connection(HttpToolsProtocol):
    """One connection, created by uvicorn."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._in_head = False
        self._unread = 0  # bytes of an incomplete head
        self._header_bytes = 0
        self._patience: TimerHandle | None = None
        self._is_over = False

    def connection_made(self, transport: BaseTransport) -> None:
        super().connection_made(transport)  # type: ignore[arg-type]  # uvloop's is none by its class
        self._expect_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._have_head()
        self._is_over = True
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self._is_over:
            return
        super().data_received(data)
        if self._in_head:
            self._unread += len(data)
            if self._unread > MAX_ADDRESS + MAX_HEADERS:
                self._refuse(_TOO_MUCH)

    def on_message_begin(self) -> None:
        super().on_message_begin()
        self._in_head, self._unread, self._header_bytes = True, 0, 0
        self._expect_head()

    def on_url(self, url: bytes) -> None:
        super().on_url(url)
        if len(self.url) > MAX_ADDRESS:
            raise self._refuse(_TOO_LONG)

    def on_header(self, name: bytes, value: bytes) -> None:
        super().on_header(name, value)
        self._header_bytes += len(name) + len(value)
        if self._header_bytes > MAX_HEADERS:
            raise self._refuse(_TOO_MUCH)

    def on_headers_complete(self) -> None:
        self._in_head = False
        self._have_head()
        super().on_headers_complete()

    def send_400_response(self, msg: str) -> None:
        """Respond to invalid HTTP, or to a refusal by one of the callbacks above."""
        self._refuse(Problem(400, HTTPStatus(400).phrase, msg))

    def _expect_head(self) -> None:
        self._have_head()
        self._patience = self.loop.call_later(HEAD_WITHIN, self._be_impatient)

    def _be_impatient(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._expect_head()  # an answer is in progress, so it may be we who don't read
        else:
            self._refuse(_TOO_LATE)

    def _have_head(self) -> None:
        if self._patience is not None:
            self._patience.cancel()
            self._patience = None

    def _refuse(self, problem: Problem) -> Exception:
        """Respond with a problem, once, and close; returns the exception that stops the parser."""
        if self._is_over:
            return ValueError(problem.detail)
        self._is_over, self._in_head = True, False
        self._have_head()
        self._unset_keepalive_if_required()
        if self.cycle is not None and not self.cycle.response_complete:
            self.transport.close()  # a problem can't be sent in the middle of an answer
        else:
            body = problem.document()
            head = {"content-type": PROBLEM, "content-length": len(body), "connection": "close"}
            lines = [f"{name}: {value}\r\n".encode() for name, value in head.items()]
            self.transport.write(b"".join([STATUS_LINE[problem.status], *lines, b"\r\n", body]))
            self.loop.call_later(_LINGER, self.transport.close)
        return ValueError(problem.detail)


def _problem(status: int, detail: str, hint: str) -> Problem:
    return Problem(status, HTTPStatus(status).phrase, detail, hint)


_TOO_LONG: Final = _problem(
    414, f"The address is longer than {MAX_ADDRESS:,} bytes", "Send a long query by POST"
)
_TOO_MUCH: Final = _problem(
    431, f"The headers are longer than {MAX_HEADERS:,} bytes", "Send fewer or shorter headers"
)
_TOO_LATE: Final = _problem(
    408, f"No complete request arrived within {HEAD_WITHIN:g} seconds", "Send the request at once"
)
