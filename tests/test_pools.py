"""Work of one kind takes its own threads, in order, and no more of it waits than is bounded."""

import threading

import anyio
import pytest

from etabli.pools import BusyError, Pool


async def test_those_who_wait_are_served_in_order_and_one_too_many_is_refused():
    pool = Pool("few", threads=1, max_waiting=2)
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


async def test_a_pool_that_is_full_does_not_hold_up_another():
    full, free = Pool("full", threads=1, max_waiting=9), Pool("free", threads=1, max_waiting=9)
    may_go = threading.Event()
    async with anyio.create_task_group() as group:
        for _ in range(5):
            group.start_soon(full.run, may_go.wait)
        await anyio.wait_all_tasks_blocked()
        assert await free.run(lambda: "answered") == "answered"
        may_go.set()


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
