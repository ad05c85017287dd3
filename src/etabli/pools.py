"""Pools of threads: work of one kind never takes the threads that another kind waits for.

Who waits for a thread waits in the event loop, first come first served, and takes none meanwhile.
Each pool is bounded twice: how many of its threads work, and how many requests wait for one.
"""

import asyncio
from collections.abc import Callable, Hashable
from functools import partial
from typing import Any, ParamSpec, TypeVar

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar

from etabli.foundation.errors import BusyError as BusyError
from etabli.foundation.words import Text

Given = ParamSpec("Given")
Result = TypeVar("Result")


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
        self._under_way: RunVar[dict[Hashable, asyncio.Task[Any]]] = RunVar(
            f"etabli.pools.{name}.under_way"
        )

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

    async def run_once(self, key: Hashable, work: Callable[[], Result]) -> Result:
        """As `run`, but once for all who ask for the same `key` while it is under way.

        The others wait for the first one's result, or its error, and take no thread. The work goes
        on when the one who asked first is gone.

        Args:
            work: the same for the same key.

        Raises:
            BusyError: too many wait already; `work` was not called.
        """
        under_way = self._under_way_in_this_loop()
        task: asyncio.Task[Result] | None = under_way.get(key)
        if task is None:
            task = asyncio.ensure_future(self.run(work))
            under_way[key] = task
            task.add_done_callback(partial(_forget, under_way, key))
        return await asyncio.shield(task)

    def _under_way_in_this_loop(self) -> dict[Hashable, asyncio.Task[Any]]:
        under_way = self._under_way.get(None)
        if under_way is None:
            under_way = {}
            self._under_way.set(under_way)
        return under_way

    def _of_this_loop(self) -> anyio.CapacityLimiter:
        limiter = self._limiter.get(None)
        if limiter is None:
            limiter = anyio.CapacityLimiter(self.threads)
            self._limiter.set(limiter)
        return limiter


def _forget(
    under_way: dict[Hashable, asyncio.Task[Any]], key: Hashable, task: asyncio.Task[Any]
) -> None:
    del under_way[key]
    if not task.cancelled():
        task.exception()  # whoever waits is told; nobody may be left who does


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

QUESTIONS = Pool("questions", threads=4, max_waiting=64)
"""Copies of models, made for the processes that answer. Their answers need no thread."""
