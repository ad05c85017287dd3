"""The verbs of the catalogue."""

import base64
import json
from collections.abc import Mapping, Sequence
from typing import Any

from sqlalchemy import and_, bindparam, or_, select
from sqlalchemy.orm import Session

from etabli.features.accounts import Accounts, Actor
from etabli.features.catalogue.browsing import (
    After,
    Browser,
    after_of,
    read_after,
    write_after,
)
from etabli.features.catalogue.counts import Counts
from etabli.features.catalogue.finding import MAX_RANKED, Finder, Place
from etabli.features.catalogue.index import MAX_PLACE, All, open_index
from etabli.features.catalogue.keeping import Keeper
from etabli.features.catalogue.models import (
    FACTS,
    NO_FACTS,
    Count,
    Facts,
    IndexEntry,
    Lineage,
    Listing,
    Page,
    Progress,
    Query,
    Sort,
    facts_of,
)
from etabli.features.catalogue.reading import Reading, read
from etabli.features.catalogue.searching import filters, nearly, types_of, words_lacking_in
from etabli.features.repos import Repo, Repos, RepoType
from etabli.foundation.db import rows_of
from etabli.foundation.unit_of_work import UnitOfWork

MAX_COUNTED = MAX_RANKED
"""Beyond this a search says "more than"."""
MAX_FRESH = 50
"""The newest repositories, which are found by their names before they are indexed."""
MAX_RELATIVES = 20
MAX_TAGS = 200
MAX_NEAREST = 5
_REINDEX = "reindex"

_PARENT_TAGS = {RepoType.DATASET: "dataset:", RepoType.MODEL: "base_model:"}
"""How a card names what it comes from, by the type of that."""


_ENTRIES = IndexEntry.__table__.c
_FACTS_OF_SOME = select(_ENTRIES.repo_key, *FACTS).where(
    _ENTRIES.repo_key.in_(bindparam("repo_keys", expanding=True))
)
_FACTS_OF_ONE = select(*FACTS).where(_ENTRIES.repo_key == bindparam("repo_key"))


class Catalogue:
    """Index repositories and search them."""

    def __init__(self, work: UnitOfWork, accounts: Accounts, repos: Repos) -> None:
        self._db: Session = work.db
        self._accounts = accounts
        self._repos = repos
        index = open_index(work.db)
        self._counts = Counts(work.db)
        self._browser = Browser(work.db, repos)
        self._finder = Finder(work.db, repos, index)
        self._keeper = Keeper(work.db, repos, index, self._counts)

    # Indexing

    def read(self, repo_key: str) -> Reading | None:
        """What a repository says of itself now; None when it is gone, or says nothing yet.

        Slow, and writes nothing: to be done before the unit of work that keeps it.

        Raises:
            UnreadableRepoError: its objects on disk are missing or damaged.
        """
        repo = self._repos.by_key(repo_key)
        return None if repo is None else read(self._repos, repo)

    def keep(self, repo_key: str, reading: Reading | None) -> None:
        """Bring one entry up to date. Idempotent.

        A reading that is behind the repository by now is left: another is on its way.

        Raises:
            CatalogueFullError: there are too many repositories.
        """
        self._keeper.keep(repo_key, reading)

    def index(self, repo_key: str) -> None:
        """Read and keep in one unit of work. Idempotent."""
        self.keep(repo_key, self.read(repo_key))

    def forget(self, repo_key: str) -> None:
        """Take an entry out. Idempotent."""
        self._keeper.forget(repo_key)

    def clear(self) -> None:
        """Take every entry out: nothing is found by words or tags until it is made anew."""
        self._keeper.clear()

    def misplaced(self, after_id: int, limit: int) -> tuple[Sequence[str], int | None]:
        """Of so many entries, the repositories whose downloads have changed since they were put in
        order; and where to go on, None at the end."""
        return self._keeper.misplaced(after_id, limit)

    def move(self, repo_key: str) -> None:
        """Put an entry where its downloads and its dates now belong. Idempotent."""
        self._keeper.move(repo_key)

    def orphans(self, limit: int) -> Sequence[str]:
        """The keys of repositories that are gone and still have an entry."""
        return self._keeper.orphans(limit)

    def progress(self) -> str:
        """Up to which repository key the making of the index has come; empty: none is under way."""
        row = self._db.get(Progress, _REINDEX)
        return row.value if row else ""

    def note_progress(self, repo_key: str) -> None:
        """Empty: it is done."""
        self._db.merge(Progress(name=_REINDEX, value=repo_key))

    # Finding

    def search(
        self, actor: Actor, query: Query, *, limit: int = 30, cursor: str | None = None
    ) -> Page:
        """The repositories that match and that `actor` may see. A bad cursor is the first page."""
        owner = query.owner
        if owner is not None:
            namespace = self._accounts.find_namespace(owner)
            if namespace is None:
                return Page([], None)
            owner = namespace.name
        if not query.is_by_terms:
            return self._browsed(actor, query, owner, limit, cursor)
        by_name_alone = query.every_word and not query.tags and not query.is_by_files
        is_first = not cursor and by_name_alone
        fresh = self._fresh(actor, query, owner)[:limit] if is_first else []
        if len(fresh) == limit:
            return Page(fresh, _encode([0, MAX_PLACE]))
        wanted = limit - len(fresh)
        items, place = self._finder.page(actor, query, wanted, _read_place(cursor))
        if fresh:
            items = sorted([*fresh, *items], key=lambda one: after_of(one.repo, query.sort))[::-1]
        return Page(items, _encode(list(place)) if place else None)

    def nearest(self, actor: Actor, query: Query, *, limit: int = MAX_NEAREST) -> list[Listing]:
        """What comes nearest where nothing matches: with fewer tags, or names spelled nearly so."""
        found: dict[str, Listing] = {}
        if query.tags and query.words:
            items, _ = self._finder.page(actor, Query(query.type, query.words), limit, None)
            found |= {item.repo.key: item for item in items}
        for wanted in nearly(actor, query):
            items = self._finder.first(actor, wanted, Sort.DOWNLOADS, limit)
            found |= {item.repo.key: item for item in items}
        return list(found.values())[:limit]

    def count(self, actor: Actor, query: Query) -> Count:
        """How many match; beyond `MAX_COUNTED`, that there are more.

        What is public may have been counted a moment ago; nothing private of others ever is.
        """
        types = types_of(query)
        by_several = len(query.tags) > 1 or (query.tags and query.owner is not None)
        if query.words or query.is_by_files or by_several:
            return self._finder.count(actor, query, MAX_COUNTED)
        if query.owner is not None:
            namespace = self._accounts.find_namespace(query.owner)
            if namespace is None:
                return Count(0)
            return self._browser.count(actor, types, namespace.name, MAX_COUNTED)
        if query.tags:
            public = sum(self._counts.of(type, query.tags[0]) for type in types)
            return _with_private(public, self._finder.count_private(actor, query, MAX_COUNTED + 1))
        public = sum(self._counts.of(type) for type in types)
        return _with_private(public, self._browser.count_private(actor, types, MAX_COUNTED + 1))

    def common_tags(
        self, actor: Actor, type: RepoType, *, limit: int = MAX_TAGS
    ) -> Sequence[tuple[str, int]]:
        """The most used tags among the repositories that `actor` may see, with their counts."""
        counts = dict(self._counts.commonest(type, limit))
        for tag, count in self._counts.private_tags(actor, type).items():
            counts[tag] = counts.get(tag, 0) + count
        return sorted(counts.items(), key=lambda one: (-one[1], one[0]))[:limit]

    def facts(self, repo_keys: Sequence[str]) -> dict[str, Facts]:
        """What these repositories say of themselves. Ask only for those that the actor may see."""
        rows = rows_of(self._db, _FACTS_OF_SOME, {"repo_keys": list(repo_keys)})
        return {repo_key: facts_of(values) for repo_key, *values in rows}

    def facts_of(self, repo: Repo) -> Facts:
        """What one says of itself; empty until it is indexed."""
        found = rows_of(self._db, _FACTS_OF_ONE, {"repo_key": repo.key})
        return facts_of(found[0]) if found else NO_FACTS

    def lineage(self, actor: Actor, repo: Repo) -> Lineage:
        """The repositories that this one was made from and those made from it, that `actor` sees.

        Source: the tags `dataset:…` and `base_model:…`, which the cards' metadata gives.
        """
        facts = self.facts_of(repo)
        named = {
            type: [
                name.lower()
                for tag in facts.tags
                # Not those that say as well what kind of parent: `base_model:finetune:…`.
                if tag.startswith(prefix) and ":" not in (name := tag.removeprefix(prefix))
            ]
            for type, prefix in _PARENT_TAGS.items()
        }
        return Lineage(
            self._parents(actor, named) if any(named.values()) else [], self._children(actor, repo)
        )

    def _parents(self, actor: Actor, named: Mapping[RepoType, Sequence[str]]) -> Sequence[Repo]:
        visible = self._repos.visible_to(actor).order_by(Repo.full_name_key).limit(MAX_RELATIVES)
        parents = visible.where(
            or_(
                *(
                    and_(Repo.type == type, Repo.full_name_key.in_(names[:MAX_RELATIVES]))
                    for type, names in named.items()
                )
            )
        )
        return self._db.scalars(parents).all()

    def _children(self, actor: Actor, repo: Repo) -> list[Repo]:
        prefix = _PARENT_TAGS.get(repo.type)
        if prefix is None:
            return []
        made_of_it = All(filters(actor, Query(tags=[f"{prefix}{repo.full_name}"])))
        found = self._finder.first(actor, made_of_it, Sort.DOWNLOADS, MAX_RELATIVES)
        return [listing.repo for listing in found]

    def _browsed(
        self, actor: Actor, query: Query, owner: str | None, limit: int, cursor: str | None
    ) -> Page:
        after = _read_after(cursor, query.sort)
        found = self._browser.page(actor, types_of(query), owner, query.sort, after, limit + 1)
        items = found[:limit]
        if len(found) <= limit:
            return Page(items, None)
        return Page(items, _encode(write_after(after_of(items[-1].repo, query.sort))))

    def _fresh(self, actor: Actor, query: Query, owner: str | None) -> list[Listing]:
        """Of the newest, what no worker has indexed yet, and is known by its name alone."""
        types = types_of(query)
        newest = self._browser.page(actor, types, owner, Sort.UPDATED, None, MAX_FRESH)
        return [
            one for one in newest if one.facts is NO_FACTS and not words_lacking_in(query, one.repo)
        ]


def _with_private(public: int, private: int) -> Count:
    return Count(public + min(private, MAX_COUNTED), private > MAX_COUNTED)


def _encode(value: list[Any]) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).decode()


def _decode(cursor: str | None) -> Any:
    """
    Raises:
        ValueError: it is none of ours.
    """
    return json.loads(base64.urlsafe_b64decode((cursor or "").encode()))


def _read_place(cursor: str | None) -> Place | None:
    try:
        step, place = (int(part) for part in _decode(cursor))
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
    return max(0, step), max(0, min(place, MAX_PLACE))


def _read_after(cursor: str | None, sort: Sort) -> After | None:
    try:
        return read_after(_decode(cursor), sort)
    except (ValueError, TypeError, OverflowError, RecursionError):
        return None
