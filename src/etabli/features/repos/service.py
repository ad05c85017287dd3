"""The verbs of repos."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime

from sqlalchemy import Select

from etabli.features.accounts import Accounts, Actor, Permission, Scope, can, is_valid_name
from etabli.features.blobs import Blobs, HolderKind, Space
from etabli.features.git import (
    Attributes,
    Change,
    GitStore,
    PreparedCommit,
    Snapshot,
    named_large_files,
)
from etabli.features.repos.access import Access
from etabli.features.repos.card_check import DEFAULT_SDK
from etabli.features.repos.errors import (
    BranchMovedError,
    InvalidRepoNameError,
    RevisionNotFoundError,
)
from etabli.features.repos.events import (
    RepoDeleted,
    RepoHidden,
    RepoMoved,
    RepoShown,
    RevisionPushed,
)
from etabli.features.repos.lfs_files import LargeFiles, UnnamedBlobs, is_large
from etabli.features.repos.models import (
    DEFAULT_BRANCH,
    HEADS,
    PULLS,
    Ref,
    Repo,
    RepoType,
    short_name,
)
from etabli.features.repos.new_repos import NewRepo, NewRepos, write_commits
from etabli.features.repos.prepare_commit import CommitPreparer
from etabli.features.repos.public_events import PublicEvents
from etabli.features.repos.queries import RepoStore
from etabli.features.repos.revisions import resolve
from etabli.foundation.unit_of_work import UnitOfWork


class Repos:
    """Create and find repositories, read them at a revision, and change them by commits."""

    def __init__(self, work: UnitOfWork, accounts: Accounts, git: GitStore, blobs: Blobs) -> None:
        self._work = work
        self._accounts = accounts
        self._git = git
        self._store = RepoStore(work.db)
        self.access = Access(work, accounts, self._store)
        self._holdings = blobs.holdings
        self._large = LargeFiles(work, self._store, blobs)
        self._new = NewRepos(work, accounts, self._store, self._large)
        self._drafter = CommitPreparer(work, git, self._large)
        self._public_events = PublicEvents(work)
        self._default_shas: dict[str, str] = {}
        """Where the default branches are, of what was found: only where nothing moves them."""

    # Repositories

    def create(
        self,
        actor: Actor,
        type: RepoType,
        namespace: str,
        name: str,
        *,
        private: bool | None = None,
        sdk: str = DEFAULT_SDK,
    ) -> Repo:
        """Create a repository with one commit, which says which files are large, all at once.

        It writes on disk: where others wait to write, `operations.new_repos` does it in parts.

        Args:
            private: None: as the namespace has its new ones.
            sdk: what a space is to be run with, as its README.md then says.

        Raises:
            InvalidRepoNameError: `name` breaks the naming rule.
            SignInNeededError, NotAllowedError: `actor` may not write in `namespace`.
            RepoExistsError: the name is taken.
        """
        new = self.plan(actor, type, namespace, name, private=private, sdk=sdk)
        return self.land_new(actor, new, write_commits(self._git, new))

    def is_private_by_default(self, namespace: str) -> bool:
        """What its owner's new repositories are when nobody says; False for nobody's name."""
        return self._new.is_private_by_default(namespace)

    def plan(
        self,
        actor: Actor,
        type: RepoType,
        namespace: str,
        name: str,
        *,
        private: bool | None = None,
        sdk: str = DEFAULT_SDK,
    ) -> NewRepo:
        """What a new repository would be: `write_commits` and `land_new` then make it.

        Args: as for `create`. Raises: as `create`.
        """
        return self._new.plan(actor, type, namespace, name, private, sdk)

    def land_new(
        self, actor: Actor, new: NewRepo, sha: str, held: Mapping[str, int] | None = None
    ) -> Repo:
        """With this transaction the repository is there, at the commit `sha`. It reads no git.

        Args:
            held: the SHA-256 and the size of each of its large files.

        Raises:
            NotAllowedError, RepoExistsError: the name is not, or no longer, to be had.
            QuotaReachedError: its namespace would hold more large files than it may.
        """
        return self._new.land(actor, new, sha, held or {})

    def require_free(self, actor: Actor, type: RepoType, namespace: str, name: str) -> str:
        """The namespace as it is written, where `actor` could create a repository now.

        Raises: as `create`.
        """
        return self._new.require_free(actor, type, namespace, name)

    def get(
        self,
        actor: Actor,
        type: RepoType,
        full_name: str,
        permission: Permission = Permission.READ_REPO,
    ) -> Repo:
        """A repository, for an actor who may do with it what `permission` says.

        Raises:
            RepoNotFoundError: there is none, or none that `actor` may see.
            RepoMovedError: there was one, which `actor` may see under its new name.
            SignInNeededError, NotAllowedError, GatedRepoError: `actor` may see it, and not do this.
        """
        repo = self._find(type, full_name)
        if repo is None or not self.access.is_known(actor, permission, repo):
            raise self.access.missing(actor, type, full_name)
        self.access.require(actor, permission, repo)
        return repo

    def _find(self, type: RepoType, full_name: str) -> Repo | None:
        if not self._work.only_reads:
            return self._store.find(type, full_name)
        repo, sha = self._store.find_at_branch(type, full_name, DEFAULT_BRANCH) or (None, None)
        if repo is not None and sha is not None:
            self._default_shas[repo.key] = sha
        return repo

    def by_key(self, key: str) -> Repo | None:
        """For reactions: the repository behind an event, unless it is gone by now."""
        return self._store.get(key)

    def keys(self) -> Sequence[str]:
        """Every repository, for the upkeep of the site."""
        return self._store.keys()

    def keys_after(self, key: str, limit: int) -> Sequence[str]:
        """The next repositories in the order of their keys, for upkeep that goes batch by batch."""
        return self._store.keys_after(key, limit)

    def visible_to(self, actor: Actor, scope: Scope = Scope.READ) -> Select[Repo]:
        """For features above: a query of every repository that `actor` may see, to narrow."""
        return self._store.visible_to(actor, scope)

    def set_private(self, actor: Actor, repo: Repo, private: bool) -> Repo:
        """Hide a repository from all but its namespace's members, or show it."""
        repo = self._again(actor, repo, Permission.ADMIN_REPO)
        if repo.private == private:
            return repo
        self._store.set_private(repo, private)
        if private:
            self._public_events.hide(repo.key)
            self._work.announce(RepoHidden(repo.key), public=True)
        else:
            self._work.announce(RepoShown(repo.key, repo.type, repo.full_name), public=True)
        return repo

    def move(self, actor: Actor, repo: Repo, namespace: str, name: str) -> Repo:
        """Give a repository another full name.

        Raises:
            NotAllowedError: `actor` may not, at either end.
            RepoExistsError: the new name is taken.
        """
        if not is_valid_name(name):
            raise InvalidRepoNameError(name)
        repo = self._again(actor, repo, Permission.ADMIN_REPO)
        old_full_name, old_owner = repo.full_name, repo.namespace
        self._store.rename(repo, self._new.namespace_for(actor, namespace), name)
        self._holdings.change_owner(repo.holder, old_owner, repo.namespace)
        moved = RepoMoved(repo.key, repo.type, old_full_name, repo.full_name)
        self._work.announce(moved, public=not repo.private)
        return repo

    def delete(self, actor: Actor, repo: Repo) -> None:
        """Delete a repository at once; its folder on disk goes later."""
        repo = self._again(actor, repo, Permission.ADMIN_REPO)
        if repo.private:
            self._public_events.hide(repo.key)  # its row, which hid them, goes
        deleted, public = RepoDeleted(repo.key, repo.type, repo.full_name), not repo.private
        self._store.delete(repo.key)
        self._holdings.release_all(repo.holder)  # after it: who was about to hold more has ended
        self._work.announce(deleted, public=public)

    def clear(self, repo_key: str) -> None:
        """Remove the folder of a deleted repository. Idempotent."""
        if self._store.get(repo_key) is None:
            self._git.delete(repo_key)

    def count_downloads(self, repo_key: str, count: int) -> None:
        self._store.add_downloads(repo_key, count)

    # Reading

    def refs(self, repo: Repo) -> Sequence[Ref]:
        return self._store.refs(repo.key)

    def revisions(self, repo: Repo) -> Sequence[str]:
        """The short names of its branches and its tags."""
        names = self._store.ref_names(repo.key)
        return [short_name(name) for name in names if not name.startswith(PULLS)]

    def head_sha(self, repo: Repo, branch: str = DEFAULT_BRANCH) -> str | None:
        ref = self._store.ref(repo.key, HEADS + branch)
        return ref.sha if ref else None

    def snapshot(
        self, repo: Repo, revision: str = DEFAULT_BRANCH, *, from_disk: bool = False
    ) -> Snapshot:
        """The repository at a branch, a tag, or a commit of at least 5 digits: in that order.

        Args:
            from_disk: not from memory: for who would know whether it can still be read.

        Raises:
            RevisionNotFoundError: there is no such revision.
        """
        open_git = self._git.opener(repo.key)
        known = self._default_shas.get(repo.key) if revision == DEFAULT_BRANCH else None
        sha = known or resolve(self._store, open_git, repo.key, revision)
        reader = self._large.reader(repo.key)
        return Snapshot(open_git, repo.key, sha, reader, from_disk=from_disk)

    # Changing

    def draft(
        self,
        actor: Actor,
        repo: Repo,
        branch: str,
        changes: Iterable[Change],
        message: str,
        *,
        parent_sha: str | None = None,
    ) -> PreparedCommit:
        """Put the objects of a new commit on disk, safely; `land` then makes it true.

        Args:
            parent_sha: where the branch must be, 5 to 40 digits; None takes it where it is.

        Raises:
            NotAllowedError: `actor` may not write here.
            RevisionNotFoundError: there is no such branch.
            BranchMovedError: the branch is not at `parent_sha`.
            InvalidPathError, PathClashError, EntryNotFoundError: see the changes.
            LargeFileNotHeldError, LargeFileSizeError: the bytes of a pointer are not here.
            BadCardError: README.md changes, and becomes no card.
        """
        self._accounts.require(actor, Permission.WRITE_REPO, repo.resource)
        ref = self._store.ref(repo.key, HEADS + branch.removeprefix(HEADS))
        if ref is None:
            raise RevisionNotFoundError(branch)
        if parent_sha is not None and not (parent_sha and ref.sha.startswith(parent_sha)):
            raise BranchMovedError(ref.short_name)
        return self._drafter.draft(repo, ref.name, ref.sha, changes, message, actor.name)

    def land(self, draft: PreparedCommit) -> None:
        """Move the ref to the drafted commit: with this transaction it is true, or not at all.

        Raises:
            BranchMovedError: somebody else landed in between.
        """
        if draft.changes_nothing:
            return
        if draft.base_sha is None:
            self._store.add_ref(Ref(repo_key=draft.repo_key, name=draft.ref, sha=draft.commit_sha))
        elif not self._store.move_ref(draft.repo_key, draft.ref, draft.base_sha, draft.commit_sha):
            raise BranchMovedError(draft.ref.removeprefix(HEADS))
        self._store.touch(draft.repo_key, self._work.now)
        self._work.announce(
            RevisionPushed(draft.repo_key, draft.ref, draft.base_sha, draft.commit_sha),
            public=self._store.is_public(draft.repo_key),
        )

    # Large files

    def quota_owner(self, actor: Actor, repo: Repo) -> str | None:
        """Whose count the large files go in that this actor brings; None: the repository's."""
        return None if can(actor, Permission.WRITE_REPO, repo.resource) else actor.name

    def hold_blobs(
        self, repo: Repo, more: Mapping[str, int], charged_to: str | None = None
    ) -> None:
        """Note that these bytes arrived for this repository. Idempotent. See `LargeFiles.hold`.

        Raises:
            QuotaReachedError: its namespace would hold more than it may.
        """
        self._large.hold(repo, more, charged_to)

    def touch(self, repo: Repo, sha256: str) -> None:
        """Somebody was told that the bytes are here, and will soon name them in a commit."""
        self._holdings.touch(repo.holder, sha256)

    def space(self, repo: Repo) -> Space:
        """What its large files weigh, and what is stored for them."""
        return self._large.space(repo.key)

    def has_blob(self, repo: Repo, sha256: str) -> bool:
        """Whether the repository holds them: knowing a hash is no right to read."""
        return self._holdings.holds(repo.holder, sha256)

    def holders(self, sha256s: Sequence[str], at_most: int) -> Sequence[str]:
        """The full names of repositories that hold one of these large files: for operators."""
        return self._store.full_names(self._holdings.holder_keys(HolderKind.REPO, sha256s, at_most))

    def large_files(
        self, actor: Actor, repo: Repo, branch: str, changes: Iterable[Change]
    ) -> Sequence[Change]:
        """Those of the changes whose bytes belong in blobs, by what the branch says of its files.

        What a commit itself changes in `.gitattributes` counts from the next one.

        Raises:
            NotAllowedError: `actor` may not write here.
        """
        self._accounts.require(actor, Permission.WRITE_REPO, repo.resource)
        attributes = self._attributes(repo, branch)
        return [change for change in changes if is_large(attributes, change)]

    def require_room(
        self, repo: Repo, more: Mapping[str, int], charged_to: str | None = None
    ) -> None:
        """
        Args:
            more: the SHA-256 and the size of what it would hold besides; what it holds is free.
            charged_to: whose it counts as, until the proposal that it is for is merged.

        Raises:
            QuotaReachedError: it would be more than that.
        """
        self._large.require_room(repo, more, charged_to)

    def unnamed_blobs(self, repo: Repo, before: datetime) -> UnnamedBlobs:
        """What it holds since before then, and no commit of it names: an upload was given up."""
        refs = {ref.name: ref.sha for ref in self._store.refs(repo.key)}
        named = named_large_files(self._git.open(repo.key), refs.values())
        return UnnamedBlobs(refs, self._large.unnamed(repo.key, named, before), before)

    def forget_blobs(self, repo: Repo, unnamed: UnnamedBlobs) -> int:
        """Hold them no longer, but for those asked for meanwhile; how many they were.

        When a ref moved, a commit may name them now: then all are held on to.
        """
        refs = {ref.name: ref.sha for ref in self._store.refs(repo.key)}
        if refs != unnamed.refs:
            return 0
        return self._holdings.release(repo.holder, unnamed.sha256s, unnamed.before)

    def _attributes(self, repo: Repo, branch: str) -> Attributes:
        ref = self._store.ref(repo.key, HEADS + branch.removeprefix(HEADS))
        return self.snapshot(repo, ref.sha).attributes if ref else Attributes(b"")

    def commit_of(self, repo: Repo, revision: str) -> str:
        """The SHA-1 in full. To find an older commit, its history may be looked through.

        Raises:
            RevisionNotFoundError: there is no such revision.
        """
        return resolve(self._store, self._git.opener(repo.key), repo.key, revision)

    def _again(self, actor: Actor, repo: Repo, permission: Permission) -> Repo:
        """The row in this unit of work, and the permission as it is now."""
        return self.get(actor, repo.type, repo.full_name, permission)
