"""Files sent by the kernel itself, which costs a tenth of the processor's time.

ASGI has no word for it that uvicorn speaks (Kludex/uvicorn#2840), so this reaches into uvicorn's
own object behind `send`. Where that is not what it looks for, as under TLS, it offers nothing and
responses send their bytes as usual.
"""

import asyncio
import os
from dataclasses import dataclass
from functools import partial

from starlette.types import ASGIApp, Receive, Scope, Send
from uvicorn.protocols.http.httptools_impl import RequestResponseCycle

from etabli.downloads import SEND_FILE

SLICE_BYTES = 1024 * 1024
"""At once, of one file: larger ones hold up what others ask meanwhile, smaller ones cost more."""
AHEAD_BYTES = 8 * 1024 * 1024
"""What the disk is asked to have ready, so that no slice waits for it."""


class OffersSendfile:
    """The outermost layer of an application, around all that wraps `send`."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            cycle = getattr(send, "__self__", None)
            if isinstance(cycle, RequestResponseCycle) and _is_plain(cycle.transport):
                scope[SEND_FILE] = partial(_send_file, cycle)
        await self._app(scope, receive, send)


def _is_plain(transport: asyncio.Transport) -> bool:
    return (
        transport.get_extra_info("sslcontext") is None
        and transport.get_extra_info("socket") is not None
    )


async def _send_file(cycle: RequestResponseCycle, file: int, start: int, end: int) -> None:
    """Send a part of a file as the body of a response whose head has been sent.

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
        await _send_slices(connection, file, start, end)
    finally:
        os.close(connection)
    cycle.expected_content_length -= end - start


async def _send_slices(connection: int, file: int, start: int, end: int) -> None:
    """Slice by slice, each when the network takes one: in turn with all else that the loop does."""
    loop = asyncio.get_running_loop()
    sending = _Sending(connection, file, start, end, loop.create_future())
    loop.add_writer(connection, sending.go_on)
    try:
        await sending.done
    finally:
        loop.remove_writer(connection)


@dataclass
class _Sending:
    connection: int
    file: int
    start: int
    end: int
    done: "asyncio.Future[None]"
    asked_until: int = 0

    def go_on(self) -> None:
        try:
            self._send_one()
        except BlockingIOError:
            return
        except OSError as error:
            self._end(error)
        else:
            if self.start >= self.end:
                self._end(None)

    def _send_one(self) -> None:
        if self.start >= self.asked_until:
            os.posix_fadvise(self.file, self.start, 2 * AHEAD_BYTES, os.POSIX_FADV_WILLNEED)
            self.asked_until = self.start + AHEAD_BYTES
        size = min(SLICE_BYTES, self.end - self.start)
        sent = os.sendfile(self.connection, self.file, self.start, size)
        if sent == 0:
            raise OSError("The file is shorter than it was.")
        self.start += sent

    def _end(self, error: OSError | None) -> None:
        if self.done.done():
            return
        if error is None:
            self.done.set_result(None)
        else:
            self.done.set_exception(error)
