"""What is done to a whole repository: copy it, squash its history, delete its large files."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import pygit2

from etabli.features.accounts import Accounts, Actor, Permission, Resource, is_valid_name
from etabli.features.blobs import Blobs
from etabli.features.repos.changes import CommitBuilder, Draft
from etabli.features.repos.errors import (
    InvalidRepoNameError,
    LargeFileNotHeldError,
    NotABranchError,
    RepoExistsError,
    RevisionNotFoundError,
)
from etabli.features.repos.events import RepoCreated, RevisionPushed
from etabli.features.repos.git import GitStore
from etabli.features.repos.large import LargeFiles
from etabli.features.repos.models import HEADS, PULLS, TAGS, HeldRepo, Ref, Repo, RepoBlob
from etabli.features.repos.reachable import named_large_files
from etabli.features.repos.snapshot import Snapshot
from etabli.features.repos.store import RepoStore
from etabli.foundation.work import UnitOfWork


@dataclass(frozen=True)
class LargeFile:
    """A large file that a repository holds, and one place where it can be seen."""

    sha256: str
    size_bytes: int
    arrived_at: datetime
    path: str
    """Empty: no branch or tag shows it any more."""
    ref: str | None


class Housekeeping:
    def __init__(self, work: UnitOfWork, accounts: Accounts, git: GitStore, blobs: Blobs) -> None:
        self._work = work
        self._accounts = accounts
        self._git = git
        self._store = RepoStore(work.db)
        self._large = LargeFiles(work, self._store, blobs)

    def duplicate(
        self,
        actor: Actor,
        source: Repo,
        namespace: str,
        name: str,
        *,
        private: bool,
        quota_bytes: int = 0,
    ) -> Repo:
        """A new repository with the branches, the tags and the history of another one.

        Args:
            quota_bytes: as for `Repos.require_room`.

        Raises:
            InvalidRepoNameError, NotAllowedError, RepoExistsError: see `Repos.create`.
            QuotaReachedError: `namespace` would hold more large files than it may.
        """
        if not is_valid_name(name):
            raise InvalidRepoNameError(name)
        namespace = actor.spelled(namespace)
        self._accounts.require(actor, Permission.CREATE_REPO, Resource(namespace))
        made = Repo(
            type=source.type,
            namespace=self._accounts.namespace(namespace).name,
            name=name,
            private=private,
            created_at=self._work.now,
            updated_at=self._work.now,
        )
        made.full_name_key = made.full_name.lower()
        taken = self._store.find(source.type, made.full_name)
        if taken is not None:
            raise RepoExistsError(taken)
        self._store.add(made)
        # The refs before the objects: then all that they lead to is among those.
        refs = [ref for ref in self._store.refs(source.key) if ref.name.startswith((HEADS, TAGS))]
        # What its commits name, and no more: the source may hold what nobody is to see.
        named = named_large_files(self._git.open(source.key), [ref.sha for ref in refs])
        links = self._store.blob_links(source.key, sorted(named)).values()
        self._link(made, links, quota_bytes)
        self._git.create(made.key)
        self._git.copy_objects(source.key, made.key)
        self._work.announce(RepoCreated(made.key))
        for ref in refs:
            self._store.add_ref(
                Ref(repo_key=made.key, name=ref.name, sha=ref.sha, tag_sha=ref.tag_sha)
            )
            self._work.announce(RevisionPushed(made.key, ref.name, None, ref.sha))
        return made

    def share(
        self,
        actor: Actor,
        source: Repo,
        target: Repo,
        sha256s: Sequence[str],
        *,
        quota_bytes: int = 0,
    ) -> Mapping[str, LargeFileNotHeldError]:
        """Let another repository hold large files of this one, for a commit to name them there.

        `actor` may read `source`; what a branch or a tag of it shows can be shared.

        Args:
            quota_bytes: as for `Repos.require_room`.

        Returns: those that could not be, and why.

        Raises:
            NotAllowedError: `actor` may not write in `target`.
            QuotaReachedError: its namespace would hold more than it may. None is shared.
        """
        self._accounts.require(actor, Permission.READ_REPO, source.resource)
        self._accounts.require(actor, Permission.WRITE_REPO, target.resource)
        heads = [ref.sha for ref in self._store.refs(source.key)]
        named = named_large_files(self._git.open(source.key), heads)
        links = self._store.blob_links(source.key, [one for one in sha256s if one in named])
        self._link(target, links.values(), quota_bytes)
        return {one: LargeFileNotHeldError(one) for one in sha256s if one not in links}

    def draft_squashed(self, actor: Actor, repo: Repo, branch: str, message: str) -> Draft:
        """A commit of the same files as the branch's last one, with no history; then `land` it.

        Raises:
            NotAllowedError: `actor` may not write here.
            NotABranchError: it is a proposal.
            RevisionNotFoundError: there is no such branch.
        """
        self._accounts.require(actor, Permission.WRITE_REPO, repo.resource)
        if branch.startswith(PULLS):
            raise NotABranchError(branch)
        ref = self._store.ref(repo.key, HEADS + branch.removeprefix(HEADS))
        if ref is None:
            raise RevisionNotFoundError(branch)
        builder = CommitBuilder(self._git.open(repo.key), ref.sha)
        commit_sha, objects = builder.squash(message, actor.name or "", self._work.now)
        self._git.write_pack(repo.key, objects)
        return Draft(repo.key, ref.name, ref.sha, commit_sha)

    def held_in(self, namespace: str, start: int, limit: int) -> Sequence[HeldRepo]:
        """The repositories of a namespace and what each holds in large files, the latest first."""
        return self._store.held_in(namespace, start, limit)

    def held_bytes(self, namespace: str) -> int:
        """What counts for the namespace's quota."""
        return self._store.held_bytes(namespace)

    def large_files(self, repo: Repo) -> Sequence[LargeFile]:
        """All that the repository holds, the newest first."""
        seen = self._seen(repo)
        return [
            LargeFile(
                link.sha256,
                link.size_bytes,
                link.linked_at,
                *seen.get(link.sha256, ("", None)),
            )
            for link in self._store.all_blob_links(repo.key)
        ]

    def paths_of(self, repo: Repo, sha256s: Sequence[str]) -> Mapping[str, Sequence[str]]:
        """Where the head of each branch shows one of these large files."""
        wanted, git = set(sha256s), self._git.open(repo.key)
        found = {}
        for ref in self._store.refs(repo.key):
            if ref.name.startswith(HEADS):
                entries = self._snapshot(git, ref.sha, repo).entries(recursive=True)
                paths = [e.path for e in entries if e.large and e.large.sha256 in wanted]
                found[ref.short_name] = paths
        return found

    def forget(self, actor: Actor, repo: Repo, sha256s: Sequence[str]) -> None:
        """Let go of large files: old commits that name them keep pointers to nothing.

        Raises:
            NotAllowedError: `actor` may not write here.
        """
        self._accounts.require(actor, Permission.WRITE_REPO, repo.resource)
        self._store.unlink_blobs(repo.key, sha256s)

    def _link(self, repo: Repo, links: Collection[RepoBlob], quota_bytes: int) -> None:
        more = {link.sha256: link.size_bytes for link in links}
        self._large.require_room(repo, more, quota_bytes)
        for sha256, size_bytes in more.items():
            self._large.link(repo.key, sha256, size_bytes)

    def _seen(self, repo: Repo) -> Mapping[str, tuple[str, str]]:
        git = self._git.open(repo.key)
        seen: dict[str, tuple[str, str]] = {}
        for ref in self._store.refs(repo.key):
            for entry in self._snapshot(git, ref.sha, repo).entries(recursive=True):
                if entry.large is not None:
                    seen.setdefault(entry.large.sha256, (entry.path, ref.name))
        return seen

    def _snapshot(self, git: pygit2.Repository, sha: str, repo: Repo) -> Snapshot:
        return Snapshot(git, sha, self._large.reader(repo.key))
