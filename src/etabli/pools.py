"""Pools of threads: work of one kind never takes the threads that another kind waits for.

Who waits for a thread waits in the event loop, first come first served, and takes none meanwhile.
Each pool is bounded twice: how many of its threads work, and how many requests wait for one.
"""

from collections.abc import Callable
from functools import partial
from typing import ParamSpec, TypeVar

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar

from etabli.foundation.errors import UnavailableError
from etabli.foundation.words import Text, say

Given = ParamSpec("Given")
Result = TypeVar("Result")


class BusyError(UnavailableError):
    """Refused before any work: the same request can be sent again after `retry_after_s` seconds."""

    def __init__(self, text: Text | None = None, *, retry_after_s: int = 5) -> None:
        super().__init__(
            text or say("This hub is busy with many requests of this kind. Try again in a moment.")
        )
        self.retry_after_s = retry_after_s


class Pool:
    """Some threads, and a fair queue before them. One for each process and kind of work."""

    def __init__(
        self, name: str, *, threads: int, max_waiting: int, busy: Text | None = None
    ) -> None:
        """
        Args:
            max_waiting: how many may wait for a thread; one more is refused.
            busy: what those who are refused are told, in place of the general sentence.
        """
        self.name = name
        self.threads = threads
        self.max_waiting = max_waiting
        self._busy = busy
        self._limiter: RunVar[anyio.CapacityLimiter] = RunVar(f"etabli.pools.{name}")

    async def run(
        self, work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs
    ) -> Result:
        """Call `work` in a thread of this pool, when those before it have had theirs.

        Raises:
            BusyError: too many wait already; `work` was not called.
        """
        limiter = self._of_this_loop()
        if limiter.statistics().tasks_waiting >= self.max_waiting:
            raise BusyError(self._busy)
        return await anyio.to_thread.run_sync(partial(work, *args, **kwargs), limiter=limiter)

    def _of_this_loop(self) -> anyio.CapacityLimiter:
        limiter = self._limiter.get(None)
        if limiter is None:
            limiter = anyio.CapacityLimiter(self.threads)
            self._limiter.set(limiter)
        return limiter


READS = Pool("reads", threads=4, max_waiting=1000)
"""Requests that read. Few threads: more of them wait for each other's Python, and for SQLite."""

WRITES = Pool("writes", threads=4, max_waiting=200)
"""Requests that write a few rows: the whole request, from its permission to its commit."""

COMMITS = Pool("commits", threads=2, max_waiting=200)
"""Commits and merges: each is in memory while it is made."""

UPLOADS = Pool("uploads", threads=4, max_waiting=200)
"""The end of an upload: hashing it, and waiting for the disk."""

LONG_READS = Pool("long-reads", threads=2, max_waiting=50)
"""Reads that may take a second or more: a long history, a copy of a repository, a large card."""

QUESTIONS = Pool("questions", threads=8, max_waiting=64)
"""Questions to models: each thread waits for a process that answers."""
