"""The queue itself, with a clock that the test sets; test_worker.py runs real reactions."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from etabli.foundation.events import Event, StoredEvent
from etabli.foundation.jobs import LEASE, MAX_ATTEMPTS, Job, JobQueue, Plan
from etabli.foundation.unit_of_work import UnitOfWork

NOON = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)


@dataclass(frozen=True)
class Happened(Event):
    number: int


PLANS = {"Happened": [Plan("react", "short"), Plan("train", "long")]}


@pytest.fixture
def at(site):
    """Do something with the queue at a moment: `at(NOON, lambda queue: queue.claim("short"))`."""

    def do(moment, deed):
        with site.database.transaction() as db:
            return deed(JobQueue(UnitOfWork(db, moment)))

    return do


@pytest.fixture
def announce(site):
    def tell(number=1):
        with site.database.transaction() as db:
            UnitOfWork(db, NOON).announce(Happened(number))

    return tell


@pytest.fixture
def planned(at, announce):
    announce()
    at(NOON, lambda queue: queue.plan(PLANS))


def jobs(site):
    with site.database.reading() as db:
        return db.query(Job).order_by(Job.id).all()


def test_an_event_becomes_one_job_for_each_reaction(site, at, announce):
    announce(7)
    assert at(NOON, lambda queue: queue.has_news())
    at(NOON, lambda queue: queue.plan(PLANS))
    assert [(j.reaction, j.lane, j.payload) for j in jobs(site)] == [
        ("react", "short", {"number": 7}),
        ("train", "long", {"number": 7}),
    ]
    assert not at(NOON, lambda queue: queue.has_news())


def test_an_event_that_nobody_reacts_to_is_gone(site, at, announce):
    announce()
    at(NOON, lambda queue: queue.plan({}))
    assert jobs(site) == []
    assert not at(NOON, lambda queue: queue.has_news())


def test_an_event_of_a_deed_that_failed_was_never_announced(site):
    with pytest.raises(ZeroDivisionError), site.database.transaction() as db:
        UnitOfWork(db, NOON).announce(Happened(1))
        _ = 1 / 0
    with site.database.reading() as db:
        assert db.query(StoredEvent).count() == 0


@pytest.mark.usefixtures("planned")
def test_a_lane_gives_its_own_jobs_only(at):
    assert at(NOON, lambda queue: queue.claim("long")).reaction == "train"
    assert at(NOON, lambda queue: queue.claim("long")) is None
    assert at(NOON, lambda queue: queue.claim("other")) is None


@pytest.mark.usefixtures("planned")
def test_a_claimed_job_is_nobody_elses_until_its_lease_ends(at):
    at(NOON, lambda queue: queue.claim("short"))
    assert at(NOON + LEASE * 0.9, lambda queue: queue.claim("short")) is None
    again = at(NOON + LEASE, lambda queue: queue.claim("short"))
    assert again.attempts == 2


@pytest.mark.usefixtures("planned")
def test_a_renewed_claim_lasts_longer(at):
    job = at(NOON, lambda queue: queue.claim("short"))
    at(NOON + LEASE / 2, lambda queue: queue.renew(job.id))
    assert at(NOON + LEASE, lambda queue: queue.claim("short")) is None
    assert at(NOON + LEASE * 1.5, lambda queue: queue.claim("short")) is not None


@pytest.mark.usefixtures("planned")
def test_released_claims_are_due_at_once(at):
    at(NOON, lambda queue: queue.claim("short"))
    at(NOON, lambda queue: queue.release("short"))
    assert at(NOON, lambda queue: queue.claim("short")) is not None


@pytest.mark.usefixtures("planned")
def test_the_oldest_job_comes_first(at, announce):
    announce(2)
    at(NOON, lambda queue: queue.plan(PLANS))
    numbers = [at(NOON, lambda queue: queue.claim("short")).payload["number"] for _ in range(2)]
    assert numbers == [1, 2]


@pytest.mark.usefixtures("planned")
def test_a_finished_job_is_gone(site, at):
    job = at(NOON, lambda queue: queue.claim("short"))
    at(NOON, lambda queue: queue.finish(job.id))
    assert [j.reaction for j in jobs(site)] == ["train"]
    at(NOON, lambda queue: queue.finish(job.id))  # harmless when repeated


@pytest.mark.usefixtures("planned")
def test_a_failed_job_waits_twice_as_long_each_time_then_stays_with_its_error(site, at):
    moment = NOON
    for attempt in range(1, MAX_ATTEMPTS + 1):
        job = at(moment, lambda queue: queue.claim("short"))
        assert job.attempts == attempt
        at(moment, lambda queue, job=job: queue.put_off(job.id, ValueError("no luck")))
        wait = timedelta(minutes=2**attempt)
        assert at(moment + wait * 0.99, lambda queue: queue.claim("short")) is None
        moment += wait
    assert at(moment + timedelta(days=365), lambda queue: queue.claim("short")) is None
    assert jobs(site)[0].last_error == "ValueError('no luck')"
    assert at(moment, lambda queue: queue.counts()) == {"waiting": 1, "given_up": 1}


@pytest.mark.usefixtures("planned")
def test_a_number_is_never_used_again(site, at, announce):
    """A worker that lost its claim may still say that it has finished."""
    numbers = [job.id for job in jobs(site)]
    for number in numbers:
        at(NOON, lambda queue, number=number: queue.finish(number))
    announce()
    at(NOON, lambda queue: queue.plan(PLANS))
    assert min(job.id for job in jobs(site)) > max(numbers)
