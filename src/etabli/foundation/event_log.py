"""The events in one order, each consumer at its own place.

An identifier is given when a row is written, and seen when its transaction ends: on PostgreSQL, 8
may be there before 7, and who read on after 8 would never see 7. So nobody reads by identifier. An
event is placed once it can be seen, under a lock that its placer holds until its own transaction
ends: positions become visible in their order, without gaps, on either database. Whoever announces
waits for nobody.
"""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import ColumnElement, Select, delete, exists, func, or_, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from etabli.foundation.errors import NotFoundError
from etabli.foundation.events import EventCursor, StoredEvent
from etabli.foundation.i18n.messages import msg
from etabli.foundation.unit_of_work import UnitOfWork

KEPT_FOR = timedelta(days=90)
PRUNED_AT_ONCE = 10_000
_SEQUENCE = ""
"""The cursor whose position is the last one given: its row is the lock of who places."""


class EventsPrunedError(NotFoundError):
    """What comes next for this cursor is no longer kept: the reader begins again from what is."""

    def __init__(self, position: int) -> None:
        super().__init__(
            msg(
                "The events after {position} are no longer kept. Read the present state of what "
                "you follow, then go on from the newest event.",
                position=position,
            )
        )


class EventLog:
    """Places events, gives them out, and prunes them."""

    def __init__(self, work: UnitOfWork) -> None:
        self._db: Session = work.db
        self._now = work.now

    def place(self, at_most: int) -> None:
        """Give the next positions to events that have none. Idempotent.

        Does nothing while another transaction places.
        """
        sequence = self._lock(_SEQUENCE, skip=True)
        if sequence is None:
            return
        # In the order of their identifiers: of two changes of one thing the second was announced
        # when it had waited for the first.
        waiting = select(StoredEvent).where(StoredEvent.position.is_(None))
        for event in self._db.scalars(waiting.order_by(StoredEvent.id).limit(at_most)):
            sequence.position += 1
            event.position = sequence.position
        self._db.flush()

    def last_position(self) -> int:
        """The position of the newest event that has one; 0 before the first."""
        sequence = self._db.get(EventCursor, _SEQUENCE)
        return sequence.position if sequence else 0

    def has_news(self, consumer: str) -> bool:
        """Whether there is an event that this consumer has not passed. Cheap, needs no write."""
        return bool(self._db.scalar(select(exists(select(StoredEvent.id).where(unread(consumer))))))

    def read_on(self, consumer: str, at_most: int) -> Sequence[StoredEvent]:
        """The next events of a consumer, whose place nobody else moves until the transaction ends.

        `advance` says that they were dealt with; without it they come again.

        Raises:
            EventsPrunedError: it was away for too long.
        """
        cursor = self._lock(consumer)
        return self._after(select(StoredEvent), cursor.position if cursor else 0, at_most)

    def advance(self, consumer: str, position: int) -> None:
        """This consumer has dealt with all events up to this one. Idempotent."""
        self._db.execute(
            update(EventCursor)
            .where(EventCursor.consumer == consumer, EventCursor.position < position)
            .values(position=position)
        )

    def public_after(
        self, position: int, at_most: int, hidden: Select[str]
    ) -> Sequence[StoredEvent]:
        """The next events that anybody may know.

        Args:
            hidden: the keys of what is private now. An event about one of these is left out, also
                if it was announced as public while that was being made private.

        Raises:
            EventsPrunedError: some after this position are gone.
        """
        shown = or_(StoredEvent.subject.is_(None), StoredEvent.subject.not_in(hidden))
        return self._after(select(StoredEvent).where(StoredEvent.public, shown), position, at_most)

    def hide(self, subject: str) -> None:
        """Nothing that was announced about this is public any more. Idempotent."""
        about = update(StoredEvent).where(StoredEvent.subject == subject, StoredEvent.public)
        self._db.execute(about.values(public=False))

    def prune(self, needed_by: str, at_most: int = PRUNED_AT_ONCE) -> int:
        """Delete the oldest events, if they are older than `KEPT_FOR`; how many.

        Args:
            needed_by: the consumer that none is deleted before, however old.
        """
        cursor = self._db.get(EventCursor, needed_by)
        oldest = (
            select(StoredEvent.position)
            .where(
                StoredEvent.position <= (cursor.position if cursor else 0),
                StoredEvent.announced_at < self._now - KEPT_FOR,
            )
            .order_by(StoredEvent.position)
            .limit(at_most)
            .subquery()
        )
        last = self._db.scalar(select(func.max(oldest.c.position)))
        # All up to the last one, so that what is kept has no gaps.
        gone = delete(StoredEvent).where(StoredEvent.position <= (last or 0))
        return len(self._db.scalars(gone.returning(StoredEvent.id)).all())

    def _after(
        self, asked: Select[StoredEvent], position: int, at_most: int
    ) -> Sequence[StoredEvent]:
        first = self._db.scalar(select(func.min(StoredEvent.position)))
        if position + 1 < (first if first is not None else self.last_position() + 1):
            raise EventsPrunedError(position)
        following = asked.where(StoredEvent.position > position).order_by(StoredEvent.position)
        return self._db.scalars(following.limit(at_most)).all()

    def _lock(self, consumer: str, *, skip: bool = False) -> EventCursor | None:
        """The cursor, made if need be, and nobody else's until the transaction ends.

        `skip`: None rather than waiting for who has it.
        """
        if self._db.get(EventCursor, consumer) is None:
            self._begin(consumer)
        wanted = select(EventCursor).where(EventCursor.consumer == consumer)
        locked = wanted.with_for_update(skip_locked=skip).execution_options(populate_existing=True)
        return self._db.scalar(locked)

    def _begin(self, consumer: str) -> None:
        """A new consumer begins with the oldest event that is kept."""
        first = self._db.scalar(select(func.min(StoredEvent.position)))
        begins = (first - 1) if first is not None else self.last_position()
        try:
            with self._db.begin_nested():
                self._db.add(
                    EventCursor(consumer=consumer, position=0 if consumer == _SEQUENCE else begins)
                )
        except IntegrityError:
            self._db.expire_all()  # another process was faster


def unread(consumer: str) -> ColumnElement[bool]:
    """For queries: the events that this consumer has not passed, placed or not."""
    cursor = select(EventCursor.position).where(EventCursor.consumer == consumer)
    passed = func.coalesce(cursor.scalar_subquery(), 0)
    return or_(StoredEvent.position.is_(None), StoredEvent.position > passed)
