"""HTTP on one connection, as uvicorn speaks it, within limits.

It reaches into uvicorn's own object: its parser's callbacks, the cycle of the request at hand, and
its control of the flow. `tests/trust/test_connections.py` tells when a new uvicorn no longer fits.
"""

import asyncio
import socket
import struct
import sys
from enum import Enum, auto
from http import HTTPStatus
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from etabli.foundation.i18n.messages import Message, msg
from etabli.server.connection_limits import (
    MAX_DRAIN_S,
    MAX_HEAD_BYTES,
    MAX_HEADERS,
    MAX_IDLE_S,
    MAX_LINGER_S,
    MAX_PIPELINED,
    MIN_BYTES_PER_S,
)
from etabli.server.connections import Connections

TOO_LARGE = msg(
    "The address and the headers of this request are more than this hub reads: "
    "{kib} KiB, {headers} headers. Send less of them.",
    kib=MAX_HEAD_BYTES // 1024,
    headers=MAX_HEADERS,
)
TOO_SLOW = msg("This request came too slowly, or not at all. Send it again.")
TOO_MANY = msg("This hub has as many visitors as it can serve. Try again in a moment.")
UNREADABLE = msg("This is not a request that this hub can read. Check the program that sent it.")

RETRY_AFTER_S = 5
_BYTES_ACKED_AT = 120
"""Source: `tcpi_bytes_acked` of struct tcp_info in linux/tcp.h; there since Linux 4.1."""


class Phase(Enum):
    """How far the request has been read."""

    BETWEEN = auto()
    HEAD = auto()
    BODY = auto()


class Wait(Enum):
    """What the client is waited for: to …"""

    SEND_HEAD = auto()
    SEND_NEXT = auto()
    SEND_BODY = auto()
    TAKE_ANSWER = auto()
    SEND_WHAT_NOBODY_WANTS = auto()
    GO = auto()


class LimitedProtocol(HttpToolsProtocol):
    """Uvicorn's own, which takes no more than so much, and waits no longer than so long."""

    def __init__(self, connections: Connections, **given: Any) -> None:
        super().__init__(**given)
        self.phase = Phase.BETWEEN
        self.is_sending_file = False
        """The kernel is sending one, which the transport knows nothing of."""
        self._connections = connections
        self._untold_bytes = 0
        """Read, and not yet told of by the parser: of a head, of trailers, between chunks."""
        self._body_bytes = 0
        self._requests = 0
        self._is_deaf = False
        """Whatever still comes is thrown away."""
        self._is_going = False
        self._wait: tuple[Wait | None, int] = (None, 0)
        """And in which request."""
        self._waited_s = 0
        self._moved_before = 0

    @property
    def host(self) -> str:
        return self.client[0] if self.client else ""

    def close(self) -> None:
        self.transport.close()

    # As uvicorn is called

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._connections.admit(self):
            return
        if self._connections.hears_why(self):
            self._refuse(HTTPStatus.SERVICE_UNAVAILABLE, TOO_MANY)
        else:
            self._is_deaf = True
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._connections.remove(self)
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        self._connections.end_idle(self)
        room = MAX_HEAD_BYTES - self._untold_bytes
        if len(data) > room and self.phase is not Phase.BODY:
            self._take(data[:room])
            data = data[room:]
        self._take(data)

    def send_400_response(self, msg: str) -> None:
        if not self._is_deaf:
            self._refuse(HTTPStatus.BAD_REQUEST, UNREADABLE)

    def on_message_begin(self) -> None:
        if not self._is_deaf:
            self.phase = Phase.HEAD
            self._requests += 1
            super().on_message_begin()

    def on_headers_complete(self) -> None:
        if self._is_deaf:
            return
        self._untold_bytes = 0
        self.phase = Phase.BODY
        if len(self.headers) > MAX_HEADERS:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, TOO_LARGE)
        elif len(self.pipeline) >= MAX_PIPELINED:
            self._is_deaf = True
            self.cycle.keep_alive = False  # the last of those that are waiting
        else:
            super().on_headers_complete()
            self.headers = []  # trailers are no headers of the request, which is under way

    def on_body(self, body: bytes) -> None:
        if not self._is_deaf:
            self._untold_bytes = 0
            self._body_bytes += len(body)
            super().on_body(body)

    def on_message_complete(self) -> None:
        if not self._is_deaf:
            self._untold_bytes = 0
            self.phase = Phase.BETWEEN
            super().on_message_complete()
            self._begin_idle_if_so()

    def on_response_complete(self) -> None:
        super().on_response_complete()
        self._begin_idle_if_so()

    # What is read

    def _take(self, data: bytes) -> None:
        if self._is_deaf:
            return
        self._untold_bytes += len(data)
        super().data_received(data)
        has_too_many = self.phase is Phase.HEAD and len(self.headers) > MAX_HEADERS
        if (self._untold_bytes >= MAX_HEAD_BYTES or has_too_many) and not self._is_deaf:
            self._refuse(HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE, TOO_LARGE)

    def _has_part_of_a_request(self) -> bool:
        return self.phase is not Phase.BETWEEN or self._untold_bytes > 0

    def _is_answering(self) -> bool:
        return self.cycle is not None and not self.cycle.response_complete

    def _begin_idle_if_so(self) -> None:
        if self.phase is Phase.BETWEEN and not self._is_answering() and not self._is_deaf:
            self._connections.begin_idle(self)

    # Whom it waits for

    def look(self) -> None:
        wait = self._whom()
        if wait is None or (wait, self._requests) != self._wait:
            self._wait = (wait, self._requests)
            self._waited_s, self._moved_before = 0, self._moved(wait)
            return
        self._waited_s += 1
        if self._waited_s >= self._longest_s(wait):
            self._look_back(wait)

    def _whom(self) -> Wait | None:
        """None: for nobody, or for this server itself."""
        if self._is_going:
            return Wait.GO
        if self.is_sending_file or self.transport.get_write_buffer_size():
            return Wait.TAKE_ANSWER
        if self._is_deaf or self.transport.is_closing():
            return None
        if self.phase is Phase.BODY:
            return self._whom_in_body()
        if self._is_answering():
            return None
        is_awaited = self.cycle is None or self._has_part_of_a_request()
        return Wait.SEND_HEAD if is_awaited else Wait.SEND_NEXT

    def _whom_in_body(self) -> Wait | None:
        if self.cycle.response_complete:
            return Wait.SEND_WHAT_NOBODY_WANTS
        if self.flow.read_paused or self.cycle.waiting_for_100_continue:
            return None
        return Wait.SEND_BODY

    def _longest_s(self, wait: Wait) -> int:
        limits = self._connections.limits
        return {
            Wait.SEND_HEAD: limits.head_timeout_s,
            Wait.SEND_NEXT: MAX_IDLE_S,
            Wait.SEND_BODY: limits.stall_timeout_s,
            Wait.TAKE_ANSWER: limits.stall_timeout_s,
            Wait.SEND_WHAT_NOBODY_WANTS: MAX_DRAIN_S,
            Wait.GO: MAX_LINGER_S,
        }[wait]

    def _moved(self, wait: Wait | None) -> int:
        """The bytes that say how fast the client is, so far."""
        if wait is Wait.SEND_BODY:
            return self._body_bytes
        return self._taken_bytes() if wait is Wait.TAKE_ANSWER else 0

    def _taken_bytes(self) -> int:
        """What the client has said to have received. Elsewhere than on Linux, a lower bound."""
        if sys.platform != "linux":
            return -self.transport.get_write_buffer_size()
        connection = self.transport.get_extra_info("socket")
        info = connection.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, _BYTES_ACKED_AT + 8)
        return int(struct.unpack_from("=Q", info, _BYTES_ACKED_AT)[0])

    def _look_back(self, wait: Wait) -> None:
        """It was waited for as long as it may be, or long enough to tell how fast it is."""
        moved = self._moved(wait)
        is_rated = wait in (Wait.SEND_BODY, Wait.TAKE_ANSWER)
        if is_rated and moved - self._moved_before >= MIN_BYTES_PER_S * self._waited_s:
            self._waited_s, self._moved_before = 0, moved
        elif wait in (Wait.SEND_HEAD, Wait.SEND_BODY) and self._has_part_of_a_request():
            self._refuse(HTTPStatus.REQUEST_TIMEOUT, TOO_SLOW)
        else:
            self.transport.abort()

    def _give_up_cycle(self) -> None:
        """As if the client had gone: that is what the request's own code learns."""
        self.cycle.disconnected = True
        self.cycle.message_event.set()

    # Who must go

    def _refuse(self, status: HTTPStatus, text: Message) -> None:
        """Say why, unless another answer is under way, and wait a little for that to be read:
        closed at once, a connection takes its last words with it."""
        self._is_deaf = True
        if self._is_answering():
            if self.cycle.response_started or self.pipeline:
                self.transport.abort()
                return
            self._give_up_cycle()
        self._is_going = True
        self._unset_keepalive_if_required()
        self.transport.write(_answer(status, str(text)))
        self.flow.resume_reading()
        self.transport.write_eof()


def _answer(status: HTTPStatus, text: str) -> bytes:
    body = f"{text}\n".encode()
    retry = f"Retry-After: {RETRY_AFTER_S}\r\n" if status is HTTPStatus.SERVICE_UNAVAILABLE else ""
    head = (
        f"HTTP/1.1 {status.value} {status.phrase}\r\n"
        "Content-Type: text/plain; charset=utf-8\r\n"
        f"Content-Length: {len(body)}\r\n{retry}"
        "Connection: close\r\n\r\n"
    )
    return head.encode() + body
