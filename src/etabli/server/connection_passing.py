"""Connections handed from one process to another, each before a request that is for the other.

Two processes share one port: one answers people, the other carries bytes. Whichever reads the start
of a request that is the other's hands it the connection, with what it has read; a connection that
is kept alive may so go to and fro. The client sees one server.

Source: SCM_RIGHTS in unix(7). It reaches into uvicorn's protocol for HTTP, as
`limited_protocol.py` does.
"""

import asyncio
import logging
import os
import re
import socket
import struct
from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any

import uvicorn

from etabli.http.file_responses import CARRY, MANY_BYTES
from etabli.server.connections import Connections
from etabli.server.limited_protocol import LimitedProtocol, Phase

log = logging.getLogger(__name__)

MAX_PARCELS = 500
"""On their way to the other process. With more it is too slow, and each is answered where it is."""

_HEAD_END = b"\r\n\r\n"
_LENGTH = struct.Struct("!I")
_READ_BYTES = 65_536
_BYTES_DOORS = re.compile(
    rb"(?:GET|HEAD|POST|PUT) (?:/(?:cas|lfs)/|\S+/git-(?:upload|receive)-pack[ ?])"
)
_BODY_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)


def carries_bytes(start: bytes) -> bool:
    """Whether a request that starts so brings many bytes, or is for a door of bytes."""
    if _BYTES_DOORS.match(start):
        return True
    said = _BODY_LENGTH.search(start[: start.find(_HEAD_END) + 4])
    return said is not None and int(said[1]) >= MANY_BYTES


@dataclass
class _Parcel:
    connection: int
    """Its descriptor; closed here once it is on its way."""
    left: memoryview
    is_sent: bool = False


class Channel:
    """One end of a pair of sockets: sends connections to the other process, and takes its own."""

    def __init__(self, end: socket.socket) -> None:
        end.setblocking(False)
        self._end = end
        self._parcels: deque[_Parcel] = deque()
        self._arrived = bytearray()
        self._descriptors: deque[int] = deque()
        self.is_open = True

    def open(
        self, take: Callable[[socket.socket, bytes], None], on_closed: Callable[[], None]
    ) -> None:
        """Begin, in the running loop.

        Args:
            take: gets each connection, and what was read of it already.
            on_closed: called once, when the other process has gone.
        """
        self._loop = asyncio.get_running_loop()
        self._take, self._on_closed = take, on_closed
        self._loop.add_reader(self._end, self._receive)

    @property
    def takes_more(self) -> bool:
        return self.is_open and len(self._parcels) < MAX_PARCELS

    def close(self) -> None:
        """Idempotent."""
        if self.is_open:
            self.is_open = False
            self._loop.remove_reader(self._end)
            self._loop.remove_writer(self._end)
            self._end.close()
            for number in (*(parcel.connection for parcel in self._parcels), *self._descriptors):
                os.close(number)

    def send(self, connection: int, read: bytes) -> None:
        """Send a descriptor, which is closed here, and what was read of it."""
        self._parcels.append(_Parcel(connection, memoryview(_LENGTH.pack(len(read)) + read)))
        if len(self._parcels) == 1:
            self._send_parcels()

    def _send_parcels(self) -> None:
        try:
            while self._parcels:
                self._send_some(self._parcels[0])
        except BlockingIOError:
            self._loop.add_writer(self._end, self._send_parcels)
        except OSError:
            self._lose()
        else:
            self._loop.remove_writer(self._end)

    def _send_some(self, parcel: _Parcel) -> None:
        if parcel.is_sent:
            sent = self._end.send(parcel.left)
        else:
            sent = socket.send_fds(self._end, [parcel.left], [parcel.connection])
            parcel.is_sent = True
        parcel.left = parcel.left[sent:]
        if not parcel.left:
            os.close(parcel.connection)
            self._parcels.popleft()

    def _receive(self) -> None:
        try:
            # Each descriptor comes with the first byte of its parcel, or before.
            data, descriptors, flags, _ = socket.recv_fds(self._end, _READ_BYTES, 8)
        except BlockingIOError:
            return
        except OSError:
            data, descriptors, flags = b"", [], 0
        for number in descriptors:
            os.set_inheritable(number, False)
            self._descriptors.append(number)
        if flags & socket.MSG_CTRUNC:
            log.error("This process has too many files open to take a connection.")
            data = b""  # one is lost: the next would be taken for it, and answered to a stranger
        if not data:
            self._lose()
            return
        self._arrived += data
        while (read := self._next_parcel()) is not None:
            self._take(socket.socket(fileno=self._descriptors.popleft()), read)

    def _next_parcel(self) -> bytes | None:
        if len(self._arrived) < _LENGTH.size:
            return None
        end = _LENGTH.size + _LENGTH.unpack_from(self._arrived)[0]
        if len(self._arrived) < end:
            return None
        read = bytes(self._arrived[_LENGTH.size : end])
        del self._arrived[:end]
        return read

    def _lose(self) -> None:
        if self.is_open:
            self.close()
            self._on_closed()


class Desk:
    """Where one process says which requests are its own, and reaches the other one, if it is up."""

    def __init__(self, *, carries: bool) -> None:
        self._carries = carries
        self.channel: Channel | None = None

    def to(self, start: bytes) -> Channel | None:
        """The channel to hand this request to; None: it is answered here."""
        return self._other() if carries_bytes(start) is not self._carries else None

    def to_carrier(self) -> Channel | None:
        """The channel to the process that carries bytes; None: it is down, or this is it."""
        return None if self._carries else self._other()

    def _other(self) -> Channel | None:
        return self.channel if self.channel and self.channel.takes_more else None


class HandsOver(LimitedProtocol):
    """But for a look at the start of each request."""

    def __init__(
        self, desk: Desk, connections: Connections, read: bytes = b"", **given: Any
    ) -> None:
        super().__init__(connections, **given)
        self._desk, self._read = desk, read
        self._start = b""
        """What was read of the request at hand, until its head is whole."""

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if self._read:
            self._start = self._read
            super().data_received(self._read)  # whoever has handed it over knows that it is ours

    def data_received(self, data: bytes) -> None:
        other = self._desk.to(self._start) if self._tells_more(data) else None
        if other is None:
            super().data_received(data)
        else:
            self._hand_over(other, self._start)

    def _tells_more(self, data: bytes) -> bool:
        """Whether `_start`, with this, says anew whom the request is for: its first bytes may do,
        and its whole head does."""
        if self._may_go():
            self._start = data
            return True
        if self.phase is not Phase.HEAD or not self._start:
            return False
        known_bytes = len(self._start)
        self._start += data
        return self._start.find(_HEAD_END, max(0, known_bytes - len(_HEAD_END) + 1)) >= 0

    def on_headers_complete(self) -> None:
        is_whole = self._start.startswith(b"GET ") and self._start.endswith(_HEAD_END)
        if is_whole and self._desk.to_carrier() is not None:
            self.scope[CARRY] = partial(self._carry, self._start)  # type: ignore[literal-required]
        self._start = b""
        super().on_headers_complete()

    def _may_go(self) -> bool:
        """Nothing of a request was read here that is not answered, to its last byte."""
        return (
            self.phase is Phase.BETWEEN
            and (self.cycle is None or self.cycle.response_complete)
            and not self.transport.is_closing()
            and not self.transport.get_write_buffer_size()
        )

    def _carry(self, request: bytes) -> bool:
        """Hand over the request that is being answered, of which nothing was sent yet."""
        other = self._desk.to_carrier()
        if other is None or self.transport.is_closing() or self.pipeline:
            return False
        self.cycle.disconnected = True  # as far as this process goes
        self._hand_over(other, request)
        return True

    def _hand_over(self, other: Channel, data: bytes) -> None:
        connection = os.dup(self.transport.get_extra_info("socket").fileno())
        self._unset_keepalive_if_required()
        self.transport.abort()  # this process's hold on it; what has been dup'ed stays open
        other.send(connection, data)


def take_into(
    server: uvicorn.Server, desk: Desk, connections: Connections
) -> Callable[[socket.socket, bytes], None]:
    """A `take` for `Channel.open`: go on with the connection as if this server had accepted it."""
    loop, under_way = asyncio.get_running_loop(), set()

    def take(connection: socket.socket, read: bytes) -> None:
        connection.setblocking(False)
        protocol = partial(
            HandsOver,
            desk,
            connections,
            read,
            config=server.config,
            server_state=server.server_state,
            app_state=server.lifespan.state,
        )
        task = loop.create_task(loop.connect_accepted_socket(protocol, connection))
        under_way.add(task)
        task.add_done_callback(under_way.discard)

    return take
