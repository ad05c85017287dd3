"""Lists without words or tags: straight from the repositories, and so right at once.

What is public and what is one's own in private are read apart, each in the order of an index, and
merged: nobody's page takes longer for what others hide.
"""

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, func, literal, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from etabli.features.accounts import Actor
from etabli.features.catalogue.index import MAX_DOWNLOADS
from etabli.features.catalogue.models import Count, Sort
from etabli.features.repos import Repo, Repos, RepoType

COLUMNS: dict[Sort, InstrumentedAttribute[Any]] = {
    Sort.UPDATED: Repo.updated_at,
    Sort.CREATED: Repo.created_at,
    Sort.DOWNLOADS: Repo.downloads,
}
MAX_BRANCHES = 20
"""Namespaces whose private repositories are read one by one: those of more are read together."""

After = tuple[Any, str]
"""The value that is sorted by, and the key, of the last repository of the page before."""


class Browser:
    """Pages of what an actor may see, in any order."""

    def __init__(self, db: Session, repos: Repos) -> None:
        self._db = db
        self._repos = repos

    def page(
        self,
        actor: Actor,
        types: Sequence[RepoType],
        owner: str | None,
        sort: Sort,
        after: After | None,
        limit: int,
    ) -> list[Repo]:
        """
        Args:
            owner: as it is spelled.
        """
        column = COLUMNS[sort]
        found: list[Repo] = []
        for branch in self._branches(actor, types, owner):
            asked = branch.order_by(column.desc(), Repo.key.desc()).limit(limit)
            if after is not None:
                value, key = literal(after[0], column.type), literal(after[1], Repo.key.type)
                asked = asked.where(tuple_(column, Repo.key) < tuple_(value, key))
            found += self._db.scalars(asked)
        found.sort(key=lambda repo: after_of(repo, sort), reverse=True)
        return found[:limit]

    def count(self, actor: Actor, types: Sequence[RepoType], owner: str | None, most: int) -> Count:
        """How many there are; those of each branch are counted up to `most`."""
        number = 0
        for branch in self._branches(actor, types, owner):
            some = branch.with_only_columns(Repo.key).limit(most + 1).subquery()
            number += self._db.scalar(select(func.count()).select_from(some)) or 0
        return Count(min(number, most), number > most)

    def count_private(self, actor: Actor, types: Sequence[RepoType], most: int) -> int:
        """What is the actor's own and private, up to `most`."""
        if not actor.namespaces:
            return 0
        own = self._repos.visible_to(actor).where(
            Repo.namespace.in_(actor.namespaces), Repo.type.in_(types), Repo.private
        )
        some = own.with_only_columns(Repo.key).limit(most).subquery()
        return self._db.scalar(select(func.count()).select_from(some)) or 0

    def _branches(
        self, actor: Actor, types: Sequence[RepoType], owner: str | None
    ) -> Iterator[Select[Any]]:
        visible = self._repos.visible_to(actor)
        own = [frozenset({one}) for one in sorted(actor.namespaces)]
        if len(own) > MAX_BRANCHES:
            own = [actor.namespaces]
        for type in types:
            of_type = visible.where(Repo.type == type)
            if owner is not None:
                yield of_type.where(Repo.namespace == owner, ~Repo.private)
                if owner in actor.namespaces:
                    yield of_type.where(Repo.namespace == owner, Repo.private)
                continue
            yield of_type.where(~Repo.private)
            for some in own:
                yield of_type.where(Repo.private, Repo.namespace.in_(some))


def after_of(repo: Repo, sort: Sort) -> After:
    return getattr(repo, COLUMNS[sort].key), repo.key


def write_after(after: After) -> list[Any]:
    value, key = after
    return [value.isoformat() if isinstance(value, datetime) else value, key]


def read_after(written: Sequence[Any], sort: Sort) -> After:
    """
    Raises:
        ValueError, TypeError, OverflowError: nobody of ours wrote it.
    """
    value, key = written
    if sort is Sort.DOWNLOADS:
        return max(0, min(int(value), MAX_DOWNLOADS)), str(key)
    return datetime.fromisoformat(value).astimezone(UTC), str(key)
