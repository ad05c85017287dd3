"""Commits and what is made of them: the objects on disk first, then the ref."""

from collections.abc import Sequence

from etabli.features.accounts import Actor
from etabli.features.git import AddFile, AddPointer, Change, DeleteFile, PreparedCommit
from etabli.features.repos import Repo
from etabli.operations import blobs, refs
from etabli.operations.retry_on_conflict import MAX_REBASES, retry_on_conflict
from etabli.site import Site


def commit(
    site: Site,
    actor: Actor,
    repo: Repo,
    branch: str,
    changes: Sequence[Change],
    message: str,
    *,
    parent_sha: str | None = None,
) -> PreparedCommit:
    """Commit in two units of work: the objects on disk, then the ref in a short transaction.

    Whoever names no parent takes the branch where it is: when somebody else lands in between,
    the changes are drafted again on top. Whoever names one is refused.

    Raises:
        BranchMovedError: the branch is not, or no longer, at `parent_sha`.
    """
    with site.read_hub() as hub:
        large = hub.repos.large_files(actor, repo, branch, changes)
    changes = keep_large(site, repo, changes, large)

    def draft_and_land() -> PreparedCommit:
        with site.read_hub() as hub:
            draft = hub.repos.draft(actor, repo, branch, changes, message, parent_sha=parent_sha)
        with site.open_hub() as hub:
            hub.repos.land(draft)
        return draft

    draft = retry_on_conflict(draft_and_land, tries=MAX_REBASES if parent_sha is None else 1)
    refs.derive_refs(site, repo.key)
    return draft


def squash(site: Site, actor: Actor, repo: Repo, branch: str, message: str) -> None:
    """Leave of a branch's history its last state only.

    Raises:
        BranchMovedError: somebody else landed in between.
    """
    with site.read_hub() as hub:
        draft = hub.housekeeping.draft_squashed(actor, repo, branch, message)
    with site.open_hub() as hub:
        hub.repos.land(draft)
    refs.derive_refs(site, repo.key)


def delete_large(site: Site, actor: Actor, repo: Repo, sha256s: Sequence[str]) -> None:
    """Delete large files from every branch, by a commit each, and let their bytes go.

    Raises:
        NotAllowedError: `actor` may not write here.
    """
    with site.read_hub() as hub:
        branches = hub.housekeeping.paths_of(repo, sha256s)
    for branch, paths in branches.items():
        if paths:
            changes = [DeleteFile(path) for path in paths]
            commit(site, actor, repo, branch, changes, "Delete large files")
    with site.open_hub() as hub:
        hub.housekeeping.forget(actor, repo, sha256s)


def keep_large(
    site: Site,
    repo: Repo,
    changes: Sequence[Change],
    large: Sequence[Change],
    charged_to: str | None = None,
) -> Sequence[Change]:
    """The same changes, the bytes of what is large kept as if they had been uploaded before."""
    ids = {id(one) for one in large}
    return [_as_pointer(site, repo, one, charged_to) if id(one) in ids else one for one in changes]


def _as_pointer(site: Site, repo: Repo, change: Change, charged_to: str | None) -> Change:
    assert isinstance(change, AddFile)  # noqa: S101 - no other change brings bytes
    with site.backends.blobs.stage() as staged:
        staged.write(change.content)
        staged.finish()
        blob = blobs.keep_blob(site, repo, staged, charged_to)
    return AddPointer(change.path, blob.sha256, blob.size_bytes)
