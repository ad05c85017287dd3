"""Writing the index: one entry, its terms and its counts, in one unit of work."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import delete, insert, select, update
from sqlalchemy.orm import Session

from etabli.features.cards import values_of
from etabli.features.catalogue.counts import ALL, Counts
from etabli.features.catalogue.index import Index, Kept, Places, place
from etabli.features.catalogue.models import IndexEntry
from etabli.features.catalogue.reading import Reading
from etabli.features.catalogue.words import (
    gate_term,
    link_term,
    name_terms,
    number_terms,
    owner_term,
    private_term,
    public_term,
    tags_terms,
)
from etabli.features.repos import Repo, Repos, RepoType

MAX_USED = 100
"""Models, and datasets, that a space is found by."""

_TABLE: Any = IndexEntry.__table__
"""Written to without the ORM, which would take most of the time of a push."""


class Keeper:
    def __init__(self, db: Session, repos: Repos, index: Index, counts: Counts) -> None:
        self._db = db
        self._repos = repos
        self._index = index
        self._counts = counts

    def keep(self, repo_key: str, reading: Reading | None) -> None:
        repo = self._repos.by_key(repo_key)
        if repo is None:
            self.forget(repo_key)
            return
        if reading is None or reading.commit_sha != self._repos.head_sha(repo):
            return
        old = self._find(repo_key)
        terms = self._index.stored(terms_of(repo, reading))
        values = {
            "repo_key": repo_key,
            "type": repo.type,
            "is_public": not repo.private,
            "commit_sha": reading.commit_sha,
            "metadata": dict(reading.metadata),
            "tags": list(reading.tags),
            "summary": reading.summary,
            "derived": reading.derived.as_json(),
            "terms": terms,
        }
        entry_id = self._new_id(values) if old is None else old.id
        places = Places.of(entry_id, repo)
        self._set(entry_id, values | vars(places))
        self._index.change(_kept(old), Kept(places, terms))
        self._counts.change(repo.type, _counted(old), [ALL, *reading.tags] * (not repo.private))

    def move(self, repo_key: str) -> None:
        """Put an entry where its repository now belongs in each order. Idempotent."""
        repo, old = self._repos.by_key(repo_key), self._find(repo_key)
        if repo is not None and old is not None:
            places = Places.of(old.id, repo)
            self._set(old.id, vars(places))
            self._index.change(_kept(old), Kept(places, old.terms))

    def forget(self, repo_key: str) -> None:
        old = self._find(repo_key)
        if old is not None:
            self._db.execute(delete(_TABLE).where(IndexEntry.id == old.id))
            self._index.change(_kept(old), None)
            self._counts.change(old.type, _counted(old), [])

    def clear(self) -> None:
        self._index.clear()
        self._counts.clear()
        self._db.execute(delete(_TABLE))

    def misplaced(self, after_id: int, limit: int) -> tuple[list[str], int | None]:
        """Of so many entries, whose number of downloads is another by now; and the last's id."""
        asked = (
            select(IndexEntry.id, IndexEntry.by_downloads, Repo.key, Repo.downloads)
            .join(Repo, Repo.key == IndexEntry.repo_key)
            .where(IndexEntry.id > after_id)
            .order_by(IndexEntry.id)
            .limit(limit)
        )
        rows = self._db.execute(asked).all()
        moved = [row.key for row in rows if place(row.downloads, row.id) != row.by_downloads]
        return moved, rows[-1].id if rows else None

    def orphans(self, limit: int) -> Sequence[str]:
        """The keys of repositories that are gone, and still have an entry."""
        asked = (
            select(IndexEntry.repo_key)
            .outerjoin(Repo, Repo.key == IndexEntry.repo_key)
            .where(Repo.key.is_(None))
            .limit(limit)
        )
        return self._db.scalars(asked).all()

    def _find(self, repo_key: str) -> Any:
        asked = select(*_COLUMNS).where(IndexEntry.repo_key == repo_key).with_for_update()
        return self._db.execute(asked).one_or_none()

    def _set(self, entry_id: int, values: dict[str, Any]) -> None:
        self._db.execute(update(_TABLE).where(IndexEntry.id == entry_id).values(values))

    def _new_id(self, values: dict[str, Any]) -> int:
        nowhere = {"by_updated": 0, "by_created": 0, "by_downloads": 0}
        made = insert(_TABLE).values({**values, **nowhere}).returning(IndexEntry.id)
        return self._db.execute(made).scalar_one()


def terms_of(repo: Repo, reading: Reading) -> Sequence[str]:
    access = private_term(repo.type, repo.namespace) if repo.private else public_term(repo.type)
    found = [access, owner_term(repo.namespace), *name_terms(repo.full_name)]
    found += [gate_term(repo.gated), *number_terms(reading.derived.parameter_count)]
    if repo.type is RepoType.SPACE:
        found += _used(reading)
    return list(dict.fromkeys([*found, *tags_terms(reading.tags), *reading.terms]))


def _used(reading: Reading) -> Sequence[str]:
    """What a space's card names under `models` and `datasets`."""
    kinds = (("models", RepoType.MODEL), ("datasets", RepoType.DATASET))
    return [
        link_term(type, name)
        for key, type in kinds
        for name in values_of(reading.metadata.get(key))[:MAX_USED]
    ]


_COLUMNS = (
    IndexEntry.id,
    IndexEntry.type,
    IndexEntry.is_public,
    IndexEntry.tags,
    IndexEntry.terms,
    IndexEntry.by_updated,
    IndexEntry.by_created,
    IndexEntry.by_downloads,
)


def _kept(old: Any) -> Kept | None:
    if old is None:
        return None
    return Kept(Places(old.by_updated, old.by_created, old.by_downloads), old.terms)


def _counted(old: Any) -> list[str]:
    """The tags that an entry is counted under."""
    return [ALL, *old.tags] if old is not None and old.is_public else []
