"""The same shard sent twice is verified once, and only while somebody waits for it."""

import asyncio
from contextlib import ExitStack, aclosing

import anyio
import pytest

from etabli.api.xet import shard_jobs
from etabli.api.xet.shard_jobs import LeftError, Verifications
from etabli.foundation.errors import InvalidInputError
from etabli.foundation.i18n.messages import msg
from etabli.pools import BusyError

pytestmark = pytest.mark.anyio


@pytest.fixture
def anyio_backend():
    return "asyncio"


class Work:
    """Steps that wait for a word, one by one; counts what was done and what was let go of."""

    def __init__(self, count=3, error=None):
        self.count, self.error = count, error
        self.begun = self.done = self.let_go = 0

    def begin(self):
        self.begun += 1
        held = ExitStack()
        held.callback(self._let_go)
        return self._steps(), held

    def _steps(self):
        for number in range(self.count):
            self.done += 1
            yield number + 1, self.count
        if self.error:
            raise self.error

    def _let_go(self):
        self.let_go += 1


async def listen(verification, heard, until=None):
    async with aclosing(verification.watch(0.001)) as watched:
        async for progress in watched:
            heard.append(progress)
            if until is not None and until():
                return


async def finish(verification):
    await listen(verification, heard := [])
    return heard


async def settle():
    """Whatever can go on by itself has done so."""
    for _ in range(20):
        await asyncio.sleep(0.001)


async def test_who_sends_it_again_joins_what_is_under_way():
    running, work = Verifications(), Work()
    first = running.join(("a",), "alice", work.begin)
    again = running.join(("a",), "alice", work.begin)
    other = Work()
    running.join(("b",), "alice", other.begin)
    assert first is again
    async with anyio.create_task_group() as group:
        group.start_soon(finish, first)
        group.start_soon(finish, again)
    assert (work.begun, work.done, work.let_go, other.begun) == (1, 3, 1, 1)


async def test_nothing_is_done_before_somebody_waits_or_when_nobody_does_any_longer():
    running, work = Verifications(), Work(count=1000)
    verification = running.join(("a",), "alice", work.begin)
    await settle()
    assert work.done == 0
    await listen(verification, [], until=lambda: work.done > 3)
    await settle()
    done = work.done
    await settle()
    assert work.done == done < 1000
    assert work.let_go == 0
    # A client that timed out sends it again, and it goes on where it stood.
    assert running.join(("a",), "alice", work.begin) is verification
    await finish(verification)
    assert (work.begun, work.done, work.let_go) == (1, 1000, 1)


async def test_it_goes_on_while_one_of_two_waits():
    running, work = Verifications(), Work(count=50)
    verification = running.join(("a",), "alice", work.begin)
    async with anyio.create_task_group() as group:
        group.start_soon(finish, verification)
        group.start_soon(listen, verification, [], lambda: True)
    assert work.done == 50


async def test_what_nobody_comes_back_for_is_let_go(monkeypatch):
    monkeypatch.setattr(shard_jobs, "KEPT_S", 0.001)
    running, work = Verifications(), Work()
    verification = running.join(("a",), "alice", work.begin)
    await settle()
    assert work.let_go == 1
    with pytest.raises(LeftError):
        await finish(verification)
    assert running.join(("a",), "alice", work.begin) is not verification


async def test_everybody_hears_what_was_wrong():
    running, work = Verifications(), Work(error=InvalidInputError(msg("It is wrong.")))
    verification = running.join(("a",), "alice", work.begin)
    heard = await asyncio.gather(finish(verification), finish(verification), return_exceptions=True)
    assert [str(error) for error in heard] == ["It is wrong."] * 2
    assert running.join(("a",), "alice", work.begin) is not verification, "it may be tried again"


async def test_a_sender_has_few_at_once_and_those_left_make_room(monkeypatch):
    monkeypatch.setattr(shard_jobs, "MAX_EACH", 2)
    running, works = Verifications(), [Work(count=10**9) for _ in range(3)]
    listeners = []
    for number in (0, 1):
        one = running.join((str(number),), "alice", works[number].begin)
        listeners.append(asyncio.create_task(finish(one)))
    await settle()
    with pytest.raises(BusyError):
        running.join(("2",), "alice", works[2].begin)
    running.join(("3",), "bob", Work().begin)
    listeners[0].cancel()
    await settle()
    running.join(("2",), "alice", works[2].begin)
    await settle()
    assert [work.let_go for work in works] == [1, 0, 0]
    listeners[1].cancel()


async def test_all_together_have_so_many(monkeypatch):
    monkeypatch.setattr(shard_jobs, "MAX_AT_ONCE", 2)
    running = Verifications()
    tasks = []
    for name in ("alice", "bob"):
        one = running.join((name,), name, Work(count=10**9).begin)
        tasks.append(asyncio.create_task(finish(one)))
    await settle()
    refused = Work()
    with pytest.raises(BusyError):
        running.join(("carol",), "carol", refused.begin)
    assert refused.begun == 0
    for task in tasks:
        task.cancel()
