"""The SQL of community."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import ColumnElement, bindparam, func, or_, select
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from etabli.features.community.models import Discussion, DiscussionEvent, Filter, Kind, Status
from etabli.foundation.db import rows_of

_OPEN = [status for status in Status if status.is_open]
_COUNT_OPEN = (
    select(func.count())
    .select_from(Discussion.__table__)
    .where(
        Discussion.__table__.c.repo_key == bindparam("repo_key"),
        or_(*(Discussion.__table__.c.status == status for status in _OPEN)),
    )
)
MAX_TRIES = 20


class CommunityStore:
    def __init__(self, db: Session) -> None:
        self._db = db

    def add(self, discussion: Discussion) -> None:
        """Insert it under the next number of its repository: two may ask for one at once."""
        for attempt in range(MAX_TRIES):
            last = select(func.max(Discussion.num)).where(
                Discussion.repo_key == discussion.repo_key
            )
            discussion.num = (self._db.scalar(last) or 0) + 1
            try:
                with self._db.begin_nested():
                    self._db.add(discussion)
            except IntegrityError:
                if attempt == MAX_TRIES - 1:
                    raise
            else:
                return

    def find(self, repo_key: str, num: int) -> Discussion | None:
        return self._db.get(Discussion, (repo_key, num))

    def lock(self, repo_key: str, num: int) -> Discussion | None:
        """As `find`, and nobody else changes it until this transaction ends."""
        mine = select(Discussion).where(Discussion.repo_key == repo_key, Discussion.num == num)
        return self._db.scalar(mine.with_for_update().execution_options(populate_existing=True))

    def page(self, repo_key: str, asked: Filter, start: int, most: int) -> Sequence[Discussion]:
        found = select(Discussion).where(*_fits(repo_key, asked))
        newest = found.order_by(Discussion.num.desc())
        return self._db.scalars(newest.offset(start).limit(most)).all()

    def count(self, repo_key: str, asked: Filter) -> int:
        counted = select(func.count()).select_from(Discussion).where(*_fits(repo_key, asked))
        return self._db.scalar(counted) or 0

    def count_open(self, repo_key: str) -> int:
        [(count,)] = rows_of(self._db, _COUNT_OPEN, {"repo_key": repo_key})
        return int(count)

    def count_since(self, repo_key: str, author: str, since: datetime) -> int:
        counted = select(func.count()).select_from(Discussion)
        mine = counted.where(Discussion.repo_key == repo_key, Discussion.author == author)
        return self._db.scalar(mine.where(Discussion.created_at > since)) or 0

    def events(self, discussion: Discussion) -> Sequence[DiscussionEvent]:
        return self._db.scalars(
            select(DiscussionEvent)
            .where(
                DiscussionEvent.repo_key == discussion.repo_key,
                DiscussionEvent.num == discussion.num,
            )
            .order_by(DiscussionEvent.place)
        ).all()

    def event(self, discussion: Discussion, key: str) -> DiscussionEvent | None:
        found = self._db.get(DiscussionEvent, key)
        is_in_it = found is not None and (found.repo_key, found.num) == (
            discussion.repo_key,
            discussion.num,
        )
        return found if is_in_it else None

    def next_place(self, discussion: Discussion) -> int:
        last = select(func.max(DiscussionEvent.place)).where(
            DiscussionEvent.repo_key == discussion.repo_key,
            DiscussionEvent.num == discussion.num,
        )
        found = self._db.scalar(last)
        return 0 if found is None else found + 1

    def add_event(self, event: DiscussionEvent) -> None:
        self._db.add(event)
        self._db.flush()

    def flush(self) -> None:
        self._db.flush()


def _fits(repo_key: str, asked: Filter) -> list[ColumnElement[bool]]:
    conditions = [Discussion.repo_key == repo_key]
    if asked.kind is not Kind.ALL:
        is_pull_request = Discussion.base.is_not(None)
        conditions.append(is_pull_request if asked.kind is Kind.PROPOSAL else ~is_pull_request)
    if asked.is_open is not None:
        is_open = Discussion.status.in_(_OPEN)
        conditions.append(is_open if asked.is_open else ~is_open)
    if asked.author is not None:
        conditions.append(Discussion.author == asked.author)
    return conditions
