"""How many repositories have which tags: kept for what is public, counted for one's own."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from sqlalchemy import Integer, bindparam, delete, select, text
from sqlalchemy.orm import Session

from etabli.features.accounts import Actor
from etabli.features.catalogue.models import IndexEntry, TagCount
from etabli.features.repos import Repo, RepoType
from etabli.foundation.db import rows_of
from etabli.foundation.i18n.messages import plain

ALL = ""
"""The tag that stands for all of a type: no repository has an empty one."""
MAX_PRIVATE_COUNTED = 200
"""Of what an actor has in private: the newest, whose tags are counted for the facets."""

_TABLE: Any = TagCount.__table__
_OF_A_TAG = select(_TABLE.c["count"]).where(
    _TABLE.c.type == bindparam("type"), _TABLE.c.tag == bindparam("tag")
)
_COMMONEST = (
    select(_TABLE.c.tag, _TABLE.c["count"])
    .where(_TABLE.c.type == bindparam("type"), _TABLE.c.tag != ALL)
    .order_by(_TABLE.c["count"].desc(), _TABLE.c.tag.desc())
    .limit(bindparam("limit", type_=Integer))
)
_ADD = text(
    "INSERT INTO catalogue_counts (type, tag, count) VALUES (:type, :tag, :by) "
    "ON CONFLICT (type, tag) DO UPDATE SET count = catalogue_counts.count + :by"
)


class Counts:
    """The kept counts. They change in the transaction that changes an entry."""

    def __init__(self, db: Session) -> None:
        self._db = db

    def change(self, type: RepoType, gone: Sequence[str], come: Sequence[str]) -> None:
        """Tags that a repository no longer has in public, and those that it has now."""
        before, after = Counter(set(gone)), Counter(set(come))
        changes = {tag: after[tag] - before[tag] for tag in before | after}
        # In one order, so that two workers do not each wait for the other's row.
        changed = [(plain(tag), by) for tag, by in sorted(changes.items()) if by]
        rows = [{"type": type.value, "tag": tag, "by": by} for tag, by in changed]
        if rows:
            self._db.execute(_ADD, rows)
        lessened = [tag for tag, by in changed if by < 0]
        if lessened:
            none = (TagCount.type == type, TagCount.tag.in_(lessened), TagCount.count <= 0)
            self._db.execute(delete(_TABLE).where(*none))

    def of(self, type: RepoType, tag: str = ALL) -> int:
        found = rows_of(self._db, _OF_A_TAG, {"type": type, "tag": tag})
        return max(0, found[0][0]) if found else 0

    def commonest(self, type: RepoType, limit: int) -> Sequence[tuple[str, int]]:
        asked = {"type": type, "limit": limit}
        return [(tag, count) for tag, count in rows_of(self._db, _COMMONEST, asked)]

    def private_tags(self, actor: Actor, type: RepoType) -> Counter[str]:
        """The tags of what is the actor's own and private, as far as it is counted."""
        if not actor.namespaces:
            return Counter()
        asked = (
            select(IndexEntry.tags)
            .join(Repo, Repo.key == IndexEntry.repo_key)
            .where(Repo.private, Repo.type == type, Repo.namespace.in_(actor.namespaces))
            .order_by(Repo.updated_at.desc())
            .limit(MAX_PRIVATE_COUNTED)
        )
        return Counter(tag for tags in self._db.scalars(asked) for tag in tags)

    def clear(self) -> None:
        self._db.execute(delete(TagCount))
