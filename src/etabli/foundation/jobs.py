"""Background jobs: rows in the hub's own database, so that hosting a hub takes no other server."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import JSON, ColumnElement, Select, func, select, true
from sqlalchemy.orm import InstrumentedAttribute, Mapped, mapped_column

from etabli.foundation.db import Table
from etabli.foundation.event_log import EventLog, unread
from etabli.foundation.events import Event, StoredEvent
from etabli.foundation.unit_of_work import UnitOfWork

MAX_ATTEMPTS = 5
CONSUMER = "jobs"
"""Under this name the queue reads the log of events."""
PLANNED_AT_ONCE = 100
LEASE = timedelta(minutes=2)
"""A worker that has not renewed its claim for so long is taken for dead, and its job given on."""


@dataclass(frozen=True)
class Plan:
    """One reaction to an event: its name, and the lane that it waits in.

    A lane is served by one worker thread: long jobs do not hold up short ones.
    """

    reaction: str
    lane: str


class Job(Table):
    """One reaction to one event. It may run twice, so every reaction must be idempotent."""

    __tablename__ = "jobs"
    # Never the id of a finished job again: a worker that lost its claim may still speak of it.
    __table_args__ = ({"sqlite_autoincrement": True},)

    id: Mapped[int] = mapped_column(primary_key=True)
    reaction: Mapped[str]
    event: Mapped[str]
    lane: Mapped[str] = mapped_column(index=True)
    payload: Mapped[dict[str, Any]] = mapped_column(JSON)
    due_at: Mapped[datetime]
    """When it may next be claimed: a running job is due again when its worker's lease ends."""
    running: Mapped[bool] = mapped_column(default=False)
    attempts: Mapped[int] = mapped_column(default=0)
    last_error: Mapped[str | None] = mapped_column(default=None)


class JobQueue:
    """The jobs that wait for a worker."""

    def __init__(self, work: UnitOfWork) -> None:
        self._db = work.db
        self._now = work.now
        self._log = EventLog(work)

    def plan(self, reactions_to: Mapping[str, Sequence[Plan]]) -> None:
        """Make one job for each reaction to the next events of the log."""
        self._log.place(PLANNED_AT_ONCE)
        events = self._log.read_on(CONSUMER, PLANNED_AT_ONCE)
        for event in events:
            for plan in reactions_to.get(event.name, ()):
                self._db.add(
                    Job(
                        reaction=plan.reaction,
                        event=event.name,
                        lane=plan.lane,
                        payload=event.payload,
                        due_at=self._now,
                    )
                )
        if events:
            self._log.advance(CONSUMER, events[-1].position or 0)
        self._db.flush()

    def has_news(self) -> bool:
        """Whether an event waits to be planned. Cheap, and needs no write."""
        return self._log.has_news(CONSUMER)

    def awaits(self, event: Event) -> bool:
        """Whether the same event is announced already, and nobody has begun to react."""
        name, payload = type(event).__name__, asdict(event)
        news = select(StoredEvent.id).where(
            unread(CONSUMER), StoredEvent.name == name, *_all_same(StoredEvent.payload, payload)
        )
        waiting = select(Job.id).where(
            Job.event == name,
            ~Job.running,
            Job.attempts < MAX_ATTEMPTS,
            *_all_same(Job.payload, payload),
        )
        return any(self._db.scalar(asked.limit(1)) is not None for asked in (news, waiting))

    def unfinished(self, events: Sequence[type[Event]], key: str) -> set[str]:
        """What `key` is in those of these events whose reactions are not done, or were given up."""
        names = [event.__name__ for event in events]
        found: set[str] = set()
        for name, payload, narrowed in (
            (StoredEvent.name, StoredEvent.payload, unread(CONSUMER)),
            (Job.event, Job.payload, true()),
        ):
            asked = select(payload[key].as_string()).where(name.in_(names), narrowed).distinct()
            found.update(self._db.scalars(asked))
        return found

    def has_due(self, lane: str) -> bool:
        return self._db.scalar(self._due(lane).with_only_columns(Job.id).limit(1)) is not None

    def claim(self, lane: str) -> Job | None:
        """The oldest job that is due, leased to the caller for `LEASE`."""
        oldest = self._due(lane).order_by(Job.id).limit(1).with_for_update(skip_locked=True)
        job = self._db.scalars(oldest).first()
        if job is not None:
            job.running = True
            job.attempts += 1
            job.due_at = self._now + LEASE
        return job

    def renew(self, job_id: int) -> None:
        """Tell the other workers that this job is still being worked at."""
        job = self._db.get(Job, job_id)
        if job is not None:
            job.due_at = self._now + LEASE

    def release(self, lane: str) -> None:
        """Give back all claims on a lane: when the only worker starts, no other can hold one."""
        for job in self._db.scalars(select(Job).where(Job.lane == lane, Job.running)):
            job.running, job.due_at = False, self._now

    def finish(self, job_id: int) -> None:
        job = self._db.get(Job, job_id)
        if job is not None:
            self._db.delete(job)

    def put_off(self, job_id: int, error: Exception) -> None:
        """Try again in 2, 4, 8, then 16 minutes; after that the job stays, for a person to read."""
        job = self._db.get(Job, job_id)
        if job is not None:
            job.running = False
            job.due_at = self._now + timedelta(minutes=2**job.attempts)
            job.last_error = repr(error)

    def counts(self) -> dict[str, int]:
        """How many jobs wait, and how many were given up: for the operator."""
        given_up = Job.attempts >= MAX_ATTEMPTS
        return {
            "waiting": self._db.scalar(select(func.count()).where(~given_up)) or 0,
            "given_up": self._db.scalar(select(func.count()).where(given_up)) or 0,
        }

    def _due(self, lane: str) -> Select[Any]:
        return select(Job).where(
            Job.lane == lane, Job.due_at <= self._now, Job.attempts < MAX_ATTEMPTS
        )


def _all_same(
    column: InstrumentedAttribute[dict[str, Any]], payload: Mapping[str, Any]
) -> list[ColumnElement[bool]]:
    return [column[key].as_string() == str(value) for key, value in payload.items()]
