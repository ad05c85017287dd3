"""Operations on stored bytes that take several units of work: the bytes first, then the rows."""

import logging
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from functools import partial

from etabli.features.blobs import (
    GRACE,
    Damage,
    Fault,
    Kind,
    StoredBytes,
    Swept,
    damage_of,
    stored_before,
)
from etabli.features.git import BrokenRepoError, RepackFailedError
from etabli.features.repos import Repo, UnnamedBlobs
from etabli.foundation.durable_files import DiskFullError
from etabli.foundation.errors import EtabliError
from etabli.foundation.event_log import PRUNED_AT_ONCE
from etabli.foundation.jobs import CONSUMER
from etabli.hub import Hub
from etabli.site import Site

log = logging.getLogger(__name__)

MAX_REPOS_NAMED = 20
"""In what is said of one fault: a popular file is held by thousands."""
FORGOTTEN_AT_ONCE = 1000
BUCKETS_AT_ONCE = 500
CLEARED_AT_ONCE = 1000
"""Rows of a deleted bucket: who writes meanwhile waits for no more."""
Skip = Callable[[str, EtabliError], None]
"""Told of each repository that had to be left as it is, and why."""


def log_skipped(name: str, error: EtabliError) -> None:
    reason = error.reason if isinstance(error, BrokenRepoError) else error
    log.warning("the repository %s was left as it is: %s", name, reason)


def give_back(
    site: Site, grace: timedelta = GRACE, *, dry_run: bool = False, skip: Skip = log_skipped
) -> Swept:
    """Give back the space of what no repository needs since `grace`. Idempotent.

    Args:
        dry_run: change nothing, and say what would be done.
        skip: told of repositories that cannot be read: they keep all of their large files.
    """
    with site.read_hub() as hub:
        before = hub.work.now - grace
    if not dry_run:
        _forget_unnamed(site, before, skip)
    try:
        with site.open_hub() as hub:
            swept = hub.blobs.sweeper.sweep(hub.blobs.holdings.needed(), grace)
            if dry_run:
                raise _NothingKept(swept)
    except _NothingKept as nothing:
        swept = nothing.swept
    orphans = list(_orphans(site, before))
    swept = replace(swept, keys=[*swept.keys, *orphans])
    if not dry_run:
        for key in swept.keys:
            site.backends.blobs.delete(key)
        site.backends.blobs.clear_staging(before)
    return swept


def prune_events(site: Site) -> None:
    """Delete the events that are older than `KEPT_FOR`, a few thousand in a unit of work."""
    pruned = PRUNED_AT_ONCE
    while pruned >= PRUNED_AT_ONCE:
        with site.open_hub() as hub:
            pruned = hub.events.prune(CONSUMER)


def tidy_repositories(site: Site, skip: Skip = log_skipped) -> None:
    """On disk, remove what kills and repacks left behind, and repack what was missed.

    Args:
        skip: told of repositories that cannot be tidied.
    """
    with site.read_hub() as hub:
        keys = hub.repos.keys()
    store = site.backends.git
    store.clear_incoming()
    site.backends.upstreams.downloads.clear()
    store.clear_unfinished(partial(_is_known, site))
    for key in keys:
        try:
            store.clear_leftovers(key)
            store.repack(key)
        except (DiskFullError, RepackFailedError, BrokenRepoError) as error:
            skip(key, error)


def _is_known(site: Site, repo_key: str) -> bool:
    with site.read_hub() as hub:
        return hub.repos.by_key(repo_key) is not None


def clear_bucket(site: Site, bucket_key: str) -> None:
    """Forget what a deleted bucket had, some at a time. Idempotent."""
    is_more = True
    while is_more:
        with site.open_hub() as hub:
            is_more = hub.buckets.clear(bucket_key, CLEARED_AT_ONCE)


def check_bytes(site: Site) -> Iterator[Fault]:
    """Read all stored bytes and hash them again; what is not as it was.

    That is set aside and marked as lost, so that it is served no more, and whoever sends it again
    heals it. What was lost before, and lies in its place again, is marked as found. Idempotent; the
    hub may run meanwhile.
    """
    for stored in _all_stored(site):
        fault = _examine(site, stored)
        if fault is not None:
            yield fault


class _NothingKept(Exception):  # noqa: N818 - no error: it takes back what was tried
    def __init__(self, swept: Swept) -> None:
        super().__init__()
        self.swept = swept


def _all_stored(site: Site) -> Iterator[StoredBytes]:
    for kind in Kind:
        name = ""
        while True:
            with site.read_hub() as hub:
                page = hub.blobs.checker.stored_after(kind, name)
            if not page:
                break
            yield from page
            name = page[-1].name


def _examine(site: Site, stored: StoredBytes) -> Fault | None:
    damage = damage_of(site.backends.blobs, stored)
    if damage is not None and not stored.is_lost:
        damage = damage_of(site.backends.blobs, stored)  # once more: memory and wires err, too
    if damage is not None:
        return _set_aside(site, stored, damage)
    if stored.is_lost:
        with site.open_hub() as hub:
            hub.blobs.checker.mark_found(stored)
    return None


def _set_aside(site: Site, stored: StoredBytes, damage: Damage) -> Fault | None:
    """None when it is no fault: deleted or healed meanwhile, or lost before and needed by nobody.

    First the bytes are moved, then the row says so: never does a key lead to what is known to be
    wrong. Killed in between, the next time finds it lost.
    """
    with site.read_hub() as hub:
        if not hub.blobs.checker.is_current(stored):
            return None
    store = site.backends.blobs
    if damage is Damage.LOST and not store.is_there():
        return Fault(stored, damage, "", [], is_noted=False)
    place = store.set_aside(stored.key)
    with site.open_hub() as hub:
        files = hub.blobs.checker.mark_lost(stored)
        buckets = hub.buckets.holders(files, MAX_REPOS_NAMED)
        named = [f"buckets/{name}" for name in buckets]
        repos = [*hub.repos.holders(files, MAX_REPOS_NAMED), *named]
    return None if stored.is_lost and not repos else Fault(stored, damage, place, files, repos)


def _forget_unnamed(site: Site, before: datetime, skip: Skip) -> None:
    _forget_unnamed_of_buckets(site, before)
    with site.read_hub() as hub:
        keys = hub.repos.keys()
    for key in keys:
        with site.read_hub() as hub:
            repo = hub.repos.by_key(key)
            unnamed = _unnamed(hub, repo, before, skip) if repo else None
        if repo is not None and unnamed is not None and unnamed.sha256s:
            with site.open_hub() as hub:
                hub.repos.forget_blobs(repo, unnamed)


def _forget_unnamed_of_buckets(site: Site, before: datetime) -> None:
    for key in _bucket_keys(site):
        while True:
            with site.read_hub() as hub:
                unnamed = hub.buckets.unnamed(key, before, FORGOTTEN_AT_ONCE)
            if not unnamed:
                break
            with site.open_hub() as hub:
                hub.buckets.forget_unnamed(key, before, FORGOTTEN_AT_ONCE)


def _bucket_keys(site: Site) -> Iterator[str]:
    after = ""
    while True:
        with site.read_hub() as hub:
            keys = hub.buckets.keys_after(after, BUCKETS_AT_ONCE)
        if not keys:
            return
        yield from keys
        after = keys[-1]


def _unnamed(hub: Hub, repo: Repo, before: datetime, skip: Skip) -> UnnamedBlobs | None:
    """What it holds and no commit names. All that a repository holds stays when it is not known
    what its commits name."""
    try:
        return hub.repos.unnamed_blobs(repo, before)
    except BrokenRepoError as error:
        skip(repo.full_name, error)
        return None


def _orphans(site: Site, before: datetime) -> Iterator[str]:
    for keys in stored_before(site.backends.blobs, before):
        with site.read_hub() as hub:
            yield from hub.blobs.sweeper.unknown(keys)
