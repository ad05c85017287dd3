"""The refs of proposals, `refs/pr/N`: commits that wait beside the branches to be merged."""

from collections.abc import Iterable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

import pygit2

from etabli.features.blobs import Blobs
from etabli.features.git import (
    Change,
    CommitBuilder,
    CommitInfo,
    Comparison,
    GitStore,
    PreparedCommit,
    Snapshot,
    commit_info,
    compare,
    damage_named,
    make_commit,
    merge_objects,
    named_large_files,
    read_from,
    require_bounds,
)
from etabli.features.repos.errors import (
    BranchMovedError,
    ConflictingFilesError,
    NothingToMergeError,
    RevisionNotFoundError,
)
from etabli.features.repos.events import RevisionPushed
from etabli.features.repos.lfs_files import LargeFiles, is_large
from etabli.features.repos.models import PULLS, Ref, Repo, full_ref
from etabli.features.repos.prepare_commit import CommitPreparer
from etabli.features.repos.queries import RepoStore
from etabli.foundation.unit_of_work import UnitOfWork

MAX_REMEMBERED = 256
_CONFLICTS: dict[tuple[str, str, str], Sequence[str]] = {}


@dataclass(frozen=True)
class Merge:
    """What merging a proposal would do, its objects safe on disk."""

    draft: PreparedCommit
    proposal: Ref
    brings: Sequence[str]
    """The SHA-256 of the large files that the repository would count as its own from then on."""


class PullRequestRefs:
    """Knows no person: who may do what is for the feature above, which keeps what is said."""

    def __init__(self, work: UnitOfWork, git: GitStore, blobs: Blobs) -> None:
        self._work = work
        self._git = git
        self._store = RepoStore(work.db)
        self._holdings = blobs.holdings
        self._large = LargeFiles(work, self._store, blobs)
        self._drafter = CommitPreparer(work, git, self._large)

    def ref(self, repo: Repo, revision: str) -> Ref:
        """The branch or the proposal of this name.

        Raises:
            RevisionNotFoundError: there is none; a tag or a commit is neither.
        """
        ref = self._store.ref(repo.key, full_ref(revision))
        if ref is None:
            raise RevisionNotFoundError(revision)
        return ref

    def large_files(self, repo: Repo, revision: str, changes: Iterable[Change]) -> Sequence[Change]:
        """Those of the changes whose bytes belong in blobs, as the revision's files say."""
        git, sha = self._git.open(repo.key), self.ref(repo, revision).sha
        attributes = Snapshot(lambda: git, repo.key, sha, self._large.reader(repo.key)).attributes
        return [change for change in changes if is_large(attributes, change)]

    def draft(
        self,
        repo: Repo,
        ref: Ref,
        changes: Iterable[Change],
        message: str,
        author: str | None,
        parent_sha: str | None = None,
    ) -> PreparedCommit:
        """A commit on top of a ref, or of an older commit of it, for `land` or `start`.

        Raises:
            RevisionNotFoundError: `parent_sha` is no commit that leads to the ref.
            LargeFileNotHeldError, InvalidPathError, …: see `Repos.draft`.
        """
        base_sha = self._older(repo, ref, parent_sha) if parent_sha else ref.sha
        return self._drafter.draft(repo, ref.name, base_sha, changes, message, author)

    def draft_squashed(
        self, repo: Repo, base: str, number: int, message: str, author: str
    ) -> PreparedCommit:
        """All that a proposal changes as one commit, for `land`.

        It keeps as its parent where the proposal left its branch, so that it can still be merged.
        Where nothing is left of that, since the branch was squashed too, it has none.

        Raises:
            RevisionNotFoundError: the branch is gone.
            TreeTooLargeError: it has more files or folders than a revision may.
        """
        git = self._git.open(repo.key)
        branch, proposal = self.ref(repo, base), self.ref(repo, f"{PULLS}{number}")
        with damage_named():
            fork = git.merge_base(branch.sha, proposal.sha)
        if fork is not None and str(fork) == proposal.sha:
            return PreparedCommit(repo.key, proposal.name, proposal.sha, proposal.sha)
        parent_sha = str(fork) if fork is not None else None
        builder = CommitBuilder(git, proposal.sha)
        sha, objects = builder.squash(message, author, self._work.now, parent_sha=parent_sha)
        self._git.write_pack(repo.key, objects)
        return PreparedCommit(repo.key, proposal.name, proposal.sha, sha)

    def start(self, repo: Repo, number: int, sha: str) -> None:
        """Show a commit under `refs/pr/<number>`."""
        name = f"{PULLS}{number}"
        self._store.add_ref(Ref(repo_key=repo.key, name=name, sha=sha))
        self._work.announce(
            RevisionPushed(repo.key, name, None, sha), public=self._store.is_public(repo.key)
        )

    def land(self, draft: PreparedCommit) -> None:
        """Move the ref. Unlike a branch's, it is no news of the repository.

        Raises:
            BranchMovedError: it moved meanwhile.
        """
        assert draft.base_sha is not None  # noqa: S101 - such a ref is started, never landed
        if not self._store.move_ref(draft.repo_key, draft.ref, draft.base_sha, draft.commit_sha):
            raise BranchMovedError(draft.ref)
        self._work.announce(
            RevisionPushed(draft.repo_key, draft.ref, draft.base_sha, draft.commit_sha),
            public=self._store.is_public(draft.repo_key),
        )

    def compare(self, repo: Repo, base_sha: str, sha: str) -> Comparison:
        """What `sha` changes, seen from where it left the history of `base_sha`."""
        git = self._git.open(repo.key)
        with damage_named():
            return compare(git, _fork(git, base_sha, sha), sha)

    def commits(self, repo: Repo, since_sha: str, sha: str, most: int) -> Sequence[CommitInfo]:
        """The newest commits that `sha` has and `since_sha` has not, the oldest of them first."""
        git = self._git.open(repo.key)
        with damage_named():
            walker = git.walk(git[sha].id, pygit2.enums.SortMode.TOPOLOGICAL)
            walker.hide(git[since_sha].id)
            return [commit_info(commit) for commit in islice(walker, most)][::-1]

    def conflicts(self, repo: Repo, base_sha: str, sha: str) -> Sequence[str]:
        """The files that keep the two from being merged. Asked by every look at a proposal, so
        that what was found is remembered: two commits never change."""
        where = (repo.key, base_sha, sha)
        found = _CONFLICTS.get(where)
        if found is None:
            found = self._find_conflicts(repo, base_sha, sha)
            if len(_CONFLICTS) >= MAX_REMEMBERED:
                _CONFLICTS.clear()
            _CONFLICTS[where] = found
        return found

    def _find_conflicts(self, repo: Repo, base_sha: str, sha: str) -> Sequence[str]:
        git = self._git.open(repo.key)
        with damage_named():
            if sha == base_sha or git.descendant_of(sha, base_sha):
                return []
        with self._git.quarantine(repo.key) as apart, damage_named():
            return merge_objects(apart, base_sha, sha).conflicts

    def draft_merge(self, repo: Repo, base: str, number: int, message: str, author: str) -> Merge:
        """Forward to the proposal if the branch stands where it began, else a commit of both.

        Raises:
            RevisionNotFoundError: the branch is gone.
            NothingToMergeError: the branch has all of it already.
            ConflictingFilesError: both changed the same lines, or the same binary files.
            TreeTooLargeError: together they are more than a revision may have.
        """
        git = self._git.open(repo.key)
        branch, proposal = self.ref(repo, base), self.ref(repo, f"{PULLS}{number}")
        if branch.sha == proposal.sha or git.descendant_of(branch.sha, proposal.sha):
            raise NothingToMergeError(branch.short_name)
        commit_sha = proposal.sha
        if not git.descendant_of(proposal.sha, branch.sha):
            commit_sha = self._merge_commit(repo, branch, proposal, message, author)
        draft = PreparedCommit(repo.key, branch.name, branch.sha, commit_sha)
        return Merge(draft, proposal, self._brings(git, repo, branch, proposal))

    def land_merge(self, repo: Repo, merge: Merge) -> None:
        """Move the branch, and count the large files as the repository's.

        Raises:
            BranchMovedError: the branch or the proposal moved meanwhile.
            QuotaReachedError: the repository's namespace has no room for them.
        """
        name, sha = merge.proposal.name, merge.proposal.sha
        # Moved to where it is: nobody else moves it until this transaction ends.
        if not self._store.move_ref(repo.key, name, sha, sha):
            raise BranchMovedError(name)
        links = self._holdings.find(repo.holder, merge.brings)
        more = {link.sha256: link.size_bytes for link in links.values()}
        self._large.require_room(repo, more)
        self._holdings.charge(repo.holder, merge.brings, repo.namespace)
        self.land(merge.draft)
        self._store.touch(repo.key, self._work.now)

    def _merge_commit(
        self, repo: Repo, branch: Ref, proposal: Ref, message: str, author: str
    ) -> str:
        with self._git.quarantine(repo.key) as apart:
            merged = merge_objects(apart, branch.sha, proposal.sha)
            if merged.conflicts:
                raise ConflictingFilesError(branch.short_name, merged.conflicts)
            require_bounds(merged.tree_sha, read_from(apart.open()))
        parents = [branch.sha, proposal.sha]
        commit = make_commit(merged.tree_sha, parents, message, author, self._work.now)
        self._git.write_pack(repo.key, [*merged.objects, commit])
        return commit.id.decode()

    def _brings(
        self, git: pygit2.Repository, repo: Repo, branch: Ref, proposal: Ref
    ) -> Sequence[str]:
        brought = set(self._holdings.charged_to_others(repo.holder, repo.namespace))
        if not brought:
            return []
        return sorted(brought & named_large_files(git, [proposal.sha], known=[branch.sha]))

    def _older(self, repo: Repo, ref: Ref, sha: str) -> str:
        git = self._git.open(repo.key)
        with suppress(ValueError):  # no SHA-1, or several begin so
            found = git.get(sha)
            if isinstance(found, pygit2.Commit) and (
                str(found.id) == ref.sha or git.descendant_of(ref.sha, found.id)
            ):
                return str(found.id)
        raise RevisionNotFoundError(sha)


def _fork(git: pygit2.Repository, base_sha: str, sha: str) -> str:
    """Where two histories part; of two that share nothing, the first one's end."""
    return str(git.merge_base(base_sha, sha) or base_sha)
