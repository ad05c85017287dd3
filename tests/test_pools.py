"""Work of one kind takes its own threads, in order, and no more of it waits than is bounded."""

import asyncio
import threading

import anyio
import pytest

from etabli.foundation import relay
from etabli.pools import BusyError, FairPool, Pool, QuickPool


@pytest.mark.parametrize("kind", [Pool, QuickPool])
async def test_those_who_wait_are_served_in_order_and_one_too_many_is_refused(kind):
    pool = kind("few", threads=1, max_waiting=2)
    may_go, served = threading.Event(), []

    def hold() -> None:
        may_go.wait()

    async def wait_for(number: int) -> None:
        await pool.run(served.append, number)

    async with anyio.create_task_group() as group:
        group.start_soon(pool.run, hold)
        await anyio.wait_all_tasks_blocked()
        for number in (1, 2):
            group.start_soon(wait_for, number)
            await anyio.wait_all_tasks_blocked()
        with pytest.raises(BusyError):
            await pool.run(served.append, 3)
        may_go.set()
    assert served == [1, 2]


async def test_a_place_is_one_of_its_threads_and_is_not_waited_for_for_ever():
    """For what another process does: it counts with what runs in threads, and is bounded as it."""
    pool = Pool("few", threads=1, max_waiting=1, longest_wait_s=0.01)
    served: list[int] = []
    async with anyio.create_task_group() as group, pool.place():
        with pytest.raises(BusyError):  # it waited, and then no longer
            async with pool.place():
                served.append(0)
        group.start_soon(pool.run, served.append, 1)
        await anyio.wait_all_tasks_blocked()
        assert served == []
        with pytest.raises(BusyError):  # one waits already
            async with pool.place():
                served.append(0)
    assert served == [1]
    async with pool.place():
        pass


async def test_those_who_come_at_once_are_counted_at_once():
    pool, may_go, refused = Pool("few", threads=1, max_waiting=2), threading.Event(), []

    async def ask() -> None:
        try:
            await pool.run(may_go.wait)
        except BusyError:
            refused.append(True)
        if len(refused) == 7:
            may_go.set()

    async with anyio.create_task_group() as group:
        for _ in range(10):
            group.start_soon(ask)
    assert len(refused) == 7


async def test_a_pool_that_is_full_does_not_hold_up_another():
    full, free = Pool("full", threads=1, max_waiting=9), Pool("free", threads=1, max_waiting=9)
    may_go = threading.Event()
    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(full.run, may_go.wait)
        await anyio.wait_all_tasks_blocked()
        assert await free.run(lambda: "answered") == "answered"
        may_go.set()


async def test_one_quick_thread_does_all_that_is_soon_done(monkeypatch):
    monkeypatch.setattr(relay, "HELD_UP_AFTER_S", 3600)  # on a busy machine, nothing is soon done
    pool = QuickPool("quick", threads=2, max_waiting=9)
    threads = await asyncio.gather(*(pool.run(threading.get_ident) for _ in range(9)))
    assert len(set(threads)) == 1


async def test_another_quick_thread_takes_over_from_one_that_is_held_up():
    pool, may_go = QuickPool("quick", threads=2, max_waiting=9), threading.Event()
    answers = []
    async with anyio.create_task_group() as group:
        group.start_soon(pool.run, may_go.wait)
        await anyio.wait_all_tasks_blocked()
        answers.append(await pool.run(lambda: "meanwhile"))
        may_go.set()
    assert answers == ["meanwhile"]


async def test_what_goes_wrong_in_a_quick_thread_reaches_whoever_waits():
    pool = QuickPool("quick", threads=1, max_waiting=9)
    with pytest.raises(ZeroDivisionError):
        await pool.run(lambda: 1 // 0)
    with pytest.raises(RuntimeError, match="StopIteration"):
        await pool.run(lambda: next(iter(())))


async def test_who_gives_up_waits_for_what_a_quick_thread_has_begun_and_for_nothing_else():
    pool, begun, done = QuickPool("quick", threads=1, max_waiting=9), threading.Event(), []
    release = threading.Event()

    def work():
        begun.set()
        release.wait()
        done.append("work")

    first = asyncio.create_task(pool.run(work))
    second = asyncio.create_task(pool.run(done.append, "never"))
    await asyncio.to_thread(begun.wait)
    for task in (first, second):
        task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await second
    assert not first.done()
    release.set()
    with pytest.raises(asyncio.CancelledError):
        await first
    assert await pool.run(lambda: "again") == "again"
    assert done == ["work"]


def fair(**limits):
    given = {"threads": 1, "max_waiting": 99, "max_waiting_each": 99, "niceness": 0}
    return FairPool("fair", **{**given, **limits})


async def test_senders_take_turns_whatever_each_has_asked_for():
    pool, done, may_go = fair(), [], threading.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(pool.run, "first", may_go.wait)
        await anyio.wait_all_tasks_blocked()
        for sender, count in (("large", 6), ("small", 2), ("other", 1)):
            for number in range(count):
                group.start_soon(pool.run, sender, done.append, f"{sender} {number}")
                await anyio.wait_all_tasks_blocked()
        may_go.set()
    assert done == [
        *("large 0", "small 0", "other 0"),
        *("large 1", "small 1"),
        *("large 2", "large 3", "large 4", "large 5"),
    ]


async def test_one_sender_too_many_is_refused_and_others_are_not():
    pool, may_go = fair(max_waiting_each=2, max_waiting=3), threading.Event()
    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(pool.run, "large", may_go.wait)
            await anyio.wait_all_tasks_blocked()
        with pytest.raises(BusyError):
            pool.require_room("large")
        pool.require_room("small")
        group.start_soon(pool.run, "small", may_go.wait)
        await anyio.wait_all_tasks_blocked()
        with pytest.raises(BusyError):
            pool.require_room("other")
        may_go.set()


async def test_who_gives_up_waiting_leaves_the_turn_to_others():
    pool, done, may_go = fair(), [], threading.Event()
    async with anyio.create_task_group() as group:
        group.start_soon(pool.run, "first", may_go.wait)
        await anyio.wait_all_tasks_blocked()
        async with anyio.create_task_group() as waiting:
            waiting.start_soon(pool.run, "gone", done.append, "gone")
            await anyio.wait_all_tasks_blocked()
            waiting.cancel_scope.cancel()
        group.start_soon(pool.run, "other", done.append, "other")
        await anyio.wait_all_tasks_blocked()
        may_go.set()
    assert done == ["other"]
    assert await pool.run("gone", lambda: "again") == "again"


async def test_a_thread_that_works_is_waited_for_when_its_task_is_cancelled():
    pool, may_go, ended = fair(), threading.Event(), []

    def work():
        may_go.wait()
        ended.append("work")

    task = asyncio.create_task(pool.run("sender", work))
    await anyio.wait_all_tasks_blocked()
    task.cancel()
    await anyio.wait_all_tasks_blocked()
    assert not task.done()
    may_go.set()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert ended == ["work"]


async def test_what_several_wait_for_is_done_once_and_each_has_it():
    pool = Pool("once", threads=1, max_waiting=1)
    may_go, calls, answers = threading.Event(), [], []

    def work() -> str:
        calls.append("called")
        may_go.wait()
        return "done"

    async def ask(key: str) -> None:
        answers.append(await pool.run_once(key, work))

    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(ask, "same")
        await anyio.wait_all_tasks_blocked()
        may_go.set()
    assert (calls, answers) == (["called"], ["done"] * 3)
    await ask("same")
    assert len(calls) == 2


async def test_it_goes_on_when_the_first_one_to_wait_has_gone():
    pool = Pool("once", threads=1, max_waiting=1)
    may_go, answers = threading.Event(), []

    def work() -> str:
        may_go.wait()
        return "done"

    async def ask(scope: anyio.CancelScope) -> None:
        with scope:
            answers.append(await pool.run_once("same", work))

    first, second = anyio.CancelScope(), anyio.CancelScope()
    async with anyio.create_task_group() as group:
        group.start_soon(ask, first)
        await anyio.wait_all_tasks_blocked()
        group.start_soon(ask, second)
        await anyio.wait_all_tasks_blocked()
        first.cancel()
        await anyio.wait_all_tasks_blocked()
        may_go.set()
    assert answers == ["done"]


async def test_all_who_wait_are_told_that_it_failed():
    pool = Pool("once", threads=1, max_waiting=1)
    told = []

    def fail() -> None:
        raise KeyError("nothing here")

    async def ask() -> None:
        try:
            await pool.run_once("same", fail)
        except KeyError as error:
            told.append(error)

    async with anyio.create_task_group() as group:
        for _ in range(3):
            group.start_soon(ask)
    assert len(told) == 3


@pytest.fixture
def anyio_backend():
    return "asyncio"


pytestmark = pytest.mark.anyio
