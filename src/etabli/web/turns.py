"""What checks or makes a password takes a core for a while, on purpose: one after the other."""

from collections.abc import Callable

import anyio
import anyio.to_thread
from fastapi import Request, Response

from etabli.foundation.errors import UnavailableError
from etabli.foundation.words import say

AT_ONCE = 1
"""One takes a core for some 30 ms: the others wait, and no thread of the site with them."""
MOST_WAITING = 60
"""Some two seconds of them."""


class TooManyWaitingError(UnavailableError):
    def __init__(self) -> None:
        super().__init__(say("Many people are signing in just now. Try again in a moment."))


class Turns:
    """One row of waiting people for each process."""

    def __init__(self) -> None:
        self._limiter = anyio.CapacityLimiter(AT_ONCE)
        self._waiting = 0

    async def take(self, deed: Callable[[], Response]) -> Response:
        if self._waiting >= AT_ONCE + MOST_WAITING:
            raise TooManyWaitingError
        self._waiting += 1
        try:
            return await anyio.to_thread.run_sync(deed, limiter=self._limiter)
        finally:
            self._waiting -= 1


async def in_turn(request: Request, deed: Callable[[], Response]) -> Response:
    """Answer by `deed`, which runs when those before it are done. Until then it takes no thread.

    Raises:
        TooManyWaitingError: too many are before it.
    """
    turns: Turns = request.app.state.turns
    return await turns.take(deed)
