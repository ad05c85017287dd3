"""Files sent by the kernel itself, which costs a tenth of the processor's time.

ASGI has no word for it that uvicorn speaks (Kludex/uvicorn#2840), so this reaches into uvicorn's
own object behind `send`. Where that is not what it looks for, as under TLS, it offers nothing and
responses send their bytes as usual.
"""

import asyncio
import os
from collections import deque
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from etabli.http.file_responses import SEND_FILE
from etabli.server.limited_protocol import LimitedProtocol

SLICE_BYTES = 1024 * 1024
"""At once, of one file: larger ones hold up what others ask meanwhile, smaller ones cost more."""
LARGE_SLICE_BYTES = 4 * SLICE_BYTES
"""Where nobody asks for anything else."""
AHEAD_BYTES = 8 * 1024 * 1024
"""What the disk is asked to have ready, so that no slice waits for it."""


class OffersSendfile:
    """The outermost layer of an application, around all that wraps `send`."""

    def __init__(self, app: ASGIApp, slice_bytes: int = SLICE_BYTES) -> None:
        self._app, self._slice_bytes = app, slice_bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            cycle = getattr(send, "__self__", None)
            if isinstance(cycle, RequestResponseCycle) and _is_plain(cycle.transport):
                scope[SEND_FILE] = partial(_send_file, cycle, self._slice_bytes)
        await self._app(scope, receive, send)


def _is_plain(transport: asyncio.Transport) -> bool:
    return (
        transport.get_extra_info("sslcontext") is None
        and transport.get_extra_info("socket") is not None
    )


async def _send_file(
    cycle: RequestResponseCycle, slice_bytes: int, file: int, spans: Sequence[range]
) -> None:
    """Send parts of a file in the body of a response whose head has been sent.

    Raises:
        OSError: the client has gone.
    """
    while cycle.transport.get_write_buffer_size():  # the head: what follows must not overtake it
        await asyncio.sleep(0.001)
    if cycle.disconnected or cycle.transport.is_closing():
        raise ConnectionResetError
    # A copy, because the loop lets nobody else watch the descriptor that it watches itself.
    connection = os.dup(cycle.transport.get_extra_info("socket").fileno())
    try:
        with _told(cycle.transport.get_protocol()):
            await _send_slices(connection, slice_bytes, file, spans)
    finally:
        os.close(connection)
    cycle.expected_content_length -= sum(map(len, spans))


@contextmanager
def _told(protocol: asyncio.BaseProtocol) -> Iterator[None]:
    """Tell whoever watches over the connection, since its transport knows nothing of this."""
    if not isinstance(protocol, LimitedProtocol):
        yield
        return
    protocol.is_sending_file = True
    try:
        yield
    finally:
        protocol.is_sending_file = False


async def _send_slices(
    connection: int, slice_bytes: int, file: int, spans: Sequence[range]
) -> None:
    """Slice by slice, each when the network takes one: in turn with all else that the loop does."""
    loop = asyncio.get_running_loop()
    sending = _Sending(connection, slice_bytes, file, deque(spans), loop.create_future())
    loop.add_writer(connection, sending.go_on)
    try:
        await sending.done
    finally:
        loop.remove_writer(connection)


@dataclass
class _Sending:
    connection: int
    slice_bytes: int
    file: int
    spans: deque[range]
    done: "asyncio.Future[None]"
    asked_until: int = 0

    def go_on(self) -> None:
        left = self.slice_bytes
        try:
            while self.spans and left > 0:
                left -= self._send_some(self.spans[0], left)
        except BlockingIOError:
            return
        except OSError as error:
            self._end(error)
        else:
            if not self.spans:
                self._end(None)

    def _send_some(self, span: range, most_bytes: int) -> int:
        if span.start >= self.asked_until:
            os.posix_fadvise(self.file, span.start, 2 * AHEAD_BYTES, os.POSIX_FADV_WILLNEED)
            self.asked_until = span.start + AHEAD_BYTES
        sent = os.sendfile(self.connection, self.file, span.start, min(most_bytes, len(span)))
        if sent == 0:
            raise OSError("The file is shorter than it was.")
        if sent < len(span):
            self.spans[0] = span[sent:]
        else:
            self.spans.popleft()
        return sent

    def _end(self, error: OSError | None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)
