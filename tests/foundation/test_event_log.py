"""Events in one order, whoever announces at the same time, and each consumer at its own place."""

import threading
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select, update

from etabli.foundation.event_log import KEPT_FOR, EventLog, EventsPrunedError
from etabli.foundation.events import Event, StoredEvent
from etabli.foundation.unit_of_work import UnitOfWork

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
NOTHING = select(StoredEvent.subject).where(StoredEvent.id < 0)


@dataclass(frozen=True)
class Happened(Event):
    number: int
    about: str | None = None

    @property
    def subject(self) -> str | None:
        return self.about


@pytest.fixture
def at(site):
    def do(moment, deed):
        with site.database.transaction() as db:
            return deed(EventLog(UnitOfWork(db, moment)))

    return do


@pytest.fixture
def announce(site):
    def tell(*numbers, moment=NOON, public=False, about=None):
        with site.database.transaction() as db:
            for number in numbers:
                UnitOfWork(db, moment).announce(Happened(number, about), public=public)

    return tell


def read(at, consumer, at_most=100, *, advance=True):
    """What a consumer reads on, and that it has dealt with it."""

    def deed(log):
        log.place(100)
        events = log.read_on(consumer, at_most)
        if events and advance:
            log.advance(consumer, events[-1].position)
        return [(event.position, event.payload["number"]) for event in events]

    return at(NOON, deed)


def test_events_stay_and_each_consumer_reads_all_of_them_once(at, announce):
    announce(7, 8, 9)
    assert read(at, "one", 2) == [(1, 7), (2, 8)]
    assert read(at, "one", 2) == [(3, 9)]
    assert read(at, "one") == []
    assert read(at, "other") == [(1, 7), (2, 8), (3, 9)]


def test_what_was_not_dealt_with_comes_again(at, announce):
    announce(7)
    assert read(at, "one", advance=False) == [(1, 7)]
    assert read(at, "one") == [(1, 7)]
    at(NOON, lambda log: log.advance("one", 0))  # never back
    assert read(at, "one") == []


def test_news_are_said_before_they_are_placed_and_until_they_are_dealt_with(at, announce):
    assert not at(NOON, lambda log: log.has_news("one"))
    announce(7)
    assert at(NOON, lambda log: log.has_news("one"))
    read(at, "one")
    assert not at(NOON, lambda log: log.has_news("one"))
    assert at(NOON, lambda log: log.has_news("other"))


def test_an_event_that_is_seen_late_is_read_all_the_same(site, at, announce):
    """The first to announce is the last to end its transaction: its identifier is the smaller."""
    if site.database.is_sqlite:
        pytest.skip("SQLite has one writer at a time: nobody is overtaken")
    announced, may_end = threading.Event(), threading.Event()

    def slow() -> None:
        with site.database.transaction() as db:
            UnitOfWork(db, NOON).announce(Happened(1))
            db.flush()
            announced.set()
            may_end.wait()

    thread = threading.Thread(target=slow)
    thread.start()
    announced.wait()
    announce(2)
    assert read(at, "one") == [(1, 2)]
    may_end.set()
    thread.join()
    assert read(at, "one") == [(2, 1)]
    with site.database.reading() as db:
        by_id = db.scalars(select(StoredEvent.position).order_by(StoredEvent.id)).all()
    assert by_id == [2, 1]


def test_many_announce_and_read_at_once_and_nothing_is_missed(site, at):
    writers, each, seen = 6, 15, []
    done = threading.Event()

    def write(writer: int) -> None:
        for number in range(each):
            with site.database.transaction() as db:
                UnitOfWork(db, NOON).announce(Happened(writer * each + number))

    def consume() -> None:
        while True:
            last_look = done.is_set()
            found = read(at, "one", 7)
            seen.extend(found)
            if last_look and not found:
                return

    readers = [threading.Thread(target=consume) for _ in range(2)]
    threads = [threading.Thread(target=write, args=(writer,)) for writer in range(writers)]
    for thread in readers + threads:
        thread.start()
    for thread in threads:
        thread.join()
    done.set()
    for thread in readers:
        thread.join()
    assert sorted(position for position, _ in seen) == list(range(1, writers * each + 1))
    assert {number for _, number in seen} == set(range(writers * each))
    of_each = [[n for _, n in sorted(seen) if n // each == writer] for writer in range(writers)]
    assert all(numbers == sorted(numbers) for numbers in of_each)


def test_only_what_is_public_is_public(at, announce):
    announce(1)
    announce(2, 3, public=True)
    announce(4, public=True, about="now-private")
    announce(5, public=True, about="hidden")
    announce(6, public=True, about="open")
    at(NOON, lambda log: log.place(100))
    at(NOON, lambda log: log.hide("hidden"))

    def public(position):
        private = select(StoredEvent.subject).where(StoredEvent.subject == "now-private")
        return at(NOON, lambda log: [e.position for e in log.public_after(position, 9, private)])

    assert public(0) == [2, 3, 6]
    assert public(3) == [6]


def test_what_is_old_is_pruned_but_never_before_the_hub_itself_has_read_it(site, at, announce):
    old = NOON - KEPT_FOR - timedelta(seconds=1)
    announce(1, 2, 3, moment=old)
    announce(4)
    assert at(NOON, lambda log: log.prune("jobs")) == 0
    read(at, "jobs", 2)
    assert at(NOON, lambda log: log.prune("jobs", 1)) == 1
    assert at(NOON, lambda log: log.prune("jobs")) == 1
    read(at, "jobs")
    assert at(NOON, lambda log: log.prune("jobs")) == 1
    assert at(NOON, lambda log: log.prune("jobs")) == 0
    with site.database.reading() as db:
        assert db.scalars(select(StoredEvent.position)).all() == [4]


def test_a_reader_that_was_away_for_too_long_is_told(site, at, announce):
    announce(1, 2, public=True)
    read(at, "jobs")
    read(at, "away", 1)
    with site.database.transaction() as db:
        db.execute(update(StoredEvent).values(announced_at=NOON - KEPT_FOR * 2))
    assert at(NOON, lambda log: log.prune("jobs")) == 2
    with pytest.raises(EventsPrunedError, match="after 1 are no longer kept"):
        read(at, "away")
    with pytest.raises(EventsPrunedError):
        at(NOON, lambda log: log.public_after(1, 9, NOTHING))
    assert at(NOON, lambda log: log.public_after(2, 9, NOTHING)) == []
    announce(3)
    assert read(at, "new") == [(3, 3)]
    assert read(at, "jobs") == [(3, 3)]
