"""What holds files, of whatever kind: where bytes arrive, it makes no difference which."""

from collections.abc import Mapping

from etabli.features.blobs import Holder, HolderKind
from etabli.features.buckets import Bucket, BucketNotFoundError
from etabli.features.repos import Repo, RepoNotFoundError
from etabli.hub import Hub

Holding = Repo | Bucket


def get(hub: Hub, holder: Holder) -> Holding:
    """
    Raises:
        RepoNotFoundError, BucketNotFoundError: it is gone.
    """
    if holder.kind is HolderKind.BUCKET:
        bucket = hub.buckets.by_key(holder.key)
        if bucket is None:
            raise BucketNotFoundError(holder.key)
        return bucket
    repo = hub.repos.by_key(holder.key)
    if repo is None:
        raise RepoNotFoundError(holder.key)
    return repo


def require_room(
    hub: Hub, holding: Holding, more: Mapping[str, int], charged_to: str | None = None
) -> None:
    """
    Raises:
        QuotaReachedError: the namespace that it counts for would hold more than it may.
    """
    if isinstance(holding, Bucket):
        hub.buckets.require_room(holding, more)
    else:
        hub.repos.require_room(holding, more, charged_to)


def hold(
    hub: Hub, holding: Holding, more: Mapping[str, int], charged_to: str | None = None
) -> None:
    """Note that it holds these bytes: the SHA-256 and the size of each. Idempotent.

    Args:
        charged_to: whose they count as in a repository, until the proposal that they are for is
            merged. What a bucket holds is its owner's.

    Raises:
        QuotaReachedError: see `require_room`.
    """
    if isinstance(holding, Bucket):
        hub.buckets.hold(holding, more)
    else:
        hub.repos.hold_blobs(holding, more, charged_to)
