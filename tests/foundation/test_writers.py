"""Writers of one process go one after the other, in the order they came."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from etabli.foundation import writers
from etabli.foundation.writers import WriterBusyError, Writers, doing


def waiting(queue: Writers) -> int:
    return len(queue._waiting)


def test_in_the_order_they_came():
    queue, order, threads = Writers(one_at_a_time=True), [], []

    def write(number: int) -> None:
        with queue.turn():
            order.append(number)

    with queue.turn():
        for number in range(8):
            threads.append(threading.Thread(target=write, args=(number,)))
            threads[-1].start()
            while waiting(queue) <= number:
                pass
    for thread in threads:
        thread.join()
    assert order == list(range(8))


def test_never_two_at_once():
    queue, inside, most = Writers(one_at_a_time=True), [], []

    def write(_: int) -> None:
        with queue.turn():
            inside.append(1)
            most.append(len(inside))
            inside.pop()

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(write, range(400)))
    assert max(most) == 1
    assert queue.figures().turns == 400


def test_who_waits_too_long_is_told_and_harms_nobody(monkeypatch):
    monkeypatch.setattr(writers, "WAIT_S", 0.01)
    queue = Writers(one_at_a_time=True)

    def write() -> None:
        with queue.turn():
            pass

    with queue.turn(), ThreadPoolExecutor(1) as another:
        with pytest.raises(WriterBusyError):
            another.submit(write).result()
        assert not waiting(queue)
    write()


def test_a_turn_that_fails_is_given_on():
    queue = Writers(one_at_a_time=True)
    with pytest.raises(ValueError, match="broken"), queue.turn():
        raise ValueError("broken")
    with queue.turn():
        pass


def test_where_the_database_takes_several_none_waits():
    queue = Writers(one_at_a_time=False)
    with queue.turn(), queue.turn():
        pass
    assert queue.figures().turns == 2


def test_the_figures_say_who_held_longest():
    queue, clock = Writers(one_at_a_time=True), threading.Event()
    doing.set("POST /quick")
    with queue.turn():
        pass
    doing.set("POST /slow")
    with queue.turn():
        clock.wait(0.02)
    figures = queue.figures()
    assert figures.longest.doing == "POST /slow"
    assert figures.held_p99_ms >= 20
    assert figures.held_p50_ms <= figures.held_p99_ms


def test_figures_are_news_once():
    queue = Writers(one_at_a_time=True)
    assert queue.news() is None
    with queue.turn():
        pass
    assert queue.news() == queue.figures()
    assert queue.news() is None
