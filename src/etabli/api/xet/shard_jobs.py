"""Shards under verification: whoever sends one again joins what is under way.

Clients send a shard again when its answer does not come in time. It is verified once, for as long
as somebody waits for it: when nobody does, it stands still, to be joined for some minutes.
"""

import asyncio
from collections.abc import AsyncGenerator, Callable, Generator, Iterator
from contextlib import ExitStack, closing, contextmanager
from functools import partial

from anyio.lowlevel import RunVar

from etabli.foundation.errors import EtabliError, UnavailableError
from etabli.foundation.i18n.messages import msg
from etabli.operations.xet_uploads import Progress
from etabli.pools import VERIFICATIONS, BusyError

KEPT_S = 600
"""How long one stands still for somebody to join: clients wait for six minutes at most."""
MAX_EACH = 16
"""Shards of one sender under verification: a client has a few."""
MAX_AT_ONCE = 64
"""Of all senders: each keeps its terms in memory, up to 15 MB."""

Key = tuple[str, ...]
Steps = Generator[Progress, None, None]


class LeftError(UnavailableError):
    """Seldom read by anybody: whoever sent the shard has gone, and has not come again in time."""

    def __init__(self) -> None:
        super().__init__(msg("Nobody waited for this shard any longer. Send it again."))


class Verification:
    """One shard, verified in turns while somebody waits for it."""

    def __init__(self, sender: str, steps: Steps, held: ExitStack) -> None:
        """`held`: what the steps need, let go of at the end."""
        self.sender = sender
        self.progress: Progress = 0, 0
        self._steps = steps
        self._held = held
        self._listeners = 0
        self._wanted = asyncio.Event()
        self._task = asyncio.create_task(self._run())

    @property
    def is_left(self) -> bool:
        return not self._listeners

    def give_up(self) -> None:
        """For one that nobody waits for."""
        self._task.cancel()

    def at_end(self, act: Callable[[], None]) -> None:
        self._task.add_done_callback(lambda _task: act())

    async def watch(self, every_s: float) -> AsyncGenerator[Progress, None]:
        """Wait to its end, and say every so often how far it is. Left early, it is not wanted.

        Raises:
            EtabliError: the shard was not kept.
        """
        with self._listening():
            yield self.progress
            while not (await asyncio.wait([self._task], timeout=every_s))[0]:
                yield self.progress
        error = LeftError() if self._task.cancelled() else self._task.result()
        if error is not None:
            raise error

    @contextmanager
    def _listening(self) -> Iterator[None]:
        self._listeners += 1
        self._wanted.set()
        try:
            yield
        finally:
            self._listeners -= 1
            if not self._listeners:
                self._wanted.clear()

    async def _run(self) -> EtabliError | None:
        with self._held, closing(self._steps):
            try:
                while (progress := await self._next()) is not None:
                    self.progress = progress
            except EtabliError as error:
                return error
        return None

    async def _next(self) -> Progress | None:
        try:
            async with asyncio.timeout(KEPT_S):
                await self._wanted.wait()
        except TimeoutError as error:
            raise LeftError from error
        return await VERIFICATIONS.run(self.sender, next, self._steps, None)


class Verifications:
    """All that are under way, in one loop."""

    def __init__(self) -> None:
        self._running: dict[Key, Verification] = {}

    def join(
        self, key: Key, sender: str, begin: Callable[[], tuple[Steps, ExitStack]]
    ) -> Verification:
        """The one of that key that is under way, or a new one.

        Raises:
            BusyError: this sender, or all together, have too many.
        """
        found = self._running.get(key)
        if found is None:
            self._make_room(sender)
            found = self._running[key] = Verification(sender, *begin())
            found.at_end(partial(self._forget, key, found))
        return found

    def _make_room(self, sender: str) -> None:
        own = [key for key, one in self._running.items() if one.sender == sender]
        for keys, most in ((own, MAX_EACH), (list(self._running), MAX_AT_ONCE)):
            if len(keys) >= most:
                self._give_up_one(keys)

    def _give_up_one(self, keys: list[Key]) -> None:
        left = next((key for key in keys if self._running[key].is_left), None)
        if left is None:
            raise BusyError
        self._running.pop(left).give_up()

    def _forget(self, key: Key, ended: Verification) -> None:
        if self._running.get(key) is ended:
            del self._running[key]


_verifications: RunVar[Verifications] = RunVar("etabli.api.xet.verifications")


def verifications() -> Verifications:
    """Those of the running loop."""
    found = _verifications.get(None)
    if found is None:
        found = Verifications()
        _verifications.set(found)
    return found
