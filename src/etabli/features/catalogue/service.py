"""The verbs of the catalogue."""

import base64
import json
import logging
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Select, and_, delete, func, or_, select

from etabli.features.accounts import Actor
from etabli.features.cards import Card, CardError, parse, tags_of
from etabli.features.catalogue.models import (
    Facts,
    IndexEntry,
    IndexTag,
    Lineage,
    Listing,
    Page,
    Query,
    Sort,
)
from etabli.features.repos import (
    BrokenRepoError,
    EntryNotFoundError,
    Repo,
    Repos,
    RepoType,
    RevisionNotFoundError,
)
from etabli.foundation.words import plain
from etabli.foundation.work import UnitOfWork

log = logging.getLogger(__name__)

_COLUMNS = {
    Sort.UPDATED: Repo.updated_at,
    Sort.CREATED: Repo.created_at,
    Sort.DOWNLOADS: Repo.downloads,
}


MOST_DOWNLOADS = 2**31 - 1

_PARENT_TAGS = {RepoType.DATASET: "dataset:", RepoType.MODEL: "base_model:"}
"""How a card names what it comes from, by the type of that."""

MOST_RELATIVES = 20


class Catalogue:
    """Index repositories and search them."""

    def __init__(self, work: UnitOfWork, repos: Repos) -> None:
        self._db = work.db
        self._repos = repos

    def index(self, repo_key: str) -> None:
        """Bring one entry up to date. Bears a repetition.

        Of a repository that cannot be read, the entry stays as it was, and the log names it.
        """
        repo = self._repos.by_key(repo_key)
        if repo is None:
            return
        try:
            snapshot = self._repos.snapshot(repo)
            text = snapshot.find_text("README.md") or ""
        except RevisionNotFoundError:
            return
        except (BrokenRepoError, EntryNotFoundError) as error:
            log.warning("%s is not indexed: %s", repo.full_name, error)
            return
        card = _readable(text)
        summary = _summary(card.body)
        tags = tags_of(card.metadata, is_dataset=repo.type is RepoType.DATASET)
        words = " ".join([repo.full_name, summary, *tags]).lower()
        self._db.merge(
            IndexEntry(
                repo_key=repo_key,
                commit_sha=snapshot.commit_sha,
                metadata_=dict(card.metadata),
                summary=summary,
                words=words,
            )
        )
        self._db.execute(delete(IndexTag).where(IndexTag.repo_key == repo_key))
        for place, tag in enumerate(tags):
            self._db.add(IndexTag(repo_key=repo_key, tag=tag, place=place))
        self._db.flush()

    def forget(self, repo_key: str) -> None:
        self._db.execute(delete(IndexTag).where(IndexTag.repo_key == repo_key))
        self._db.execute(delete(IndexEntry).where(IndexEntry.repo_key == repo_key))

    def search(
        self, actor: Actor, query: Query, *, limit: int = 30, cursor: str | None = None
    ) -> Page:
        """The repositories that match and that `actor` may see. A bad cursor is the first page."""
        column = _COLUMNS[query.sort]
        found = self._matching(actor, query).order_by(column.desc(), Repo.key).limit(limit + 1)
        after = _read_cursor(cursor, query.sort)
        if after is not None:
            value, key = after
            found = found.where(or_(column < value, and_(column == value, Repo.key > key)))
        repos = self._db.scalars(found).all()
        more = len(repos) > limit
        facts = self.facts([repo.key for repo in repos[:limit]])
        items = [Listing(repo, facts.get(repo.key, Facts())) for repo in repos[:limit]]
        return Page(items, _write_cursor(repos[limit - 1], query.sort) if more else None)

    def count(self, actor: Actor, query: Query) -> int:
        matching = self._matching(actor, query).subquery()
        return self._db.scalar(select(func.count()).select_from(matching)) or 0

    def facts(self, repo_keys: Sequence[str]) -> dict[str, Facts]:
        """What these repositories say of themselves. Ask only for those that the actor may see."""
        tags: dict[str, list[str]] = {}
        rows = select(IndexTag).where(IndexTag.repo_key.in_(repo_keys)).order_by(IndexTag.place)
        for row in self._db.scalars(rows):
            tags.setdefault(row.repo_key, []).append(row.tag)
        entries = self._db.scalars(select(IndexEntry).where(IndexEntry.repo_key.in_(repo_keys)))
        return {
            entry.repo_key: Facts(
                entry.metadata_, tags.get(entry.repo_key, []), entry.summary, entry.commit_sha
            )
            for entry in entries
        }

    def lineage(self, actor: Actor, repo: Repo) -> Lineage:
        """The repositories that this one was made from and those made from it, that `actor` sees.

        Source: the tags `dataset:…` and `base_model:…`, which the cards' metadata gives.
        """
        facts = self.facts([repo.key]).get(repo.key, Facts())
        named = {
            type: [tag.removeprefix(prefix).lower() for tag in facts.tags if tag.startswith(prefix)]
            for type, prefix in _PARENT_TAGS.items()
        }
        visible = self._repos.visible_to(actor).order_by(Repo.full_name_key).limit(MOST_RELATIVES)
        parents = visible.where(
            or_(
                *(
                    and_(Repo.type == type, Repo.full_name_key.in_(names))
                    for type, names in named.items()
                )
            )
        )
        children = visible.join(IndexTag, IndexTag.repo_key == Repo.key).where(
            IndexTag.tag == f"{_PARENT_TAGS.get(repo.type, '')}{repo.full_name}"
        )
        return Lineage(self._db.scalars(parents).all(), self._db.scalars(children).all())

    def common_tags(
        self, actor: Actor, type: RepoType, *, limit: int = 200
    ) -> Sequence[tuple[str, int]]:
        """The most used tags among the repositories that `actor` may see, with their counts."""
        visible = self._repos.visible_to(actor).where(Repo.type == type).subquery()
        counted = (
            select(IndexTag.tag, func.count())
            .join(visible, visible.c.key == IndexTag.repo_key)
            .group_by(IndexTag.tag)
            .order_by(func.count().desc(), IndexTag.tag)
            .limit(limit)
        )
        return [(tag, count) for tag, count in self._db.execute(counted)]

    def _matching(self, actor: Actor, query: Query) -> Select[Repo]:
        found = self._repos.visible_to(actor)
        if query.type is not None:
            found = found.where(Repo.type == query.type)
        if query.owner is not None:
            found = found.where(func.lower(Repo.namespace) == plain(query.owner.lower()))
        if query.words and not query.in_name_only:
            found = found.outerjoin(IndexEntry, IndexEntry.repo_key == Repo.key)
        for word in (plain(word.lower()) for word in query.words):
            in_name = Repo.full_name_key.contains(word, autoescape=True)
            if query.in_name_only:
                found = found.where(in_name)
            else:
                in_card = IndexEntry.words.contains(word, autoescape=True)
                found = found.where(or_(in_name, in_card))
        for tag in query.tags:
            tagged = select(IndexTag.repo_key).where(IndexTag.tag == tag)
            found = found.where(Repo.key.in_(tagged))
        return found


def _readable(text: str) -> Card:
    try:
        return parse(text)
    except CardError:
        return Card({}, "")


_NOT_PROSE = re.compile(r"^\s*(#|>|\||!|<|-{3,}|```|$)")


def _summary(body: str, longest: int = 200) -> str:
    """The first line of prose, without its Markdown."""
    prose = (line for line in body.splitlines() if not _NOT_PROSE.match(line))
    line = re.sub(r"\[([^]]*)\]\([^)]*\)", r"\1", next(prose, ""))
    line = re.sub(r"[*_`]", "", line).strip()
    return line if len(line) <= longest else line[: longest - 1].rstrip() + "…"


def _write_cursor(repo: Repo, sort: Sort) -> str:
    value: Any = {
        Sort.UPDATED: repo.updated_at.isoformat(),
        Sort.CREATED: repo.created_at.isoformat(),
        Sort.DOWNLOADS: repo.downloads,
    }[sort]
    return base64.urlsafe_b64encode(json.dumps([value, repo.key]).encode()).decode()


def _read_cursor(cursor: str | None, sort: Sort) -> tuple[Any, str] | None:
    if not cursor:
        return None
    try:
        value, key = json.loads(base64.urlsafe_b64decode(cursor.encode()))
        if sort is Sort.DOWNLOADS:
            return max(0, min(int(value), MOST_DOWNLOADS)), str(key)
        return datetime.fromisoformat(value).astimezone(UTC), str(key)
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
