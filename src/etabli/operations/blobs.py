"""Large files on their way in: the bytes first, then the rows."""

from datetime import UTC, datetime, timedelta

from etabli.features.blobs import (
    MIN_CUT_BYTES,
    Blob,
    Holder,
    StagedFile,
    WholeFile,
    can_cut,
    cut,
    publish,
)
from etabli.features.repos import LargeFileArrived, Repo
from etabli.foundation.signing import CAS
from etabli.hub import Hub
from etabli.site import Site

CUT_WITHIN = timedelta(hours=24)


def keep_blob(site: Site, repo: Repo, staged: StagedFile, charged_to: str | None = None) -> Blob:
    """Keep a received file, and note that `repo` holds it. The bytes first, then the rows.

    Args:
        charged_to: whose it counts as, until a proposal with it is merged.

    Raises:
        QuotaReachedError: the namespace that it counts for would hold more than it may.
        DiskFullError: there is no room.
    """
    store(site, staged)
    with site.open_hub() as hub:
        return hold(hub, repo, staged, charged_to)


def store(site: Site, staged: StagedFile) -> None:
    """Put a received file where it is read from, unless its bytes are there: before any row.

    Raises:
        DiskFullError: there is no room.
    """
    with site.read_hub() as hub:
        known = hub.blobs.find(staged.sha256)
        is_here = known is not None and not hub.blobs.is_lost(known)
    if not is_here:
        publish(site.backends.blobs, staged)


def hold(hub: Hub, repo: Repo, staged: StagedFile, charged_to: str | None = None) -> Blob:
    """The rows of a published file that `repo` is to hold: within a unit of work.

    Raises:
        QuotaReachedError: see `keep_blob`.
    """
    hub.repos.hold_blobs(repo, {staged.sha256: staged.size_bytes}, charged_to)
    blob = hub.blobs.keep(staged)
    if blob.file_hash is None and blob.size_bytes >= MIN_CUT_BYTES:
        hub.work.announce(LargeFileArrived(repo.key, blob.sha256))
    return blob


def cut_into_chunks(site: Site, holder: Holder, sha256: str) -> None:
    """Keep in chunks what came in one piece, then only so. Idempotent.

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
        claims = {**holder.values, "scope": "write", "by_hub": True, "epoch": epoch}
        token = site.signer.sign(CAS, claims, now, CUT_WITHIN)
        file = WholeFile(path, sha256, blob.size_bytes)
        expires_at = int((now + CUT_WITHIN).timestamp())
        cut(file, f"{site.settings.own_url}/cas/{epoch}", token, expires_at)
    with site.open_hub() as hub:
        hub.blobs.release_whole(sha256)
