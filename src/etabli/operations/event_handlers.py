"""What happens when: the one page that says which event leads to which background work.

A reaction runs later, in a worker, and perhaps twice: keep each to one call of a verb that bears a
repetition. One that takes seconds or more goes in a lane for such and opens its own units of work.
"""

import logging
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from etabli.features.blobs import Holder, HolderKind
from etabli.features.buckets import (
    BucketChanged,
    BucketCreated,
    BucketDeleted,
    BucketHidden,
    BucketMoved,
    BucketShown,
)
from etabli.features.catalogue import UnreadableRepoError
from etabli.features.community import (
    CommentPosted,
    DiscussionOpened,
    DiscussionStatusChanged,
)
from etabli.features.repos import (
    GateChanged,
    LargeFileArrived,
    PacksPiledUp,
    RefDeleted,
    RepoCreated,
    RepoDeleted,
    RepoHidden,
    RepoMoved,
    RepoShown,
    RevisionPushed,
)
from etabli.features.workshop import RunDeleted, RunQueued
from etabli.foundation.events import Event
from etabli.operations import refs, training
from etabli.operations.blobs import cut_into_chunks
from etabli.operations.indexing import index_repo
from etabli.operations.maintenance import clear_bucket
from etabli.site import Site

log = logging.getLogger(__name__)

Reaction = Callable[[Site, Any], None]


def index_in_catalogue(
    site: Site,
    event: RepoMoved
    | RepoShown
    | RepoHidden
    | GateChanged
    | RepoDeleted
    | RevisionPushed
    | LargeFileArrived,
) -> None:
    try:
        index_repo(site, event.repo_key)
    except UnreadableRepoError as error:
        log.warning("%s", error)  # its entry stays as it was; to try again would change nothing


def clear_folder(site: Site, event: RepoDeleted) -> None:
    with site.open_hub() as hub:
        hub.repos.clear(event.repo_key)


def derive_refs(site: Site, event: RevisionPushed | RefDeleted) -> None:
    refs.settle(site, event.repo_key)


def repack(site: Site, event: PacksPiledUp) -> None:
    site.backends.git.repack(event.repo_key)


def make_model(site: Site, event: RunQueued) -> None:
    training.make_run(site, event.run_key)


def clear_run(site: Site, event: RunDeleted) -> None:
    with site.open_hub() as hub:
        hub.workshop.clear(event.run_key)


def cut_large_file(site: Site, event: LargeFileArrived) -> None:
    cut_into_chunks(site, Holder(HolderKind.REPO, event.repo_key), event.sha256)


def index_mirror_again(site: Site, event: LargeFileArrived) -> None:
    """What its weights say of themselves could not be read before they came."""
    with site.read_hub() as hub:
        repo = hub.repos.by_key(event.repo_key)
    if repo is not None and repo.is_mirror:
        index_in_catalogue(site, event)


def clear_deleted_bucket(site: Site, event: BucketDeleted) -> None:
    clear_bucket(site, event.bucket_key)


REACTIONS: Mapping[type[Event], Sequence[Reaction]] = {
    RepoCreated: [],
    RepoMoved: [index_in_catalogue],
    RepoShown: [index_in_catalogue],
    RepoHidden: [index_in_catalogue],
    GateChanged: [index_in_catalogue],
    RepoDeleted: [clear_folder, index_in_catalogue],
    RevisionPushed: [derive_refs, index_in_catalogue],
    RefDeleted: [derive_refs],
    PacksPiledUp: [repack],
    LargeFileArrived: [cut_large_file, index_mirror_again],
    BucketCreated: [],
    BucketMoved: [],
    BucketShown: [],
    BucketHidden: [],
    BucketChanged: [],
    BucketDeleted: [clear_deleted_bucket],
    DiscussionOpened: [],
    CommentPosted: [],
    DiscussionStatusChanged: [],
    RunQueued: [make_model],
    RunDeleted: [clear_run],
}

LONG: Sequence[Reaction] = (make_model,)
"""The reactions of the long lane, which somebody waits for."""

UPKEEP: Sequence[Reaction] = (cut_large_file, clear_deleted_bucket, repack)
"""Those that nobody waits for: long as well, and never before a model that somebody makes."""
