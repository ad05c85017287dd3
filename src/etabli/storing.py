"""Deeds on stored bytes that take several units of work: the bytes first, then the rows."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import IO

from etabli.features.blobs import (
    GRACE,
    Damage,
    Fault,
    IndexedXorb,
    Kind,
    StagedFile,
    StoredBytes,
    Swept,
    TooLargeError,
    WholeFile,
    can_cut,
    cut,
    damage_of,
    stored_before,
    verify_sha256,
    verify_xorb,
)
from etabli.features.repos import RepackFailedError, RepoNotFoundError
from etabli.foundation.disk import DiskFullError
from etabli.foundation.signing import CAS
from etabli.hub import Site

log = logging.getLogger(__name__)

CUT_WITHIN = timedelta(hours=24)
MAX_REPOS_NAMED = 20
"""In what is said of one fault: a popular file is held by thousands."""
Progress = Callable[[int, int], None]
"""Told how many bytes are verified, and of how many."""


def keep_xorb(site: Site, xorb_hash: str, staged: StagedFile) -> bool:
    """Check a received xorb and keep it; False when it was here already.

    Raises:
        BadXorbError: it is not valid, or not the xorb of that hash.
        DiskFullError: there is no room.
    """
    index = verify_xorb(site.backends.blobs, staged, xorb_hash)
    with site.open_hub() as hub:
        return hub.blobs.chunked.keep_xorb(xorb_hash, staged, index)


def keep_shard(
    site: Site,
    repo_key: str,
    shard: IO[bytes],
    progress: Progress,
    brought_by: str | None = None,
) -> None:
    """Check all that a shard says, then keep its files for one repository, or none of them.

    Args:
        brought_by: whose they count as, until a proposal with them is merged.

    Raises:
        BadShardError: something in it is not true.
        RepoNotFoundError: the repository was deleted meanwhile.
        TooLargeError, QuotaReachedError: a file is over the limits of this hub.
    """
    most_gb = site.settings.max_large_file_gb
    with site.read_hub() as hub:
        checked = hub.blobs.chunked.check(shard)
        known = [hub.blobs.chunked.find_verified(file) for file in checked]
    if any(file.size_bytes > most_gb * 1_000_000_000 for file in checked):
        raise TooLargeError(most_gb)
    total_bytes, done_bytes = sum(file.size_bytes for file in checked), 0
    store, load = site.backends.blobs, partial(_load_xorbs, site)
    verified = []
    for file, as_before in zip(checked, known, strict=True):
        progress(done_bytes, total_bytes)
        tell = partial(_tell_of_all, progress, done_bytes, total_bytes)
        verified.append(as_before or verify_sha256(store, file, load, tell))
        done_bytes += file.size_bytes
    with site.open_hub() as hub:
        repo = hub.repos.by_key(repo_key)
        if repo is None:
            raise RepoNotFoundError(repo_key)
        more = {file.sha256: file.checked.size_bytes for file in verified}
        hub.repos.require_room(repo, more, site.settings.namespace_quota_bytes, brought_by)
        for blob in hub.blobs.chunked.keep_files(verified):
            hub.repos.link_blob(repo, blob.sha256, blob.size_bytes, brought_by)


def cut_into_chunks(site: Site, repo_key: str, sha256: str) -> None:
    """Keep in chunks what came in one piece, then only so. Bears a repetition.

    What lies in S3 stays as it is: there, one piece is what a reader can be sent to.

    Raises:
        CuttingFailedError: the hub could not be reached, or refused.
    """
    with site.read_hub() as hub:
        blob, epoch = hub.blobs.find(sha256), hub.blobs.chunked.epoch()
        path = hub.blobs.local_path(blob) if blob else None
    if blob is None or path is None or not can_cut():
        return
    if blob.file_hash is None:
        now = datetime.now(UTC)
        claims = {"repo": repo_key, "scope": "write", "by_hub": True, "epoch": epoch}
        token = site.signer.sign(CAS, claims, now, CUT_WITHIN)
        file = WholeFile(path, sha256, blob.size_bytes)
        expires_at = int((now + CUT_WITHIN).timestamp())
        cut(file, f"{site.settings.own_url}/cas/{epoch}", token, expires_at)
    with site.open_hub() as hub:
        hub.blobs.let_go_of_whole(sha256)


def give_back(site: Site, grace: timedelta = GRACE, *, dry_run: bool = False) -> Swept:
    """Give back the space of what no repository needs since `grace`. Bears a repetition.

    Args:
        dry_run: change nothing, and say what would be done.
    """
    with site.read_hub() as hub:
        before = hub.work.now - grace
    if not dry_run:
        _forget_unnamed(site, before)
    try:
        with site.open_hub() as hub:
            swept = hub.blobs.sweeper.sweep(hub.repos.needed_blobs(), grace)
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


def tidy_repositories(site: Site) -> None:
    """On disk, remove what kills and repacks left behind, and repack what was missed."""
    with site.read_hub() as hub:
        keys = hub.repos.keys()
    store = site.backends.git
    store.clear_incoming()
    for key in keys:
        store.clear_leftovers(key)
        try:
            store.repack(key)
        except (DiskFullError, RepackFailedError) as error:
            log.warning("%s", error)


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


def _load_xorbs(site: Site, hashes: Sequence[bytes]) -> Mapping[bytes, IndexedXorb]:
    with site.read_hub() as hub:
        return hub.blobs.chunked.load(hashes)


def _tell_of_all(progress: Progress, before_bytes: int, total_bytes: int, file_bytes: int) -> None:
    progress(before_bytes + file_bytes, total_bytes)


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
        repos = hub.repos.holders(files, MAX_REPOS_NAMED)
    return None if stored.is_lost and not repos else Fault(stored, damage, place, files, repos)


def _forget_unnamed(site: Site, before: datetime) -> None:
    with site.read_hub() as hub:
        keys = hub.repos.keys()
    for key in keys:
        with site.read_hub() as hub:
            repo = hub.repos.by_key(key)
            unnamed = hub.repos.unnamed_blobs(repo, before) if repo else None
        if repo is not None and unnamed is not None and unnamed.sha256s:
            with site.open_hub() as hub:
                hub.repos.forget_blobs(repo, unnamed)


def _orphans(site: Site, before: datetime) -> Iterator[str]:
    for keys in stored_before(site.backends.blobs, before):
        with site.read_hub() as hub:
            yield from hub.blobs.sweeper.unknown(keys)
