"""Threads for many short pieces of work: one does them all, and another takes over from one that
is held up.

Threads of Python take the interpreter from each other at every statement of SQL. Several of them
that each read a little take half as much processor time again as one that does the same in turn.
But whatever waits for a disk or for another machine must hold up nobody.
"""

import asyncio
import threading
from collections.abc import Callable
from contextlib import suppress
from contextvars import copy_context
from functools import partial
from queue import SimpleQueue
from typing import Any, Generic, TypeVar

HELD_UP_AFTER_S = 0.002
"""Longer than most small answers take."""

Result = TypeVar("Result")


class Relay:
    """One thread takes what there is to do. While a piece keeps it, the next thread does."""

    def __init__(self, name: str, threads: int) -> None:
        """`threads`: how many may be at work at once."""
        self._name, self._max_threads = name, threads
        self._work: SimpleQueue[_Work[Any]] = SimpleQueue()
        self._begun = 0
        self._threads: list[threading.Thread] = []
        self._taker: threading.Thread | None = None
        """The one who takes what comes next; the others end with what they are at."""
        self._watching: asyncio.AbstractEventLoop | None = None

    async def run(self, call: Callable[[], Result]) -> Result:
        """Its result. A thread cannot be stopped: whoever is cancelled waits for what has begun."""
        work = _Work(call, asyncio.get_running_loop())
        self._work.put(work)
        if self._taker is None:
            self._take_over()
        self._watch(work.loop)
        try:
            return await asyncio.shield(work.answer)
        except asyncio.CancelledError:
            if not work.take():
                await work.end()
            raise

    def _watch(self, loop: asyncio.AbstractEventLoop) -> None:
        if self._watching is not loop:  # one that has ended looks no more
            self._watching = loop
            loop.call_later(HELD_UP_AFTER_S, self._look, loop, self._begun)

    def _look(self, loop: asyncio.AbstractEventLoop, begun_before: int) -> None:
        self._watching = None
        if not self._work.empty():
            if self._begun == begun_before:
                self._take_over()
            self._watch(loop)

    def _take_over(self) -> None:
        self._threads = [thread for thread in self._threads if thread.is_alive()]
        if len(self._threads) < self._max_threads:
            taker = threading.Thread(target=self._take, name=self._name, daemon=True)
            self._threads.append(taker)
            self._taker = taker
            taker.start()  # not `self._taker`: by now another loop may have called another one

    def _take(self) -> None:
        while self._taker is threading.current_thread():
            work = self._work.get()
            self._begun += 1
            work.do()
            del work  # what it holds is not held while there is nothing to do


class _Work(Generic[Result]):
    """One call, in the context of whoever waits for it in their loop."""

    def __init__(self, call: Callable[[], Result], loop: asyncio.AbstractEventLoop) -> None:
        self.loop = loop
        self.answer: asyncio.Future[Result] = loop.create_future()
        self._call: Callable[[], Result] = partial(copy_context().run, call)
        self._taken = threading.Lock()

    def take(self) -> bool:
        """True once: to a thread that does it, or to whoever gives it up before."""
        return self._taken.acquire(blocking=False)

    def do(self) -> None:
        if not self.take():
            return
        try:
            result = self._call()
        except StopIteration as error:  # which no future takes
            self._tell(self.answer.set_exception, RuntimeError(repr(error)))
        except BaseException as error:  # noqa: BLE001 - it is whoever waits who is to have it
            self._tell(self.answer.set_exception, error)
        else:
            self._tell(self.answer.set_result, result)

    async def end(self) -> None:
        """Wait for a thread that is at it, whatever comes of it."""
        while not self.answer.done():
            with suppress(asyncio.CancelledError):
                await asyncio.wait([self.answer])
        self.answer.exception()

    def _tell(self, set_answer: Callable[[Any], None], what: object) -> None:
        with suppress(RuntimeError):  # the loop has ended, and nobody waits
            self.loop.call_soon_threadsafe(set_answer, what)
