"""The verbs of proposing: commits beside the branches, and what becomes of them."""

from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet

from etabli.features.accounts import Accounts, Actor, Permission, can
from etabli.features.community.errors import (
    DraftPullRequestError,
    NotAPullRequestError,
    PullRequestClosedError,
)
from etabli.features.community.models import (
    LONGEST_TITLE,
    Discussion,
    EventType,
    Filter,
    Kind,
    Status,
)
from etabli.features.community.rules import Rules, checked_text
from etabli.features.git import Change, CommitInfo, Comparison, PreparedCommit
from etabli.features.repos import (
    DEFAULT_BRANCH,
    BranchMovedError,
    Merge,
    PullRequestRefs,
    RefUpdate,
    Repo,
    Repos,
    RevisionNotFoundError,
    proposal_number,
)
from etabli.foundation.i18n.messages import plain
from etabli.foundation.unit_of_work import UnitOfWork

MAX_COMMITS_NOTED = 50
"""Of one push."""


class PullRequests:
    """Propose a change, add to it, merge it.

    To propose is for whoever may read the repository and has signed in. Only the author and those
    who may write there add commits; only those who may write there merge.
    """

    def __init__(
        self, work: UnitOfWork, accounts: Accounts, repos: Repos, pulls: PullRequestRefs
    ) -> None:
        self._accounts = accounts
        self._repos = repos
        self._pulls = pulls
        self._rules = Rules(work, accounts, repos)
        self._store = self._rules.store

    # Who may send what a commit needs

    def require_sender(
        self, actor: Actor, repo: Repo, revision: str | None, *, proposes: bool
    ) -> None:
        """For files that are sent before the commit which names them.

        Args:
            revision: a branch or a proposal's ref; None when the sender does not say.
            proposes: whether a new proposal is to come of it.

        Raises:
            NotAllowedError: `actor` may not commit there.
            RevisionNotFoundError: there is no such proposal.
            PullRequestClosedError: it is closed.
        """
        self._rules.require_proposer(actor, repo)
        if proposes:
            return
        num = proposal_number(revision or "")
        if num is not None:
            self._changeable(actor, repo, num)
        elif revision is not None:
            self._rules.require_writer(actor, repo)

    def large_files(
        self, actor: Actor, repo: Repo, revision: str, changes: Iterable[Change]
    ) -> Sequence[Change]:
        """Those of the changes whose bytes belong in blobs, for whoever may propose them."""
        self._rules.require_proposer(actor, repo)
        return self._pulls.large_files(repo, revision, changes)

    # Proposing

    def draft(
        self,
        actor: Actor,
        repo: Repo,
        base: str,
        changes: Iterable[Change],
        message: str,
        parent_sha: str | None = None,
    ) -> PreparedCommit:
        """The commit of a new proposal for a branch; `open` then shows it.

        Args:
            parent_sha: the commit that it begins from, which may be behind the branch.

        Raises:
            RevisionNotFoundError: there is no such branch, or no such commit on it.
            LargeFileNotHeldError, InvalidPathError, …: see `Repos.draft`.
        """
        self._rules.require_proposer(actor, repo)
        ref = self._pulls.ref(repo, base)
        if ref.is_pull_request:
            raise RevisionNotFoundError(base)
        return self._pulls.draft(repo, ref, changes, message, actor.name, parent_sha)

    def open(
        self, actor: Actor, repo: Repo, draft: PreparedCommit, title: str, description: str
    ) -> Discussion:
        """With this transaction the proposal is there, and its commit with it.

        Raises:
            TextTooLongError, TooManyOpenError: see `Community.open`. A long title is shortened:
                it is a commit's first line.
        """
        title = " ".join(plain(title).split()) or "Update"
        status = Status.DRAFT if draft.changes_nothing else Status.OPEN
        proposal = self._rules.begin(
            actor, repo, _shortened(title), description, status=status, base=draft.ref
        )
        self._pulls.start(repo, proposal.num, draft.commit_sha)
        if not draft.changes_nothing:
            author = actor.name or ""
            self._rules.note(proposal, EventType.COMMIT, author, title, draft.commit_sha)
        return proposal

    def open_empty(self, actor: Actor, repo: Repo, title: str, description: str) -> Discussion:
        """A draft of a proposal, for commits to come."""
        main = self._pulls.ref(repo, DEFAULT_BRANCH)
        proposal = self._rules.begin(
            actor, repo, title, description, status=Status.DRAFT, base=main.name
        )
        self._pulls.start(repo, proposal.num, main.sha)
        return proposal

    def draft_more(
        self,
        actor: Actor,
        repo: Repo,
        num: int,
        changes: Iterable[Change],
        message: str,
        parent_sha: str | None = None,
    ) -> PreparedCommit:
        """One more commit of a proposal; `add` then lands it.

        Raises:
            NotAllowedError: it is somebody else's, and `actor` may not write here.
            PullRequestClosedError: it is no longer open.
            BranchMovedError: the proposal is not at `parent_sha`.
        """
        proposal = self._changeable(actor, repo, num)
        ref = self._pulls.ref(repo, proposal.ref)
        if parent_sha is not None and not (parent_sha and ref.sha.startswith(parent_sha)):
            raise BranchMovedError(ref.name)
        return self._pulls.draft(repo, ref, changes, message, actor.name)

    def draft_squashed(self, actor: Actor, repo: Repo, num: int, message: str) -> PreparedCommit:
        """All that a proposal changes as one commit; `add` then lands it.

        Raises:
            NotAllowedError: it is somebody else's, and `actor` may not write here.
            PullRequestClosedError: it is no longer open.
            RevisionNotFoundError: there is no such proposal, or its branch is gone.
        """
        proposal = self._changeable(actor, repo, num)
        base, author = proposal.base or DEFAULT_BRANCH, actor.name or ""
        return self._pulls.draft_squashed(repo, base, num, message, author)

    def add(self, actor: Actor, repo: Repo, num: int, draft: PreparedCommit, subject: str) -> None:
        """
        Raises:
            BranchMovedError: somebody else added a commit in between.
        """
        self._rules.lock(repo, num)
        proposal = self._changeable(actor, repo, num)
        if draft.changes_nothing:
            return
        self._pulls.land(draft)
        title = _shortened(plain(subject).partition("\n")[0])
        self._rules.note(proposal, EventType.COMMIT, actor.name or "", title, draft.commit_sha)

    # Pushing by git

    def require_pusher(self, actor: Actor, repo: Repo) -> None:
        """For whoever may push anything here: to branches, or to an open proposal of their own.

        Raises:
            NotAllowedError: there is nothing here that `actor` may push to.
        """
        own = Filter(kind=Kind.PROPOSAL, is_open=True, author=actor.name)
        takes_part = self._repos.access.may(actor, Permission.PROPOSE, repo)
        if not (takes_part and self._store.count(repo.key, own)):
            self._rules.require_writer(actor, repo)

    def pushable(self, actor: Actor, repo: Repo, names: Iterable[str]) -> AbstractSet[str]:
        """Those of these refs that are open proposals which this actor may add commits to."""
        found = set()
        for name in names:
            num = proposal_number(name)
            proposal = self._store.find(repo.key, num) if num else None
            if proposal and proposal.status.is_open and self._is_theirs(actor, repo, proposal):
                found.add(name)
        return found

    def pushed_commits(
        self, repo: Repo, updates: Iterable[RefUpdate]
    ) -> Mapping[int, Sequence[CommitInfo]]:
        """By the number of each proposal: the commits that were pushed to it, the newest of them.

        It reads the history, and is asked before the refs move.
        """
        found: dict[int, Sequence[CommitInfo]] = {}
        shas = {ref.name: ref.sha for ref in self._repos.refs(repo)}
        for update in updates:
            num = proposal_number(update.name)
            if num is None or update.new_sha is None or update.old_sha is None:
                continue
            if shas.get(update.name) == update.old_sha:  # or else it will not move
                found[num] = self._pulls.commits(
                    repo, update.old_sha, update.new_sha, MAX_COMMITS_NOTED
                )
        return found

    def note_pushed(
        self, actor: Actor, repo: Repo, pushed: Mapping[int, Sequence[CommitInfo]]
    ) -> None:
        """Note in each proposal the commits that were pushed to it.

        Args:
            pushed: see `pushed_commits`.

        Raises:
            PullRequestClosedError: it was closed or merged since `pushable` was asked.
        """
        for num, commits in pushed.items():
            self._rules.lock(repo, num)
            proposal = self._changeable(actor, repo, num)
            for commit in commits:
                title = _shortened(plain(commit.title))
                author = actor.name or ""
                self._rules.note(proposal, EventType.COMMIT, author, title, commit.sha)

    # Reading

    def head(self, repo: Repo, proposal: Discussion) -> str:
        """The SHA-1 of its newest commit."""
        return self._pulls.ref(repo, proposal.ref).sha

    def compare(self, repo: Repo, proposal: Discussion) -> Comparison | None:
        """What it changes, or has changed; None when its branch is gone."""
        try:
            return self._pulls.compare(repo, self._base(repo, proposal), self.head(repo, proposal))
        except RevisionNotFoundError:
            return None

    def conflicts(self, repo: Repo, proposal: Discussion) -> Sequence[str]:
        """The files that keep it from being merged; none once it is no longer open."""
        if not proposal.status.is_open:
            return []
        try:
            base = self._base(repo, proposal)
            return self._pulls.conflicts(repo, base, self.head(repo, proposal))
        except RevisionNotFoundError:
            return []

    def commits(self, repo: Repo, proposal: Discussion, most: int) -> Sequence[CommitInfo]:
        base = self._base(repo, proposal)
        return self._pulls.commits(repo, base, self.head(repo, proposal), most)

    # Merging

    def draft_merge(self, actor: Actor, repo: Repo, num: int) -> Merge:
        """What merging would do, its objects on disk; `merge` then does it.

        Raises:
            NotAllowedError: `actor` may not write here.
            NotAPullRequestError, PullRequestClosedError, DraftPullRequestError: it is not to
                be merged.
            NothingToMergeError, ConflictingFilesError, RevisionNotFoundError: it cannot be.
        """
        name = self._rules.require_writer(actor, repo)
        proposal = self._mergeable(self._rules.get(repo, num))
        message = f"{proposal.title} (#{num})"
        return self._pulls.draft_merge(repo, proposal.base or "", num, message, name)

    def merge(
        self,
        actor: Actor,
        repo: Repo,
        num: int,
        merge: Merge,
        comment: str = "",
    ) -> Discussion:
        """With this transaction the branch shows it.

        Raises:
            BranchMovedError: the branch or the proposal moved meanwhile.
            QuotaReachedError: its large files would be more than the repository's owner may hold.
        """
        name = self._rules.require_writer(actor, repo)
        proposal = self._mergeable(self._rules.lock(repo, num))
        self._pulls.land_merge(repo, merge)
        proposal.status = Status.MERGED
        proposal.merged_onto = merge.draft.base_sha
        proposal.merge_sha = merge.draft.commit_sha
        if comment.strip():
            self._rules.note(proposal, EventType.COMMENT, name, checked_text(comment))
        self._rules.note(proposal, EventType.STATUS, name, Status.MERGED)
        return proposal

    def _changeable(self, actor: Actor, repo: Repo, num: int) -> Discussion:
        self._rules.require_proposer(actor, repo)
        proposal = self._store.find(repo.key, num)
        if proposal is None or not proposal.is_pull_request:
            raise RevisionNotFoundError(f"refs/pr/{num}")
        self._rules.require_author(actor, repo, proposal.author)
        if not proposal.status.is_open:
            raise PullRequestClosedError(num)
        return proposal

    def _mergeable(self, proposal: Discussion) -> Discussion:
        if not proposal.is_pull_request:
            raise NotAPullRequestError(proposal.num)
        if proposal.status is Status.DRAFT:
            raise DraftPullRequestError(proposal.num)
        if not proposal.status.is_open:
            raise PullRequestClosedError(proposal.num)
        return proposal

    def _is_theirs(self, actor: Actor, repo: Repo, proposal: Discussion) -> bool:
        if can(actor, Permission.WRITE_REPO, repo.resource):
            return True
        may = self._repos.access.may(actor, Permission.PROPOSE, repo)
        return may and actor.name == proposal.author

    def _base(self, repo: Repo, proposal: Discussion) -> str:
        return proposal.merged_onto or self._pulls.ref(repo, proposal.base or "").sha


def _shortened(title: str) -> str:
    return title if len(title) <= LONGEST_TITLE else f"{title[: LONGEST_TITLE - 1]}…"
