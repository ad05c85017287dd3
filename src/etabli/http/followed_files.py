"""Bytes that go on to a client while they arrive here, and are verified before the last of them."""

from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import ExitStack, suppress

import anyio
from fastapi import Request, Response
from fastapi.responses import StreamingResponse
from starlette.types import Receive, Scope, Send

from etabli.features.federation import Follower, State
from etabli.foundation.errors import EtabliError
from etabli.http.file_responses import CARRY, Elsewhere, Planned, plan
from etabli.pools import PIECES, READS, WRITES

LOOK_AGAIN_AFTER_S = 0.03


class TransferAbortedError(ConnectionError):
    """The rest does not come: the connection ends before the announced length is reached."""


async def respond_following(
    request: Request,
    size_bytes: int,
    headers: Mapping[str, str],
    *,
    follow: Callable[[], Follower],
    when_kept: Callable[[], Response],
    failure: Callable[[], EtabliError],
    may_go_on: bool,
) -> Response:
    """A file that is on its way here, or a part of it.

    A part waits until the file has arrived so far; its last bytes, until all of the file is right.

    Args:
        headers: with the file's `ETag`.
        follow: begins the download where none is under way. All three are called in threads.
        when_kept: the answer where the file is kept by now.
        failure: why it did not come.
        may_go_on: see `Download`.

    Raises:
        EtabliError: what `follow` raises; or `failure`, where nothing was sent yet.
    """
    planned = plan(request, size_bytes, headers, may_go_on=may_go_on)
    if isinstance(planned, Response):
        return planned
    if CARRY in request.scope:
        return Elsewhere()
    follower = await WRITES.run(follow)
    with ExitStack() as closing:
        closing.callback(follower.close)
        first = await _next(follower, planned.sent.start, planned.sent.stop)
        if first is None and follower.state is State.KEPT:
            return await READS.run(when_kept)
        if first is None:
            raise await READS.run(failure)
        closing.pop_all()
    return _Following(planned, first, follower)


async def _next(follower: Follower, start: int, stop: int) -> bytes | None:
    """The next bytes, once there are some; None when no more come."""
    while True:
        piece = await PIECES.run(follower.piece, start, stop)
        if piece or follower.has_ended:
            return piece or None
        await anyio.sleep(LOOK_AGAIN_AFTER_S)


class _Following(StreamingResponse):
    def __init__(self, planned: Planned, first: bytes, follower: Follower) -> None:
        self._follower = follower
        pieces = _pieces(planned.sent, first, follower)
        super().__init__(pieces, planned.status, planned.headers)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        try:
            with suppress(ConnectionError):
                await super().__call__(scope, receive, send)
        finally:
            self._follower.close()


async def _pieces(sent: range, first: bytes, follower: Follower) -> AsyncIterator[bytes]:
    yield first
    position = sent.start + len(first)
    while position < sent.stop:
        piece = await _next(follower, position, sent.stop)
        if piece is None:
            raise TransferAbortedError
        yield piece
        position += len(piece)
