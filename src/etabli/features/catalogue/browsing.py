"""Lists without words or tags: straight from the repositories, and so right at once.

What is public and what is one's own in private are read apart, each in the order of an index, and
merged: nobody's page takes longer for what others hide.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import cache
from typing import Any

from sqlalchemy import Integer, Select, bindparam, func, select, tuple_
from sqlalchemy.orm import InstrumentedAttribute, Session

from etabli.features.accounts import Actor
from etabli.features.catalogue.index import MAX_DOWNLOADS
from etabli.features.catalogue.models import (
    FACTS,
    Count,
    IndexEntry,
    Listing,
    Sort,
    facts_of,
)
from etabli.features.repos import REPO_COLUMNS, Repo, Repos, RepoType, repo_of_row
from etabli.foundation.kept_rows import made_of
from etabli.foundation.lru import LruCache

COLUMNS: dict[Sort, InstrumentedAttribute[Any]] = {
    Sort.UPDATED: Repo.updated_at,
    Sort.CREATED: Repo.created_at,
    Sort.DOWNLOADS: Repo.downloads,
}
_REPOS, _ENTRIES = Repo.__table__.c, IndexEntry.__table__
MAX_BRANCHES = 20
"""Namespaces whose private repositories are read one by one: those of more are read together."""

MAX_KEPT_CHARS = 2_000_000
"""Of rows that were listed, which take some ten bytes a character in memory."""

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
    ) -> list[Listing]:
        """
        Args:
            owner: as it is spelled.
        """
        value, key = after or (None, None)
        asked = {"owner": owner, "value": value, "key": key, "limit": limit}
        found: list[Listing] = []
        for type in types:
            for own in self._parts(actor, owner):
                statement = _page_of(
                    sort, is_private=own is not None, of_owner=bool(owner), goes_on=bool(after)
                )
                values = {**asked, "type": type, "own": own}
                named = {name: values[name] for name in statement.named}
                found += made_of(self._db, statement.select, named, _listing_of, _kept)
        found.sort(key=lambda one: after_of(one.repo, sort), reverse=True)
        return found[:limit]

    def _parts(self, actor: Actor, owner: str | None) -> Iterator[Sequence[str] | None]:
        """What is public: None; and the namespaces whose private repositories are read together."""
        yield None
        if owner is not None:
            if owner in actor.namespaces:
                yield [owner]
        elif len(actor.namespaces) > MAX_BRANCHES:
            yield sorted(actor.namespaces)
        else:
            yield from ([one] for one in sorted(actor.namespaces))

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


@dataclass(frozen=True)
class _Statement:
    select: Select[Any]
    named: Sequence[str]
    """What has to be given."""


@cache
def _page_of(sort: Sort, *, is_private: bool, of_owner: bool, goes_on: bool) -> _Statement:
    """Repositories and their facts, of one type: those that are public, or those that are private
    in namespaces of the actor's own. So it says what `Repos.visible_to` says."""
    column, key = _REPOS[COLUMNS[sort].key], _REPOS.key
    asked = select(*REPO_COLUMNS, *FACTS).outerjoin(_ENTRIES, _ENTRIES.c.repo_key == key)
    asked = asked.where(_REPOS.type == bindparam("type"))
    named = ["type", "limit"]
    if is_private:
        own = _REPOS.namespace.in_(bindparam("own", expanding=True))
        asked = asked.where(_REPOS.private, own)
        named.append("own")
    else:
        asked = asked.where(~_REPOS.private)
    if of_owner:
        asked = asked.where(_REPOS.namespace == bindparam("owner"))
        named.append("owner")
    if goes_on:
        place = bindparam("value", type_=column.type), bindparam("key", type_=key.type)
        asked = asked.where(tuple_(column, key) < tuple_(*place))
        named += ["value", "key"]
    newest = asked.order_by(column.desc(), key.desc())
    return _Statement(newest.limit(bindparam("limit", type_=Integer)), named)


def _listing_of(row: Sequence[Any]) -> Listing:
    end = len(REPO_COLUMNS)
    return Listing(repo_of_row(row[:end]), facts_of(row[end:]))


_kept: LruCache[Any, Listing] = LruCache(MAX_KEPT_CHARS)


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
