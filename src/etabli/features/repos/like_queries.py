"""The SQL of likes."""

from collections.abc import Sequence

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from etabli.features.repos.models import Like, Repo


class LikeStore:
    def __init__(self, db: Session) -> None:
        self._db = db

    def add(self, like: Like) -> bool:
        """False when it was there before."""
        try:
            with self._db.begin_nested():
                self._db.add(like)
        except IntegrityError:
            return False
        return True

    def remove(self, repo_key: str, user: str) -> bool:
        """False when there was none."""
        own = delete(Like).where(Like.repo_key == repo_key, Like.user == user)
        return self._db.scalars(own.returning(Like.user)).first() is not None

    def add_to_count(self, repo_key: str, more: int) -> None:
        self._db.execute(update(Repo).where(Repo.key == repo_key).values(likes=Repo.likes + more))

    def find(self, repo_key: str, user: str) -> Like | None:
        return self._db.get(Like, (repo_key, user))

    def users(self, repo_key: str, start: int, limit: int) -> Sequence[str]:
        """The newest first."""
        of_repo = select(Like.user).where(Like.repo_key == repo_key)
        newest = of_repo.order_by(Like.liked_at.desc(), Like.user)
        return self._db.scalars(newest.offset(start).limit(limit)).all()

    def of_user(
        self, user: str, seen: Select[Repo], start: int, limit: int
    ) -> Sequence[tuple[Like, Repo]]:
        """Of the repositories that are seen, the newest first."""
        keys = select(seen.subquery().c.key)
        found = select(Like, Repo).join(Repo, Repo.key == Like.repo_key)
        found = found.where(Like.user == user, Repo.key.in_(keys))
        newest = found.order_by(Like.liked_at.desc(), Like.repo_key)
        return [(row[0], row[1]) for row in self._db.execute(newest.offset(start).limit(limit))]

    def count_of_user(self, user: str, seen: Select[Repo]) -> int:
        repos = seen.subquery()
        counted = select(func.count()).select_from(Like).join(repos, repos.c.key == Like.repo_key)
        return self._db.scalar(counted.where(Like.user == user)) or 0
