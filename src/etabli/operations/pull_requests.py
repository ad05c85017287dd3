"""Operations on proposals that take several units of work: the objects first, then the rows."""

from collections.abc import Sequence
from dataclasses import dataclass

from etabli.features.accounts import Actor
from etabli.features.community import Discussion
from etabli.features.git import Change, PreparedCommit
from etabli.features.repos import Repo, proposal_number
from etabli.operations import commits, refs
from etabli.operations.retry_on_conflict import MAX_REBASES, retry_on_conflict
from etabli.site import Site


@dataclass(frozen=True)
class Proposed:
    num: int
    commit_sha: str


def propose(
    site: Site,
    actor: Actor,
    repo: Repo,
    base: str,
    changes: Sequence[Change],
    title: str,
    description: str = "",
    *,
    parent_sha: str | None = None,
) -> Proposed:
    """A new proposal for a branch, and its first commit.

    Raises:
        NotAllowedError: `actor` may not take part here.
        RevisionNotFoundError: there is no such branch, or no such commit on it.
        TooManyOpenError, TextTooLongError: see `PullRequests.open`.
    """
    changes = _keep_large(site, actor, repo, base, changes)
    message = f"{title}\n\n{description}".strip()
    with site.read_hub() as hub:
        draft = hub.proposals.draft(actor, repo, base, changes, message, parent_sha)
    with site.open_hub() as hub:
        num = hub.proposals.open(actor, repo, draft, title, description).num
    refs.derive_refs(site, repo.key)
    return Proposed(num, draft.commit_sha)


def commit(
    site: Site,
    actor: Actor,
    repo: Repo,
    revision: str,
    changes: Sequence[Change],
    message: str,
    *,
    parent_sha: str | None = None,
) -> str:
    """Commit to a branch, or to a proposal by its ref; the SHA-1 of the commit.

    Raises:
        NotAllowedError, RevisionNotFoundError, BranchMovedError: see `commits.commit`.
        PullRequestClosedError: the proposal takes no more commits.
    """
    num = proposal_number(revision)
    if num is None:
        draft = commits.commit(site, actor, repo, revision, changes, message, parent_sha=parent_sha)
        return draft.commit_sha
    with site.read_hub() as hub:
        hub.proposals.require_sender(actor, repo, revision, proposes=False)
    changes = _keep_large(site, actor, repo, revision, changes)

    def draft_and_land() -> PreparedCommit:
        with site.read_hub() as hub:
            draft = hub.proposals.draft_more(actor, repo, num, changes, message, parent_sha)
        with site.open_hub() as hub:
            hub.proposals.add(actor, repo, num, draft, message)
        return draft

    draft = retry_on_conflict(draft_and_land, tries=MAX_REBASES if parent_sha is None else 1)
    refs.derive_refs(site, repo.key)
    return draft.commit_sha


def squash(site: Site, actor: Actor, repo: Repo, revision: str, message: str) -> None:
    """Leave of a branch's history its last state only; of a proposal, by its ref, one commit.

    Raises:
        NotAllowedError, RevisionNotFoundError: see `commits.squash`.
        PullRequestClosedError: the proposal takes no more commits.
        BranchMovedError: somebody else landed in between.
    """
    num = proposal_number(revision)
    if num is None:
        commits.squash(site, actor, repo, revision, message)
        return
    with site.read_hub() as hub:
        draft = hub.proposals.draft_squashed(actor, repo, num, message)
    with site.open_hub() as hub:
        hub.proposals.add(actor, repo, num, draft, message)
    refs.derive_refs(site, repo.key)


def merge(site: Site, actor: Actor, repo: Repo, num: int, comment: str = "") -> Discussion:
    """Merge a proposal, drafted again when the branch moves meanwhile.

    Raises:
        NotAllowedError: `actor` may not write here.
        ConflictingFilesError, NothingToMergeError, DraftPullRequestError, …: see
            `PullRequests.draft_merge`; QuotaReachedError: see `PullRequests.merge`.
    """

    def draft_and_land() -> Discussion:
        with site.read_hub() as hub:
            drafted = hub.proposals.draft_merge(actor, repo, num)
        with site.open_hub() as hub:
            return hub.proposals.merge(actor, repo, num, drafted, comment)

    merged = retry_on_conflict(draft_and_land)
    refs.derive_refs(site, repo.key)
    return merged


def _keep_large(
    site: Site, actor: Actor, repo: Repo, revision: str, changes: Sequence[Change]
) -> Sequence[Change]:
    """The same changes, the bytes of what is large kept, in the count of whoever brings them."""
    with site.read_hub() as hub:
        large = hub.proposals.large_files(actor, repo, revision, changes)
        charged_to = hub.repos.quota_owner(actor, repo)
    return commits.keep_large(site, repo, changes, large, charged_to)
