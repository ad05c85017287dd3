"""Pools of threads: work of one kind never takes the threads that another kind waits for.

Who waits for a thread waits in the event loop, first come first served, and takes none meanwhile.
Each pool is bounded twice: how many of its threads work, and how many requests wait for one.
"""

import asyncio
import math
import os
import sys
import threading
from collections import OrderedDict, deque
from collections.abc import AsyncIterator, Callable, Hashable
from concurrent.futures import ThreadPoolExecutor
from contextlib import asynccontextmanager, suppress
from functools import cached_property, partial
from typing import Any, ParamSpec, TypeVar

import anyio
import anyio.to_thread
from anyio.lowlevel import RunVar

from etabli.foundation.errors import BusyError as BusyError
from etabli.foundation.i18n.messages import Message, msg
from etabli.foundation.relay import Relay

Given = ParamSpec("Given")
Result = TypeVar("Result")


class _InLoop:
    """What one event loop has of a pool."""

    def __init__(self, threads: int) -> None:
        self.limiter = anyio.CapacityLimiter(threads)
        self.inside = 0
        """Those who have a thread, wait for one, or are on their way to wait: counted here and not
        asked of the limiter, which knows of nobody before their first turn of the loop."""
        self.under_way: dict[Hashable, asyncio.Task[Any]] = {}


class Pool:
    """Some threads, and a fair queue before them. One for each process and kind of work."""

    def __init__(
        self,
        name: str,
        *,
        threads: int,
        max_waiting: int,
        longest_wait_s: float = math.inf,
        busy: Message | None = None,
    ) -> None:
        """
        Args:
            max_waiting: how many may wait for a thread; one more is refused.
            longest_wait_s: who has waited so long for a `place` is refused too.
            busy: what those who are refused are told, in place of the general sentence.
        """
        self.name = name
        self.threads = threads
        self.max_waiting = max_waiting
        self._longest_wait_s = longest_wait_s
        self._busy = busy
        self._in_loop: RunVar[_InLoop] = RunVar(f"etabli.pools.{name}")

    async def run(
        self, work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs
    ) -> Result:
        """Call `work` in a thread of this pool, when those before it have had theirs.

        Raises:
            BusyError: too many wait already; `work` was not called.
        """
        here = self._of_this_loop()
        if here.inside >= self.threads + self.max_waiting:
            raise BusyError(self._busy)
        here.inside += 1
        try:
            return await self._hop(here, partial(work, *args, **kwargs))
        finally:
            here.inside -= 1

    async def _hop(self, here: _InLoop, call: Callable[[], Result]) -> Result:
        return await anyio.to_thread.run_sync(call, limiter=here.limiter)

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """The place of one of its threads, for a block whose work is done by another process.

        Raises:
            BusyError: too many wait already, or all places stayed taken for too long.
        """
        here = self._of_this_loop()
        if here.inside >= self.threads + self.max_waiting:
            raise BusyError(self._busy)
        here.inside += 1
        me = object()
        try:
            try:
                with anyio.fail_after(self._longest_wait_s):
                    await here.limiter.acquire_on_behalf_of(me)
            except TimeoutError as error:
                raise BusyError(self._busy) from error
            try:
                yield
            finally:
                here.limiter.release_on_behalf_of(me)
        finally:
            here.inside -= 1

    async def run_once(self, key: Hashable, work: Callable[[], Result]) -> Result:
        """As `run`, but once for all who ask for the same `key` while it is under way.

        The others wait for the first one's result, or its error, and take no thread. The work goes
        on when the one who asked first is gone.

        Args:
            work: the same for the same key.

        Raises:
            BusyError: too many wait already; `work` was not called.
        """
        under_way = self._of_this_loop().under_way
        task: asyncio.Task[Result] | None = under_way.get(key)
        if task is None:
            task = asyncio.ensure_future(self.run(work))
            under_way[key] = task
            task.add_done_callback(partial(_forget, under_way, key))
        return await asyncio.shield(task)

    def _of_this_loop(self) -> _InLoop:
        here = self._in_loop.get(None)
        if here is None:
            here = _InLoop(self.threads)
            self._in_loop.set(here)
        return here


class QuickPool(Pool):
    """For what is soon done, and much asked: its threads work one at a time while none of them is
    held up, by a hop that takes a third of the usual one's time."""

    def __init__(self, name: str, *, threads: int, max_waiting: int) -> None:
        super().__init__(name, threads=threads, max_waiting=max_waiting)
        self._relay = Relay(name, threads)

    async def _hop(self, here: _InLoop, call: Callable[[], Result]) -> Result:
        return await self._relay.run(call)


class FairPool:
    """Some threads that give way to all else, for work that senders ask for by the hour.

    Senders take turns, whatever each has asked for: after one turn of one sender comes the next
    sender's. So work that takes long is cut in turns, and takes no thread between two of them.
    """

    def __init__(
        self, name: str, *, threads: int, max_waiting: int, max_waiting_each: int, niceness: int
    ) -> None:
        """
        Args:
            max_waiting_each: how many turns one sender may wait for; one more is refused.
            niceness: how far its threads give way to the other threads of this process.
        """
        self.name = name
        self.threads = threads
        self.max_waiting = max_waiting
        self.max_waiting_each = max_waiting_each
        self._niceness = niceness
        self._turns: RunVar[_Turns] = RunVar(f"etabli.pools.{name}")

    def require_room(self, sender: str) -> None:
        """Ask before a body is received: to refuse it afterwards is to have it sent again.

        Raises:
            BusyError: too many turns are waited for already.
        """
        turns = self._of_this_loop()
        waiting_each = turns.waiting_of(sender)
        if turns.waiting >= self.max_waiting or waiting_each >= self.max_waiting_each:
            raise BusyError

    async def run(
        self, sender: str, work: Callable[Given, Result], *args: Given.args, **kwargs: Given.kwargs
    ) -> Result:
        """Call `work` when it is this sender's turn. It is called in any case, and to its end."""
        turns = self._of_this_loop()
        await turns.take(sender)
        try:
            loop = asyncio.get_running_loop()
            return await _to_its_end(
                loop.run_in_executor(self._threads, partial(work, *args, **kwargs))
            )
        finally:
            turns.give_back()

    @cached_property
    def _threads(self) -> ThreadPoolExecutor:
        give_way = partial(_give_way, self._niceness)
        return ThreadPoolExecutor(self.threads, self.name, initializer=give_way)

    def _of_this_loop(self) -> "_Turns":
        turns = self._turns.get(None)
        if turns is None:
            turns = _Turns(self.threads)
            self._turns.set(turns)
        return turns


class _Turns:
    """Who may work now, and who comes next. In one loop."""

    def __init__(self, free: int) -> None:
        self._free = free
        self._waiting: OrderedDict[str, deque[asyncio.Future[None]]] = OrderedDict()
        """By sender, in the order of their next turns. Nobody waits while a thread is free."""
        self.waiting = 0

    def waiting_of(self, sender: str) -> int:
        return len(self._waiting.get(sender, ()))

    async def take(self, sender: str) -> None:
        if self._free:
            self._free -= 1
            return
        turn = asyncio.get_running_loop().create_future()
        self._waiting.setdefault(sender, deque()).append(turn)
        self.waiting += 1
        try:
            await turn
        except asyncio.CancelledError:
            if turn.cancelled():
                self._leave(sender, turn)
            else:
                self.give_back()  # it came at the same moment
            raise

    def give_back(self) -> None:
        while self._waiting:
            sender, turns = self._waiting.popitem(last=False)
            turn = turns.popleft()
            self.waiting -= 1
            if turns:
                self._waiting[sender] = turns  # behind all others
            if not turn.done():
                turn.set_result(None)
                return
        self._free += 1

    def _leave(self, sender: str, turn: "asyncio.Future[None]") -> None:
        turns = self._waiting.get(sender)
        if turns is not None and turn in turns:
            turns.remove(turn)
            self.waiting -= 1
            if not turns:
                del self._waiting[sender]


async def _to_its_end(work: "asyncio.Future[Result]") -> Result:
    """Its result. A thread cannot be stopped: whoever is cancelled waits for it all the same."""
    try:
        return await asyncio.shield(work)
    except asyncio.CancelledError:
        while not work.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([work])
        raise


def _give_way(niceness: int) -> None:
    """On Linux a thread has a priority of its own: the loop that answers people comes first."""
    if sys.platform == "linux":
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), niceness)


def _forget(
    under_way: dict[Hashable, asyncio.Task[Any]], key: Hashable, task: asyncio.Task[Any]
) -> None:
    del under_way[key]
    if not task.cancelled():
        task.exception()  # whoever waits is told; nobody may be left who does


READS = QuickPool("reads", threads=4, max_waiting=1000)
"""Requests that read. Few threads: more of them wait for each other's Python, and for SQLite."""

PAGES = QuickPool("pages", threads=2, max_waiting=1000)
"""Requests for pages, each of which takes many times as long as a small answer to a program."""

WRITES = Pool("writes", threads=4, max_waiting=200)
"""Requests that write a few rows: the whole request, from its permission to its commit."""

COMMITS = Pool("commits", threads=2, max_waiting=200)
"""Commits and merges: each is in memory while it is made."""

TABLES = Pool("tables", threads=4, max_waiting=50)
"""Looking a table over: each thread waits for a process that reads it, for a minute at most."""

PASSWORDS = Pool(
    "passwords",
    threads=1,
    max_waiting=60,
    busy=msg("Many people are signing in just now. Try again in a moment."),
)
"""What checks or makes a password: it takes a core for some 30 ms, on purpose."""

UPLOADS = Pool("uploads", threads=4, max_waiting=200)
"""The end of an upload: hashing it, and waiting for the disk."""

LONG_READS = Pool("long-reads", threads=2, max_waiting=50)
"""Reads that may take a second or more: a long history, a copy of a repository, a large card."""

PIECES = Pool("pieces", threads=4, max_waiting=10_000)
"""Reading the next piece of a file that is being sent: a moment each, and never refused midway."""

VERIFICATIONS = FairPool(
    "verifications", threads=2, max_waiting=1000, max_waiting_each=200, niceness=10
)
"""Unpacking and hashing what Xet clients send. More threads would only take the cores from each
other; what waits lies on disk."""

UPSTREAMS = Pool(
    "upstreams",
    threads=8,
    max_waiting=200,
    busy=msg("This hub is busy asking other hubs. Try again in a moment."),
)
"""Waiting for hubs elsewhere: seconds for a question, minutes for a long history."""

GIT = Pool(
    "git",
    threads=4,
    max_waiting=64,
    longest_wait_s=30,
    busy=msg("This hub is busy with others who clone or push. Try again in a minute."),
)
"""What git's own protocol asks for: its program, for as long as it sends; taking in a push."""

QUESTIONS = Pool("questions", threads=4, max_waiting=64)
"""Copies of models, made for the processes that answer. Their answers need no thread."""

OUTSIDE = Pool("outside", threads=4, max_waiting=400)
"""Requests to models elsewhere, a hundred for each comparison: each waits for an answer."""
