"""Connections handed from one process to another, each before a request that is for the other.

Several processes share one port: the first one answers what is soon answered, others take what
takes long, one carries bytes. Whichever reads the start of a request that is another's hands over
the connection, with what it has read; a connection that is kept alive may so go to and fro. All
of them are handed over by the first one, or to it. The client sees one server.

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
from enum import Enum, auto
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
_QUICK = re.compile(
    rb"""
    (?:GET|HEAD)\ (?:
        /api/ (?![^\s?]*/commits/) (?!\S*[?&]expand=)
        | /(?:static|v1)/ | /(?:healthz|readyz|robots\.txt)\b
        | /[^\s?]*/(?:resolve|raw)/ | /[^\s?]*/info/(?:refs|lfs)\b
    )
    | POST\ (?:
        /(?:run|v1)/ | /api/(?:etabli/ask/|(?:chat|embed|generate|show|validate-yaml)\b)
        | /api/[^\s?]*/(?:preupload|paths-info)/ | /[^\s?]*/info/lfs/
        | /[^\s?]*/(?:ask|try)[?\s]
    )""",
    re.VERBOSE,
)
"""By its first line. Whoever asks a model is answered where the answering programs are."""
_BODY_LENGTH = re.compile(rb"\r\ncontent-length:[ \t]*(\d{1,18})[ \t]*\r\n", re.IGNORECASE)


class Kind(Enum):
    """What a process answers, of all that comes by the one port."""

    QUICK = auto()
    """What programs ask by the thousand: a name, a file's place, a small file, a question."""
    LONG = auto()
    """Pages, histories, and all that writes: many times the work of a small answer."""
    BYTES = auto()
    """What brings or takes many bytes."""


def kind_of(start: bytes) -> Kind | None:
    """Of the request that starts so; None: its first line is not whole yet.

    A matter of speed, never of rights: what is taken for another kind is answered all the same.
    """
    if _BYTES_DOORS.match(start):
        return Kind.BYTES
    if b"\r\n" not in start:
        return None
    said = _BODY_LENGTH.search(start[: start.find(_HEAD_END) + 4])
    if said is not None and int(said[1]) >= MANY_BYTES:
        return Kind.BYTES
    return Kind.QUICK if _QUICK.match(start) else Kind.LONG


@dataclass
class _Parcel:
    connection: int | None
    """Its descriptor; closed here once it is on its way. None: this only wakes who sleeps."""
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
        self.is_woken = False
        """The other process serves, or is about to: it was sent something."""

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
            unsent = [parcel.connection for parcel in self._parcels]
            for number in (*unsent, *self._descriptors):
                if number is not None:
                    os.close(number)

    def send(self, connection: int, read: bytes) -> None:
        """Send a descriptor, which is closed here, and what was read of it."""
        self._post(_Parcel(connection, memoryview(_LENGTH.pack(len(read)) + read)))

    def wake(self) -> None:
        """Have the other process begin to serve, before there is a connection for it."""
        self._post(_Parcel(None, memoryview(_LENGTH.pack(0))))

    def _post(self, parcel: _Parcel) -> None:
        self.is_woken = True
        self._parcels.append(parcel)
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
        if parcel.is_sent or parcel.connection is None:
            sent = self._end.send(parcel.left)
        else:
            sent = socket.send_fds(self._end, [parcel.left], [parcel.connection])
            parcel.is_sent = True
        parcel.left = parcel.left[sent:]
        if not parcel.left:
            if parcel.connection is not None:
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
            if read:  # else it was only to wake this process
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
    """Where one process says which requests are its own, and reaches the others that are up."""

    def __init__(self, kind: Kind) -> None:
        self.kind = kind
        self._channels: dict[Kind, list[Channel]] = {kind: [] for kind in Kind}
        self._long_here = 0

    def link(self, kind: Kind, channel: Channel) -> None:
        """Reach a process that answers this kind. All but the first one reach only the first."""
        self._channels[kind].append(channel)

    def unlink(self, kind: Kind, channel: Channel) -> None:
        self._channels[kind].remove(channel)

    def to(self, start: bytes) -> Channel | None:
        """The channel to hand this request to; None: it is answered here."""
        kind = kind_of(start)
        if kind is None or kind is self.kind:
            return None
        if self.kind is not Kind.QUICK:
            kind = Kind.QUICK  # the first process hands it on
        return self._next(kind)

    def to_carrier(self) -> Channel | None:
        """The channel to the process that carries bytes; None: it is down, or this is it."""
        return self._next(Kind.BYTES)

    def begin_long(self) -> None:
        """What takes long is answered here. With a second one at once, others are to help."""
        self._long_here += 1
        if self._long_here > 1:
            for channel in self._channels[Kind.LONG]:
                if channel.is_open and not channel.is_woken:
                    channel.wake()

    def end_long(self) -> None:
        self._long_here -= 1

    def _next(self, kind: Kind) -> Channel | None:
        """In turn. Who sleeps is left alone: one request that takes long is answered here."""
        channels = self._channels[kind]
        for channel in channels:
            if channel.takes_more and (channel.is_woken or kind is not Kind.LONG):
                channels.remove(channel)
                channels.append(channel)
                return channel
        return None


class HandsOver(LimitedProtocol):
    """But for a look at the start of each request."""

    def __init__(
        self, desk: Desk, connections: Connections, read: bytes = b"", **given: Any
    ) -> None:
        super().__init__(connections, **given)
        self._desk, self._read = desk, read
        self._start = b""
        """What was read of the request at hand, until its head is whole."""
        self._is_long = False
        """It is counted among those that take long here."""

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
        if not self._is_long and kind_of(self._start) is Kind.LONG:
            self._is_long = True
            self._desk.begin_long()
        is_whole = self._start.startswith(b"GET ") and self._start.endswith(_HEAD_END)
        if is_whole and self._desk.to_carrier() is not None:
            self.scope[CARRY] = partial(self._carry, self._start)  # type: ignore[literal-required]
        self._start = b""
        super().on_headers_complete()

    def on_response_complete(self) -> None:
        self._end_long()
        super().on_response_complete()

    def connection_lost(self, exc: Exception | None) -> None:
        self._end_long()
        super().connection_lost(exc)

    def _end_long(self) -> None:
        if self._is_long:
            self._is_long = False
            self._desk.end_long()

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
    """A `take` for `Channel.open`: go on with the connection as if this server had accepted it.

    The first process sends on what one of the others has handed it for a third.
    """
    loop, under_way = asyncio.get_running_loop(), set()

    def take(connection: socket.socket, read: bytes) -> None:
        other = desk.to(read) if desk.kind is Kind.QUICK else None
        if other is not None:
            other.send(connection.detach(), read)
            return
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
