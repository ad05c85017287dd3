"""What is done to a whole repository: copy it, squash its history, delete its large files."""

from collections.abc import Collection, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime
from uuid import uuid4

import pygit2

from etabli.features.accounts import (
    Accounts,
    Actor,
    Permission,
    Resource,
    can,
    is_valid_name,
)
from etabli.features.blobs import Blobs, Holding
from etabli.features.git import (
    CommitBuilder,
    GitStore,
    PreparedCommit,
    Snapshot,
    damage_named,
    named_large_files,
    new_pointers,
)
from etabli.features.repos.access import Access
from etabli.features.repos.errors import (
    InvalidRepoNameError,
    LargeFileNotHeldError,
    RepoExistsError,
    RepoNotFoundError,
    RevisionNotFoundError,
)
from etabli.features.repos.events import RepoCreated, RevisionPushed
from etabli.features.repos.lfs_files import LargeFiles
from etabli.features.repos.models import HEADS, TAGS, HeldRepo, Ref, Repo
from etabli.features.repos.queries import RepoStore
from etabli.foundation.unit_of_work import UnitOfWork


@dataclass(frozen=True)
class LargeFile:
    """A large file that a repository holds, and one place where it can be seen."""

    sha256: str
    size_bytes: int
    arrived_at: datetime
    path: str
    """Empty: no branch or tag shows it any more."""
    ref: str | None


@dataclass(frozen=True)
class Copy:
    """A repository to be: its key, and what it takes over from another one."""

    source: Repo
    key: str
    namespace: str
    name: str
    refs: Sequence[Ref]
    sha256s: Sequence[str]
    """The large files that its commits name."""


class Housekeeping:
    def __init__(self, work: UnitOfWork, accounts: Accounts, git: GitStore, blobs: Blobs) -> None:
        self._work = work
        self._accounts = accounts
        self._git = git
        self._store = RepoStore(work.db)
        self._access = Access(work, accounts, self._store)
        self._holdings = blobs.holdings
        self._large = LargeFiles(work, self._store, blobs)

    def plan_copy(self, actor: Actor, source: Repo, namespace: str, name: str) -> Copy:
        """What a new repository with the branches, the tags and the history of another one needs.

        It may take long: the whole history is looked through. `land_copy` then makes it true, when
        the objects are where the plan says.

        Raises:
            InvalidRepoNameError, NotAllowedError, RepoExistsError: see `Repos.create`.
            DamagedRepoError: the source cannot be read.
        """
        source = self._readable(actor, source)
        namespace = self._namespace_for(actor, namespace, name)
        taken = self._store.find(source.type, f"{namespace}/{name}")
        if taken is not None:
            raise RepoExistsError(taken)
        # The refs before the objects: then all that they lead to is among those.
        refs = [ref for ref in self._store.refs(source.key) if ref.name.startswith((HEADS, TAGS))]
        # What its commits name, and no more: the source may hold what nobody is to see.
        named = named_large_files(self._git.open(source.key), [ref.sha for ref in refs])
        return Copy(source, uuid4().hex, namespace, name, refs, sorted(named))

    def land_copy(self, actor: Actor, plan: Copy, *, private: bool) -> Repo:
        """With this transaction the copy is there. It reads no git.

        Raises:
            RepoNotFoundError, GatedRepoError: the source is gone, or no longer for `actor` to read.
            NotAllowedError, RepoExistsError: the name is not, or no longer, to be had.
            QuotaReachedError: `namespace` would hold more large files than it may.
        """
        source = self._readable(actor, plan.source)
        made = Repo(
            key=plan.key,
            type=source.type,
            namespace=self._namespace_for(actor, plan.namespace, plan.name),
            name=plan.name,
            private=private,
            created_at=self._work.now,
            updated_at=self._work.now,
        )
        made.full_name_key = made.full_name.lower()
        self._store.add(made)
        self._hold(made, self._holdings.find(source.holder, plan.sha256s).values())
        created = RepoCreated(made.key, made.type, made.full_name)
        self._work.announce(created, public=not made.private)
        for ref in plan.refs:
            self._store.add_ref(
                Ref(repo_key=made.key, name=ref.name, sha=ref.sha, tag_sha=ref.tag_sha)
            )
            pushed = RevisionPushed(made.key, ref.name, None, ref.sha)
            self._work.announce(pushed, public=not made.private)
        return made

    def named(self, actor: Actor, source: Repo) -> AbstractSet[str]:
        """The SHA-256 of the large files that some ref of it shows, or has shown.

        It may take long: the whole history is looked through.

        Raises:
            NotAllowedError: `actor` may not read it.
            DamagedRepoError: it cannot be read.
        """
        source = self._readable(actor, source)
        heads = [ref.sha for ref in self._store.refs(source.key)]
        return named_large_files(self._git.open(source.key), heads)

    def share(
        self,
        actor: Actor,
        source: Repo,
        target: Repo,
        sha256s: Sequence[str],
        named: AbstractSet[str],
    ) -> Mapping[str, LargeFileNotHeldError]:
        """Let another repository hold large files of this one, for a commit to name them there.

        Args:
            named: what `actor` may be shown of the source: see `named`.

        Returns: those that could not be, and why.

        Raises:
            RepoNotFoundError, GatedRepoError: the source is gone, or no longer for `actor` to read.
            NotAllowedError: `actor` may not write in `target`.
            QuotaReachedError: its namespace would hold more than it may. None is shared.
        """
        source = self._readable(actor, source)
        self._accounts.require(actor, Permission.WRITE_REPO, target.resource)
        links = self._holdings.find(source.holder, [one for one in sha256s if one in named])
        self._hold(target, links.values())
        return {one: LargeFileNotHeldError(one) for one in sha256s if one not in links}

    def draft_squashed(self, actor: Actor, repo: Repo, branch: str, message: str) -> PreparedCommit:
        """A commit of the same files as the branch's last one, with no history; then `land` it.

        Raises:
            NotAllowedError: `actor` may not write here.
            RevisionNotFoundError: there is no such branch.
        """
        self._accounts.require(actor, Permission.WRITE_REPO, repo.resource)
        ref = self._store.ref(repo.key, HEADS + branch.removeprefix(HEADS))
        if ref is None:
            raise RevisionNotFoundError(branch)
        builder = CommitBuilder(self._git.open(repo.key), ref.sha)
        commit_sha, objects = builder.squash(message, actor.name or "", self._work.now)
        self._git.write_pack(repo.key, objects)
        return PreparedCommit(repo.key, ref.name, ref.sha, commit_sha)

    def held_in(self, namespace: str, start: int, limit: int) -> Sequence[HeldRepo]:
        """The repositories of a namespace and what each holds in large files, the latest first."""
        return self._store.held_in(namespace, start, limit)

    def held_bytes(self, namespace: str) -> int:
        """What counts for the namespace's quota."""
        return self._holdings.charged_bytes(namespace)

    def large_files(self, repo: Repo) -> Sequence[LargeFile]:
        """All that the repository holds, the newest first."""
        seen = self._seen(repo)
        return [
            LargeFile(
                link.sha256,
                link.size_bytes,
                link.held_at,
                *seen.get(link.sha256, ("", None)),
            )
            for link in self._holdings.all_of(repo.holder)
        ]

    def paths_of(self, repo: Repo, sha256s: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Where the head of each branch shows one of these large files."""
        wanted, git = set(sha256s), self._git.open(repo.key)
        found: dict[str, Sequence[str]] = {}
        known: dict[str, Sequence[str]] = {}
        for ref in self._store.refs(repo.key):
            if ref.name.startswith(HEADS):
                if ref.sha not in known:
                    entries = self._snapshot(git, ref.sha, repo).entries(recursive=True)
                    large = (e for e in entries if e.large and e.large.sha256 in wanted)
                    known[ref.sha] = [entry.path for entry in large]
                found[ref.short_name] = known[ref.sha]
        return found

    def forget(self, actor: Actor, repo: Repo, sha256s: Sequence[str]) -> None:
        """Let go of large files: old commits that name them keep pointers to nothing.

        Raises:
            NotAllowedError: `actor` may not write here.
        """
        self._accounts.require(actor, Permission.WRITE_REPO, repo.resource)
        self._holdings.release(repo.holder, sha256s)

    def _readable(self, actor: Actor, repo: Repo) -> Repo:
        """The row as it is now, for an actor who may read it now."""
        known = self._store.get(repo.key)
        if known is None or not can(actor, Permission.SEE_REPO, known.resource):
            raise RepoNotFoundError(repo.full_name)
        self._access.require(actor, Permission.READ_REPO, known)
        return known

    def _namespace_for(self, actor: Actor, namespace: str, name: str) -> str:
        """A namespace in its own spelling, for an actor who may create such a name in it."""
        if not is_valid_name(name):
            raise InvalidRepoNameError(name)
        namespace = actor.spelled(namespace)
        self._accounts.require(actor, Permission.CREATE_REPO, Resource(namespace))
        return self._accounts.namespace(namespace).name

    def _hold(self, repo: Repo, links: Collection[Holding]) -> None:
        self._large.hold(repo, {link.sha256: link.size_bytes for link in links})

    def _seen(self, repo: Repo) -> Mapping[str, tuple[str, str]]:
        git = self._git.open(repo.key)
        places: dict[str, tuple[str, str]] = {}
        seen: set[pygit2.Oid] = set()
        for ref in self._store.refs(repo.key):
            with damage_named():
                tree_id = git[ref.sha].peel(pygit2.Commit).tree_id
            for path, pointer in new_pointers(git, tree_id, seen):
                places.setdefault(pointer.sha256, (path, ref.name))
        return places

    def _snapshot(self, git: pygit2.Repository, sha: str, repo: Repo) -> Snapshot:
        return Snapshot(lambda: git, repo.key, sha, self._large.reader(repo.key))
